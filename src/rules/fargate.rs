//! Rules: Fargate.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&FG_01, &FG_02, &FG_03, &FG_05, &FG_06];

pub static FG_01: Rule = error(
    "FG-01",
    "Fargate pods live in private subnets with a way out",
    Refused("EKS CreateFargateProfile: InvalidParameterException"),
)
.why("EKS refuses subnets with a route to an internet gateway, and pods without a way to ECR never start; GovCloud has no Fargate on EKS")
.sources(&[&EKS_FARGATE])
.example("fargate: [{ name: jobs, tier: public, … }]", "fargate: [{ name: jobs, tier: nodes, … }]");

pub static FG_02: Rule = error(
    "FG-02",
    "ten profiles, five selectors each, five labels each",
    Refused("EKS CreateFargateProfile: ResourceLimitExceededException"),
)
.why("EKS takes no more")
.sources(&[&EKS_QUOTAS])
.example("selectors: [ 6 of them ]", "selectors: [ 5 of them ]");

pub static FG_03: Rule = error(
    "FG-03",
    "profile names are unique words",
    Refused("EKS CreateFargateProfile: InvalidParameterException"),
)
.why("the name is part of a logical id, and EKS takes none that begins with `eks-`")
.sources(&[&EKS_FARGATE])
.example("fargate: [{ name: eks-jobs, … }]", "fargate: [{ name: jobs, … }]");

pub static FG_05: Rule = error(
    "FG-05",
    "an add-on that is a Deployment has somewhere to run",
    Fails("CoreDNS stays pending: its add-on is DEGRADED for 20 minutes, and CloudFormation rolls the stack back"),
)
.why("its pods stay pending, and with them the add-on and the stack")
.sources(&[&EKS_FARGATE_START, &ROADMAP_1687, &ROADMAP_1813])
.example(
    "fargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]   # and no node group",
    "selectors: [{ namespace: jobs }, { namespace: kube-system }]",
);

pub static FG_06: Rule = warning("FG-06", "a cluster has nodes that CoreDNS can use")
    .why("without any its add-on stays DEGRADED, and after 20 minutes the stack rolls back: it is left out of the default list, and no pod resolves names until you add it")
    .sources(&[&EKS_FARGATE_START, &PULUMI_1819, &TERRAFORM_3001])
    .example("cluster: {}", "cluster: {}\nnodeGroups: [{ name: general }]");
