//! Rules: IAM roles, service accounts with roles, Karpenter.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &IAM_01, &IAM_02, &IAM_03, &IAM_05, &IAM_06, &POD_01, &POD_02, &POD_03, &POD_04, &KAR_01,
    &KAR_02,
];

pub static IAM_01: Rule = error(
    "IAM-01",
    "roles, their paths and boundaries must have IAM's forms",
    Refused("IAM CreateRole: ValidationError; EKS CreateCluster: InvalidParameterException"),
)
.why("ARNs are of the Region's partition, a path begins and ends with a slash, a name has 64 letters at most")
.sources(&[&CREATE_ROLE, &IAM_QUOTAS])
.example("iam: { path: eks }", "iam: { path: /eks/ }");

pub static IAM_02: Rule = error(
    "IAM-02",
    "a role must be named or exist, and each must have its own name",
    Refused("IAM CreateRole: EntityAlreadyExists"),
)
.why("names of roles are unique in an account, whatever their case and path; a role that exists has its name already")
.sources(&[&CREATE_ROLE])
.example(
    "iam: { roles: { cluster: { name: eks }, nodes: { name: EKS } } }",
    "iam: { roles: { cluster: { name: eks }, nodes: { name: eks-nodes } } }",
);

pub static IAM_03: Rule = warning("IAM-03", "settings of a role should have a role")
    .why("the cluster has nodes without a role here, or aws-node uses the nodes' role or is not there")
    .sources(&[&HOUSE])
    .example(
        "iam: { roles: { awsNode: { name: cni } } }\nawsNode: { role: nodeRole }",
        "iam: { roles: { awsNode: { name: cni } } }",
    );

pub static IAM_05: Rule = error(
    "IAM-05",
    "roles and policies that the stack uses must be of one account",
    Refused("IAM PassRole: AccessDenied, Cross-account pass role is not allowed; IAM AttachRolePolicy: NoSuchEntity"),
)
.why("a service is given a role of its own account only, and a role has policies and boundaries of its own account or of AWS")
.sources(&[&IAM_PASS_ROLE])
.example(
    "iam: { roles: { cluster: { arn: arn:aws:iam::111122223333:role/a }, nodes: { arn: arn:aws:iam::444455556666:role/b } } }",
    "iam: { roles: { cluster: { arn: arn:aws:iam::111122223333:role/a }, nodes: { arn: arn:aws:iam::111122223333:role/b } } }",
);

pub static IAM_06: Rule = warning("IAM-06", "cluster and nodes should have a role each")
    .why("EKS accepts one role that trusts both, and its guide says not to use the role of a cluster for nodes: every pod that reaches the metadata of its node would have the control plane's permissions")
    .sources(&[&EKS_NODE_ROLE])
    .example(
        "iam: { roles: { cluster: { arn: …role/eks }, nodes: { arn: …role/eks } } }",
        "iam: { roles: { cluster: { arn: …role/eks }, nodes: { arn: …role/nodes } } }",
    );

pub static POD_01: Rule = error(
    "POD-01",
    "a service account must be named in Kubernetes' form, with either policies or a role",
    Refused("EKS CreatePodIdentityAssociation: InvalidParameterException; IAM AttachRolePolicy: InvalidInput"),
)
.why("EKS associates one role; policies are named by ARN, 25 at most once the quota is raised")
.sources(&[&CREATE_ASSOCIATION, &IAM_QUOTAS])
.example(
    "podIdentities: [{ namespace: apps, serviceAccount: s3 }]",
    "podIdentities: [{ namespace: apps, serviceAccount: s3, policies: [\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"] }]",
);

pub static POD_02: Rule = error(
    "POD-02",
    "a service account must have one role",
    Refused("EKS CreatePodIdentityAssociation: ResourceInUseException"),
)
.why("add-ons and aws-node have theirs from eksnet; EKS refuses a second association")
.sources(&[&CREATE_ASSOCIATION])
.example(
    "addons: [aws-ebs-csi-driver]\npodIdentities: [{ namespace: kube-system, serviceAccount: ebs-csi-controller-sa, … }]",
    "addons: [{ name: aws-ebs-csi-driver, role: none }]\npodIdentities: [{ namespace: kube-system, serviceAccount: ebs-csi-controller-sa, … }]",
);

pub static POD_03: Rule = error(
    "POD-03",
    "the Pod Identity agent must be installed for roles of service accounts",
    Fails("pods start without credentials: their calls to AWS are refused"),
)
.why("the agent runs on every node and answers the SDKs; Auto Mode has it built in")
.sources(&[&EKS_ADDON_ROLES])
.example(
    "addons: [coredns, kube-proxy]\npodIdentities: [ … ]",
    "addons: [coredns, kube-proxy, eks-pod-identity-agent]\npodIdentities: [ … ]",
);

pub static POD_04: Rule = warning("POD-04", "service accounts with roles should run on nodes")
    .why("EKS Pod Identity does not serve pods on Fargate")
    .sources(&[&EKS_POD_IDENTITY])
    .example(
        "fargate: [ … ]\npodIdentities: [ … ]",
        "nodeGroups: [{ name: general }]\npodIdentities: [ … ]",
    );

pub static KAR_01: Rule = error(
    "KAR-01",
    "Karpenter's namespace and queue must have valid names",
    Refused("EKS CreatePodIdentityAssociation: InvalidParameterException; SQS CreateQueue: InvalidParameterValue"),
)
.why("a namespace has a name of Kubernetes; the queue has the cluster's, and SQS allows 80 letters")
.sources(&[&KARPENTER_CFN, &CREATE_ASSOCIATION])
.example("karpenter: { namespace: Karpenter }", "karpenter: { namespace: karpenter }");

pub static KAR_02: Rule = warning("KAR-02", "one Karpenter should create the nodes")
    .why("EKS Auto Mode runs one itself: with two, pending pods get nodes from both")
    .sources(&[&EKS_AUTO])
    .example("cluster: { autoMode: {} }\nkarpenter: {}", "cluster: { autoMode: {} }");
