//! EKS: versions, bounds, words of its API, and the managed policies its roles need.
//! Source: EKS API reference and user guide, CloudFormation schemas of 2026-10-20, read 2026-11-20.

/// The Kubernetes version of a cluster whose blueprint names none.
pub const KUBERNETES: &str = "1.35";

/// Minor versions of Kubernetes on EKS: (minor of 1.x, end of standard support, end of extended support). Each is in standard support for
/// 14 months and in extended support for 12 more. EKS user guide, Kubernetes versions, release calendar; rules VER-03, VER-04.
/// The end of extended support is no wall: CreateCluster accepted 1.30 two months later, and refused 1.29 (tried on AWS by cdk-preflight,
/// rules/eks, pf-eks-cluster-version-unsupported, 2026-09-25; read 2026-11-29).
const VERSIONS: &[(u32, Option<&str>, Option<&str>)] = &[
    (30, Some("2025-07-23"), Some("2026-07-23")),
    (31, Some("2025-11-26"), Some("2026-11-26")),
    (32, Some("2026-03-23"), Some("2027-03-23")),
    (33, Some("2026-07-29"), Some("2027-07-29")),
    (34, Some("2026-12-02"), Some("2027-12-02")),
    (35, Some("2027-03-27"), Some("2028-03-27")),
    // Its calendar was not read.
    (36, None, None),
];

/// The day that `VERSIONS` was read, and is judged by: nothing here knows today.
pub const VERSIONS_READ: &str = "2026-11-28";

