//! Tiers with every default filled in.

use ipnet::Ipv4Net;

use crate::blueprint::model::{self, TierEgress, TierWay, Use};
use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::ledger::HeldSubnet;

use super::default_tiers::{self, Prefixes, Room, default_size};
use super::existing::{self, Found, Ways};
use super::parse::{self, keep};
use super::pins::{self, Pin};
use super::placeholders::Words;
use super::route::{self, Route};
use super::security::{self, Acl};
use super::zones::{self, Zone};
use super::{Choices, Tags, Vpc, placeholders};
use crate::rules::{SUB_09, TIER_03, TIER_07};

/// One subnet per zone, alike in everything but the place.
#[derive(Clone, Debug)]
pub struct Tier {
    pub name: String,
    /// Where the blueprint speaks of it.
    pub path: String,
    pub size: Size,
    pub egress: TierEgress,
    pub serves: Vec<Use>,
    /// The VPC CIDR its subnets come from.
    pub pool: Ipv4Net,
    pub zones: Vec<Zone>,
    pub pins: Vec<Pin>,
    pub tags: Tags,
    /// Whether whatever starts there gets a public address, where the author says.
    pub public_addresses: Option<bool>,
    pub reservation: Option<Reserved>,
    /// KubernetesChanges those that `egress` gives.
    pub routes: Vec<Route>,
    /// Of the tier's network ACL, beside those that its use gives.
    pub acl: Acl,
    pub renamed_from: Option<String>,
    /// Subnets that others made, in the order of zones; `None`: the stack makes them.
    pub existing: Option<Vec<HeldSubnet>>,
    /// Where its packets leave, where `egress` does not say it.
    pub ways: Ways,
    /// The tier that exists and that it goes out like.
    pub like: Option<String>,
}

/// The prefix length of a tier's subnets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Fixed(u8),
    /// As the node groups need, with so many per cent on top.
    Auto {
        growth: u32,
    },
}

impl Size {
    /// The prefix length; `None` where the demand decides it.
    pub fn fixed(self) -> Option<u8> {
        match self {
            Size::Fixed(len) => Some(len),
            Size::Auto { .. } => None,
        }
    }
}

/// The part of each subnet that is kept for /28 prefixes.
#[derive(Clone, Debug)]
pub enum Reserved {
    /// The upper one of this prefix length.
    Upper(u8),
    /// One for each zone.
    These(Vec<Pin>),
}

/// The path of tiers that the blueprint does not write.
const UNWRITTEN: &str = "tiers";

impl Tier {
    /// Whether it serves this among others.
    pub fn serves(&self, one: Use) -> bool {
        self.serves.contains(&one)
    }

    /// How its packets leave, whoever made the routes.
    pub fn leaves(&self) -> TierEgress {
        self.ways.class(self.egress, &self.serves)
    }

    /// The key that decided its size: that of the VPC where the blueprint writes no tiers.
    pub fn size_path(&self) -> String {
        if self.path == UNWRITTEN { "vpc.cidr".to_string() } else { path::key(&self.path, "size") }
    }
}

/// What defaults of tiers depend on.
pub struct TierContext<'s> {
    pub vpc: &'s Vpc,
    /// There is a transit gateway to attach to.
    pub transit: bool,
    /// The control plane shares the nodes' subnets (EKS's own node pools).
    pub shared: bool,
    pub zones: &'s [Zone],
    /// What exists of what the blueprint names.
    pub found: &'s Found<'s>,
    /// What the defaults of the nodes' tier have to hold.
    pub prefixes: Prefixes,
    /// Which tags may speak of.
    pub words: Words<'s>,
}

/// The author's tiers, else tiers for load balancers, nodes and, unless it shares the nodes', the control plane.
pub fn resolve(
    written: Option<&Vec<model::Tier>>,
    context: &TierContext<'_>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Tier> {
    match written {
        Some(tiers) => tiers
            .iter()
            .enumerate()
            .map(|(at, tier)| one(at, tier, context, choices, findings))
            .collect(),
        None => {
            let (names, why) = match context.shared {
                true => (
                    "public, nodes",
                    "load balancers and NAT outside, nodes inside with the control plane's interfaces",
                ),
                false => (
                    "public, nodes, control-plane",
                    "load balancers and NAT outside, nodes inside, small subnets for the control plane's interfaces",
                ),
            };
            choices.note("tiers", names, why);
            defaults(context, findings)
        }
    }
}

