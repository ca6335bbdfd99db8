//! Rules: the stack as a whole.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&CFN_01, &CFN_02, &CFN_03, &CFN_04];

const REFUSED: super::Consequence =
    Refused("CloudFormation CreateChangeSet: ValidationError, Template format error");

pub static CFN_01: Rule = error("CFN-01", "a stack must have at most 500 resources", REFUSED)
    .why("the quota of CloudFormation cannot be raised; every zone multiplies routes, rules and subnets")
    .sources(&[&CFN_QUOTAS])
    .example("(60 tiers in 3 zones)", "(two blueprints of 30 tiers)");

pub static CFN_02: Rule = error("CFN-02", "a template must be at most 1 MB", REFUSED)
    .why("CloudFormation reads no larger one, from a bucket either")
    .sources(&[&CFN_QUOTAS])
    .example("(tags of 256 letters on 500 resources)", "(fewer or shorter tags)");

pub static CFN_03: Rule = error("CFN-03", "a stack must have at most 200 outputs", REFUSED)
    .why("each tier and each endpoint has outputs for stacks built beside it")
    .sources(&[&CFN_QUOTAS])
    .example("(100 tiers)", "(two blueprints of 50 tiers)");

pub static CFN_04: Rule = error(
    "CFN-04",
    "every resource must have a logical id of its own",
    NotBuilt("one of the two resources would be left out"),
)
.why("logical ids consist of names and zone ids, without hyphens")
.sources(&[&CFN_LOGICAL_IDS])
.example(
    "nodeGroups: [{ name: a }, { name: a-in-use1-az6 }]\n(and `a` in a zone that came later)",
    "nodeGroups: [{ name: a }, { name: b }]",
);
