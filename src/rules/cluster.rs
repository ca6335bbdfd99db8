//! Rules: the cluster.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &CLU_01, &CLU_02, &CLU_09, &CLU_20, &CLU_21, &ACC_01, &ACC_02, &ACC_03, &SVC_01, &SVC_02,
    &EP_04, &EP_05, &EP_06, &EP_07, &EP_17, &EP_08, &EP_16, &CLU_22, &CLU_23, &CLU_24, &CLU_27,
    &CLU_25,
];

pub static CLU_01: Rule = error(
    "CLU-01",
    "a cluster must have subnets in at least two zones",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS refuses fewer")
.sources(&[&EKS_NETWORK])
.example("zones: 1", "zones: 3");

pub static CLU_02: Rule = error(
    "CLU-02",
    "control-plane subnets must have six free addresses",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS puts its interfaces there, and more during upgrades")
.sources(&[&EKS_NETWORK])
.example("serves: [controlPlane]\nsize: /30", "serves: [controlPlane]\nsize: /28");

pub static CLU_09: Rule = error(
    "CLU-09",
    "names and versions must have the form that EKS accepts",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("a letter or digit first, then letters, digits, `-` and `_`, 100 at most; and the stack's name allows no `_`")
.sources(&[&CREATE_CLUSTER])
.example("name: my cluster", "name: my-cluster");

pub static CLU_20: Rule = error(
    "CLU-20",
    "keys that require a cluster must have one",
    NotBuilt("there is no cluster to put it in"),
)
.why("aws-node, node groups and add-ons run in a cluster")
.sources(&[&HOUSE])
.example("nodeGroups: [{ name: a }]", "cluster: {}\nnodeGroups: [{ name: a }]");

pub static CLU_21: Rule = warning("CLU-21", "a cluster should have an access entry")
    .why("without one no principal may use the cluster, not even the one that deployed it")
    .sources(&[&EKS_ACCESS_ENTRIES])
    .example(
        "cluster: {}",
        "cluster: { access: [{ principal: arn:aws:iam::111122223333:role/ops, policy: AmazonEKSClusterAdminPolicy }] }",
    );

pub static ACC_01: Rule = error(
    "ACC-01",
    "access entries must name principals, policies and namespaces in their forms",
    Refused("EKS CreateAccessEntry, AssociateAccessPolicy: InvalidParameterException"),
)
.why("ARNs are of the Region's partition and name one role or user; namespaces have Kubernetes' names, `*` allowed; an entry accepts 20 policies")
.sources(&[&CDK_PREFLIGHT_PRINCIPAL, &CREATE_ACCESS_ENTRY, &CFN_ACCESS_ENTRY])
.example("principal: ops", "principal: arn:aws:iam::111122223333:role/ops");

pub static ACC_02: Rule = warning("ACC-02", "access policies should be known")
    .why("services of AWS bring access policies of their own, so an unknown name may be one; a misspelled one fails the deployment")
    .sources(&[&EKS_ACCESS_POLICIES])
    .example("policy: AmazonEKSAdmnPolicy", "policy: AmazonEKSAdminPolicy");

pub static ACC_03: Rule = warning("ACC-03", "an access policy of a principal should have one scope")
    .why("EKS keeps one scope for a policy of a principal: written for the whole cluster and for namespaces, it holds in the whole cluster")
    .sources(&[&ASSOCIATE_POLICY])
    .example(
        "access: [{ principal: …, policy: AmazonEKSEditPolicy }, { principal: …, policy: AmazonEKSEditPolicy, namespaces: [dev] }]",
        "access: [{ principal: …, policy: AmazonEKSEditPolicy, namespaces: [dev] }]",
    );

pub static SVC_01: Rule = error(
    "SVC-01",
    "the service CIDR must be private, /12 to /24",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS refuses others; 100.64/10 is not private in this sense")
.sources(&[&KUBERNETES_NETWORK])
.example("serviceCidr: 100.64.0.0/16", "serviceCidr: 172.20.0.0/16");

pub static SVC_02: Rule = error(
    "SVC-02",
    "the service CIDR must be outside of the VPC",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("services would hide hosts of the VPC")
.sources(&[&KUBERNETES_NETWORK])
.example("serviceCidr: 10.40.128.0/20", "serviceCidr: 172.20.0.0/16");

pub static EP_04: Rule = error(
    "EP-04",
    "the Kubernetes API must be reachable",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS refuses a cluster with neither endpoint")
.sources(&[&EKS_ENDPOINT])
.example(
    "endpointAccess: { private: false, public: false }",
    "endpointAccess: { private: true, public: false }",
);

pub static EP_05: Rule = error(
    "EP-05",
    "`publicCidrs` must list at most 40 public ranges",
    Refused("EKS CreateCluster, UpdateClusterConfig: InvalidParameterException"),
)
.why("EKS refuses ranges that never come from the internet: private, shared, link-local, loopback, multicast and reserved ones")
.sources(&[&EKS_ENDPOINT, &EKS_QUOTAS, &RFC_6890])
.example("publicCidrs: [10.0.0.0/8]", "publicCidrs: [203.0.113.0/24]");

pub static EP_06: Rule = error(
    "EP-06",
    "IPv6 callers must have an IPv6 cluster",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("the public endpoint of an IPv4 cluster has no IPv6 address, and EKS refuses IPv6 ranges for it")
.sources(&[&EKS_ENDPOINT])
.example(
    "ipFamily: ipv4\npublicCidrs: [\"2001:db8::/32\"]",
    "ipFamily: ipv6\npublicCidrs: [\"2001:db8::/32\"]",
);

pub static EP_07: Rule =
    warning("EP-07", "the public endpoint should not admit the whole internet")
        .why("`publicCidrs` is 0.0.0.0/0 when it is not given")
        .sources(&[&EKS_ENDPOINT])
        .example(
            "endpointAccess: { public: true }",
            "endpointAccess: { public: true, publicCidrs: [203.0.113.0/24] }",
        );

pub static EP_17: Rule = warning("EP-17", "`publicCidrs` should be used with a public endpoint")
    .why("EKS accepts and ignores the list while the public endpoint is off")
    .sources(&[&EKS_ENDPOINT, &PULUMI_1436])
    .example(
        "endpointAccess: { public: false, publicCidrs: [203.0.113.0/24] }",
        "endpointAccess: { public: true, publicCidrs: [203.0.113.0/24] }",
    );

pub static EP_08: Rule = error(
    "EP-08",
    "nodes must reach the Kubernetes API",
    Fails("nodes never join: the node group stops with NodeCreationFailure, node claims of Auto Mode never become nodes"),
)
.why("with only a public endpoint and a list of callers, nodes are locked out whose egress addresses cannot be listed: their own, or those of NAT gateways that the stack creates")
.sources(&[&EKS_ENDPOINT])
.example(
    "endpointAccess: { private: false, public: true, publicCidrs: [203.0.113.0/24] }",
    "endpointAccess: { private: false, public: true, publicCidrs: [203.0.113.0/24, natGateways] }",
);

pub static EP_16: Rule =
    warning("EP-16", "`publicCidrs` should admit the addresses that nodes leave with")
        .why("with only a public endpoint and a list of callers, nodes register through Elastic IPs of your own, or through another network's egress")
        .sources(&[&EKS_ENDPOINT])
        .example(
            "nat: { perZone: { elasticIps: [eipalloc-…] } }\nendpointAccess: { private: false, public: true, publicCidrs: [203.0.113.0/24] }",
            "endpointAccess: { private: true, public: true, publicCidrs: [203.0.113.0/24] }",
        );

pub static CLU_22: Rule = error(
    "CLU-22",
    "`secretsKey` must be a KMS key of the Region, by ARN or alias",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS encrypts with a symmetric key of its own Region, and the keys that AWS keeps for a service (`alias/aws/…`) serve that one only")
.sources(&[&ENCRYPTION])
.example("secretsKey: eks", "secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/…\"");

pub static CLU_23: Rule = error(
    "CLU-23",
    "additional security groups of the control plane must be ids, four at most",
    Refused("EKS CreateCluster, UpdateClusterConfig: InvalidParameterException"),
)
.why("EKS puts them on its interfaces beside its own group, and has a quota of four")
.sources(&[&EKS_SECURITY_GROUPS, &EKS_QUOTAS])
.example("securityGroups: [default]", "securityGroups: [sg-0123456789abcdef0]");

pub static CLU_24: Rule = error(
    "CLU-24",
    "the retention of control-plane logs must be one that CloudWatch Logs accepts",
    Refused("CloudWatch Logs PutRetentionPolicy: InvalidParameterException"),
)
.why("CloudWatch Logs keeps events for certain numbers of days only")
.sources(&[&PUT_RETENTION])
.example("logRetentionDays: 100", "logRetentionDays: 120");

pub static CLU_27: Rule = warning("CLU-27", "a retention should have logs to keep")
    .why("with `logging: []` the control plane writes nothing, and the group stays empty")
    .sources(&[&EKS_CLUSTER_LOGS])
    .example("logging: []\nlogRetentionDays: 90", "logging: [audit]\nlogRetentionDays: 90");

pub static CLU_25: Rule = error(
    "CLU-25",
    "roles through the OIDC provider must have one",
    NotBuilt("a role would trust a provider that the blueprint rules out"),
)
.why("`role: irsa` is a role of a service account by the cluster's OIDC provider")
.sources(&[&EKS_OIDC])
.example(
    "cluster: { oidcProvider: false }\nawsNode: { role: irsa }",
    "cluster: { oidcProvider: true }\nawsNode: { role: irsa }",
);
