//! What takes addresses in a subnet beside nodes and their pods.

use std::collections::BTreeMap;

use crate::blueprint::model::{NatMode, TierEgress, Use};
use crate::facts::{endpoints, subnets};
use crate::intent::{Intent, Tier};
use crate::ledger::HeldSubnet;

/// What has addresses in a subnet beside nodes and pods; `layout` and findings name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    Fargate,
    ControlPlane,
    /// Only in the subnets that hold one.
    NatGateway,
    PrivateNatGateway,
    TransitGateway,
    Endpoints,
    LoadBalancers,
    /// In a subnet that exists.
    Present,
}

impl Taker {
    /// In reasons for a tier's size: `8 for the control plane`.
    pub fn word(self) -> &'static str {
        match self {
            Taker::Fargate => "Fargate pods",
            Taker::ControlPlane => "control plane",
            Taker::NatGateway => "NAT gateway",
            Taker::PrivateNatGateway => "private NAT gateway",
            Taker::TransitGateway => "transit gateway attachment",
            Taker::Endpoints => "VPC endpoints",
            Taker::LoadBalancers => "load balancers",
            Taker::Present => "what is there already",
        }
    }
}

/// Single addresses in each of a tier's subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    pub taker: Taker,
    /// Planned, with what an upgrade needs beside.
    pub planned: u64,
    /// Needed as soon as everything has been made.
    pub at_once: u64,
    /// Planned, with one zone lost.
    pub without_a_zone: u64,
}

impl Other {
    fn of(taker: Taker, count: u64) -> Self {
        Self { taker, planned: count, at_once: count, without_a_zone: count }
    }
}

/// In a tier's fullest subnet. `zones` says in which ones each Fargate profile is created, or was.
pub fn others(intent: &Intent, zones: &BTreeMap<String, Vec<String>>, tier: &Tier) -> Vec<Other> {
    let balancers =
        tier.serves(Use::ExternalLoadBalancers) || tier.serves(Use::InternalLoadBalancers);
    let nat = tier.existing.is_none()
        && tier.egress == TierEgress::Internet
        && matches!(intent.nat.mode, NatMode::Single | NatMode::PerZone);
    let private = intent.transit.private_nat.as_ref().is_some_and(|nat| nat.tier == tier.name);
    let attached = intent.transit.gateway.as_ref().is_some_and(|gateway| gateway.tier == tier.name);
    let interfaces = intent.endpoints.of(endpoints::Kind::Interface).count() as u64;
    let endpoints = if intent.endpoints.tier == tier.name { interfaces } else { 0 };
    let count = |there: bool, count: u64| if there { count } else { 0 };
    // What the cluster's nodes hold is counted with their groups.
    let taken = |held: &HeldSubnet| {
        subnets::usable(held.cidr.prefix_len()).saturating_sub(held.free + held.nodes)
    };
    let here = || tier.existing.iter().flatten();
    let present = here().map(taken).max().unwrap_or(0);
    let running =
        here().map(|held| subnets::usable(held.cidr.prefix_len()).saturating_sub(held.free));
    let present =
        Other { at_once: running.max().unwrap_or(0), ..Other::of(Taker::Present, present) };
    let rows = [
        fargate(intent, zones, tier),
        control_plane(intent, tier),
        Other::of(Taker::NatGateway, count(nat, intent.nat.addresses)),
        Other::of(Taker::PrivateNatGateway, count(private, 1)),
        Other::of(Taker::TransitGateway, count(attached, 1)),
        Other::of(Taker::Endpoints, endpoints),
        present,
        Other::of(Taker::LoadBalancers, count(balancers, subnets::LOAD_BALANCER_ADDRESSES)),
    ];
    rows.into_iter().filter(|other| 0 < other.planned.max(other.at_once)).collect()
}

/// Spread over the zones of their profile; when one is lost, the others take its pods too.
fn fargate(intent: &Intent, zones: &BTreeMap<String, Vec<String>>, tier: &Tier) -> Other {
    let profiles = intent.cluster.iter().flat_map(|cluster| &cluster.fargate);
    let own = profiles.filter(|profile| profile.tier == tier.name);
    own.fold(Other::of(Taker::Fargate, 0), |sum, profile| {
        let zones = zones.get(&profile.name).map_or(tier.zones.len(), Vec::len);
        let over = |zones: usize| profile.pods.div_ceil(zones.max(1) as u64);
        Other {
            planned: sum.planned + over(zones),
            at_once: sum.at_once + over(zones),
            without_a_zone: sum.without_a_zone + over(zones.saturating_sub(1)),
            ..sum
        }
    })
}

fn control_plane(intent: &Intent, tier: &Tier) -> Other {
    // The interfaces of a cluster that exists are there already.
    let made = intent.cluster.as_ref().is_some_and(|cluster| cluster.existing.is_none());
    let own = made && intent.control_plane_tiers().iter().any(|own| own.name == tier.name);
    let count = |count: u64| if own { count } else { 0 };
    Other {
        at_once: count(subnets::CONTROL_PLANE_AT_ONCE),
        ..Other::of(Taker::ControlPlane, count(subnets::CONTROL_PLANE_INTERFACES))
    }
}
