//! Stage 2, `resolve`: Blueprint + facts → [`Intent`], the desired state with every name looked up and every default filled in.
//! Nothing here can be "unset"; after this stage nobody asks again whether something was written.

pub mod access;
pub mod addons;
pub mod auto;
pub mod aws_node;
mod cni;
pub mod cluster;
pub mod default_tiers;
pub mod endpoints;
pub mod equipment;
pub mod fargate;
pub mod flow_logs;
pub mod groups;
pub mod iam;
pub mod placeholders;
pub mod security;
pub mod existing;
mod existing_words;
mod ipv6;
pub mod ranges;
mod known;
mod machines;
pub mod nat;
pub mod overlay;
pub mod parse;
pub mod pods;
pub mod patches;
mod pins;
mod prefixes;
pub mod reach;
mod remote;
pub mod route;
pub mod services;
mod settings;
mod standing_cluster;
pub mod tiers;
pub mod transit;
pub mod unread;
mod versions;
pub mod zones;

use std::collections::BTreeMap;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::blueprint::Blueprint;
use crate::blueprint::model;
use crate::diagnostic::Diagnostic;
use crate::facts::regions::{self, Region};
use crate::facts::{cloudformation, vpc};
use crate::ledger::{Kept, Occupied};
use crate::observed::Observed;

use crate::rules::REG_01;
pub use addons::Addon;
pub use aws_node::AwsNode;
pub use cluster::Cluster;
pub use endpoints::Endpoints;
pub use existing::{ExistingVpc, Ways};
pub use fargate::FargateProfile;
pub use flow_logs::FlowLogs;
pub use groups::NodeGroup;
pub use iam::Iam;
pub use known::Known;
pub use nat::Nat;
pub use overlay::Overlay;
use parse::keep;
pub use patches::Patch;
pub use pins::Pin;
pub use pods::PodSubnets;
pub use ranges::{Given, Giver};
pub use reach::{Connected, Runner, WayOut};
pub use remote::RemoteNetworks;
pub use route::Route;
pub use security::Security;
pub use tiers::{Size, Tier};
pub use transit::Transit;
pub use zones::Zone;

/// Tags that people write, by key.
pub type Tags = BTreeMap<String, String>;

/// The desired state.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Of the blueprint, the cluster and the stack.
    pub name: String,
    /// A row of the facts.
    pub region: &'static Region,
    /// On every resource that takes tags.
    pub tags: Tags,
    /// In the blueprint's order.
    pub zones: Vec<Zone>,
    /// The VPC and its ranges.
    pub vpc: Vpc,
    /// In the blueprint's order.
    pub tiers: Vec<Tier>,
    /// How private tiers reach the internet.
    pub nat: Nat,
    /// Ways to other networks.
    pub transit: Transit,
    /// VPC endpoints, each with its service looked up.
    pub endpoints: Endpoints,
    /// Security groups, network ACLs and alarms.
    pub security: Security,
    /// What every role has.
    pub iam: Iam,
    /// Other stacks may import the outputs.
    pub exports: bool,
    /// Properties that no word of the blueprint's sets, in its order.
    pub patches: Vec<Patch>,
    /// `None`: a network without a cluster.
    pub cluster: Option<Cluster>,
    /// What others hold in the network, as it was read last.
    pub occupied: Option<Occupied>,
    /// What was chosen where the blueprint is silent.
    pub choices: Choices,
}

/// The VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// The primary CIDR.
    pub cidr: Ipv4Net,
    /// Secondary CIDRs, in the blueprint's order.
    pub secondary: Vec<Written>,
    /// Those of both that a fleet or IPAM gives.
    pub given: Vec<Given>,
    /// Ranges that are never allocated from.
    pub keep_free: Vec<Written>,
    /// Places of CIDRs that are left aside until the range that they may be in is known.
    pub waiting: Vec<String>,
    /// `None`: IPv4 alone.
    pub ipv6: Option<Ipv6>,
    /// `None`: no flow logs.
    pub flow_logs: Option<FlowLogs>,
    /// `None`: the stack makes it.
    pub existing: Option<ExistingVpc>,
}

/// The VPC's IPv6 block. Every subnet has a /64 of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ipv6 {
    /// Who picks the block.
    pub from: Ipv6From,
    /// Prefix length of the VPC's block.
    pub len: u8,
}

