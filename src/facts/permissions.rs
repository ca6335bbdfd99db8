//! What CloudFormation's handlers ask for, by resource type, and what eksnet calls itself.
//! Source: `permissions.json` beside this file, from the CloudFormation registry schemas of 2026-10-20.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Table {
    types: BTreeMap<String, Vec<String>>,
}

/// What `check --online`, `diff` and `status` read, and `deploy` before it changes anything.
pub const READS: &[&str] = &[
    "cloudformation:BatchDescribeTypeConfigurations",
    "cloudformation:DescribeEvents",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeTransitGateways",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpnGateways",
    "eks:DescribeAddon",
    "eks:DescribeAddonConfiguration",
    "eks:DescribeAddonVersions",
    "eks:DescribeCluster",
    "eks:DescribeNodegroup",
    "eks:DescribeUpdate",
    "eks:ListAddons",
    "eks:ListFargateProfiles",
    "eks:ListNodegroups",
    "eks:ListUpdates",
    "servicequotas:GetServiceQuota",
    "sts:GetCallerIdentity",
];

/// What `fleet check --online` reads in every account. Source: Service Authorization Reference, EC2 and STS, read 2026-11-28.
pub const FLEET: &[&str] = &[
    "ec2:DescribeIpamScopes",
    "ec2:DescribeVpcs",
    "ec2:GetIpamResourceCidrs",
    "sts:GetCallerIdentity",
];

/// Of the aws-node of a cluster that others made.
pub const ADDON_VALUES: &[&str] = &["eks:UpdateAddon"];

/// In the bucket of long templates.
pub const TEMPLATES: &[&str] = &["s3:GetObject", "s3:PutObject"];

/// Actions of EKS that belong to no cluster. Source: Service Authorization Reference, EKS, read 2026-11-27.
pub const EKS_ACCOUNT_WIDE: &[&str] =
    &["eks:DescribeAddonConfiguration", "eks:DescribeAddonVersions", "eks:ListClusters"];

/// (part of an action's name, how the ARN of what it is about begins; the cluster's name follows)
pub const EKS_RESOURCES: &[(&str, &str)] = &[
    ("Access", "access-entry"),
    ("Addon", "addon"),
    ("FargateProfile", "fargateprofile"),
    ("Nodegroup", "nodegroup"),
    ("PodIdentity", "podidentityassociation"),
];

/// Actions of CloudWatch Logs that belong to no log group.
pub const LOGS_ACCOUNT_WIDE: &[&str] = &[
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
];

/// On the stack: `diff --save` and `--change-set` make change sets, `--drift` compares. The empty stack that a change set of a new one brings
/// along stays, where these are all the rights there are: who may delete it may delete any.
pub const CHANGE_SETS: &[&str] = &[
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "cloudformation:ListChangeSets",
];

/// On the stack: what `deploy` and `destroy` do to it.
pub const STACK: &[&str] = &[
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateTerminationProtection",
];

/// After the stack stands: what CloudFormation cannot do.
pub const CLOSE_DEFAULT_GROUP: &[&str] = &[
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
];
/// On the security group that EKS makes.
pub const TAG_CLUSTER_GROUP: &[&str] = &["ec2:CreateTags", "ec2:DeleteTags"];
pub const COUNT_ADDRESS_UNITS: &[&str] = &["ec2:ModifyVpcAttribute"];

/// Reservations of subnets, where CloudFormation has no type for them.
pub const RESERVATIONS: &[&str] = &[
    "ec2:CreateSubnetCidrReservation",
    "ec2:DeleteSubnetCidrReservation",
    "ec2:GetSubnetCidrReservations",
];

/// What Kubernetes left in a VPC, found and removed by `destroy`.
pub const ORPHANS: &[&str] = &[
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteSecurityGroup",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:TerminateInstances",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
];

/// EC2 starts instances of a launch template for whoever makes the node group.
pub const NODE_GROUPS: &[&str] = &["ec2:CreateTags", "ec2:RunInstances"];
/// CloudFormation reads the parameters that a template names with the caller's rights.
pub const PARAMETERS: &[&str] = &["ssm:GetParameters"];

