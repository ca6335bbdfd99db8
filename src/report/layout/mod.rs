//! The address plan for people: the verdict first, then the plan with zones side by side, the map, and what is behind them.

mod detail;
mod map;
mod matrix;
mod verdict;

use ipnet::Ipv4Net;

use crate::address::AddressPlan;
use crate::capacity::{self, Capacity};
use crate::demand::GroupDemand;
use crate::intent::ranges::Giver;
use crate::intent::{Given, Intent, Ipv6, Ipv6From, Zone};
use crate::ledger::HeldSubnet;
use crate::line::Compiled;
use crate::template::Template;

use super::escape::plain;
use super::style::{bold, dim, yellow};
use super::{View, counted, thousands};

pub use map::{FREE, KEPT, Letters};
pub use matrix::{egress_of, use_word};
pub use verdict::{Mark, Verdict};

/// What a layout shows.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub intent: &'a Intent,
    pub plan: &'a AddressPlan,
    pub capacity: &'a Capacity,
    pub template: &'a Template,
}

impl Compiled {
    /// What a compiled blueprint's layout shows, borrowed from it.
    pub fn layout(&self) -> Layout<'_> {
        let Compiled { intent, plan, capacity, template, .. } = self;
        Layout { intent, plan, capacity, template }
    }
}

/// `eksnet layout`. `lock` says how the lock stands.
pub fn write(layout: &Layout<'_>, lock: &str, view: View) -> String {
    let mut out = view.paragraph(&head(layout.intent), 2);
    out.push('\n');
    out.push_str(&verdict::write(layout, view));
    out.push('\n');
    out.push_str(&matrix::write(layout, view));
    out.push('\n');
    out.push_str(&map::write(layout, view));
    out.push_str(&room(layout, view));
    out.push_str(&occupied(layout.intent, view));
    out.push('\n');
    out.push_str(&groups(layout, view));
    out.push_str(&late(layout, view));
    if view.all {
        out.push_str(&detail::write(layout, view));
    } else if !view.explained {
        out.push_str(&defaults(layout.intent, view));
    }
    out.push_str(&labelled("Lock", lock.strip_prefix("lock ").unwrap_or(lock), view));
    out
}

fn head(intent: &Intent) -> String {
    let range = |cidr: Ipv4Net| match intent.vpc.open().find(|given| given.cidr == cidr) {
        Some(given) => format!("a /{} from {} ({cidr} stands in)", cidr.prefix_len(), giver(given)),
        None => cidr.to_string(),
    };
    let mut cidrs: Vec<_> = intent.vpc.cidrs().map(range).collect();
    cidrs.extend(intent.vpc.ipv6.as_ref().map(ipv6));
    let zones = counted(intent.zones.len(), "zone");
    format!("{}  {}  {}  {zones}", bold(&intent.name), intent.region.name, cidrs.join(" + "))
}

fn giver(given: &Given) -> String {
    match &given.by {
        Giver::Class(_) => "the fleet".to_string(),
        Giver::Pool { id, .. } => id.clone(),
    }
}

fn ipv6(ipv6: &Ipv6) -> String {
    match &ipv6.from {
        Ipv6From::Amazon => format!("an IPv6 /{} from Amazon", ipv6.len),
        Ipv6From::Pool { cidr, .. } => cidr.to_string(),
        Ipv6From::Ipam { id } => format!("an IPv6 /{} from {id}", ipv6.len),
    }
}

/// A line that begins with what it is about; its continuation stands below its first word.
pub(super) fn labelled(label: &str, text: &str, view: View) -> String {
    view.hanging(&format!("{}  ", bold(label)), &plain(text), label.len() + 2)
}

