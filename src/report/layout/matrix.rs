//! The plan: one row per tier and one column per zone, as long as they fit; else one row per subnet.

use std::collections::BTreeMap;

use crate::blueprint::model::{TierEgress, Use};
use crate::facts::subnets;
use crate::intent::{Intent, Tier, Zone};

use super::super::table::{Align, Align::Left, Align::Right, Column, fits, fitted};
use super::super::{View, thousands, ways};
use super::{Layout, zone};

const INTERNET: &str = "internet gateway";
const NAT: &str = "NAT gateway";
const NONE: &str = "none";

/// The default route of a tier.
fn egress_word(egress: TierEgress) -> &'static str {
    match egress {
        TierEgress::Internet => INTERNET,
        TierEgress::Nat => NAT,
        TierEgress::None => NONE,
    }
}

/// The egress of a tier in two words. Pods in a tier of their own leave through their node, where aws-node translates their addresses.
pub fn egress_of(intent: &Intent, tier: &Tier) -> &'static str {
    let pods = tier.serves(Use::Pods) && !tier.serves(Use::Nodes);
    let by_node = || intent.cluster.as_ref().is_some_and(|own| own.aws_node.translates());
    match tier.leaves() {
        TierEgress::None if pods && by_node() => "through the node",
        egress => egress_word(egress),
    }
}

/// Beginnings of targets that lead to other networks, and their words.
const BEYOND: [(&str, &str); 3] = [("tgw-", "TGW"), ("pcx-", "peering"), ("vgw-", "VPN")];

/// The egress of each tier, and the other networks that it reaches.
fn every_egress(layout: &Layout<'_>) -> Egress {
    let Layout { intent, plan, template, .. } = *layout;
    let row = |(tier, own): (&Tier, ways::TierWays)| {
        let reached = |begins: &str| own.others.iter().any(|(_, to)| to.starts_with(begins));
        let beyond = BEYOND.iter().filter(|(begins, _)| reached(begins)).map(|(_, word)| *word);
        let default = egress_of(intent, tier);
        let others: Vec<&str> = beyond.collect();
        let words = match (default, others.as_slice()) {
            (_, []) => return (own.tier, default.to_string()),
            (NONE, _) => others,
            _ => [&[short(default)], others.as_slice()].concat(),
        };
        (own.tier, words.join(", "))
    };
    intent.tiers.iter().zip(ways::of(intent, plan, template)).map(row).collect()
}

/// Beside other networks, where the column has to stay narrow.
fn short(egress: &'static str) -> &'static str {
    match egress {
        INTERNET => "IGW",
        NAT => "NAT",
        other => other,
    }
}

/// Short enough for a column of the plan.
pub fn use_word(one: Use) -> &'static str {
    match one {
        Use::ExternalLoadBalancers => "external LBs",
        Use::InternalLoadBalancers => "internal LBs",
        Use::Nodes => "nodes",
        Use::Pods => "pods",
        Use::ControlPlane => "control plane",
        Use::Transit => "transit",
    }
}

/// A column that is left out where there is no room for it.
#[derive(Clone, Copy, PartialEq)]
enum More {
    Egress,
    Serves,
}

/// From the fullest form to the barest.
const FORMS: [&[More]; 3] = [&[More::Egress, More::Serves], &[More::Egress], &[]];

pub(super) fn write(layout: &Layout<'_>, view: View) -> String {
    let forms = FORMS.iter();
    let egress = every_egress(layout);
    let side = forms.clone().map(|more| side_by_side(layout, &egress, more));
    let below = forms.map(|more| one_below_another(layout, &egress, more));
    let mut last = None;
    for (columns, rows) in side.chain(below) {
        let columns: Vec<Column<'_>> =
            columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
        if fits(view, 0, &columns, &rows) {
            return fitted(view, 0, &columns, &rows);
        }
        last = Some(fitted(view, 0, &columns, &rows));
    }
    last.unwrap_or_default()
}

/// By tier.
type Egress = BTreeMap<String, String>;

type Table = (Vec<(String, Align)>, Vec<Vec<String>>);