fn defaults(context: &TierContext<'_>, findings: &mut Vec<Diagnostic>) -> Vec<Tier> {
    let plan: [(&str, &[Use]); 4] = [
        ("public", &[Use::ExternalLoadBalancers]),
        ("nodes", &[Use::Nodes, Use::InternalLoadBalancers]),
        ("control-plane", &[Use::ControlPlane]),
        ("transit", &[Use::Transit]),
    ];
    let plan: Vec<(&str, &[Use])> = plan
        .into_iter()
        .filter(|(_, serves)| context.transit || *serves != [Use::Transit])
        .filter(|(_, serves)| !context.shared || *serves != [Use::ControlPlane])
        .collect();
    let uses: Vec<&[Use]> = plan.iter().map(|(_, serves)| *serves).collect();
    let room =
        Room { vpc: context.vpc.cidr, zones: context.zones.len(), prefixes: context.prefixes };
    let (sizes, wrong) = default_tiers::sizes(&uses, &room);
    findings.extend(wrong);
    plan.into_iter()
        .zip(sizes)
        .map(|((name, serves), size)| Tier {
            name: name.to_string(),
            path: UNWRITTEN.to_string(),
            size: Size::Fixed(size),
            egress: default_egress(serves),
            serves: serves.to_vec(),
            pool: context.vpc.cidr,
            zones: context.zones.to_vec(),
            pins: Vec::new(),
            tags: Tags::new(),
            public_addresses: None,
            routes: Vec::new(),
            acl: Acl::default(),
            reservation: None,
            renamed_from: None,
            existing: None,
            ways: Ways::Made,
            like: None,
        })
        .collect()
}

fn one(
    at: usize,
    tier: &model::Tier,
    context: &TierContext<'_>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Tier {
    let place = format!("tiers[{at}]");
    if tier.existing.is_some() {
        return existing_one(tier, place, context, findings);
    }
    let serves = tier.serves.clone().unwrap_or_default();
    let pool = pool(tier, &place, context.vpc, findings);
    let zones = zones::subset(tier.zones.as_ref(), context.zones, &place, findings);
    let pins = pins::pins(tier.cidrs.as_ref(), &path::key(&place, "cidrs"), &zones, findings);
    let pinned = pins::pinned_size(&pins);
    let known = pins.iter().all(|pin| context.vpc.may_hold(pin.cidr));
    let pins = if known { pins } else { Vec::new() };
    let default = pinned.unwrap_or_else(|| default_size(&serves, pool));
    let (size, wrong) = size(tier, &place, default);
    findings.extend(wrong);
    if tier.size.is_none() && pinned.is_none() {
        choices.note(
            format!("tier {}: size", tier.name),
            format!("/{default}"),
            "by what it serves and the size of its range",
        );
    }
    let (egress, like) = way(tier, &serves, context, choices);
    let ways = match &like {
        Some(like) => context.ways_like(like, &place, &zones, findings),
        None => Ways::Made,
    };
    Tier {
        name: tier.name.clone(),
        size,
        egress,
        serves,
        pool,
        pins,
        tags: placeholders::filled(tier.tags.as_ref(), context.words),
        public_addresses: tier.map_public_ip,
        routes: route::routes(tier.routes.as_ref(), &place, findings),
        reservation: tier.reservation.as_ref().and_then(|written| {
            reservation(written, &path::key(&place, "reservation"), &zones, findings)
        }),
        zones,
        acl: security::acl(tier.network_acl.as_ref(), &path::key(&place, "networkAcl"), findings),
        renamed_from: tier.renamed_from.clone(),
        existing: None,
        ways,
        like,
        path: place,
    }
}

