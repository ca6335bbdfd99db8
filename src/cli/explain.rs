//! `eksnet explain`

use crate::blueprint::nearest;
use crate::report::{doctor, explain, settings};
use crate::rules;

use super::args::{Explain, Format};
use super::output::{self, Stop};
use super::{Common, DONE};

/// What is no rule's id: every variable of aws-node.
const SETTINGS: &str = "settings";

pub fn run(common: &Common, args: &Explain) -> Result<u8, Stop> {
    let json = common.output == Format::Json;
    let Some(id) = &args.rule else {
        output::data(&match common.output {
            Format::Json => explain::list_json(),
            Format::Markdown => explain::markdown(),
            _ => explain::list(),
        });
        return Ok(DONE);
    };
    if id == SETTINGS {
        output::data(&match common.output {
            Format::Json => settings::list_json(),
            Format::Markdown => settings::markdown(),
            _ => settings::list(),
        });
        return Ok(DONE);
    }
    if let Some(check) = crate::doctor::find(id) {
        let written = if json { doctor::explain_json(check) } else { doctor::explain(check) };
        output::data(&written);
        return Ok(DONE);
    }
    let Some(rule) = rules::find(id) else {
        let checks = crate::doctor::CHECKS.iter().map(|check| check.id);
        let near = nearest(id, rules::all().map(|rule| rule.id).chain(checks))
            .map_or(String::new(), |near| format!("; did you mean {near}?"));
        return Err(Stop::Usage(format!(
            "there is no rule `{id}`{near} (`eksnet explain` lists them)"
        )));
    };
    output::data(&if json { explain::rule_json(rule) } else { explain::rule(rule) });
    Ok(DONE)
}
