//! The words for what exists, judged by themselves: whatever is there, these contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::blueprint::model::{self, DefaultGroup, TierWay};
use crate::blueprint::path::key;
use crate::blueprint::{Blueprint, nearest};
use crate::diagnostic::Diagnostic;
use crate::facts::ids;
use crate::rules::{EXI_01, EXI_02, EXI_03, EXI_07, EXI_09, EXI_12, EXI_25};

/// What is wrong with the words, whatever exists.
pub fn check(blueprint: &Blueprint, findings: &mut Vec<Diagnostic>) {
    let vpc = blueprint.vpc.as_ref();
    let id = vpc.and_then(|vpc| vpc.id.as_deref());
    if let Some(id) = id.filter(|id| !ids::is("vpc-", id)) {
        findings.push(
            EXI_09
                .at("vpc.id", format!("`{id}` is not the id of a VPC"))
                .hint("an id looks like `vpc-0123456789abcdef0`"),
        );
    }
    let own = vpc.filter(|_| id.is_some());
    let beside = [
        ("vpc.cidr", own.is_some_and(|vpc| vpc.cidr.is_some())),
        ("vpc.ipv6", own.is_some_and(|vpc| vpc.ipv6.is_some())),
    ];
    findings.extend(beside.iter().filter(|(_, is_set)| *is_set).map(|(place, _)| {
        let message = format!("`{place}` beside `vpc.id`: the VPC has its own");
        EXI_12
            .at(*place, message)
            .on_key()
            .hint("remove it; further IPv4 ranges go under `vpc.secondaryCidrs`")
    }));
    findings.extend(default_group(blueprint).filter(|_| id.is_some()));
    for (at, tier) in blueprint.tiers.iter().flatten().enumerate() {
        let place = format!("tiers[{at}]");
        if let Some(existing) = &tier.existing {
            findings.extend(of_existing(tier, existing, &place, id.is_some()));
        }
        if let Some(TierWay::Like(like)) = &tier.egress {
            findings.extend(of_like(blueprint, &like.like, &place, id.is_some()));
        }
    }
    findings.extend(shared(blueprint));
    let cluster = blueprint.cluster.as_ref().and_then(|cluster| cluster.existing.as_ref());
    if cluster.is_some() && id.is_none() {
        findings.push(
            EXI_02
                .at("cluster.existing", "a cluster that exists, in a VPC that this stack creates")
                .hint("name the cluster's VPC: `vpc: { id: vpc-… }`"),
        );
    }
}

/// Closed only where it is the stack's own.
fn default_group(blueprint: &Blueprint) -> Option<Diagnostic> {
    let groups = blueprint.security_groups.as_ref()?;
    (groups.default_group == Some(DefaultGroup::Closed)).then(|| {
        let message =
            "`defaultGroup: closed` would change the default security group of a VPC that exists";
        EXI_25
            .at("securityGroups.defaultGroup", message)
            .on_key()
            .hint("remove it, and ask the owner of the VPC to close it")
    })
}

fn of_existing(
    tier: &model::Tier,
    existing: &model::Existing,
    place: &str,
    in_vpc: bool,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if !in_vpc {
        findings.push(
            EXI_02
                .at(
                    key(place, "existing"),
                    format!("`{}` exists, and this stack creates the VPC", tier.name),
                )
                .hint("name the VPC that the subnets are in: `vpc: { id: vpc-… }`"),
        );
    }
    for (word, _) in beside(tier).iter().filter(|(_, is_set)| *is_set) {
        findings.push(
            EXI_01
                .at(
                    key(place, word),
                    format!(
                        "`{word}` beside `existing`: the subnets of `{}` stay as they are",
                        tier.name
                    ),
                )
                .on_key()
                .hint("remove it; only the owner of the subnets changes what belongs to them"),
        );
    }
    findings.extend(selection(existing, &key(place, "existing")));
    findings
}

