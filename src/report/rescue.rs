//! `eksnet rescue` for people.

use crate::rescue::{Rescue, Step};

use super::escape::plain;
use super::style::{bold, dim};
use super::table::{Align::Left, Align::Right, fitted};
use super::view::View;
use super::{counted, thousands};

/// The ladder in words.
pub fn write(rescue: &Rescue) -> String {
    within(rescue, View::default())
}

/// The same, within the columns of a screen.
pub fn within(rescue: &Rescue, view: View) -> String {
    let name = rescue.cluster.as_deref().unwrap_or(&rescue.vpc);
    let mut out =
        format!("{}  {}  read {}\n\n", bold(&plain(name)), rescue.vpc, plain(&rescue.read));
    out.push_str(&fills(rescue, view));
    out.push('\n');
    let demand = &rescue.demand;
    let nodes = demand.nodes.map_or("? nodes run".to_string(), |nodes| match nodes {
        1 => "1 node runs".to_string(),
        many => format!("{} nodes run", thousands(many)),
    });
    let demanded = format!(
        "{nodes} with {} each; {} are required, which takes {} more addresses",
        counted(demand.pods_per_node as usize, "pod"),
        thousands(demand.wanted),
        known(demand.addresses_missing)
    );
    out.push_str(&view.hanging("  ", &demanded, 4));
    for surge in &rescue.surge {
        out.push_str(&view.hanging("  ! ", &plain(&surge.advice), 4));
    }
    out.push('\n');
    let missing = demand.addresses_missing;
    rescue.rungs.iter().for_each(|step| out.push_str(&rung(step, missing, view)));
    if !rescue.unread.is_empty() {
        let (reads, are) = match rescue.unread.len() {
            1 => ("1 read".to_string(), "is"),
            many => (format!("{many} reads"), "are"),
        };
        let text = format!("{reads} {are} missing: the figures are as good as the survey");
        out.push('\n');
        out.push_str(&view.hanging("  ", &text, 4));
    }
    out
}

fn fills(rescue: &Rescue, view: View) -> String {
    let columns = [
        ("zone", Left),
        ("subnet", Left),
        ("cidr", Left),
        ("free", Right),
        ("/28s", Right),
        ("nodes", Right),
        ("held", Right),
    ];
    let rows: Vec<Vec<String>> = rescue
        .subnets
        .iter()
        .map(|one| {
            vec![
                one.zone_name.clone(),
                one.id.clone(),
                one.cidr.clone(),
                thousands(one.free),
                known(one.free_blocks),
                known(one.nodes),
                known(one.held_by_nodes),
            ]
        })
        .collect();
    fitted(view, 2, &columns, &rows)
}

fn known(count: Option<u64>) -> String {
    count.map_or("?".to_string(), thousands)
}

fn rung(step: &Step, missing: Option<u64>, view: View) -> String {
    let head = format!("{} {}  {}", step.number, bold(step.rung.word()), plain(&step.what));
    let gain = match step.gain {
        None => "unknown".to_string(),
        Some(0) => "nothing".to_string(),
        Some(gain) => format!("{} addresses{}", thousands(gain), enough(step, gain, missing)),
    };
    let restarts = format!(
        "{}; about {}; {}",
        plain(&step.restarts),
        duration(step.minutes),
        if step.reversible { "reversible" } else { "not simply reversible" }
    );
    let line = |lead: &str, text: &str| view.hanging(lead, text, 14);
    let mut out = view.hanging("  ", &head, 4);
    out.push_str(&line("    gain      ", &format!("{gain}: {}", plain(&step.how))));
    out.push_str(&line("    restarts  ", &restarts));
    for blocked in &step.blocked {
        let lines = line("    blocked   ", &plain(blocked));
        lines.lines().for_each(|line| out.push_str(&format!("{}\n", dim(line))));
    }
    out
}

/// Whether the rung alone is enough, or would be.
fn enough(step: &Step, gain: u64, missing: Option<u64>) -> &'static str {
    let covers = missing.is_some_and(|missing| missing <= gain);
    match (step.enough, covers) {
        (true, _) => ", enough by itself",
        (false, true) => ", enough once nothing blocks it",
        (false, false) => "",
    }
}

fn duration(minutes: u64) -> String {
    if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes.div_ceil(60)) }
}
