//! What exists, as it was read: the account, the network, the stack, the cluster and its aws-node. One document that can be saved, read
//! back, taken from a rendered template, or made by a test. Nothing here is judged, and nothing edits it.

#![warn(missing_docs)]

mod account;
mod cluster;
mod network;
mod stack;
mod stacks;
pub mod survey;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use account::{
    Account, AddonVersions, EndpointService, LivePool, LiveTransitGateway, LiveVpnGateway, Offer,
    OwnAddress, PublicAccess,
};
pub use cluster::{AwsNode, LiveAddon, LiveCluster, LiveNodeGroup};
pub use network::{LiveSubnet, Network, Peer, Reservation, RouteEntry, SUBNETS};
pub use stack::{Addon, Cluster, NodeGroup, Stack, Subnet};
pub use stacks::{Difference, Drift, StackDescription};
pub use survey::Survey;

use crate::ledger::Occupied;
use crate::template::Template;

/// Of a saved document.
pub const SCHEMA_VERSION: u32 = 1;

/// A part of the world: read, not read (and why), or not asked for. What is not read is never taken for fine.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Part_of_{T}")]
pub enum Part<T> {
    /// Not asked for.
    #[default]
    Unasked,
    /// It was asked for and could not be read.
    Unread(Unread),
    /// As it was read.
    Read(T),
}

/// Why a part is not known.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    /// The IAM action or the Kubernetes verb, such as `ec2:DescribeVpcs`.
    pub action: String,
    /// In AWS's or Kubernetes' words.
    pub why: String,
}

impl std::fmt::Display for Unread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.action, self.why)
    }
}

impl<T> Part<T> {
    /// Keeps a refusal with the action that was refused.
    pub fn of<E: std::fmt::Display>(action: &str, answer: Result<T, E>) -> Self {
        match answer {
            Ok(value) => Part::Read(value),
            Err(why) => Part::Unread(Unread { action: action.to_string(), why: why.to_string() }),
        }
    }

    /// What was read; `None` where it was not, for whatever reason.
    pub fn read(&self) -> Option<&T> {
        if let Part::Read(value) = self { Some(value) } else { None }
    }

    /// What was asked for and could not be read.
    pub fn unread(&self) -> Option<&Unread> {
        if let Part::Unread(unread) = self { Some(unread) } else { None }
    }

    /// This part, or the other's where this one was not asked for.
    fn or(self, other: Self) -> Self {
        if matches!(self, Part::Unasked) { other } else { self }
    }
}

/// The deployed stack: CloudFormation's description of it, and its template.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DeployedStack {
    /// Its status and outputs.
    pub description: StackDescription,
    /// The template that it was deployed from last.
    pub template: Template,
}

/// Everything that was read of the world around one blueprint.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The version that it is written in: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What the account offers and allows.
    pub account: Account,
    /// The VPC; `Read(None)` where it does not exist.
    pub network: Part<Option<Network>>,
    /// `Read(None)` where it does not exist.
    pub stack: Part<Option<DeployedStack>>,
    /// As EKS describes it; `Read(None)` where it does not exist.
    pub cluster: Part<Option<LiveCluster>>,
    /// Nodes that each node group of the stack is asked for now, by logical id.
    #[serde(default)]
    pub sizes: Part<BTreeMap<String, u32>>,
    /// As it runs in the cluster.
    pub aws_node: Part<Option<AwsNode>>,
    /// Everything that was read of the VPC and the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Box<Survey>>,
    /// What the lock remembers of an earlier survey; not of this reading.
    #[serde(skip)]
    pub occupied: Option<Occupied>,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            account: Account::default(),
            network: Part::Unasked,
            stack: Part::Unasked,
            cluster: Part::Unasked,
            sizes: Part::Unasked,
            aws_node: Part::Unasked,
            survey: None,
            occupied: None,
        }
    }
}

impl Observed {
    /// The world as it would be if a template stood for the stack.
    pub fn template(template: Template) -> Self {
        let description = StackDescription::default();
        let stack = (!template.is_empty()).then_some(DeployedStack { description, template });
        Self { stack: Part::Read(stack), ..Self::default() }
    }

    /// The deployed template; that of an empty stack where there is none, or nobody read it.
    pub fn deployed_template(&self) -> Template {
        let deployed = self.stack.read().and_then(Option::as_ref);
        deployed.map_or(Template::nothing(), |stack| stack.template.clone())
    }

    /// What was not read, each once, in order.
    pub fn unread(&self) -> Vec<&Unread> {
        let mut parts = self.account.unread();
        parts.extend(self.network.unread());
        parts.extend(self.network.read().into_iter().flatten().flat_map(|network| &network.unread));
        parts.extend(self.stack.unread());
        parts.extend(self.cluster.unread());
        parts.extend(self.sizes.unread());
        parts.extend(self.aws_node.unread());
        parts.extend(self.survey.iter().flat_map(|survey| survey.unread()));
        parts.sort();
        parts.dedup();
        parts
    }

    /// Both readings in one; this one's parts come first.
    pub fn and(self, other: Self) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            account: self.account.and(other.account),
            network: self.network.or(other.network),
            stack: self.stack.or(other.stack),
            cluster: self.cluster.or(other.cluster),
            sizes: self.sizes.or(other.sizes),
            aws_node: self.aws_node.or(other.aws_node),
            survey: self.survey.or(other.survey),
            occupied: self.occupied.or(other.occupied),
        }
    }
}
