//! Who has which prefix, and how many nodes and pods fit.

use maud::{Markup, html};

use super::{Anchors, Plan, captioned, prose};
use crate::address::Subnet;
use crate::capacity::{self, Capacity, Most};
use crate::demand::GroupDemand;
use crate::facts::{eks, subnets};
use crate::intent::{Tier, Zone};
use crate::observed::{Survey, survey as live};
use crate::report::escape::plain;
use crate::report::layout::{Layout, egress_of, not_free, use_word};
use crate::report::thousands;
use crate::survey::{free_addresses, items};

/// Zones as columns, tiers as rows; then what is free.
pub fn matrix(layout: &Layout<'_>, now: Option<&Survey>, anchors: &Anchors) -> Markup {
    let zones = &layout.plan.zones;
    let free: Vec<String> = layout.plan.free.iter().map(ToString::to_string).collect();
    // On paper a fifth column of prefixes fits in smaller letters.
    let crowded = (4 < zones.len()).then_some("zones");
    let table = html! {
        table class=[crowded] {
            thead { tr {
                th scope="col" { "tier" }
                @for zone in zones { th scope="col" { (plain(zone.word())) } }
                th scope="col" { "egress" } th scope="col" { "serves" }
            } }
            tbody { @for tier in &layout.intent.tiers { tr {
                th scope="row" { (plain(&tier.name)) }
                @for zone in zones { (cell(layout, (tier, zone), now, anchors)) }
                td { (egress_of(layout.intent, tier)) }
                td { (tier.serves.iter().map(|one| use_word(*one)).collect::<Vec<_>>().join(", ")) }
            } } }
        }
    };
    html! {
        section {
            h2 #(anchors.id("plan")) { "Address plan" }
            (captioned(&anchors.name("Subnets by tier and zone"), "Each cell: prefix, usable addresses, and how full it is with the node groups at their maximum", &table))
            @if let Some(survey) = now { p.soft { (read_on(layout, survey)) } }
            p { strong { "Free: " } @if free.is_empty() { "nothing" } @else { (free.join(", ")) } }
            @for sizing in &layout.plan.sizing {
                p.soft { (plain(&sizing.tier)) " is a /" (sizing.len) ", sized by demand: " (prose(&sizing.how)) }
            }
        }
    }
}

/// When the addresses that are free now were counted; or that the survey is of another network.
fn read_on(layout: &Layout<'_>, survey: &Survey) -> String {
    let known = layout.plan.subnets.iter().any(|subnet| free_now(survey, subnet).is_some());
    match known {
        true => format!("Free addresses were read on {}.", plain(survey.header.day())),
        false => format!("No subnet is in the survey of {}.", plain(&survey.header.vpc)),
    }
}

/// Free addresses of a subnet in the VPC that was read.
fn free_now(survey: &Survey, subnet: &Subnet) -> Option<u64> {
    let is_it = |live: &&live::Subnet| match &subnet.existing {
        Some(existing) => existing.id == live.id,
        None => live.cidr == Some(subnet.cidr) && live.zone_id == subnet.zone.id,
    };
    let found = items(&survey.vpc.subnets).iter().find(is_it)?;
    Some(free_addresses(&survey.vpc, found).total())
}

fn cell(
    layout: &Layout<'_>,
    (tier, zone): (&Tier, &Zone),
    now: Option<&Survey>,
    anchors: &Anchors,
) -> Markup {
    let Some(subnet) = layout.plan.find(&tier.name, &zone.id) else {
        return html! { td { "–" } };
    };
    let len = subnet.cidr.prefix_len();
    let share = layout.capacity.of(subnet).map(|one| one.per_cent.certain);
    html! {
        td.cidr id=(anchors.subnet(&tier.name, zone.word())) {
            code { (subnet.cidr) } br;
            (thousands(subnets::usable(len))) " usable"
            @if let Some(held) = &subnet.existing { br; "exists: " code.id { (plain(&held.id)) } br; (plain(&not_free(held))) }
            @if let Some(free) = now.and_then(|survey| free_now(survey, subnet)) { br; (thousands(free)) " free now" }
            @if let Some(slot) = subnet.ipv6_slot { br; "IPv6 /64 number " (slot) }
            @if let Some(part) = subnet.reserved { br; code { (part) } " for prefixes" }
            @if let Some(share) = share { br; (thousands(share)) "% at max" (bar(share)) }
        }
    }
}

