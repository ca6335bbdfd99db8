//! Rules: zones.

use super::{Rule, error};

const EC2: &str = "EC2 DescribeAvailabilityZones; VPC user guide, AZ IDs";

pub(super) const RULES: &[&Rule] = &[&ZON_01, &ZON_02, &ZON_03, &ZON_04, &ZON_05, &CLU_04];

pub static ZON_01: Rule = error(
    "ZON-01",
    "zones are of the Region",
    "a zone of another Region has no subnets here",
    EC2,
    ("zones: [us-east-1a]", "zones: [eu-west-1a]"),
);

pub static ZON_02: Rule = error(
    "ZON-02",
    "as many zones as the Region has",
    "a subnet needs a zone to be in",
    EC2,
    ("zones: 9", "zones: 3"),
);

pub static ZON_03: Rule = error(
    "ZON-03",
    "each zone once",
    "one subnet per tier and zone",
    "eksnet",
    ("zones: [euw1-az1, euw1-az1]", "zones: [euw1-az1, euw1-az2]"),
);

pub static ZON_04: Rule = error(
    "ZON-04",
    "zone names or zone ids, not both",
    "`eu-west-1a` is another place in every account, so it may be `euw1-az1` or not",
    EC2,
    ("zones: [eu-west-1a, euw1-az2]", "zones: [euw1-az1, euw1-az2]"),
);

pub static ZON_05: Rule = error(
    "ZON-05",
    "tiers use the blueprint's zones",
    "a tier can only be where the network is",
    "eksnet",
    (
        "zones: 2\ntiers: [{ name: a, zones: [euw1-az3] }]",
        "zones: 3\ntiers: [{ name: a, zones: [euw1-az3] }]",
    ),
);

pub static CLU_04: Rule = error(
    "CLU-04",
    "no zone in which EKS makes no control plane",
    "EKS answers UnsupportedAvailabilityZoneException",
    "EKS user guide, network requirements",
    ("zones: [use1-az3, use1-az1]", "zones: [use1-az1, use1-az2]"),
);
