//! Other CNIs, with addresses of their own for pods: how they wrap packets, on which ports, and what that takes off the MTU.
//! Source: the CNIs' own documentation, general knowledge that was not verified again; 2026-11-21.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum OtherCni {
    Cilium,
    Calico,
    Flannel,
    Antrea,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Encapsulation {
    Vxlan,
    Geneve,
    Ipip,
    Wireguard,
}

/// How one CNI wraps packets one way.
pub struct Row {
    pub cni: OtherCni,
    pub encapsulation: Encapsulation,
    /// What passes between nodes, in words.
    pub passes: &'static str,
    /// Bytes around each packet.
    pub overhead: u32,
}

const fn row(
    cni: OtherCni,
    encapsulation: Encapsulation,
    passes: &'static str,
    overhead: u32,
) -> Row {
    Row { cni, encapsulation, passes, overhead }
}

/// The first row of a CNI is its default.
pub const ROWS: &[Row] = &[
    row(OtherCni::Cilium, Encapsulation::Vxlan, "UDP 8472, and TCP 4240 for health", 50),
    row(OtherCni::Cilium, Encapsulation::Geneve, "UDP 6081, and TCP 4240 for health", 50),
    row(OtherCni::Cilium, Encapsulation::Wireguard, "UDP 51871, and TCP 4240 for health", 80),
    row(OtherCni::Calico, Encapsulation::Vxlan, "UDP 4789, and TCP 5473 for Typha", 50),
    row(
        OtherCni::Calico,
        Encapsulation::Ipip,
        "IP protocol 4, TCP 179 for BGP and 5473 for Typha",
        20,
    ),
    row(OtherCni::Calico, Encapsulation::Wireguard, "UDP 51820, and TCP 5473 for Typha", 80),
    row(OtherCni::Flannel, Encapsulation::Vxlan, "UDP 8472", 50),
    row(OtherCni::Antrea, Encapsulation::Geneve, "UDP 6081, and TCP and UDP 10349 to 10351", 50),
    row(OtherCni::Antrea, Encapsulation::Vxlan, "UDP 4789, and TCP and UDP 10349 to 10351", 50),
];

/// The MTU of a VPC's interfaces.
pub const MTU: u32 = 9_001;

/// Pods' addresses where the author names none; outside every default of a VPC and of services.
pub const POD_CIDR: &str = "10.244.0.0/16";

impl OtherCni {
    /// As its vendor spells it, in reasons and findings.
    pub fn word(self) -> &'static str {
        match self {
            OtherCni::Cilium => "Cilium",
            OtherCni::Calico => "Calico",
            OtherCni::Flannel => "Flannel",
            OtherCni::Antrea => "Antrea",
        }
    }
}

impl Encapsulation {
    /// As blueprints write it.
    pub fn word(self) -> &'static str {
        match self {
            Encapsulation::Vxlan => "vxlan",
            Encapsulation::Geneve => "geneve",
            Encapsulation::Ipip => "ipip",
            Encapsulation::Wireguard => "wireguard",
        }
    }
}

/// `None`: the CNI does not wrap that way.
pub fn find(cni: OtherCni, encapsulation: Option<Encapsulation>) -> Option<&'static Row> {
    ROWS.iter()
        .find(|row| row.cni == cni && encapsulation.is_none_or(|one| one == row.encapsulation))
}
