//! A cluster that exists: it stays as it is, and what the stack adds to it fits what it has.

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, EndpointAccess, IpFamily};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{eks, instances};
use crate::ledger::{HeldCluster, HeldGroup, HeldSubnet};
use crate::rules::{EXI_09, EXI_11, EXI_16, EXI_17, EXI_18, EXI_19, EXI_22};

use super::aws_node::{RoleBy, is_addon_version};
use super::existing::Found;
use super::{AwsNode, Cluster, NodeGroup, Tags, Tier, equipment, machines, unread};

/// The name of the cluster that the blueprint says exists.
fn name(blueprint: &Blueprint) -> Option<&str> {
    blueprint.cluster.as_ref()?.existing.as_deref()
}

/// `external` is for what others installed.
fn external(blueprint: &Blueprint) -> Option<Diagnostic> {
    let aws_node = blueprint.aws_node.as_ref()?;
    let is_own = blueprint.cluster.as_ref().is_none_or(|cluster| cluster.existing.is_none());
    (aws_node.management == Some(model::Management::External) && is_own).then(|| {
        EXI_18
            .at("awsNode.management", "`external`, and this blueprint creates the cluster")
            .hint("set `addon`, or name the cluster that exists: `cluster: { existing: … }`")
    })
}

/// What is wrong with the words, and with what the cluster has already.
pub fn check(blueprint: &Blueprint, found: &Found<'_>, findings: &mut Vec<Diagnostic>) {
    findings.extend(external(blueprint));
    let held = found.cluster();
    if let Some(name) = name(blueprint).filter(|_| found.is_known() && held.is_none()) {
        let unread = found.occupied.as_ref().and_then(|occupied| occupied.unread("eks.cluster"));
        let what = format!("what the cluster `{name}` has");
        findings.push(match unread {
            Some(part) => unread::unread(&EXI_19, "cluster.existing", &what, part),
            None => unknown(name, &blueprint.metadata.region),
        });
    }
    let Some(cluster) = blueprint.cluster.as_ref().filter(|one| one.existing.is_some()) else {
        return;
    };
    findings.extend(beside(cluster).iter().filter(|(_, is_set)| *is_set).map(|(word, _)| {
        EXI_11
            .at(
                key("cluster", word),
                format!("`{word}` beside `existing`: the cluster stays as it is"),
            )
            .on_key()
            .hint("remove it; of a cluster that exists only `access` is added to")
    }));
    findings.extend(group_rules(blueprint));
    findings.extend(other_version(blueprint));
    if let Some(held) = held {
        findings.extend(taken(blueprint, held));
        let is_read = found.occupied.as_ref().is_some_and(|one| one.unread("eks.addons").is_none());
        findings.extend(addonless(blueprint, held).filter(|_| is_read));
    }
}

/// Groups of their own need rules in the cluster's.
fn group_rules(blueprint: &Blueprint) -> Option<Diagnostic> {
    let groups = blueprint.security_groups.as_ref()?;
    let own = groups.mode.is_some_and(|mode| mode != model::GroupMode::Shared);
    let words = [("mode", own), ("controlPlane", groups.control_plane.is_some())];
    let (word, _) = words.into_iter().find(|(_, is_set)| *is_set)?;
    let message =
        format!("`{word}` would add rules to the security group of a cluster that exists");
    Some(EXI_11.at(key("securityGroups", word), message).on_key().hint(
        "remove it: new nodes use the cluster's own group; further ones go under `nodeGroups[].securityGroups`",
    ))
}

/// Whether the add-on is told its values by this blueprint.
fn by_addon(aws_node: &model::AwsNode) -> bool {
    aws_node.management.unwrap_or(model::Management::Addon) == model::Management::Addon
}

/// The add-on gets values; who made it updates it.
fn other_version(blueprint: &Blueprint) -> Option<Diagnostic> {
    let aws_node = blueprint.aws_node.as_ref().filter(|one| by_addon(one))?;
    aws_node.version.as_ref()?;
    let message = "`version` of the add-on of a cluster that exists: its owner updates it";
    Some(
        EXI_11
            .at("awsNode.version", message)
            .on_key()
            .hint("remove it: the settings are checked against the version that the cluster has"),
    )
}