/// Every key of a tier but those that may stand beside `existing`: a new one is judged, too. Whether it is set.
fn beside(tier: &model::Tier) -> [(&'static str, bool); 11] {
    let model::Tier {
        name: _,
        serves: _,
        zones: _,
        existing: _,
        size,
        growth,
        egress,
        from,
        cidrs,
        map_public_ip,
        tags,
        reservation,
        routes,
        network_acl,
        renamed_from,
    } = tier;
    [
        ("size", size.is_some()),
        ("growth", growth.is_some()),
        ("egress", egress.is_some()),
        ("from", from.is_some()),
        ("cidrs", cidrs.is_some()),
        ("mapPublicIp", map_public_ip.is_some()),
        ("tags", tags.is_some()),
        ("reservation", reservation.is_some()),
        ("routes", routes.is_some()),
        ("networkAcl", network_acl.is_some()),
        ("renamedFrom", renamed_from.is_some()),
    ]
}

fn selection(existing: &model::Existing, place: &str) -> Vec<Diagnostic> {
    let empty = |count: Option<usize>| count == Some(0);
    let (listed, tagged) =
        (existing.ids.as_ref().map(Vec::len), existing.tags.as_ref().map(BTreeMap::len));
    if listed.is_some() == tagged.is_some() || empty(listed) || empty(tagged) {
        let message = match (listed, tagged) {
            (Some(_), Some(_)) => "`ids` and `tags` at once",
            _ => "no subnet is selected",
        };
        let hint = "`{ ids: [subnet-…] }`, or `{ tags: { Name: \"*private*\" } }`";
        return vec![EXI_03.at(place, message).hint(hint)];
    }
    let mut seen = BTreeSet::new();
    let listed = existing.ids.iter().flatten().enumerate();
    let wrong = listed.filter_map(|(at, id)| {
        let place = format!("{}[{at}]", key(place, "ids"));
        if !ids::is("subnet-", id) {
            let finding = EXI_03.at(place, format!("`{id}` is not the id of a subnet"));
            return Some(finding.hint("an id looks like `subnet-0123456789abcdef0`"));
        }
        let twice = !seen.insert(id.clone());
        twice
            .then(|| EXI_03.at(place, format!("`{id}` is named twice")).hint("keep one of the two"))
    });
    wrong.collect()
}

fn of_like(blueprint: &Blueprint, name: &str, place: &str, in_vpc: bool) -> Option<Diagnostic> {
    let place = key(&key(place, "egress"), "like");
    let tiers = || blueprint.tiers.iter().flatten();
    if !in_vpc {
        let finding = EXI_02.at(place, "`like` in a VPC that this stack creates");
        return Some(finding.hint("set `egress: nat`, `internet` or `none`"));
    }
    let exists = |tier: &&model::Tier| tier.existing.is_some();
    if tiers().filter(exists).any(|tier| tier.name == name) {
        return None;
    }
    let message = match tiers().any(|tier| tier.name == name) {
        true => format!("`{name}` is created by this blueprint, not a tier that exists"),
        false => format!("no tier `{name}`"),
    };
    let known: Vec<&str> = tiers().filter(exists).map(|tier| tier.name.as_str()).collect();
    let finding = EXI_07.at(place, message);
    Some(match nearest(name, known.iter().copied()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            finding.hint("add a tier with `existing: { ids: [subnet-…] }`, or set `egress: nat`")
        }
        None => finding.hint(format!("tiers that exist: {}", known.join(", "))),
    })
}

/// One subnet in two tiers.
fn shared(blueprint: &Blueprint) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut findings = Vec::new();
    for (at, tier) in blueprint.tiers.iter().flatten().enumerate() {
        let listed = tier.existing.iter().flat_map(|existing| existing.ids.iter().flatten());
        for (number, id) in listed.enumerate() {
            let place = format!("tiers[{at}].existing.ids[{number}]");
            match seen.get(id.as_str()) {
                Some((first, there)) if *first != at => findings.push(
                    EXI_03
                        .at(&place, format!("`{id}` is in two tiers"))
                        .also(there.clone(), "the other one")
                        .hint("name it once; a tier may serve several uses"),
                ),
                Some(_) => {}
                None => _ = seen.insert(id, (at, place)),
            }
        }
    }
    findings
}
