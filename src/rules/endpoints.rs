//! Rules: VPC endpoints.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &PE_01, &PE_02, &PE_03, &PE_04, &PE_05, &PE_06, &PE_07, &PE_08, &PE_09, &PE_10, &PE_14, &PE_31,
    &PE_22, &PE_30, &PE_33, &PE_34, &PE_32, &PE_35, &EP_09, &PE_23,
];

pub static PE_01: Rule = error(
    "PE-01",
    "nodes without another egress path must reach ECR",
    Fails("nodes pull no image: aws-node never starts, and they never become ready"),
)
.why("images come from there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [ecr.api]", "endpoints: auto");

pub static PE_02: Rule = error(
    "PE-02",
    "nodes without another egress path must reach S3",
    Fails("nodes pull no image: aws-node never starts, and they never become ready"),
)
.why("ECR keeps the layers of images in S3")
.sources(&[&EKS_PRIVATE])
.example("exclude: [s3]", "endpoints: auto");

pub static PE_03: Rule = error(
    "PE-03",
    "nodes without another egress path must reach EC2",
    Fails("aws-node gets no answer from EC2: nodes never become ready"),
)
.why("aws-node asks EC2 for interfaces and addresses")
.sources(&[&EKS_PRIVATE])
.example("exclude: [ec2]", "endpoints: auto");

pub static PE_04: Rule = error(
    "PE-04",
    "pods that sign in with a token must reach STS",
    Fails("pods get no credentials"),
)
.why("IAM roles for service accounts, those of add-ons too, and pods on Fargate ask STS")
.sources(&[&EKS_PRIVATE])
.example("awsNode: { role: irsa }\nexclude: [sts]", "awsNode: { role: irsa }\nendpoints: auto");

pub static PE_05: Rule = warning("PE-05", "nodes without another egress path should reach EKS")
    .why("nodes with an AMI of their own, Karpenter and people inside ask EKS for the cluster; managed nodes get it from EKS")
    .sources(&[&EKS_PRIVATE])
    .example("exclude: [eks]", "endpoints: auto");

pub static PE_06: Rule = error(
    "PE-06",
    "nodes without another egress path must reach EKS Auth",
    Fails("pods get no credentials"),
)
.why("Pod Identity gets its credentials there")
.sources(&[&EKS_POD_IDENTITY_AGENT])
.example("exclude: [eks-auth]", "endpoints: auto");

pub static PE_07: Rule = warning(
    "PE-07",
    "nodes without another egress path should reach Elastic Load Balancing",
)
.why("the AWS Load Balancer Controller creates load balancers through it, if it is installed")
.sources(&[&EKS_PRIVATE])
.example("exclude: [elasticloadbalancing]", "endpoints: auto");

pub static PE_08: Rule = error(
    "PE-08",
    "nodes without another egress path must reach CloudWatch Logs",
    Fails("agents on nodes send no logs"),
)
.why("agents send there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [logs]", "endpoints: auto");

pub static PE_09: Rule =
    warning("PE-09", "nodes without another egress path should reach CloudWatch")
        .why("agents send their metrics there")
        .sources(&[&CLOUDWATCH_ENDPOINT])
        .example("exclude: [monitoring]", "endpoints: auto");

pub static PE_10: Rule =
    warning("PE-10", "nodes without another egress path should reach Auto Scaling")
        .why("Cluster Autoscaler asks there, if it is installed")
        .sources(&[&EKS_PRIVATE])
        .example("exclude: [autoscaling]", "endpoints: auto");

pub static PE_14: Rule = warning(
    "PE-14",
    "nodes without another egress path should reach the services of their add-ons",
)
.why("the add-on's calls time out, unless it is set up to make none")
.sources(&[&EKS_PRIVATE])
.example(
    "addons: [aws-efs-csi-driver]\nexclude: [elasticfilesystem]",
    "addons: [aws-efs-csi-driver]\nendpoints: auto",
);

pub static PE_31: Rule = warning("PE-31", "nodes without another egress path should reach STS")
    .why("nodes and EKS Pod Identity do without it; Cluster Autoscaler, and roles for service accounts of your own, ask STS")
    .sources(&[&EKS_PRIVATE])
    .example("exclude: [sts]", "endpoints: auto");

pub static PE_22: Rule = warning(
    "PE-22",
    "endpoints should have an interface in every zone with nodes",
)
.why(
    "what is sent from a zone without one crosses zones, and stops when the interface's zone fails",
)
.sources(&[&INTERFACE_ENDPOINTS])
.example("endpoints: { tier: edge }   # in one zone", "endpoints: { tier: nodes }");

pub static PE_30: Rule = error(
    "PE-30",
    "endpoints must name services as AWS does",
    Refused("EC2 CreateVpcEndpoint: InvalidServiceName"),
)
.why("a service is named as behind `com.amazonaws.<Region>.`")
.sources(&[&CREATE_ENDPOINT])
.example("include: [ecr]", "include: [ecr.api, ecr.dkr]");

pub static PE_33: Rule = warning("PE-33", "endpoints should name known services")
    .why("a service that this version of eksnet does not know may have endpoints: it is created as an interface endpoint, and EC2 refuses it if it has none")
    .sources(&[&CREATE_ENDPOINT])
    .example("include: [quantum-telegraph]", "include: [bedrock-runtime]");

pub static PE_34: Rule = error(
    "PE-34",
    "the Region and its zones must have the endpoint services",
    Refused("EC2 CreateVpcEndpoint: InvalidServiceName, or InvalidParameter for a subnet in a zone without the service"),
)
.why("younger Regions have fewer services, and not every service is in every zone: EC2 refuses the endpoint, and the stack is rolled back")
.sources(&[&CREATE_ENDPOINT, &ENDPOINT_SERVICES])
.example("include: [ec2messages]   # in mx-central-1", "include: [ssmmessages]");

pub static PE_32: Rule = error(
    "PE-32",
    "endpoints must be in a tier of the blueprint",
    NotBuilt("their interfaces have no subnets"),
)
.why("an interface endpoint has an interface in a subnet of each zone")
.sources(&[&HOUSE])
.example("endpoints: { tier: none-such }", "endpoints: { tier: nodes }");

pub static PE_35: Rule = error(
    "PE-35",
    "a list of endpoints must be whole, or a change of `auto`",
    NotBuilt("the two contradict each other"),
)
.why("`only` is all of the endpoints; `include` and `exclude` add to what the blueprint uses, and leave parts of it out")
.sources(&[&HOUSE])
.example(
    "endpoints: { only: [s3], include: [kms] }",
    "endpoints: { only: [s3, kms] }",
);

pub static EP_09: Rule = error(
    "EP-09",
    "nodes without an egress path must reach the API inside of the VPC",
    Fails("nodes never join: the node group stops with NodeCreationFailure, node claims of Auto Mode never become nodes"),
)
.why("the public endpoint is on the internet")
.sources(&[&EKS_PRIVATE])
.example(
    "egress: none\nendpointAccess: { private: false, public: true }",
    "egress: none\nendpointAccess: { private: true, public: false }",
);

pub static PE_23: Rule = error(
    "PE-23",
    "security groups of endpoints must admit callers in the VPC",
    Fails("private DNS leads the whole VPC to the endpoints, whose group drops the packets: calls time out"),
)
.why("a subnet that is not admitted has no other path to the service, NAT or not")
.sources(&[&EKS_PRIVATE])
.example(
    "endpoints: { ingress: [192.168.0.0/24] }",
    "endpoints: { ingress: [vpc, 192.168.0.0/24] }",
);
