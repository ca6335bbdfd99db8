//! Rules: changes of what stands.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &SVC_05, &CLU_10, &CLU_26, &IAM_04, &CPE_02, &VER_01, &VER_02, &VER_06, &SET_32, &CN_06,
    &PD_03, &SG_06, &VPC_23, &NAT_04, &SELF_03, &CN_12, &SELF_05, &SELF_06, &PAT_08,
];

pub static SVC_05: Rule = error(
    "SVC-05",
    "a cluster must keep its service CIDR",
    Refused("CloudFormation replaces the cluster under the same name; EKS CreateCluster: ResourceInUseException"),
)
.why("every service has an address of it; EKS accepts it once")
.sources(&[&UPDATE_CLUSTER, &CFN_CLUSTER])
.example("serviceCidr: 10.100.0.0/16   # was 172.20.0.0/16", "serviceCidr: 172.20.0.0/16");

pub static CLU_10: Rule = error(
    "CLU-10",
    "a cluster must keep its address family, its role and its key",
    Refused("CloudFormation replaces the cluster under the same name; EKS CreateCluster: ResourceInUseException"),
)
.why("CloudFormation sets them once: a key that is associated later (AssociateEncryptionConfig) is not part of the stack")
.sources(&[&UPDATE_CLUSTER, &CFN_CLUSTER])
.example("ipFamily: ipv6   # was ipv4", "ipFamily: ipv4");

pub static CLU_26: Rule = error(
    "CLU-26",
    "a cluster with access entries alone must stay so",
    Refused("EKS UpdateClusterConfig: InvalidParameterException"),
)
.why("EKS goes from the ConfigMap to access entries, and not back")
.sources(&[&EKS_ACCESS_ENTRIES, &UPDATE_CLUSTER])
.example("authenticationMode: apiAndConfigMap   # was api", "authenticationMode: api");

pub static IAM_04: Rule = error(
    "IAM-04",
    "roles must keep their names, their path and their boundary",
    Fails("CloudFormation replaces each role with another: its name is taken, or what trusts and uses the role loses it"),
)
.why("nodes, add-ons and policies elsewhere refer to a role's ARN; without the boundary the roles have permissions that the organization denies them")
.sources(&[&CREATE_ROLE])
.example("iam: { path: /eks/ }   # was none", "iam: {}");

pub static CPE_02: Rule = error(
    "CPE-02",
    "customer-routed egress must stay",
    Refused("EKS UpdateClusterConfig: InvalidParameterException"),
)
.why("EKS does not support switching back")
.sources(&[&EKS_CONTROL_PLANE_EGRESS])
.example(
    "controlPlaneEgress: awsManaged   # was customerRouted",
    "controlPlaneEgress: customerRouted",
);

pub static VER_01: Rule = error(
    "VER-01",
    "Kubernetes must change by one minor version at a time",
    Refused("EKS UpdateClusterVersion: InvalidParameterException, Unsupported Kubernetes minor version update"),
)
.why("EKS refuses two at once, in either direction")
.sources(&[&EKS_UPDATE, &EKS_ROLLBACK])
.example("version: \"1.35\"   # was 1.33", "version: \"1.34\"   # was 1.33");

pub static VER_02: Rule = warning(
    "VER-02",
    "Kubernetes should be downgraded only right after an upgrade",
)
.why("EKS rolls a minor version back within seven days of the upgrade, and only after the nodes; a cluster that was created with the version has none to go back to. `deploy` asks EKS before it begins with anything else")
.sources(&[&EKS_ROLLBACK])
.example("version: \"1.34\"   # was 1.35", "version: \"1.35\"");

pub static VER_06: Rule = warning("VER-06", "a node group's AMI release should not be lowered")
    .why("EKS does not roll a node group back to an earlier AMI release, except to the previous Kubernetes version right after an upgrade")
    .sources(&[&UPDATE_NODEGROUP_VERSION, &EKS_ROLLBACK])
    .example(
        "ami: { releaseVersion: 1.35.0-20260101 }   # was 1.35.0-20260301",
        "(a new node group with the earlier release, and the other one away in the next deployment)",
    );

pub static SET_32: Rule =
    warning("SET-32", "vpc-cni should be upgraded one minor version at a time")
        .why("AWS tests no other upgrade")
        .sources(&[&EKS_VPC_CNI])
        .example(
            "version: v1.21.1-eksbuild.1   # was v1.18",
            "version: v1.19.6-eksbuild.1   # was v1.18",
        );

