//! Rules: tags.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&TAG_11, &TAG_15, &TAG_16, &TAG_17, &TAG_19, &TAG_20, &TAG_21, &TAG_22];

pub static TAG_11: Rule = warning(
    "TAG-11",
    "load balancers should be in subnets where they can be reached, one kind per tier",
)
.why("an internet-facing load balancer without a route to the internet cannot answer, and a subnet with both role tags gets both kinds")
.sources(&[&LBC])
.example(
    "serves: [externalLoadBalancers]\negress: nat",
    "serves: [externalLoadBalancers]\negress: internet",
);

pub static TAG_15: Rule = error(
    "TAG-15",
    "tags must be within AWS's limits",
    Refused("EC2 CreateTags, EKS CreateCluster, IAM CreateRole: InvalidParameterValue, ValidationError"),
)
.why("keys have 1 to 128 characters, values at most 256, `aws:` is reserved, 50 for each resource; IAM and EKS accept letters, digits, spaces and `_ . : / = + - @`")
.sources(&[&EC2_TAGS, &IAM_TAGS])
.example("tags: { \"aws:x\": y }", "tags: { x: y }");

pub static TAG_16: Rule = error(
    "TAG-16",
    "subnets of pods alone must not serve load balancers",
    Fails("load balancers take addresses from pods, in subnets that are sized without them: pods stay pending where the plan has room"),
)
.why("a tier of pods is sized for these alone, and its subnets never have the tags by which load balancers are placed")
.sources(&[&BEST_SUBNETS])
.example("serves: [pods, internalLoadBalancers]", "serves: [pods]");

pub static TAG_17: Rule = error(
    "TAG-17",
    "keys of node group tags and labels must not be CloudFormation functions",
    Refused("CloudFormation CreateChangeSet: ValidationError, Template format error"),
)
.why("EKS reads them as a mapping, in which `Ref` or `Fn::…` is a reference; tags of a list, such as those of subnets, are not read so")
.sources(&[&CFN_FUNCTIONS])
.example(
    "nodeGroups: [{ name: a, tags: { Ref: Vpc } }]",
    "nodeGroups: [{ name: a, tags: { ref: Vpc } }]",
);

pub static TAG_19: Rule =
    warning("TAG-19", "tags of subnets should use characters that every service accepts")
        .why("EC2 accepts any; cost reports, policies and other services that read them do not")
        .sources(&[&EC2_TAGS])
        .example(
            "tags: { note: \"batch, nightly (team A)\" }",
            "tags: { note: batch nightly - team A }",
        );

pub static TAG_20: Rule = error(
    "TAG-20",
    "tag keys of a stack with roles must differ in more than case",
    Refused("IAM CreateRole: InvalidInput, Duplicate tag keys found. Please note that Tag keys are case insensitive"),
)
.why("IAM ignores case in keys, and every role has eksnet's own `Name`")
.sources(&[&IAM_TAGS, &KOPS_11727])
.example("tags: { Env: prod, env: prod }", "tags: { env: prod }");

pub static TAG_21: Rule = error(
    "TAG-21",
    "a placeholder in a tag must be known there",
    NotBuilt("nothing says what the tag should have"),
)
.why("`${cluster}` and `${name}` stand for the blueprint's name in every tag, `${zone}` for the zone in tags of tiers")
.sources(&[&HOUSE])
.example("tags: { owner: \"${clustr}\" }", "tags: { owner: \"${cluster}\" }");

pub static TAG_22: Rule = warning(
    "TAG-22",
    "load balancers should be in other subnets than the control plane",
)
.why("AWS accepts both in one subnet, as its sample VPC has them; load balancers grow by up to eight addresses each there, and an upgrade of the cluster fails for want of five free ones")
.sources(&[&BEST_SUBNETS, &EKS_NETWORK])
.example(
    "serves: [controlPlane, internalLoadBalancers]",
    "serves: [controlPlane]",
);
