//! How many pods a node takes, and how many addresses it holds for them.
//! Source: the EKS user guide on max pods, and amazon-vpc-cni-k8s v1.23.1, read 2026-11-20.

use crate::facts::eks;
use crate::facts::instances::Instance;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::intent::{AwsNode, NodeGroup};

use super::held::Held;
use super::warm_pool::WarmPool;

/// What decides the number of pods on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Interfaces and the addresses on them.
    Interfaces,
    /// What EKS allows on a managed node group: 110, or 250 with more than 30 vCPUs.
    ManagedCap,
    /// The author's `maxPods`.
    Written,
}

impl Limit {
    /// The word of the JSON documents, which programs compare.
    pub fn word(self) -> &'static str {
        match self {
            Limit::Interfaces => "eni",
            Limit::ManagedCap => "mng-cap",
            Limit::Written => "maxPods",
        }
    }
}

/// One instance type under one way of running aws-node.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    pub instance: &'a Instance,
    pub node: &'a AwsNode,
    /// The node's own subnet is closed to pods (tag `kubernetes.io/role/cni` = 0), so its first interface carries none.
    pub primary_excluded: bool,
    pub system: System,
    /// The author's `maxPods`.
    pub most: Option<u64>,
}

/// Whose addresses a node's pods have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// Those of aws-node.
    #[default]
    Linux,
    /// Those of the resource controller, on the node's one interface.
    Windows,
}

/// How many pods fit on a node, the host network's included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Density {
    /// As many as the interfaces carry.
    pub raw: u64,
    /// What the kubelet is told.
    pub max_pods: u64,
    pub limit: Limit,
    /// The sum, in words.
    pub why: String,
}

/// The least of a group's types decides for all its nodes.
pub fn density_of(group: &NodeGroup, node: &AwsNode) -> Option<Density> {
    machines(group, node).map(|machine| machine.density()).min_by_key(|density| density.max_pods)
}

/// What the kubelet of a group's nodes is told.
pub fn max_pods(group: &NodeGroup, node: &AwsNode) -> u64 {
    density_of(group, node).map_or(0, |density| density.max_pods)
}

/// A machine for each type of the group, in the group's order: nodes may be of any of them.
pub fn machines<'a>(group: &'a NodeGroup, node: &'a AwsNode) -> impl Iterator<Item = Machine<'a>> {
    group.instances.iter().map(|instance| Machine {
        instance,
        node,
        primary_excluded: group.primary_excluded,
        system: if group.ami.is_windows() { System::Windows } else { System::Linux },
        most: group.max_pods,
    })
}