/// As written; else as the nodes of a VPC that exists go out, or by what it serves.
fn way(
    tier: &model::Tier,
    serves: &[Use],
    context: &TierContext<'_>,
    choices: &mut Choices,
) -> (TierEgress, Option<String>) {
    let what = || format!("tier {}: egress", tier.name);
    match (&tier.egress, context.usual_way(tier)) {
        (Some(TierWay::Word(egress)), _) => (*egress, None),
        (Some(TierWay::Like(like)), _) => (TierEgress::None, Some(like.like.clone())),
        (None, Some(like)) => {
            let why = "the VPC exists: the egress of its nodes";
            choices.note(what(), format!("like {like}"), why);
            (TierEgress::None, Some(like))
        }
        (None, None) => {
            let egress = default_egress(serves);
            choices.note(what(), word(egress), "by what it serves");
            (egress, None)
        }
    }
}

/// A tier whose subnets others made: nothing of it is planned.
fn existing_one(
    tier: &model::Tier,
    place: String,
    context: &TierContext<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Tier {
    let subnets = context.found.subnets(&tier.name);
    let known = context.vpc.is_known();
    let zones = zones::subset(tier.zones.as_ref(), context.zones, &place, findings);
    if known {
        findings.extend(existing::misplaced(tier, &place, &subnets, &zones));
    }
    let here: Vec<HeldSubnet> =
        subnets.into_iter().filter(|one| zones.iter().any(|zone| zone.holds(one))).collect();
    // Where nothing was found that is a finding, and all else would only follow from it.
    let known = known && !here.is_empty();
    let has = |zone: &Zone| !known || here.iter().any(|one| zone.holds(one));
    let lens = here.iter().map(|one| one.cidr.prefix_len());
    let serves = tier.serves.clone().unwrap_or_default();
    let pool = here.first().and_then(|one| context.vpc.cidrs().find(|own| own.contains(&one.cidr)));
    Tier {
        name: tier.name.clone(),
        size: Size::Fixed(lens.max().unwrap_or(default_size(&serves, context.vpc.cidr))),
        egress: TierEgress::None,
        pool: pool.unwrap_or(context.vpc.cidr),
        pins: Vec::new(),
        tags: Tags::new(),
        routes: Vec::new(),
        reservation: None,
        public_addresses: None,
        acl: Acl::default(),
        renamed_from: None,
        ways: if known && !here.is_empty() {
            Ways::Live(existing::ways(&here, &zones))
        } else {
            Ways::Unknown
        },
        zones: zones.into_iter().filter(has).collect(),
        existing: Some(here),
        like: None,
        serves,
        path: place,
    }
}

impl TierContext<'_> {
    /// In a VPC that exists a new private tier goes out as its nodes do, unless it says otherwise.
    fn usual_way(&self, tier: &model::Tier) -> Option<String> {
        let private = [Use::Nodes, Use::Pods, Use::InternalLoadBalancers];
        let serves = |tier: &model::Tier, uses: &[Use]| {
            tier.serves.iter().flatten().any(|one| uses.contains(one))
        };
        self.vpc.existing.as_ref().filter(|_| serves(tier, &private))?;
        self.found.node_tier()
    }

    fn ways_like(
        &self,
        like: &str,
        place: &str,
        zones: &[Zone],
        findings: &mut Vec<Diagnostic>,
    ) -> Ways {
        let subnets = self.found.subnets(like);
        if !self.vpc.is_known() {
            return Ways::Unknown;
        }
        findings.extend(existing::unlike(like, place, &subnets, zones));
        Ways::Live(existing::ways(&subnets, zones))
    }
}

/// As written, or `default`; and what is wrong with it.
fn size(tier: &model::Tier, place: &str, default: u8) -> (Size, Option<Diagnostic>) {
    if tier.size.as_deref() == Some("auto") {
        return (Size::Auto { growth: tier.growth.unwrap_or(subnets::GROWTH_PER_CENT) }, None);
    }
    match tier.size.as_ref().map(|text| parse::size(&path::key(place, "size"), text)) {
        Some(Err(finding)) => (Size::Fixed(default), Some(finding)),
        size => {
            let unused = tier.growth.is_some().then(|| {
                TIER_07.at(path::key(place, "growth"), "no effect: the tier's size is not `auto`")
            });
            (
                Size::Fixed(size.and_then(Result::ok).unwrap_or(default)),
                unused.map(|finding| finding.hint("set `size: auto`, or remove it")),
            )
        }
    }
}

