//! What eksnet asks of AWS: a handful of verbs.
#![allow(async_fn_in_trait, reason = "the ports are used by this crate's own single-threaded runtime")]

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::check::account::{OwnAddress, PublicAccess};
use crate::facts::instances::Described;
use crate::facts::quotas::Counted;

/// AWS said no, or could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.words())]
pub struct Refusal {
    /// AWS's error code, such as `ValidationError`; empty where no answer came.
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    fn words(&self) -> String {
        if self.code.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, self.code) }
    }
}

pub type Answer<T> = Result<T, Refusal>;

#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    pub id: String,
    pub name: String,
    /// CloudFormation's word, such as `CREATE_COMPLETE`.
    pub status: String,
    pub reason: String,
    pub protected: bool,
    /// Changes with every operation.
    pub last_operation: String,
    pub outputs: Vec<(String, String)>,
}

impl Stack {
    /// The VPC's id, once it stands.
    pub fn vpc(&self) -> Option<&str> {
        self.outputs.iter().find(|(name, _)| name == "VpcId").map(|(_, id)| id.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetType {
    Create,
    Update,
}

#[derive(Clone, Debug)]
pub struct ChangeSetRequest {
    pub stack: String,
    pub name: String,
    pub kind: ChangeSetType,
    pub template: String,
    pub token: String,
    pub tags: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    pub id: String,
    pub status: String,
    pub reason: String,
    pub execution: String,
    pub changes: Vec<ResourceChange>,
}

/// One resource of a change set, in CloudFormation's words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceChange {
    pub id: String,
    pub kind: String,
    pub action: String,
    /// `True`, `False`, `Conditional`, or empty.
    pub replacement: String,
    pub details: Vec<Detail>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// `Properties/Tags`, with slashes.
    pub property: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The resource that the property refers to and that brings the change about.
    pub cause: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackEvent {
    pub event_id: String,
    pub id: String,
    pub kind: String,
    pub status: String,
    pub reason: String,
    pub token: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackResource {
    pub id: String,
    pub physical_id: String,
    pub kind: String,
    pub status: String,
}

pub trait Stacks {
    async fn describe(&self, name: &str) -> Answer<Option<Stack>>;
    async fn template(&self, name: &str) -> Answer<String>;
    async fn resources(&self, name: &str) -> Answer<Vec<StackResource>>;
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Answer<()>;
    async fn change_set(&self, stack: &str, name: &str) -> Answer<ChangeSet>;
    async fn execute(&self, stack: &str, change_set: &str, token: &str) -> Answer<()>;
    async fn delete_change_set(&self, stack: &str, name: &str) -> Answer<()>;
    async fn delete(&self, stack: &str, token: &str) -> Answer<()>;
    async fn protect(&self, stack: &str, on: bool) -> Answer<()>;
    /// Events after the one with id `after`, oldest first; all of them without one.
    async fn events(&self, stack: &str, after: Option<&str>) -> Answer<Vec<StackEvent>>;
}

/// A subnet as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveSubnet {
    pub id: String,
    pub cidr: String,
    pub zone_id: String,
    pub zone_name: String,
    pub free: u64,
}

/// A part of a subnet that is kept for prefixes.
#[derive(Clone, Debug, PartialEq)]
pub struct Reservation {
    pub id: String,
    pub subnet: String,
    pub cidr: String,
}

/// A network interface that something left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct LeakedInterface {
    pub id: String,
    pub subnet: String,
    pub description: String,
}

pub trait Networks {
    /// Zone ids of the Region's availability zones, with their names.
    async fn zones(&self) -> Answer<Vec<(String, String)>>;
    async fn subnets(&self, vpc: &str) -> Answer<Vec<LiveSubnet>>;
    /// Every instance type of the Region.
    async fn instance_types(&self) -> Answer<Vec<Described>>;
    /// Interfaces that aws-node made (`aws-K8S-…`) and that are attached to nothing any more.
    async fn leaked_interfaces(&self, vpc: &str) -> Answer<Vec<LeakedInterface>>;
    /// Takes every rule out of the VPC's default security group; how many there were.
    async fn close_default_group(&self, vpc: &str) -> Answer<usize>;
    /// Reservations of eksnet's in these subnets.
    async fn reservations(&self, subnets: &[String]) -> Answer<Vec<Reservation>>;
    async fn reserve(&self, subnet: &str, cidr: &str) -> Answer<()>;
    async fn release(&self, reservation: &str) -> Answer<()>;
    /// Lets the VPC tell CloudWatch of its address units.
    async fn count_address_units(&self, vpc: &str) -> Answer<()>;
}

/// What an account has and allows, beside its stacks.
pub trait Accounts {
    /// (instance type, zone id) of those of `types` that are offered.
    async fn offered(&self, types: &[String]) -> Answer<BTreeSet<(String, String)>>;
    async fn quota(&self, service: &str, code: &str) -> Answer<u64>;
    async fn count(&self, what: Counted) -> Answer<u64>;
    async fn public_access(&self) -> Answer<PublicAccess>;
    /// Whether a VPC is excluded from it.
    async fn excluded(&self, vpc: &str) -> Answer<bool>;
    /// Versions of an add-on for a Kubernetes version, newest first; none where there is no such add-on.
    async fn addon_versions(&self, addon: &str, kubernetes: &str) -> Answer<Vec<String>>;
    async fn addresses(&self) -> Answer<Vec<OwnAddress>>;
    /// (route table, destination) of a VPC, local routes left out.
    async fn routes(&self, vpc: &str) -> Answer<Vec<(String, Ipv4Net)>>;
    /// (peering connection, CIDR on its other side) of a VPC.
    async fn peers(&self, vpc: &str) -> Answer<Vec<(String, Ipv4Net)>>;
    async fn cidrs(&self, vpc: &str) -> Answer<Vec<Ipv4Net>>;
}

#[derive(Clone, Debug, PartialEq)]
pub struct LiveCluster {
    pub status: String,
    pub version: String,
    pub endpoint: String,
    pub deletion_protection: bool,
    pub issues: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LiveAddon {
    pub name: String,
    pub status: String,
    pub version: String,
    pub issues: Vec<String>,
}

pub trait Clusters {
    async fn cluster(&self, name: &str) -> Answer<Option<LiveCluster>>;
    async fn addons(&self, cluster: &str) -> Answer<Vec<LiveAddon>>;
    /// Switches EKS's own protection against deletion off.
    async fn unprotect(&self, cluster: &str) -> Answer<()>;
}
