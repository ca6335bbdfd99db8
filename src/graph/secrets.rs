//! The KMS key of Kubernetes secrets, where it is the stack's.

use serde::Serialize;
use serde_json::{Value, json};

use crate::facts::eks;
use crate::intent::cluster::SecretsKey;
use crate::intent::iam::RoleSource;
use crate::intent::{Cluster, Intent, Tags};

use super::role::OwnPolicy;
use super::value::{GetAtt, Sub, Tag, tags};
use super::{Graph, Kind};

#[derive(Serialize)]
struct Key {
    description: String,
    pending_days: u32,
    policy: Value,
    tags: Vec<Tag>,
}

impl Kind for Key {
    const TEMPLATE: &'static str = "kms/key";
}

/// Logical id of the stack's key.
pub const KEY: &str = "SecretsKey";

/// The key's ARN, or the alias that the author wrote.
pub fn key(cluster: &Cluster) -> Option<Value> {
    cluster.secrets_key.as_ref().map(|key| match key {
        SecretsKey::Create => json!(GetAtt(KEY.into(), "Arn")),
        SecretsKey::Existing(text) => json!(text),
    })
}

pub fn build(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    if cluster.secrets_key != Some(SecretsKey::Create) {
        return;
    }
    let key = Key {
        description: format!("Kubernetes secrets of {}", intent.name),
        pending_days: eks::KEY_PENDING_DAYS,
        policy: policy(intent),
        tags: tags(intent, "secrets", &Tags::new()),
    };
    graph.add(KEY, "cluster.secretsKey", &key);
}

/// IAM of the account decides, as far as these actions go. A role of the stack has its rights from its own policy: KMS refuses a principal
/// that it does not know yet.
fn policy(intent: &Intent) -> Value {
    let account = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root".to_string());
    let statement = |sid: &str, principal: Value, actions: Vec<&str>| json!({ "Sid": sid, "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions, "Resource": "*" });
    let by_iam = [eks::KEY_ADMINISTRATION, eks::KEY_USE, eks::KEY_GRANTS].concat();
    let mut statements = vec![statement("ByPoliciesOfTheAccount", json!(account), by_iam)];
    if let RoleSource::Existing(arn) = &intent.iam.cluster {
        statements.push(statement("ClusterRole", json!(arn), eks::KEY_USE.to_vec()));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What the cluster's own role may do with it.
pub fn rights(cluster: &Cluster) -> Option<Vec<OwnPolicy>> {
    if cluster.secrets_key != Some(SecretsKey::Create) {
        return None;
    }
    let statement =
        json!({ "Effect": "Allow", "Action": eks::KEY_USE, "Resource": GetAtt(KEY.into(), "Arn") });
    let policy_document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    Some(vec![OwnPolicy { policy_name: "secrets-key", policy_document }])
}
