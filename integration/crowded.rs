//! The figures of capacity against zones that are filled address by address in orders drawn at random.

use eksnet::capacity::Capacity;
use eksnet::facts::instances;
use proptest::prelude::*;

use crate::crowd::{Kind, Subnet, Zone};
use crate::support::{Counted, counted as build};

/// One node group in one zone of two.
#[derive(Clone, Debug)]
struct Case {
    instance: &'static str,
    pods: u64,
    nodes: u8,
    /// Prefix lengths of tiers that aws-node finds.
    found: Vec<u8>,
    prefixes: bool,
    warm_prefixes: u64,
    warm_ips: u64,
    groups: bool,
}

impl Case {
    fn text(&self) -> String {
        let found: String = self
            .found
            .iter()
            .enumerate()
            .map(|(at, len)| {
                format!("  - {{ name: pods{at}, size: /{len}, egress: nat, serves: [pods], from: 100.64.0.0/16 }}\n")
            })
            .collect();
        let warm = match (self.warm_ips, self.prefixes) {
            (0, true) => format!("warm: {{ prefixes: {} }}, ", self.warm_prefixes),
            (0, false) => String::new(),
            (ips, _) => format!("warm: {{ ips: {ips} }}, "),
        };
        let groups = if self.groups { "securityGroupsForPods: {}, " } else { "" };
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: crowd, region: us-east-1 }}\nzones: 2\n\
             vpc: {{ cidr: 10.0.0.0/16, secondaryCidrs: [100.64.0.0/16] }}\ntiers:\n\
             \x20 - {{ name: public, size: /27, egress: internet, serves: [externalLoadBalancers] }}\n\
             \x20 - {{ name: nodes, size: /{}, egress: nat, serves: [nodes] }}\n{found}\
             \x20 - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\ncluster: {{}}\n\
             awsNode: {{ {warm}{groups}prefixDelegation: {}, subnetDiscovery: {} }}\n\
             nodeGroups: [{{ name: general, tier: nodes, instanceTypes: [{}], scaling: {{ min: 2, max: 4 }}, podsPerNode: {} }}]\n",
            self.nodes,
            self.prefixes,
            !self.found.is_empty(),
            self.instance,
            self.pods
        )
    }

    fn kind(&self, capacity: &Capacity, branches: u64) -> Kind {
        let instance = instances::find(self.instance).unwrap();
        let trunk = self.groups && instance.branches.is_some();
        let slots = instance.addresses - 1;
        // Of the pods that a node takes two are the host network's.
        let served = slots
            * (instance.interfaces - u64::from(trunk)).max(1)
            * if self.prefixes { 16 } else { 1 };
        let branches = branches.min(capacity.groups[0].pods);
        Kind {
            interfaces: instance.interfaces as usize,
            slots: slots as usize,
            max_pods: capacity.groups[0].density.max_pods,
            pods: capacity.groups[0].pods.min(served + branches),
            branches,
            trunk,
            prefixes: self.prefixes,
            warm_prefixes: self.warm_prefixes,
            warm_ips: self.warm_ips,
            discovery: !self.found.is_empty(),
        }
    }

    fn zone(&self, built: &Counted, branches: u64, seed: u64) -> Zone {
        let tagged = self.found.iter().map(|len| Subnet::new(*len, true));
        let subnets = std::iter::once(Subnet::new(self.nodes, false)).chain(tagged).collect();
        let mut zone = Zone::new(self.kind(&built.capacity, branches), subnets, seed);
        let own = built.plan.of_tier("nodes").next().unwrap();
        zone.occupy(0, built.capacity.of(own).unwrap().beside);
        zone
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let instance =
        prop::sample::select(vec!["m6i.large", "m6i.xlarge", "c7g.4xlarge", "m7g.medium"]);
    let found = prop::collection::vec(24..=27u8, 0..3);
    let warm = prop::sample::select(vec![(1, 0), (2, 0), (4, 0), (1, 2), (1, 8)]);
    (instance, 1..40u64, 25..=27u8, found, any::<bool>(), warm, any::<bool>()).prop_map(
        |(instance, pods, nodes, found, prefixes, (warm_prefixes, warm_ips), groups)| Case {
            instance,
            pods,
            nodes,
            found,
            prefixes,
            warm_prefixes,
            warm_ips,
            groups,
        },
    )
}

/// An interface that asks for four prefixes at once is made in no subnet that has two.
#[test]
fn an_interface_gets_all_prefixes_that_it_asks_for_or_none() {
    let case = Case {
        instance: "m6i.large",
        pods: 1,
        nodes: 26,
        found: vec![26],
        prefixes: true,
        warm_prefixes: 4,
        warm_ips: 0,
        groups: true,
    };
    let built = build(&case.text());
    assert_eq!(built.capacity.zones[0].nodes.certain, 0);
    assert!((1..200).any(|seed| !case.zone(&built, 0, seed).serves(1)));
    let roomy = Case { nodes: 24, found: vec![24], ..case };
    assert!(0 < build(&roomy.text()).capacity.zones[0].nodes.certain);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is said to fit for certain fits in every order.
    #[test]
    fn what_fits_for_certain_fits_in_every_order(case in cases(), seed in 1..1000u64) {
        let built = build(&case.text());
        let nodes = built.capacity.zones[0].nodes;
        let branches = built.capacity.groups[0].branches;
        for branches in [0, branches / 2, branches] {
            for seed in [seed, seed + 1000, seed + 2000] {
                let mut zone = case.zone(&built, branches, seed);
                prop_assert!(zone.serves(nodes.certain as usize), "{nodes:?} with {branches} on branches, {seed}: {case:?}");
            }
        }
    }

    #[test]
    fn the_certain_figure_is_never_above_the_best_and_more_pods_never_mean_more_nodes(case in cases()) {
        let of = |pods| build(&Case { pods, ..case.clone() }.text()).capacity.zones.remove(0);
        let (fewer, more) = (of(case.pods), of(case.pods + 1));
        prop_assert!(fewer.nodes.certain <= fewer.nodes.at_best && fewer.pods.certain <= fewer.pods.at_best);
        prop_assert!(more.nodes.certain <= fewer.nodes.certain, "{} < {}", fewer.nodes.certain, more.nodes.certain);
        prop_assert!(more.nodes.at_best <= fewer.nodes.at_best, "{} < {}", fewer.nodes.at_best, more.nodes.at_best);
    }
}
