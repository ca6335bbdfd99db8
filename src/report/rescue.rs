//! `eksnet rescue` for people.

use crate::rescue::{Rescue, Step};

use super::escape::plain;
use super::style::{bold, dim};
use super::table::{Align::Left, Align::Right, table};
use super::thousands;

/// The ladder in words.
pub fn write(rescue: &Rescue) -> String {
    let name = rescue.cluster.as_deref().unwrap_or(&rescue.vpc);
    let mut out =
        format!("{}  {}  read {}\n\n", bold(&plain(name)), rescue.vpc, plain(&rescue.read));
    out.push_str(&fills(rescue));
    let demand = &rescue.demand;
    out.push_str(&format!(
        "\n  {} nodes run with {} pods each; {} are wanted, which takes {} more addresses\n",
        known(demand.nodes),
        demand.pods_per_node,
        thousands(demand.wanted),
        known(demand.addresses_missing)
    ));
    for surge in &rescue.surge {
        out.push_str(&format!("  ! {}\n", plain(&surge.advice)));
    }
    out.push('\n');
    rescue.rungs.iter().for_each(|step| out.push_str(&rung(step)));
    if !rescue.unread.is_empty() {
        out.push_str(&format!(
            "\n  {} reads are missing: the figures are as good as the survey\n",
            rescue.unread.len()
        ));
    }
    out
}

fn fills(rescue: &Rescue) -> String {
    let columns = [
        ("zone", Left),
        ("subnet", Left),
        ("cidr", Left),
        ("free", Right),
        ("/28s", Right),
        ("nodes", Right),
        ("held by them", Right),
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
    table(2, &columns, &rows)
}

fn known(count: Option<u64>) -> String {
    count.map_or("?".to_string(), thousands)
}

fn rung(step: &Step) -> String {
    let enough = if step.enough { "  enough by itself" } else { "" };
    let mut out = format!(
        "  {} {}\n    gain      {}{enough}: {}\n    restarts  {}; about {}; {}\n",
        step.number,
        bold(&plain(&step.what)),
        step.gain.map_or("unknown".to_string(), |gain| format!("{} addresses", thousands(gain))),
        plain(&step.how),
        plain(&step.restarts),
        duration(step.minutes),
        if step.reversible { "can be taken back" } else { "cannot simply be taken back" }
    );
    for blocked in &step.blocked {
        out.push_str(&dim(&format!("    in its way  {}", plain(blocked))));
        out.push('\n');
    }
    out
}

fn duration(minutes: u64) -> String {
    if minutes < 120 { format!("{minutes} min") } else { format!("{} h", minutes.div_ceil(60)) }
}
