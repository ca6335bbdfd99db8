//! What changes of an aws-node that runs, value by value.

/// A setting that changes: of aws-node, or of another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `WARM_IP_TARGET`, `init DISABLE_TCP_EARLY_DEMUX`, `ENIConfig eu-west-1a .spec.subnet`
    pub what: String,
    /// What it is of: `DaemonSet aws-node`
    pub object: String,
    /// `None`: unset.
    pub live: Option<String>,
    /// `None`: it goes.
    pub wanted: Option<String>,
    /// Who else set it.
    pub manager: Option<String>,
    /// Nobody chose what is there: EKS put it there, and it is aws-node's own default, or what the last deployment set.
    pub unchosen: bool,
}

/// How far a DaemonSet's change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nodes {
    pub updated: u64,
    pub all: u64,
}

/// What nodes that came after the settings show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// Such nodes.
    pub nodes: u64,
    /// Their pods that are in the new tiers.
    pub pods: u64,
    /// Their pods that are not: `namespace/name on node has ADDRESS`.
    pub astray: Vec<String>,
    /// Nodes that accept more pods than there are addresses for: `node accepts N pods, and M fit`.
    pub crowded: Vec<String>,
    /// API services behind pods of the new tiers that the control plane reaches.
    pub reached: Vec<String>,
    /// Those that it does not reach, with its words.
    pub unreached: Vec<String>,
}
