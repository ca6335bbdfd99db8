//! The gate on a fleet: what is wrong between members, and between a member and the ground it is held against.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::diagnostic::Diagnostic;
use crate::facts::vpc;
use crate::rules::{
    FLT_01, FLT_02, FLT_03, FLT_04, FLT_05, FLT_06, FLT_08, FLT_09, FLT_11, FLT_12, FLT_13,
};

use super::ground::{Ground, Named, Reserved, names};
use super::member::{Member, Range};
use super::pattern;
use super::sweep::{Held, Index, clashes};

/// What was found: of each member, in the members' order, and of the fleet's own file.
#[derive(Debug, Default)]
pub struct Related {
    pub members: Vec<Vec<Diagnostic>>,
    pub fleet: Vec<Diagnostic>,
}

/// Everything that is wrong between members and their ground.
pub fn relate(members: &[Member], ground: &Ground) -> Related {
    let mut related =
        Related { members: vec![Vec::new(); members.len()], fleet: unnamed(members, ground) };
    let mut told = BTreeSet::new();
    for circle in circles(members, ground) {
        overlaps(members, ground, &circle, &mut told, &mut related);
        shared(members, ground, &circle, &mut related);
        services(members, ground, &circle, &mut related);
    }
    for (member, findings) in members.iter().zip(&mut related.members) {
        findings.extend(member.ranges.iter().filter_map(|range| outside(member, range, ground)));
        findings.extend(member.ranges.iter().filter_map(|range| reserved(range, &ground.reserved)));
        findings.extend(cramped(member));
        findings.extend(unknown_class(member, ground));
        findings.extend(waveless(member, ground));
    }
    twice(members, ground, &mut related);
    versions(members, ground, &mut related);
    for (member, findings) in members.iter().zip(&mut related.members) {
        let mut seen = BTreeSet::new();
        findings.retain(|one| seen.insert((one.rule.id, one.path.clone(), one.message.clone())));
        findings.retain(|one| !member.allows(one, line(member, one)));
    }
    related
}

/// 1-based line of a finding about a member.
fn line(member: &Member, finding: &Diagnostic) -> usize {
    let ranges = member.ranges.iter().chain(&member.service).map(|range| &range.spot);
    let spots = ranges.chain([&member.name_spot]);
    spots.filter(|spot| spot.path == finding.path).map(|spot| spot.line.line).next().unwrap_or(0)
}

/// Members that reach each other.
struct Circle {
    members: Vec<usize>,
    on_prem: bool,
    /// How they do, in words.
    how: String,
}

fn circles(members: &[Member], ground: &Ground) -> Vec<Circle> {
    let Some(groups) = &ground.connected else {
        let mut regions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            regions.entry(member.region.as_str()).or_default().push(at);
        }
        let circle = |(region, members): (&str, Vec<usize>)| Circle {
            members,
            on_prem: false,
            how: format!("both are in {region}"),
        };
        return regions.into_iter().map(circle).collect();
    };
    let of = |named: &[Named]| {
        let all = members.iter().enumerate();
        all.filter(|(_, member)| names(named, &member.name)).map(|(at, _)| at).collect()
    };
    let circle = |group: &super::ground::Group| Circle {
        members: of(&group.members),
        on_prem: group.on_prem,
        how: if group.on_prem {
            "both are reached from on-premises networks".to_string()
        } else {
            "the two are connected".to_string()
        },
    };
    groups.iter().map(circle).collect()
}