/// Every key of a cluster but those that may stand beside `existing`: a new one is judged, too. Whether it is set.
fn beside(cluster: &model::Cluster) -> [(&'static str, bool); 14] {
    let model::Cluster {
        existing: _,
        access: _,
        version,
        ip_family,
        service_cidr,
        endpoint_access,
        logging,
        deletion_protection,
        secrets_key,
        log_retention_days,
        oidc_provider,
        authentication_mode,
        security_groups,
        control_plane_egress,
        remote_networks,
        auto_mode,
    } = cluster;
    [
        ("version", version.is_some()),
        ("ipFamily", ip_family.is_some()),
        ("serviceCidr", service_cidr.is_some()),
        ("endpointAccess", endpoint_access.is_some()),
        ("logging", logging.is_some()),
        ("deletionProtection", deletion_protection.is_some()),
        ("secretsKey", secrets_key.is_some()),
        ("logRetentionDays", log_retention_days.is_some()),
        ("oidcProvider", oidc_provider.is_some()),
        ("authenticationMode", authentication_mode.is_some()),
        ("securityGroups", security_groups.is_some()),
        ("controlPlaneEgress", control_plane_egress.is_some()),
        ("remoteNetworks", remote_networks.is_some()),
        ("autoMode", auto_mode.is_some()),
    ]
}

/// Settings for an add-on that the cluster does not have.
fn addonless(blueprint: &Blueprint, held: &HeldCluster) -> Option<Diagnostic> {
    let told = by_addon(blueprint.aws_node.as_ref()?);
    let lacks = held.addons.iter().all(|addon| addon.name != eks::VPC_CNI);
    (told && lacks).then(|| {
        EXI_22
            .at("awsNode", format!("`{}` does not have the add-on vpc-cni", held.name))
            .hint("set `management: selfManaged`, or `external` if another tool runs aws-node")
    })
}

/// A cluster that the survey does not know.
fn unknown(name: &str, region: &str) -> Diagnostic {
    EXI_09.at("cluster.existing", format!("the survey has no cluster `{name}`")).hint(format!(
        "make one of it: `eksnet survey --cluster {name} --region {region} --out survey.json`"
    ))
}

const RENAME: &str = "leave it out, or give it another name";
/// Of what has its name from elsewhere.
const LEAVE: &str = "leave it out: its owner keeps it as it is";

/// What is to be made and exists already, with its owner.
fn taken(blueprint: &Blueprint, held: &HeldCluster) -> Vec<Diagnostic> {
    let finding = |place: String, what: String, owner: &str| {
        EXI_16.at(
            place,
            format!("the cluster `{}` has {what} already, created by {owner}", held.name),
        )
    };
    let mut findings = Vec::new();
    for (at, group) in blueprint.node_groups.iter().flatten().enumerate() {
        let there = held.node_groups.iter().find(|own| own.name == group.name);
        findings.extend(there.map(|own| {
            let what = format!("a node group `{}`", group.name);
            finding(format!("nodeGroups[{at}].name"), what, &own.owner).hint(RENAME)
        }));
    }
    for (at, profile) in blueprint.fargate.iter().flatten().enumerate() {
        if held.fargate.contains(&profile.name) {
            let what = format!("a Fargate profile `{}`", profile.name);
            findings.push(finding(format!("fargate[{at}].name"), what, "others").hint(RENAME));
        }
    }
    for (at, addon) in blueprint.addons.iter().flatten().enumerate() {
        let there = held.addons.iter().find(|own| own.name == addon_name(addon));
        findings.extend(there.map(|own| {
            finding(format!("addons[{at}]"), format!("the add-on `{}`", own.name), &own.owner)
                .hint(LEAVE)
        }));
    }
    let access = blueprint.cluster.iter().flat_map(|cluster| cluster.access.iter().flatten());
    for (at, entry) in access.enumerate() {
        if held.access.contains(&entry.principal) {
            let what = format!("an access entry for `{}`", entry.principal);
            findings.push(
                finding(format!("cluster.access[{at}].principal"), what, "others").hint(LEAVE),
            );
        }
    }
    for (at, identity) in blueprint.pod_identities.iter().flatten().enumerate() {
        let account = format!("{}/{}", identity.namespace, identity.service_account);
        if held.pod_identities.contains(&account) {
            let what = format!("a Pod Identity association for `{account}`");
            findings.push(
                finding(format!("podIdentities[{at}].serviceAccount"), what, "others").hint(LEAVE),
            );
        }
    }
    findings
}

/// What the author leaves open of aws-node stays as it runs.
fn as_it_runs(aws_node: &mut model::AwsNode, held: &HeldCluster) {
    let number = |name: &str| held.aws_node.get(name).and_then(|value| value.parse().ok());
    let on = |name: &str| held.aws_node.get(name).is_some_and(|value| value == "true");
    if held.aws_node.is_empty() {
        return;
    }
    aws_node.prefix_delegation.get_or_insert(on("ENABLE_PREFIX_DELEGATION"));
    let set = |target: Option<u32>| target.is_some_and(|target| 0 < target);
    let (ips, minimum_ips) = (number("WARM_IP_TARGET"), number("MINIMUM_IP_TARGET"));
    let by_ips = set(ips) || set(minimum_ips);
    // AWS's DaemonSet sets targets that have no effect: they are its owner's, and decide nothing.
    let decides = |own: bool, name: &str| if own && !by_ips { number(name) } else { None };
    let prefixes = aws_node.prefix_delegation == Some(true);
    aws_node.warm.get_or_insert(model::Warm {
        enis: decides(!prefixes, "WARM_ENI_TARGET"),
        prefixes: decides(prefixes, "WARM_PREFIX_TARGET"),
        ips,
        minimum_ips,
    });
}

fn addon_name(addon: &model::Addon) -> &str {
    match addon {
        model::Addon::Name(name) => name,
        model::Addon::Pinned(pinned) => &pinned.name,
    }
}

/// The blueprint as it would be if its author had written what the cluster has.
pub fn as_written(blueprint: &Blueprint, held: Option<&HeldCluster>) -> Blueprint {
    let mut own = blueprint.clone();
    let Some(cluster) = own.cluster.as_mut().filter(|cluster| cluster.existing.is_some()) else {
        return own;
    };
    *cluster = model::Cluster {
        existing: cluster.existing.take(),
        access: cluster.access.take(),
        logging: Some(Vec::new()),
        deletion_protection: Some(false),
        ..model::Cluster::default()
    };
    if let Some(held) = held {
        let six = held.ip_family == "ipv6";
        cluster.version = Some(held.version.clone());
        cluster.ip_family = six.then_some(IpFamily::Ipv6);
        cluster.service_cidr = held.service_cidr.map(|cidr| cidr.to_string());
        cluster.endpoint_access = Some(EndpointAccess {
            private: Some(held.endpoint_private),
            public: Some(true),
            public_cidrs: None,
        });
    }
    own.addons.get_or_insert_default();
    if let Some(held) = held {
        let role = if held.aws_node_role { RoleBy::PodIdentity } else { RoleBy::NodeRole };
        own.aws_node.get_or_insert_default().role.get_or_insert(role);
        let aws_node = own.aws_node.get_or_insert_default();
        as_it_runs(aws_node, held);
        let addon = held.addons.iter().find(|one| one.name == eks::VPC_CNI);
        let version = addon.map(|one| &one.version).filter(|one| is_addon_version(one));
        if by_addon(aws_node) && version.is_some() {
            aws_node.version = version.cloned();
        }
    }
    own
}

/// A cluster with what it has already, where it exists.
pub fn with(
    cluster: Cluster,
    blueprint: &Blueprint,
    held: Option<&HeldCluster>,
    tiers: &[Tier],
) -> Cluster {
    let Some(name) = name(blueprint) else { return cluster };
    let groups = held.map_or(Vec::new(), |held| counted(held, tiers, &cluster.aws_node));
    let node_groups = cluster.node_groups.iter().cloned().chain(groups).collect();
    let unread = || HeldCluster { name: name.to_string(), ..HeldCluster::default() };
    let existing = Some(held.cloned().unwrap_or_else(unread));
    Cluster { node_groups, existing, ..cluster }
}

/// Zones with nodes whose pods would have no subnet.
pub fn podless(cluster: Option<&Cluster>, tiers: &[Tier]) -> Option<Diagnostic> {
    let custom = cluster?.aws_node.custom_networking.as_ref()?;
    let tier = tiers.iter().find(|tier| tier.name == custom.tier)?;
    zones_without_pods(cluster?.existing.as_ref()?, tier)
}

/// Node groups of the cluster whose subnets a tier names: they take addresses as the new ones do.
fn counted(held: &HeldCluster, tiers: &[Tier], aws_node: &AwsNode) -> Vec<NodeGroup> {
    held.node_groups.iter().filter_map(|group| one(group, tiers, aws_node)).collect()
}

fn one(group: &HeldGroup, tiers: &[Tier], aws_node: &AwsNode) -> Option<NodeGroup> {
    let has = |subnet: &&HeldSubnet| group.subnets.contains(&subnet.id);
    let tier = tiers.iter().find(|tier| tier.existing.iter().flatten().any(|one| has(&one)))?;
    let types = group.instance_types.iter();
    let instances: Vec<_> = types.filter_map(|name| instances::find(name)).collect();
    if instances.is_empty() {
        return None;
    }
    // Its numbers are shared out among its own zones.
    let mut zones: Vec<String> = tier.zones.iter().map(|zone| zone.id.clone()).collect();
    let here = |id: &String| {
        let zone = tier.zones.iter().find(|zone| zone.id == *id);
        let own = || tier.existing.iter().flatten().filter(has);
        zone.is_some_and(|zone| own().any(|subnet| zone.holds(subnet)))
    };
    zones.retain(here);
    let pod_tier = aws_node.custom_networking.as_ref().map(|custom| custom.tier.clone());
    // Nothing of it is written, so nothing can be wrong with it.
    let (bare, mut nothing) = (bare(&group.name)?, Vec::new());
    let place = "cluster.existing";
    let ami_type = machines::ami_type(&instances).to_string();
    let ami = equipment::ami(place, &bare, || ami_type, &mut nothing);
    Some(NodeGroup {
        existing: true,
        name: group.name.clone(),
        path: place.to_string(),
        tier: tier.name.clone(),
        zones: Some(zones),
        pod_tier,
        per_zone: false,
        primary_excluded: false,
        volume: equipment::volume(place, &bare, ami.is_windows(), &mut nothing),
        capacity: equipment::capacity(place, None, &mut nothing),
        imds: equipment::imds(None),
        update: equipment::update(place, None, &mut nothing),
        config: equipment::own_config(place, &bare),
        ami,
        instances,
        min: group.min,
        desired: group.desired,
        max: group.max,
        new_zones: model::NewZones::default(),
        pods_per_node: None,
        max_pods: None,
        role: model::NodeRole::default(),
        policies: Vec::new(),
        security_groups: Vec::new(),
        detailed_monitoring: None,
        auto_repair: None,
        labels: Tags::new(),
        taints: Vec::new(),
        tags: Tags::new(),
    })
}

/// A group of which the blueprint says nothing but its name.
fn bare(name: &str) -> Option<model::NodeGroup> {
    serde_json::from_value(serde_json::json!({ "name": name })).ok()
}

/// Zones that have nodes and no subnet for their pods: since aws-node 1.13 a node without a matching ENIConfig stays NotReady.
fn zones_without_pods(held: &HeldCluster, tier: &Tier) -> Option<Diagnostic> {
    let known = tier.zones.iter();
    let has = |zone: &crate::ledger::HeldZone| {
        known.clone().any(|own| match &own.name {
            Some(name) => *name == zone.name,
            None => own.id == zone.id,
        })
    };
    let bare = held.node_zones.iter().find(|zone| !has(zone))?;
    let message = format!(
        "`{}` has nodes in {} ({}), and `{}` has no subnet there",
        held.name, bare.name, bare.id, tier.name
    );
    Some(EXI_17.at(key(&tier.path, "name"), message).hint(
        "add the zone under `zones`: a node without an ENIConfig for its zone stays NotReady",
    ))
}