/// What EKS does with a minor version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    Gone,
    /// Its support ended on this day, and EKS may refuse it by now.
    Ended(&'static str),
    /// Until this day, at a higher price.
    Extended(&'static str),
    Standard,
    /// The one that comes next: EKS may offer it by now.
    Next,
    NotYet,
}

/// What was true of `1.<minor>` on the day that the table was read.
pub fn support(minor: u32) -> Support {
    let (first, last) = (VERSIONS[0].0, VERSIONS[VERSIONS.len() - 1].0);
    let Some((_, standard, extended)) = VERSIONS.iter().find(|(known, ..)| *known == minor) else {
        return match minor {
            _ if minor < first => Support::Gone,
            _ if minor == last + 1 => Support::Next,
            _ => Support::NotYet,
        };
    };
    let over = |day: &Option<&'static str>| day.filter(|day| *day < VERSIONS_READ);
    match (over(standard), over(extended), extended) {
        (_, Some(day), _) => Support::Ended(day),
        (Some(_), None, Some(until)) => Support::Extended(until),
        _ => Support::Standard,
    }
}

/// Type of an access entry for people and tools; all others are for nodes. Source: EKS API, CreateAccessEntry.
pub const STANDARD_ENTRY: &str = "STANDARD";

/// Rule CLU-09.
pub const LONGEST_NAME: usize = 100;

/// Nodes of a managed node group, and groups of a cluster, unless the quota was raised. Rule QUO-01.
pub const NODES_PER_GROUP: u32 = 450;
pub const GROUPS_PER_CLUSTER: usize = 30;

/// Remote ranges of nodes, and of pods, unless the quotas L-5C12D558 and L-6AFFD1D8 were raised. Rule HYB-02.
pub const REMOTE_CIDRS: usize = 15;

/// Partitions without hybrid nodes. EKS user guide, hybrid nodes, read 2026-11-27. Rule HYB-13.
pub const NO_HYBRID_NODES: &[&str] = &["aws-cn", "aws-us-gov"];

/// The first minor version of Kubernetes 1 with EKS Auto Mode. Rule AUTO-10.
pub const AUTO_MODE_SINCE: u32 = 29;

/// Instance types and taints of a node group; lengths of labels' and taints' keys, prefix included, and values. EKS API reference,
/// CreateNodegroup (labelKey, labelValue, taintKey, taintValue). Rules NG-17, NG-13.
pub const INSTANCE_TYPES: usize = 20;
pub const TAINTS: usize = 50;
pub const LABEL_KEY: usize = 63;
pub const LABEL_VALUE: usize = 63;
/// The longest name of a namespace.
pub const NAMESPACE: usize = 63;
/// Domains whose labels EKS, or the kubelet, refuses. Rule NG-17.
pub const RESERVED_LABELS: &[&str] = &["kubernetes.io", "k8s.io", "eks.amazonaws.com"];
/// Of these, what the kubelet lets a node say about itself (Kubernetes documentation, NodeRestriction).
pub const OPEN_LABELS: &[&str] = &["node.kubernetes.io", "kubelet.kubernetes.io"];

/// MiB that Bottlerocket's kubelet reserves: once, and for each pod that the node takes. bottlerocket issue 4472. Rules NG-14, NG-15.
pub const RESERVED_MIB: u64 = 255;
pub const RESERVED_MIB_PER_POD: u64 = 11;
/// Of a node's memory, before too little is left for pods.
pub const RESERVED_AT_MOST_PER_CENT: u64 = 60;

/// Free addresses in the control plane's subnets for an upgrade. Rule CLU-03.
pub const UPGRADE_ADDRESSES: u64 = 5;
/// A Kubernetes version is taken back within so many days of the upgrade. Source: EKS user guide, roll back a cluster, read 2026-11-29.
pub const ROLLBACK_DAYS: u64 = 7;

/// Rule EP-05 (L-93A74D60).
pub const PUBLIC_CIDRS: usize = 40;

/// Ranges the public endpoint refuses in its list: "the block cannot include reserved addresses" (EKS user guide, cluster endpoint;
/// RFC 6890). Ranges of documentation are left out: the guide's own examples use them. Rules EP-05, EP-06.
pub const NOT_PUBLIC: &[&str] = &[
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "0.0.0.0/8",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
pub const NOT_PUBLIC_IPV6: &[&str] = &["fc00::/7", "fe80::/10", "ff00::/8", "::1/128", "::/128"];

/// Whether a text can be the name of a cluster. Rule CLU-09.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        && text.len() <= LONGEST_NAME
}

/// Service CIDRs lie in one of these, with a prefix length between the bounds. Rule SVC-01.
pub const SERVICE_RANGES: &[&str] = &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
pub const SERVICE_LARGEST: u8 = 12;
pub const SERVICE_SMALLEST: u8 = 24;

/// Ranges for another CNI's pods, tried in this order. Rule ALT-02.
pub const OVERLAY_DEFAULTS: &[&str] =
    &["10.244.0.0/16", "192.168.0.0/16", "172.24.0.0/14", "100.96.0.0/11"];

/// What people write for "everything private". Rule SVC-03.
pub const SERVICE_PARENT: &str = "10.0.0.0/8";

/// Tried in this order when the blueprint names no service CIDR.
pub const SERVICE_DEFAULTS: &[&str] = &["172.20.0.0/16", "10.100.0.0/16", "192.168.0.0/20"];

/// Tried in the private ranges where none of them is free.
pub const SERVICE_LENGTHS: &[u8] = &[16, 20, SERVICE_SMALLEST];

/// Pods on a node at most: below and above the number of vCPUs.
pub const POD_CAP: u64 = 110;
pub const POD_CAP_LARGE: u64 = 250;
pub const LARGE_VCPUS: u64 = 30;

/// Nodes that an update of a managed node group starts beside the old ones: twice its zones, or as many as it takes down at once,
/// whichever is more (EKS user guide, phases of node updates, read 2026-11-21). eksnet lets it take down a third at a time.
pub const SURGE_PER_ZONE: u64 = 2;
pub const UNAVAILABLE_PER_CENT: u32 = 33;
pub const UNAVAILABLE_AT_MOST: u64 = 100;

/// Network address units: of a NAT gateway, of an endpoint's interface, of an attachment to a transit gateway, and of a node's IPv6 address and prefix; and how many a VPC has. Rule QUO-02 (L-BB24F6E5).
pub const NAT_ADDRESS_UNITS: u64 = 6;
pub const ENDPOINT_ADDRESS_UNITS: u64 = 6;
pub const ATTACHMENT_ADDRESS_UNITS: u64 = 6;
pub const IPV6_ADDRESS_UNITS: u64 = 2;
pub const ADDRESS_UNITS: u64 = 64_000;

/// Pods of the host network that need no address (aws-node, kube-proxy).
pub const HOST_NETWORK_PODS: u64 = 2;

/// Tags on a resource, lengths of keys and values. Rule TAG-15.
pub const TAGS: usize = 50;
pub const TAG_KEY: usize = 128;
pub const TAG_VALUE: usize = 256;

/// Security groups that a cluster is given beside its own. Source: EKS user guide, service quotas, read 2026-11-28. Rule CLU-23.
pub const CLUSTER_GROUPS: usize = 4;

/// Days until a key that was deleted is gone; the longest that KMS accepts.
pub const KEY_PENDING_DAYS: u32 = 30;
/// What EKS does with the key of secrets, and what whoever creates the cluster does for it. Source: EKS user guide, envelope encryption;
/// KMS developer guide, key policies; read 2026-11-28.
pub const KEY_USE: &[&str] = &["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"];
pub const KEY_GRANTS: &[&str] = &["kms:CreateGrant"];
pub const KEY_ADMINISTRATION: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// Managed policies of a role, once the quota is raised as far as IAM raises it. Source: IAM user guide, quotas. Rule POD-01.
pub const ROLE_POLICIES: usize = 25;
/// Letters of a role's path. Source: IAM API reference, CreateRole. Rule IAM-01.
pub const ROLE_PATH: usize = 512;

pub const CLUSTER_POLICIES: &[&str] = &["AmazonEKSClusterPolicy"];
pub const NODE_POLICIES: &[&str] = &[
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
];
/// EKS Auto Mode: what the cluster's role needs beside, and its nodes'. Source: EKS user guide, Auto Mode roles, read 2026-11-20.
pub const AUTO_CLUSTER_POLICIES: &[&str] = &[
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
];
pub const AUTO_NODE_POLICIES: &[&str] =
    &["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];
/// The access policy of nodes of a NodeClass of one's own.
pub const AUTO_NODE_ACCESS: &str = "AmazonEKSAutoNodePolicy";

pub const FARGATE_POLICIES: &[&str] = &["AmazonEKSFargatePodExecutionRolePolicy"];

/// Fargate profiles of a cluster, selectors of a profile, labels of a selector, unless the quotas L-33415657, L-D78D8AF8 and
/// L-23414FF3 were raised. Rule FG-02.
pub const FARGATE_PROFILES: usize = 10;
pub const FARGATE_SELECTORS: usize = 5;
pub const FARGATE_LABELS: usize = 5;
pub const FARGATE_NAME: usize = 63;
/// Of a selector's label. CloudFormation schema of AWS::EKS::FargateProfile. Rule FG-07.
pub const FARGATE_LABEL_KEY: usize = 127;
pub const FARGATE_LABEL_VALUE: usize = 255;
/// Zones in which EKS refused Fargate profiles (awsdocs pull request 262; eksctl issues 5677 and 5875), in 2022. Rule FG-08.
pub const ZONES_WITHOUT_FARGATE: &[&str] = &["cac1-az4"];

/// Security groups for pods. Rule SGP-01.
pub const BRANCH_POLICY: &str = "AmazonEKSVPCResourceController";
/// Rule SEC-05.
pub const CNI_POLICIES: &[&str] = &["AmazonEKS_CNI_Policy"];

/// What aws-node reads in an IPv6 cluster; DescribeSubnets and DescribeSecurityGroups are wanted since 1.22, which AWS's own sample
/// lacks. Rules R21, IP6-01; amazon-vpc-cni-k8s v1.23.1, docs/iam-policy.md.
pub const CNI_IPV6_READS: &[&str] = &[
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
];

/// And changes, on network interfaces only.
pub const CNI_IPV6_CHANGES: &[&str] = &["ec2:AssignIpv6Addresses", "ec2:CreateTags"];

/// aws-node in an IPv4 cluster: what it reads, what it does to interfaces, and to the instances that they are attached to.
/// Source: amazon-vpc-cni-k8s, docs/iam-policy.md, the policy scoped to a cluster, with DescribeSecurityGroups, which the sample lacks.
pub const CNI_READS: &[&str] = CNI_IPV6_READS;
pub const CNI_CHANGES: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:AttachNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DetachNetworkInterface",
    "ec2:ModifyNetworkInterfaceAttribute",
    "ec2:UnassignPrivateIpAddresses",
];
pub const CNI_ATTACHES: &[&str] = &[
    "ec2:AttachNetworkInterface",
    "ec2:DetachNetworkInterface",
    "ec2:ModifyNetworkInterfaceAttribute",
];
/// Authorised on each thing that an attribute is about.
pub const CNI_ATTRIBUTES: &str = "ec2:ModifyNetworkInterfaceAttribute";

/// The tag with the cluster's name that aws-node gives to the interfaces of its nodes (variable CLUSTER_NAME).
pub const CNI_CLUSTER_TAG: &str = "cluster.k8s.amazonaws.com/name";

/// Access policies of EKS: `arn:<partition>:eks::aws:cluster-access-policy/<name>`. Others come with services of AWS, so an unknown name
/// may well be one; those that only EKS's own roles may have are left out. EKS user guide, access policy permissions, read 2026-11-28.
/// Rules ACC-01, ACC-02.
pub const ACCESS_POLICIES: &[&str] = &[
    "AWSBackupFullAccessPolicyForBackup",
    "AWSBackupFullAccessPolicyForRestore",
    "AmazonAIOpsAssistantPolicy",
    "AmazonARCRegionSwitchScalingPolicy",
    "AmazonEKSACKPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSArgoCDClusterPolicy",
    "AmazonEKSArgoCDPolicy",
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSKROPolicy",
    "AmazonEKSSecretAdminPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSViewPolicy",
];
/// Policies of one access entry. CloudFormation schema of AWS::EKS::AccessEntry. Rule ACC-01.
pub const POLICIES_PER_ENTRY: usize = 20;
/// IAM's bound of a role's name.
pub const ROLE_NAME: usize = 64;

/// Add-ons of a cluster whose blueprint names none (vpc-cni is always there).
pub const ADDONS: &[&str] = &["coredns", "kube-proxy", "eks-pod-identity-agent"];

/// The agent that gives aws-node its role. Rule R23 of the VPC CNI facts.
pub const POD_IDENTITY_AGENT: &str = "eks-pod-identity-agent";
pub const VPC_CNI: &str = "vpc-cni";

/// Properties of a managed node group that EKS exchanges the nodes for, by their beginnings. Source: EKS user guide, updating managed node groups.
pub const NODES_ROLL_FOR: &[&str] = &["LaunchTemplate", "ReleaseVersion", "Version"];

/// The service account of aws-node, in `kube-system`.
pub const AWS_NODE: &str = "aws-node";
/// Whom tokens of service accounts are for. Source: IAM roles for service accounts.
pub const TOKEN_AUDIENCE: &str = "sts.amazonaws.com";

/// Add-ons that EKS has, AWS's own. EKS user guide, AWS add-ons; read 2026-11-28. Those of the Marketplace are `vendor_name`. Rule ADD-09.
pub const KNOWN_ADDONS: &[&str] = &[
    "adot",
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "aws-fsx-csi-driver",
    "aws-guardduty-agent",
    "aws-mountpoint-s3-csi-driver",
    "aws-network-flow-monitoring-agent",
    "aws-privateca-connector-for-kubernetes",
    "aws-secrets-store-csi-driver-provider",
    "amazon-sagemaker-hyperpod-taskgovernance",
    "amazon-sagemaker-hyperpod-observability",
    "amazon-sagemaker-hyperpod-training-operator",
    "amazon-sagemaker-spaces",
    "cert-manager",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "external-dns",
    "fluent-bit",
    "kube-proxy",
    "kube-state-metrics",
    "metrics-server",
    "prometheus-node-exporter",
    "snapshot-controller",
    "sriov-network-metrics-exporter",
    "vpc-cni",
];
/// What people look for among the add-ons, and is installed otherwise.
pub const NO_ADDONS: &[&str] =
    &["aws-load-balancer-controller", "cluster-autoscaler", "karpenter", "ingress-nginx"];
pub const KUBE_PROXY: &str = "kube-proxy";

/// Add-ons that settle without a node: DaemonSets. All others wait for the node groups.
pub const ADDONS_BEFORE_NODES: &[&str] = &[VPC_CNI, "kube-proxy", POD_IDENTITY_AGENT];

/// How nodes are told what to do at their first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boot {
    /// A NodeConfig.
    Nodeadm,
    /// Bottlerocket's settings, as TOML.
    Settings,
    /// Windows' bootstrap script.
    PowerShell,
}