/// Rule FLT-01.
fn overlaps(
    members: &[Member],
    ground: &Ground,
    circle: &Circle,
    told: &mut BTreeSet<(usize, usize, String)>,
    related: &mut Related,
) {
    let mut held: Vec<Held> = Vec::new();
    let mut ranges: Vec<&Range> = Vec::new();
    for at in &circle.members {
        let own = members[*at].ranges.iter().filter(|range| !ground.is_shared(range.cidr));
        for range in own {
            held.push((range.cidr, *at));
            ranges.push(range);
        }
    }
    let found = clashes(&held);
    let everyone = members.iter().enumerate();
    let everything =
        everyone.flat_map(|(at, member)| member.ranges.iter().map(move |one| (one.cidr, at)));
    let index = (!found.is_empty()).then(|| Index::of(everything));
    for (one, other) in found {
        let (first, later) = if held[one].1 < held[other].1 { (one, other) } else { (other, one) };
        let (neighbor, own) = (&members[held[first].1], held[later].1);
        if !told.insert((held[first].1, own, ranges[later].spot.path.clone())) {
            continue;
        }
        let (cidr, theirs) = (ranges[later].cidr, ranges[first].cidr);
        let message =
            format!("`{cidr}` overlaps `{theirs}` of `{}`, and {}", neighbor.name, circle.how);
        let region = &members[own].region;
        let free = index.as_ref().and_then(|index| beside(cidr, region, index, ground));
        let finding = ranges[later]
            .spot
            .breaks(&FLT_01, message)
            .also_in(ranges[first].spot.line.clone(), format!("`{theirs}` of `{}`", neighbor.name))
            .hint(free.map_or_else(
                || "use a range that no connected member has".to_string(),
                |free| format!("before the VPC is deployed, use a range that no connected member has, such as `{free}`"),
            ));
        related.members[own].push(finding);
    }
}

/// A range of the same size and kind that nobody has.
fn beside(cidr: Ipv4Net, region: &str, index: &Index, ground: &Ground) -> Option<Ipv4Net> {
    let mut supernets =
        ground.supernets.iter().filter(|supernet| supernet.is_in(region)).peekable();
    let anywhere = supernets.peek().is_none();
    let supernets: Vec<Ipv4Net> = supernets.map(|supernet| supernet.cidr).collect();
    let step = 1u32 << (32 - cidr.prefix_len());
    let is_free = |range: &Ipv4Net| {
        (anywhere || supernets.iter().any(|supernet| supernet.contains(range)))
            && index.overlapping(*range, usize::MAX).is_none()
            && !ground.reserved.iter().any(|one| vpc::overlap(one.cidr, *range))
            && !vpc::overlap(vpc::net(vpc::DOCKER), *range)
    };
    (1..=256u32)
        .map(|at| u32::from(cidr.network()).wrapping_add(at.wrapping_mul(step)))
        .filter_map(|start| Ipv4Net::new(start.into(), cidr.prefix_len()).ok())
        .filter(|range| vpc::class(*range) == vpc::class(cidr))
        .find(is_free)
}

/// Rule FLT-04.
fn shared(members: &[Member], ground: &Ground, circle: &Circle, related: &mut Related) {
    let repeating =
        |at: usize| members[at].ranges.iter().filter(|range| ground.is_shared(range.cidr));
    let all = circle.members.iter();
    let index = Index::of(all.flat_map(|at| repeating(*at).map(|range| (range.cidr, *at))));
    for at in &circle.members {
        for range in repeating(*at) {
            let routed = members[*at].routed.iter();
            let Some(way) = routed.clone().find(|way| vpc::overlap(**way, range.cidr)) else {
                continue;
            };
            let Some((theirs, other)) = index.overlapping(range.cidr, *at) else { continue };
            let message = format!(
                "`{}` is shared, and `{}` has `{theirs}` too, but `{way}` is routed to other networks",
                range.cidr, members[other].name
            );
            let finding = range.spot.breaks(&FLT_04, message);
            let place = members[other].ranges.iter().find(|range| range.cidr == theirs);
            let finding = place.into_iter().fold(finding, |finding, range| {
                finding.also_in(range.spot.line.clone(), format!("`{theirs}` is here too"))
            });
            related.members[*at].push(
                finding.hint("leave shared ranges out of routes and announcements, or assign each member a range of its own"),
            );
        }
    }
}

