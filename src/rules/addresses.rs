//! Rules: addresses.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ADR_01, &ADR_02, &ADR_03, &ADR_04, &CLU_06, &ADR_05, &ADR_06];

pub static ADR_01: Rule = error(
    "ADR-01",
    "the size of an existing tier must not change",
    Fails("CloudFormation replaces the subnets: nothing in them keeps its address"),
)
.why("AWS cannot resize a subnet, so another size is another subnet: a second tier changes nothing that exists")
.sources(&[&HOUSE, &CFN_SUBNET])
.example("size: /19   # was /20", "a second tier with /19");

pub static ADR_06: Rule = warning("ADR-06", "a tier should be moved on purpose only")
    .why("with `--allow-move TIER` all subnets of the tier are replaced, and whatever is in them has to leave")
    .sources(&[&HOUSE, &CFN_SUBNET])
    .example("size: /19   # was /20, with --allow-move", "a second tier with /19");

pub static ADR_02: Rule = error(
    "ADR-02",
    "existing subnets must keep their CIDRs",
    Refused("EC2 CreateSubnet: InvalidSubnet.Conflict"),
)
.why("a pin in the place of an existing subnet would renumber it")
.sources(&[&HOUSE, &CFN_SUBNET])
.example(
    "cidrs: { euw1-az1: 10.40.64.0/20 }   # deployed at 10.40.0.0/20",
    "cidrs: { euw1-az1: 10.40.0.0/20 }",
);

pub static ADR_03: Rule = error(
    "ADR-03",
    "a CIDR that contains subnets must stay",
    Refused("EC2 DisassociateVpcCidrBlock: InvalidCidrBlock.InUse"),
)
.why("AWS refuses to remove a CIDR from a VPC while subnets use it")
.sources(&[&DISASSOCIATE_CIDR])
.example(
    "(a secondary CIDR removed, and `from` of the tier in it)",
    "(the tier first, then the CIDR)",
);

pub static ADR_04: Rule = error(
    "ADR-04",
    "every subnet must fit into its CIDR",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range, InvalidSubnet.Conflict"),
)
.why("a subnet needs an aligned free block of its size")
.sources(&[&CREATE_SUBNET])
.example("cidr: 10.40.0.0/22\nsize: /20", "cidr: 10.40.0.0/16\nsize: /20");

pub static CLU_06: Rule = error(
    "CLU-06",
    "a cluster must keep its zones",
    Refused("EKS UpdateClusterConfig: InvalidParameterException"),
)
.why("EKS refuses to change the set of zones that a cluster was created with")
.sources(&[&EKS_NETWORK])
.example("zones: 2   # was 3", "zones: 3");

pub static ADR_05: Rule =
    warning("ADR-05", "a tier that was sized by demand should still meet the demand")
        .why("an existing subnet never grows, so what outgrows it needs another tier")
        .sources(&[&HOUSE, &CFN_SUBNET])
        .example(
            "size: auto   # deployed as a /22, the node groups now require /20",
            "(a second tier with `size: auto`, and the new node groups there)",
        );
