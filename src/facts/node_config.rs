//! What nodes of each AMI family may be told, and what eksnet tells them itself.
//! Source: amazon-eks-ami, nodeadm's API reference and its merge of several NodeConfigs; EKS user guide, launch templates; Bottlerocket's
//! settings reference; read 2026-11-28.

/// Keys of a NodeConfig's spec.
pub const SPEC: &[&str] = &["containerd", "featureGates", "instance", "kubelet"];
pub const KUBELET: &[&str] = &["config", "flags"];
pub const CONTAINERD: &[&str] = &["baseRuntimeSpec", "config"];
pub const INSTANCE: &[&str] = &["environment", "localStorage", "network"];

pub const API_VERSION: &str = "node.eks.aws/v1alpha1";
pub const KIND: &str = "NodeConfig";

/// (path in the spec, who decides it)
pub const COMPUTED: &[(&[&str], &str)] = &[
    (&["cluster"], "eksnet writes it from the cluster"),
    (&["kubelet", "maxPodsExpression"], "set `maxPods` on the node group for a cap"),
    (&["kubelet", "config", "maxPods"], "set `maxPods` on the node group for a cap"),
    (&["kubelet", "config", "clusterDNS"], "it follows from the service CIDR"),
    (&["kubelet", "config", "registerWithTaints"], "set `taints` on the node group"),
];

/// (beginning of a kubelet flag, who decides it)
pub const COMPUTED_FLAGS: &[(&str, &str)] = &[
    ("--max-pods", "set `maxPods` on the node group for a cap"),
    ("--cluster-dns", "it follows from the service CIDR"),
    ("--register-with-taints", "set `taints` on the node group"),
];

/// (path in Bottlerocket's settings, who decides it)
pub const COMPUTED_SETTINGS: &[(&[&str], &str)] = &[
    (&["kubernetes", "max-pods"], "set `maxPods` on the node group for a cap"),
    (&["kubernetes", "cluster-name"], "eksnet writes it from the cluster"),
    (&["kubernetes", "api-server"], "eksnet writes it from the cluster"),
    (&["kubernetes", "cluster-certificate"], "eksnet writes it from the cluster"),
    (&["kubernetes", "cluster-dns-ip"], "it follows from the service CIDR"),
    (&["kubernetes", "node-taints"], "set `taints` on the node group"),
    (&["kubernetes", "node-labels"], "set `labels` on the node group"),
];

/// Bytes of user data, before they are encoded. Source: EC2 user guide, user data.
pub const USER_DATA: usize = 16_384;
