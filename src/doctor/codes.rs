//! Words of EKS's and of nodes: which checks may tell the cause behind each, and what to do where none of them does.

/// A word of EKS's, the checks that may tell its cause, and what to do where none of them does.
pub struct Word {
    pub code: &'static str,
    pub checks: &'static [&'static str],
    pub fix: &'static str,
}

/// Checks that may tell why a node does not join.
pub const NODES: &[&str] = &[
    "NJ-01", "NJ-02", "NJ-03", "NJ-04", "NJ-05", "NJ-06", "NJ-07", "NJ-08", "NJ-09", "NJ-10",
    "NJ-11", "NJ-12", "NJ-13", "NJ-15", "NJ-17", "NJ-18", "NJ-19", "NJ-28", "NJ-29", "IMG-02",
    "IMG-04",
];
/// The same, with those that only see that it did not.
const JOINING: &[&str] = &[
    "NJ-01", "NJ-02", "NJ-03", "NJ-04", "NJ-05", "NJ-06", "NJ-07", "NJ-08", "NJ-09", "NJ-10",
    "NJ-11", "NJ-12", "NJ-13", "NJ-15", "NJ-17", "NJ-18", "NJ-19", "NJ-24", "NJ-26", "NJ-28",
    "NJ-29", "IMG-02", "IMG-04",
];
const REACH: &[&str] = &["NJ-01", "NJ-02", "NJ-04", "NJ-10", "NJ-11", "NJ-12", "NJ-13", "NJ-28"];
/// Checks that may tell of addresses that are missing.
pub const ROOM: &[&str] = &["NJ-14", "IP-01", "IP-02", "CP-01"];
const WEBHOOKS: &[&str] = &["WH-01", "WH-02", "WH-05"];

