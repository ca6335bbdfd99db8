//! `# eksnet:allow RULE reason`: a warning that somebody has looked at, silenced on the line it stands on.

use std::collections::{BTreeMap, BTreeSet};

use super::profiles::{Profiles, raise};
use crate::blueprint::{Comment, Document, nearest};
use crate::diagnostic::{Diagnostic, Span};
use crate::rules::{self, ALW_01, ALW_02, ALW_03, ALW_04, ALW_05, Rule};

const WORD: &str = "eksnet:allow";

/// How such words begin.
const ADDRESS: &str = "eksnet";
/// What people write for it, as other linters have it.
const OTHERS: [&str; 8] =
    ["allow", "ignore", "disable", "suppress", "skip", "noqa", "nolint", "accept"];

struct Allowance {
    rule: &'static Rule,
    /// 1-based.
    line: usize,
    at: Span,
    used: bool,
}

/// Findings in their places and order, as the profiles take them, without those that are allowed. `complete`: every gate has spoken,
/// so that an allowance that silenced nothing is idle.
pub fn judged(
    document: &Document,
    findings: Vec<Diagnostic>,
    profiles: &Profiles,
    complete: bool,
) -> Vec<Diagnostic> {
    let mut findings = document.placed(findings);
    raise(&mut findings, profiles);
    let (mut allowances, mut said) = read(document);
    let by_line = by_line(&allowances);
    findings.retain(|finding| {
        let line = document.source.line(finding.at.clone().unwrap_or(0..0).start);
        let own = by_line.get(&line).map_or(&[][..], Vec::as_slice);
        !own.iter().any(|at| allows(&mut allowances[*at], finding, &mut said))
    });
    let idle = allowances
        .iter()
        .filter(|allowance| complete && !allowance.used && !rules::is_elsewhere(allowance.rule));
    said.extend(idle.map(|allowance| {
        let finding = ALW_02
            .at("", format!("nothing on line {} violates {}", allowance.line, allowance.rule))
            .at(allowance.at.clone());
        finding.hint("remove the comment, or put it beside or above the line it is for")
    }));
    findings.extend(said);
    if profiles.strict {
        findings.iter_mut().for_each(|finding| finding.raised = true);
    }
    document.placed(findings)
}

/// (1-based line, id) of every rule that the author allows: for gates that speak once other blueprints are known.
pub fn allowed(document: &Document) -> BTreeSet<(usize, &'static str)> {
    let (allowances, _) = read(document);
    allowances.iter().map(|allowance| (allowance.line, allowance.rule.id)).collect()
}

/// Positions of the allowances for each line.
fn by_line(allowances: &[Allowance]) -> BTreeMap<usize, Vec<usize>> {
    let mut lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, allowance) in allowances.iter().enumerate() {
        lines.entry(allowance.line).or_default().push(at);
    }
    lines
}

/// Whether an allowance silences a finding of its line; one that tries with an error is told.
fn allows(allowance: &mut Allowance, finding: &Diagnostic, said: &mut Vec<Diagnostic>) -> bool {
    if allowance.rule != finding.rule {
        return false;
    }
    let first = !std::mem::replace(&mut allowance.used, true);
    if finding.is_error() && first {
        let told = ALW_03
            .at("", format!("{} is an error, and errors cannot be suppressed", finding.rule))
            .at(allowance.at.clone());
        said.push(told.hint("remove the comment, and fix the error"));
    }
    !finding.is_error()
}

fn read(document: &Document) -> (Vec<Allowance>, Vec<Diagnostic>) {
    let (mut allowances, mut said) = (Vec::new(), Vec::new());
    for comment in document.comments() {
        said.extend(misspelled(&comment));
        // One comment may hold several, each with its reason.
        for rest in comment.text.split(WORD).skip(1) {
            let (ids, reason) = ids(rest.trim_start_matches(':').trim().trim_end_matches('#'));
            // The end of `check` shows where the reason goes: copied as it is, it says nothing.
            if reason.is_empty() || reason == "<reason>" {
                let finding = ALW_01.at("", "this allowance has no reason").at(comment.at.clone());
                said.push(finding.hint(format!(
                    "write the rule and then the reason: `# {WORD} VPC-06 no Docker anywhere`"
                )));
            }
            for id in ids {
                match rules::find(id) {
                    Some(rule) => allowances.push(Allowance {
                        rule,
                        line: comment.line,
                        at: comment.at.clone(),
                        used: false,
                    }),
                    None => said.push(unknown(id, &comment)),
                }
            }
        }
    }
    (allowances, said)
}

/// `eksnet:ignore VPC-06`, `eksnet-allow VPC-06`, `eksnet: allow VPC-06`: a comment that was meant for eksnet, and is not read.
fn misspelled(comment: &Comment) -> Option<Diagnostic> {
    if comment.text.contains(WORD) {
        return None;
    }
    let rest = comment.text.trim_start_matches('#').trim_start().strip_prefix(ADDRESS)?;
    let rest = rest.strip_prefix([':', '-', ' '])?.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let word = rest[..end].to_lowercase();
    let meant = OTHERS.contains(&word.as_str()) || nearest(&word, OTHERS.into_iter()).is_some();
    let named = rest[end..].trim_start_matches([':', ' ']).split([' ', ',', ':']).next();
    let rule = named.and_then(|id| rules::find(&id.to_uppercase()));
    let finding = ALW_05.at("", format!("`{ADDRESS}` has no word `{word}`: nothing is suppressed"));
    let example = rule.map_or("VPC-06", |rule| rule.id);
    (meant && (rule.is_some() || rest[end..].trim().is_empty())).then(|| {
        finding
            .at(comment.at.clone())
            .hint(format!("the word is `{WORD}`, as in `# {WORD} {example} <reason>`"))
    })
}

/// `VPC-06, VPC-31 why` → ([VPC-06, VPC-31], why): the first word, and what follows commas.
fn ids(text: &str) -> (Vec<&str>, &str) {
    let mut ids = Vec::new();
    let mut rest = text;
    loop {
        let end =
            rest.find(|letter: char| letter.is_whitespace() || letter == ',').unwrap_or(rest.len());
        let (id, after) = rest.split_at(end);
        ids.extend((!id.is_empty()).then_some(id));
        match after.trim_start().strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return (ids, after.trim()),
        }
    }
}

fn unknown(id: &str, comment: &Comment) -> Diagnostic {
    let finding = ALW_04.at("", format!("unknown rule `{id}`")).at(comment.at.clone());
    match nearest(&id.to_uppercase(), rules::all().map(|rule| rule.id)) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("`eksnet explain` lists the rules; separate several with commas"),
    }
}
