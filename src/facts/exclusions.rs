//! Properties that AWS refuses beside others, though CloudFormation's schema has both.
//! Source: EKS user guide, launch templates; EC2 API reference, RequestLaunchTemplateData; read 2026-11-28. Rule PAT-11.

/// A property, with `*` for each member of a list, and what is in its way.
#[derive(Debug)]
pub struct Exclusion {
    pub kind: &'static str,
    pub property: &'static str,
    /// `None`: a node group's launch template never has the property.
    pub beside: Option<&'static str>,
    /// What says the same.
    pub instead: &'static str,
}

const GROUP: &str = "AWS::EKS::Nodegroup";
const TEMPLATE: &str = "AWS::EC2::LaunchTemplate";

const fn row(
    kind: &'static str,
    property: &'static str,
    beside: Option<&'static str>,
    instead: &'static str,
) -> Exclusion {
    Exclusion { kind, property, beside, instead }
}

pub const EXCLUSIONS: &[Exclusion] = &[
    row(
        GROUP,
        "RemoteAccess",
        Some("LaunchTemplate"),
        "set `LaunchTemplateData: { KeyName: … }` of its launch template, and open port 22 with `nodeGroups[].securityGroups`",
    ),
    row(GROUP, "DiskSize", Some("LaunchTemplate"), "set `nodeGroups[].volume.size`"),
    row(
        TEMPLATE,
        "LaunchTemplateData/NetworkInterfaces",
        Some("LaunchTemplateData/SecurityGroupIds"),
        "name the groups on each interface (`Groups`), and add `remove: [LaunchTemplateData/SecurityGroupIds]`",
    ),
    row(
        TEMPLATE,
        "LaunchTemplateData/NetworkInterfaces/*/SubnetId",
        None,
        "remove it: the node group's subnets decide",
    ),
    row(
        TEMPLATE,
        "LaunchTemplateData/IamInstanceProfile",
        None,
        "set `iam.roles.nodes`, or `role: own` and `policies` of the group",
    ),
    row(
        TEMPLATE,
        "LaunchTemplateData/InstanceInitiatedShutdownBehavior",
        None,
        "remove it: EKS terminates nodes",
    ),
    row(
        TEMPLATE,
        "LaunchTemplateData/InstanceMarketOptions/SpotOptions",
        None,
        "set `capacity: spot` of the group",
    ),
    row(TEMPLATE, "LaunchTemplateData/HibernationOptions", None, "remove it: EKS terminates nodes"),
];

/// Properties of which a resource has exactly one.
#[derive(Debug)]
pub struct Alternatives {
    pub kind: &'static str,
    pub properties: &'static [&'static str],
    /// What they are, in words.
    pub what: &'static str,
    /// Whether the blueprint's own words decide which of them it is.
    pub fixed: bool,
    /// What says the same.
    pub instead: &'static str,
}

/// EC2 API reference, CreateRoute, AuthorizeSecurityGroupIngress, CreateNetworkAclEntry; read 2026-11-28.
pub const ONE_OF: &[Alternatives] = &[
    Alternatives {
        kind: "AWS::EC2::Route",
        properties: &[
            "CarrierGatewayId",
            "CoreNetworkArn",
            "EgressOnlyInternetGatewayId",
            "GatewayId",
            "InstanceId",
            "LocalGatewayId",
            "NatGatewayId",
            "NetworkInterfaceId",
            "TransitGatewayId",
            "VpcEndpointId",
            "VpcPeeringConnectionId",
        ],
        what: "target",
        fixed: true,
        instead: "use `tiers[].egress` or `tiers[].routes`; a patch may name another target of the same kind",
    },
    Alternatives {
        kind: "AWS::EC2::Route",
        properties: &[
            "DestinationCidrBlock",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
        ],
        what: "destination",
        fixed: true,
        instead: "use `tiers[].routes`",
    },
    Alternatives {
        kind: "AWS::EC2::SecurityGroupIngress",
        properties: &["CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId"],
        what: "source",
        fixed: false,
        instead: "",
    },
    Alternatives {
        kind: "AWS::EC2::SecurityGroupEgress",
        properties: &[
            "CidrIp",
            "CidrIpv6",
            "DestinationPrefixListId",
            "DestinationSecurityGroupId",
        ],
        what: "destination",
        fixed: false,
        instead: "",
    },
    Alternatives {
        kind: "AWS::EC2::NetworkAclEntry",
        properties: &["CidrBlock", "Ipv6CidrBlock"],
        what: "range",
        fixed: false,
        instead: "",
    },
];
