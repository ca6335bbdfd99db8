//! Where a cluster and its node groups were put when they were made, and stay: EKS keeps a cluster's set of zones (rule CLU-06)
//! and replaces a managed node group whose subnets change, so a zone that comes later gets node groups of its own.

use std::collections::BTreeMap;

use crate::intent::{Cluster, FargateProfile, Intent, NodeGroup};

use super::{AddressPlan, Ledger, Subnet};

/// The zones a cluster is made with, or was.
pub fn cluster_zones(intent: &Intent, ledger: &Ledger) -> Vec<String> {
    if intent.cluster.is_none() || !ledger.cluster_zones.is_empty() {
        return if intent.cluster.is_none() { Vec::new() } else { ledger.cluster_zones.clone() };
    }
    sorted(
        intent
            .control_plane_tiers()
            .iter()
            .flat_map(|tier| &tier.zones)
            .map(|zone| zone.id.clone()),
    )
}

/// The zones each node group is made with, or was; a zone that the blueprint has given up is left out.
pub fn node_group_zones(intent: &Intent, ledger: &Ledger) -> BTreeMap<String, Vec<String>> {
    let groups = intent.cluster.iter().flat_map(|cluster| {
        cluster.node_groups.iter().map(|group| (group.name.clone(), &group.tier))
    });
    let profiles = intent.cluster.iter().flat_map(|cluster| {
        cluster.fargate.iter().map(|profile| (fargate(&profile.name), &profile.tier))
    });
    let zones = groups.chain(profiles).map(|(name, tier)| {
        let offered = sorted(
            intent.tier(tier).iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.clone()),
        );
        let before = ledger.node_group_zones.get(&name);
        let kept: Vec<String> =
            before.into_iter().flatten().filter(|zone| offered.contains(zone)).cloned().collect();
        (name, if kept.is_empty() { offered } else { kept })
    });
    zones.collect()
}

/// A Fargate profile's key among the node groups: EKS replaces it too when its subnets change.
fn fargate(name: &str) -> String {
    format!("fargate/{name}")
}

fn sorted(zones: impl Iterator<Item = String>) -> Vec<String> {
    let mut zones: Vec<String> = zones.collect();
    zones.sort();
    zones.dedup();
    zones
}

impl AddressPlan {
    /// The subnets that the cluster is given.
    pub fn cluster_subnets(&self, intent: &Intent) -> Vec<&Subnet> {
        let tiers = intent.control_plane_tiers();
        let own = tiers
            .iter()
            .flat_map(|tier| self.subnets.iter().filter(|subnet| subnet.tier == tier.name));
        own.filter(|subnet| self.ledger.cluster_zones.contains(&subnet.zone.id)).collect()
    }

    /// A node group's own subnets, and those of zones that came after it.
    pub fn group_subnets(&self, group: &NodeGroup) -> (Vec<&Subnet>, Vec<&Subnet>) {
        let zones = self.ledger.node_group_zones.get(&group.name);
        let own = |subnet: &&Subnet| zones.is_none_or(|zones| zones.contains(&subnet.zone.id));
        self.subnets.iter().filter(|subnet| subnet.tier == group.tier).partition(own)
    }

    /// A Fargate profile's subnets: those of the zones it was made with.
    pub fn profile_subnets(&self, profile: &FargateProfile) -> Vec<&Subnet> {
        let zones = self.ledger.node_group_zones.get(&fargate(&profile.name));
        let own = |subnet: &&Subnet| {
            subnet.tier == profile.tier && zones.is_none_or(|zones| zones.contains(&subnet.zone.id))
        };
        self.subnets.iter().filter(own).collect()
    }

    /// What a zone that came after the cluster is left out of.
    pub fn latecomers(&self, intent: &Intent, cluster: &Cluster) -> Vec<String> {
        let given = self.cluster_subnets(intent);
        let tiers = intent.control_plane_tiers();
        let late = self.subnets.iter().filter(|subnet| {
            tiers.iter().any(|tier| tier.name == subnet.tier) && !given.contains(subnet)
        });
        let mut lines: Vec<String> = late
            .map(|subnet| {
                format!(
                    "`{}` in {} came after the cluster and is not handed to it: EKS keeps the zones a cluster was made with (CLU-06)",
                    subnet.tier,
                    subnet.zone.word()
                )
            })
            .collect();
        for group in &cluster.node_groups {
            let (_, late) = self.group_subnets(group);
            lines.extend(late.iter().map(|subnet| {
                format!("node group `{}` gets a second one of its own in {}: AWS replaces a group whose subnets change", group.name, subnet.zone.word())
            }));
        }
        lines
    }
}
