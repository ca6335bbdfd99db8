//! Zones that came after a node group: EKS never changes a group's subnets, so they have groups of their own.

use crate::address::AddressPlan;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::graph::most_nodes;
use crate::intent::Intent;
use crate::rules::NG_17;

pub fn check(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let grown = groups.filter_map(|group| {
        let (_, late) = plan.group_subnets(group);
        let zones: Vec<&str> = late.iter().map(|subnet| subnet.zone.word()).collect();
        let most = most_nodes(group, plan);
        (group.max < most).then(|| {
            let message = format!(
                "`{}` may have {most} nodes, not {}: its share in {} comes on top",
                group.name,
                group.max,
                zones.join(", ")
            );
            NG_17.at(key(&key(&group.path, "scaling"), "max"), message).hint(
                "set `newZones: within` beside it and the numbers hold for all zones together; or lower them",
            )
        })
    });
    grown.collect()
}
