//! Rules: VPC endpoints.

use super::{Rule, error, warning};

const PRIVATE: &str = "EKS user guide, private clusters";

const fn missing(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    service: (&'static str, &'static str),
) -> Rule {
    error(id, title, why, PRIVATE, service)
}

pub(super) const RULES: &[&Rule] = &[
    &PE_01, &PE_02, &PE_03, &PE_04, &PE_05, &PE_06, &PE_07, &PE_08, &PE_09, &PE_10, &PE_14, &PE_22,
    &PE_30, &EP_09,
];

pub static PE_01: Rule = missing(
    "PE-01",
    "nodes without another way out reach ECR",
    "images come from there",
    ("exclude: [ecr.api]", "endpoints: auto"),
);

pub static PE_02: Rule = missing(
    "PE-02",
    "nodes without another way out reach S3",
    "ECR keeps the layers of images in S3",
    ("exclude: [s3]", "endpoints: auto"),
);

pub static PE_03: Rule = missing(
    "PE-03",
    "nodes without another way out reach EC2",
    "aws-node asks EC2 for interfaces and addresses",
    ("exclude: [ec2]", "endpoints: auto"),
);

pub static PE_04: Rule = missing(
    "PE-04",
    "nodes without another way out reach STS",
    "nodes and roles for service accounts sign in there",
    ("exclude: [sts]", "endpoints: auto"),
);

pub static PE_05: Rule = warning(
    "PE-05",
    "nodes without another way out reach EKS",
    "nodes with an AMI of their own, Karpenter and people inside ask EKS for the cluster; managed nodes are told by EKS",
    PRIVATE,
    ("exclude: [eks]", "endpoints: auto"),
);

pub static PE_06: Rule = missing(
    "PE-06",
    "nodes without another way out reach EKS Auth",
    "Pod Identity gets its credentials there",
    ("exclude: [eks-auth]", "endpoints: auto"),
);

pub static PE_07: Rule = missing(
    "PE-07",
    "nodes without another way out reach Elastic Load Balancing",
    "the AWS Load Balancer Controller makes load balancers there",
    ("exclude: [elasticloadbalancing]", "endpoints: auto"),
);

pub static PE_08: Rule = missing(
    "PE-08",
    "nodes without another way out reach CloudWatch Logs",
    "agents send there",
    ("exclude: [logs]", "endpoints: auto"),
);

pub static PE_09: Rule = warning(
    "PE-09",
    "nodes without another way out reach CloudWatch",
    "agents send their metrics there",
    PRIVATE,
    ("exclude: [monitoring]", "endpoints: auto"),
);

pub static PE_10: Rule = missing(
    "PE-10",
    "nodes without another way out reach Auto Scaling",
    "Cluster Autoscaler asks there",
    ("exclude: [autoscaling]", "endpoints: auto"),
);

pub static PE_14: Rule = missing(
    "PE-14",
    "nodes without another way out reach the services of their add-ons",
    "the add-on would wait for an answer",
    (
        "addons: [aws-efs-csi-driver]\nexclude: [elasticfilesystem]",
        "addons: [aws-efs-csi-driver]\nendpoints: auto",
    ),
);

pub static PE_22: Rule = error(
    "PE-22",
    "endpoints have an interface in every zone with nodes",
    "traffic to a zone without one crosses zones, and stops when that zone fails",
    PRIVATE,
    ("endpoints: { tier: edge }   # in one zone", "endpoints: { tier: nodes }"),
);

pub static PE_30: Rule = error(
    "PE-30",
    "endpoints are for services that have them",
    "EC2 refuses others with InvalidServiceName",
    "EC2 API reference, CreateVpcEndpoint",
    ("include: [ecr]", "include: [ecr.api, ecr.dkr]"),
);

pub static EP_09: Rule = error(
    "EP-09",
    "nodes without a way out reach the API inside the VPC",
    "the public endpoint is on the internet",
    PRIVATE,
    (
        "egress: none\nendpointAccess: { private: false, public: true }",
        "egress: none\nendpointAccess: { private: true, public: false }",
    ),
);
