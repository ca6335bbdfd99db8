//! What tells the cluster's own load balancers, interfaces and groups from other people's.
//! Sources: AWS Load Balancer Controller (resource tags), Kubernetes cloud-provider-aws (cluster tag), amazon-vpc-cni-k8s (descriptions of
//! interfaces), EKS user guide (Auto Mode, cluster security group); read 2026-11-20.

/// Tags whose value is the cluster's name: of the AWS Load Balancer Controller, of EKS Auto Mode, of aws-node.
const BY_VALUE: &[&str] =
    &["elbv2.k8s.aws/cluster", BY_AUTO_MODE, "cluster.k8s.amazonaws.com/name"];

/// The tag of Kubernetes' own cloud provider: the cluster's name is in the key; `shared` things are somebody else's.
const BY_KEY: &str = "kubernetes.io/cluster/";

/// The tag of EKS Auto Mode's instances, whose value is the cluster's name.
pub const BY_AUTO_MODE: &str = "eks:eks-cluster-name";

/// The tag of nodes of a managed node group: they go with it.
pub const BY_NODE_GROUP: &str = "eks:nodegroup-name";

/// The tags of a persistent volume's claim: its namespace and name. Source: aws-ebs-csi-driver, docs/tagging.md, read 2026-11-28.
pub const CLAIM: [&str; 2] =
    ["kubernetes.io/created-for/pvc/namespace", "kubernetes.io/created-for/pvc/name"];

/// The tag of what Kubernetes made for a cluster; its value is `owned`, or `shared` where others have it too.
pub fn owned_by(cluster: &str) -> String {
    format!("{BY_KEY}{cluster}")
}

/// The tag of everything that a stack made.
pub const BY_CLOUDFORMATION: &str = "aws:cloudformation:stack-id";

/// Beginning of the name of the security group that EKS makes; the cluster's name follows.
pub const CLUSTER_GROUP: &str = "eks-cluster-sg-";

/// Beginnings of the descriptions of interfaces that aws-node and the VPC resource controller make, in small letters.
pub const OWN_INTERFACES: &[&str] = &["aws-k8s-"];

/// Beginnings of the descriptions of interfaces that go with the stack or with something listed by itself.
pub const SERVED_BY: &[&str] = &[
    "ELB ",
    "Interface for NAT Gateway",
    "VPC Endpoint Interface",
    "Amazon EKS ",
    "aws-K8S-",
    "aws-k8s-",
    "Network Interface for Transit Gateway",
];

/// Resources that DescribeTags of Elastic Load Balancing takes at once.
pub const TAGS_AT_ONCE: usize = 20;

/// Whether a tag makes a resource the cluster's.
pub fn is_of(cluster: &str, key: &str, value: &str) -> bool {
    let by_key = key.strip_prefix(BY_KEY).is_some_and(|name| name == cluster && value != "shared");
    by_key || (BY_VALUE.contains(&key) && value == cluster)
}

/// Tags (key, value) of which a load balancer or an instance of the cluster has one: those of the AWS Load Balancer Controller and of
/// Kubernetes' own.
pub fn tags_of_the_cluster(cluster: &str) -> [(String, String); 2] {
    [
        ("elbv2.k8s.aws/cluster".to_string(), cluster.to_string()),
        (owned_by(cluster), "owned".to_string()),
    ]
}

/// The same of EKS Auto Mode.
pub fn tag_of_auto_mode(cluster: &str) -> (String, String) {
    (BY_AUTO_MODE.to_string(), cluster.to_string())
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn another_clusters_balancer_is_not_ours() {
        assert!(
            is_of("shop", "elbv2.k8s.aws/cluster", "shop")
                && is_of("shop", "kubernetes.io/cluster/shop", "owned")
        );
        assert!(
            !is_of("shop", "elbv2.k8s.aws/cluster", "shop2")
                && !is_of("shop", "kubernetes.io/cluster/shop", "shared")
        );
        assert!(!is_of("shop", "kubernetes.io/cluster/shopping", "owned"));
    }
}