/// What is read of a pool that a range is taken from, and what takes it. Source: Service Authorization Reference, EC2, read 2026-11-28.
pub const POOL_READS: &[&str] =
    &["ec2:DescribeIpamPools", "ec2:GetIpamPoolAllocations", "ec2:GetIpamPoolCidrs"];
pub const POOL_TAKES: &[&str] = &["ec2:AllocateIpamPoolCidr"];
pub const POOL_RELEASES: &[&str] = &["ec2:ReleaseIpamPoolAllocation"];

/// To switch EKS's deletion protection off.
pub const UNPROTECT: &[&str] = &["eks:UpdateClusterConfig"];

/// A service that makes a role of its own for a resource.
#[derive(Debug)]
pub struct Linked {
    pub kind: &'static str,
    /// Properties that the resource has then.
    pub with: &'static [(&'static str, &'static str)],
    pub service: &'static str,
}

const fn linked(kind: &'static str, service: &'static str) -> Linked {
    Linked { kind, with: &[], service }
}

/// Source: IAM user guide, services that work with IAM; VPC user guide, service-linked role for NAT gateways.
pub const SERVICE_LINKED: &[Linked] = &[
    linked("AWS::EKS::Cluster", "eks.amazonaws.com"),
    linked("AWS::EKS::Nodegroup", "eks-nodegroup.amazonaws.com"),
    linked("AWS::EKS::FargateProfile", "eks-fargate.amazonaws.com"),
    linked("AWS::EC2::TransitGatewayAttachment", "transitgateway.amazonaws.com"),
    Linked {
        with: &[("AvailabilityMode", "regional")],
        ..linked("AWS::EC2::NatGateway", "ec2-nat-gateway.amazonaws.com")
    },
];