/// Room by zone, the node groups, and what is full first.
pub fn capacity(page: &Plan<'_>, layout: &Layout<'_>, anchors: &Anchors) -> Markup {
    let Layout { intent, plan, capacity, .. } = *layout;
    let body = match &capacity.most {
        Some(most) => html! {
            (captioned(&anchors.name("Capacity by zone"), "Nodes and pods that fit, in fragmented subnets and with updates under way", &zones(capacity)))
            (captioned(&anchors.name("Node groups"), "Addresses per node: at boot / with the planned pods / at most", &groups(layout)))
            (notes(capacity, most))
        },
        None => html! { p { "There are no node groups, so nothing is counted." } },
    };
    html! {
        section {
            h2 #(anchors.id("capacity")) { "Capacity" }
            (body)
            @if let Some(relief) = capacity::relief(intent, plan, capacity) { p { strong { "When full: " } (prose(&relief)) "." } }
            // A change tells it where it tells its consequences.
            @if page.preview.is_none() { @for late in intent.cluster.iter().flat_map(|cluster| plan.latecomers(intent, cluster)) { p { span.warn { "! " } (prose(&late)) } } }
        }
    }
}

fn zones(capacity: &Capacity) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "zone" } th.n scope="col" { "nodes" } th.n scope="col" { "pods" }
                th.n scope="col" { "nodes at best" } th scope="col" { "limited by" }
            } }
            tbody {
                @for one in &capacity.zones { tr {
                    th scope="row" { (plain(one.zone.word())) }
                    td.n { (thousands(one.nodes.certain)) } td.n { (thousands(one.pods.certain)) }
                    td.n { (thousands(one.nodes.at_best)) } td { (prose(&one.limited_by)) }
                } }
                tr {
                    th scope="row" { "total" }
                    td.n { (thousands(capacity.nodes().certain)) } td.n { (thousands(capacity.pods().certain)) }
                    td.n { (thousands(capacity.nodes().at_best)) } td {}
                }
            }
        }
    }
}

/// A bar; the number stands beside it.
fn bar(share: u64) -> Markup {
    let class = if 100 < share { "over" } else { "fill" };
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect.rail width="100" height="8" {}
            rect class=(class) width=(share.min(100)) height="8" {}
        }
    }
}

fn groups(layout: &Layout<'_>) -> Markup {
    let row = |group: &GroupDemand| {
        let groups = layout.intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
        let own = groups.into_iter().find(|own| own.name == group.name);
        let types =
            own.map(|own| own.instances.iter().map(|one| one.name).collect::<Vec<_>>().join(", "));
        let pods = 0 < group.planned.pod_subnet.addresses;
        let at = |foot: &crate::demand::Footprint| {
            if pods { foot.pod_subnet.addresses } else { foot.node_subnet.addresses }
        };
        html! { tr {
            th scope="row" { (plain(&group.name)) } td { (types.unwrap_or_default()) }
            td.n {
                (own.map_or(0, |own| own.min)) "–" (thousands(group.max))
                @if let Some(grown) = own.and_then(|own| layout.plan.grown(own)) { span.also { (thousands(u64::from(grown))) " with new zones" } }
            }
            td.n { (group.pods) } td.n { (group.density.max_pods) }
            td.n { (at(&group.boot)) " / " (at(&group.planned)) " / " (at(&group.worst)) }
            td { (prose(&group.density.why)) }
        } }
    };
    html! {
        table {
            thead { tr {
                th scope="col" { "node group" } th scope="col" { "instance types" } th.n scope="col" { "nodes" }
                th.n scope="col" { "pods planned" } th.n scope="col" { "max pods" } th.n scope="col" { "addresses per node" }
                th scope="col" { "why" }
            } }
            tbody { @for group in &layout.capacity.groups { (row(group)) } }
        }
    }
}

fn notes(capacity: &Capacity, most: &Most) -> Markup {
    html! {
        ul {
            li { "At the maximum: " (thousands(most.nodes)) " nodes, and up to " (thousands(most.surge)) " more during a rolling update." }
            @if let Some(loss) = &most.loss {
                li { "With " (plain(loss.zone.word())) " down: room for " (thousands(loss.nodes)) " nodes, " (thousands(loss.pods)) " pods." }
            }
            @if capacity.nodes().at_best != capacity.nodes().certain {
                li { "At best, in subnets that are not fragmented: " (thousands(capacity.nodes().at_best)) " nodes, " (thousands(capacity.pods().at_best)) " pods." }
            }
            li { "Network Address Usage (NAU) at the maximum: " (thousands(most.address_units)) " of " (thousands(eks::ADDRESS_UNITS)) "." }
        }
    }
}
