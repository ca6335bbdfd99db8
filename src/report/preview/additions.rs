//! What a change adds: zone by zone where a zone is new, else by type.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::{self, Section, noun};
use crate::graph::{pascal, subnet_id};
use crate::line::Compiled;
use crate::preview::{Change, ChangeKind, Preview};

use super::super::escape::plain;
use super::super::style::green;
use super::super::table::{Align::Left, Column, fits, fitted};
use super::{Shown, names, of_kind};

const SUBNET: &str = "AWS::EC2::Subnet";

/// Types that a new zone's block names one by one; the rest of the zone is counted.
const NAMED: [&str; 5] = [
    SUBNET,
    "AWS::EC2::NatGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::VPCEndpoint",
    "AWS::EKS::Nodegroup",
];

pub(super) fn write(preview: &Preview, shown: &Shown<'_>) -> String {
    let mut rest = of_kind(preview, ChangeKind::Add);
    if rest.is_empty() {
        return String::new();
    }
    if shown.view.all {
        return every(&rest, shown);
    }
    if preview.changes.iter().all(|change| change.change_kind() == ChangeKind::Add)
        && rest.iter().any(|change| change.kind == "AWS::EC2::VPC")
    {
        return by_section(&rest, shown);
    }
    let zones = shown.compiled.map_or(BTreeSet::new(), |own| new_zones(preview, own));
    let mut out = String::new();
    for zone in &zones {
        let (own, others): (Vec<&Change>, Vec<&Change>) =
            rest.into_iter().partition(|change| is_in(&change.id, zone));
        out.push_str(&of_zone(preview, zone, &own, shown));
        rest = others;
    }
    out + &by_type(preview, &rest, shown)
}

/// Zones of whose subnets none existed before; by the word that the blueprint uses.
pub(super) fn new_zones(preview: &Preview, compiled: &Compiled) -> BTreeSet<String> {
    let added: BTreeSet<&str> = preview
        .network
        .subnets
        .iter()
        .filter(|subnet| subnet.before.is_none())
        .map(|subnet| subnet.id.as_str())
        .collect();
    let zones = compiled.plan.zones.iter().filter(|zone| {
        let mut own =
            compiled.plan.subnets.iter().filter(|subnet| subnet.zone.id == zone.id).peekable();
        own.peek().is_some() && own.all(|subnet| added.contains(subnet_id(subnet).as_str()))
    });
    let zones: BTreeSet<String> = zones.map(|zone| zone.id.clone()).collect();
    if zones.len() == compiled.plan.zones.len() { BTreeSet::new() } else { zones }
}