const fn word(code: &'static str, checks: &'static [&'static str], fix: &'static str) -> Word {
    Word { code, checks, fix }
}

/// Codes of node groups, clusters, add-ons and updates: EKS API reference, *Issue*, *ClusterIssue*, *AddonIssue*, *ErrorDetail*; read
/// 2026-11-27.
pub const WORDS: &[Word] = &[
    word(
        "NodeCreationFailure",
        JOINING,
        "read the kubelet's log of an instance (`aws ec2 get-console-output`)",
    ),
    word("ClusterUnreachable", REACH, "allow the nodes to reach the API at 443"),
    word(
        "AccessDenied",
        &["NJ-15", "NJ-20"],
        "create an access entry of the type EC2_LINUX for the node role, and attach its policies",
    ),
    word("InsufficientFreeAddresses", ROOM, "free addresses in the subnets that EKS names"),
    word(
        "AsgInstanceLaunchFailures",
        &["NJ-14", "IP-01", "NJ-18"],
        "read the activities of its Auto Scaling group: the message names the capacity, quota or permission that is missing",
    ),
    word(
        "Ec2SubnetInvalidConfiguration",
        &["NJ-06"],
        "use a private subnet, or assign public addresses in it",
    ),
    word("Ec2SubnetMissingIpv6Assignment", &["NJ-16"], "assign IPv6 addresses in the subnet"),
    word(
        "InstanceLimitExceeded",
        &["NJ-18"],
        "raise the quota of vCPUs (L-1216C47A for standard instances)",
    ),
    word(
        "PodEvictionFailure",
        &[],
        "a PodDisruptionBudget allows no eviction: `kubectl get pdb -A` shows those with ALLOWED DISRUPTIONS 0",
    ),
    word("Ec2SubnetNotFound", &["CP-01"], "name a subnet that exists"),
    word("SubnetNotFound", &["CP-01"], "give the cluster subnets that exist, of the same zones"),
    word(
        "SecurityGroupNotFound",
        &[],
        "give the cluster security groups that exist (aws eks update-cluster-config)",
    ),
    word("Ec2SecurityGroupNotFound", &[], "name security groups that exist"),
    word(
        "EniLimitReached",
        &["IP-06", "IP-12"],
        "raise the quota of interfaces (L-DF5E4CA3), or delete those that are unused",
    ),
    word("IpNotAvailable", ROOM, "free addresses in the cluster's subnets"),
    word(
        "InsufficientNumberOfReplicas",
        &["DNS-01", "DNS-04", "IP-01", "IP-02", "IMG-01", "NJ-19", "NJ-14"],
        "see why the add-on's pods are not ready",
    ),
    word(
        "ConfigurationConflict",
        &["IP-08"],
        "update the add-on with OVERWRITE, or remove the other field manager",
    ),
    word(
        "AdmissionRequestDenied",
        WEBHOOKS,
        "see which webhook or policy denies it: the message names it",
    ),
    word("AddonPermissionFailure", &["NJ-20"], "give the add-on its role"),
    word("AddonSubscriptionNeeded", &[], "subscribe to the add-on in AWS Marketplace"),
    word("NodeTerminationFailure", &[], "allow the node group's role to terminate instances"),
    word(
        "AutoScalingGroupNotFound",
        &[],
        "create the node group again: its Auto Scaling group was deleted",
    ),
    word(
        "AutoScalingGroupInvalidConfiguration",
        &[],
        "undo what was changed in the Auto Scaling group outside of EKS",
    ),
    word(
        "Ec2LaunchTemplateNotFound",
        &[],
        "create the node group again: its launch template was deleted",
    ),
    word(
        "Ec2LaunchTemplateVersionMismatch",
        &[],
        "set the launch template of the Auto Scaling group back to the version of the node group",
    ),
    word("IamNodeRoleNotFound", &[], "create the node role again, with the same name"),
    word(
        "IamInstanceProfileNotFound",
        &[],
        "create the instance profile again, with the same name",
    ),
    word("IamRoleNotFound", &[], "create the cluster role again, with the same name"),
    word("VpcNotFound", &[], "the VPC was deleted: the cluster cannot be repaired"),
    word(
        "KmsKeyNotFound",
        &[],
        "the KMS key of the cluster's secrets was deleted: the cluster cannot be repaired",
    ),
    word("KmsKeyDisabled", &[], "enable the KMS key of the cluster's secrets"),
    word("KmsGrantRevoked", &[], "grant the cluster access to its KMS key again"),
    word(
        "KmsKeyMarkedForDeletion",
        &[],
        "cancel the deletion of the KMS key of the cluster's secrets (aws kms cancel-key-deletion)",
    ),
    word("VpcIdNotFound", &[], "the VPC was deleted: the cluster cannot be repaired"),
    word(
        "StsRegionalEndpointDisabled",
        &[],
        "activate STS for the Region in the account's settings of IAM",
    ),
    word("Ec2ServiceNotSubscribed", &[], "activate EC2 in the account, which takes up to a day"),
    word(
        "ResourceLimitExceeded",
        &["IP-12"],
        "raise the quota that the message names, or delete what is unused",
    ),
    word("LimitExceeded", &["NJ-18"], "raise the quota that the message names"),
    word("IamLimitExceeded", &[], "delete unused roles or instance profiles, or raise their quota"),
    word("ResourceNotFound", &[], "create again what the message names: the cluster needs it"),
    word("UnsupportedVersion", &["CP-04"], "update the cluster to a version that EKS supports"),
    word("UnsupportedAddonModification", &[], "undo what was changed in the add-on's objects"),
    word(
        "K8sResourceNotFound",
        &[],
        "update the add-on with OVERWRITE: an object of it was deleted",
    ),
    word("OperationNotPermitted", &[], "see the message: EKS does not support this update"),
    word(
        "AmiIdNotFound",
        &[],
        "name an AMI that exists in the Region and is shared with the account",
    ),
    word(
        "AutoScalingGroupInstanceRefreshActive",
        &[],
        "wait for the instance refresh of the Auto Scaling group, or cancel it",
    ),
    word("AutoScalingGroupOptInRequired", &[], "activate EC2 Auto Scaling in the account"),
    word(
        "AutoScalingGroupRateLimitExceeded",
        &[],
        "wait: calls of Auto Scaling are throttled in the account",
    ),
    word("IamThrottling", &[], "wait: calls of IAM are throttled in the account"),
    word(
        "Ec2InstanceTypeDoesNotExist",
        &[],
        "name an instance type that the group's zones have (aws ec2 describe-instance-type-offerings)",
    ),
    word(
        "Ec2LaunchTemplateDeletionFailure",
        &[],
        "allow the role that deletes the group to delete the launch template, or delete it manually",
    ),
    word(
        "Ec2LaunchTemplateInvalidConfiguration",
        &[],
        "correct what the message names in the launch template, and update the node group",
    ),
    word(
        "Ec2LaunchTemplateMaxLimitExceeded",
        &[],
        "delete unused launch templates, or raise their quota",
    ),
    word(
        "Ec2LaunchTemplateVersionMaxLimitExceeded",
        &[],
        "delete old versions of the launch template",
    ),
    word(
        "SourceEc2LaunchTemplateNotFound",
        &[],
        "create the node group again: its launch template was deleted",
    ),
    word(
        "Ec2SecurityGroupDeletionFailure",
        &[],
        "remove what uses the group of remote access, and delete the node group again",
    ),
    word("Ec2SubnetListTooLong", &[], "name fewer subnets for the node group"),
    word("KubernetesLabelInvalid", &[], "correct the node group's labels or taints"),
    word("PodExecutionRoleAlreadyInUse", &[], "give the profile a role that no node group uses"),
    word("InternalFailure", &[], "try again, and ask AWS Support if it stays"),
    word("Other", &[], "see the message, and ask AWS Support if it is not clear"),
    word("Unknown", &[], "see the message, and ask AWS Support if it is not clear"),
];

/// Reasons of the node monitoring agent, and the checks that tell their cause. aws/eks-node-monitoring-agent, pkg/reasons, read 2026-11-27.
pub const REASONS: &[Word] = &[
    word(
        "IPAMDNoIPs",
        &["IP-01", "IP-02", "IP-03", "IP-05", "IP-09"],
        "see how many addresses its subnet has (`eksnet rescue`)",
    ),
    word(
        "IPAMDNotReady",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node",
    ),
    word(
        "IPAMDNotRunning",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node",
    ),
    word(
        "IPAMDRepeatedlyRestart",
        &["NJ-20", "NJ-19", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node --previous",
    ),
    word("IPAMDInconsistentState", &[], "replace the node: its address store and its pods differ"),
    word("KubeProxyNotReady", &["NJ-12"], "kubectl -n kube-system logs ds/kube-proxy"),
    word(
        "LinkLocalExceeded",
        &["DNS-06"],
        "run NodeLocal DNSCache, or spread pods over more nodes",
    ),
    word("ConntrackExceeded", &[], "use a larger instance type: its connection tracking is full"),
    word("ConntrackExceededKernel", &[], "raise nf_conntrack_max of the node"),
    word("PPSExceeded", &[], "use a larger instance type: its packets per second are limited"),
    word("BandwidthInExceeded", &[], "use a larger instance type: its bandwidth is limited"),
    word("BandwidthOutExceeded", &[], "use a larger instance type: its bandwidth is limited"),
    word("InterfaceNotUp", &["NJ-19"], "replace the node: one of its interfaces is down"),
    word("InterfaceNotRunning", &["NJ-19"], "replace the node: one of its interfaces does not run"),
    word("MissingLoopbackInterface", &[], "replace the node: it has no loopback interface"),
    word("MissingDefaultRoutes", &["NJ-19"], "restart aws-node there, or replace the node"),
    word("MissingIPRoutes", &["NJ-19"], "restart aws-node there, or replace the node"),
    word("MissingIPRules", &["NJ-19"], "restart aws-node there, or replace the node"),
    word(
        "UnexpectedRejectRule",
        &[],
        "remove the REJECT or DROP rule that something added to the node's iptables",
    ),
    word("PortConflict", &[], "change the port of one of the two that use it"),
    word("NetworkSysctl", &[], "set the kernel's settings of the network back to the AMI's"),
    word(
        "NPANotRunning",
        &["NJ-19"],
        "kubectl -n kube-system logs ds/aws-node -c aws-eks-nodeagent",
    ),
    word(
        "MACAddressPolicyMisconfigured",
        &[],
        "set MACAddressPolicy=none in systemd's .link file of the AMI",
    ),
];

/// What kubelets and the node controller say of `Ready`.
pub const READY: &[Word] = &[
    word(
        "KubeletNotReady",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12", "NJ-10"],
        "see the message: a missing CNI plugin is aws-node's, the rest is the kubelet's and the runtime's",
    ),
    word(
        "NodeStatusUnknown",
        &["NJ-12", "NJ-13", "NJ-04", "NJ-10"],
        "see whether the instance runs and reaches the API: its kubelet has stopped reporting",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{READY, REASONS, WORDS};

    /// Codes of issues of clusters, node groups, add-ons and Fargate profiles and of errors of updates, EKS API reference.
    const OF_EKS: &[&str] = &[
        "AccessDenied",
        "AddonPermissionFailure",
        "AddonSubscriptionNeeded",
        "AdmissionRequestDenied",
        "AmiIdNotFound",
        "AsgInstanceLaunchFailures",
        "AutoScalingGroupInstanceRefreshActive",
        "AutoScalingGroupInvalidConfiguration",
        "AutoScalingGroupNotFound",
        "AutoScalingGroupOptInRequired",
        "AutoScalingGroupRateLimitExceeded",
        "ClusterUnreachable",
        "ConfigurationConflict",
        "Ec2InstanceTypeDoesNotExist",
        "Ec2LaunchTemplateDeletionFailure",
        "Ec2LaunchTemplateInvalidConfiguration",
        "Ec2LaunchTemplateMaxLimitExceeded",
        "Ec2LaunchTemplateNotFound",
        "Ec2LaunchTemplateVersionMaxLimitExceeded",
        "Ec2LaunchTemplateVersionMismatch",
        "Ec2SecurityGroupDeletionFailure",
        "Ec2SecurityGroupNotFound",
        "Ec2ServiceNotSubscribed",
        "Ec2SubnetInvalidConfiguration",
        "Ec2SubnetListTooLong",
        "Ec2SubnetMissingIpv6Assignment",
        "Ec2SubnetNotFound",
        "EniLimitReached",
        "IamInstanceProfileNotFound",
        "IamLimitExceeded",
        "IamNodeRoleNotFound",
        "IamRoleNotFound",
        "IamThrottling",
        "InstanceLimitExceeded",
        "InsufficientFreeAddresses",
        "InsufficientNumberOfReplicas",
        "InternalFailure",
        "IpNotAvailable",
        "K8sResourceNotFound",
        "KmsGrantRevoked",
        "KmsKeyDisabled",
        "KmsKeyMarkedForDeletion",
        "KmsKeyNotFound",
        "KubernetesLabelInvalid",
        "LimitExceeded",
        "NodeCreationFailure",
        "NodeTerminationFailure",
        "OperationNotPermitted",
        "Other",
        "PodEvictionFailure",
        "PodExecutionRoleAlreadyInUse",
        "ResourceLimitExceeded",
        "ResourceNotFound",
        "SecurityGroupNotFound",
        "SourceEc2LaunchTemplateNotFound",
        "StsRegionalEndpointDisabled",
        "SubnetNotFound",
        "Unknown",
        "UnsupportedAddonModification",
        "UnsupportedVersion",
        "VpcIdNotFound",
        "VpcNotFound",
    ];

    #[test]
    fn every_code_of_eks_says_what_to_do_once() {
        for rows in [WORDS, REASONS, READY] {
            let codes: BTreeSet<&str> = rows.iter().map(|row| row.code).collect();
            assert_eq!(codes.len(), rows.len(), "a code stands twice");
            assert!(rows.iter().all(|row| !row.fix.is_empty()));
        }
        let known = |code: &&&str| WORDS.iter().any(|row| row.code == **code);
        let unknown: Vec<_> = OF_EKS.iter().filter(|code| !known(code)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn what_a_word_leads_to_is_a_check() {
        let rows = [WORDS, REASONS, READY].into_iter().flatten();
        let missing: Vec<_> = rows
            .flat_map(|row| row.checks)
            .filter(|id| crate::doctor::find(id).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