impl Ipv6 {
    /// In one word, as the ledger keeps it.
    pub fn word(&self) -> String {
        match &self.from {
            Ipv6From::Amazon => format!("amazon/{}", self.len),
            Ipv6From::Pool { id, cidr } => format!("{id} {cidr}"),
            Ipv6From::Ipam { id } => format!("{id}/{}", self.len),
        }
    }

    /// How many /64s there are to give out, as a power of two. Of a block that is not known before the deployment CloudFormation
    /// cuts 256 at most (`Fn::Cidr`).
    pub fn slot_bits(&self) -> u8 {
        let bits = vpc::IPV6_SUBNET - self.len;
        match self.from {
            Ipv6From::Pool { .. } => bits,
            Ipv6From::Amazon | Ipv6From::Ipam { .. } => {
                bits.min(cloudformation::CIDR_FUNCTION_BITS)
            }
        }
    }
}

/// Where an IPv6 block comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Ipv6From {
    /// Amazon picks the block.
    Amazon,
    /// A block of a pool that was brought to AWS.
    Pool { id: String, cidr: Ipv6Net },
    /// IPAM picks the block.
    Ipam { id: String },
}

/// A CIDR and where it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Without host bits.
    pub cidr: Ipv4Net,
    /// Such as `vpc.keepFree[0]`.
    pub path: String,
}

impl Vpc {
    /// Whether the primary range is decided; otherwise it is a stand-in.
    pub fn is_decided(&self) -> bool {
        self.given.iter().all(|given| given.path != "vpc.cidr" || given.known)
    }

    /// Whether a further range is decided.
    pub fn knows(&self, written: &Written) -> bool {
        self.given.iter().all(|given| given.path != written.path || given.known)
    }

    /// Ranges that are decided by IPAM when they are first deployed.
    pub fn open(&self) -> impl Iterator<Item = &Given> {
        self.given.iter().filter(|given| !given.known)
    }

    fn also_waiting(mut self, waiting: Vec<String>) -> Self {
        self.waiting.extend(waiting);
        self
    }

    /// Whether a CIDR can be told to be in the VPC or not: it is in a range that is known, or all of them are.
    fn may_hold(&self, cidr: Ipv4Net) -> bool {
        let stands_in = |own: Ipv4Net| self.open().any(|given| given.cidr == own);
        let pooled = |given: &Given| matches!(given.by, ranges::Giver::Pool { .. });
        !self.open().any(pooled)
            || self.cidrs().any(|own| !stands_in(own) && vpc::overlap(own, cidr))
    }

    /// The class that it asks the fleet for.
    pub fn class(&self) -> Option<&str> {
        self.given.iter().find_map(|given| match &given.by {
            Giver::Class(class) => Some(class.as_str()),
            Giver::Pool { .. } => None,
        })
    }

    /// Who gives a range of the VPC.
    pub fn giver(&self, cidr: Ipv4Net) -> Option<&Giver> {
        self.given.iter().find(|given| given.cidr == cidr).map(|given| &given.by)
    }

    /// The range that a tier names with `from`: by its name.
    pub fn named(&self, name: &str) -> Option<Ipv4Net> {
        let further = self.given.iter().filter(|given| given.path != "vpc.cidr");
        further.filter(|given| given.name == name).map(|given| given.cidr).next()
    }

    /// Primary first.
    pub fn cidrs(&self) -> impl Iterator<Item = Ipv4Net> {
        std::iter::once(self.cidr).chain(self.secondary.iter().map(|written| written.cidr))
    }

    /// Secondary CIDRs that the stack adds: not those that the VPC has from others.
    pub fn added(&self) -> impl Iterator<Item = &Written> {
        let has = |cidr| self.existing.as_ref().is_some_and(|existing| existing.has(cidr));
        self.secondary.iter().filter(move |written| !has(written.cidr))
    }

    /// Its id in EC2, of one that exists.
    pub fn id(&self) -> Option<&str> {
        self.existing.as_ref().map(|existing| existing.id.as_str())
    }

    /// Whether its addresses can be planned: it is made, or it exists and something is known of it.
    pub fn is_known(&self) -> bool {
        self.existing.as_ref().is_none_or(|existing| existing.is_known)
    }
}