impl Machine<'_> {
    /// Pods on one node at most, and what limits them: the addresses of its interfaces, or the limit that EKS sets.
    pub fn density(&self) -> Density {
        let able = match (self.node.overlay(), self.system) {
            (Some(overlay), _) => self.of_overlay(overlay.cni.word()),
            (None, System::Windows) => self.of_windows(),
            (None, System::Linux) => self.of_interfaces(),
        };
        let Some(most) = self.most.filter(|most| *most < able.max_pods) else {
            return able;
        };
        let why = format!("{}; `maxPods` holds it to {most}", able.why);
        Density { max_pods: most, limit: Limit::Written, why, ..able }
    }

    fn of_interfaces(&self) -> Density {
        let slots = self.instance.addresses - 1;
        let each = if self.takes_prefixes() || self.node.ipv6 { ADDRESSES_PER_PREFIX } else { 1 };
        let raw = self.pod_interfaces() * slots * each + eks::HOST_NETWORK_PODS;
        let large = self.instance.vcpus.is_some_and(|vcpus| eks::LARGE_VCPUS < vcpus);
        let cap = if large { eks::POD_CAP_LARGE } else { eks::POD_CAP };
        let limit = if cap < raw { Limit::ManagedCap } else { Limit::Interfaces };
        Density { raw, max_pods: raw.min(cap), limit, why: self.why(slots, each, raw, cap) }
    }

    /// Pods have the addresses of the first interface beside its own. Source: EKS best practices, Windows networking.
    fn of_windows(&self) -> Density {
        let raw = self.slots();
        let limit = if eks::POD_CAP < raw { Limit::ManagedCap } else { Limit::Interfaces };
        let why = format!("one interface with {raw} addresses beside its own, as Windows has it");
        Density { raw, max_pods: raw.min(eks::POD_CAP), limit, why }
    }

    /// Another CNI's pods take no addresses of the VPC.
    fn of_overlay(&self, cni: &str) -> Density {
        let large = self.instance.vcpus.is_some_and(|vcpus| eks::LARGE_VCPUS < vcpus);
        let cap = if large { eks::POD_CAP_LARGE } else { eks::POD_CAP };
        Density {
            raw: cap,
            max_pods: cap,
            limit: Limit::ManagedCap,
            why: format!("not limited by VPC addresses with {cni}; EKS's limit is {cap}"),
        }
    }

    fn why(&self, slots: u64, each: u64, raw: u64, cap: u64) -> String {
        let times = if each == 1 { String::new() } else { format!(" × {each}") };
        let sum = format!(
            "{} × {slots}{times} + {} = {raw}",
            self.interfaces_in_words(),
            eks::HOST_NETWORK_PODS
        );
        if raw <= cap {
            return sum;
        }
        match (self.instance.vcpus, cap) {
            (None, cap) => {
                format!("{sum}; its vCPUs are not known, so EKS's lower limit of {cap} applies")
            }
            (_, eks::POD_CAP) => {
                format!("{sum}; EKS's limit with up to {} vCPUs is {cap}", eks::LARGE_VCPUS)
            }
            (_, cap) => {
                format!("{sum}; EKS's limit with more than {} vCPUs is {cap}", eks::LARGE_VCPUS)
            }
        }
    }

    fn interfaces_in_words(&self) -> String {
        let all = self.instance.interfaces;
        let taken: Vec<String> = [
            self.node
                .max_interfaces
                .filter(|most| *most < all)
                .map(|most| format!("MAX_ENI {most}")),
            self.node.custom_networking.is_some().then(|| "custom networking".to_string()),
            (self.primary_excluded && self.node.custom_networking.is_none())
                .then(|| "node subnet excluded".to_string()),
            self.has_trunk().then(|| "trunk".to_string()),
        ]
        .into_iter()
        .flatten()
        .collect();
        match taken.is_empty() {
            true => format!("{all} interfaces"),
            false => {
                format!("{} of {all} interfaces ({})", self.pod_interfaces(), taken.join(", "))
            }
        }
    }

    /// Interfaces that carry pods.
    pub fn pod_interfaces(&self) -> u64 {
        if self.system == System::Windows {
            return 1;
        }
        let trunk = u64::from(self.has_trunk());
        if self.primary_is_bare() {
            self.interfaces().saturating_sub(1 + trunk)
        } else {
            self.interfaces().saturating_sub(trunk).max(1)
        }
    }

    /// Interfaces that aws-node may use, the node's first included.
    fn interfaces(&self) -> u64 {
        self.node
            .max_interfaces
            .map_or(self.instance.interfaces, |most| most.min(self.instance.interfaces))
    }

    /// Whether the node's first interface carries no pod.
    pub fn primary_is_bare(&self) -> bool {
        self.system == System::Linux
            && (self.node.custom_networking.is_some() || self.primary_excluded)
    }

    /// Whether an interface is the trunk of branch interfaces; there is none beside an only interface.
    pub fn has_trunk(&self) -> bool {
        self.system == System::Linux
            && self.node.pod_security_groups.is_some()
            && self.instance.branches.is_some()
            && 1 < self.interfaces()
    }

    /// Whether its pool is made of /28 prefixes (rule PD-01): Linux on Nitro with prefix delegation, and never Windows.
    pub fn takes_prefixes(&self) -> bool {
        self.system == System::Linux && self.node.prefix_delegation && self.instance.prefixes
    }

    /// Most pods with security groups of their own.
    pub fn branches(&self) -> u64 {
        if self.has_trunk() { self.instance.branches.unwrap_or(0) } else { 0 }
    }

    /// What aws-node holds for pods on one node once `pods` of them run, were placed in the order that fills prefix after prefix, and
    /// the pool has settled: the pool and the addresses of the interfaces that carry it. Without the trunk, and without the node's own
    /// interface where that carries no pods.
    pub fn pool(&self, pods: u64, max_pods: u64) -> Held {
        self.pool_of(self.count(pods, max_pods))
    }

    /// The most it holds while at most `pods` of them run, in whatever order they come, go and are placed.
    pub fn pool_at_peak(&self, pods: u64, max_pods: u64) -> Held {
        self.pool_of(self.count_at_peak(pods, max_pods))
    }

    /// The most it ever holds: pods that come in bursts overshoot the stop at `max_pods`, and pods scattered over prefixes leave
    /// fewer whole ones to count as spare.
    pub fn pool_at_worst(&self, max_pods: u64) -> Held {
        if self.system == System::Windows {
            return self.pool_of(self.slots());
        }
        self.pool_of(self.counted(max_pods, |pool| {
            if self.takes_prefixes() { pool.most_prefixes() } else { pool.most_addresses() }
        }))
    }

    /// Addresses or prefixes of the pool.
    pub fn count(&self, pods: u64, max_pods: u64) -> u64 {
        if self.system == System::Windows {
            return self.of_controller(pods);
        }
        self.counted(max_pods, |pool| {
            if self.takes_prefixes() { pool.prefixes(pods) } else { pool.addresses(pods) }
        })
    }

    /// The most of [`Machine::count`] while at most `pods` run, in whatever order they come, go and are placed.
    pub fn count_at_peak(&self, pods: u64, max_pods: u64) -> u64 {
        if self.system == System::Windows {
            return self.of_controller(pods);
        }
        self.counted(max_pods, |pool| {
            if self.takes_prefixes() { pool.peak_prefixes(pods) } else { pool.addresses(pods) }
        })
    }

    /// Addresses that the resource controller holds for a Windows node.
    fn of_controller(&self, pods: u64) -> u64 {
        (pods + eks::WINDOWS_WARM).max(eks::WINDOWS_LEAST).min(self.slots())
    }

    fn counted(&self, max_pods: u64, count: impl Fn(&WarmPool) -> u64) -> u64 {
        let pool = WarmPool::new(self.node, (self.slots(), self.pod_interfaces()), max_pods);
        if self.has_no_pool() || pool.is_empty() { 0 } else { count(&pool) }
    }

    /// One address is all that pods of IPv6, or of another CNI, ask for.
    fn has_no_pool(&self) -> bool {
        self.node.ipv6 || self.node.overlay().is_some()
    }

    /// Addresses or prefixes that an interface takes beside its own address.
    pub fn slots(&self) -> u64 {
        self.instance.addresses - 1
    }

    fn pool_of(&self, count: u64) -> Held {
        if self.has_no_pool() {
            return Held::one();
        }
        if self.pod_interfaces() * self.slots() == 0 {
            return Held::default();
        }
        // The first interface has its address even while it carries none of the pool.
        let interfaces = count.div_ceil(self.slots()).max(u64::from(!self.primary_is_bare()));
        if self.takes_prefixes() {
            Held { singles: interfaces, prefixes: count }
        } else {
            Held::singles(interfaces + count)
        }
    }

    /// Interfaces that carry a pool.
    pub fn interfaces_of(&self, pool: Held) -> u64 {
        let slots = self.instance.addresses - 1;
        if pool.prefixes > 0 {
            pool.prefixes.div_ceil(slots)
        } else {
            pool.singles.div_ceil(slots + 1)
        }
    }

    /// The part of a pool that the first interface carries.
    pub fn on_primary(&self, pool: Held) -> Held {
        let slots = self.instance.addresses - 1;
        let addresses = pool.singles.saturating_sub(self.interfaces_of(pool).max(1));
        Held { singles: 1 + addresses.min(slots), prefixes: pool.prefixes.min(slots) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::instances::{all, find};
    use crate::intent::aws_node::{CustomNetworking, Enforcing, Warm};

    fn node(prefixes: bool, custom: bool, warm: Warm) -> AwsNode {
        let custom =
            custom.then(|| CustomNetworking { tier: "pods".into(), ..CustomNetworking::default() });
        AwsNode {
            prefix_delegation: prefixes,
            custom_networking: custom,
            warm,
            ..AwsNode::default()
        }
    }

    fn machine_of<'a>(
        instance: &'a Instance,
        node: &'a AwsNode,
        primary_excluded: bool,
    ) -> Machine<'a> {
        Machine { instance, node, primary_excluded, system: System::Linux, most: None }
    }

    fn density(name: &str, node: &AwsNode, primary_excluded: bool) -> (u64, u64, Limit) {
        let density = machine_of(find(name).unwrap(), node, primary_excluded).density();
        (density.raw, density.max_pods, density.limit)
    }

    #[test]
    fn pods_on_a_node_are_those_aws_publishes() {
        let pods =
            |name, prefixes, custom| density(name, &node(prefixes, custom, Warm::default()), false);
        assert_eq!(pods("m5.large", false, false), (29, 29, Limit::Interfaces));
        assert_eq!(pods("m5.large", false, true), (20, 20, Limit::Interfaces));
        assert_eq!(pods("m5.large", true, false), (434, 110, Limit::ManagedCap));
        assert_eq!(pods("m5.large", true, true), (290, 110, Limit::ManagedCap));
        assert_eq!(pods("t3.medium", false, false), (17, 17, Limit::Interfaces));
        assert_eq!(pods("t3.small", true, false).1, 110);
        assert_eq!(pods("m4.4xlarge", true, false), (234, 110, Limit::ManagedCap));
        assert_eq!(pods("c5.4xlarge", false, false), (234, 110, Limit::ManagedCap));
        assert_eq!(pods("m5.16xlarge", true, false).1, 250);
        assert_eq!(pods("hpc6id.32xlarge", true, true), (2, 2, Limit::Interfaces));
        assert_eq!(pods("p5.48xlarge", false, false), (2 * 49 + 2, 100, Limit::Interfaces));
    }

    #[test]
    fn trunk_excluded_subnet_and_ipv6_change_the_sum() {
        let plain = node(false, false, Warm::default());
        let trunked = AwsNode { pod_security_groups: Some(Enforcing::Standard), ..plain.clone() };
        assert_eq!(density("m5.large", &trunked, false).0, 2 * 9 + 2);
        assert_eq!(density("t3.medium", &trunked, false).0, 17, "no trunk on a type that has none");
        assert_eq!(density("m5.large", &plain, true).0, 2 * 9 + 2);
        let both = AwsNode {
            pod_security_groups: Some(Enforcing::Standard),
            ..node(false, true, Warm::default())
        };
        assert_eq!(density("m5.large", &both, false).0, 9 + 2);
        assert_eq!(
            density(
                "t3.medium",
                &AwsNode { ipv6: true, ..node(true, false, Warm::default()) },
                false
            ),
            (3 * 5 * 16 + 2, 110, Limit::ManagedCap)
        );
        let two = AwsNode { max_interfaces: Some(2), ..plain };
        assert_eq!(density("m5.large", &two, false).0, 2 * 9 + 2);
    }

    /// No type in no mode takes more than its cap, and every sum is the one it says.
    #[test]
    fn every_type_in_every_mode_is_capped_and_explained() {
        for instance in all() {
            for mode in 0..32u32 {
                let base = node(mode & 1 != 0, mode & 2 != 0, Warm::default());
                let node = AwsNode {
                    ipv6: mode & 4 != 0,
                    pod_security_groups: (mode & 8 != 0).then_some(Enforcing::Strict),
                    ..base
                };
                let machine = machine_of(instance, &node, mode & 16 != 0);
                let density = machine.density();
                let cap = if instance.vcpus.is_some_and(|vcpus| vcpus > 30) { 250 } else { 110 };
                assert!(
                    density.max_pods <= cap && density.max_pods <= density.raw,
                    "{} {mode}: {density:?}",
                    instance.name
                );
                let bare = u64::from(mode & 2 != 0 || mode & 16 != 0);
                let trunk = u64::from(mode & 8 != 0 && instance.branches.is_some());
                let left = instance.interfaces.saturating_sub(bare + trunk).max(if bare == 0 {
                    1
                } else {
                    0
                });
                let each =
                    if (mode & 1 != 0 && instance.prefixes) || mode & 4 != 0 { 16 } else { 1 };
                assert_eq!(
                    density.raw,
                    left * (instance.addresses - 1) * each + 2,
                    "{} {mode}",
                    instance.name
                );
                assert!(density.why.contains(&format!("= {}", density.raw)), "{}", density.why);
            }
        }
    }

    #[test]
    fn windows_has_one_interface_and_a_cap_is_a_cap() {
        let plain = node(true, false, Warm::default());
        let linux = machine_of(find("m5.large").unwrap(), &plain, false);
        let windows = Machine { system: System::Windows, ..linux };
        assert_eq!((windows.density().raw, windows.density().max_pods), (9, 9));
        let held = |pods| windows.pool(pods, 9).addresses();
        assert_eq!([0, 1, 5, 9].map(held), [4, 4, 7, 10]);
        let capped = |most| Machine { most: Some(most), ..linux }.density();
        assert_eq!((capped(58).max_pods, capped(58).limit), (58, Limit::Written));
        assert_eq!((capped(500).max_pods, capped(500).limit), (110, Limit::ManagedCap));
    }

    #[test]
    fn addresses_of_a_node_are_those_of_the_pool_loop() {
        let instance = find("m5.large").unwrap();
        let count = |prefixes, warm, pods, max| {
            machine_of(instance, &node(prefixes, false, warm), false).pool(pods, max).addresses()
        };
        let unset = Warm::default();
        assert_eq!([0, 1, 10].map(|pods| count(false, unset, pods, 29)), [10, 20, 30]);
        assert_eq!([0, 1, 110].map(|pods| count(true, unset, pods, 110)), [17, 33, 113]);
        let ips = Warm { ips: Some(5), ..unset };
        assert_eq!([0, 40, 110].map(|pods| count(true, ips, pods, 110)), [17, 49, 113]);
        assert_eq!(count(false, Warm { ips: Some(2), minimum_ips: Some(10), ..unset }, 0, 29), 12);
    }

    #[test]
    fn the_first_interface_carries_the_first_part_of_the_pool() {
        let instance = find("m5.large").unwrap();
        let node = node(false, false, Warm::default());
        let machine = machine_of(instance, &node, false);
        assert_eq!(
            machine.on_primary(Held { singles: 30, prefixes: 0 }),
            Held { singles: 10, prefixes: 0 }
        );
        assert_eq!(
            machine.on_primary(Held { singles: 2, prefixes: 12 }),
            Held { singles: 1, prefixes: 9 }
        );
        assert_eq!(
            machine.on_primary(Held { singles: 4, prefixes: 0 }),
            Held { singles: 4, prefixes: 0 }
        );
    }
}
