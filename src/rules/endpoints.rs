//! Rules: VPC endpoints.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &PE_01, &PE_02, &PE_03, &PE_04, &PE_05, &PE_06, &PE_07, &PE_08, &PE_09, &PE_10, &PE_14, &PE_22,
    &PE_30, &EP_09, &PE_23, &PE_31];

pub static PE_01: Rule = error(
    "PE-01",
    "nodes without another way out reach ECR",
    Fails("nodes pull no image: aws-node never starts, and they never become ready"),
)
.why("images come from there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [ecr.api]", "endpoints: auto");

pub static PE_02: Rule = error(
    "PE-02",
    "nodes without another way out reach S3",
    Fails("nodes pull no image: aws-node never starts, and they never become ready"),
)
.why("ECR keeps the layers of images in S3")
.sources(&[&EKS_PRIVATE])
.example("exclude: [s3]", "endpoints: auto");

pub static PE_03: Rule = error(
    "PE-03",
    "nodes without another way out reach EC2",
    Fails("aws-node gets no answer from EC2: nodes never become ready"),
)
.why("aws-node asks EC2 for interfaces and addresses")
.sources(&[&EKS_PRIVATE])
.example("exclude: [ec2]", "endpoints: auto");

pub static PE_04: Rule =
    error("PE-04", "nodes without another way out reach STS", Fails("pods get no credentials"))
        .why("nodes and roles for service accounts sign in there")
        .sources(&[&EKS_PRIVATE])
        .example("exclude: [sts]", "endpoints: auto");

pub static PE_05: Rule = warning("PE-05", "nodes without another way out reach EKS")
    .why("nodes with an AMI of their own, Karpenter and people inside ask EKS for the cluster; managed nodes are told by EKS")
    .sources(&[&EKS_PRIVATE])
    .example("exclude: [eks]", "endpoints: auto");

pub static PE_06: Rule = error(
    "PE-06",
    "nodes without another way out reach EKS Auth",
    Fails("pods get no credentials"),
)
.why("Pod Identity gets its credentials there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [eks-auth]", "endpoints: auto");

pub static PE_07: Rule = error(
    "PE-07",
    "nodes without another way out reach Elastic Load Balancing",
    Fails("no load balancer is created"),
)
.why("the AWS Load Balancer Controller makes load balancers there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [elasticloadbalancing]", "endpoints: auto");

pub static PE_08: Rule = error(
    "PE-08",
    "nodes without another way out reach CloudWatch Logs",
    Fails("agents on nodes send no logs"),
)
.why("agents send there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [logs]", "endpoints: auto");

pub static PE_09: Rule = warning("PE-09", "nodes without another way out reach CloudWatch")
    .why("agents send their metrics there")
    .sources(&[&EKS_PRIVATE])
    .example("exclude: [monitoring]", "endpoints: auto");

pub static PE_10: Rule = error(
    "PE-10",
    "nodes without another way out reach Auto Scaling",
    Fails("node groups never scale"),
)
.why("Cluster Autoscaler asks there")
.sources(&[&EKS_PRIVATE])
.example("exclude: [autoscaling]", "endpoints: auto");

pub static PE_14: Rule = error(
    "PE-14",
    "nodes without another way out reach the services of their add-ons",
    Fails("the add-on's calls time out"),
)
.why("the add-on would wait for an answer")
.sources(&[&EKS_PRIVATE])
.example(
    "addons: [aws-efs-csi-driver]\nexclude: [elasticfilesystem]",
    "addons: [aws-efs-csi-driver]\nendpoints: auto",
);

pub static PE_22: Rule = error(
    "PE-22",
    "endpoints have an interface in every zone with nodes",
    Fails("nodes lose the service when the zone of its interface fails"),
)
.why("traffic to a zone without one crosses zones, and stops when that zone fails")
.sources(&[&EKS_PRIVATE])
.example("endpoints: { tier: edge }   # in one zone", "endpoints: { tier: nodes }");

pub static PE_30: Rule = error(
    "PE-30",
    "endpoints are for services that have them",
    Refused("EC2 CreateVpcEndpoint: InvalidServiceName"),
)
.why("EC2 refuses others with InvalidServiceName")
.sources(&[&CREATE_ENDPOINT])
.example("include: [ecr]", "include: [ecr.api, ecr.dkr]");

pub static EP_09: Rule = error(
    "EP-09",
    "nodes without a way out reach the API inside the VPC",
    Fails("nodes never join: the node group stops with NodeCreationFailure"),
)
.why("the public endpoint is on the internet")
.sources(&[&EKS_PRIVATE])
.example(
    "egress: none\nendpointAccess: { private: false, public: true }",
    "egress: none\nendpointAccess: { private: true, public: false }",
);

pub static PE_23: Rule = error(
    "PE-23",
    "endpoints let in whoever lives in the VPC and calls",
    Fails("private DNS leads the whole VPC to the endpoints, whose group drops the packets: calls time out"),
)
.why("a subnet that is not let in has no other way to the service, NAT or not")
.sources(&[&EKS_PRIVATE])
.example(
    "endpoints: { ingress: [192.168.0.0/24] }",
    "endpoints: { ingress: [vpc, 192.168.0.0/24] }",
);

pub static PE_31: Rule = warning("PE-31", "endpoints beside NAT are those that are meant")
    .why("`include` adds to everything that `auto` derives, and each interface costs by the hour in each zone")
    .sources(&[&EKS_PRIVATE])
    .example("egress: nat\nendpoints: { include: [s3] }", "egress: nat\nendpoints: [s3]");