/// An AMI family of managed node groups: (what AMI types begin with, the device of the volume that holds images and pods).
pub struct AmiFamily {
    pub prefix: &'static str,
    pub device: &'static str,
    pub boot: Boot,
}

pub const AMI_FAMILIES: &[AmiFamily] = &[
    AmiFamily { prefix: "AL2023_", device: "/dev/xvda", boot: Boot::Nodeadm },
    AmiFamily { prefix: "BOTTLEROCKET_", device: "/dev/xvdb", boot: Boot::Settings },
    AmiFamily { prefix: "WINDOWS_", device: "/dev/sda1", boot: Boot::PowerShell },
];

pub const AMI_TYPES: &[&str] = &[
    "AL2023_ARM_64_NVIDIA",
    "AL2023_ARM_64_STANDARD",
    "AL2023_x86_64_NEURON",
    "AL2023_x86_64_NVIDIA",
    "AL2023_x86_64_STANDARD",
    "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_ARM_64_FIPS",
    "BOTTLEROCKET_ARM_64_NVIDIA",
    "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
    "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_x86_64_FIPS",
    "BOTTLEROCKET_x86_64_NVIDIA",
    "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
    "WINDOWS_CORE_2019_x86_64",
    "WINDOWS_CORE_2022_x86_64",
    "WINDOWS_CORE_2025_x86_64",
    "WINDOWS_FULL_2019_x86_64",
    "WINDOWS_FULL_2022_x86_64",
    "WINDOWS_FULL_2025_x86_64",
];

