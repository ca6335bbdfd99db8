//! Rules: addresses.

use super::{Rule, error, warning};

const NEVER: &str =
    "eksnet: addresses never move; CloudFormation: CidrBlock of a subnet is create-only";

pub(super) const RULES: &[&Rule] = &[&ADR_01, &ADR_02, &ADR_03, &ADR_04, &CLU_06, &ADR_05];

pub static ADR_01: Rule = warning(
    "ADR-01",
    "a tier keeps its size",
    "AWS cannot resize a subnet, so another size is another subnet: this tier is replaced, and only this one",
    NEVER,
    ("size: /19   # was /20", "a second tier with /19"),
);

pub static ADR_02: Rule = error(
    "ADR-02",
    "what stands does not move",
    "a pin that takes a standing subnet's place would renumber it",
    NEVER,
    (
        "cidrs: { euw1-az1: 10.40.64.0/20 }   # stands at 10.40.0.0/20",
        "cidrs: { euw1-az1: 10.40.0.0/20 }",
    ),
);

pub static ADR_03: Rule = error(
    "ADR-03",
    "a CIDR with subnets stays",
    "AWS refuses to take a CIDR from a VPC while subnets use it",
    "EC2 API reference, DisassociateVpcCidrBlock",
    ("(a secondary CIDR removed, its tier not)", "(the tier first, then the CIDR)"),
);

pub static ADR_04: Rule = error(
    "ADR-04",
    "everything fits",
    "a subnet needs an aligned free block of its size",
    "EC2 API reference, CreateSubnet",
    ("cidr: 10.40.0.0/22\nsize: /20", "cidr: 10.40.0.0/16\nsize: /20"),
);

pub static CLU_06: Rule = error(
    "CLU-06",
    "a cluster keeps its zones",
    "EKS refuses to change the set of zones that a cluster was made with",
    "EKS user guide, network requirements",
    ("zones: 2   # was 3", "zones: 3"),
);

pub static ADR_05: Rule = warning(
    "ADR-05",
    "a tier sized by demand still meets it",
    "a subnet that stands never grows, so what outgrows it needs another tier",
    NEVER,
    (
        "size: auto   # stands at /22, the node groups now ask for /20",
        "(a second tier with `size: auto`, and the new node groups there)",
    ),
);
