//! Rules: Fargate.

use super::{Rule, error};

const GUIDE: &str = "EKS user guide, AWS Fargate";

pub(super) const RULES: &[&Rule] = &[&FG_01, &FG_02, &FG_03, &FG_05];

pub static FG_01: Rule = error(
    "FG-01",
    "Fargate pods live in private subnets with a way out",
    "EKS refuses subnets with a route to an internet gateway, and pods without a way to ECR never start; GovCloud has no Fargate on EKS",
    GUIDE,
    ("fargate: [{ name: jobs, tier: public, … }]", "fargate: [{ name: jobs, tier: nodes, … }]"),
);

pub static FG_02: Rule = error(
    "FG-02",
    "ten profiles, five selectors each, five labels each",
    "EKS takes no more",
    "EKS service quotas",
    ("selectors: [ 6 of them ]", "selectors: [ 5 of them ]"),
);

pub static FG_03: Rule = error(
    "FG-03",
    "profile names are unique words",
    "the name is part of a logical id, and EKS takes none that begins with `eks-`",
    GUIDE,
    ("fargate: [{ name: eks-jobs, … }]", "fargate: [{ name: jobs, … }]"),
);

pub static FG_05: Rule = error(
    "FG-05",
    "a cluster without nodes has a profile for CoreDNS",
    "its pods stay pending, and with them the add-on and the stack",
    "EKS user guide, AWS Fargate, get started; aws/containers-roadmap issues 1687 and 1813",
    (
        "fargate: [{ name: jobs, selectors: [{ namespace: jobs }] }]   # and no node group",
        "selectors: [{ namespace: jobs }, { namespace: kube-system }]",
    ),
);
