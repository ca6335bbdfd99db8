//! A zone full of nodes, address by address: EC2's subnets, nodes that start, pods that come in any order, and aws-node's loop on each
//! node, with subnets that refuse. Written from amazon-vpc-cni-k8s v1.23.1 (pkg/ipamd/ipamd.go, pkg/awsutils/awsutils.go) and
//! amazon-vpc-resource-controller-k8s, not from eksnet's own sums, to hold its figures of capacity against.

/// One subnet, by its addresses.
#[derive(Clone)]
pub struct Subnet {
    taken: Vec<bool>,
    /// Tagged for pods.
    pub tagged: bool,
}

impl Subnet {
    pub fn new(len: u8, tagged: bool) -> Self {
        let mut taken = vec![false; 1 << (32 - len)];
        let last = taken.len() - 1;
        for reserved in [0, 1, 2, 3, last] {
            taken[reserved] = true;
        }
        Self { taken, tagged }
    }

    fn free(&self) -> usize {
        self.taken.iter().filter(|taken| !**taken).count()
    }

    fn single(&mut self, dice: &mut Dice) -> bool {
        let free: Vec<usize> = (0..self.taken.len()).filter(|at| !self.taken[*at]).collect();
        if !free.is_empty() {
            self.taken[free[dice.below(free.len())]] = true;
        }
        !free.is_empty()
    }

    fn prefix(&mut self, dice: &mut Dice) -> bool {
        let whole: Vec<usize> = (0..self.taken.len() / 16)
            .filter(|block| self.taken[block * 16..][..16].iter().all(|taken| !taken))
            .collect();
        if !whole.is_empty() {
            let block = whole[dice.below(whole.len())];
            self.taken[block * 16..][..16].fill(true);
        }
        !whole.is_empty()
    }

    /// All of them or none.
    fn take(&mut self, (singles, prefixes): (u64, u64), dice: &mut Dice) -> bool {
        let before = self.taken.clone();
        // Prefixes first: EC2 answers one call as a whole.
        let all =
            (0..prefixes).all(|_| self.prefix(dice)) && (0..singles).all(|_| self.single(dice));
        if !all {
            self.taken = before;
        }
        all
    }
}

pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed * 2 + 1)
    }

    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }
}

/// What all nodes of the zone are.
#[derive(Clone, Copy)]
pub struct Kind {
    pub interfaces: usize,
    pub slots: usize,
    pub max_pods: u64,
    /// Pods that come to each node, those on branch interfaces included.
    pub pods: u64,
    /// Of these, so many have branch interfaces.
    pub branches: u64,
    /// There is a trunk.
    pub trunk: bool,
    pub prefixes: bool,
    pub warm_prefixes: u64,
    pub warm_ips: u64,
    pub discovery: bool,
}

struct Interface {
    subnet: usize,
    /// Pods in each address or prefix.
    cidrs: Vec<u64>,
}

struct Node {
    interfaces: Vec<Interface>,
    waiting: u64,
    to_come: u64,
    branches_to_come: u64,
}

pub struct Zone {
    pub kind: Kind,
    /// The nodes' own subnet first.
    pub subnets: Vec<Subnet>,
    pub dice: Dice,
    nodes: Vec<Node>,
}

impl Zone {
    pub fn new(kind: Kind, subnets: Vec<Subnet>, seed: u64) -> Self {
        Self { kind, subnets, dice: Dice::new(seed), nodes: Vec::new() }
    }

    /// Addresses that something else has, anywhere in a subnet.
    pub fn occupy(&mut self, subnet: usize, count: u64) {
        assert!(self.subnets[subnet].take((count, 0), &mut self.dice));
    }

    /// Whether `count` nodes start and each of their pods gets an address, in an order that the dice choose.
    pub fn serves(&mut self, count: usize) -> bool {
        let mut idle = 0;
        while idle < 400 * (count + 1) {
            let moved = match self.dice.below(3) {
                0 if self.nodes.len() < count => {
                    if !self.start() {
                        return false;
                    }
                    true
                }
                1 => self.pod_comes(),
                _ => self.turn(),
            };
            idle = if moved { 0 } else { idle + 1 };
            if self.nodes.len() == count && self.nodes.iter().all(Node::is_served) {
                return true;
            }
        }
        false
    }

