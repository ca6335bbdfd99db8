//! What only the account tells: its zones, quotas, addresses, and what is in the way of a VPC that stands. Each finding names the read
//! that proves it.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

pub use super::gateways::Gateways;
use super::gateways::PREFLIGHT;
use super::pools::{self, Pools};
use super::{gateways, placeholders};
use crate::address::{AddressPlan, newborn};
use crate::blueprint::model::{NatMode, TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node;
#[cfg(feature = "aws")]
use crate::facts::eks;
use crate::facts::quotas::{
    Counted, NAT_GATEWAYS, OF_ONE_BLUEPRINT, Of, QUOTAS, Quota, ROUTES, VCPUS,
};
use crate::facts::regions::REFUSED_ZONES;
use crate::graph::Graph;
use crate::intent::{Cluster, Intent, NodeGroup, Zone};
use crate::observed::{EndpointService, Network, Observed, Part, Stack};
pub use crate::observed::{OwnAddress, PublicAccess};
use crate::rules::{
    ADD_03, BPA_01, BPA_02, CLU_03, CLU_04, EXT_02, NAT_13, NG_09, QUO_03, QUO_04, SET_36, VPC_25,
    VPC_26, ZON_06,
};

/// What was read of an account. `None`, or not in a map: it could not be.
#[derive(Clone, Debug, Default)]
pub struct AccountState {
    /// (zone id, zone name)
    pub zones: Option<Vec<(String, String)>>,
    /// (instance type, zone id)
    pub offered: Option<BTreeSet<(String, String)>>,
    /// By quota code.
    pub quotas: BTreeMap<&'static str, u64>,
    pub counts: BTreeMap<Counted, u64>,
    /// vCPUs that run, by the code of their quota.
    pub vcpus: Option<BTreeMap<String, u64>>,
    /// NAT gateways of the Region, by zone id.
    pub nat_gateways: Option<BTreeMap<String, u64>>,
    /// Most entries by prefix list.
    pub prefix_lists: BTreeMap<String, u64>,
    /// Those of the blueprint's endpoint services that the Region has.
    pub endpoint_services: Option<BTreeSet<EndpointService>>,
    pub public_access: Option<PublicAccess>,
    /// Versions by add-on, for the cluster's Kubernetes version.
    pub addons: BTreeMap<String, Vec<String>>,
    /// (place in vpc-cni's configuration values, with slashes; what its own schema says against it).
    pub misfits: Vec<(String, String)>,
    /// Addresses of the author's own.
    pub addresses: Option<Vec<OwnAddress>>,
    pub gateways: Gateways,
    pub pools: Pools,
    /// The stack's VPC, if it stands.
    pub vpc: Option<StandingVpc>,
}

/// What is read of a VPC that exists, for what it would refuse.
#[derive(Clone, Debug, Default)]
pub struct StandingVpc {
    pub cidrs: Vec<Ipv4Net>,
    /// (route table, destination), local routes left out.
    pub routes: Vec<(String, Ipv4Net)>,
    /// (peering connection, CIDR on its other side)
    pub peers: Vec<(String, Ipv4Net)>,
    /// Free addresses by subnet CIDR.
    pub free: BTreeMap<Ipv4Net, u64>,
    /// Allocation ids on the stack's own gateways.
    pub attached: BTreeSet<String>,
    /// The cluster's Kubernetes version.
    pub version: Option<String>,
    /// From VPC Block Public Access.
    pub excluded: bool,
}

impl AccountState {
    /// What of the world concerns an account, beside `stack`: what is deployed.
    pub fn of(observed: &Observed, stack: &Stack) -> Self {
        let account = &observed.account;
        let cluster = observed.cluster.read().and_then(Option::as_ref);
        let network = observed.network.read().and_then(Option::as_ref);
        let read = |part: &Part<u64>| part.read().copied();
        Self {
            zones: account.zones.read().cloned(),
            offered: account.offered.read().map(|offers| {
                offers
                    .iter()
                    .map(|offer| (offer.instance_type.clone(), offer.zone_id.clone()))
                    .collect()
            }),
            quotas: codes()
                .filter_map(|code| Some((code, read(account.quotas.get(code)?)?)))
                .collect(),
            vcpus: account.vcpus.read().cloned(),
            nat_gateways: account.nat_gateways.read().cloned(),
            prefix_lists: account.prefix_lists.read().cloned().unwrap_or_default(),
            endpoint_services: account.endpoint_services.read().cloned(),
            counts: account
                .counts
                .iter()
                .filter_map(|(what, count)| Some((*what, read(count)?)))
                .collect(),
            public_access: account.public_access.read().copied(),
            addons: account
                .addons
                .iter()
                .filter_map(|(name, versions)| {
                    Some((name.clone(), versions.read()?.newest_first.clone()))
                })
                .collect(),
            misfits: Vec::new(),
            addresses: account.addresses.read().cloned(),
            gateways: Gateways::of(account),
            pools: account
                .pools
                .iter()
                .filter_map(|(id, pool)| Some((id.clone(), pool.read()?.clone())))
                .collect(),
            vpc: network.map(|network| {
                let version = cluster.map(|cluster| cluster.version.clone());
                StandingVpc::of(network, stack, version)
            }),
        }
    }

    /// With what the schema of vpc-cni's version says of its configuration in `rendered`.
    #[cfg(feature = "aws")]
    pub fn with_misfits(self, observed: &Observed, rendered: &Stack, region: &str) -> Self {
        let schema = observed.account.schemas.get(eks::VPC_CNI).and_then(Part::read);
        let written = rendered.vpc_cni().and_then(|addon| addon.configuration.as_deref());
        let misfits = schema.zip(written);
        let misfits =
            misfits.map(|(schema, written)| super::configuration::misfits(schema, written, region));
        Self { misfits: misfits.unwrap_or_default(), ..self }
    }
}

/// Of all quotas that are read.
fn codes() -> impl Iterator<Item = &'static str> {
    let others = [&NAT_GATEWAYS, &ROUTES].into_iter().chain(OF_ONE_BLUEPRINT);
    let others = others.chain(VCPUS.iter().map(|one| &one.quota)).map(|quota| quota.code);
    QUOTAS.iter().map(|quota| quota.code).chain(others)
}

