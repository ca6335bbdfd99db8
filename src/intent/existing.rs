//! What exists and is named instead of made: a VPC, tiers whose subnets others made, ways out that new tiers take over.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, TierEgress, Use, VpcRange};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::regions::Region;
use crate::ledger::{HeldCluster, HeldRoute, HeldSubnet, HeldVpc, Kept, Occupied};
use crate::observed::{Observed, Survey};
use crate::rules::{EXI_04, EXI_05, EXI_07, EXI_08, EXI_09, EXI_10, EXI_14, EXI_24};
use crate::survey::{found, owner};

use super::parse::{self, keep};
use super::{Choices, Vpc, Written, Zone, existing_words, flow_logs, stack_name, unread, zones};

/// A VPC that others made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExistingVpc {
    /// `vpc-…`
    pub id: String,
    /// Its ranges; the stack makes none of them.
    pub cidrs: Vec<Ipv4Net>,
    /// `igw-…`
    pub internet_gateway: Option<String>,
    /// Services whose private names lead to endpoints of others.
    pub endpoints: Vec<String>,
    /// Whether anything is known of it: without, only words are judged.
    pub is_known: bool,
}

/// Where a tier's packets leave.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ways {
    /// As `egress` says: the stack makes the routes.
    #[default]
    Made,
    /// As the routes of a subnet that exists, by zone id.
    Live(BTreeMap<String, Vec<HeldRoute>>),
    /// It exists, and nothing is known of its routes.
    Unknown,
}

/// What a blueprint finds existing, as `resolve` uses it.
pub struct Found<'b> {
    blueprint: &'b Blueprint,
    /// `None`: the blueprint names no VPC, or nothing is known of it.
    pub occupied: Option<Occupied>,
}

/// From the survey, or as the lock remembers it; and what is wrong with the words.
pub fn find<'b>(
    blueprint: &'b Blueprint,
    (observed, kept): (&Observed, &Kept),
    findings: &mut Vec<Diagnostic>,
) -> Found<'b> {
    existing_words::check(blueprint, findings);
    let id = blueprint.vpc.as_ref().and_then(|vpc| vpc.id.as_deref());
    let before = observed.occupied.as_ref();
    let Some(id) = id else { return Found { blueprint, occupied: before.cloned() } };
    let stack = stack_name(&blueprint.metadata.name);
    let occupied = match &observed.survey {
        Some(survey) => {
            let reading = found::Reading { survey, before, stack: &stack };
            Some(without_own(found::occupied(blueprint, &reading), kept))
        }
        None => before.map(|held| match held.vpc.as_ref().is_some_and(|vpc| vpc.id == id) {
            true => named(blueprint, held.clone(), findings),
            false => held.clone(),
        }),
    };
    let of = |vpc: &HeldVpc| vpc.id == id;
    let (known, other) = match occupied {
        Some(found) if found.vpc.as_ref().is_some_and(of) => (Some(found), None),
        found => (None, found.and_then(|found| found.vpc)),
    };
    let region = blueprint.metadata.region.as_str();
    let reading = observed.survey.as_deref();
    let elsewhere = reading.and_then(|survey| of_another_region(survey, (id, region)));
    if let Some(finding) = elsewhere {
        findings.push(finding);
        return Found { blueprint, occupied: None };
    }
    let needed = known.as_ref().map(unread::needed).unwrap_or_default();
    if !needed.is_empty() {
        findings.extend(needed);
        return Found { blueprint, occupied: None };
    }
    match (&known, &observed.survey) {
        (Some(_), _) => {}
        (None, Some(_)) => findings.push(of_another(id, other.as_ref())),
        (None, None) => findings.push(unsurveyed(id, region)),
    }
    if let (Some(occupied), Some(survey)) = (&known, &observed.survey) {
        let wrong = selections(blueprint, occupied, &stack, &survey.vpc);
        findings.extend(wrong);
        findings.extend(same_name(blueprint, &stack, survey));
    }
    Found { blueprint, occupied: known }
}

