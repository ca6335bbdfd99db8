//! The address plan for people.

use crate::address::AddressPlan;
use crate::blueprint::model::Use;
use crate::capacity::{self, Capacity, Loss, Most};
use crate::demand::{Footprint, GroupDemand};
use crate::facts::{eks, subnets};
use crate::intent::tiers::word;
use crate::intent::{Intent, Ipv6, Ipv6From, Tier, Zone};

use crate::line::Compiled;
use crate::template::Template;

use super::escape::plain;
use super::style::{bold, dim};
use super::table::{Align::Left, Align::Right, table};
use super::{thousands, ways};

/// What a layout shows.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub intent: &'a Intent,
    pub plan: &'a AddressPlan,
    pub capacity: &'a Capacity,
    pub template: &'a Template,
}

impl Compiled {
    pub fn layout(&self) -> Layout<'_> {
        let Compiled { intent, plan, capacity, template, .. } = self;
        Layout { intent, plan, capacity, template }
    }
}

/// `eksnet layout`. `lock` says how the lock stands.
pub fn write(layout: &Layout<'_>, lock: &str) -> String {
    let Layout { intent, plan, template, .. } = *layout;
    let mut cidrs: Vec<_> = intent.vpc.cidrs().map(|cidr| cidr.to_string()).collect();
    cidrs.extend(intent.vpc.ipv6.as_ref().map(ipv6));
    let mut out =
        format!("{}  {}  {}\n", bold(&intent.name), intent.region.name, cidrs.join(" + "));
    out.push_str(&format!("{}\n\n", dim(lock)));
    out.push_str(&subnets_table(layout));
    out.push_str(&format!("\n  free  {}\n", free(plan)));
    out.push_str(&occupied(intent));
    out.push_str(&sized(plan));
    out.push_str(&nodes(layout));
    out.push_str(&ways::human(&ways::of(intent, plan, template)));
    out.push_str(&late(intent, plan));
    out.push_str(&choices(intent));
    out
}

fn ipv6(ipv6: &Ipv6) -> String {
    match &ipv6.from {
        Ipv6From::Amazon => format!("an IPv6 /{} of Amazon's", ipv6.len),
        Ipv6From::Pool { cidr, .. } => cidr.to_string(),
        Ipv6From::Ipam { id } => format!("an IPv6 /{} of {id}", ipv6.len),
    }
}

fn subnets_table(layout: &Layout<'_>) -> String {
    let Layout { intent, plan, capacity, .. } = *layout;
    let six = intent.vpc.ipv6.is_some();
    let most = capacity.most.is_some();
    let kept = plan.subnets.iter().any(|subnet| subnet.reserved.is_some());
    let live = plan.subnets.iter().any(|subnet| subnet.existing.is_some());
    let all = [
        ("tier", Left),
        ("zone", Left),
        ("cidr", Left),
        ("/64", Right),
        ("usable", Right),
        ("free", Right),
        ("/28s", Right),
        ("for prefixes", Left),
        ("at max", Left),
        ("egress", Left),
        ("serves", Left),
        ("existing", Left),
    ];
    let shown = |name: &str| {
        (!matches!(name, "free" | "existing") || live)
            && (name != "/64" || six)
            && (name != "at max" || most)
            && (name != "for prefixes" || kept)
    };
    let columns: Vec<_> = all.into_iter().filter(|(name, _)| shown(name)).collect();
    let rows = plan.subnets.iter().filter_map(|subnet| {
        let tier = intent.tier(&subnet.tier)?;
        let len = subnet.cidr.prefix_len();
        let serves: Vec<_> = tier.serves.iter().map(|one| use_word(*one)).collect();
        let cells = [
            subnet.tier.clone(),
            zone(&subnet.zone),
            subnet.cidr.to_string(),
            subnet.ipv6_slot.map_or(String::new(), |slot| slot.to_string()),
            thousands(subnets::usable(len)),
            subnet.existing.as_ref().map_or(String::new(), |held| thousands(held.free)),
            thousands(subnets::prefixes(len)),
            subnet.reserved.map_or(String::new(), |part| part.to_string()),
            capacity.of(subnet).map_or(String::new(), |one| bar(one.per_cent.certain)),
            egress_word(tier),
            serves.join(", "),
            subnet.existing.as_ref().map_or(String::new(), |held| held.id.clone()),
        ];
        Some(
            cells
                .into_iter()
                .zip(all)
                .filter(|(_, (name, _))| shown(name))
                .map(|(cell, _)| cell)
                .collect(),
        )
    });
    table(2, &columns, &rows.collect::<Vec<_>>())
}

