//! What must be let in before pods, or nodes, move to a new range of a VPC that exists.

use crate::blueprint::model::Use;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::intent::{Intent, Tier};
use crate::rules::EXI_15;

/// Rules that are named in a finding.
const SHOWN: usize = 20;

pub fn check(intent: &Intent) -> Option<Diagnostic> {
    let vpc = intent.occupied.as_ref()?.vpc.as_ref()?;
    let added = |tier: &&Tier| {
        tier.existing.is_none()
            && (tier.serves(Use::Pods) || tier.serves(Use::Nodes))
            && intent.vpc.secondary.iter().any(|written| written.cidr == tier.pool)
    };
    let tier = intent.tiers.iter().find(added).filter(|_| intent.cluster.is_some())?;
    let own = ["from", "to", "entry"].map(|word| format!(" {word} {}", tier.pool));
    let is_own = |line: &&String| own.iter().any(|end| line.ends_with(end));
    let missing: Vec<&String> = vpc.admit_old.iter().filter(is_own).collect();
    if missing.is_empty() {
        return None;
    }
    let shown: Vec<&str> = missing.iter().take(SHOWN).map(|line| line.as_str()).collect();
    let more = match missing.len() {
        count if SHOWN < count => format!(", and {} more", count - SHOWN),
        _ => String::new(),
    };
    let rules = if missing.len() == 1 { "rule admits" } else { "rules admit" };
    let message = format!("{} {rules} the nodes' range and not `{}`", missing.len(), tier.pool);
    Some(
        EXI_15
            .at(key(&tier.path, "from"), message)
            .hint(format!("add before pods move: {}{more}", shown.join("; "))),
    )
}
