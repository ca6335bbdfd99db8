//! What eksnet asks of a cluster's own API.

use serde_json::Value;

use super::Answer;
use crate::facts::kubernetes::Kind;

/// How a manifest is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apply {
    /// Take fields from whoever else manages them.
    pub force: bool,
    /// Only say what would be.
    pub dry_run: bool,
}

/// A field that another manager holds with another value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// Such as `.spec.template.spec.containers[name="aws-node"].env[name="WARM_IP_TARGET"].value`.
    pub field: String,
    /// Such as `kubectl-edit`.
    pub manager: String,
}

/// What came of an apply.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
    /// The whole object as it is then.
    Done(Value),
    /// Nothing was changed.
    Conflicts(Vec<Conflict>),
}

/// A GET of a pod's own probe, which the kubelet repeats all the time; the API server passes it on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probe {
    pub namespace: String,
    pub pod: String,
    pub https: bool,
    pub port: u64,
    /// Begins with a slash.
    pub path: String,
}

/// What the control plane heard of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probed {
    /// Whatever it says: the connection was made.
    Answers,
    /// Why the API server got no connection, in its words.
    Silent(String),
}

/// The API server of one cluster, called as the Kubernetes user that the AWS credentials stand for.
pub trait Kubernetes {
    /// One object, whole; `None` where it is not there, or its kind is not known.
    async fn read(&self, kind: &Kind, name: &str) -> Answer<Option<Value>>;
    /// Every object of a kind; none where the kind is not known.
    async fn list(&self, kind: &Kind) -> Answer<Vec<Value>>;
    /// Whether the control plane reaches a pod. A refusal: it was not tried.
    async fn probe(&self, probe: &Probe) -> Answer<Probed>;
    /// Server-side apply as the field manager [`crate::facts::kubernetes::MANAGER`].
    async fn apply(&self, kind: &Kind, manifest: &Value, how: Apply) -> Answer<Applied>;
    /// Done as well if it is gone already.
    async fn delete(&self, kind: &Kind, name: &str) -> Answer<()>;
}