/// As written, or as the live routes are.
fn egress_word(tier: &Tier) -> String {
    match &tier.like {
        Some(like) => format!("{}, like {like}", word(tier.leaves())),
        None => word(tier.leaves()).to_string(),
    }
}

/// Ten cells, and the number beside them.
fn bar(per_cent: u64) -> String {
    let cells = per_cent.div_ceil(10).min(10) as usize;
    let over = if 100 < per_cent { " too full" } else { "" };
    format!("{}{} {per_cent:>3} %{over}", "█".repeat(cells), "░".repeat(10 - cells))
}

fn zone(zone: &Zone) -> String {
    match &zone.name {
        Some(name) => name.clone(),
        None => zone.id.clone(),
    }
}

fn use_word(one: Use) -> &'static str {
    match one {
        Use::ExternalLoadBalancers => "external load balancers",
        Use::InternalLoadBalancers => "internal load balancers",
        Use::Nodes => "nodes",
        Use::Pods => "pods",
        Use::ControlPlane => "control plane",
        Use::Transit => "transit",
    }
}

/// What others hold, and when that was read.
fn occupied(intent: &Intent) -> String {
    let Some(occupied) = &intent.occupied else { return String::new() };
    let ranges: Vec<String> =
        occupied.ranges.iter().map(|one| format!("{} {}", one.cidr, one.holder)).collect();
    let list = match ranges.len() {
        0 => "nothing".to_string(),
        1..=12 => ranges.join("  "),
        more => format!("{}  and {} more", ranges[..12].join("  "), more - 12),
    };
    format!("  held by others on {}  {list}\n", plain(&occupied.read))
}

fn free(plan: &AddressPlan) -> String {
    let blocks: Vec<_> = plan.free.iter().map(ToString::to_string).collect();
    if blocks.is_empty() { "nothing".to_string() } else { blocks.join("  ") }
}

fn nodes(layout: &Layout<'_>) -> String {
    let Layout { intent, plan, capacity, .. } = *layout;
    let Some(most) = &capacity.most else {
        return String::new();
    };
    let mut out = String::from("\n");
    for group in &capacity.groups {
        out.push_str(&group_lines(intent, group));
    }
    out.push('\n');
    let rows: Vec<Vec<String>> = capacity
        .zones
        .iter()
        .map(|one| {
            vec![
                zone(&one.zone),
                format!("{} nodes", thousands(one.nodes.certain)),
                format!("{} pods", thousands(one.pods.certain)),
                format!("full first: {}", one.limited_by),
            ]
        })
        .collect();
    out.push_str("  room\n");
    out.push_str(&table(4, &[("", Left), ("", Right), ("", Right), ("", Left)], &rows));
    out.push_str(&format!(
        "    in all {} nodes, {} pods\n",
        bold(&thousands(capacity.nodes().certain)),
        bold(&thousands(capacity.pods().certain))
    ));
    out.push_str(&answers(capacity, most));
    out.push_str(&capacity::relief(intent, plan, capacity).map_or(String::new(), |relief| {
        format!(
            "    when that is full: {}
",
            plain(&relief)
        )
    }));
    out
}

/// Whether `max` fits, whether it does without a zone, and what else may run out.
fn answers(capacity: &Capacity, most: &Most) -> String {
    let mut out = at_best(capacity);
    let fullest = most.fullest.as_ref().map_or(String::new(), |one| {
        format!("; fullest {}, {} %", plain(&one.subnet), one.per_cent.certain)
    });
    out.push_str(&format!(
        "    at `max`: {} nodes, and {} more while all are updated: {}{fullest}\n",
        thousands(most.nodes),
        thousands(most.surge),
        match (&most.full.certain, &most.full.at_best) {
            (None, _) => "fits",
            (Some(_), None) => "fits at best",
            (Some(_), Some(_)) => "does not fit",
        }
    ));
    let grows = capacity.groups.iter().any(|group| !group.per_zone);
    out.push_str(&most.loss.as_ref().map_or(String::new(), |loss| without_a_zone(loss, grows)));
    out.push_str(&format!(
        "    network address units at `max`: {} of {}\n",
        thousands(most.address_units),
        thousands(eks::ADDRESS_UNITS)
    ));
    out
}