impl StandingVpc {
    fn of(network: &Network, stack: &Stack, version: Option<String>) -> Self {
        let free = network.subnets.iter();
        Self {
            cidrs: network.cidrs.clone(),
            routes: network
                .routes
                .iter()
                .map(|route| (route.table.clone(), route.destination))
                .collect(),
            peers: network.peers.iter().map(|peer| (peer.connection.clone(), peer.cidr)).collect(),
            free: free
                .filter_map(|subnet| Some((subnet.cidr.parse().ok()?, subnet.free)))
                .collect(),
            attached: stack.allocations.clone(),
            version,
            excluded: network.excluded,
        }
    }
}

/// What is wanted, and what of it stands already, by logical id.
pub struct Deployment<'a> {
    pub intent: &'a Intent,
    pub plan: &'a AddressPlan,
    pub graph: &'a Graph,
    pub stands: &'a dyn Fn(&str) -> bool,
    /// Findings on more than a quota allows by default.
    pub exceeding: &'a [Diagnostic],
}

/// Everything that stands in the way.
pub fn check(deployment: &Deployment<'_>, state: &AccountState) -> Vec<Diagnostic> {
    let intent = deployment.intent;
    let mut findings = zones(intent, state);
    findings.extend(intent.cluster.iter().flat_map(|cluster| {
        cluster.node_groups.iter().filter_map(|group| offered(intent, group, state))
    }));
    findings.extend(QUOTAS.iter().filter_map(|quota| room(quota, deployment, state)));
    findings.extend(deployment.exceeding.iter().filter_map(|found| beyond(found, state)));
    findings.extend(public_access(intent, state));
    findings.extend(intent.cluster.iter().flat_map(|cluster| addons(cluster, state)));
    findings.extend(state.misfits.iter().map(misfit));
    findings.extend(addresses(intent, state));
    findings.extend(placeholders::check(intent));
    let cidrs = state.vpc.as_ref().map(|vpc| vpc.cidrs.as_slice());
    findings.extend(pools::check(intent, &state.pools, cidrs));
    findings.extend(gateways::check(intent, deployment.stands, &state.gateways));
    if !(deployment.stands)("Vpc") {
        let named = newborn::impossible(intent, &EXT_02).into_iter();
        findings.extend(named.map(|finding| proven(finding, "cloudformation:DescribeStacks")));
    }
    findings.extend(state.vpc.iter().flat_map(|vpc| in_the_way(intent, vpc)));
    findings.extend(
        state
            .vpc
            .as_ref()
            .zip(intent.cluster.as_ref())
            .and_then(|(vpc, cluster)| upgrade(deployment, cluster, vpc)),
    );
    findings
}

