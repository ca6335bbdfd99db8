//! Rules: capacity.

use super::{Rule, error, warning};

const IPAMD: &str = "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd";

pub(super) const RULES: &[&Rule] = &[&CAP_01, &CAP_02, &CAP_03, &SIZ_02, &QUO_01, &QUO_02];

pub static CAP_01: Rule = warning(
    "CAP-01",
    "the node groups' maximum fits",
    "aws-node leaves pods in ContainerCreating when their subnet is full; an update of all nodes starts new ones beside the old",
    IPAMD,
    ("size: /26\nscaling: { max: 60 }", "size: /20\nscaling: { max: 60 }"),
);

pub static CAP_02: Rule = error(
    "CAP-02",
    "the nodes that are wanted at once fit",
    "the node group would wait for them until it fails with AsgInstanceLaunchFailures",
    "EKS API reference, node group issues",
    (
        "size: /28\nscaling: { desired: 30, max: 30 }",
        "size: /20\nscaling: { desired: 30, max: 30 }",
    ),
);

pub static CAP_03: Rule = warning(
    "CAP-03",
    "prefixes fit even among scattered addresses",
    "a prefix is a whole /28: single addresses scattered over a subnet spoil blocks that the sum of free addresses still counts",
    "amazon-vpc-cni-k8s issue 2749; EC2 InsufficientCidrBlocks",
    ("(nodes and prefixes in one subnet, nearly full)", "(a tier for pods only, or a larger one)"),
);

pub static SIZ_02: Rule = warning(
    "SIZ-02",
    "room is left for what nobody planned",
    "above four fifths, or with no room for the nodes of a zone that fails, the first surprise fills the subnet",
    "EKS best practices, IP optimisation",
    ("(84 % planned)", "(60 % planned)"),
);

pub static QUO_01: Rule = warning(
    "QUO-01",
    "node groups keep to EKS's quotas",
    "450 nodes in a group, 30 groups in a cluster, unless the quota was raised",
    "EKS service quotas",
    ("scaling: { max: 500 }", "scaling: { max: 400 }"),
);

pub static QUO_02: Rule = warning(
    "QUO-02",
    "a VPC has 64,000 address units",
    "AWS refuses further addresses beyond them unless the quota is raised (256,000 at most)",
    "VPC quotas, L-BB24F6E5",
    (
        "prefixDelegation: false\nscaling: { max: 1500 }",
        "prefixDelegation: true\nscaling: { max: 1500 }",
    ),
);