/// Whether a logical id is of a zone's: `…Use1Az1`, and not `…Use1Az10`.
fn is_in(id: &str, zone: &str) -> bool {
    let word = pascal(zone);
    let mut found = id.match_indices(&word);
    found.any(|(at, _)| !id[at + word.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

pub(in crate::report) fn plural(count: usize, noun: &str) -> String {
    let noun = match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_string(),
        Some(stem) if !noun.ends_with("ay") => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{count} {noun}")
}

/// (type, logical ids) in the order of the sections of a deployment.
fn kinds_of<'p>(changes: &[&'p Change]) -> Vec<(&'p str, Vec<&'p str>)> {
    let mut by_kind: BTreeMap<(Section, &str), Vec<&str>> = BTreeMap::new();
    for change in changes {
        let key = (kinds::section(&change.kind), change.kind.as_str());
        by_kind.entry(key).or_default().push(&change.id);
    }
    by_kind.into_iter().map(|((_, kind), ids)| (kind, ids)).collect()
}

fn of_zone(preview: &Preview, zone: &str, changes: &[&Change], shown: &Shown<'_>) -> String {
    let (named, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| NAMED.contains(&change.kind.as_str()));
    let mut rows: Vec<[String; 5]> = Vec::new();
    for kind in NAMED {
        for change in named.iter().filter(|change| change.kind == kind) {
            rows.push(row(preview, change, shown));
        }
    }
    let head = format!("+ {zone}");
    let columns: [Column<'_>; 5] =
        [(&head, Left), ("", Left), ("", Left), ("LOGICAL ID", Left), ("BLUEPRINT", Left)];
    let whole: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
    let table = if fits(shown.view, 0, &columns, &whole) {
        fitted(shown.view, 0, &columns, &whole)
    } else {
        let short: Vec<Vec<String>> = rows.iter().map(narrow).collect();
        let columns: [Column<'_>; 3] = [(&head, Left), ("", Left), ("", Left)];
        let table = fitted(shown.view, 0, &columns, &short);
        // Rows that are lines of their own have no head.
        if fits(shown.view, 0, &columns, &short) { table } else { format!("{head}\n{table}") }
    };
    let parts: Vec<String> = kinds_of(&others)
        .iter()
        .map(|(kind, ids)| plural(ids.len(), &plain(&noun(kind))))
        .collect();
    let rest = match others.len() {
        0 => String::new(),
        count => shown.view.hanging(
            "  ",
            &format!("+ {}  {}  (--all lists them)", plural(count, "other"), parts.join(", ")),
            4,
        ),
    };
    table + &rest
}

/// Sign and noun, tier or nothing, CIDR or nothing, logical id, line of the blueprint.
fn row(preview: &Preview, change: &Change, shown: &Shown<'_>) -> [String; 5] {
    let subnet = preview.network.subnets.iter().find(|subnet| subnet.id == change.id);
    let tier = shown.compiled.and_then(|own| {
        own.plan
            .subnets
            .iter()
            .find(|subnet| subnet_id(subnet) == change.id)
            .map(|one| one.tier.clone())
    });
    let cidr = subnet.and_then(|one| one.after.clone()).unwrap_or_default();
    let place = (shown.line)(&change.path).unwrap_or_default();
    [
        format!("  + {}", plain(&noun(&change.kind))),
        tier.unwrap_or_default(),
        cidr,
        change.id.clone(),
        place,
    ]
}

/// Without room for everything, a subnet goes by its tier and anything else by its logical id.
fn narrow(row: &[String; 5]) -> Vec<String> {
    let [noun, tier, cidr, id, _] = row;
    let name = if tier.is_empty() { id } else { tier };
    vec![noun.clone(), name.clone(), cidr.clone()]
}

/// A stack that does not exist yet, section by section.
fn by_section(changes: &[&Change], shown: &Shown<'_>) -> String {
    let mut sections: BTreeMap<Section, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        sections.entry(kinds::section(&change.kind)).or_default().push(change);
    }
    let rows: Vec<Vec<String>> = sections
        .iter()
        .map(|(section, own)| {
            let parts = kinds_of(own);
            let parts = parts.iter().map(|(kind, ids)| plural(ids.len(), &plain(&noun(kind))));
            vec![format!("+ {}", section.title()), parts.collect::<Vec<_>>().join(", ")]
        })
        .collect();
    fitted(shown.view, 0, &[("", Left), ("", Left)], &rows)
        + &shown.view.paragraph("  (--all lists them, --layout shows the address plan)", 2)
}

/// By type; subnets with their tier and CIDRs.
fn by_type(preview: &Preview, changes: &[&Change], shown: &Shown<'_>) -> String {
    let mut out = String::new();
    for (kind, ids) in kinds_of(changes) {
        let head = format!("{}  {}", green("+ add"), plural(ids.len(), &plain(&noun(kind))));
        let names = if kind == SUBNET { subnets(preview, &ids) } else { names(&ids) };
        out.push_str(&shown.view.hanging("", &format!("{head}  {names}"), 4));
    }
    out
}

fn subnets(preview: &Preview, ids: &[&str]) -> String {
    let cidr = |id: &&str| {
        let own = preview.network.subnets.iter().find(|subnet| subnet.id == **id);
        let cidr = own.and_then(|one| one.after.clone()).unwrap_or_default();
        format!("{} {}", plain(id), plain(&cidr)).trim_end().to_string()
    };
    ids.iter().map(cidr).collect::<Vec<_>>().join(", ")
}

/// Every logical id, by type.
fn every(changes: &[&Change], shown: &Shown<'_>) -> String {
    let rows: Vec<Vec<String>> = kinds_of(changes)
        .iter()
        .map(|(kind, ids)| vec![plural(ids.len(), &plain(&noun(kind))), ids.join(", ")])
        .collect();
    format!("{}\n{}", green("+ add"), fitted(shown.view, 2, &[("", Left), ("", Left)], &rows))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::plural;
    use crate::facts::kinds;
    use crate::facts::kinds::noun;

    /// Of every type that a stack of eksnet has.
    #[test]
    fn every_type_has_a_name_of_its_own_in_words() {
        let mut seen = BTreeSet::new();
        for kind in kinds::all() {
            let name = noun(kind.name);
            assert!(seen.insert(name.clone()), "two types are `{name}`");
            for text in [name.clone(), plural(2, &name)] {
                let letter = |word: &str| word.len() == 1 && !word.starts_with(char::is_numeric);
                assert!(!text.split(' ').any(letter) && !text.ends_with("ss"), "{text}");
                assert!(!text.contains("Ipv") && !text.contains("vpc"), "{text}");
            }
        }
    }
}
