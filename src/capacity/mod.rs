//! How many nodes and pods fit, per zone and in all, what runs out first, and whether the node groups' `max` fits.

mod figures;
mod load;
mod relief;

use crate::address::AddressPlan;
use crate::demand;
use crate::intent::Intent;

pub use figures::{Capacity, Full, Loss, Most, SubnetUse, ZoneCapacity};
use load::Load;
pub use relief::relief;

/// Empty without a cluster.
pub fn of(intent: &Intent, plan: &AddressPlan) -> Capacity {
    let Some(cluster) = &intent.cluster else {
        return Capacity::default();
    };
    let groups = demand::of_groups(intent, &plan.ledger.kept.zones_of_groups());
    let load = Load {
        intent,
        cluster,
        groups: &groups,
        zones: &plan.zones,
        subnets: &plan.subnets,
        footprint: |group| &group.planned,
    };
    let zones: Vec<ZoneCapacity> =
        plan.zones.iter().filter_map(|zone| load.of_zone(zone)).collect();
    let uses: Vec<SubnetUse> = plan.subnets.iter().map(|subnet| load.at_max(subnet)).collect();
    let most = (!groups.is_empty()).then(|| load.most(&zones, &uses));
    Capacity { zones, uses, most, groups }
}
