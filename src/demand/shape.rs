//! How a node takes the addresses of its pods, interface by interface: what decides where they are once aws-node finds subnets by tag.

use crate::facts::aws_node;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;

use super::machine::Machine;

/// One type of node with one choice of pods that have security groups of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Addresses or prefixes on each interface beside its own address.
    pub slots: u64,
    /// Interfaces that carry pods, the first included if it does.
    pub interfaces: u64,
    /// Whether the first interface carries pods.
    pub on_first: bool,
    /// Whether the pool is one of prefixes.
    pub prefixes: bool,
    /// Addresses or prefixes that a further interface asks for as it is made. EC2 makes it with all of them or not at all.
    pub at_once: AtOnce,
    /// Single addresses in the node's own subnet beside the pool: its first interface and the trunk.
    pub own: u64,
    /// And one for each branch interface, as its pods come.
    pub branches: u64,
    /// Without these, pods wait.
    pub needed: u64,
    /// The pool in the worst order of placement.
    pub planned: u64,
    /// And in the best.
    pub at_best: u64,
    /// What the node does not become ready without.
    pub start: u64,
}

/// The least and the most, by how many pods have come before the pool's next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    pub least: u64,
    pub most: u64,
}

impl AtOnce {
    /// Source: amazon-vpc-cni-k8s v1.23.1, pkg/ipamd/ipamd.go (GetENIResourcesToAllocate), read 2026-11-28.
    fn of(machine: &Machine<'_>) -> Self {
        let slots = machine.slots();
        let warm = machine.node.warm;
        let most = match (machine.takes_prefixes(), warm.by_ips()) {
            (false, false) => return Self { least: slots, most: slots },
            (true, false) => warm.prefixes.unwrap_or(aws_node::WARM_PREFIXES),
            (prefixes, true) => {
                let ips = warm.ips.max(warm.minimum_ips).unwrap_or(0);
                if prefixes { ips.div_ceil(ADDRESSES_PER_PREFIX) } else { ips }
            }
        };
        Self { least: 1, most: most.min(slots).max(1) }
    }

    pub fn is_fixed(self) -> bool {
        self.least == self.most
    }
}

/// With as many pods on branches as may be, and with none.
pub fn of_machine(machine: &Machine<'_>, pods: u64, max_pods: u64) -> Vec<Shape> {
    let most = machine.branches().min(pods);
    let mut splits = vec![0, most];
    splits.dedup();
    splits
        .into_iter()
        .map(|branches| of_split(machine, (pods - branches, branches), max_pods))
        .collect()
}

fn of_split(machine: &Machine<'_>, (pods, branches): (u64, u64), max_pods: u64) -> Shape {
    let prefixes = machine.takes_prefixes();
    let each = if prefixes { ADDRESSES_PER_PREFIX } else { 1 };
    let planned = machine.count_at_peak(pods, max_pods);
    Shape {
        slots: machine.slots(),
        interfaces: machine.pod_interfaces(),
        on_first: !machine.primary_is_bare(),
        prefixes,
        at_once: AtOnce::of(machine),
        own: 1 + u64::from(machine.has_trunk()),
        branches,
        needed: pods.div_ceil(each).min(planned),
        planned,
        at_best: machine.count(pods, max_pods),
        start: if machine.primary_is_bare() { machine.count(0, max_pods) } else { 0 },
    }
}
