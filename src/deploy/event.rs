//! What happens while something runs, value by value; `report` has the words.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::port::{Orphan, Orphans};
use crate::observed::{LiveAddon, LiveCluster, LiveSubnet};
use crate::preview::{Differs, Forecast, Preview, Title};

use super::progress::{Progress, Running};
use super::setting::{Difference, Nodes, Proven};

/// What happens while something runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A change set is being made.
    ChangeSet { name: String },
    /// A resource, or the stack itself, reached a status.
    Resource { id: String, kind: String, status: String, reason: String, elapsed: Duration },
    /// Nothing was heard for a while; this is what is under way.
    Waiting { on: Vec<Running>, elapsed: Duration },
    /// Something takes its time that has no events.
    Still { what: String },
    /// A template was put into an S3 bucket.
    Uploaded { address: String },
    /// Something that stood in the way of a deletion is gone.
    Cleared { what: String },
    /// AWS could not be asked; it is tried again.
    Retry { why: String },
    /// What is expected, before it begins.
    Expected(Forecast),
    /// The picture of the operation so far.
    Picture(Progress),
    /// A part of an edit that is more than one update.
    Part { number: usize, count: usize, title: Title },
    /// What would change.
    Preview(Box<Preview>),
    /// Somebody else's operation is followed first.
    UnderWay { stack: String },
    /// A failed creation is deleted.
    CleaningUp { stack: String, status: String },
    /// A rollback that failed goes on.
    ContinuingRollback { stack: String },
    /// The stack is as the blueprint wants it; the subnets that the VPC has now, or why they were not read.
    Deployed { subnets: Result<Vec<LiveSubnet>, String> },
    /// What is worth knowing beside it.
    Note(Note),
}

/// What is worth knowing beside an operation, value by value.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The cluster as EKS tells of it.
    Cluster {
        name: String,
        found: Option<LiveCluster>,
    },
    Addon(LiveAddon),
    /// How to use the new cluster.
    Use {
        name: String,
        region: String,
    },
    /// The VPC's default security group had rules.
    DefaultGroupClosed {
        vpc: String,
        rules: usize,
    },
    TerminationProtection {
        stack: String,
        on: bool,
    },
    /// A setting of aws-node that was changed.
    AwsNode(Difference),
    /// A value of an add-on that was changed, in words.
    AddonValue(Differs),
    /// aws-node has its former settings again.
    GivenBack {
        cluster: String,
    },
    /// aws-node runs as the blueprint says.
    AwsNodeReadBack {
        changed: usize,
        nodes: Nodes,
    },
    /// What the stack's new nodes in a cluster of others show.
    NewNodesProven(Proven),
    /// An ENIConfig that nodes still use.
    EniConfigStays {
        name: String,
    },
    /// Settings that only new nodes have.
    OldNodes {
        settings: Vec<String>,
    },
    /// A part did not come about; those before it, from the one after `from`, are deployed.
    PartFailed {
        number: usize,
        count: usize,
        title: Title,
        from: usize,
    },
    /// Something was not read, and nothing stopped over it.
    Unread {
        what: String,
        why: String,
    },
    /// Something did not work, and nothing stopped over it.
    Warning {
        what: String,
        why: String,
    },
    /// What stays when the stack goes.
    Stays(Vec<Kept>),
    /// What a deletion would take.
    Goes {
        stack: String,
        status: String,
        kinds: BTreeMap<String, usize>,
    },
    Orphans(Orphans),
    /// Add-ons of the cluster's that others installed.
    AddonsGo(Vec<String>),
    /// Something that was in the way could not be removed.
    Left {
        what: Orphan,
        why: String,
    },
    StillInStack,
    /// Nobody was there to say that what turned up may be removed.
    OrphansNeedAYes,
}

impl Event {
    /// Whether something was left behind, or was not looked at.
    pub fn is_unfinished(&self) -> bool {
        match self {
            Event::Note(Note::Left { .. } | Note::Unread { .. }) => true,
            Event::Note(Note::Orphans(found)) => {
                !found.unread.is_empty() || found.volumes_unread.is_some()
            }
            _ => false,
        }
    }
}

/// What a deletion leaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// By its deletion policy.
    Resource { id: String, kind: String },
    /// EKS made it and does not delete it.
    LogGroup(String),
    /// A volume of the cluster's pods, or a snapshot.
    Data(Orphan),
}
