//! What the address plan says of itself.

use crate::address::AddressPlan;
use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::rules::CLU_06;

pub fn check(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    zones_kept(intent, plan)
}

/// EKS refuses an update of the cluster's subnets that leaves one of its zones.
fn zones_kept(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    let given = plan.cluster_subnets(intent);
    let left = plan
        .ledger
        .kept
        .cluster_zones
        .iter()
        .filter(|zone| !given.iter().any(|subnet| subnet.zone.id == **zone));
    let finding = |zone: &String| {
        CLU_06.at("zones", format!("the cluster was made with a subnet in `{zone}`, and the blueprint has none there any more"))
            .hint("keep the zone in the control plane's tier; node tiers may leave it (`zones:` on the tier)")
    };
    left.map(finding).collect()
}
