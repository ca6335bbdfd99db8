//! How many nodes and pods fit, per zone and in all, what runs out first, and whether the node groups' `max` fits.

mod figures;
mod load;
mod most;
mod relief;
mod walk;
mod zone;

use crate::address::AddressPlan;
use crate::demand;
use crate::intent::Intent;

pub use figures::{
    Capacity, Estimate, Full, Fullest, HeldBack, Loss, Most, SubnetUse, ZoneCapacity,
};
use load::Load;
use most::Plan;
pub use relief::relief;

/// Empty without a cluster.
pub fn of(intent: &Intent, plan: &AddressPlan) -> Capacity {
    let Some(cluster) = &intent.cluster else {
        return Capacity::default();
    };
    let groups = demand::of_groups(intent, &plan.ledger.kept.zones_of_groups());
    let load = Load::new((intent, cluster), plan, &groups);
    let counted = Plan { intent, addresses: plan, load: &load };
    let zones: Vec<ZoneCapacity> =
        plan.zones.iter().filter_map(|zone| zone::of(&load, zone)).collect();
    let uses = counted.uses();
    let most = (!groups.is_empty()).then(|| counted.most(&zones, &uses));
    Capacity { zones, uses, most, groups }
}
