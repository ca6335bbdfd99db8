//! Kinds of Kubernetes objects that eksnet reads and applies, and who else manages them.
//! Source: amazon-vpc-cni-k8s v1.23.1, charts/aws-vpc-cni; Kubernetes documentation, server-side apply; read 2026-11-21.

/// Where a kind stands in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    /// `None`: the cluster's own.
    pub namespace: Option<&'static str>,
}

pub const DAEMON_SET: Kind = Kind {
    group: "apps",
    version: "v1",
    kind: "DaemonSet",
    plural: "daemonsets",
    namespace: Some("kube-system"),
};
pub const SERVICE_ACCOUNT: Kind = Kind {
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    namespace: Some("kube-system"),
};
pub const CONFIG_MAP: Kind = Kind {
    group: "",
    version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    namespace: Some("kube-system"),
};
pub const ENI_CONFIG: Kind = Kind {
    group: "crd.k8s.amazonaws.com",
    version: "v1alpha1",
    kind: "ENIConfig",
    plural: "eniconfigs",
    namespace: None,
};
pub const NODE_CLASS: Kind = Kind {
    group: "eks.amazonaws.com",
    version: "v1",
    kind: "NodeClass",
    plural: "nodeclasses",
    namespace: None,
};
pub const NODE_POOL: Kind = Kind {
    group: "karpenter.sh",
    version: "v1",
    kind: "NodePool",
    plural: "nodepools",
    namespace: None,
};

pub const POD: Kind =
    Kind { group: "", version: "v1", kind: "Pod", plural: "pods", namespace: None };
pub const NODE: Kind =
    Kind { group: "", version: "v1", kind: "Node", plural: "nodes", namespace: None };

pub const BUDGET: Kind = Kind {
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespace: None,
};

pub const ENDPOINT_SLICE: Kind = Kind {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespace: None,
};
pub const API_SERVICE: Kind = Kind {
    group: "apiregistration.k8s.io",
    version: "v1",
    kind: "APIService",
    plural: "apiservices",
    namespace: None,
};

/// The label of a node that tells its managed node group.
pub const NODE_GROUP: &str = "eks.amazonaws.com/nodegroup";

/// The name under which eksnet applies fields.
pub const MANAGER: &str = "eksnet";

/// The label on objects that are eksnet's own.
pub const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "eksnet");

/// Under this name EKS itself puts software into a cluster, its add-ons included.
pub const EKS_MANAGER: &str = "eks";

/// Who puts aws-node into a new cluster: EKS, which applied it as kubectl does some years ago.
pub const BOOTSTRAP_MANAGERS: &[&str] = &[EKS_MANAGER, "kubectl-client-side-apply"];

/// Containers of the DaemonSet aws-node.
pub const AWS_NODE: &str = "aws-node";
pub const AWS_NODE_INIT: &str = "aws-vpc-cni-init";

/// (key, operator, values): instances of Auto Mode's own pool `general-purpose`, which a pool of one's own starts from.
/// Source: EKS user guide, Enable or disable built-in NodePools; Karpenter, NodePools, `spec.template.spec.requirements`.
pub const GENERAL_PURPOSE: &[(&str, &str, &[&str])] = &[
    ("karpenter.sh/capacity-type", "In", &["on-demand"]),
    ("eks.amazonaws.com/instance-category", "In", &["c", "m", "r"]),
    ("eks.amazonaws.com/instance-generation", "Gt", &["4"]),
    ("kubernetes.io/arch", "In", &["amd64"]),
];
