//! The figures: what fits, what is full first, what `max` asks for.

use crate::address::Subnet;
use crate::demand::{GroupDemand, Held};
use crate::intent::Zone;

#[derive(Clone, Debug, Default)]
pub struct Capacity {
    pub groups: Vec<GroupDemand>,
    pub zones: Vec<ZoneCapacity>,
    /// Every subnet with the node groups at their `max`, as in the plan.
    pub uses: Vec<SubnetUse>,
    /// `None` without node groups.
    pub most: Option<Most>,
}

#[derive(Clone, Debug)]
pub struct ZoneCapacity {
    pub zone: Zone,
    pub nodes: u64,
    pub pods: u64,
    /// Nodes that fit for certain: each single address in a /28 of its own, where prefixes are taken from the same subnet.
    pub nodes_scattered: u64,
    /// The subnet that is full first, as `tier cidr`.
    pub limited_by: String,
}

/// A subnet with the node groups at their `max` and an update under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetUse {
    pub tier: String,
    pub zone: String,
    pub held: Held,
    /// Of its addresses or its /28 blocks, whichever is scarcer; more than 100 does not fit.
    pub per_cent: u64,
}

/// The node groups at their `max`. What does not fit names the subnet that is full first.
#[derive(Clone, Debug)]
pub struct Most {
    /// Those of zones that came later included.
    pub nodes: u64,
    /// Nodes beside them while updates replace all of them.
    pub surge: u64,
    pub full: Option<Full>,
    /// The same with single addresses scattered over the /28 blocks.
    pub full_scattered: Option<Full>,
    /// Without a single pod, at `desired`.
    pub full_at_desired: Option<Full>,
    /// The fullest subnet, as `tier cidr`, and how full it is.
    pub fullest: (String, u64),
    /// The zone that would be missed most: `None` with fewer than two.
    pub loss: Option<Loss>,
    /// Network address units of nodes, NAT gateways and endpoints (rule QUO-02).
    pub address_units: u64,
}

#[derive(Clone, Debug)]
pub struct Loss {
    pub zone: Zone,
    pub nodes: u64,
    pub pods: u64,
    /// What is full in the other zones with the node groups at their `max`, however scattered: nodes come and go at once then. An
    /// empty tier: a node group has no other zone.
    pub full: Option<Full>,
}

/// A subnet that does not hold what is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Full {
    pub tier: String,
    /// `tier cidr`
    pub subnet: String,
    /// The longest prefix that would hold it; `None` if not even a /16 does.
    pub needs: Option<u8>,
}

impl Capacity {
    pub fn nodes(&self) -> u64 {
        self.zones.iter().map(|zone| zone.nodes).sum()
    }

    pub fn pods(&self) -> u64 {
        self.zones.iter().map(|zone| zone.pods).sum()
    }

    pub fn of(&self, subnet: &Subnet) -> Option<&SubnetUse> {
        self.uses.iter().find(|own| own.tier == subnet.tier && own.zone == subnet.zone.id)
    }
}
