//! Rules: aws-node.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &SNAT_02, &SET_04, &SET_08, &SET_14, &SET_22, &SET_23, &SET_24, &SET_34, &SUB_11, &CN_02,
    &CN_05, &CN_11, &CN_09, &CN_04, &NP_02, &SD_02, &CN_10, &SNAT_04, &SNAT_05,
];

pub static SNAT_02: Rule = error(
    "SNAT-02",
    "without source NAT on the node, pods are in private subnets",
    Fails("packets of pods to the internet are dropped"),
)
.why("an internet gateway translates public addresses only, and pods have none")
.sources(&[&EKS_EXTERNAL_SNAT])
.example("snat: { external: true }\negress: internet", "snat: { external: true }\negress: nat");

pub static SET_04: Rule = warning("SET-04", "excluded ranges with source NAT on the node")
    .why("with `snat.external` there is no source NAT to be excluded from")
    .sources(&[&CNI_README])
    .example(
        "snat: { external: true, excludeCidrs: [10.0.0.0/8] }",
        "snat: { external: false, excludeCidrs: [10.0.0.0/8] }",
    );

pub static SET_08: Rule = error(
    "SET-08",
    "the pool can grow",
    Fails("new pods wait for an address forever"),
)
.why("a floor without spare addresses stops at the floor, and no target at all gives no prefix: pods wait for ever")
.sources(&[&CNI_3685, &CNI_MAIN])
.example("warm: { minimumIps: 20 }", "warm: { ips: 5, minimumIps: 20 }");

pub static SET_14: Rule = error(
    "SET-14",
    "strict security groups of pods let probes through",
    Fails("probes of pods with a branch interface fail, and the kubelet restarts them"),
)
.why("the kernel hands early packets to the wrong socket unless the init container says otherwise")
.sources(&[&EKS_POD_GROUPS])
.example(
    "securityGroupsForPods: { enforcing: strict }\nenv: { DISABLE_TCP_EARLY_DEMUX: \"false\" }",
    "securityGroupsForPods: { enforcing: strict }",
);

pub static SET_22: Rule = error(
    "SET-22",
    "every variable is known",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("aws-node ignores unknown variables, the add-on refuses them")
.sources(&[&CNI_README])
.example("env: { WARM_PREFIX: \"1\" }", "warm: { prefixes: 1 }");

pub static SET_23: Rule = error(
    "SET-23",
    "every variable has a value it takes",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("aws-node falls back to its default without a word, or does not start")
.sources(&[&CNI_README])
.example("env: { AWS_VPC_ENI_MTU: \"99999\" }", "env: { AWS_VPC_ENI_MTU: \"9001\" }");

pub static SET_24: Rule = warning("SET-24", "no setting that another one overrides")
    .why("it would look as if it did something")
    .sources(&[&CNI_IPAMD])
    .example("warm: { ips: 5, prefixes: 1 }", "warm: { ips: 5 }");

pub static SET_34: Rule = error(
    "SET-34",
    "the add-on's version is one",
    Refused("EKS CreateAddon: InvalidParameterException, Addon version specified is not supported"),
)
.why("EKS refuses others")
.sources(&[&ADDON_VERSIONS])
.example("version: \"1.21\"", "version: v1.21.1-eksbuild.1");

pub static SUB_11: Rule = error(
    "SUB-11",
    "prefixes need subnets of /26 or larger",
    Fails("EC2 AssignPrivateIpAddresses answers InsufficientCidrBlocks: pods wait for an address forever"),
)
.why("the reserved addresses break the first and the last /28, so a /27 has none left")
.sources(&[&CNI_IPAMD])
.example("size: /27   # with prefix delegation", "size: /24");

pub static CN_02: Rule = error(
    "CN-02",
    "every zone with nodes has a subnet for their pods",
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
    "nodes have an interface left for pods",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("custom networking leaves the first interface to the node")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example("instanceTypes: [hpc6id.32xlarge]", "instanceTypes: [m6i.large]");

pub static CN_11: Rule = error(
    "CN-11",
    "several tiers for pods go by node group",
    Fails("aws-node attaches no interface: nodes never become ready"),
)
.why("a node has one ENIConfig, and its zone's name leads to one tier only: with several, a label of each group names it, zone by zone")
.sources(&[&BEST_CUSTOM_NETWORKING, &CNI_ENICONFIG])
.example(
    "nodeGroups: [{ name: batch, podTier: batch-pods }]",
    "awsNode: { customNetworking: { tier: pods } }\nnodeGroups: [{ name: batch, podTier: batch-pods }]",
);

pub static CN_09: Rule = warning("CN-09", "a tier for pods is used by them")
    .why("aws-node takes no subnet that nothing points it to")
    .sources(&[&EKS_CUSTOM_NETWORKING])
    .example(
        "tiers: [{ name: pods, serves: [pods] }]",
        "awsNode: { customNetworking: { tier: pods } }",
    );

pub static CN_04: Rule = error(
    "CN-04",
    "without source NAT on the node, pods have a way out of their own",
    Fails("packets of pods to the internet are dropped"),
)
.why("their packets leave by their own subnet's routes")
.sources(&[&EKS_CUSTOM_NETWORKING])
.example(
    "snat: { external: true }\ntiers: [{ name: pods, egress: none }]",
    "snat: { external: true }\ntiers: [{ name: pods, egress: nat }]",
);

pub static NP_02: Rule = error(
    "NP-02",
    "network policy without the bandwidth plugin",
    Fails("network policies are not enforced"),
)
.why("both want the traffic-control hook of the interface")
.sources(&[&CNI_README])
.example(
    "networkPolicy: { enabled: true }\nenv: { ENABLE_BANDWIDTH_PLUGIN: \"true\" }",
    "networkPolicy: { enabled: true }",
);

pub static SD_02: Rule = warning("SD-02", "subnet discovery without custom networking")
    .why("custom networking comes first, discovery never runs")
    .sources(&[&CNI_IPAMD])
    .example(
        "subnetDiscovery: true\ncustomNetworking: { tier: pods }",
        "customNetworking: { tier: pods }",
    );

pub static CN_10: Rule = error(
    "CN-10",
    "security groups of pods are ids",
    Refused("EC2 CreateNetworkInterface: InvalidGroup.NotFound; nodes never become ready"),
)
.why("an ENIConfig takes ids only")
.sources(&[&CNI_CRD])
.example(
    "customNetworking: { tier: pods, securityGroups: [pods] }",
    "customNetworking: { tier: pods, securityGroups: [sg-0123456789abcdef0] }",
);

pub static SNAT_04: Rule = error(
    "SNAT-04",
    "while the node translates, the nodes' tier has the pods' way out",
    Fails("packets of pods for outside of the VPC leave by the node's first interface: its subnet has no route, and they are dropped"),
)
.why("the pods' own route is used by no packet unless `snat.external` is true")
.sources(&[&EKS_EXTERNAL_SNAT, &EKS_CUSTOM_NETWORKING])
.example(
    "{ name: nodes, egress: none }\n{ name: pods, egress: nat }",
    "{ name: nodes, egress: nat }\n{ name: pods, egress: nat }",
);

pub static SNAT_05: Rule = warning("SNAT-05", "pods leave the way their tier says")
    .why("while the node translates, they leave by the node's first interface and with its address, in every mode: the pod tier's own way out is used by no packet")
    .sources(&[&EKS_EXTERNAL_SNAT, &EKS_CUSTOM_NETWORKING])
    .example(
        "{ name: nodes, egress: internet }\n{ name: pods, egress: nat }",
        "{ name: pods, egress: nat }\nawsNode: { snat: { external: true } }",
    );