pub(super) fn proven(finding: Diagnostic, read: &str) -> Diagnostic {
    finding.label(format!("{PREFLIGHT}: {read}"))
}

/// A zone's place in the file, in its own words.
fn place(intent: &Intent, zone: &Zone) -> String {
    let at = intent.zones.iter().position(|own| own == zone).unwrap_or(0);
    format!("zones[{at}]")
}

fn zones(intent: &Intent, state: &AccountState) -> Vec<Diagnostic> {
    let Some(offered) = &state.zones else {
        return Vec::new();
    };
    let read = "ec2:DescribeAvailabilityZones";
    let known =
        || offered.iter().map(|(id, name)| format!("{name} ({id})")).collect::<Vec<_>>().join(", ");
    let of = |zone: &Zone| {
        offered
            .iter()
            .find(|(id, name)| zone.name.as_ref().map_or(*id == zone.id, |own| own == name))
    };
    let mut findings = Vec::new();
    let control_plane = intent.control_plane_tiers();
    for zone in &intent.zones {
        match of(zone) {
            None => {
                let finding = ZON_06.at(
                    place(intent, zone),
                    format!("this account has no zone `{}` in {}", zone.word(), intent.region.name),
                );
                findings.push(proven(finding.hint(format!("it has {}", known())), read));
            }
            Some((id, _))
                if REFUSED_ZONES.contains(&id.as_str())
                    && zone.name.is_some()
                    && intent.cluster.is_some() =>
            {
                if control_plane.iter().any(|tier| tier.zones.contains(zone)) {
                    let finding = CLU_04.at(
                        place(intent, zone),
                        format!(
                            "`{}` is `{id}` in this account, where EKS does not support control plane subnets",
                            zone.word()
                        ),
                    );
                    findings.push(proven(finding.hint("use another zone, or keep this one out of the tiers that serve the control plane"), read));
                }
            }
            Some(_) => {}
        }
    }
    findings
}

fn offered(intent: &Intent, group: &NodeGroup, state: &AccountState) -> Option<Diagnostic> {
    let (offered, zones) = (state.offered.as_ref()?, state.zones.as_ref()?);
    let tier = intent.tier(&group.tier)?;
    let id = |zone: &Zone| {
        zones
            .iter()
            .find(|(_, name)| zone.name.as_ref() == Some(name))
            .map_or(zone.id.clone(), |(id, _)| id.clone())
    };
    let lacking = |zone: &&Zone| {
        group.instances.iter().all(|one| !offered.contains(&(one.name.to_string(), id(zone))))
    };
    let own = |zone: &&Zone| group.zones.as_ref().is_none_or(|own| own.contains(&zone.id));
    let zone = tier.zones.iter().filter(own).find(lacking)?;
    let types: Vec<&str> = group.instances.iter().map(|one| one.name).collect();
    let there: Vec<String> = zones
        .iter()
        .map(|(id, _)| id)
        .filter(|id| types.iter().any(|one| offered.contains(&(one.to_string(), id.to_string()))))
        .cloned()
        .collect();
    let finding = NG_09.at(
        key(&group.path, "instanceTypes"),
        format!("`{}` offers none of {}", zone.word(), types.join(", ")),
    );
    let hint = if there.is_empty() {
        "use another type".to_string()
    } else {
        format!("offered in {}; or add a type that `{}` has", there.join(", "), zone.word())
    };
    Some(proven(finding.hint(hint), "ec2:DescribeInstanceTypeOfferings"))
}