pub fn ami_family(ami_type: &str) -> Option<&'static AmiFamily> {
    AMI_FAMILIES.iter().find(|family| ami_type.starts_with(family.prefix))
}

pub const AMI_INTEL: &str = "AL2023_x86_64_STANDARD";
pub const AMI_ARM: &str = "AL2023_ARM_64_STANDARD";
pub const AMI_INTEL_NVIDIA: &str = "AL2023_x86_64_NVIDIA";
pub const AMI_ARM_NVIDIA: &str = "AL2023_ARM_64_NVIDIA";
pub const AMI_INTEL_NEURON: &str = "AL2023_x86_64_NEURON";

/// How the aliases of the keys begin that AWS keeps for one service each. Their policies admit no other service.
pub const KEYS_OF_SERVICES: &str = "alias/aws/";

pub const INSTANCE_TYPE: &str = "m6i.large";
/// GiB.
pub const DISK: u32 = 50;
/// GiB that EKS's Windows images come with: no volume made from them is smaller. Rule WIN-05.
pub const WINDOWS_DISK: u32 = 50;

/// Hops of an answer of the instance metadata service: none reaches a pod that is not on the host's network.
pub const HOP_LIMIT: u32 = 1;

/// Addresses that the controller of Windows nodes keeps spare, and holds at least. Source: amazon-vpc-resource-controller-k8s, Windows
/// warm pool. Max pods of the Windows kubelet, unless it is told otherwise.
pub const WINDOWS_WARM: u64 = 1;
pub const WINDOWS_LEAST: u64 = 3;

