//! The figures: what fits, what is full first, what `max` asks for. Each is the cautious one, with the best beside it.

use crate::address::Subnet;
use crate::demand::{AtMost, GroupDemand};
use crate::intent::Zone;

/// What the address plan holds, in nodes and pods; all of it is empty without a cluster.
#[derive(Clone, Debug, Default)]
pub struct Capacity {
    pub groups: Vec<GroupDemand>,
    pub zones: Vec<ZoneCapacity>,
    /// Every subnet with the node groups at their `max`, as in the plan.
    pub uses: Vec<SubnetUse>,
    /// `None` without node groups.
    pub most: Option<Most>,
}

/// Single addresses scattered over the /28 blocks and pods placed in the worst order, and the same side by side in the best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate<T> {
    pub certain: T,
    pub at_best: T,
}

/// What one zone holds on its own, in nodes and in pods.
#[derive(Clone, Debug)]
pub struct ZoneCapacity {
    pub zone: Zone,
    pub nodes: Estimate<u64>,
    pub pods: Estimate<u64>,
    /// Nodes that fit for certain, of each group of [`Capacity::groups`].
    pub of_groups: Vec<u64>,
    /// The subnet that is full first, as `tier cidr`.
    pub limited_by: String,
}

/// A subnet with the node groups at their `max` and an update under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetUse {
    pub tier: String,
    pub zone: String,
    pub held: AtMost,
    /// Single addresses of these that are neither nodes' nor pods'.
    pub beside: u64,
    /// Of its addresses or its /28 blocks, whichever is scarcer; more than 100 does not fit.
    pub per_cent: Estimate<u64>,
}

/// The node groups at their `max`. What does not fit names the subnet that is full first.
#[derive(Clone, Debug)]
pub struct Most {
    /// Those of zones that came later included.
    pub nodes: u64,
    /// Pods on these, as planned.
    pub pods: u64,
    /// Nodes beside them while updates replace all of them.
    pub surge: u64,
    pub full: Estimate<Option<Full>>,
    /// At `desired`, before a pod has an address: no node starts beyond that.
    pub full_at_desired: Option<Full>,
    /// The fullest subnet that nodes and pods are in.
    pub fullest: Option<Fullest>,
    /// The same with everything placed at best.
    pub fullest_at_best: Option<Fullest>,
    /// The zone that would be missed most: `None` with fewer than two.
    pub loss: Option<Loss>,
    /// Network address units of nodes, gateways and endpoints (rule QUO-02).
    pub address_units: u64,
}

/// How full the fullest subnet is, in per cent; more than 100 does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fullest {
    /// `tier cidr`
    pub subnet: String,
    pub per_cent: Estimate<u64>,
}

/// What is left where `zone` fails: nodes and pods that fit for certain in the other zones.
#[derive(Clone, Debug)]
pub struct Loss {
    pub zone: Zone,
    pub nodes: u64,
    pub pods: u64,
    /// What is full in the other zones with the node groups at their `max`, however scattered: nodes come and go at once then. An
    /// empty tier: a node group has no other zone.
    pub full: Option<Full>,
    /// Groups of one EKS node group per zone, which do not take over for each other.
    pub held_back: Vec<HeldBack>,
}

/// A group whose nodes in other zones are not increased when one of its zones fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    pub group: String,
    /// Nodes that it may have in the other zones.
    pub nodes: u64,
    pub desired: u64,
    pub max: u64,
}

/// A subnet that does not hold what is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Full {
    pub tier: String,
    /// Zone id.
    pub zone: String,
    /// `tier cidr`
    pub subnet: String,
    /// Nodes that are asked of it.
    pub nodes: u64,
    /// The longest prefix that would hold it; `None` if not even a /16 does.
    pub needs: Option<u8>,
}

impl Capacity {
    /// Nodes that fit in all zones.
    pub fn nodes(&self) -> Estimate<u64> {
        self.sum(|zone| zone.nodes)
    }

    /// Pods that fit in all zones, on the nodes that fit.
    pub fn pods(&self) -> Estimate<u64> {
        self.sum(|zone| zone.pods)
    }

    fn sum(&self, of: impl Fn(&ZoneCapacity) -> Estimate<u64>) -> Estimate<u64> {
        let all = || self.zones.iter().map(&of);
        Estimate {
            certain: all().map(|one| one.certain).sum(),
            at_best: all().map(|one| one.at_best).sum(),
        }
    }

    /// How full a subnet of the plan is; `None` where no use of it was counted.
    pub fn of(&self, subnet: &Subnet) -> Option<&SubnetUse> {
        self.uses.iter().find(|own| own.tier == subnet.tier && own.zone == subnet.zone.id)
    }

    /// Nodes in a zone that ask for room in a tier, and fit for certain.
    pub fn nodes_in(&self, tier: &str, zone: &str) -> u64 {
        let zone = self.zones.iter().find(|own| own.zone.id == zone);
        let counts = zone.into_iter().flat_map(|zone| self.groups.iter().zip(&zone.of_groups));
        counts
            .filter(|(group, _)| group.reaches.iter().any(|own| own == tier))
            .map(|(_, count)| count)
            .sum()
    }
}
