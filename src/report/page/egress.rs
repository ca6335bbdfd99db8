//! How each tier reaches what is outside of it.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{Anchors, captioned};
use crate::report::escape::plain;
use crate::report::layout::Layout;
use crate::report::ways::{self, TierWays};

pub fn section(layout: &Layout<'_>, anchors: &Anchors) -> Markup {
    let ways = ways::of(layout.intent, layout.plan, layout.template);
    html! {
        section {
            h2 #(anchors.id("egress")) { "Egress" }
            (captioned(&anchors.name("Egress by tier and destination"), "What a subnet's routes lead to; a service with a VPC endpoint is reached without leaving the VPC", &table(&ways)))
        }
    }
}

/// Tiers as rows, destinations as columns; services with endpoints share a column where the same tiers reach them.
fn table(ways: &[TierWays]) -> Markup {
    let six = ways.iter().any(|one| one.ipv6.is_some());
    let others: BTreeSet<&str> =
        ways.iter().flat_map(|one| &one.others).map(|(to, _)| to.as_str()).collect();
    let services = services(ways);
    let to = |one: &TierWays, other: &str| {
        one.others
            .iter()
            .find(|(own, _)| own == other)
            .map_or("–".to_string(), |(_, target)| plain(target))
    };
    html! {
        table {
            thead { tr {
                th scope="col" { "tier" } th scope="col" { "internet" }
                @if six { th scope="col" { "internet, IPv6" } }
                @for other in &others { th scope="col" { (plain(other)) } }
                th scope="col" { "Kubernetes API" }
                @for names in services.values() { th scope="col" { (plain(&names.join(", "))) } }
            } }
            tbody { @for one in ways { tr {
                th scope="row" { (plain(&one.tier)) } td { (plain(&one.internet)) }
                @if six { td { (one.ipv6.as_deref().map_or("–".to_string(), plain)) } }
                @for other in &others { td { (to(one, other)) } }
                td { (one.api.as_deref().map_or("–".to_string(), plain)) }
                @for names in services.values() {
                    td { @if one.endpoints.iter().any(|own| own == names[0]) { "endpoint" } @else { (plain(&one.internet)) } }
                }
            } } }
        }
    }
}

/// Names of services by the tiers that have their endpoint.
fn services(ways: &[TierWays]) -> BTreeMap<Vec<bool>, Vec<&str>> {
    let names: BTreeSet<&str> =
        ways.iter().flat_map(|one| &one.endpoints).map(String::as_str).collect();
    let mut columns: BTreeMap<Vec<bool>, Vec<&str>> = BTreeMap::new();
    for name in names {
        let reached = |one: &TierWays| one.endpoints.iter().any(|own| own == name);
        columns.entry(ways.iter().map(reached).collect()).or_default().push(name);
    }
    columns
}
