//! What a check is.

use crate::observed::Survey;

use super::verdict::Judged;

/// What people notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symptom {
    /// Nodes do not join, or are not ready.
    Nodes,
    /// Pods get no address.
    Addresses,
    /// Names do not resolve.
    Dns,
    /// Load balancers are not made.
    Balancers,
    /// Calls of webhooks time out.
    Webhooks,
    /// Images are not pulled.
    Images,
    /// Pods reach nothing outside.
    Egress,
    /// Updates, `exec` and `logs` fail.
    ControlPlane,
    /// Pods of Fargate do not start.
    Fargate,
}

impl Symptom {
    /// As people tell it.
    pub fn noticed(self) -> &'static str {
        match self {
            Symptom::Nodes => "nodes do not join or are not ready",
            Symptom::Addresses => "pods get no address",
            Symptom::Dns => "names do not resolve",
            Symptom::Balancers => "load balancers are not created",
            Symptom::Webhooks => "webhooks time out",
            Symptom::Images => "images are not pulled",
            Symptom::Egress => "pods have no connection to the outside",
            Symptom::ControlPlane => "updates, exec and logs fail",
            Symptom::Fargate => "Fargate pods do not start",
        }
    }

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Symptom::Nodes => "nodes",
            Symptom::Addresses => "addresses",
            Symptom::Dns => "dns",
            Symptom::Balancers => "balancers",
            Symptom::Webhooks => "webhooks",
            Symptom::Images => "images",
            Symptom::Egress => "egress",
            Symptom::ControlPlane => "controlPlane",
            Symptom::Fargate => "fargate",
        }
    }
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Such as `IP-02`; no rule has it.
    pub id: &'static str,
    /// What people notice of it.
    pub symptom: Symptom,
    /// What holds of a healthy cluster.
    pub title: &'static str,
    /// Why the proof proves it.
    pub proves: &'static str,
    /// What it is judged from.
    pub reads: &'static [&'static str],
    /// Checks whose cause may be the cause of this one: it is no root while one of them is sick.
    pub follows: &'static [&'static str],
    /// Its function.
    pub judge: fn(&Survey) -> Judged,
}