/// Where the order of placement makes a difference.
fn at_best(capacity: &Capacity) -> String {
    let (nodes, pods) = (capacity.nodes(), capacity.pods());
    if nodes.at_best == nodes.certain {
        return String::new();
    }
    format!(
        "    at best, with single addresses side by side and pods placed prefix by prefix: {} nodes, {} pods\n",
        thousands(nodes.at_best),
        thousands(pods.at_best)
    )
}

/// `grows`: some group may take over the nodes of a lost zone.
fn without_a_zone(loss: &Loss, grows: bool) -> String {
    let (lost, nodes, pods) = (zone(&loss.zone), thousands(loss.nodes), thousands(loss.pods));
    let verdict = if loss.full.is_none() { "fits" } else { "does not fit" };
    let held: String = loss
        .held_back
        .iter()
        .map(|held| {
            format!(
                "      `{}` has one node group per zone: {} of its {} nodes are left, and none is added\n",
                held.group,
                thousands(held.nodes),
                thousands(held.max)
            )
        })
        .collect();
    let verdict = match (held.is_empty(), grows) {
        (true, _) => format!("; `max` {verdict}"),
        (false, true) => format!("; `max` of what may grow {verdict}"),
        (false, false) => String::new(),
    };
    format!("    without {lost}: {nodes} nodes, {pods} pods{verdict}\n{held}")
}

fn group_lines(intent: &Intent, group: &GroupDemand) -> String {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let Some(own) = groups.into_iter().find(|own| own.name == group.name) else {
        return String::new();
    };
    let types: Vec<_> = own.instances.iter().map(|instance| instance.name).collect();
    let mut out = format!(
        "  node group {}  {}  {} to {} nodes  {} pods per node at most\n    {}\n",
        bold(&own.name),
        types.join(", "),
        own.min,
        own.max,
        group.density.max_pods,
        dim(&group.density.why)
    );
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
    if group.planned.pod_subnet.addresses > 0 {
        out.push_str(&format!(
            "    addresses per node: {} in its own subnet; for pods {}\n",
            group.planned.node_subnet.addresses,
            per_node(|at| at.pod_subnet.addresses)
        ));
    } else {
        out.push_str(&format!(
            "    addresses per node: {}\n",
            per_node(|at| at.node_subnet.addresses)
        ));
    }
    if group.branches > 0 {
        out.push_str(&format!(
            "    pods with security groups of their own: {} per node at most\n",
            group.branches
        ));
    }
    out
}

/// How the tiers written `size: auto` came to their sizes.
fn sized(plan: &AddressPlan) -> String {
    if plan.sizing.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = plan
        .sizing
        .iter()
        .map(|one| vec![one.tier.clone(), format!("/{}", one.len), one.how.clone()])
        .collect();
    format!(
        "\n  sized by demand, per zone\n{}",
        table(4, &[("", Left), ("", Left), ("", Left)], &rows)
    )
}

/// What zones that came later are left out of.
fn late(intent: &Intent, plan: &AddressPlan) -> String {
    let lines = intent.cluster.iter().flat_map(|cluster| plan.latecomers(intent, cluster));
    let text: String = lines.map(|line| format!("    {}\n", plain(&line))).collect();
    if text.is_empty() { text } else { format!("\n  came later\n{text}") }
}

/// What was chosen where the blueprint is silent.
pub fn choices(intent: &Intent) -> String {
    if intent.choices.0.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = intent
        .choices
        .0
        .iter()
        .map(|choice| vec![choice.what.clone(), choice.value.clone(), choice.why.to_string()])
        .collect();
    format!(
        "\n  chosen, because the blueprint does not say\n{}",
        table(4, &[("", Left), ("", Left), ("", Left)], &rows)
    )
}