pub static CN_06: Rule = error(
    "CN-06",
    "pod subnets must stay while pods are in them",
    Fails("EC2 DeleteSubnet answers DependencyViolation, and pods in the subnet lose their routes at once"),
)
.why("running nodes keep their interfaces where they are, also those that the same deployment replaces: CloudFormation removes the subnet's routes while the old nodes drain")
.sources(&[&CNI_IPAMD, &BEST_CUSTOM_NETWORKING])
.example(
    "customNetworking: { tier: pods-2 }   # and the tier `pods` is removed with it",
    "customNetworking: { tier: pods-2 }   # `pods` goes in a later deployment",
);

pub static PD_03: Rule = warning("PD-03", "prefix delegation should be turned off with new node groups")
    .why("while EKS replaces a group's nodes, the old ones still accept as many pods as prefixes have room for, and get single addresses only; groups whose max pods stay the same keep the prefixes that they have")
    .sources(&[&BEST_PREFIXES, &CNI_IPAMD])
    .example(
        "prefixDelegation: false   # and the node groups stay",
        "prefixDelegation: false   # with node groups under other names",
    );

pub static SG_06: Rule =
    warning("SG-06", "nodes should be replaced only between security groups that reach each other")
        .why("old nodes use the cluster security group and new ones their own, or the reverse")
        .sources(&[&EKS_SECURITY_GROUPS])
        .example(
            "mode: leastPrivilege   # was shared",
            "mode: joining   # and leastPrivilege in the next deployment",
        );

pub static VPC_23: Rule =
    warning("VPC-23", "private ranges should be used before shared and public ones")
        .why("after 100.64.0.0/10 or a public range AWS may add no private one to an existing VPC")
        .sources(&[&VPC_CIDR_RESTRICTIONS])
        .example(
            "secondaryCidrs: [100.64.0.0/16, 10.41.0.0/16]   # the first exists",
            "secondaryCidrs: [100.64.0.0/16, 100.65.0.0/16]",
        );

pub static NAT_04: Rule = error(
    "NAT-04",
    "an Elastic IP of your own must be free when it is used",
    Refused("EC2 CreateNatGateway: Resource.AlreadyAssociated"),
)
.why("CloudFormation creates the new gateway before it deletes the old one, and AWS attaches an address once")
.sources(&[&VPC_NAT, &CFN_NAT])
.example(
    "nat: { single: { elasticIps: [eipalloc-00000000000000001] } }   # was perZone with the same",
    "nat: { single: { elasticIps: [eipalloc-00000000000000002] } }",
);

pub static SELF_03: Rule = error(
    "SELF-03",
    "the add-on must leave aws-node behind for running nodes",
    Fails("EKS deletes aws-node with its add-on: new pods get no address"),
)
.why("without it new pods have no network")
.sources(&[&DELETE_ADDON])
.example(
    "(management: selfManaged over an add-on whose software is removed with it)",
    "(management: addon once, then selfManaged)",
);

pub static CN_12: Rule = error(
    "CN-12",
    "nodes must have the label that names their ENIConfig before aws-node reads it",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("aws-node restarts on every node when its settings change: one that finds no ENIConfig makes its node not ready")
.sources(&[&CNI_ENICONFIG, &CNI_IPAMD, &CNI_884])
.example(
    "nodeGroups: [{ name: batch, podTier: batch-pods }]   # the first podTier of an existing cluster",
    "awsNode: { customNetworking: { tier: pods, labelGroups: true } }   # and podTier in the next deployment",
);

pub static SELF_05: Rule = error(
    "SELF-05",
    "the service account of aws-node must have one association",
    Refused("EKS CreatePodIdentityAssociation: ResourceInUseException"),
)
.why("EKS accepts one role for a service account, and CloudFormation creates the new association before it removes the old one")
.sources(&[&CREATE_ASSOCIATION])
.example(
    "management: selfManaged   # was addon, both with role: podIdentity",
    "role: irsa   # and management: selfManaged in the next deployment",
);

pub static SELF_06: Rule = warning("SELF-06", "a node should have one CNI")
    .why("aws-node stays in a cluster that moves to another CNI: on its nodes both would configure pods")
    .sources(&[&EKS_OTHER_CNI])
    .example(
        "awsNode: { management: none }   # was addon",
        "kubectl -n kube-system delete daemonset aws-node",
    );

pub static PAT_08: Rule = error(
    "PAT-08",
    "a patch must not replace a VPC, a CIDR, a subnet or a cluster that exists",
    Fails("every address moves, or EKS refuses a second cluster of the name"),
)
.why("these hold the addresses of everything that runs, and a patch moves none of them")
.sources(&[&CFN_UPDATES])
.example(
    "patches: [{ resource: Vpc, set: { InstanceTenancy: dedicated } }]   # of a VPC that exists",
    "patches: [{ resource: LaunchTemplateGeneral, set: { LaunchTemplateData: { Placement: { Tenancy: dedicated } } } }]",
);
