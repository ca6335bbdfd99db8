//! aws-node's pool algorithm in closed form: how many addresses or prefixes a node holds once its loop has settled.
//! Source: amazon-vpc-cni-k8s v1.23.1, pkg/ipamd, read 2026-11-20. A simulator of the loop in `integration/ipamd.rs` is the oracle.

use crate::facts::aws_node;
use crate::facts::subnets::ADDRESSES_PER_PREFIX;
use crate::intent::AwsNode;
use crate::intent::aws_node::Warm;

/// Targets as the loop reads them: 0 is unset.
struct Targets {
    interfaces: u64,
    prefixes: u64,
    ips: u64,
    minimum: u64,
}

impl Targets {
    fn of(warm: Warm) -> Self {
        Self {
            interfaces: warm.enis.unwrap_or(aws_node::WARM_ENIS),
            prefixes: warm.prefixes.unwrap_or(aws_node::WARM_PREFIXES),
            ips: warm.ips.unwrap_or(0),
            minimum: warm.minimum_ips.unwrap_or(0),
        }
    }

    fn by_ips(&self) -> bool {
        0 < self.ips + self.minimum
    }
}

/// The loop stops growing at `max_pods`, tested before each grant, and never gives back what it took at boot.
pub struct WarmPool {
    /// Addresses or prefixes per interface beside its own address.
    slots: u64,
    /// Addresses or prefixes that all interfaces take.
    most: u64,
    max_pods: u64,
    warm: Targets,
}

impl WarmPool {
    /// With so many slots on each of so many interfaces.
    pub fn new(node: &AwsNode, (slots, interfaces): (u64, u64), max_pods: u64) -> Self {
        Self::over(node.warm, (slots, interfaces), max_pods)
    }

    /// Under targets that somebody set.
    pub fn over(warm: Warm, (slots, interfaces): (u64, u64), max_pods: u64) -> Self {
        Self { slots, most: interfaces * slots, max_pods, warm: Targets::of(warm) }
    }

    /// Nothing carries pods.
    pub fn is_empty(&self) -> bool {
        self.most == 0
    }

    /// Addresses that it holds once the loop has settled with `pods` on the node, interfaces' own left out.
    pub fn addresses(&self, pods: u64) -> u64 {
        self.addresses_until(pods, self.max_pods)
    }

    /// The most addresses that it ever holds: a burst of pods overshoots the stop at `max_pods` by less than a grant.
    pub fn most_addresses(&self) -> u64 {
        self.addresses_until(
            self.max_pods,
            self.max_pods + self.warm.ips.min(self.slots).saturating_sub(1),
        )
    }

    fn addresses_until(&self, pods: u64, stop: u64) -> u64 {
        let Targets { interfaces, ips, minimum, .. } = self.warm;
        let grants = self.slots * self.max_pods.div_ceil(self.slots);
        let at_boot = ips.max(minimum).min(self.most).min(grants);
        match (ips, self.warm.by_ips(), interfaces) {
            (0, true, _) => at_boot, // a floor alone never grows (rule SET-08)
            (ips, true, _) => (pods + ips).min(self.most).min(stop).max(at_boot),
            (_, false, 0) => (self.slots * (pods / self.slots + 1)).min(self.most).min(grants),
            (_, false, spare) => {
                (self.slots * (pods.div_ceil(self.slots) + spare)).min(self.most).min(grants)
            }
        }
    }

    /// /28 prefixes that it holds once the loop has settled with `pods` that fill one prefix after another.
    pub fn prefixes(&self, pods: u64) -> u64 {
        self.prefixes_until(pods, self.whole())
    }

    /// The most for at most `pods` in whatever order they are placed. Go walks the prefixes at random, and the loop asks for as many
    /// as the target is above those that hold no pod, and gives back only what is above the target: with every prefix in use, a pool
    /// that is one address short grows by the whole target.
    pub fn peak_prefixes(&self, pods: u64) -> u64 {
        let spare = self.warm.prefixes;
        if self.warm.by_ips() || spare < 2 || pods == 0 {
            return self.prefixes(pods);
        }
        let short = (spare + pods.div_ceil(ADDRESSES_PER_PREFIX)).min(self.whole()) - 1;
        let unused = short.saturating_sub(pods);
        let grant = spare.saturating_sub(unused).max(1).min(self.slots);
        (short + grant).min(self.most).max(self.prefixes(pods))
    }

    /// The most /28 prefixes that it ever holds, however the pods are scattered over them.
    pub fn most_prefixes(&self) -> u64 {
        let grant = if self.warm.by_ips() {
            self.warm.ips.div_ceil(ADDRESSES_PER_PREFIX)
        } else {
            self.warm.prefixes
        };
        let stop = self.whole() + grant.min(self.slots).saturating_sub(1);
        if self.warm.by_ips() {
            self.prefixes_until(self.max_pods, stop)
        } else {
            stop.min(self.most).max(self.prefixes(0))
        }
    }

    /// Prefixes that hold `max_pods`.
    fn whole(&self) -> u64 {
        self.max_pods.div_ceil(ADDRESSES_PER_PREFIX)
    }

    fn prefixes_until(&self, pods: u64, stop: u64) -> u64 {
        let Targets { prefixes, ips, minimum, .. } = self.warm;
        let grants = self.slots * self.whole().div_ceil(self.slots);
        let boot = |wanted: u64| wanted.min(self.most).min(grants);
        let wanted = match (ips, self.warm.by_ips(), prefixes) {
            (0, true, _) => return boot(minimum.div_ceil(ADDRESSES_PER_PREFIX)),
            (ips, true, _) => (pods + ips).div_ceil(ADDRESSES_PER_PREFIX),
            (_, false, 0) => pods / ADDRESSES_PER_PREFIX + 1,
            (_, false, spare) => pods.div_ceil(ADDRESSES_PER_PREFIX) + spare,
        };
        let at_boot = if self.warm.by_ips() {
            ips.max(minimum).div_ceil(ADDRESSES_PER_PREFIX)
        } else {
            prefixes
        };
        wanted.min(self.most).min(stop).max(boot(at_boot))
    }
}
