//! What became of a fleet's deployments.

use serde_json::{Value, json as value};

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

pub fn human(all: &[(String, Ended)]) -> String {
    if all.is_empty() {
        return "every plan was executed already\n".to_string();
    }
    all.iter().map(|(label, ended)| line(label, ended) + "\n").collect()
}

pub fn json(all: &[(String, Ended)]) -> String {
    let row = |(label, ended): &(String, Ended)| {
        let (outcome, why): (&str, Option<&String>) = match ended {
            Ended::Done => ("done", None),
            Ended::Unfinished(why) => ("unfinished", Some(why)),
            Ended::Failed(why) => ("failed", Some(why)),
            Ended::NotBegun => ("notBegun", None),
        };
        value!({ "member": label, "outcome": outcome, "why": why })
    };
    let rows: Vec<Value> = all.iter().map(row).collect();
    super::json(&value!({ "schemaVersion": 1, "members": rows }))
}
