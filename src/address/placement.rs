//! Where a cluster and its node groups were put when they were made, and stay: EKS keeps a cluster's set of zones (rule CLU-06)
//! and replaces a managed node group whose subnets change, so a zone that comes later gets node groups of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::model::{NatMode, NewZones, TierEgress};
use crate::facts::eks::VPC_CNI;
use crate::intent::{Cluster, FargateProfile, Given, Intent, NodeGroup, Tier};

use crate::ledger::{Kept, KeptAddon, KeptGroup, KeptRange};

use super::{AddressPlan, Ledger, Subnet};

/// The choices that stay once this blueprint is deployed.
pub fn kept(intent: &Intent, ledger: &Ledger) -> Kept {
    let endpoints = intent.endpoints.kept();
    let Some(cluster) = &intent.cluster else {
        let logical_ids = ledger.kept.logical_ids.clone();
        let acl_rules = ledger.kept.acl_rules.clone();
        let ranges = ranges(intent, ledger);
        return Kept { endpoints, logical_ids, acl_rules, ranges, ..Kept::default() };
    };
    let offered = |tier: &str| zones_of(intent.tier(tier));
    let group = |group: &NodeGroup| {
        let before = ledger.kept.group_zones(&group.name);
        let kept = KeptGroup {
            zones: match &group.zones {
                Some(zones) => sorted(zones.iter().cloned()),
                None => remaining(before, offered(&group.tier)),
            },
            ami_type: group.ami.image.is_none().then(|| group.ami.kind.clone()),
            role: None,
        };
        (group.name.clone(), kept)
    };
    let profile = |profile: &FargateProfile| {
        let before = ledger.kept.fargate.get(&profile.name);
        (profile.name.clone(), remaining(before, offered(&profile.tier)))
    };
    let made = cluster.existing.is_none();
    Kept {
        kubernetes_version: made.then(|| cluster.version.clone()),
        service_cidr: (made && !cluster.ipv6).then_some(cluster.service_cidr),
        bootstrap_self_managed_addons: made.then_some(cluster.bootstrap),
        auto_mode: (cluster.auto.is_some() || cluster.auto_off).then_some(true),
        // Of an open endpoint the stack says it.
        public_cidrs: cluster.endpoint.former_cidrs.clone(),
        cluster_zones: if made { cluster_zones(intent, ledger) } else { Vec::new() },
        addons: pinned(cluster, ledger),
        node_groups: cluster.node_groups.iter().filter(|own| !own.existing).map(group).collect(),
        fargate: cluster.fargate.iter().map(profile).collect(),
        endpoints,
        logical_ids: ledger.kept.logical_ids.clone(),
        acl_rules: ledger.kept.acl_rules.clone(),
        ranges: ranges(intent, ledger),
        // What was there before is known where the settings are made.
        aws_node: ledger.kept.aws_node.clone().filter(|_| !made),
        // Once the template is patched.
        patched: BTreeMap::new(),
    }
}

/// Versions of add-ons; the VPC CNI of a cluster of others is its owner's to update.
fn pinned(cluster: &Cluster, ledger: &Ledger) -> BTreeMap<String, KeptAddon> {
    let mut addons = cluster.pinned_versions(&ledger.kept);
    if cluster.existing.is_some() {
        addons.remove(VPC_CNI);
    }
    addons
}

/// What others gave, once it is known; what was given under a name that is gone is not kept.
fn ranges(intent: &Intent, ledger: &Ledger) -> BTreeMap<String, KeptRange> {
    let known = intent.vpc.given.iter().filter(|given| given.known);
    let row = |given: &Given| {
        let before = ledger.kept.ranges.get(&given.name);
        let allocation = before.and_then(|before| before.allocation.clone());
        let kept = KeptRange { cidr: given.cidr, from: given.by.word(), allocation };
        (given.name.clone(), kept)
    };
    known.map(row).collect()
}

/// The zones a cluster is created with, or was.
fn cluster_zones(intent: &Intent, ledger: &Ledger) -> Vec<String> {
    if !ledger.kept.cluster_zones.is_empty() {
        return ledger.kept.cluster_zones.clone();
    }
    sorted(intent.control_plane_tiers().into_iter().flat_map(|tier| zones_of(Some(tier))))
}

/// A zone that the blueprint has given up is left out.
fn remaining(before: Option<&Vec<String>>, offered: Vec<String>) -> Vec<String> {
    let kept: Vec<String> =
        before.into_iter().flatten().filter(|zone| offered.contains(zone)).cloned().collect();
    if kept.is_empty() { offered } else { kept }
}

