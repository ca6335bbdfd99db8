//! Rules: egress.

use super::{Rule, error, warning};

const NAT: &str = "VPC user guide, NAT gateways";

pub(super) const RULES: &[&Rule] = &[&NAT_01, &NAT_02, &NAT_03, &NAT_05, &NAT_06, &NAT_14, &NAT_10];

pub static NAT_01: Rule = error(
    "NAT-01",
    "a NAT gateway has a public subnet to stand in",
    "it reaches the internet through the internet gateway of its own subnet",
    NAT,
    (
        "tiers: [{ name: nodes, egress: nat }]",
        "tiers: [{ name: public, egress: internet }, { name: nodes, egress: nat }]",
    ),
);

pub static NAT_02: Rule = error(
    "NAT-02",
    "tiers behind NAT have NAT",
    "a default route needs a target",
    NAT,
    (
        "egress: { nat: none }\ntiers: [{ name: nodes, egress: nat }]",
        "egress: { nat: single }\ntiers: [{ name: nodes, egress: nat }]",
    ),
);

pub static NAT_03: Rule = error(
    "NAT-03",
    "one Elastic IP for each zone",
    "each zone's NAT gateway has an address of its own",
    NAT,
    (
        "zones: 3\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }",
        "zones: 1\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }",
    ),
);

pub static NAT_05: Rule = warning(
    "NAT-05",
    "regional NAT gateways where they are offered",
    "they were not in GovCloud and China when they came",
    "VPC user guide, regional NAT gateways",
    ("region: us-gov-west-1\nnat: regional", "region: us-west-2\nnat: regional"),
);

pub static NAT_06: Rule = warning(
    "NAT-06",
    "a gateway has addresses for its connections",
    "55,000 simultaneous connections to one destination fit on an address; a gateway takes two, or eight with a raised quota",
    "VPC user guide, NAT gateways; VPC quotas, L-5F53652F",
    ("connections: 500000", "connections: 100000"),
);

pub static NAT_14: Rule = error(
    "NAT-14",
    "a gateway has at most eight addresses",
    "no raised quota goes beyond",
    "VPC user guide, NAT gateways; VPC quotas, L-5F53652F",
    ("connections: 500000", "connections: 100000"),
);

pub static NAT_10: Rule = error(
    "NAT-10",
    "one kind of NAT",
    "a tier's default route has one target",
    "eksnet",
    ("nat: { single: {}, perZone: {} }", "nat: { perZone: {} }"),
);