/// What eksnet chose where the blueprint is silent, and why.
#[derive(Clone, Debug, Default)]
pub struct Choices(pub Vec<Choice>);

/// One default that was filled in.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The key, or what it is about.
    pub what: String,
    /// As people read it.
    pub value: String,
    /// The reason, as people read it.
    pub why: &'static str,
}

impl Choices {
    fn note(&mut self, what: impl Into<String>, value: impl ToString, why: &'static str) {
        self.0.push(Choice { what: what.into(), value: value.to_string(), why });
    }
}

impl Intent {
    /// The cluster's name in EKS: the blueprint's, or that of a cluster that exists.
    pub fn cluster_name(&self) -> &str {
        let existing = self.cluster.as_ref().and_then(|cluster| cluster.existing.as_ref());
        existing.map_or(&self.name, |held| &held.name)
    }

    /// The name of a zone in the account, as the survey knows it.
    pub fn live_zone_name(&self, id: &str) -> Option<String> {
        let occupied = self.occupied.as_ref()?;
        let subnet = occupied.subnets.iter().find(|subnet| subnet.zone == id)?;
        Some(subnet.zone_name.clone())
    }

    /// The name of its stack.
    pub fn stack(&self) -> String {
        stack_name(&self.name)
    }

    /// The tier of a name.
    pub fn tier(&self, name: &str) -> Option<&Tier> {
        self.tiers.iter().find(|tier| tier.name == name)
    }

    /// Tiers whose subnets the cluster is given: those made for it, else those of the nodes. Never pod tiers.
    pub fn control_plane_tiers(&self) -> Vec<&Tier> {
        let serving = |one| self.tiers.iter().filter(|tier| tier.serves(one)).collect::<Vec<_>>();
        // EKS's own pools start their nodes in the cluster's subnets.
        if let Some(auto) = self
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.auto.as_ref())
            .filter(|auto| !auto.pools.is_empty())
        {
            return self.tier(&auto.tier).into_iter().collect();
        }
        let own = serving(model::Use::ControlPlane);
        if own.is_empty() { serving(model::Use::Nodes) } else { own }
    }
}

/// The stack of a blueprint.
pub fn stack_name(blueprint: &str) -> String {
    format!("eksnet-{blueprint}")
}

/// Resolves as much as can be; what could not be is in the findings, and left out or defaulted so that the rest can be judged.
/// Without a known Region or a VPC CIDR there is nothing to judge.
pub fn resolve(
    blueprint: &Blueprint,
    observed: &Observed,
    kept: &Kept,
) -> (Option<Intent>, Vec<Diagnostic>) {
    let mut findings = Vec::new();
    let found = existing::find(blueprint, (observed, kept), &mut findings);
    standing_cluster::check(blueprint, &found, &mut findings);
    let own = standing_cluster::as_written(blueprint, found.cluster());
    let mut choices = Choices::default();
    let region = region(&own.metadata.region, &mut findings);
    let vpc = found
        .vpc((&mut choices, &mut findings))
        .or_else(|| vpc(own.vpc.as_ref(), kept, &mut choices, &mut findings));
    let (Some(region), Some(vpc)) = (region, vpc) else {
        return (None, findings);
    };
    let known = Known { observed, kept };
    let intent = inside(&own, (region, vpc), (&found, known), (choices, &mut findings));
    (Some(intent), findings)
}

