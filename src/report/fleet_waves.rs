//! What became of a fleet's deployments.

use serde_json::{Value, json as value};

use crate::fleet::rollout::{Outcome, Stopped};
use crate::fleet::waves::Ended;

use super::escape::plain;
use super::style::{dim, green, red, yellow};

/// One member's outcome.
pub fn line(label: &str, ended: &Ended) -> String {
    let label = plain(label);
    match ended {
        Ended::Done => format!("{label}: {}", green("done")),
        Ended::Unfinished(why) => {
            format!("{label}: {}: {}", yellow("done, not finished"), plain(why))
        }
        Ended::Failed(why) => format!("{label}: {}: {}", red("failed"), plain(why)),
        Ended::NotBegun => format!("{label}: {}", dim("not begun")),
    }
}

/// A line for each member, then the causes that a wave left in clusters, and the members that could not be examined.
pub fn human(outcome: &Outcome) -> String {
    if outcome.all.is_empty() {
        return "every plan was executed already\n".to_string();
    }
    let mut text: String =
        outcome.all.iter().map(|(label, ended)| line(label, ended) + "\n").collect();
    if let Some(Stopped::Sick { roots, .. }) = &outcome.stopped {
        for (label, id, cause) in roots {
            text.push_str(&format!("{}: {} {}\n", plain(label), red(id), plain(cause)));
        }
    }
    for (label, why) in &outcome.unexamined {
        text.push_str(&format!("{}: {}: {}\n", plain(label), yellow("not examined"), plain(why)));
    }
    text
}

/// Why it stopped, and the command that goes on.
pub fn way_on(outcome: &Outcome, command: &str) -> String {
    match &outcome.stopped {
        None => String::new(),
        Some(Stopped::Failed { wave }) => format!(
            "stopped: more failed in wave {} than it tolerates; once that is fixed, `{command}` continues",
            plain(wave)
        ),
        Some(Stopped::Sick { wave, .. }) => format!(
            "stopped: after wave {} doctor found issues that were not there before; once they are fixed, `{command}` continues (`--no-doctor` skips this check)",
            plain(wave)
        ),
        Some(Stopped::Interrupted) => format!("interrupted: `{command}` continues"),
    }
}

/// The same for programs; `outcome` is one of `done`, `unfinished`, `failed` and `notBegun`.
pub fn json(outcome: &Outcome) -> String {
    let row = |(label, ended): &(String, Ended)| {
        let (outcome, why): (&str, Option<&String>) = match ended {
            Ended::Done => ("done", None),
            Ended::Unfinished(why) => ("unfinished", Some(why)),
            Ended::Failed(why) => ("failed", Some(why)),
            Ended::NotBegun => ("notBegun", None),
        };
        value!({ "member": label, "outcome": outcome, "why": why })
    };
    let rows: Vec<Value> = outcome.all.iter().map(row).collect();
    let unexamined = outcome.unexamined.iter();
    let unexamined = unexamined.map(|(label, why)| value!({ "member": label, "why": why }));
    super::json(&value!({
        "schemaVersion": 1,
        "members": rows,
        "stopped": outcome.stopped.as_ref().map(stopped),
        "unexamined": unexamined.collect::<Vec<_>>(),
    }))
}

fn stopped(stopped: &Stopped) -> Value {
    match stopped {
        Stopped::Failed { wave } => value!({ "why": "failed", "wave": wave }),
        Stopped::Interrupted => value!({ "why": "interrupted" }),
        Stopped::Sick { wave, roots } => {
            let row = |(member, id, cause): &(String, String, String)| value!({ "member": member, "check": id, "cause": cause });
            value!({ "why": "sick", "wave": wave, "roots": roots.iter().map(row).collect::<Vec<_>>() })
        }
    }
}