/// (resource type, beginning of actions, properties): what a handler asks for only where a resource has one of the properties.
/// Source: the properties' descriptions in the CloudFormation registry schemas, 2026-10-20.
const ONLY_WITH: &[(&str, &str, &[&str])] = &[
    ("AWS::EC2::FlowLog", "iam:PassRole", &["DeliverLogsPermissionArn"]),
    (
        "AWS::EC2::NatGateway",
        "ec2:AssignPrivateNat",
        &["SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddresses"],
    ),
    (
        "AWS::EC2::NatGateway",
        "ec2:UnassignPrivateNat",
        &["SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddresses"],
    ),
    (
        "AWS::EC2::NatGateway",
        "ec2:AssociateNatGateway",
        &["SecondaryAllocationIds", "AvailabilityZoneAddresses"],
    ),
    (
        "AWS::EC2::NatGateway",
        "ec2:DisassociateNatGateway",
        &["SecondaryAllocationIds", "AvailabilityZoneAddresses"],
    ),
    ("AWS::EC2::Subnet", "ec2:AssociateSubnetCidr", &["Ipv6CidrBlock", "Ipv6IpamPoolId"]),
    ("AWS::EC2::Subnet", "ec2:DisassociateSubnetCidr", &["Ipv6CidrBlock", "Ipv6IpamPoolId"]),
    ("AWS::EC2::VPCCidrBlock", "ec2:AllocateIpamPoolCidr", &["Ipv4IpamPoolId", "Ipv6IpamPoolId"]),
    ("AWS::EC2::VPCGatewayAttachment", "ec2:AttachInternetGateway", &["InternetGatewayId"]),
    ("AWS::EC2::VPCGatewayAttachment", "ec2:DetachInternetGateway", &["InternetGatewayId"]),
    ("AWS::EC2::VPCGatewayAttachment", "ec2:AttachVpnGateway", &["VpnGatewayId"]),
    ("AWS::EC2::VPCGatewayAttachment", "ec2:DetachVpnGateway", &["VpnGatewayId"]),
    ("AWS::EC2::VPCEndpoint", "route53:AssociateVPC", &["PrivateDnsEnabled"]),
    ("AWS::EKS::AccessEntry", "eks:UpdateAccessEntry", &["KubernetesGroups", "Username"]),
    ("AWS::EKS::AccessEntry", "eks:AssociateAccessPolicy", &["AccessPolicies"]),
    ("AWS::EKS::Addon", "eks:CreatePodIdentity", &["PodIdentityAssociations"]),
    ("AWS::EKS::Addon", "eks:DeletePodIdentity", &["PodIdentityAssociations"]),
    ("AWS::EKS::Addon", "eks:UpdatePodIdentity", &["PodIdentityAssociations"]),
    ("AWS::EKS::Addon", "iam:PassRole", &["PodIdentityAssociations", "ServiceAccountRoleArn"]),
    ("AWS::EKS::Cluster", "kms:", &["EncryptionConfig"]),
    ("AWS::IAM::Role", "iam:DeleteRolePolicy", &["Policies"]),
    ("AWS::IAM::Role", "iam:GetRolePolicy", &["Policies"]),
    ("AWS::IAM::Role", "iam:PutRolePermissionsBoundary", &["PermissionsBoundary"]),
    ("AWS::IAM::Role", "iam:PutRolePolicy", &["Policies"]),
    ("AWS::Logs::LogGroup", "logs:AssociateKmsKey", &["KmsKeyId"]),
    ("AWS::Logs::LogGroup", "logs:DisassociateKmsKey", &["KmsKeyId"]),
    // Properties that only patches set.
    ("AWS::EC2::VPC", "ec2:CreateVpcEncryptionControl", &["VpcEncryptionControl"]),
    ("AWS::EC2::VPC", "ec2:ModifyVpcTenancy", &["InstanceTenancy"]),
    ("AWS::EC2::EIP", "ec2:AssociateAddress", &["InstanceId"]),
    ("AWS::EC2::EIP", "ec2:AcceptAddressTransfer", &["TransferAddress"]),
    ("AWS::EC2::FlowLog", "autoscaling:", &["TagFieldSpecifications"]),
    ("AWS::EC2::VPCEndpoint", "vpc-lattice:", &["ServiceNetworkArn"]),
    ("AWS::EC2::VPCEndpoint", "vpce:AllowMultiRegion", &["ServiceRegion"]),
    ("AWS::EKS::Cluster", "eks:ActivateCertificate", &["ActiveCertificateAuthorityId"]),
    ("AWS::IAM::Role", "iam:UpdateRole", &["Description", "MaxSessionDuration"]),
    ("AWS::Logs::LogGroup", "logs:DeleteDataProtection", &["DataProtectionPolicy"]),
    ("AWS::Logs::LogGroup", "logs:PutDataProtection", &["DataProtectionPolicy"]),
    ("AWS::Logs::LogGroup", "logs:DeleteIndexPolicy", &["FieldIndexPolicies"]),
    ("AWS::Logs::LogGroup", "logs:PutIndexPolicy", &["FieldIndexPolicies"]),
    ("AWS::Logs::LogGroup", "logs:DeleteResourcePolicy", &["ResourcePolicyDocument"]),
    ("AWS::Logs::LogGroup", "logs:PutResourcePolicy", &["ResourcePolicyDocument"]),
    ("AWS::Logs::LogGroup", "logs:PutBearerToken", &["BearerTokenAuthenticationEnabled"]),
    ("AWS::Logs::LogGroup", "logs:PutLogGroupDeletion", &["DeletionProtectionEnabled"]),
];

/// Actions for flow logs in a bucket: EC2 writes the bucket's policy with the caller's rights.
const FLOW_LOGS_IN_BUCKET: &[&str] = &[
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
];

/// (service that a role trusts, services that it may be handed to). EKS hands a node's role on to EC2 with its own rights; what nobody hands
/// to EC2 cannot be put on an instance by hand. Source: EKS user guide, identity-based policy examples, pod identities, pod execution
/// role; VPC user guide, flow logs; read 2026-11-27.
pub const PASSED_TO: &[(&str, &[&str])] = &[
    ("ec2.amazonaws.com", &["eks.amazonaws.com"]),
    ("ec2.amazonaws.com.cn", &["eks.amazonaws.com"]),
    ("eks.amazonaws.com", &["eks.amazonaws.com"]),
    ("eks-fargate-pods.amazonaws.com", &["eks-fargate-pods.amazonaws.com", "eks.amazonaws.com"]),
    ("pods.eks.amazonaws.com", &["eks.amazonaws.com", "pods.eks.amazonaws.com"]),
    ("vpc-flow-logs.amazonaws.com", &["vpc-flow-logs.amazonaws.com"]),
];

