//! A rung that moves pods leaves the nodes' subnets as full as others hold them: the blueprint that it writes says so beside the warning.

use crate::blueprint;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets::usable;
use crate::line::{self, Request};
use crate::observed::{Observed, Part, Survey};
use crate::rules::SIZ_02;
use crate::source::Source;

use super::{Wanted, of};

/// The text with a reason above the line of the warning about subnets with little to spare, where it is of what is held in the nodes'
/// subnets already: each node takes one address there once its pods are in the range. That nodes do not fit is another warning.
pub fn with_reason(text: String, survey: &Survey, range: &str) -> String {
    let Some((source, now)) = warnings(&text, survey) else { return text };
    let Some((_, empty)) = warnings(&text, &emptied(survey)) else { return text };
    let found = now.iter().find(|one| one.rule == &SIZ_02);
    let Some(at) = found.and_then(|one| one.at.clone()) else { return text };
    if empty.iter().any(|one| one.rule == &SIZ_02) {
        return text;
    }
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let line = source.line(at.start) - 1;
    let indent = " ".repeat(lines[line].len() - lines[line].trim_start().len());
    let reason = format!(
        "{indent}# eksnet:allow {} what others hold in the nodes' subnets stays; a node takes one address there once its pods are in {range}",
        SIZ_02.id
    );
    lines.insert(line, reason);
    lines.join("\n") + "\n"
}

/// What is warned of; nothing where the text does not compile.
fn warnings(text: &str, survey: &Survey) -> Option<(Source, Vec<Diagnostic>)> {
    let reading = blueprint::read("rescue", text.as_bytes().to_vec());
    let request = Request { found: reading.findings, ..Request::new(reading.document?) };
    let survey = Some(Box::new(survey.clone()));
    let observed = Observed { survey, ..Observed::default() };
    let compiled = line::compile(Request { observed, ..request }).ok()?;
    Some((reading.source, compiled.warnings))
}

/// The nodes' subnets with nothing in them but what the nodes hold, which a plan counts as theirs.
fn emptied(survey: &Survey) -> Survey {
    let filled = of(survey, Wanted::default()).subnets;
    let mut then = survey.clone();
    if let Part::Read(subnets) = &mut then.vpc.subnets {
        for subnet in subnets {
            let own = filled.iter().find(|one| one.id == subnet.id);
            if let (Some(own), Some(cidr)) = (own, subnet.cidr) {
                let held = own.held_by_nodes.unwrap_or(0);
                subnet.available = usable(cidr.prefix_len()).saturating_sub(held);
            }
        }
    }
    then
}
