//! Rules: egress.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&NAT_01, &NAT_02, &NAT_03, &NAT_05, &NAT_06, &NAT_14, &NAT_10];

pub static NAT_01: Rule = error(
    "NAT-01",
    "a NAT gateway must have a public subnet",
    Refused("EC2 CreateNatGateway: Gateway.NotAttached"),
)
.why("it reaches the internet through the internet gateway of its own subnet")
.sources(&[&VPC_NAT])
.example(
    "tiers: [{ name: nodes, egress: nat }]",
    "tiers: [{ name: public, egress: internet }, { name: nodes, egress: nat }]",
);

pub static NAT_02: Rule = error(
    "NAT-02",
    "tiers with `egress: nat` must have a NAT gateway",
    NotBuilt("the default route has no target"),
)
.why("a default route needs a target")
.sources(&[&VPC_NAT])
.example(
    "egress: { nat: none }\ntiers: [{ name: nodes, egress: nat }]",
    "egress: { nat: single }\ntiers: [{ name: nodes, egress: nat }]",
);

pub static NAT_03: Rule = error(
    "NAT-03",
    "each zone must have one Elastic IP for its NAT gateway",
    NotBuilt("a NAT gateway has no address"),
)
.why("each zone's NAT gateway has an address of its own")
.sources(&[&VPC_NAT])
.example(
    "zones: 3\negress: { nat: { perZone: { elasticIps: [eipalloc-00000000000000001] } } }",
    "zones: 1\negress: { nat: { perZone: { elasticIps: [eipalloc-00000000000000001] } } }",
);

pub static NAT_05: Rule =
    warning("NAT-05", "regional NAT gateways should be used only in Regions that offer them")
        .why("they were not available in GovCloud and China when they were launched")
        .sources(&[&VPC_NAT_REGIONAL])
        .example("region: us-gov-west-1\nnat: regional", "region: us-west-2\nnat: regional");

pub static NAT_06: Rule = warning("NAT-06", "a NAT gateway should have enough addresses for its connections")
    .why("55,000 simultaneous connections to one destination fit on an address; a gateway accepts two, or eight with a raised quota")
    .sources(&[&VPC_NAT, &VPC_QUOTAS])
    .example("connections: 500000", "connections: 100000");

pub static NAT_14: Rule = error(
    "NAT-14",
    "a NAT gateway must have at most eight addresses",
    Refused("EC2 AssociateNatGatewayAddress: NatGatewayAddressLimitExceeded"),
)
.why("no raised quota goes beyond")
.sources(&[&VPC_NAT, &VPC_QUOTAS])
.example("connections: 500000", "connections: 100000");

pub static NAT_10: Rule = error(
    "NAT-10",
    "a blueprint must use one kind of NAT",
    NotBuilt("the default route has two targets"),
)
.why("a tier's default route has one target")
.sources(&[&HOUSE])
.example("nat: { single: {}, perZone: {} }", "nat: { perZone: {} }");