/// As the blueprint writes it.
fn word(egress: TierEgress) -> &'static str {
    match egress {
        TierEgress::Internet => "internet",
        TierEgress::Nat => "nat",
        TierEgress::None => "none",
    }
}

fn pool(tier: &model::Tier, place: &str, vpc: &Vpc, findings: &mut Vec<Diagnostic>) -> Ipv4Net {
    let Some(text) = &tier.from else {
        return vpc.cidr;
    };
    if let Some(cidr) = vpc.named(text) {
        return cidr;
    }
    let place = path::key(place, "from");
    if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
        findings.push(unnamed(text, place, vpc));
        return vpc.cidr;
    }
    let Some(wanted) = keep(parse::cidr(&place, text), findings) else {
        return vpc.cidr;
    };
    if vpc.cidrs().any(|cidr| cidr == wanted) {
        return wanted;
    }
    let known: Vec<_> = vpc.cidrs().map(|cidr| format!("`{cidr}`")).collect();
    findings.push(TIER_03.at(place, format!("`{wanted}` is not a CIDR of the VPC")).hint(format!(
        "the VPC has {}; add it to `vpc.secondaryCidrs` or name one of these",
        known.join(", ")
    )));
    vpc.cidr
}

/// Places of pins that are left aside until IPAM has given the range that they may be in.
pub(super) fn waiting(blueprint: &model::Blueprint, tiers: &[Tier]) -> Vec<String> {
    let pinned = |tier: &model::Tier| tier.existing.is_none() && tier.cidrs.is_some();
    let written = blueprint.tiers.iter().flatten().enumerate().filter(|(_, tier)| pinned(tier));
    let aside = written
        .filter(|(_, tier)| tiers.iter().any(|own| own.name == tier.name && own.pins.is_empty()));
    aside.map(|(at, _)| format!("tiers[{at}].cidrs")).collect()
}

/// `from` is a word, and no range of the VPC has it for a name.
fn unnamed(text: &str, place: String, vpc: &Vpc) -> Diagnostic {
    let finding = TIER_03.at(place, format!("no range of the VPC is named `{text}`"));
    let further = vpc.given.iter().filter(|given| given.path != "vpc.cidr");
    let known: Vec<&str> = further.map(|given| given.name.as_str()).collect();
    match crate::blueprint::nearest(text, known.iter().copied()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => finding.hint("name a CIDR of the VPC, such as `100.64.0.0/16`"),
        None => finding.hint(format!("known: {}", known.join(", "))),
    }
}

/// The widest way out that a use asks for.
fn default_egress(serves: &[Use]) -> TierEgress {
    serves.iter().map(|one| subnets::of(*one).egress).min().unwrap_or(TierEgress::None)
}

fn reservation(
    written: &model::Reservation,
    place: &str,
    zones: &[Zone],
    findings: &mut Vec<Diagnostic>,
) -> Option<Reserved> {
    match (&written.prefixes, &written.cidrs) {
        (Some(length), None) => {
            let length = parse::size(&path::key(place, "prefixes"), length);
            keep(length, findings).map(Reserved::Upper)
        }
        (None, Some(cidrs)) => {
            let place = path::key(place, "cidrs");
            Some(Reserved::These(pins::pins(Some(cidrs), &place, zones, findings)))
        }
        (Some(_), Some(_)) => {
            let finding = SUB_09.at(place, "`prefixes` and `cidrs` exclude each other");
            findings.push(finding.hint("keep one of the two"));
            None
        }
        (None, None) => {
            let finding = SUB_09.at(place, "the reservation does not say which part is kept");
            findings.push(
                finding.hint("set `prefixes: /21` for the upper part of each subnet, or `cidrs`"),
            );
            None
        }
    }
}