/// Managed policies of a role, unless the quota was raised (IAM quota L-0DA4ABF3). Rule NG-36.
pub const POLICIES_PER_ROLE: usize = 10;
/// What the quota can be raised to (IAM user guide, quotas). Rule NG-29.
pub const MOST_POLICIES: usize = 25;

/// The log group that EKS makes for the control plane's logs, and leaves behind. Source: EKS user guide, control plane logs.
pub fn log_group(cluster: &str) -> String {
    format!("/aws/eks/{cluster}/cluster")
}

/// The access policy that allows everything in a cluster, objects of kinds that others define included.
pub const CLUSTER_ADMIN: &str = "AmazonEKSClusterAdminPolicy";

/// What the agent of network policies does to the cluster's log group. Source: EKS user guide, network policy logs.
pub const POLICY_LOG_ACTIONS: &[&str] =
    &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

/// Ports that something on every node has already: aws-node's metrics and introspection, the kubelet, kube-proxy, the Pod Identity agent.
pub const NODE_PORTS_TAKEN: &[u16] = &[61678, 61679, 10248, 10249, 10250, 10256, 2703];

/// The cluster's name resolution, and where its pods are.
pub const COREDNS: &str = "coredns";
/// Labels of its pods.
pub const COREDNS_LABELS: &[(&str, &str)] =
    &[("k8s-app", "kube-dns"), ("eks.amazonaws.com/component", "coredns")];
pub const SYSTEM_NAMESPACE: &str = "kube-system";

/// In the ARN of a service-linked role. CreateAccessEntry refuses them, whatever the account and the type. Tried on AWS by cdk-preflight,
/// rules/eks, read 2026-11-29. Rule ACC-01.
pub const SERVICE_LINKED: &str = ":role/aws-service-role/";

/// Words that Kubernetes and AWS keep for themselves, at the beginning of groups and names in access entries. EKS user guide, create access
/// entries.
pub const RESERVED_SUBJECTS: &[&str] = &["system:", "eks:", "aws:", "amazon:", "iam:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_judged_by_the_day_that_the_table_was_read() {
        for (minor, wanted) in [
            (21, Support::Gone),
            (29, Support::Gone),
            (30, Support::Ended("2026-07-23")),
            (31, Support::Ended("2026-11-26")),
            (32, Support::Extended("2027-03-23")),
            (33, Support::Extended("2027-07-29")),
            (35, Support::Standard),
            (36, Support::Standard),
            (37, Support::Next),
            (99, Support::NotYet),
        ] {
            assert_eq!(support(minor), wanted, "1.{minor}");
        }
        let default = KUBERNETES.strip_prefix("1.").unwrap().parse().unwrap();
        assert_eq!(support(default), Support::Standard);
    }
}