fn zones_of(tier: Option<&Tier>) -> Vec<String> {
    sorted(tier.iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.clone()))
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
        own.filter(|subnet| self.ledger.kept.cluster_zones.contains(&subnet.zone.id)).collect()
    }

    /// A node group's own subnets, and those of zones that came after it. One that names its zones is in these, whatever came.
    pub fn group_subnets(&self, group: &NodeGroup) -> (Vec<&Subnet>, Vec<&Subnet>) {
        let of_tier = self.subnets.iter().filter(|subnet| subnet.tier == group.tier);
        if let Some(zones) = &group.zones {
            let own = of_tier.filter(|subnet| zones.contains(&subnet.zone.id));
            return (own.collect(), Vec::new());
        }
        let zones = self.ledger.kept.group_zones(&group.name);
        let own = |subnet: &&Subnet| zones.is_none_or(|zones| zones.contains(&subnet.zone.id));
        of_tier.partition(own)
    }

    /// A Fargate profile's subnets: those of the zones that it was created with.
    pub fn profile_subnets(&self, profile: &FargateProfile) -> Vec<&Subnet> {
        let zones = self.ledger.kept.fargate.get(&profile.name);
        let own = |subnet: &&Subnet| {
            subnet.tier == profile.tier && zones.is_none_or(|zones| zones.contains(&subnet.zone.id))
        };
        self.subnets.iter().filter(own).collect()
    }

    /// The public subnets that hold a NAT gateway: one per zone in need, or one in all. The single one stays where it was first:
    /// in the oldest zone of the ledger.
    pub fn nat_hosts(&self, intent: &Intent) -> Vec<&Subnet> {
        let egress_of = |subnet: &Subnet| intent.tier(&subnet.tier).map(|tier| tier.egress);
        let mut public: Vec<&Subnet> = self
            .subnets
            .iter()
            .filter(|subnet| egress_of(subnet) == Some(TierEgress::Internet))
            .collect();
        let since = |subnet: &Subnet| {
            self.ledger.find(&subnet.tier, &subnet.zone.id).map_or(0, |entry| entry.since)
        };
        public.sort_by_key(|subnet| (since(subnet), subnet.zone.id.clone(), subnet.stem.clone()));
        let behind =
            self.subnets.iter().filter(|subnet| egress_of(subnet) == Some(TierEgress::Nat));
        let in_need: BTreeSet<&str> = behind.map(|subnet| subnet.zone.id.as_str()).collect();
        let any = intent.tiers.iter().any(|tier| tier.egress == TierEgress::Nat);
        match intent.nat.mode {
            NatMode::None | NatMode::Regional => Vec::new(),
            NatMode::Single => public.into_iter().take(usize::from(any)).collect(),
            NatMode::PerZone => {
                let mut zones = BTreeSet::new();
                let mut first = |zone: &str| zones.insert(zone.to_string());
                public
                    .into_iter()
                    .filter(|subnet| {
                        in_need.contains(subnet.zone.id.as_str()) && first(&subnet.zone.id)
                    })
                    .collect()
            }
        }
    }

    /// What a zone that came after the cluster is left out of.
    pub fn latecomers(&self, intent: &Intent, cluster: &Cluster) -> Vec<String> {
        let given = self.cluster_subnets(intent);
        // Where a cluster that exists has its interfaces is its owner's.
        let tiers = match cluster.existing {
            Some(_) => Vec::new(),
            None => intent.control_plane_tiers(),
        };
        let late = self.subnets.iter().filter(|subnet| {
            tiers.iter().any(|tier| tier.name == subnet.tier) && !given.contains(subnet)
        });
        let mut lines: Vec<String> = late
            .map(|subnet| {
                format!(
                    "`{}` in {} is newer than the cluster and is not attached to it: EKS keeps the zones that a cluster was created with (CLU-06)",
                    subnet.tier,
                    subnet.zone.word()
                )
            })
            .collect();
        lines.extend(cluster.node_groups.iter().flat_map(|group| self.late_groups(group)));
        lines
    }

    /// Nodes of a group at most, where zones that came after it add to its own maximum.
    pub fn grown(&self, group: &NodeGroup) -> Option<u32> {
        let (own, late) = self.group_subnets(group);
        let zones = u32::try_from(own.len().max(1)).unwrap_or(u32::MAX);
        let count = u32::try_from(late.len()).unwrap_or(u32::MAX);
        let more = group.max.div_ceil(zones).saturating_mul(count);
        (0 < count && group.new_zones == NewZones::Add).then(|| group.max.saturating_add(more))
    }

    /// What a node group comes to with the zones that came after it.
    fn late_groups(&self, group: &NodeGroup) -> Vec<String> {
        let (_, late) = self.group_subnets(group);
        let grows = match self.grown(group) {
            Some(grown) => {
                format!(" and may grow to {grown} nodes in total instead of {}", group.max)
            }
            None => format!(" within its maximum of {}", group.max),
        };
        let line = |subnet: &&Subnet| {
            format!(
                "node group `{}` gets a second group in {}{grows}: AWS replaces a group whose subnets change",
                group.name,
                subnet.zone.word()
            )
        };
        late.iter().map(line).collect()
    }
}