/// What is wanted beside what is there, against the quota.
fn room(quota: &Quota, deployment: &Deployment<'_>, state: &AccountState) -> Option<Diagnostic> {
    let most = state.quotas.get(quota.code)?.saturating_sub(quota.taken);
    let own = deployment
        .graph
        .resources
        .iter()
        .filter(|(_, resource)| resource.template == quota.template);
    let (standing, fresh): (Vec<_>, Vec<_>) = own.partition(|(id, _)| (deployment.stands)(id));
    let used = match quota.of {
        Of::Region(counted) => *state.counts.get(&counted)?,
        Of::Vpc => {
            let others = deployment.intent.occupied.as_ref();
            standing.len() as u64 + others.map_or(0, |others| others.counted(quota.template))
        }
    };
    let wanted = used + fresh.len() as u64;
    let (id, read) = (quota.code, format!("servicequotas:GetServiceQuota {}", quota.code));
    let path = fresh.first().map(|(_, resource)| resource.path.clone())?;
    let message =
        format!("{}: {used} in use and {} more required, of {most}", quota.name, fresh.len());
    let hint = |room: u64| {
        format!("raise the quota {id} to {} at least, or plan less", wanted + room + quota.taken)
    };
    match wanted.cmp(&most) {
        std::cmp::Ordering::Greater => Some(proven(QUO_03.at(path, message).hint(hint(0)), &read)),
        std::cmp::Ordering::Equal => Some(proven(QUO_04.at(path, message).hint(hint(1)), &read)),
        std::cmp::Ordering::Less => None,
    }
}

/// More than the account's own value of a quota, of which the design alone says only that it is more than the default.
fn beyond(found: &Diagnostic, state: &AccountState) -> Option<Diagnostic> {
    let exceeded = found.exceeds?;
    let most = *state.quotas.get(exceeded.code)?;
    if exceeded.count <= most {
        return None;
    }
    let name = OF_ONE_BLUEPRINT.iter().find(|quota| quota.code == exceeded.code)?.name;
    let message =
        format!("{name}: {} are planned, and this account may have {most}", exceeded.count);
    let hint =
        format!("raise the quota {} to {} at least, or plan fewer", exceeded.code, exceeded.count);
    let read = format!("servicequotas:GetServiceQuota {}", exceeded.code);
    Some(proven(QUO_03.at(&found.path, message).hint(hint), &read))
}

fn public_access(intent: &Intent, state: &AccountState) -> Option<Diagnostic> {
    let read = "ec2:DescribeVpcBlockPublicAccessOptions";
    let public = intent.tiers.iter().find(|tier| tier.egress == TierEgress::Internet);
    let out = intent.tiers.iter().find(|tier| tier.egress == TierEgress::Nat).or(public);
    let hint = "create an exclusion for the VPC once it exists (EC2 CreateVpcBlockPublicAccessExclusion), or use tiers without a route to the internet";
    // Before the VPC stands nobody can have excluded it.
    let rule = if state.vpc.is_some() { &BPA_01 } else { &BPA_02 };
    if state.vpc.as_ref().is_some_and(|vpc| vpc.excluded) {
        return None;
    }
    let finding = match state.public_access? {
        PublicAccess::Open => return None,
        PublicAccess::BlockBoth => rule.at(
            key(&out?.path, "egress"),
            "the account blocks public access in both directions: no packet passes an internet, NAT or egress-only gateway",
        ),
        PublicAccess::BlockIngress => {
            let tier = public.filter(|tier| {
                tier.serves(Use::ExternalLoadBalancers) || tier.serves(Use::Nodes)
            })?;
            rule.at(
                key(&tier.path, "egress"),
                "the account blocks inbound public access: load balancers and nodes are not reachable from the internet; NAT and egress-only gateways work",
            )
        }
    };
    Some(proven(finding.hint(hint), read))
}

/// The add-on's own schema knows its version better than any table.
fn misfit((place, words): &(String, String)) -> Diagnostic {
    let name = place.rsplit('/').next().unwrap_or_default();
    let at = match aws_node::find(name) {
        Some(setting) => setting.key.map_or(key("awsNode.env", name), str::to_string),
        None if place.contains("nodeAgent") => "awsNode.networkPolicy".to_string(),
        None => "awsNode".to_string(),
    };
    let message = format!("the add-on's schema of this version does not support `{place}`");
    SET_36.at(at, message)
        .label(format!("eks:DescribeAddonConfiguration: {words}"))
        .hint("remove it, or use another `version`: `aws eks describe-addon-configuration` prints the schema")
}