/// What the lock remembers, with the subnets that the blueprint names today: it was written for those of then.
fn named(blueprint: &Blueprint, mut held: Occupied, findings: &mut Vec<Diagnostic>) -> Occupied {
    let known = std::mem::take(&mut held.subnets);
    for (at, tier) in blueprint.tiers.iter().flatten().enumerate() {
        let Some(existing) = &tier.existing else { continue };
        let of = |one: &&HeldSubnet| match &existing.ids {
            Some(ids) => ids.contains(&one.id),
            None => one.tier == tier.name,
        };
        let own = known.iter().filter(of);
        let own = own.map(|one| HeldSubnet { tier: tier.name.clone(), ..one.clone() });
        let (before, place) = (held.subnets.len(), format!("tiers[{at}].existing"));
        held.subnets.extend(own);
        let ids = existing.ids.iter().flatten().enumerate();
        let strange = ids.filter(|(_, id)| !known.iter().any(|one| one.id == **id));
        findings.extend(strange.map(|(number, id)| {
            let message = format!("the lock was written without the subnet `{id}`");
            EXI_04.at(format!("{place}.ids[{number}]"), message).hint(ANEW)
        }));
        if existing.tags.is_some() && held.subnets.len() == before {
            let message = format!("the lock was written without subnets of `{}`", tier.name);
            findings.push(EXI_04.at(format!("{place}.tags"), message).hint(ANEW));
        }
    }
    held
}

const ANEW: &str = "make a new survey, and give it: `--survey survey.json`";

/// Settings of aws-node as they would be without this blueprint's.
fn without_own(mut occupied: Occupied, kept: &Kept) -> Occupied {
    if let (Some(cluster), Some(own)) = (&mut occupied.cluster, &kept.aws_node) {
        cluster.without(own, eks::VPC_CNI);
    }
    occupied
}

/// A new cluster of the name that the survey's has.
fn same_name(blueprint: &Blueprint, stack: &str, survey: &Survey) -> Option<Diagnostic> {
    blueprint.cluster.as_ref().filter(|cluster| cluster.existing.is_none())?;
    let (held, name) = (survey.eks.found()?, &blueprint.metadata.name);
    (held.name == *name && !owner::is_of_stack(&held.tags, stack)).then(|| {
        EXI_24.at("metadata.name", format!("the cluster `{name}` exists")).hint(format!(
            "set another name, or add to that one: `cluster: {{ existing: {name} }}`"
        ))
    })
}

fn of_another(id: &str, other: Option<&HeldVpc>) -> Diagnostic {
    let message = match other {
        Some(other) => format!("the survey is of `{}`, not of `{id}`", other.id),
        None => format!("the survey has no VPC `{id}`"),
    };
    EXI_09.at("vpc.id", message).hint(format!("make one: `{}`", command(id, None)))
}

/// Zones, and ids of everything, are of one Region.
fn of_another_region(survey: &Survey, (id, region): (&str, &str)) -> Option<Diagnostic> {
    let own = survey.header.region.as_str();
    (!own.is_empty() && own != region).then(|| {
        EXI_09
            .at("metadata.region", format!("the survey is of `{own}`, not of `{region}`"))
            .hint(format!("make one: `{}`", command(id, Some(region))))
    })
}

fn unsurveyed(id: &str, region: &str) -> Diagnostic {
    EXI_10
        .at(
            "vpc.id",
            format!("nothing is known of `{id}`: only the blueprint is judged, no address"),
        )
        .hint(format!("`{}`, then `--survey survey.json`", command(id, Some(region))))
}

/// The command that makes a survey.
pub fn command(id: &str, region: Option<&str>) -> String {
    let region = region.map_or(String::new(), |region| format!(" --region {region}"));
    format!("eksnet survey --vpc {id}{region} --out survey.json")
}

/// What is wrong with the subnets that are selected, once it is known what exists.
fn selections(
    blueprint: &Blueprint,
    occupied: &Occupied,
    stack: &str,
    vpc: &crate::observed::survey::VpcSurvey,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, tier) in blueprint.tiers.iter().flatten().enumerate() {
        let Some(existing) = &tier.existing else { continue };
        let place = format!("tiers[{at}].existing");
        let held: Vec<&HeldSubnet> =
            occupied.subnets.iter().filter(|one| one.tier == tier.name).collect();
        for (number, id) in existing.ids.iter().flatten().enumerate() {
            let place = format!("{place}.ids[{number}]");
            let own = vpc.subnet(id).is_some_and(|one| owner::is_of_stack(&one.tags, stack));
            if !held.iter().any(|one| one.id == *id) {
                findings.push(
                    EXI_04
                        .at(place, format!("the VPC has no subnet `{id}`"))
                        .hint("see `aws ec2 describe-subnets`, or make a new survey"),
                );
            } else if own {
                findings.push(
                    EXI_05
                        .at(place, format!("`{id}` is of this blueprint's own stack `{stack}`"))
                        .hint("set the tier's size instead, as it was"),
                );
            }
        }
        if existing.ids.is_none() && existing.tags.is_some() && held.is_empty() {
            let finding = EXI_04.at(format!("{place}.tags"), "no subnet of the VPC has these tags");
            findings.push(
                finding.hint("`*` stands for anything; `aws ec2 describe-subnets` shows the tags"),
            );
        }
    }
    findings
}

