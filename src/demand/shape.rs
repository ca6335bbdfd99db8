//! How a node takes the addresses of its pods, interface by interface: what decides where they are once aws-node finds subnets by tag.

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
    /// Whether an interface is filled as soon as it is made, or as pods come.
    pub whole: bool,
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
    /// Once aws-node has started, without a pod.
    pub boot: u64,
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
    let each = if prefixes { crate::facts::subnets::ADDRESSES_PER_PREFIX } else { 1 };
    let planned = machine.count_at_peak(pods, max_pods);
    Shape {
        slots: machine.slots(),
        interfaces: machine.pod_interfaces(),
        on_first: !machine.primary_is_bare(),
        prefixes,
        whole: !prefixes && !machine.node.warm.by_ips(),
        own: 1 + u64::from(machine.has_trunk()),
        branches,
        needed: pods.div_ceil(each).min(planned),
        planned,
        at_best: machine.count(pods, max_pods),
        boot: machine.count(0, max_pods),
    }
}
