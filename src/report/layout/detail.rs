//! What a layout folds away: every subnet, the sums behind the figures, the egress of each tier, and why each default was chosen.

use crate::capacity::{Capacity, Most};
use crate::demand::{Footprint, GroupDemand};
use crate::facts::{eks, subnets};
use crate::intent::Intent;
use crate::ledger::HeldSubnet;

use super::super::style::{bold, dim};
use super::super::table::{Align::Left, Align::Right, Column, fitted};
use super::super::{View, thousands, ways};
use super::{Layout, not_free, zone};

pub(super) fn write(layout: &Layout<'_>, view: View) -> String {
    let Layout { intent, plan, template, .. } = *layout;
    let free: Vec<String> = plan.free.iter().map(ToString::to_string).collect();
    [
        section("Subnets", &every_subnet(layout, view)),
        section(
            "Free blocks",
            &if free.is_empty() { String::new() } else { view.hanging("  ", &free.join("  "), 2) },
        ),
        section("Sized by demand, per zone", &sized(layout, view)),
        section("Addresses per node", &per_node(layout, view)),
        section("Capacity", &capacity(layout, view)),
        section("Egress", &ways::human(&ways::of(intent, plan, template), view)),
        section("Defaults", &choices(intent, view)),
        "\n".to_string(),
    ]
    .concat()
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() { String::new() } else { format!("\n{}\n{body}", bold(title)) }
}

fn every_subnet(layout: &Layout<'_>, view: View) -> String {
    let Layout { intent, plan, .. } = *layout;
    let six = intent.vpc.ipv6.is_some();
    let kept = plan.subnets.iter().any(|subnet| subnet.reserved.is_some());
    let mut columns: Vec<Column<'_>> = vec![("tier", Left), ("zone", Left), ("cidr", Left)];
    columns.extend(six.then_some(("/64 no.", Right)));
    columns.extend([("usable", Right), ("/28s", Right)]);
    columns.extend(kept.then_some(("for prefixes", Left)));
    let others = plan.subnets.iter().any(|subnet| subnet.existing.is_some());
    columns.extend(others.then_some(("exists", Left)));
    let rows = plan.subnets.iter().map(|subnet| {
        let len = subnet.cidr.prefix_len();
        let mut cells = vec![subnet.tier.clone(), zone(&subnet.zone), subnet.cidr.to_string()];
        cells.extend(six.then(|| subnet.ipv6_slot.map_or(String::new(), |slot| slot.to_string())));
        cells.extend([thousands(subnets::usable(len)), thousands(subnets::prefixes(len))]);
        cells.extend(kept.then(|| subnet.reserved.map_or(String::new(), |part| part.to_string())));
        let held = |held: &HeldSubnet| format!("{}: {}", held.id, not_free(held));
        cells.extend(others.then(|| subnet.existing.as_ref().map_or(String::new(), held)));
        cells
    });
    fitted(view, 2, &columns, &rows.collect::<Vec<_>>())
}

/// How the tiers written `size: auto` came to their sizes.
fn sized(layout: &Layout<'_>, view: View) -> String {
    let sizing = layout.plan.sizing.iter();
    let rows: Vec<Vec<String>> = sizing
        .map(|one| vec![one.tier.clone(), format!("/{}", one.len), one.how.clone()])
        .collect();
    fitted(view, 2, &[("", Left), ("", Left), ("", Left)], &rows)
}

fn per_node(layout: &Layout<'_>, view: View) -> String {
    let rows: Vec<Vec<String>> = layout.capacity.groups.iter().flat_map(of_group).collect();
    fitted(view, 2, &[("", Left), ("", Left)], &rows)
}

fn of_group(group: &GroupDemand) -> Vec<Vec<String>> {
    let per_node = |at: fn(&Footprint) -> u64| {
        let (planned, best) = (at(&group.planned), at(&group.at_best));
        let best = if best < planned { format!(" ({best} at best)") } else { String::new() };
        format!(
            "{} at boot, {planned}{best} with up to {} pods, {} at most",
            at(&group.boot),
            group.pods,
            at(&group.worst)
        )
    };
    let addresses = if group.planned.pod_subnet.addresses > 0 {
        format!(
            "{} in its own subnet; for pods {}",
            group.planned.node_subnet.addresses,
            per_node(|at| at.pod_subnet.addresses)
        )
    } else {
        per_node(|at| at.node_subnet.addresses)
    };
    let branches = (group.branches > 0).then(|| {
        format!("pods with security groups of their own: at most {} per node", group.branches)
    });
    let lines = [addresses, group.density.why.clone()].into_iter().chain(branches);
    let name = |at: usize| if at == 0 { group.name.clone() } else { String::new() };
    lines.enumerate().map(|(at, line)| vec![name(at), line]).collect()
}

fn capacity(layout: &Layout<'_>, view: View) -> String {
    let Capacity { zones, most: Some(most), .. } = layout.capacity else {
        return String::new();
    };
    let rows: Vec<Vec<String>> = zones
        .iter()
        .map(|one| {
            vec![
                zone(&one.zone),
                format!("{} nodes", thousands(one.nodes.certain)),
                format!("{} pods", thousands(one.pods.certain)),
                format!("limited by {}", one.limited_by),
            ]
        })
        .chain([total(layout.capacity)])
        .collect();
    let columns = [("", Left), ("", Right), ("", Right), ("", Left)];
    let notes: String =
        notes(layout.capacity, most).iter().map(|note| view.hanging("  ", note, 4)).collect();
    fitted(view, 2, &columns, &rows) + &notes
}

fn total(capacity: &Capacity) -> Vec<String> {
    let (nodes, pods) = (capacity.nodes().certain, capacity.pods().certain);
    let cells = [
        "total".to_string(),
        format!("{} nodes", thousands(nodes)),
        format!("{} pods", thousands(pods)),
        String::new(),
    ];
    cells.to_vec()
}

fn notes(capacity: &Capacity, most: &Most) -> Vec<String> {
    let (nodes, pods) = (capacity.nodes(), capacity.pods());
    let best = (nodes.at_best != nodes.certain).then(|| {
        format!(
            "at best, in subnets that are not fragmented: {} nodes, {} pods",
            thousands(nodes.at_best),
            thousands(pods.at_best)
        )
    });
    let surge = format!("at `max`, a rolling update adds up to {} nodes", thousands(most.surge));
    let lost = most.loss.as_ref().map(|loss| {
        format!(
            "with {} down: room for {} nodes, {} pods",
            zone(&loss.zone),
            thousands(loss.nodes),
            thousands(loss.pods)
        )
    });
    let units = format!(
        "Network Address Usage (NAU) at `max`: {} of {}",
        thousands(most.address_units),
        thousands(eks::ADDRESS_UNITS)
    );
    best.into_iter().chain([surge]).chain(lost).chain([units]).collect()
}

/// What was filled in where the blueprint is silent, and why.
pub(super) fn choices(intent: &Intent, view: View) -> String {
    let choices = intent.choices.0.iter();
    let text = choices.map(|choice| {
        let head = format!("{} {}", choice.what, choice.value);
        view.hanging("  ", &format!("{}  {}", super::plain(&head), dim(choice.why)), 4)
    });
    text.collect()
}
