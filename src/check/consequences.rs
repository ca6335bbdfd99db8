//! What follows from a word that is a finding already, and is not said again.

use std::collections::HashSet;

use super::profiles::{self, Profiles};
use crate::blueprint::Document;
use crate::diagnostic::Diagnostic;
use crate::intent;

/// The findings without those that would not be there, had the refused words been written as they were most likely meant.
pub fn left_out(
    document: &Document,
    mut findings: Vec<Diagnostic>,
    profiles: &Profiles,
) -> Vec<Diagnostic> {
    let Some(meant) = document.meant() else {
        return findings;
    };
    let mut meant = meant.clone();
    meant.metadata.region.clone_from(&document.blueprint.metadata.region);
    let (intent, mut others) = intent::resolve(&meant);
    others.extend(intent.iter().flat_map(super::intent));
    others.extend(intent.iter().flat_map(|intent| profiles::check(intent, profiles)));
    let known: HashSet<(&str, &str)> =
        others.iter().map(|other| (other.rule.id, other.path.as_str())).collect();
    // What the reading found has its place already.
    findings.retain(|finding| {
        finding.at.is_some() || known.contains(&(finding.rule.id, finding.path.as_str()))
    });
    findings
}
