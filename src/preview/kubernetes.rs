//! What a deployment changes through the Kubernetes API, and through the values of an add-on: no resource of the stack shows it.

use super::PropertyChange;

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesChanges {
    /// Setting by setting.
    pub differs: Vec<Differs>,
    /// Somebody else's settings are among them.
    pub takes_over: bool,
    /// Why nothing is known of it.
    pub unread: Option<String>,
    /// Settings of a cluster that others made, one by one.
    pub values: Vec<PropertyChange>,
    /// Values of an add-on that eksnet updates without owning it.
    pub addon: Option<AddonChange>,
    /// Nodes of others that keep the former settings.
    pub nodes: Vec<NodesLeft>,
}

/// One setting. `None`: it is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// `vpc-cni env.WARM_IP_TARGET`, `ENIConfig eu-west-1a`.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// Whose it is, where it is another field manager's.
    pub setter: Option<Setter>,
    /// Nothing in the blueprint asks for it: EKS overwrites it once it manages aws-node.
    pub overwritten: bool,
}

/// A field manager, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setter {
    Chose(String),
    /// Nobody chose the value: it is the default.
    Left(String),
}

/// The configuration values of an add-on that others made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddonChange {
    pub name: String,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
    /// Keys of others, which stay.
    pub kept: Vec<String>,
}

/// Nodes of others that keep the former settings until they are replaced, by what started them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodesLeft {
    NodeGroup {
        name: String,
        owner: String,
        count: usize,
    },
    NodePool {
        name: String,
        count: usize,
    },
    AutoScaling {
        name: String,
        count: usize,
    },
    /// Instances of no group.
    Alone {
        cluster: String,
        ids: Vec<String>,
    },
}

impl KubernetesChanges {
    /// In one line each, as they are compared with what was reviewed.
    pub fn lines(&self) -> Vec<String> {
        self.differs.iter().map(Differs::to_string).collect()
    }
}

/// `vpc-cni env.WARM_IP_TARGET: 5 → 2 (kubectl-edit set it)`
impl std::fmt::Display for Differs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or("unset".to_string());
        if self.overwritten {
            out.write_str("the add-on overwrites ")?;
        }
        write!(out, "{}: {} → {}", self.what, value(&self.before), value(&self.after))?;
        match &self.setter {
            Some(Setter::Left(name)) => write!(out, " (managed by {name}, default value)"),
            Some(Setter::Chose(name)) => write!(out, " ({name} set it)"),
            None => Ok(()),
        }
    }
}
