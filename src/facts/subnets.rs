//! Subnets: bounds, reserved addresses, and what a use of a subnet asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What lives in a subnet.
#[derive(
    Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash,
)]
#[serde(rename_all = "camelCase")]
pub enum Use {
    ExternalLoadBalancers,
    InternalLoadBalancers,
    Nodes,
    Pods,
    ControlPlane,
    /// The attachment to a transit gateway.
    Transit,
}

/// How packets of a subnet leave for the internet.
#[derive(
    Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Hash,
)]
#[serde(rename_all = "camelCase")]
pub enum TierEgress {
    /// A default route to the internet gateway.
    Internet,
    /// A default route to a NAT gateway.
    Nat,
    /// No default route.
    None,
}

/// Rule SUB-01; EC2 API reference, CreateSubnet, read 2026-11-20.
pub const LARGEST: u8 = 16;
pub const SMALLEST: u8 = 28;

/// First four and last address. VPC user guide, subnet sizing, read 2026-11-20.
pub const RESERVED: u64 = 5;

/// The tag by which aws-node finds subnets for pods: `1` opens one, `0` closes it. Rules SD-02 to SD-07.
pub const DISCOVERY_TAG: &str = "kubernetes.io/role/cni";

/// Followed by a cluster's name: a subnet open to that cluster's pods only. Rule SD-06.
pub const DISCOVERY_CLUSTER_TAG: &str = "cni.networking.k8s.aws/cluster/";

/// The description by which eksnet's own reservations are told from others.
pub const RESERVED_BY: &str = "prefixes of aws-node, by eksnet";

/// EC2 hands out prefixes of this length (16 addresses).
pub const PREFIX: u8 = 28;
pub const ADDRESSES_PER_PREFIX: u64 = 16;

/// Load balancers want subnets of at least this size. Rule SUB-08.
pub const SMALLEST_FOR_LOAD_BALANCERS: u8 = 27;

/// Free addresses a load balancer wants in its subnet. Rule SUB-08.
pub const LOAD_BALANCER_ADDRESSES: u64 = 8;

/// Interfaces of the control plane in one of its subnets, old and new ones during an upgrade. Rule CLU-03.
pub const CONTROL_PLANE_INTERFACES: u64 = 8;

/// And as long as there is no upgrade: EKS makes up to four interfaces for a cluster, spread over two subnets and more.
/// Source: EKS best practices, VPC and subnet considerations, read 2026-11-28.
pub const CONTROL_PLANE_AT_ONCE: u64 = 2;

/// Four fifths of a subnet are planned at most; the rest is for what nobody planned. Rule SIZ-02.
pub const PLANNED_PER_CENT: u64 = 80;
pub const GROWTH_PER_CENT: u32 = 25;

/// Addresses EKS asks for in each control-plane subnet. Rule CLU-02.
pub const CONTROL_PLANE_ADDRESSES: u64 = 6;

/// And recommends, where others live there too. Rules CLU-02, SIZ-01.
pub const CONTROL_PLANE_RECOMMENDED: u64 = 16;

/// Subnets in a VPC unless the quota was raised. Rule SUB-06.
pub const PER_VPC: usize = 200;

/// What a use of a subnet means for its tags and its defaults.
pub struct UseRow {
    pub of: Use,
    /// The tag that makes controllers find the subnet. Rules TAG-11, TAG-16.
    pub tag: Option<(&'static str, &'static str)>,
    /// Default prefix length in a VPC of /16 or larger.
    pub size: u8,
    pub egress: TierEgress,
}

/// Of a tier that serves nothing eksnet knows.
pub const DEFAULT_SIZE: u8 = 24;

pub const USES: &[UseRow] = &[
    UseRow {
        of: Use::ExternalLoadBalancers,
        tag: Some(("kubernetes.io/role/elb", "1")),
        size: 24,
        egress: TierEgress::Internet,
    },
    UseRow {
        of: Use::InternalLoadBalancers,
        tag: Some(("kubernetes.io/role/internal-elb", "1")),
        size: 24,
        egress: TierEgress::Nat,
    },
    UseRow { of: Use::Nodes, tag: None, size: 20, egress: TierEgress::Nat },
    UseRow { of: Use::Pods, tag: None, size: 18, egress: TierEgress::Nat },
    UseRow { of: Use::ControlPlane, tag: None, size: 28, egress: TierEgress::None },
    UseRow { of: Use::Transit, tag: None, size: 28, egress: TierEgress::None },
];

/// The row of a use: a test holds that every use has one.
pub fn of(one: Use) -> &'static UseRow {
    USES.iter().find(|row| row.of == one).expect("every use has a row, as a test holds")
}

/// The smallest subnet for what it serves.
pub fn smallest_for(serves: &[Use]) -> u8 {
    if serves.iter().any(|one| of(*one).tag.is_some()) {
        SMALLEST_FOR_LOAD_BALANCERS
    } else {
        SMALLEST
    }
}

/// The smallest subnet with a whole /28 that is free of reserved addresses.
pub fn smallest_with_prefixes() -> u8 {
    (LARGEST..=SMALLEST).rev().find(|len| 0 < prefixes(*len)).unwrap_or(LARGEST)
}

/// Addresses of a subnet that something can use.
pub fn usable(prefix_len: u8) -> u64 {
    (1u64 << (32 - u32::from(prefix_len))).saturating_sub(RESERVED)
}

/// Whole /28 blocks in an empty subnet: the reserved addresses break the first and the last. Rule SUB-11.
pub fn prefixes(prefix_len: u8) -> u64 {
    match prefix_len {
        0..PREFIX => (1u64 << u32::from(PREFIX - prefix_len)).saturating_sub(2),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_has_a_row() {
        for one in [
            Use::ExternalLoadBalancers,
            Use::InternalLoadBalancers,
            Use::Nodes,
            Use::Pods,
            Use::ControlPlane,
            Use::Transit,
        ] {
            assert_eq!(of(one).of, one);
        }
    }

    #[test]
    fn usable_addresses_and_prefixes_are_those_of_the_rules() {
        let published = [
            (28, 11, 0),
            (27, 27, 0),
            (26, 59, 2),
            (24, 251, 14),
            (20, 4_091, 254),
            (19, 8_187, 510),
            (16, 65_531, 4_094),
        ];
        for (len, addresses, blocks) in published {
            assert_eq!((usable(len), prefixes(len)), (addresses, blocks), "/{len}");
        }
    }
}
