//! Rules: tags.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&TAG_11, &TAG_15, &TAG_16, &TAG_17];

pub static TAG_11: Rule = warning(
    "TAG-11",
    "load balancers where they can be reached, one kind per tier",
)
.why("an internet-facing load balancer without a route to the internet answers nobody, and a subnet with both role tags gets both kinds")
.sources(&[&LBC])
.example(
    "serves: [externalLoadBalancers]\negress: nat",
    "serves: [externalLoadBalancers]\negress: internet",
);

pub static TAG_15: Rule = error(
    "TAG-15",
    "tags keep to AWS's limits",
    Refused("EC2 CreateTags: InvalidParameterValue, TagLimitExceeded"),
)
.why("keys have 1 to 128 characters, values at most 256, `aws:` is AWS's, 50 per resource")
.sources(&[&EC2_TAGS])
.example("tags: { \"aws:x\": y }", "tags: { x: y }");

pub static TAG_16: Rule = warning("TAG-16", "no load balancers in pod or control-plane subnets")
    .why("they would take the addresses that pods and upgrades need")
    .sources(&[&BEST_SUBNETS])
    .example("serves: [controlPlane, internalLoadBalancers]", "serves: [controlPlane]");

pub static TAG_17: Rule = error(
    "TAG-17",
    "no key that CloudFormation reads as a function",
    Refused("CloudFormation CreateChangeSet: ValidationError"),
)
.why("a mapping with `Ref` or `Fn::…` is a reference in a template")
.sources(&[&CFN_FUNCTIONS])
.example("tags: { Ref: Vpc }", "tags: { ref: Vpc }");
