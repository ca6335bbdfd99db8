//! EC2 instances of the cluster, their types, and the groups that start them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tags;

/// An instance of the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// Such as `m6i.xlarge`.
    pub instance_type: String,
    /// The subnet of its primary interface.
    pub subnet: String,
    /// Such as `running`.
    pub state: String,
    /// How many hops an answer of the metadata service survives.
    pub metadata_hop_limit: Option<u32>,
    /// `required` or `optional`.
    pub metadata_tokens: String,
    /// Such as `ip-10-0-3-7.eu-west-1.compute.internal`.
    pub private_dns: String,
    /// Of the primary interface.
    pub groups: Vec<String>,
    /// ARN of its instance profile.
    pub profile: Option<String>,
    /// When it was started.
    pub launched: Option<String>,
    /// By key.
    pub tags: Tags,
}

/// An instance type that the cluster uses.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct InstanceType {
    /// Such as `m6i.xlarge`.
    pub name: String,
    /// `nitro`, `xen`; empty of bare metal.
    pub hypervisor: String,
    /// Bare metal.
    pub bare_metal: bool,
    /// Interfaces of the default network card.
    pub interfaces: u32,
    /// IPv4 addresses of one interface.
    pub addresses_per_interface: u32,
    /// Such as `x86_64`.
    pub architectures: Vec<String>,
    /// Of the default configuration.
    pub vcpus: u32,
}

/// An Auto Scaling group of the cluster, with what it did last.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct ScalingGroup {
    /// Its name.
    pub name: String,
    /// Least, wanted and most instances.
    pub min: u32,
    /// Wanted instances.
    pub desired: u32,
    /// Most instances.
    pub max: u32,
    /// Where it starts instances.
    pub subnets: Vec<String>,
    /// `i-…`
    pub instances: Vec<String>,
    /// The last ones, newest first.
    pub activities: Vec<Activity>,
    /// By key.
    pub tags: Tags,
}

/// One thing that an Auto Scaling group did, or failed to do.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// Such as `Successful`, `Failed`.
    pub status: String,
    /// In the words of EC2 Auto Scaling.
    pub message: String,
    /// When it began.
    pub started: Option<String>,
}
