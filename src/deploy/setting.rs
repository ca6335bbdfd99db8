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
