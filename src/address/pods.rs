//! How many pods a node takes, and how many addresses it holds for them: aws-node's pool algorithm in closed form.
//! Source: amazon-vpc-cni-k8s v1.23.1, pkg/ipamd, and the EKS user guide on max pods, read 2026-11-20.

use crate::facts::instances::Instance;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::facts::{cni, eks};
use crate::spec::AwsNode;

/// What decides the number of pods on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Interfaces and the addresses on them.
    Interfaces,
    /// What EKS allows on a managed node group: 110, or 250 with more than 30 vCPUs.
    ManagedCap,
}

impl Limit {
    pub fn word(self) -> &'static str {
        match self {
            Limit::Interfaces => "eni",
            Limit::ManagedCap => "mng-cap",
        }
    }
}

/// Pods on a node of one type, the host network's included (rules CNI-01 to CNI-03).
pub fn max_pods(instance: &Instance, node: &AwsNode) -> (u64, Limit) {
    let slots = interfaces(instance, node) * (instance.addresses - 1);
    let per_slot = if node.prefix_delegation && instance.prefixes { ADDRESSES_PER_PREFIX } else { 1 };
    let raw = slots * per_slot + eks::HOST_NETWORK_PODS;
    let cap = if instance.vcpus.is_some_and(|vcpus| eks::LARGE_VCPUS < vcpus) { eks::POD_CAP_LARGE } else { eks::POD_CAP };
    if cap < raw { (cap, Limit::ManagedCap) } else { (raw, Limit::Interfaces) }
}

/// The least of a group's types decides for all its nodes.
pub fn group_max_pods(instances: &[&Instance], node: &AwsNode) -> (u64, Limit) {
    let each = instances.iter().map(|instance| max_pods(instance, node));
    each.min_by_key(|(pods, _)| *pods).unwrap_or((0, Limit::Interfaces))
}

/// Interfaces that carry pods.
pub fn interfaces(instance: &Instance, node: &AwsNode) -> u64 {
    let usable = node.max_interfaces.map_or(instance.interfaces, |most| most.min(instance.interfaces));
    usable.saturating_sub(u64::from(node.custom_networking.is_some()))
}

/// Addresses of one node in one subnet, beside the node's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Single addresses: the interfaces' own and, without prefix delegation, the pods'.
    pub singles: u64,
    /// /28 prefixes.
    pub prefixes: u64,
}

impl Held {
    pub fn addresses(self) -> u64 {
        self.singles + self.prefixes * ADDRESSES_PER_PREFIX
    }
}

/// What aws-node holds on one node once `pods` pods run and the pool has settled.
pub fn held(instance: &Instance, node: &AwsNode, pods: u64, max_pods: u64) -> Held {
    let slots = instance.addresses - 1;
    let usable = interfaces(instance, node);
    let pool = Pool { slots, usable, max_pods };
    match (node.prefix_delegation && instance.prefixes, node.warm.by_ips()) {
        (true, by_ips) => {
            let prefixes = if by_ips { pool.prefixes_by_ips(node, pods) } else { pool.prefixes(node, pods) };
            Held { singles: prefixes.div_ceil(slots).max(1), prefixes }
        }
        (false, true) => {
            let addresses = pool.addresses_by_ips(node, pods);
            Held { singles: addresses + addresses.div_ceil(slots).max(1), prefixes: 0 }
        }
        (false, false) => {
            let interfaces = pool.interfaces(node, pods);
            Held { singles: interfaces * (slots + 1), prefixes: 0 }
        }
    }
}

struct Pool {
    /// Addresses or prefixes per interface beside its own address.
    slots: u64,
    usable: u64,
    max_pods: u64,
}

impl Pool {
    fn interfaces(&self, node: &AwsNode, pods: u64) -> u64 {
        let warm = node.warm.enis.unwrap_or(cni::WARM_ENIS);
        let wanted = match (pods, warm) {
            (_, 0) => pods / self.slots + 1,
            (0, warm) => warm,
            (pods, warm) => pods.div_ceil(self.slots) + warm,
        };
        wanted.min(self.usable).min(self.max_pods.div_ceil(self.slots)).max(1)
    }

    fn addresses_by_ips(&self, node: &AwsNode, pods: u64) -> u64 {
        let (warm, least) = (node.warm.ips.unwrap_or(0), node.warm.minimum_ips.unwrap_or(0));
        (pods + warm).min(self.max_pods).max(least).min(self.usable * self.slots)
    }

    fn prefixes(&self, node: &AwsNode, pods: u64) -> u64 {
        let warm = node.warm.prefixes.unwrap_or(cni::WARM_PREFIXES);
        let most = self.usable * self.slots;
        match pods {
            0 => warm.min(most),
            _ => (pods.div_ceil(ADDRESSES_PER_PREFIX) + warm).min(self.max_pods.div_ceil(ADDRESSES_PER_PREFIX)).min(most),
        }
    }

    fn prefixes_by_ips(&self, node: &AwsNode, pods: u64) -> u64 {
        let (warm, least) = (node.warm.ips.unwrap_or(0), node.warm.minimum_ips.unwrap_or(0));
        let wanted = (pods + warm).div_ceil(ADDRESSES_PER_PREFIX).min(self.max_pods.div_ceil(ADDRESSES_PER_PREFIX));
        wanted.max(least.div_ceil(ADDRESSES_PER_PREFIX)).min(self.usable * self.slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::instances::find;
    use crate::spec::aws_node::{CustomNetworking, Warm};

    fn node(prefixes: bool, custom: bool, warm: Warm) -> AwsNode {
        let custom = custom.then(|| CustomNetworking { tier: "pods".into(), security_groups: vec![] });
        AwsNode { prefix_delegation: prefixes, custom_networking: custom, warm, ..AwsNode::default() }
    }

    #[test]
    fn pods_on_a_node_are_those_aws_publishes() {
        let pods = |name, prefixes, custom| max_pods(find(name).unwrap(), &node(prefixes, custom, Warm::default()));
        assert_eq!(pods("m5.large", false, false), (29, Limit::Interfaces));
        assert_eq!(pods("m5.large", false, true), (20, Limit::Interfaces));
        assert_eq!(pods("m5.large", true, false), (110, Limit::ManagedCap));
        assert_eq!(pods("t3.medium", false, false), (17, Limit::Interfaces));
        assert_eq!(pods("m4.4xlarge", true, false), (110, Limit::ManagedCap));
        assert_eq!(pods("m5.16xlarge", true, false), (250, Limit::ManagedCap));
        assert_eq!(pods("hpc6id.32xlarge", true, true), (2, Limit::Interfaces));
    }

    #[test]
    fn addresses_of_a_node_are_those_of_the_pool_loop() {
        let m5 = find("m5.large").unwrap();
        let count = |prefixes, warm, pods, max| held(m5, &node(prefixes, false, warm), pods, max).addresses();
        let unset = Warm::default();
        assert_eq!([0, 1, 10].map(|pods| count(false, unset, pods, 29)), [10, 20, 30]);
        assert_eq!([0, 1, 110].map(|pods| count(true, unset, pods, 110)), [17, 33, 113]);
        let ips = Warm { ips: Some(5), ..unset };
        assert_eq!([0, 40, 110].map(|pods| count(true, ips, pods, 110)), [17, 49, 113]);
        assert_eq!(count(false, Warm { ips: Some(2), minimum_ips: Some(10), ..unset }, 0, 29), 12);
    }
}
