//! What is worth knowing beside a session, value by value; `report` has the words.

use crate::doctor::{Check, Sick};
use crate::observed::Unread;

/// What a session tells beside its events and its result.
#[derive(Clone, Debug)]
pub enum Note {
    /// AWS has not answered yet.
    Patience,
    /// The stack is not at rest.
    State {
        stack: String,
        status: String,
        state: State,
    },
    LockWritten {
        path: String,
        subnets: usize,
    },
    /// A line of the blueprint that still has an example's value, in words.
    Placeholder(String),
    /// What the preflight could not read.
    Unchecked(Unread),
    /// The version of vpc-cni that is chosen, and for which Kubernetes.
    CniVersion {
        version: String,
        chosen: Chosen,
        kubernetes: String,
    },
    /// Versions of vpc-cni could not be looked up.
    CniVersionUnread(Unread),
    /// Sizes of the node groups were not read.
    SizesUnread(Unread),
    /// aws-node's image says no version.
    AwsNodeNameless,
    AwsNodeUnread {
        settings: usize,
        why: String,
    },
    /// A range that is allocated no more.
    Released {
        cidr: String,
        from: String,
    },
    /// A range that IPAM gave, and the key that asked for it.
    Given {
        cidr: String,
        path: String,
        from: String,
    },
    GivenBack {
        cidr: String,
        from: String,
    },
    /// A range that stays with IPAM's pool, and why.
    NotGivenBack {
        cidr: String,
        why: String,
    },
    /// A lock could not be written, after everything else was done.
    LockUnwritten(String),
    /// The VPC exists, and what was judged over its ranges is wrong.
    VpcAlone {
        file: String,
    },
    NothingChanged,
    /// Others took addresses meanwhile.
    PlanningAgain {
        who: String,
    },
    /// The plan was executed by an earlier run.
    AlreadyExecuted {
        stack: String,
    },
    /// A blueprint with errors names what is deleted.
    Unsound,
    /// Change sets of plans that have expired are deleted.
    PlansExpired(Vec<String>),
    /// Change sets of eksnet's that stay.
    PlansLeft {
        stack: String,
        names: Vec<String>,
    },
    PlansUnread(String),
    /// There is nothing to compare for drift.
    NoDrift {
        stack: String,
        status: String,
    },
    DetectingDrift {
        stack: String,
    },
    /// Ids of checks that fail before the changes.
    SickBefore(Vec<&'static str>),
    Unexamined(String),
    /// What is sick since the changes.
    SickSince(Vec<(&'static Check, Sick)>),
}

/// Which of the versions that EKS offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    Newest,
    Default,
}

/// Of a stack that is not at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing was deployed yet.
    Empty,
    /// An operation is under way.
    Busy,
    /// It accepts no change.
    Broken,
}
