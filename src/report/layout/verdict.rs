//! Whether the node groups' `max` fits, in the first lines of a layout.

use crate::capacity::{Capacity, Full, Loss, Most};
use crate::intent::{Intent, Tier};

use super::super::escape::plain;
use super::super::style::{green, red, yellow};
use super::super::{View, counted, thousands};
use super::{Layout, zone};

/// How a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Good,
    Warning,
    Bad,
    /// There is nothing to judge.
    Neutral,
}

/// The verdict, with its signs and sentences.
pub struct Verdict {
    pub mark: Mark,
    pub words: String,
    /// What weakens it: with a zone down, and the like.
    pub but: Vec<String>,
    /// Which subnet fills up first.
    pub first: Option<String>,
}

pub(super) fn write(layout: &Layout<'_>, view: View) -> String {
    let verdict = Verdict::of(layout);
    let sign = match verdict.mark {
        Mark::Good => green("✓"),
        Mark::Warning => yellow("!"),
        Mark::Bad => red("✗"),
        Mark::Neutral => "·".to_string(),
    };
    let mut out = view.hanging(&format!("{sign} "), &plain(&verdict.words), 2);
    for but in &verdict.but {
        out.push_str(&view.hanging(&format!("{} ", yellow("!")), &plain(but), 2));
    }
    out.push_str(
        &verdict.first.map_or(String::new(), |first| view.hanging("  ", &plain(&first), 2)),
    );
    out
}

impl Verdict {
    /// Of a plan.
    pub fn of(layout: &Layout<'_>) -> Self {
        let Layout { intent, plan, capacity, .. } = *layout;
        let Some(most) = &capacity.most else {
            let planned = counted(plan.subnets.len(), "subnet");
            let zones = counted(intent.zones.len(), "zone");
            let words = match &intent.cluster {
                None => format!("{planned} in {zones}, and no cluster."),
                Some(_) => format!(
                    "{planned} in {zones}. There are no node groups, so no maximum to check."
                ),
            };
            return Self { mark: Mark::Neutral, words, but: Vec::new(), first: None };
        };
        let (mark, words) = fit(capacity, most);
        let fits = mark != Mark::Bad;
        let mut but = but(capacity, most, fits);
        but.extend(today(intent));
        Self { mark, words, but, first: first(most) }
    }
}

fn fit(capacity: &Capacity, most: &Most) -> (Mark, String) {
    let figures = format!(
        "{} of {} nodes, {} of {} pods",
        thousands(most.nodes),
        thousands(capacity.nodes().certain),
        thousands(most.pods),
        thousands(capacity.pods().certain)
    );
    match (&most.full.certain, &most.full.at_best) {
        (None, _) => {
            let survives = most
                .loss
                .as_ref()
                .is_some_and(|loss| loss.full.is_none() && loss.held_back.is_empty());
            let also = if survives { "with a zone down and " } else { "" };
            (
                Mark::Good,
                format!(
                    "The node groups' max fits: {figures}, also {also}during a rolling update."
                ),
            )
        }
        (Some(full), None) => (
            Mark::Warning,
            format!(
                "The node groups' max fits only while the subnets are not fragmented: {figures}. {}",
                shortage(full)
            ),
        ),
        (Some(full), Some(_)) => {
            (Mark::Bad, format!("The node groups' max does not fit: {figures}. {}", shortage(full)))
        }
    }
}

/// The tier, what is missing there, and the size that would do.
fn shortage(full: &Full) -> String {
    let way = match full.needs {
        Some(len) => format!("a /{len} would be large enough"),
        None => "no subnet is large enough".to_string(),
    };
    format!(
        "{} is too small for {} with updates under way: {way}.",
        full.subnet,
        counted_nodes(full.nodes)
    )
}

fn counted_nodes(nodes: u64) -> String {
    format!("{} node{}", thousands(nodes), if nodes == 1 { "" } else { "s" })
}

fn but(capacity: &Capacity, most: &Most, fits: bool) -> Vec<String> {
    let grows = capacity.groups.iter().any(|group| !group.per_zone);
    let loss = most.loss.as_ref().filter(|_| fits);
    loss.map_or(Vec::new(), |loss| without_a_zone(loss, grows))
}

/// `grows`: some group may take over the nodes of a lost zone.
fn without_a_zone(loss: &Loss, grows: bool) -> Vec<String> {
    let lost = zone(&loss.zone);
    let held = loss.held_back.iter().map(|held| {
        format!(
            "With {lost} down, {} of the {} nodes of `{}` remain: it has one node group per zone, and none replaces the lost one.",
            thousands(held.nodes),
            thousands(held.max),
            held.group
        )
    });
    let full = loss.full.as_ref().filter(|_| grows).map(|_| {
        format!(
            "With {lost} down, the max does not fit: there is room for {} nodes, {} pods.",
            thousands(loss.nodes),
            thousands(loss.pods)
        )
    });
    held.chain(full).collect()
}

/// What a plan of the future does not say of subnets that exist: none of their addresses is free now, or whose they are is not known.
fn today(intent: &Intent) -> Vec<String> {
    let groups = || intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let used = |tier: &&Tier| groups().any(|group| group.tier == tier.name);
    let tiers = || intent.tiers.iter().filter(used);
    let held = || tiers().flat_map(|tier| tier.existing.iter().flatten());
    let full = held().filter(|one| one.free == 0).map(|one| {
        format!(
            "Today {} in {} has no free address: no node starts there until others are terminated.",
            one.id, one.zone_name
        )
    });
    let unread = intent.occupied.iter().flat_map(|occupied| &occupied.unread);
    let unread = unread.filter(|one| one.part == "vpc.interfaces" && held().next().is_some());
    let unknown = unread.map(|one| {
        format!(
            "Which addresses the cluster's own nodes hold is not known ({}): they count as others'.",
            one.action
        )
    });
    full.chain(unknown).collect()
}

fn first(most: &Most) -> Option<String> {
    let fullest = most.fullest.as_ref()?;
    Some(format!(
        "Fills up first: {}, {}% used at max.",
        fullest.subnet,
        thousands(fullest.per_cent.certain)
    ))
}
