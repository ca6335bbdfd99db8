//! Rules: zones.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&ZON_01, &ZON_02, &ZON_03, &ZON_04, &ZON_05, &CLU_04, &ZON_07, &ZON_08];

pub static ZON_01: Rule = error(
    "ZON-01",
    "zones must belong to the Region",
    Refused("EC2 CreateSubnet: InvalidParameterValue"),
)
.why("a zone of another Region has no subnets here")
.sources(&[&ZONES, &ZONE_IDS])
.example("zones: [us-east-1a]", "zones: [eu-west-1a]");

pub static ZON_02: Rule = error(
    "ZON-02",
    "a blueprint must not ask for more zones than the Region has",
    NotBuilt("there is no zone for the subnets"),
)
.why("a subnet needs a zone to be in")
.sources(&[&ZONES, &ZONE_IDS])
.example("zones: 9", "zones: 3");

pub static ZON_03: Rule =
    error("ZON-03", "a zone must be listed once", NotBuilt("two subnets would be one"))
        .why("one subnet per tier and zone")
        .sources(&[&HOUSE])
        .example("zones: [euw1-az1, euw1-az1]", "zones: [euw1-az1, euw1-az2]");

pub static ZON_04: Rule = error(
    "ZON-04",
    "zones must be given by name or by id, not both",
    NotBuilt("two words may mean one zone"),
)
.why("`eu-west-1a` is a different zone in each account, so it may or may not be `euw1-az1`; zones that are deployed by their ids cannot be matched by names")
.sources(&[&ZONES, &ZONE_IDS])
.example("zones: [eu-west-1a, euw1-az2]", "zones: [euw1-az1, euw1-az2]");

pub static ZON_05: Rule = error(
    "ZON-05",
    "tiers must use the zones of the blueprint",
    NotBuilt("the network has no such zone"),
)
.why("a tier can only be where the network is")
.sources(&[&HOUSE])
.example(
    "zones: 2\ntiers: [{ name: a, zones: [euw1-az3] }]",
    "zones: 3\ntiers: [{ name: a, zones: [euw1-az3] }]",
);

pub static CLU_04: Rule = error(
    "CLU-04",
    "control-plane subnets must be in zones that EKS supports",
    Refused("EKS CreateCluster: UnsupportedAvailabilityZoneException"),
)
.why("EKS answers UnsupportedAvailabilityZoneException")
.sources(&[&EKS_NETWORK])
.example("zones: [use1-az3, use1-az1]", "zones: [use1-az1, use1-az2]");

pub static ZON_07: Rule =
    warning("ZON-07", "zone names should not mean a zone without EKS control planes")
        .why("a name is a different zone in each account: in us-east-1, us-west-1 and ca-central-1 it may be the one in which EKS does not support control plane subnets (UnsupportedAvailabilityZoneException)")
        .sources(&[&EKS_NETWORK, &ZONE_IDS])
        .example(
            "region: us-east-1\nzones: [us-east-1a, us-east-1b]",
            "region: us-east-1\nzones: [use1-az1, use1-az2]",
        );

pub static ZON_08: Rule = warning("ZON-08", "zones should be among those that the Region is known to have")
    .why("EC2 creates no subnet in a zone that the account does not have; a zone that AWS added after this version of eksnet exists all the same, and `check --online` looks it up")
    .sources(&[&ZONES, &ZONE_IDS])
    .example("zones: [eu-west-1a, eu-west-1z]", "zones: [eu-west-1a, eu-west-1b]");
