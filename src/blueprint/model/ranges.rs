//! Ranges of a VPC: written, or given by a fleet or by IPAM.

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum VpcRange {
    Written(String),
    Given(GivenRange),
}

impl VpcRange {
    /// As written; `None` where a fleet or IPAM gives it.
    pub fn written(&self) -> Option<&String> {
        match self {
            VpcRange::Written(text) => Some(text),
            VpcRange::Given(_) => None,
        }
    }
}

/// `class` of the fleet (`vpc.cidr` only), or `ipamPool` and `netmask` of a pool of VPC IPAM.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GivenRange {
    /// Of a further CIDR: what tiers name with `from`. Default: none.
    pub name: Option<String>,
    /// A size that the fleet's supernets offer. Default: none.
    pub class: Option<String>,
    /// Id of the IPAM pool that gives the range. Default: none.
    pub ipam_pool: Option<String>,
    /// Prefix length that IPAM is asked for: `16` or `/16`. Default: none.
    pub netmask: Option<Netmask>,
    /// Who takes the range from the pool. Default: vpc.
    pub allocation: Option<Allocation>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Allocation {
    /// The VPC itself, when it is created: what service control policies usually demand.
    Vpc,
    /// eksnet, before anything is deployed: the address is known before any change.
    Custom,
}

/// A prefix length, with or without the slash.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Netmask {
    Number(#[schemars(range(max = 128))] u8),
    Text(String),
}

impl Netmask {
    /// `None`: it is not a number of bits.
    pub fn bits(&self) -> Option<u8> {
        match self {
            Netmask::Number(bits) => Some(*bits),
            Netmask::Text(text) => {
                let digits = text.strip_prefix('/').unwrap_or(text);
                digits.parse().ok().filter(|_| digits == "0" || !digits.starts_with(['0', '+']))
            }
        }
    }
}

impl std::fmt::Display for Netmask {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Netmask::Number(bits) => bits.fmt(out),
            Netmask::Text(text) => text.fmt(out),
        }
    }
}
