//! Rules: aws-node.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &SNAT_02, &SET_04, &SET_08, &SET_38, &SET_39, &SET_14, &SET_22, &SET_23, &SET_24, &SET_34,
    &SUB_11, &CN_02, &CN_05, &CN_11, &CN_09, &CN_04, &CN_15, &NP_02, &SD_02, &CN_10, &CN_13,
    &CN_14, &SNAT_04, &SNAT_05,
];

pub static SNAT_02: Rule =
    warning("SNAT-02", "pods that reach the internet without source NAT on the node should be in private subnets")
        .why("an internet gateway translates public addresses only, and pods have none; `excludeCidrs: [0.0.0.0/0]` is the same")
        .sources(&[&EKS_EXTERNAL_SNAT])
        .example(
            "snat: { external: true }\negress: internet",
            "snat: { external: true }\negress: nat",
        );

pub static SET_04: Rule =
    warning("SET-04", "ranges excluded from source NAT should be used with source NAT on the node")
        .why("with `snat.external` there is no source NAT to be excluded from")
        .sources(&[&CNI_README])
        .example(
            "snat: { external: true, excludeCidrs: [10.0.0.0/8] }",
            "snat: { external: false, excludeCidrs: [10.0.0.0/8] }",
        );

pub static SET_08: Rule = error(
    "SET-08",
    "the warm pool must be able to grow to the pods of a node",
    Fails("new pods wait for an address forever"),
)
.why("`minimumIps` without `ips` makes aws-node stop allocating at the minimum, and without any target it assigns no prefix; a minimum of the node's max pods or more is a fixed pool, and works")
.sources(&[&CNI_3685, &CNI_MAIN, &CNI_README])
.example("warm: { minimumIps: 20 }", "warm: { ips: 5, minimumIps: 20 }");

pub static SET_38: Rule = warning("SET-38", "custom networking should have a spare interface")
    .why("without one, idle nodes release and attach interfaces again, and each new pod waits for EC2")
    .sources(&[&CNI_1451, &CNI_README])
    .example(
        "customNetworking: { tier: pods }\nprefixDelegation: false\nwarm: { enis: 0 }",
        "customNetworking: { tier: pods }\nprefixDelegation: false\nwarm: { enis: 1 }",
    );

pub static SET_39: Rule = error(
    "SET-39",
    "packets of pods must fit their interface",
    Fails("large packets of pods are dropped, and small ones pass: transfers stall"),
)
.why("aws-node checks each MTU by itself only")
.sources(&[&CNI_MAIN])
.example(
    "env: { AWS_VPC_ENI_MTU: \"1500\", POD_MTU: \"9001\" }",
    "env: { AWS_VPC_ENI_MTU: \"9001\", POD_MTU: \"1500\" }",
);

pub static SET_14: Rule = warning("SET-14", "security groups of pods in strict mode should admit probes")
    .why("the kernel hands early packets to the wrong socket unless the init container says otherwise: TCP probes of pods with a branch interface fail")
    .sources(&[&EKS_POD_GROUPS])
    .example(
        "securityGroupsForPods: { enforcing: strict }\nenv: { DISABLE_TCP_EARLY_DEMUX: \"false\" }",
        "securityGroupsForPods: { enforcing: strict }",
    );