/// What is free, and what to do once the plan is full.
fn room(layout: &Layout<'_>, view: View) -> String {
    let Layout { intent, plan, capacity, .. } = *layout;
    let size = |len: u8| 1u64 << (32 - len);
    let free: u64 = plan.free.iter().map(|block| size(block.prefix_len())).sum();
    let whole: u64 = intent.vpc.cidrs().map(|cidr| size(cidr.prefix_len())).sum();
    let largest = plan.free.iter().min_by_key(|block| (block.prefix_len(), block.network()));
    let free = match largest {
        Some(block) => format!(
            "{} addresses ({}%), the largest block {block}.",
            thousands(free),
            (free * 100 + whole / 2) / whole.max(1)
        ),
        None => "nothing.".to_string(),
    };
    let relief = capacity::relief(intent, plan, capacity)
        .map_or(String::new(), |relief| format!(" When full: {relief}."));
    labelled("Free", &format!("{free}{relief}"), view)
}

/// Who made a subnet that exists, and what is not free in it.
pub fn not_free(held: &HeldSubnet) -> String {
    let by = held.owner.as_ref().map_or(String::new(), |owner| format!("created by {owner}; "));
    match held.held() {
        0 => format!("{by}all its addresses are free"),
        1 => format!("{by}not free: 1 address is held"),
        many => format!("{by}not free: {} addresses are held", thousands(many)),
    }
}

/// What others hold, and when that was read.
fn occupied(intent: &Intent, view: View) -> String {
    let Some(occupied) = &intent.occupied else { return String::new() };
    let ranges: Vec<String> =
        occupied.ranges.iter().map(|one| format!("{} {}", one.cidr, one.holder)).collect();
    let list = match ranges.len() {
        0 => "nothing".to_string(),
        1..=6 => ranges.join(", "),
        more if view.all => format!("{} ({more} ranges)", ranges.join(", ")),
        more => format!("{more} ranges (--all)"),
    };
    labelled("Others", &format!("hold {list}; read on {}", occupied.read), view)
}

/// One line for each node group.
fn groups(layout: &Layout<'_>, view: View) -> String {
    let Layout { intent, capacity, .. } = *layout;
    let line = |group: &GroupDemand| {
        let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
        let own = groups.into_iter().find(|own| own.name == group.name)?;
        let types: Vec<_> = own.instances.iter().map(|instance| instance.name).collect();
        Some(format!(
            "{}: {}, {}–{} nodes, {} pods per node planned, {} possible",
            own.name,
            types.join(", "),
            own.min,
            thousands(u64::from(own.max)),
            group.pods,
            group.density.max_pods
        ))
    };
    let lines: Vec<String> = capacity.groups.iter().filter_map(line).collect();
    let label = |at: usize| if at == 0 { bold("Nodes") } else { " ".repeat("Nodes".len()) };
    let indent = "Nodes".len() + 2;
    let text = |(at, line): (usize, &String)| {
        view.hanging(&format!("{}  ", label(at)), &plain(line), indent)
    };
    lines.iter().enumerate().map(text).collect()
}

/// What zones that came later are left out of.
fn late(layout: &Layout<'_>, view: View) -> String {
    let Layout { intent, plan, .. } = *layout;
    let lines = intent.cluster.iter().flat_map(|cluster| plan.latecomers(intent, cluster));
    lines.map(|line| view.hanging(&format!("{} ", yellow("!")), &plain(&line), 2)).collect()
}

/// What was filled in where the blueprint is silent; the reasons are folded.
fn defaults(intent: &Intent, view: View) -> String {
    if intent.choices.0.is_empty() {
        return String::new();
    }
    let words = intent.choices.0.iter().map(|choice| format!("{} {}", choice.what, choice.value));
    let text = format!("{}   (why: --all)", words.collect::<Vec<_>>().join(" · "));
    view.hanging(&format!("{}  ", bold("Defaults")), &dim(&text), "Defaults".len() + 2)
}

/// The same with the reasons, beside a result.
pub fn reasons(intent: &Intent, view: View) -> String {
    let lines = detail::choices(intent, view);
    if lines.is_empty() { lines } else { format!("{}\n{lines}", bold("Defaults")) }
}

/// A zone by the word the blueprint uses.
pub fn zone(zone: &Zone) -> String {
    zone.word().to_string()
}
