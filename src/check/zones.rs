//! Availability zones.

use crate::diagnostic::Diagnostic;
use crate::facts::regions::REFUSED_ZONES;
use crate::intent::Intent;
use crate::rules::CLU_04;

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    if intent.cluster.is_none() {
        return Vec::new();
    }
    let tiers = intent.control_plane_tiers();
    let used = intent
        .zones
        .iter()
        .enumerate()
        .filter(|(_, zone)| tiers.iter().any(|tier| tier.zones.contains(zone)));
    let refused =
        used.filter(|(_, zone)| zone.name.is_none() && REFUSED_ZONES.contains(&zone.id.as_str()));
    let finding = |at: usize, id: &str| {
        CLU_04.at(format!("zones[{at}]"), format!("EKS makes no control plane in `{id}`")).hint(
            "take another zone, or keep this one out of the tiers that serve the control plane",
        )
    };
    refused.map(|(at, zone)| finding(at, &zone.id)).collect()
}