/// A role of a service account's, by the cluster's OIDC provider: EKS writes it into the add-on.
pub const PASSED_FEDERATED: &[&str] = &["eks.amazonaws.com"];

/// Letters of the name of a role, and of a rule of EventBridge. Source: IAM user guide, quotas; EventBridge API reference, PutRule.
const ROLE_NAME: usize = 64;
/// Letters of CloudFormation's own behind a role's logical id, the hyphen included; as seen, nobody documents it.
const ROLE_SUFFIX: usize = 14;
/// Letters that CloudFormation leaves at least of a stack's name and of a logical id in a role's name that would be too long.
const ROLE_NAME_LEFT: usize = 24;

/// Whether a generated name has room for the whole names of a stack and a logical id.
pub fn is_whole(stack: &str, logical_id: &str) -> bool {
    stack.len() + 1 + logical_id.len() + ROLE_SUFFIX <= ROLE_NAME
}

/// The names that CloudFormation may give a role or a rule of a stack: `STACK-LOGICALID-` and letters of its own. A name that would be too long is cut
/// at both parts, and how far is not documented.
pub fn generated_names(stack: &str, logical_id: &str) -> String {
    if is_whole(stack, logical_id) {
        return format!("{stack}-{logical_id}-*");
    }
    let left = |text: &str| match text.get(..ROLE_NAME_LEFT) {
        Some(begin) if begin.len() < text.len() => format!("{begin}*"),
        _ => text.to_string(),
    };
    format!("{}-{}-*", left(stack), left(logical_id))
}

/// Characters of a managed policy, white space left out. Source: IAM user guide, quotas.
pub const POLICY_LIMIT: usize = 6_144;
/// Of all inline policies of a role together. Source: as above.
pub const INLINE_POLICY_LIMIT: usize = 10_240;

