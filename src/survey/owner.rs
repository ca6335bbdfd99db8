//! Who made a resource, as its tags tell: what eksnet did not make it does not change, and its owner is named.

use crate::observed::survey::Tags;

/// Who made a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A stack of eksnet's.
    Eksnet(String),
    /// eksctl, for a cluster.
    Eksctl(String),
    /// A stack of the AWS CDK.
    Cdk(String),
    /// Any other CloudFormation stack.
    CloudFormation(String),
    /// The Cluster API provider for AWS, for a cluster.
    ClusterApi(String),
    /// kOps, for a cluster.
    Kops(String),
    /// Terraform or OpenTofu, by habit: they leave no mark of their own.
    Terraform,
    /// EKS, for a cluster.
    Eks(String),
    /// A controller inside a cluster, such as the AWS Load Balancer Controller or aws-node.
    Controller(String),
    /// No tag tells.
    Unknown,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Owner::Eksnet(stack) => write!(out, "eksnet (stack `{stack}`)"),
            Owner::Eksctl(cluster) => write!(out, "eksctl (cluster `{cluster}`)"),
            Owner::Cdk(stack) => write!(out, "the AWS CDK (stack `{stack}`)"),
            Owner::CloudFormation(stack) => write!(out, "CloudFormation (stack `{stack}`)"),
            Owner::ClusterApi(cluster) => write!(out, "Cluster API (cluster `{cluster}`)"),
            Owner::Kops(cluster) => write!(out, "kOps (cluster `{cluster}`)"),
            Owner::Terraform => out.write_str("Terraform"),
            Owner::Eks(cluster) => write!(out, "EKS (cluster `{cluster}`)"),
            Owner::Controller(name) => out.write_str(name),
            Owner::Unknown => out.write_str("an unknown owner"),
        }
    }
}

const STACK: &str = "aws:cloudformation:stack-name";
/// What the stacks' names begin with.
const OF_EKSNET: &str = "eksnet-";
/// What Terraform's users write into a tag's value, and what the names of its modules begin with.
const OF_TERRAFORM: [&str; 2] = ["terraform", "opentofu"];

/// Of the cluster's name.
type Made = fn(String) -> Owner;

/// Tag keys whose value names the owner's cluster; the most telling first.
const BY_KEY: [(&str, Made); 5] = [
    ("alpha.eksctl.io/cluster-name", Owner::Eksctl),
    ("eksctl.cluster.k8s.io/v1alpha1/cluster-name", Owner::Eksctl),
    ("KubernetesCluster", Owner::Kops),
    ("aws:eks:cluster-name", Owner::Eks),
    ("eks:cluster-name", Owner::Eks),
];

/// Who made a resource with these tags.
pub fn owner_of(tags: &Tags) -> Owner {
    let stack = tags.get(STACK).cloned();
    let named = BY_KEY.iter().find_map(|(key, of)| tags.get(*key).map(|name| of(name.clone())));
    let prefixed = |prefix: &str| tags.keys().find_map(|key| key.strip_prefix(prefix));
    if let Some(stack) = stack.as_ref().filter(|stack| stack.starts_with(OF_EKSNET)) {
        return Owner::Eksnet(stack.clone());
    }
    if let Some(owner @ Owner::Eksctl(_)) = named {
        return owner;
    }
    if let Some(stack) = stack {
        let cdk = tags.keys().any(|key| key.starts_with("aws-cdk:") || key.starts_with("aws-cdk"));
        return if cdk { Owner::Cdk(stack) } else { Owner::CloudFormation(stack) };
    }
    if let Some(cluster) = prefixed("sigs.k8s.io/cluster-api-provider-aws/cluster/") {
        return Owner::ClusterApi(cluster.to_string());
    }
    if tags.get("eks:eni:owner").is_some_and(|owner| owner == "amazon-vpc-cni")
        || tags.contains_key("node.k8s.amazonaws.com/instance_id")
    {
        return Owner::Controller("aws-node".to_string());
    }
    if tags.contains_key("elbv2.k8s.aws/cluster") {
        return Owner::Controller("the AWS Load Balancer Controller".to_string());
    }
    named.unwrap_or_else(|| if is_of_terraform(tags) { Owner::Terraform } else { Owner::Unknown })
}

/// The tags that modules for Terraform set, and those that its users do.
fn is_of_terraform(tags: &Tags) -> bool {
    tags.iter().any(|(key, value)| {
        let (key, value) = (key.to_ascii_lowercase(), value.to_ascii_lowercase());
        key == "terraform" || OF_TERRAFORM.iter().any(|tool| value.starts_with(tool))
    })
}

/// What in a tag's value tells the owner, apart from the name that follows.
pub fn mark<'t>(key: &str, value: &'t str) -> Option<(&'t str, &'t str)> {
    let lower = value.to_ascii_lowercase();
    let of_stack = (key == STACK).then_some(OF_EKSNET);
    let known = of_stack.into_iter().chain(OF_TERRAFORM).find(|tool| lower.starts_with(tool))?;
    value.split_at_checked(known.len())
}

/// Whether a resource is of the stack of one blueprint.
pub fn is_of_stack(tags: &Tags, stack: &str) -> bool {
    tags.get(STACK).is_some_and(|own| own == stack)
}
