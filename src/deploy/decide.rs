//! What a deployment asks of whoever runs it.

use crate::diagnostic::Failure;

/// A question that only people answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Question<'q> {
    /// Carry out what was shown.
    Deploy { stack: &'q str },
    /// Allocate ranges from pools of IPAM, before anything is deployed.
    Allocate { ranges: &'q [String] },
    /// Set aws-node up as shown, where the stack itself needs no change.
    SetUpAwsNode,
    /// Take settings of aws-node from whoever made them.
    TakeOver,
    /// Go on with a rollback that failed.
    ContinueRollback { stack: &'q str },
    /// Delete what is left of a failed creation.
    CleanUp { stack: &'q str, status: &'q str },
    /// Remove what Kubernetes left in the VPC, now or once the cluster is deleted.
    RemoveOrphans { count: usize, cluster_exists: bool },
    /// Remove what turned up while the stack was being deleted.
    RemoveMore { count: usize },
    /// Delete everything: the answer is the cluster's name.
    Destroy { name: &'q str },
}

/// What was answered; only `Yes` goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Yes,
    No,
    /// Nobody is there to answer.
    Nobody,
}

/// Whoever runs a deployment.
#[allow(async_fn_in_trait, reason = "used by this crate's own single-threaded runtime")]
pub trait Decide {
    /// Asks and waits. An `Err` ends the run: no answer could be read, or a typed name was not the one that was asked for.
    async fn decide(&self, question: &Question<'_>) -> Result<Reply, Failure>;
    /// Ends when the run is to end.
    async fn interrupted(&self);
}