pub static SET_22: Rule = error(
    "SET-22",
    "every variable of aws-node must be known",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("aws-node ignores unknown variables, the add-on refuses them")
.sources(&[&CNI_README])
.example("env: { WARM_PREFIX: \"1\" }", "warm: { prefixes: 1 }");

pub static SET_23: Rule = error(
    "SET-23",
    "every variable of aws-node must have a valid value",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("aws-node silently falls back to its default, or does not start")
.sources(&[&CNI_README])
.example("env: { AWS_VPC_ENI_MTU: \"99999\" }", "env: { AWS_VPC_ENI_MTU: \"9001\" }");

pub static SET_24: Rule = warning("SET-24", "a setting should not be overridden by another one")
    .why("it looks effective and is not")
    .sources(&[&CNI_IPAMD])
    .example("warm: { ips: 5, prefixes: 1 }", "warm: { ips: 5 }");

pub static SET_34: Rule = error(
    "SET-34",
    "the version of the add-on must be a version of vpc-cni",
    Refused("EKS CreateAddon: InvalidParameterException, Addon version specified is not supported"),
)
.why("EKS refuses others")
.sources(&[&ADDON_VERSIONS])
.example("version: \"1.21\"", "version: v1.21.1-eksbuild.1");

pub static SUB_11: Rule = error(
    "SUB-11",
    "prefix delegation must have subnets of /26 or larger",
    Fails("EC2 AssignPrivateIpAddresses answers InsufficientCidrBlocks: pods wait for an address forever"),
)
.why("the reserved addresses break the first and the last /28, so a /27 has none left; with subnet discovery aws-node goes on to an open subnet that has")
.sources(&[&CNI_IPAMD])
.example("size: /27   # with prefix delegation", "size: /24");

pub static CN_02: Rule = error(
    "CN-02",
    "every zone with nodes must have a subnet for their pods",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("a node without an ENIConfig for its zone never becomes ready")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "customNetworking: { tier: pods }   # no such tier",
    "tiers: [{ name: pods, serves: [pods], size: /18 }]",
);

pub static CN_05: Rule = error(
    "CN-05",
    "nodes must have an interface left for pods",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("custom networking leaves the first interface to the node")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example("instanceTypes: [hpc6id.32xlarge]", "instanceTypes: [m6i.large]");

pub static CN_11: Rule = error(
    "CN-11",
    "several pod tiers must be selected by node group",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("a node has one ENIConfig, and its zone's name leads to one tier only: with several, a label of each group names it, zone by zone")
.sources(&[&BEST_CUSTOM_NETWORKING, &CNI_ENICONFIG])
.example(
    "nodeGroups: [{ name: batch, podTier: batch-pods }]",
    "awsNode: { customNetworking: { tier: pods } }\nnodeGroups: [{ name: batch, podTier: batch-pods }]",
);

pub static CN_09: Rule = warning("CN-09", "a pod tier should be used by pods")
    .why("aws-node uses no subnet that nothing refers to")
    .sources(&[&EKS_CUSTOM_NETWORKING])
    .example(
        "tiers: [{ name: pods, serves: [pods] }]",
        "awsNode: { customNetworking: { tier: pods } }",
    );

pub static CN_04: Rule = error(
    "CN-04",
    "pods without source NAT on the node must have an egress path of their own",
    Fails("packets of pods to the internet are dropped"),
)
.why("their packets leave by their own subnet's routes")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "snat: { external: true }\ntiers: [{ name: pods, egress: none }]",
    "snat: { external: true }\ntiers: [{ name: pods, egress: nat }]",
);

pub static CN_15: Rule =
    warning("CN-15", "pods without source NAT on the node should have a default route")
        .why("their packets leave by their own subnet's routes, and other networks may offer what they call, or not")
        .sources(&[&EKS_CUSTOM_NETWORKING])
        .example(
            "snat: { external: true }\ntiers: [{ name: pods, egress: none }]   # and a transit gateway to 10.0.0.0/8",
            "snat: { external: true }\ntiers: [{ name: pods, egress: nat }]",
        );

pub static NP_02: Rule = error(
    "NP-02",
    "network policies must not be used with the bandwidth plugin",
    Fails("network policies are not enforced"),
)
.why("both use the traffic-control hook of the interface")
.sources(&[&CNI_README])
.example(
    "networkPolicy: { enabled: true }\nenv: { ENABLE_BANDWIDTH_PLUGIN: \"true\" }",
    "networkPolicy: { enabled: true }",
);

pub static SD_02: Rule =
    warning("SD-02", "subnet discovery should not be used with custom networking")
        .why("custom networking comes first, discovery never runs")
        .sources(&[&CNI_IPAMD])
        .example(
            "subnetDiscovery: true\ncustomNetworking: { tier: pods }",
            "customNetworking: { tier: pods }",
        );

pub static CN_10: Rule = error(
    "CN-10",
    "security groups of pods must be ids",
    Refused("EC2 CreateNetworkInterface: InvalidGroupId.Malformed; nodes never become ready"),
)
.why("an ENIConfig accepts ids only, of 8 or 17 hexadecimal digits")
.sources(&[&CNI_CRD])
.example(
    "customNetworking: { tier: pods, securityGroups: [pods] }",
    "customNetworking: { tier: pods, securityGroups: [sg-0123456789abcdef0] }",
);

pub static SNAT_04: Rule = error(
    "SNAT-04",
    "with source NAT on the node, the nodes' tier must have the pods' egress path",
    Fails("packets of pods for outside of the VPC leave by the node's first interface: its subnet has no route, and they are dropped"),
)
.why("the pods' own route is used by no packet unless `snat.external` is true")
.sources(&[&EKS_EXTERNAL_SNAT, &EKS_CUSTOM_NETWORKING])
.example(
    "{ name: nodes, egress: none }\n{ name: pods, egress: nat }",
    "{ name: nodes, egress: nat }\n{ name: pods, egress: nat }",
);

pub static SNAT_05: Rule = warning("SNAT-05", "pods should leave through the egress of their tier")
    .why("while the node translates, they leave through the node's first interface and with its address, in every mode: the pod tier's own egress is not used")
    .sources(&[&EKS_EXTERNAL_SNAT, &EKS_CUSTOM_NETWORKING])
    .example(
        "{ name: nodes, egress: internet }\n{ name: pods, egress: nat }",
        "{ name: pods, egress: nat }\nawsNode: { snat: { external: true } }",
    );

pub static CN_13: Rule =
    warning("CN-13", "an interface of pods should have at most five security groups, each once")
        .why("more need a raised quota (L-2AFB9258): CreateNetworkInterface answers SecurityGroupsPerInterfaceLimitExceeded, and nodes never become ready")
        .sources(&[&VPC_QUOTAS, &RESOURCE_CONTROLLER_583])
        .example(
            "customNetworking: { tier: pods, securityGroups: [ 6 of them ] }",
            "customNetworking: { tier: pods, securityGroups: [ 5 of them ] }",
        );

pub static CN_14: Rule = error(
    "CN-14",
    "an interface must have at most 16 security groups",
    Refused("EC2 CreateNetworkInterface: SecurityGroupsPerInterfaceLimitExceeded; nodes never become ready"),
)
.why("no raised quota goes beyond")
.sources(&[&VPC_QUOTAS])
.example(
    "customNetworking: { tier: pods, securityGroups: [ 17 of them ] }",
    "customNetworking: { tier: pods, securityGroups: [ 5 of them ] }",
);
