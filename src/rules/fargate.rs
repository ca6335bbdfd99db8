//! Rules: Fargate.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&FG_01, &FG_02, &FG_03, &FG_05, &FG_07, &FG_08, &FG_06, &FG_09];

pub static FG_01: Rule = error(
    "FG-01",
    "Fargate pods must be in private subnets with an egress path",
    Refused("EKS CreateFargateProfile: InvalidParameterException"),
)
.why("EKS refuses subnets with a route to an internet gateway, and pods that cannot reach ECR never start; GovCloud has no Fargate on EKS")
.sources(&[&EKS_FARGATE])
.example("fargate: [{ name: jobs, tier: public, … }]", "fargate: [{ name: jobs, tier: nodes, … }]");

pub static FG_02: Rule = warning("FG-02", "Fargate profiles should be within EKS's quotas")
    .why("ten profiles in a cluster, five selectors in a profile, five labels in a selector, unless the quotas were raised")
    .sources(&[&EKS_QUOTAS])
    .example("selectors: [ 6 of them ]", "selectors: [ 5 of them ]");

pub static FG_03: Rule = error(
    "FG-03",
    "Fargate profile names must be unique words",
    NotBuilt("two resources would have one logical id, or EKS refuses the name"),
)
.why("lower-case letters, digits and `-`, since the name is part of a logical id; EKS keeps names that begin with `eks-`")
.sources(&[&HOUSE, &EKS_FARGATE_PROFILE])
.example("fargate: [{ name: eks-jobs, … }]", "fargate: [{ name: jobs, … }]");

pub static FG_05: Rule = error(
    "FG-05",
    "an add-on that is a Deployment must have nodes or a profile to run on",
    Fails("CoreDNS stays Pending: its add-on is DEGRADED for 20 minutes, and CloudFormation rolls the stack back"),
)
.why("a selector matches CoreDNS by the namespace `kube-system` and, if it has labels, by labels that CoreDNS has; `*` and `?` match any letters")
.sources(&[&EKS_FARGATE_START, &EKS_FARGATE_PROFILE, &ROADMAP_1687, &ROADMAP_1813])
.example(
    "fargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]   # and no node group",
    "selectors: [{ namespace: jobs }, { namespace: kube-system }]",
);

pub static FG_07: Rule = error(
    "FG-07",
    "selectors must name a namespace, and labels with keys and values",
    Refused("CloudFormation AWS::EKS::FargateProfile, EKS CreateFargateProfile: InvalidParameterException"),
)
.why("a profile has one selector at least; a namespace is not empty, a label's key has 1 to 127 characters and its value 1 to 255")
.sources(&[&CFN_FARGATE])
.example("selectors: [{ namespace: \"\" }]", "selectors: [{ namespace: jobs }]");

pub static FG_08: Rule = warning("FG-08", "Fargate should be used in zones that support it")
    .why("EKS refused profiles in some zones when it was last tried; preflight and EKS know better")
    .sources(&[&EKSCTL_5677])
    .example("zones: [cac1-az4, cac1-az1]", "zones: [cac1-az1, cac1-az2]");

pub static FG_06: Rule = warning("FG-06", "a cluster should have nodes that CoreDNS can use")
    .why("without any its add-on stays DEGRADED, and after 20 minutes the stack rolls back: it is left out of the default list, and pods resolve no names until you add it")
    .sources(&[&EKS_FARGATE_START, &PULUMI_1819, &TERRAFORM_3001])
    .example("cluster: {}", "cluster: {}\nnodeGroups: [{ name: general }]");

pub static FG_09: Rule = error(
    "FG-09",
    "selectors must name namespaces and labels that pods can have",
    Fails("Kubernetes refuses such a namespace or label on every pod, so that the selector matches none and the pods stay pending"),
)
.why("a namespace is a word of lower-case letters, digits and `-`, 63 characters at most; a label is `[domain/]name: value` of letters, digits, `-`, `_` and `.`; `*` and `?` stand for any letters")
.sources(&[&EKS_FARGATE_PROFILE, &K8S_LABELS, &K8S_NAMES])
.example(
    "selectors: [{ namespace: Jobs }]",
    "selectors: [{ namespace: jobs, labels: { team: data } }]",
);