    fn start(&mut self) -> bool {
        let kind = self.kind;
        let first = (1 + u64::from(kind.trunk), 0);
        self.nodes.push(Node {
            interfaces: vec![Interface { subnet: 0, cidrs: Vec::new() }],
            waiting: 0,
            to_come: kind.pods - kind.branches,
            branches_to_come: kind.branches,
        });
        self.subnets[0].take(first, &mut self.dice)
    }

    fn pod_comes(&mut self) -> bool {
        if self.nodes.is_empty() {
            return false;
        }
        let at = self.dice.below(self.nodes.len());
        let node = &mut self.nodes[at];
        if 0 < node.branches_to_come && self.subnets[0].take((1, 0), &mut self.dice) {
            node.branches_to_come -= 1;
            return true;
        }
        let came = node.to_come.min(1);
        node.to_come -= came;
        node.waiting += came;
        0 < came
    }

    /// updateIPPoolIfRequired on one node.
    fn turn(&mut self) -> bool {
        if self.nodes.is_empty() {
            return false;
        }
        let at = self.dice.below(self.nodes.len());
        let placed = self.place(at);
        let size = if self.kind.prefixes { 16 } else { 1 };
        let cidrs = || self.nodes[at].interfaces.iter().flat_map(|one| &one.cidrs);
        let (total, used): (u64, u64) = (cidrs().count() as u64 * size, cidrs().sum());
        let unused = cidrs().filter(|pods| **pods == 0).count() as u64;
        let available = total - used;
        let wanted = match (self.kind.warm_ips, self.kind.prefixes) {
            (0, true) if available < self.kind.warm_prefixes * 16 => {
                self.kind.warm_prefixes.saturating_sub(unused).max(1)
            }
            (0, false) if available < self.kind.slots as u64 => self.kind.slots as u64,
            (0, _) => 0,
            (ips, _) => ips.saturating_sub(available).div_ceil(size),
        };
        if wanted == 0 || self.kind.max_pods <= total {
            return placed;
        }
        self.grow(at, (wanted as usize).min(self.kind.slots)) || placed
    }

    /// Waiting pods take addresses wherever there are some.
    fn place(&mut self, at: usize) -> bool {
        let size = if self.kind.prefixes { 16 } else { 1 };
        let mut placed = false;
        while 0 < self.nodes[at].waiting {
            let mut open: Vec<&mut u64> = self.nodes[at]
                .interfaces
                .iter_mut()
                .flat_map(|one| one.cidrs.iter_mut())
                .filter(|pods| **pods < size)
                .collect();
            if open.is_empty() {
                break;
            }
            let chosen = self.dice.below(open.len());
            *open[chosen] += 1;
            self.nodes[at].waiting -= 1;
            placed = true;
        }
        placed
    }

    fn grow(&mut self, at: usize, wanted: usize) -> bool {
        let kind = self.kind;
        let units = |count: usize| {
            if kind.prefixes { (0, count as u64) } else { (count as u64, 0) }
        };
        for interface in &mut self.nodes[at].interfaces {
            let room = (kind.slots - interface.cidrs.len()).min(wanted);
            let subnet = &mut self.subnets[interface.subnet];
            for count in [room, 1].into_iter().filter(|_| 0 < room) {
                if subnet.take(units(count), &mut self.dice) {
                    interface.cidrs.extend(vec![0; count]);
                    return true;
                }
            }
            // Without discovery the first refusal ends the turn.
            if 0 < room && !kind.discovery {
                return false;
            }
        }
        if self.nodes[at].interfaces.len() + usize::from(kind.trunk) >= kind.interfaces {
            return false;
        }
        let mut order: Vec<usize> = (0..self.subnets.len())
            .filter(|subnet| *subnet == 0 || kind.discovery && self.subnets[*subnet].tagged)
            .collect();
        order.sort_by_key(|subnet| std::cmp::Reverse(self.subnets[*subnet].free()));
        let (singles, prefixes) = units(wanted);
        for subnet in order {
            if self.subnets[subnet].take((1 + singles, prefixes), &mut self.dice) {
                self.nodes[at].interfaces.push(Interface { subnet, cidrs: vec![0; wanted] });
                return true;
            }
        }
        false
    }
}

impl Node {
    fn is_served(&self) -> bool {
        self.waiting + self.to_come + self.branches_to_come == 0
    }
}