fn headed(more: &[More], layout: &Layout<'_>, first: Vec<(String, Align)>) -> Vec<(String, Align)> {
    let mut columns = first;
    columns.push(("IPS".to_string(), Right));
    if layout.capacity.most.is_some() {
        columns.push(("AT MAX".to_string(), Right));
    }
    let name = |one: &More| match one {
        More::Egress => "EGRESS",
        More::Serves => "SERVES",
    };
    columns.extend(more.iter().map(|one| (name(one).to_string(), Left)));
    columns
}

fn side_by_side(layout: &Layout<'_>, egress: &Egress, more: &[More]) -> Table {
    let zones = &layout.plan.zones;
    let mut first = vec![("TIER".to_string(), Left)];
    first.extend(zones.iter().map(|one| (zone(one), Left)));
    let row = |tier: &Tier| {
        let mut cells = vec![name_of(tier)];
        cells.extend(zones.iter().map(|one| cidr(layout, tier, one)));
        cells.extend(figures(layout, tier, None));
        cells.extend(words(tier, egress, more));
        cells
    };
    (headed(more, layout, first), layout.intent.tiers.iter().map(row).collect())
}

fn one_below_another(layout: &Layout<'_>, egress: &Egress, more: &[More]) -> Table {
    let first = ["TIER", "ZONE", "CIDR"].map(|name| (name.to_string(), Left)).to_vec();
    let mut rows = Vec::new();
    for tier in &layout.intent.tiers {
        let own =
            layout.plan.zones.iter().filter(|one| layout.plan.find(&tier.name, &one.id).is_some());
        for (at, one) in own.enumerate() {
            let name = if at == 0 { name_of(tier) } else { String::new() };
            let mut cells = vec![name, zone(one), cidr(layout, tier, one)];
            cells.extend(figures(layout, tier, Some(one)));
            cells.extend(
                words(tier, egress, more)
                    .into_iter()
                    .map(|word| if at == 0 { word } else { String::new() }),
            );
            rows.push(cells);
        }
    }
    (headed(more, layout, first), rows)
}

/// A tier that others made says so.
fn name_of(tier: &Tier) -> String {
    if tier.existing.is_some() { format!("{} (exists)", tier.name) } else { tier.name.clone() }
}

fn cidr(layout: &Layout<'_>, tier: &Tier, zone: &Zone) -> String {
    let own = layout.plan.of_tier(&tier.name).filter(|subnet| subnet.zone.id == zone.id);
    let cidrs: Vec<String> = own.map(|subnet| subnet.cidr.to_string()).collect();
    if cidrs.is_empty() { "–".to_string() } else { cidrs.join(" ") }
}

/// Usable addresses of a subnet, and how full the fullest one is at `max`.
fn figures(layout: &Layout<'_>, tier: &Tier, zone: Option<&Zone>) -> Vec<String> {
    let of = |one: &&crate::address::Subnet| zone.is_none_or(|zone| one.zone.id == zone.id);
    let own: Vec<_> = layout.plan.of_tier(&tier.name).filter(of).collect();
    // Of a subnet that exists, what is still free.
    let usable = own.iter().map(|subnet| match &subnet.existing {
        Some(held) => held.free,
        None => subnets::usable(subnet.cidr.prefix_len()),
    });
    let (low, high) = (usable.clone().min().unwrap_or(0), usable.max().unwrap_or(0));
    let range = match low == high {
        true => thousands(low),
        false => format!("{}–{}", thousands(low), thousands(high)),
    };
    let range = if tier.existing.is_some() { format!("{range} free") } else { range };
    let fullest = own
        .iter()
        .filter_map(|subnet| layout.capacity.of(subnet))
        .map(|one| one.per_cent.certain)
        .max();
    let at_max = fullest.map_or(String::new(), |share| format!("{}%", thousands(share)));
    let shown = layout.capacity.most.is_some();
    std::iter::once(range).chain(shown.then_some(at_max)).collect()
}

fn words(tier: &Tier, egress: &Egress, more: &[More]) -> Vec<String> {
    let serves = || tier.serves.iter().map(|one| use_word(*one)).collect::<Vec<_>>().join(", ");
    let word = |one: &More| match one {
        More::Egress => egress.get(&tier.name).cloned().unwrap_or_default(),
        More::Serves => serves(),
    };
    more.iter().map(word).collect()
}
