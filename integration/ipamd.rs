//! The IP pool loop of the Amazon VPC CNI (`ipamd`, amazon-vpc-cni-k8s v1.23.1, IPv4, default network card), as a test oracle.
//! Every step names the Go function it follows: `I` is pkg/ipamd/ipamd.go, `D` is pkg/ipamd/datastore/data_store.go.
//!
//! Time is left out except for order. Pending pods take free addresses before each turn of the loop; an ENI becomes old enough to be
//! freed (D:1096, one minute) once the loop has nothing else to do; cooldowns and back-offs are over; EC2 and the subnets never refuse.
//! Go walks its maps in random order: seed 0 takes the lowest ENI and the lowest prefix for pods and for growth, and the highest ENI for
//! freeing; any other seed draws a random order, to see whether an answer depends on it.
//! The kubelet never admits more than `max_pods`, so `pods` counts up to `max_pods` only.
use std::collections::HashSet;

/// The addresses of a /28 (D:1552).
const PREFIX: u64 = 16;

/// What one node is and how aws-node is set.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub interfaces: u64, // ENIs on the default card (instance limit), incl. primary
    pub addresses: u64,  // IPv4 per ENI incl. the ENI's own
    pub max_pods: u64,   // node.status.capacity.pods
    pub max_enis: Option<u64>, // MAX_ENI; 0 is ignored (getMaxENI, I:1406)
    pub prefix_delegation: bool,
    pub custom_networking: bool,    // primary ENI unused for pods
    pub trunk: bool, // ENABLE_POD_ENI on a trunk-capable type: one ENI slot kept for the trunk
    pub excluded_primary: bool, // node subnet tagged kubernetes.io/role/cni=0, another subnet usable
    pub warm_enis: Option<u64>, // None is 1
    pub warm_prefixes: Option<u64>, // None is 1, as in the manifest
    pub warm_ips: Option<u64>,  // None is 0
    pub minimum_ips: Option<u64>, // None is 0
}

/// What the node holds in the subnet(s) once the loop has settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub interfaces: u64, // ENIs with at least one pool address or prefix (the primary only when it holds some; never the trunk)
    pub addresses: u64,  // pool addresses (secondary IPs) without prefix delegation, else 0
    pub prefixes: u64,   // /28s
}

/// Boots, settles with no pod; then pods arrive one by one, the loop settling after each: the settled state of every number of pods.
///
/// Where the loop never rests (an ENI or a prefix taken and given back for ever: WARM_ENI_TARGET=0, or WARM_PREFIX_TARGET=0 without IP
/// targets, whenever no address is free) it is the state of the cycle with the most addresses. Pods that can get no address wait.
/// Every walk over a Go map is in a random order drawn from `seed`; 0 is the fixed order.
pub fn settle_each(node: &Node, pods: u64, seed: u64) -> Vec<Settled> {
    let mut pool = Pool::new(node, seed);
    pool.rest();
    let mut states = vec![pool.settled()];
    for _ in 0..pods.min(node.max_pods) {
        pool.pending += 1;
        pool.rest();
        states.push(pool.settled());
    }
    states
}

/// All pods at once, after the boot has settled.
pub fn settle_at_once(node: &Node, pods: u64, seed: u64) -> Settled {
    let mut pool = Pool::new(node, seed);
    pool.rest();
    pool.pending = pods.min(node.max_pods);
    pool.rest();
    pool.settled()
}