impl Found<'_> {
    /// The VPC that is named; `None` where the stack makes one.
    pub fn vpc(&self, (choices, findings): (&mut Choices, &mut Vec<Diagnostic>)) -> Option<Vpc> {
        let written = self.blueprint.vpc.as_ref()?;
        let id = written.id.clone()?;
        let held = self.occupied.as_ref().and_then(|occupied| occupied.vpc.as_ref());
        let mut list = |word: &str, texts: Option<&Vec<String>>| -> Vec<Written> {
            let places = texts.into_iter().flatten().enumerate();
            let parsed = places.filter_map(|(at, text)| {
                let path = format!("vpc.{word}[{at}]");
                keep(parse::cidr(&path, text), findings).map(|cidr| Written { cidr, path })
            });
            parsed.collect()
        };
        let ranges = written.secondary_cidrs.iter().flatten();
        let ranges: Vec<String> = ranges.filter_map(VpcRange::written).cloned().collect();
        let mut secondary = list("secondaryCidrs", Some(&ranges));
        let keep_free = list("keepFree", written.keep_free.as_ref());
        let cidrs = held.map_or(Vec::new(), |held| held.cidrs.clone());
        let cidr = cidrs.first().copied().unwrap_or_else(stand_in);
        secondary.retain(|one| one.cidr != cidr);
        let unwritten: Vec<Written> = cidrs
            .iter()
            .skip(1)
            .filter(|own| secondary.iter().all(|one| one.cidr != **own))
            .map(|own| Written { cidr: *own, path: "vpc.id".to_string() })
            .collect();
        secondary.splice(0..0, unwritten);
        let existing = Some(ExistingVpc {
            id,
            internet_gateway: held.and_then(|held| held.internet_gateway.clone()),
            endpoints: held.map_or(Vec::new(), |held| held.endpoints.clone()),
            is_known: held.is_some(),
            cidrs,
        });
        let flow_logs = flow_logs::resolve(written.flow_logs.as_ref(), choices);
        let given = Vec::new();
        let waiting = Vec::new();
        Some(Vpc { cidr, secondary, given, keep_free, waiting, ipv6: None, flow_logs, existing })
    }

    /// Subnets of a tier that exists, in the order of zones.
    pub fn subnets(&self, tier: &str) -> Vec<HeldSubnet> {
        let all = self.occupied.iter().flat_map(|occupied| &occupied.subnets);
        all.filter(|subnet| subnet.tier == tier).cloned().collect()
    }

    /// Whether anything is known of the VPC.
    pub fn is_known(&self) -> bool {
        self.occupied.as_ref().is_some_and(|occupied| occupied.vpc.is_some())
    }

    /// The cluster that is named, as it was read.
    pub fn cluster(&self) -> Option<&HeldCluster> {
        let name = self.blueprint.cluster.as_ref()?.existing.as_ref()?;
        let held = self.occupied.as_ref()?.cluster.as_ref()?;
        (held.name == *name).then_some(held)
    }

    /// The first tier that exists and serves nodes.
    pub fn node_tier(&self) -> Option<String> {
        let mut tiers = self.blueprint.tiers.iter().flatten();
        let serves = |tier: &&model::Tier| {
            tier.existing.is_some() && tier.serves.iter().flatten().any(|one| *one == Use::Nodes)
        };
        tiers.find(serves).map(|tier| tier.name.clone())
    }

    /// The zones of tiers that exist, where the blueprint names none: as many as it counts, all without a count.
    pub fn zones(&self, region: &'static Region) -> Option<Vec<Zone>> {
        let count = match &self.blueprint.zones {
            None => usize::MAX,
            Some(model::Zones::Count(count)) => usize::from(*count),
            Some(model::Zones::These(_)) => return None,
        };
        let held = self.occupied.iter().flat_map(|occupied| &occupied.subnets);
        let by_name = !region.ids_known || zones::speaks_in_names(self.blueprint, region);
        let found: BTreeSet<(String, String)> =
            held.map(|subnet| (subnet.zone.clone(), subnet.zone_name.clone())).collect();
        let short = count != usize::MAX && found.len() < count;
        if found.is_empty() || short {
            return None;
        }
        let zone = |(id, name): (String, String)| match by_name {
            true => zones::one(&name, region).unwrap_or(Zone { id, name: Some(name) }),
            false => Zone { id, name: None },
        };
        Some(found.into_iter().take(count).map(zone).collect())
    }
}

/// Where nothing is known of the VPC; what is found of addresses is then left out.
fn stand_in() -> Ipv4Net {
    "10.40.0.0/16".parse().expect("a range written here")
}