/// (pattern, every action that it stands for): for policies that are too long. `????te` is Create, Delete and Update, and no other verb of these.
/// Source: Service Authorization Reference, CloudFormation, EC2, EKS, IAM, read 2026-11-27.
pub const SHORT: &[(&str, &[&str])] = &[
    (
        "cloudformation:????teChangeSet",
        &["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet"],
    ),
    ("ec2:????teFlowLogs", &["ec2:CreateFlowLogs", "ec2:DeleteFlowLogs"]),
    ("ec2:????teInternetGateway", &["ec2:CreateInternetGateway", "ec2:DeleteInternetGateway"]),
    ("ec2:????teNatGateway", &["ec2:CreateNatGateway", "ec2:DeleteNatGateway"]),
    (
        "ec2:????teNetworkAcl*",
        &[
            "ec2:CreateNetworkAcl",
            "ec2:CreateNetworkAclEntry",
            "ec2:DeleteNetworkAcl",
            "ec2:DeleteNetworkAclEntry",
        ],
    ),
    ("ec2:????teRoute", &["ec2:CreateRoute", "ec2:DeleteRoute"]),
    ("ec2:????teRouteTable", &["ec2:CreateRouteTable", "ec2:DeleteRouteTable"]),
    ("ec2:????teSecurityGroup", &["ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"]),
    ("ec2:????teSubnet", &["ec2:CreateSubnet", "ec2:DeleteSubnet"]),
    (
        "ec2:????teSubnetCidrReservation",
        &["ec2:CreateSubnetCidrReservation", "ec2:DeleteSubnetCidrReservation"],
    ),
    ("ec2:????teTags", &["ec2:CreateTags", "ec2:DeleteTags"]),
    (
        "ec2:AuthorizeSecurityGroup*gress",
        &["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"],
    ),
    ("ec2:CreateLaunchTemplate*", &["ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion"]),
    ("ec2:ReplaceNetworkAcl*", &["ec2:ReplaceNetworkAclAssociation", "ec2:ReplaceNetworkAclEntry"]),
    ("ec2:ReplaceRoute*", &["ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation"]),
    (
        "ec2:RevokeSecurityGroup*gress",
        &["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
    ),
    (
        "ec2:UpdateSecurityGroupRuleDescriptions*",
        &[
            "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
            "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
        ],
    ),
    ("eks:????teAddon", &["eks:CreateAddon", "eks:DeleteAddon", "eks:UpdateAddon"]),
    ("eks:????teFargateProfile", &["eks:CreateFargateProfile", "eks:DeleteFargateProfile"]),
    (
        "eks:????teNodegroup*",
        &[
            "eks:CreateNodegroup",
            "eks:DeleteNodegroup",
            "eks:UpdateNodegroupConfig",
            "eks:UpdateNodegroupVersion",
        ],
    ),
    (
        "eks:????tePodIdentityAssociation",
        &[
            "eks:CreatePodIdentityAssociation",
            "eks:DeletePodIdentityAssociation",
            "eks:UpdatePodIdentityAssociation",
        ],
    ),
    ("eks:UpdateCluster*", &["eks:UpdateClusterConfig", "eks:UpdateClusterVersion"]),
    ("iam:List*RolePolicies", &["iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]),
];

/// Whether an action reads and changes nothing.
pub fn only_reads(action: &str) -> bool {
    read_verb(action).is_some()
}

/// `Describe`, `Get`, `List` or `Search` of an action that reads.
pub fn read_verb(action: &str) -> Option<&'static str> {
    let verb = action.split(':').nth(1)?;
    ["BatchDescribe", "Describe", "Get", "List", "Search"]
        .into_iter()
        .find(|start| verb.starts_with(start))
}

/// What the handlers of a resource ask for, by its properties; nothing of a type that is not in the table.
pub fn of(kind: &str, properties: &Value) -> impl Iterator<Item = &'static str> {
    let unused = unused(kind, properties);
    all(kind).filter(move |action| !unused.iter().any(|begin| action.starts_with(begin)))
}

fn all(kind: &str) -> impl Iterator<Item = &'static str> {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("permissions.json"))
            .expect("the table is JSON, as a test holds")
    });
    table.types.get(kind).into_iter().flatten().map(String::as_str)
}

/// Beginnings of actions that a resource with these properties has no use for.
fn unused(kind: &str, properties: &Value) -> Vec<&'static str> {
    let has = |name: &&str| !properties[*name].is_null();
    let rows = ONLY_WITH.iter().filter(|(of, _, with)| *of == kind && !with.iter().any(has));
    let mut unused: Vec<&str> = rows.map(|(_, begin, _)| *begin).collect();
    if kind == "AWS::EC2::FlowLog" && properties["LogDestinationType"] != "s3" {
        unused.extend(FLOW_LOGS_IN_BUCKET);
    }
    unused
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{generated_names, of};

    #[test]
    fn handlers_ask_for_their_own_verbs() {
        assert!(of("AWS::EC2::Subnet", &json!({})).any(|action| action == "ec2:CreateSubnet"));
        assert!(of("Custom::Thing", &json!({})).next().is_none());
    }

    #[test]
    fn properties_decide_what_is_asked_for() {
        let with =
            |properties| of("AWS::IAM::Role", &properties).any(|one| one == "iam:PutRolePolicy");
        assert!(!with(json!({})) && with(json!({ "Policies": [] })));
        let logs = |kind: &str| {
            let properties = json!({ "LogDestinationType": kind });
            of("AWS::EC2::FlowLog", &properties).any(|one| one == "s3:PutBucketPolicy")
        };
        assert!(logs("s3") && !logs("cloud-watch-logs"));
    }

    #[test]
    fn roles_are_named_by_stack_and_logical_id() {
        assert_eq!(generated_names("eksnet-shop", "ClusterRole"), "eksnet-shop-ClusterRole-*");
        let long = format!("eksnet-{}", "a".repeat(60));
        assert_eq!(
            generated_names(&long, "NodeRole"),
            format!("eksnet-{}*-NodeRole-*", "a".repeat(17))
        );
    }
}