/// Everything inside the VPC.
fn inside(
    blueprint: &Blueprint,
    (region, vpc): (&'static Region, Vpc),
    (found, known): (&existing::Found<'_>, Known<'_>),
    (mut choices, findings): (Choices, &mut Vec<Diagnostic>),
) -> Intent {
    let kept = known.kept;
    let words = placeholders::Words::of(blueprint);
    let zones =
        found.zones(region).unwrap_or_else(|| zones(blueprint, region, (&mut choices, findings)));
    let egress = blueprint.egress.as_ref();
    let context = tiers::TierContext {
        vpc: &vpc,
        zones: &zones,
        transit: egress.is_some_and(|egress| egress.transit_gateway.is_some()),
        shared: auto::shares_subnets(blueprint),
        found,
        prefixes: default_tiers::prefixes(blueprint),
        words,
    };
    let mut tiers = tiers::resolve(blueprint.tiers.as_ref(), &context, &mut choices, findings);
    pods::tag(blueprint, &mut tiers, &mut choices);
    let nat = nat::resolve(egress, (&tiers, &zones), &mut choices, findings);
    let transit = transit::resolve(egress, (&vpc, &tiers), &mut choices, findings);
    let cluster =
        cluster::resolve(blueprint, known, &vpc, (&tiers, &transit), &mut choices, findings)
            .map(|cluster| known.settle(cluster, &mut choices))
            .map(|cluster| standing_cluster::with(cluster, blueprint, found.cluster(), &tiers));
    findings.extend(standing_cluster::podless(cluster.as_ref(), &tiers));
    let security = security::resolve(blueprint, &mut choices, findings);
    let callers = endpoints::Networked {
        tiers: &tiers,
        cluster: cluster.as_ref(),
        security: &security,
        kept: &kept.endpoints,
        region: &blueprint.metadata.region,
    };
    let endpoints =
        endpoints::resolve(blueprint.endpoints.as_ref(), callers, &mut choices, findings);
    Intent {
        name: blueprint.metadata.name.clone(),
        region,
        tags: placeholders::filled(blueprint.metadata.tags.as_ref(), words),
        zones,
        vpc: vpc.also_waiting(tiers::waiting(blueprint, &tiers)),
        tiers,
        nat,
        transit,
        endpoints,
        security,
        iam: iam::resolve(blueprint),
        exports: blueprint.exports.unwrap_or(false),
        patches: patches::resolve(blueprint, findings),
        cluster,
        occupied: found.occupied.clone(),
        choices,
    }
}

/// Where nobody knows the Region, another one stands in for it, and nothing of that one's zones is to be said.
fn zones(
    blueprint: &Blueprint,
    region: &'static Region,
    (choices, findings): (&mut Choices, &mut Vec<Diagnostic>),
) -> Vec<Zone> {
    let mut unsaid = Vec::new();
    let is_known = blueprint.metadata.region == region.name;
    if !is_known {
        zones::nowhere(blueprint, findings);
    }
    let said = if is_known { findings } else { &mut unsaid };
    zones::resolve(blueprint, region, choices, said)
}

fn region(name: &str, findings: &mut Vec<Diagnostic>) -> Option<&'static Region> {
    if let Some(found) = regions::find(name) {
        return Some(found);
    }
    let near = crate::blueprint::nearest(name, regions::REGIONS.iter().map(|region| region.name));
    let finding =
        REG_01.at("metadata.region", format!("`{name}` is not a Region that this version knows"));
    findings.push(match near {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("write a Region such as `eu-west-1`"),
    });
    // The rest is judged in the Region that was most likely meant.
    regions::find(near?)
}

fn vpc(
    written: Option<&model::Vpc>,
    kept: &Kept,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Option<Vpc> {
    let ranges::Ranges { primary, secondary, given } =
        ranges::resolve(written, kept, choices, findings);
    let texts = written.and_then(|vpc| vpc.keep_free.as_ref()).into_iter().flatten();
    let kept_free = texts.enumerate().filter_map(|(at, text)| {
        let path = format!("vpc.keepFree[{at}]");
        keep(parse::cidr(&path, text), findings).map(|cidr| Written { cidr, path })
    });
    let kept_free: Vec<Written> = kept_free.collect();
    let ipv6 = written
        .and_then(|vpc| vpc.ipv6.as_ref())
        .and_then(|written| keep(ipv6::resolve(written), findings));
    let flow_logs = flow_logs::resolve(written.and_then(|vpc| vpc.flow_logs.as_ref()), choices);
    let (keep_free, waiting) = (Vec::new(), Vec::new());
    let cidr = primary?;
    let vpc = Vpc { cidr, secondary, given, keep_free, waiting, ipv6, flow_logs, existing: None };
    let (keep_free, waits): (Vec<_>, Vec<_>) =
        kept_free.into_iter().partition(|kept| vpc.may_hold(kept.cidr));
    let waiting = waits.into_iter().map(|kept| kept.path).collect();
    Some(Vpc { keep_free, waiting, ..vpc })
}