/// Rule FLT-05.
fn services(members: &[Member], ground: &Ground, circle: &Circle, related: &mut Related) {
    let all = circle.members.iter();
    let routed = all.flat_map(|at| {
        let own = members[*at].ranges.iter().filter(|range| !ground.is_shared(range.cidr));
        own.map(|range| (range.cidr, *at))
    });
    let index = Index::of(routed);
    for at in &circle.members {
        let Some(service) = &members[*at].service else { continue };
        if let Some((theirs, other)) = index.overlapping(service.cidr, *at) {
            let name = &members[other].name;
            let message = format!(
                "the service CIDR `{}` overlaps `{theirs}` of `{name}`, which the pods then do not reach",
                service.cidr
            );
            let range = members[other].ranges.iter().find(|range| range.cidr == theirs);
            let finding = service.spot.breaks(&FLT_05, message);
            let finding = range.into_iter().fold(finding, |finding, range| {
                finding.also_in(range.spot.line.clone(), format!("the VPC of `{name}`"))
            });
            related.members[*at].push(finding.hint(OTHER_SERVICES));
        }
        let on_prem = ground.reserved.iter().filter(|_| circle.on_prem);
        let clash = on_prem.clone().find(|one| vpc::overlap(one.cidr, service.cidr));
        related.members[*at].extend(clash.map(|one| {
            let message = format!(
                "the service CIDR `{}` overlaps `{}`{}, which the pods then do not reach",
                service.cidr,
                one.cidr,
                reason(one)
            );
            let finding = service.spot.breaks(&FLT_05, message);
            finding.also_in(one.spot.line.clone(), "reserved here").hint(OTHER_SERVICES)
        }));
    }
}

const OTHER_SERVICES: &str = "before the cluster is created, set another `cluster.serviceCidr`; 172.20.0.0/16 and 10.100.0.0/16 are what EKS itself would choose";

fn reason(reserved: &Reserved) -> String {
    reserved.why.as_ref().map_or(String::new(), |why| format!(" ({why})"))
}

/// Rule FLT-02.
fn outside(member: &Member, range: &Range, ground: &Ground) -> Option<Diagnostic> {
    let own: Vec<Ipv4Net> = ground
        .supernets
        .iter()
        .filter(|supernet| supernet.is_in(&member.region))
        .map(|supernet| supernet.cidr)
        .collect();
    let inside = own.iter().any(|supernet| supernet.contains(&range.cidr));
    if ground.supernets.is_empty() || inside || ground.is_shared(range.cidr) {
        return None;
    }
    let (cidr, region) = (range.cidr, &member.region);
    let finding = match own.first() {
        Some(_) => {
            let list: Vec<String> = own.iter().map(|one| format!("`{one}`")).collect();
            let message = format!("`{cidr}` is in no supernet of {region}");
            let hint = format!("use a range of {}, or add a supernet", list.join(", "));
            range.spot.breaks(&FLT_02, message).hint(hint)
        }
        None => range
            .spot
            .breaks(&FLT_02, format!("`{cidr}` is in no supernet: none is for {region}"))
            .hint(format!("add {region} to the `regions` of a supernet")),
    };
    Some(finding.also_in(ground.supernets[0].spot.line.clone(), "supernets are here"))
}

/// Rule FLT-03.
fn reserved(range: &Range, all: &[Reserved]) -> Option<Diagnostic> {
    let one = all.iter().find(|one| vpc::overlap(one.cidr, range.cidr))?;
    let message = format!("`{}` overlaps the reserved `{}`{}", range.cidr, one.cidr, reason(one));
    let finding = range.spot.breaks(&FLT_03, message);
    Some(
        finding
            .also_in(one.spot.line.clone(), "reserved here")
            .hint("use a range outside of it: a VPC does not reach what lies in its own range"),
    )
}

/// Rule FLT-08.
fn cramped(member: &Member) -> Option<Diagnostic> {
    let [primary] = &member.ranges[..] else { return None };
    let low = vpc::overlap(vpc::net(vpc::LOW_TEN.0), primary.cidr);
    let message = format!(
        "`{}` is in {}, so the VPC never gets a second range from {}",
        primary.cidr,
        vpc::LOW_TEN.0,
        vpc::LOW_TEN.1
    );
    let finding = primary.spot.breaks(&FLT_08, message);
    low.then(|| finding.hint("use a range from 10.2.0.0 on, or plan to grow into 100.64.0.0/10"))
}

/// Rule FLT-12.
fn unknown_class(member: &Member, ground: &Ground) -> Option<Diagnostic> {
    let class = member.class.as_ref().filter(|_| !ground.supernets.is_empty())?;
    if ground.class(&member.region, class).is_some() {
        return None;
    }
    let own = ground.supernets.iter().filter(|supernet| supernet.is_in(&member.region));
    let known: BTreeSet<&str> =
        own.flat_map(|supernet| supernet.classes.keys().map(String::as_str)).collect();
    let message = format!("no supernet of {} has a class `{class}`", member.region);
    let at = member.range_spot.breaks(&FLT_12, message);
    Some(match crate::blueprint::nearest(class, known.iter().copied()) {
        Some(near) => at.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => at.hint("add `classes: { small: /19 }` to a supernet"),
        None => at.hint(format!("known: {}", known.into_iter().collect::<Vec<_>>().join(", "))),
    })
}

