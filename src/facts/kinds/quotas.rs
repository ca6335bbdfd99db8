//! Quotas that an update can pass in between: what is removed still counts while its replacement is created.
//! Sources: VPC user guide, quotas (2026-09-26); EKS user guide and Service Quotas, codes and bounds; read 2026-11-27.

/// How many of a type AWS allows at the same time.
#[derive(PartialEq)]
pub struct Most {
    pub kind: &'static str,
    /// Only those that have this property.
    pub with: Option<&'static str>,
    /// The properties that say which of them count together; none: all of the stack.
    pub within: &'static [&'static str],
    /// What is counted, for people.
    pub what: &'static str,
    /// What counts beside the resources of the stack.
    pub taken: usize,
    pub default: usize,
    /// As far as AWS raises it; `None`: no bound is documented.
    pub ceiling: Option<usize>,
    /// By which it is raised in Service Quotas.
    pub code: &'static str,
}

const fn most(
    kind: &'static str,
    within: &'static [&'static str],
    what: &'static str,
    default: usize,
    code: &'static str,
) -> Most {
    Most { kind, with: None, within, what, taken: 0, default, ceiling: None, code }
}

pub const MOST: &[Most] = &[
    // The primary CIDR is one of them.
    Most {
        with: Some("CidrBlock"),
        taken: 1,
        ceiling: Some(50),
        ..most("AWS::EC2::VPCCidrBlock", &["VpcId"], "IPv4 CIDRs of the VPC", 5, "L-83CA0A9D")
    },
    Most {
        ceiling: Some(40),
        ..most(
            "AWS::EC2::NetworkAclEntry",
            &["NetworkAclId", "Egress"],
            "rules of a network ACL in one direction",
            20,
            "L-2AEEBF1A",
        )
    },
    most("AWS::EC2::EIP", &[], "Elastic IP addresses in the Region", 5, "L-0263D0A3"),
    most("AWS::EC2::Subnet", &["VpcId"], "subnets of the VPC", 200, "L-407747CB"),
    most("AWS::EC2::RouteTable", &["VpcId"], "route tables of the VPC", 200, "L-589F43AA"),
    Most {
        ceiling: Some(1_000),
        ..most("AWS::EC2::Route", &["RouteTableId"], "routes of a table", 500, "L-93826ACB")
    },
    most(
        "AWS::EC2::SecurityGroupIngress",
        &["GroupId"],
        "inbound rules of a security group",
        60,
        "L-0EA8095F",
    ),
    most(
        "AWS::EC2::SecurityGroupEgress",
        &["GroupId"],
        "outbound rules of a security group",
        60,
        "L-0EA8095F",
    ),
    Most {
        with: Some("SubnetIds"),
        ..most(
            "AWS::EC2::VPCEndpoint",
            &["VpcId"],
            "interface endpoints of the VPC",
            50,
            "L-29B6F2EB",
        )
    },
    most(
        "AWS::EKS::FargateProfile",
        &["ClusterName"],
        "Fargate profiles of the cluster",
        10,
        "L-33415657",
    ),
    most("AWS::EKS::Nodegroup", &["ClusterName"], "node groups of the cluster", 30, "L-6D54EA21"),
];
