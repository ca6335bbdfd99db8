//! States that EKS and EC2 give to things: API references of EKS (*Cluster*, *Nodegroup*, *Addon*, *FargateProfile*) and EC2
//! (*InstanceState*), read 2026-11-28.

/// What a state says of health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Well,
    /// On the way to another state.
    Passing,
    /// It stays so until somebody acts.
    Ill,
}

/// A state as it is written, and what it says.
pub type States = &'static [(&'static str, Health)];

pub const CLUSTER: States = &[
    ("ACTIVE", Health::Well),
    ("CREATING", Health::Passing),
    ("UPDATING", Health::Passing),
    ("PENDING", Health::Passing),
    ("DELETING", Health::Ill),
    ("FAILED", Health::Ill),
];

pub const NODE_GROUP: States = &[
    ("ACTIVE", Health::Well),
    ("CREATING", Health::Passing),
    ("UPDATING", Health::Passing),
    ("DELETING", Health::Passing),
    ("CREATE_FAILED", Health::Ill),
    ("DELETE_FAILED", Health::Ill),
    ("DEGRADED", Health::Ill),
];

pub const ADDON: States = &[
    ("ACTIVE", Health::Well),
    ("CREATING", Health::Passing),
    ("UPDATING", Health::Passing),
    ("DELETING", Health::Passing),
    ("CREATE_FAILED", Health::Ill),
    ("UPDATE_FAILED", Health::Ill),
    ("DELETE_FAILED", Health::Ill),
    ("DEGRADED", Health::Ill),
];

pub const FARGATE_PROFILE: States = &[
    ("ACTIVE", Health::Well),
    ("CREATING", Health::Passing),
    ("DELETING", Health::Passing),
    ("CREATE_FAILED", Health::Ill),
    ("DELETE_FAILED", Health::Ill),
];

/// What a state says; none that is not in the table.
pub fn health(states: States, state: &str) -> Option<Health> {
    states.iter().find(|(known, _)| *known == state).map(|(_, health)| *health)
}