/// Rule FLT-06.
fn twice(members: &[Member], ground: &Ground, related: &mut Related) {
    let mut first: BTreeMap<(Option<&str>, &str, &str), usize> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let account = ground.account(&member.name).map(|account| account.id.as_str());
        let key = (account, member.region.as_str(), member.name.as_str());
        let Some(before) = first.get(&key) else {
            first.insert(key, at);
            continue;
        };
        let message = format!(
            "`{}` in {} is the name of another member too: the same stack, and the same cluster",
            member.name, member.region
        );
        let other = &members[*before];
        related.members[at].push(
            member
                .name_spot
                .breaks(&FLT_06, message)
                .also_in(other.name_spot.line.clone(), "the other member")
                .hint("give it a name of its own, or leave one of the two files out"),
        );
    }
}

/// Rule FLT-09.
fn versions(members: &[Member], ground: &Ground, related: &mut Related) {
    type Version = fn(&Member) -> Option<&String>;
    let kinds: [(&str, Version); 2] = [
        ("Kubernetes", |member| member.version.as_ref()),
        ("aws-node", |member| member.aws_node.as_ref()),
    ];
    for (what, of) in kinds {
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, member) in members.iter().enumerate() {
            let (Some(wave), Some(version)) = (ground.wave(&member.name), of(member)) else {
                continue;
            };
            let before = &members[*first.entry(wave).or_insert(at)];
            let Some(other) = of(before).filter(|other| *other != version) else { continue };
            let message = format!(
                "`{}` has {what} {version}, `{}` of the same wave `{}` has {other}",
                member.name, before.name, ground.waves[wave].name
            );
            let finding = member.name_spot.breaks(&FLT_09, message);
            related.members[at].push(
                finding
                    .also_in(before.name_spot.line.clone(), format!("{what} {other}"))
                    .hint("give them one version, or waves of their own"),
            );
        }
    }
}

/// Rule FLT-13, seen from a member.
fn waveless(member: &Member, ground: &Ground) -> Option<Diagnostic> {
    if ground.waves.is_empty() {
        return None;
    }
    let own: Vec<&str> = ground
        .waves
        .iter()
        .filter(|wave| names(&wave.members, &member.name))
        .map(|wave| wave.name.as_str())
        .collect();
    let spot = &member.name_spot;
    match own[..] {
        [_] => None,
        [] => Some(
            spot.breaks(&FLT_13, format!("no wave names `{}`", member.name))
                .hint("add a wave with `members: [\"*\"]` at the end"),
        ),
        // A last wave for everything else is meant.
        [first, ..] => {
            let exact = ground.waves.iter().filter(|wave| {
                wave.members.iter().any(|named| {
                    named.pattern != "*" && pattern::matches(&named.pattern, &member.name)
                })
            });
            let finding = spot
                .breaks(&FLT_13, format!("`{}` is in the waves {}", member.name, own.join(", ")));
            (1 < exact.count()).then(|| finding.hint(format!("it is deployed with `{first}`")))
        }
    }
}

/// Rule FLT-11.
fn unnamed(members: &[Member], ground: &Ground) -> Vec<Diagnostic> {
    let groups = ground.connected.iter().flatten().flat_map(|group| &group.members);
    let waves = ground.waves.iter().flat_map(|wave| &wave.members);
    let accounts = ground.accounts.iter().map(|(named, _)| named);
    let idle = |named: &&Named| {
        !members.iter().any(|member| pattern::matches(&named.pattern, &member.name))
    };
    let finding = |named: &Named| {
        let finding = named.spot.breaks(&FLT_11, format!("`{}` names no member", named.pattern));
        let known = members.iter().map(|member| member.name.as_str());
        match crate::blueprint::nearest(&named.pattern, known) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint("correct it, or remove it"),
        }
    };
    groups.chain(waves).chain(accounts).filter(idle).map(finding).collect()
}