impl ExistingVpc {
    /// Whether the VPC has a range that others gave it.
    pub fn has(&self, cidr: Ipv4Net) -> bool {
        self.cidrs.contains(&cidr)
    }
}

impl Zone {
    /// Whether a subnet that exists is in it: by id, or by the name that the blueprint speaks.
    pub fn holds(&self, subnet: &HeldSubnet) -> bool {
        match &self.name {
            Some(name) => *name == subnet.zone_name,
            None => self.id == subnet.zone,
        }
    }
}

/// The routes of a tier's subnets, by the ids of the blueprint's zones.
pub fn ways(subnets: &[HeldSubnet], zones: &[Zone]) -> BTreeMap<String, Vec<HeldRoute>> {
    let of = |zone: &Zone| {
        let subnet = subnets.iter().find(|subnet| zone.holds(subnet))?;
        Some((zone.id.clone(), subnet.routes.clone()))
    };
    zones.iter().filter_map(of).collect()
}

impl Ways {
    /// What the routes come to for whoever asks whether a tier is public, private with a way out, or shut.
    pub fn class(&self, made: TierEgress, serves: &[Use]) -> TierEgress {
        match self {
            Ways::Made => made,
            Ways::Unknown if serves.contains(&Use::ExternalLoadBalancers) => TierEgress::Internet,
            Ways::Unknown => TierEgress::Nat,
            Ways::Live(zones) => {
                let all = zones.values().map(|routes| of_routes(routes));
                all.max().unwrap_or(TierEgress::None)
            }
        }
    }

    /// The routes in a zone.
    pub fn in_zone(&self, zone: &str) -> &[HeldRoute] {
        match self {
            Ways::Live(zones) => zones.get(zone).map_or(&[], Vec::as_slice),
            Ways::Made | Ways::Unknown => &[],
        }
    }
}

fn of_routes(routes: &[HeldRoute]) -> TierEgress {
    let default = routes.iter().find(|route| route.to == "0.0.0.0/0");
    match default {
        Some(route) if route.via.starts_with("igw-") => TierEgress::Internet,
        Some(_) => TierEgress::Nat,
        None => TierEgress::None,
    }
}

/// What is wrong with an existing tier's subnets in the blueprint's zones.
pub fn misplaced(
    tier: &model::Tier,
    place: &str,
    subnets: &[HeldSubnet],
    zones: &[Zone],
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, id) in tier.existing.iter().flat_map(|one| one.ids.iter().flatten()).enumerate() {
        let Some(subnet) = subnets.iter().find(|subnet| subnet.id == *id) else { continue };
        if !zones.iter().any(|zone| zone.holds(subnet)) {
            let known: Vec<&str> = zones.iter().map(Zone::word).collect();
            let message = format!("`{id}` is in {} ({})", subnet.zone_name, subnet.zone);
            findings.push(EXI_14.at(format!("{place}.existing.ids[{at}]"), message).hint(format!(
                "the zones are {}: name that one too, or leave the subnet out",
                known.join(", ")
            )));
        }
    }
    let serves_pods = tier.serves.iter().flatten().any(|one| *one == Use::Pods);
    let crowded =
        zones.iter().find(|zone| 1 < subnets.iter().filter(|subnet| zone.holds(subnet)).count());
    if let Some(zone) = crowded.filter(|_| serves_pods) {
        findings.push(
            EXI_08
                .at(
                    key(place, "existing"),
                    format!("`{}` has several subnets in {}", tier.name, zone.word()),
                )
                .hint("name one subnet a zone; a second tier may have the others"),
        );
    }
    findings
}

/// What keeps a new tier from going out as `like` does.
pub fn unlike(
    like: &str,
    place: &str,
    subnets: &[HeldSubnet],
    zones: &[Zone],
) -> Option<Diagnostic> {
    let place = key(&key(place, "egress"), "like");
    if subnets.is_empty() {
        return None;
    }
    if let Some(zone) = zones.iter().find(|zone| !subnets.iter().any(|one| zone.holds(one))) {
        let message = format!("`{like}` has no subnet in {}", zone.word());
        return Some(
            EXI_07
                .at(place, message)
                .hint("give the tier `zones` where that one is, or set `egress: nat`"),
        );
    }
    let differs = zones.iter().find(|zone| {
        let own: Vec<&HeldSubnet> = subnets.iter().filter(|one| zone.holds(one)).collect();
        own.iter().any(|one| one.routes != own[0].routes)
    })?;
    let message = format!("subnets of `{like}` in {} have different egress paths", differs.word());
    Some(
        EXI_07
            .at(place, message)
            .hint("name one of them in a tier of its own, and refer to that one"),
    )
}