fn addons(cluster: &Cluster, state: &AccountState) -> Vec<Diagnostic> {
    let own = ("vpc-cni", cluster.aws_node.version.known(), "awsNode.version".to_string());
    let all = cluster
        .addons
        .iter()
        .map(|addon| (addon.name.as_str(), addon.version.known(), addon.path.clone()));
    let finding = |(name, version, place): (&str, Option<&str>, String)| {
        let offered = state.addons.get(name)?;
        let near: Vec<&str> = offered.iter().map(String::as_str).take(3).collect();
        let message = match version {
            _ if offered.is_empty() => {
                format!("EKS has no add-on `{name}` for Kubernetes {}", cluster.version)
            }
            Some(version) if !offered.iter().any(|one| one == version) => {
                format!("EKS has no `{name}` {version} for Kubernetes {}", cluster.version)
            }
            _ => return None,
        };
        let hint = if near.is_empty() {
            "see the names with `aws eks describe-addon-versions`".to_string()
        } else {
            format!("it has {}", near.join(", "))
        };
        Some(proven(ADD_03.at(place, message).hint(hint), "eks:DescribeAddonVersions"))
    };
    std::iter::once(own)
        // What others run may be older than what EKS still offers.
        .filter(|_| cluster.aws_node.is_addon() && cluster.existing.is_none())
        .chain(all)
        .filter_map(finding)
        .collect()
}

fn addresses(intent: &Intent, state: &AccountState) -> Vec<Diagnostic> {
    let (Some(known), NatMode::Single | NatMode::PerZone | NatMode::Regional) =
        (&state.addresses, intent.nat.mode)
    else {
        return Vec::new();
    };
    let mine = |id: &str| state.vpc.as_ref().is_some_and(|vpc| vpc.attached.contains(id));
    let finding = |id: &String| {
        let (message, hint) = match known.iter().find(|address| address.allocation == *id) {
            None => (
                format!("this account has no address `{id}` in {}", intent.region.name),
                "see `aws ec2 describe-addresses`".to_string(),
            ),
            Some(OwnAddress { interface: Some(interface), .. }) if !mine(id) => (
                format!("`{id}` is attached to {interface}"),
                "detach it, or name another one".to_string(),
            ),
            Some(_) => return None,
        };
        Some(proven(NAT_13.at("egress.nat", message).hint(hint), "ec2:DescribeAddresses"))
    };
    intent.nat.own.values().flatten().filter_map(finding).collect()
}

/// Routes and peers that keep a new CIDR out of a VPC that stands.
fn in_the_way(intent: &Intent, vpc: &StandingVpc) -> Vec<Diagnostic> {
    let fresh = intent.vpc.secondary.iter().filter(|written| !vpc.cidrs.contains(&written.cidr));
    let finding = |written: &crate::intent::Written| {
        if let Some((table, to)) = vpc.routes.iter().find(|(_, to)| written.cidr.contains(to)) {
            let finding = VPC_25.at(
                &written.path,
                format!("{table} has a route to {to}, and {} holds it", written.cidr),
            );
            return Some(proven(
                finding.hint("remove the route first, or use another range"),
                "ec2:DescribeRouteTables",
            ));
        }
        let (peering, cidr) =
            vpc.peers.iter().find(|(_, cidr)| crate::facts::vpc::overlap(*cidr, written.cidr))?;
        let finding = VPC_26.at(
            &written.path,
            format!("{} overlaps {cidr} on the other side of {peering}", written.cidr),
        );
        Some(proven(
            finding.hint("use another range, or remove the peering connection"),
            "ec2:DescribeVpcPeeringConnections",
        ))
    };
    fresh.filter_map(finding).collect()
}

fn upgrade(
    deployment: &Deployment<'_>,
    cluster: &Cluster,
    vpc: &StandingVpc,
) -> Option<Diagnostic> {
    const WANTED: u64 = crate::facts::eks::UPGRADE_ADDRESSES;
    vpc.version.as_ref().filter(|version| **version != cluster.version)?;
    let subnets = deployment.plan.cluster_subnets(deployment.intent).into_iter();
    let most = subnets.filter_map(|subnet| vpc.free.get(&subnet.cidr)).copied().max()?;
    (most < WANTED).then(|| {
        let finding = CLU_03.at("cluster.version",
            format!("an upgrade needs {WANTED} free addresses in the control plane's subnets; the subnet with the most has {most}"),
        );
        proven(finding.hint("move load balancers or nodes to other subnets first"), "ec2:DescribeSubnets")
    })
}
