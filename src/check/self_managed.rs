//! An aws-node that is no add-on.

use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::{Cluster, Intent};
use crate::rules::{SELF_01, SELF_04};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) =
        intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_self_managed())
    else {
        return Vec::new();
    };
    nobody(cluster).into_iter().chain(policies(cluster)).collect()
}

fn nobody(cluster: &Cluster) -> Option<Diagnostic> {
    let whole = |access: &crate::intent::access::Access| {
        let policy = access.policy.as_ref().and_then(|policy| policy.rsplit('/').next());
        policy == Some(eks::CLUSTER_ADMIN) && access.namespaces.is_none()
    };
    (!cluster.access.iter().any(whole)).then(|| {
        SELF_01.at("awsNode.management", "no principal under `access` may configure aws-node through the Kubernetes API")
            .hint(format!("add who deploys to `cluster.access` with `{}`, or have an access entry for them elsewhere", eks::CLUSTER_ADMIN))
    })
}

fn policies(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.aws_node.network_policy.then(|| {
        SELF_04.at("awsNode.networkPolicy", "network policies are turned on in the arguments of aws-node's agent, which eksnet does not own")
            .also("awsNode.management", "self-managed here")
            .hint("set `management: addon`; or turn them on where aws-node was installed from, and remove this")
    })
}