/// The pods one by one in the fixed order, each prefix filled before the next; then the same pods, replaced one after the other until
/// they are spread over all prefixes, as by deployments that roll; then one pod more.
pub fn settle_churned(node: &Node, pods: u64) -> Settled {
    let mut pool = Pool::new(node, 0);
    pool.rest();
    for _ in 1..pods.min(node.max_pods) {
        pool.pending += 1;
        pool.rest();
    }
    while pool.roll() {
        pool.rest();
    }
    pool.pending += 1;
    pool.rest();
    pool.settled()
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Eni {
    primary: bool,
    cidrs: Vec<u64>, // the pods in each secondary IP or prefix
}

impl Eni {
    fn empty(&self) -> bool {
        self.cidrs.iter().all(|&pods| pods == 0)
    }
}

/// GetIPStats (D:916) and GetFreePrefixes (D:1448).
struct Stats {
    cidrs: u64,    // secondary IPs or prefixes
    free: u64,     // those without a pod
    total: u64,    // addresses
    assigned: u64, // those with a pod
    available: u64,
}

struct Pool {
    node: Node,
    enis: Vec<Eni>,
    max_enis: u64,
    slots: u64, // secondary IPs or prefixes one ENI takes (GetENIIPv4Limit, awsutils.go:1970)
    size: u64,  // addresses in one of them
    warm_enis: u64,
    warm_prefixes: u64,
    warm_ips: u64,
    minimum_ips: u64,
    pending: u64,
    seed: u64,
}

impl Pool {
    /// nodeInit (I:458) finds the primary ENI without secondary IPs; its handlePreScaling (I:674) is the growth half of one turn.
    fn new(node: &Node, seed: u64) -> Pool {
        Pool {
            node: *node,
            enis: vec![Eni { primary: true, cidrs: Vec::new() }],
            max_enis: node
                .max_enis
                .filter(|&limit| limit >= 1)
                .unwrap_or(u64::MAX)
                .min(node.interfaces),
            slots: node.addresses.saturating_sub(1),
            size: if node.prefix_delegation { PREFIX } else { 1 },
            warm_enis: node.warm_enis.unwrap_or(1),
            warm_prefixes: node.warm_prefixes.unwrap_or(1),
            warm_ips: node.warm_ips.unwrap_or(0),
            minimum_ips: node.minimum_ips.unwrap_or(0),
            pending: 0,
            seed,
        }
    }

    fn settled(&self) -> Settled {
        let cidrs = self.stats(&self.enis).cidrs;
        let (addresses, prefixes) =
            if self.node.prefix_delegation { (0, cidrs) } else { (cidrs, 0) };
        Settled {
            interfaces: self.enis.iter().filter(|eni| !eni.cidrs.is_empty()).count() as u64,
            addresses,
            prefixes,
        }
    }

    fn stats(&self, enis: &[Eni]) -> Stats {
        let pods = || enis.iter().flat_map(|eni| &eni.cidrs);
        let (cidrs, assigned) = (pods().count() as u64, pods().sum());
        let free = pods().filter(|&&pods| pods == 0).count() as u64;
        Stats {
            cidrs,
            free,
            total: cidrs * self.size,
            assigned,
            available: cidrs * self.size - assigned,
        }
    }

    /// StartNodeIPPoolManager (I:769): turns until nothing changes; or once round a cycle, to its largest state.
    fn rest(&mut self) {
        let (mut seen, mut cycling, mut best) = (HashSet::new(), false, (0, Vec::new()));
        loop {
            self.assign();
            let (state, total) = (self.enis.clone(), self.stats(&self.enis).total);
            if !seen.insert(state.clone()) {
                if cycling {
                    break self.enis = best.1;
                }
                (cycling, seen) = (true, HashSet::from([state.clone()]));
            }
            if cycling && total >= best.0 {
                best = (total, state.clone());
            }
            self.turn(false);
            if self.enis == state {
                self.turn(true);
            }
            if self.enis == state {
                break;
            }
        }
    }

    /// AssignPodIPv4Address (D:782), for as many waiting pods as there are free addresses.
    fn assign(&mut self) {
        while self.pending > 0 {
            let Some((eni, cidr)) = self.free_address() else {
                return;
            };
            self.enis[eni].cidrs[cidr] += 1;
            self.pending -= 1;
        }
    }

    fn free_address(&mut self) -> Option<(usize, usize)> {
        self.order(self.enis.len()).into_iter().find_map(|eni| {
            let cidrs = self.order(self.enis[eni].cidrs.len());
            cidrs
                .into_iter()
                .find(|&cidr| self.enis[eni].cidrs[cidr] < self.size)
                .map(|cidr| (eni, cidr))
        })
    }

    /// One pod from the fullest prefix to an empty one, if there is any.
    fn roll(&mut self) -> bool {
        let mut cidrs: Vec<&mut u64> =
            self.enis.iter_mut().flat_map(|eni| eni.cidrs.iter_mut()).collect();
        cidrs.sort();
        match cidrs.as_mut_slice() {
            [empty, .., full] if **empty == 0 && 1 < **full => {
                **empty += 1;
                **full -= 1;
                true
            }
            _ => false,
        }
    }

    /// updateIPPoolIfRequired (I:796). An ENI attached in this turn is never freed in it; with `aged` all others may be.
    fn turn(&mut self, aged: bool) {
        let old = if aged { self.enis.len() } else { 0 };
        let stats = self.stats(&self.enis);
        if self.too_low(&stats) {
            self.increase(&stats);
        } else {
            self.decrease(self.over(&stats)); // isDatastorePoolTooHigh (I:2659)
        }
        if self.should_remove_extra(&stats) {
            self.free_eni(old); // decided on the stats from before the change, as in I:803-815
        }
    }

    /// isDatastorePoolTooLow (I:2623).
    fn too_low(&self, stats: &Stats) -> bool {
        if stats.total >= self.node.max_pods {
            return false;
        }
        if self.ip_targets() {
            return self.short(stats) > 0;
        }
        let (target, unit) = if self.node.prefix_delegation {
            (self.warm_prefixes, PREFIX)
        } else {
            (self.warm_enis, self.slots)
        };
        stats.available < target * unit || (target == 0 && stats.available == 0)
    }

    /// warmIPTargetsDefined (I:1941).
    fn ip_targets(&self) -> bool {
        self.warm_ips != 0 || self.minimum_ips != 0
    }

    /// The secondary IPs or prefixes missing for the IP targets (datastoreTargetState, I:2177).
    fn short(&self, stats: &Stats) -> u64 {
        self.warm_ips
            .saturating_sub(stats.available)
            .max(self.minimum_ips.saturating_sub(stats.total))
            .div_ceil(self.size)
    }

    /// The secondary IPs or prefixes to give back (datastoreTargetState, I:2177; computeExtraPrefixesOverWarmTarget, I:1516).
    fn over(&self, stats: &Stats) -> u64 {
        match (self.ip_targets(), self.node.prefix_delegation) {
            (true, true) => {
                let needed = (stats.assigned + self.warm_ips)
                    .div_ceil(PREFIX)
                    .max(self.minimum_ips.div_ceil(PREFIX));
                stats.free.min(stats.cidrs.saturating_sub(needed))
            }
            (true, false) => stats
                .available
                .saturating_sub(self.warm_ips)
                .min(stats.total.saturating_sub(self.minimum_ips)),
            (false, true) => stats.free.saturating_sub(self.warm_prefixes),
            (false, false) => 0,
        }
    }

    /// increaseDatastorePool (I:968): an ENI with room first (tryAssignIPs I:1115, tryAssignPrefixes I:1217), else tryAllocateENI (I:1050).
    fn increase(&mut self, stats: &Stats) {
        // hasRoomForEni (I:2592): the primary ENI always holds a slot; the trunk has one kept for it, then holds it
        let has_room_for_eni =
            (self.enis.len() as u64) + u64::from(self.node.trunk) < self.max_enis;
        let (wanted, slots) = (self.wanted(stats).min(self.slots) as usize, self.slots as usize);
        if let Some(eni) =
            self.order(self.enis.len()).into_iter().find(|&eni| self.allocatable(&self.enis[eni]))
        {
            let cidrs = &mut self.enis[eni].cidrs;
            cidrs.resize(slots.min(cidrs.len() + wanted), 0);
        } else if has_room_for_eni && wanted > 0 {
            self.enis.push(Eni { primary: false, cidrs: vec![0; wanted] });
        }
    }

    /// getPrefixesNeeded (I:2714), or what tryAssignIPs (I:1122) and GetENIResourcesToAllocate (I:2551) ask for.
    fn wanted(&self, stats: &Stats) -> u64 {
        match (self.ip_targets(), self.node.prefix_delegation) {
            (true, _) => self.short(stats), // at least 1, the pool being too low
            (false, true) => self.warm_prefixes.saturating_sub(stats.free).max(1),
            (false, false) => self.slots,
        }
    }

    /// GetAllocatableENIs (D:1118).
    fn allocatable(&self, eni: &Eni) -> bool {
        let barred = eni.primary && (self.node.custom_networking || self.node.excluded_primary);
        !barred && (eni.cidrs.len() as u64) < self.slots
    }

    /// tryUnassignCidrsFromAll (I:892).
    fn decrease(&mut self, mut over: u64) {
        for eni in self.order(self.enis.len()).into_iter().rev() {
            self.enis[eni].cidrs.retain(|&pods| {
                let keep = pods > 0 || over == 0;
                over -= u64::from(!keep);
                keep
            });
        }
    }

    /// shouldRemoveExtraENIs (I:1488), with CheckFreeableENIexists (D:1594).
    fn should_remove_extra(&self, stats: &Stats) -> bool {
        let pd = self.node.prefix_delegation;
        let target = if pd { self.warm_prefixes } else { self.warm_enis };
        let freeable = self.enis.iter().any(|eni| !eni.primary && eni.empty());
        self.ip_targets()
            || stats.available >= (target + 1) * self.slots * self.size
            || (pd && freeable)
    }

    /// tryFreeENI (I:849): at most one of the first `old` ENIs.
    fn free_eni(&mut self, old: usize) {
        if let Some(eni) = self.order(old).into_iter().rev().find(|&eni| self.deletable(eni)) {
            self.enis.remove(eni);
        }
    }

    /// getDeletableENI (D:1042), with isRequiredForWarmIPTarget, ...ForMinimumIPTarget and ...ForWarmPrefixTarget (D:974-1040).
    fn deletable(&self, eni: usize) -> bool {
        let mut others = self.enis.clone();
        let eni = others.remove(eni);
        let rest = self.stats(&others);
        let whole = |target: u64| target.div_ceil(self.size) * self.size;
        let prefixes = if self.node.prefix_delegation { self.warm_prefixes } else { 0 }; // counts beside IP targets too
        !eni.primary
            && eni.empty()
            && rest.available >= whole(self.warm_ips)
            && rest.total >= whole(self.minimum_ips)
            && rest.free >= prefixes
    }

    /// The order of a walk over a Go map of `len` keys.
    fn order(&mut self, len: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..len).collect();
        for at in (1..if self.seed == 0 { 0 } else { len }).rev() {
            self.seed ^= self.seed << 13;
            self.seed ^= self.seed >> 7;
            self.seed ^= self.seed << 17;
            order.swap(at, (self.seed % (at as u64 + 1)) as usize);
        }
        order
    }
}
