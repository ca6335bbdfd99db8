//! What the layout says of room, held against blueprints that are counted by hand and against each other.

use eksnet::address::{self, Ledger};
use eksnet::capacity::{self, Estimate};
use eksnet::intent;
use proptest::prelude::*;

use crate::support::counted as build;

const TYPES: [&str; 6] =
    ["m6i.large", "t3.medium", "c7g.4xlarge", "m5.24xlarge", "m7g.medium", "t3.small"];

/// (blueprint, where pods live) with tiers sized by demand.
fn blueprint(mode: u8, groups: &[(usize, u32, u32)], (growth, zones): (u32, u8)) -> String {
    let groups: String = groups
        .iter()
        .enumerate()
        .map(|(at, (kind, max, pods))| {
            format!(
                "  - {{ name: g{at}, tier: nodes, instanceTypes: [{}], scaling: {{ min: 0, desired: 0, max: {max} }}, podsPerNode: {pods} }}\n",
                TYPES[*kind]
            )
        })
        .collect();
    let node = match mode {
        0 => "awsNode: { prefixDelegation: false }",
        1 => "awsNode: { prefixDelegation: true }",
        2 => "awsNode: { prefixDelegation: false, customNetworking: { tier: pods } }",
        _ => "awsNode: { customNetworking: { tier: pods }, warm: { ips: 5, minimumIps: 20 } }",
    };
    let pods = if mode < 2 {
        ""
    } else {
        "  - { name: pods, size: auto, growth: GROWTH, egress: nat, serves: [pods], from: 100.64.0.0/10 }\n"
    };
    format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-east-1 }}\nzones: {zones}\nvpc: {{ cidr: 10.0.0.0/8, secondaryCidrs: [100.64.0.0/10] }}\ntiers:\n  - {{ name: public, size: /27, egress: internet }}\n  - {{ name: nodes, size: auto, growth: GROWTH, egress: nat, serves: [nodes] }}\n{pods}  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\ncluster: {{}}\n{node}\nnodeGroups:\n{groups}"
    )
    .replace("GROWTH", &growth.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is sized by demand holds the demand, also scattered and without a zone; and nothing smaller would.
    #[test]
    fn a_tier_sized_by_demand_is_large_enough_and_no_larger(
        mode in 0..4u8,
        groups in prop::collection::vec((0..TYPES.len(), 1..200u32, 1..11u32), 1..4),
        growth in 0..60u32,
        zones in 2..=5u8,
    ) {
        // Pools wider than any VPC's, so that only the sizes are judged.
        let text = blueprint(mode, &groups, (growth, zones));
        let intent = crate::support::intent(&text);
        let plan = address::allocate(&intent, &Ledger::empty("p", "us-east-1")).unwrap();
        let most = capacity::of(&intent, &plan).most.unwrap();
        prop_assert!(most.full.certain.is_none() && most.full.at_best.is_none() && most.full_at_desired.is_none(), "{most:?}\n{text}");
        prop_assert!(most.loss.as_ref().unwrap().full.is_none(), "{most:?}\n{text}");
        for sizing in plan.sizing.iter().filter(|sizing| growth == 0 && sizing.len < 28) {
            let tier = intent.tiers.iter().position(|tier| tier.name == sizing.tier).unwrap();
            let mut smaller = intent.clone();
            smaller.tiers[tier].size = intent::Size::Fixed(sizing.len + 1);
            let plan = address::allocate(&smaller, &Ledger::empty("p", "us-east-1")).unwrap();
            let most = capacity::of(&smaller, &plan).most.unwrap();
            prop_assert!(most.full.certain.is_some() || most.loss.unwrap().full.is_some(), "/{} is enough for `{}`\n{text}", sizing.len + 1, sizing.tier);
        }
    }

    /// As many nodes fit as a walk finds that fills a subnet's /28s one node after the other.
    #[test]
    fn as_many_nodes_fit_as_a_walk_through_the_blocks_finds(mode in 0..2u8, kind in 0..TYPES.len(), pods in 1..11u32, len in 20..=26u8) {
        let text = blueprint(mode, &[(kind, 10, pods)], (0, 2)).replace("size: auto, growth: 0", &format!("size: /{len}"));
        let capacity = build(&text).capacity;
        let held = capacity.groups[0].at_best.node_subnet;
        prop_assert_eq!(capacity.zones[0].nodes.at_best, walk(len, held.singles, held.prefixes), "{}", text);
    }
}

/// Nodes with so many single addresses and prefixes that an empty subnet takes.
fn walk(len: u8, singles: u64, prefixes: u64) -> u64 {
    let blocks = 1usize << (28 - len);
    let mut free = vec![16u64; blocks];
    free[0] -= 4;
    free[blocks - 1] -= 1;
    for nodes in 0.. {
        for _ in 0..prefixes {
            let Some(whole) = free.iter().rposition(|left| *left == 16) else {
                return nodes;
            };
            free[whole] = 0;
        }
        for _ in 0..singles {
            // Into a block that is broken already, if there is one.
            let Some(place) =
                (0..blocks).filter(|at| free[*at] > 0).min_by_key(|at| (free[*at] == 16, *at))
            else {
                return nodes;
            };
            free[place] -= 1;
        }
    }
    unreachable!("a subnet fills up")
}

#[test]
fn a_subnet_is_counted_as_by_hand() {
    let text = blueprint(1, &[(0, 30, 10)], (0, 2)).replace("size: auto, growth: 0", "size: /24");
    let built = build(&text);
    let group = &built.capacity.groups[0];
    // m6i.large, 10 pods: one prefix for them, one warm, on one interface.
    assert_eq!((group.planned.node_subnet.singles, group.planned.node_subnet.prefixes), (1, 2));
    // A /24 has 14 whole /28s: 7 nodes, whose 7 own addresses fit beside the reserved ones.
    assert_eq!(built.capacity.zones[0].nodes.at_best, 7);
    // Scattered, each own address takes a /28: 3 blocks per node.
    assert_eq!(built.capacity.zones[0].nodes.certain, 4);
    // 30 nodes, a third of them (10) beside them while they are updated: 20 per zone, which want 40 /28s of 14.
    let most = built.capacity.most.as_ref().unwrap();
    assert_eq!((most.nodes, most.surge), (30, 10));
    assert!(
        most.full
            .at_best
            .as_ref()
            .is_some_and(|full| full.tier == "nodes" && full.nodes == 20 && full.needs == Some(22)),
        "{most:?}"
    );
    assert_eq!(
        built.capacity.of(built.plan.of_tier("nodes").next().unwrap()).unwrap().per_cent,
        Estimate { certain: 429, at_best: 286 }
    );
}

#[test]
fn discovered_subnets_take_what_the_nodes_own_does_not() {
    let text =
        std::fs::read_to_string(crate::support::root().join("blueprints/subnet-discovery.yaml"))
            .unwrap();
    let with = build(&text).capacity.nodes().certain;
    let without = build(&text.replace("  subnetDiscovery: true\n", "")).capacity.nodes().certain;
    assert!(without * 2 < with, "{without} nodes without, {with} with");
    let built = crate::support::build(&text);
    assert_eq!(
        built.template.to_json().matches("kubernetes.io/role/cni").count(),
        3,
        "the pods' tier is tagged in each zone"
    );
}

#[test]
fn a_group_of_several_types_takes_the_least_pods_and_the_most_addresses() {
    let text = blueprint(0, &[(0, 10, 5)], (0, 2))
        .replace("[m6i.large]", "[m6i.large, m6i.4xlarge]")
        .replace(", podsPerNode: 5", "");
    let group = build(&text).capacity.groups.remove(0);
    assert_eq!(group.density.max_pods, 29);
    // 29 pods on a 4xlarge: 29 slots on an interface, one in use and one warm, 30 addresses each: but the loop stops at max pods.
    assert_eq!(group.planned.node_subnet.addresses, 30);
}

/// The order of the types has no say, and each subnet is asked for what the hungriest of them wants of it.
#[test]
fn the_order_of_instance_types_changes_no_number() {
    let text =
        std::fs::read_to_string(crate::support::root().join("blueprints/subnet-discovery.yaml"))
            .unwrap();
    let of = |types: &str| build(&text.replace("[m6i.xlarge]", types)).capacity;
    let (one, other) = (of("[m6i.large, m6i.4xlarge]"), of("[m6i.4xlarge, m6i.large]"));
    assert_eq!(one.groups[0].planned, other.groups[0].planned);
    assert_eq!(
        (one.nodes(), one.most.unwrap().fullest),
        (other.nodes(), other.most.unwrap().fullest)
    );
}

#[test]
fn a_group_whose_only_zone_is_lost_is_lost() {
    let text = blueprint(1, &[(0, 10, 5), (0, 2, 5)], (0, 2))
        .replace("name: g0, tier: nodes", "name: g0, tier: solo");
    let text = text.replace(
        "tiers:\n",
        "tiers:\n  - { name: solo, size: /24, zones: [use1-az1], egress: nat, serves: [nodes] }\n",
    );
    let loss = build(&text).capacity.most.unwrap().loss.unwrap();
    assert!(loss.full.is_some() && loss.zone.id == "use1-az1", "{loss:?}");
}

#[test]
fn groups_of_zones_that_came_later_are_counted() {
    let text = |zones: u8| {
        blueprint(1, &[(0, 30, 5)], (0, zones))
            .replace("size: auto, growth: 0", "size: /22")
            .replace("10.0.0.0/8, secondaryCidrs: [100.64.0.0/10]", "10.0.0.0/16")
    };
    let first = build(&text(2));
    let later = crate::support::counted_over(&text(4), &first.plan.ledger);
    let (before, after) = (first.capacity.most.unwrap(), later.capacity.most.unwrap());
    assert_eq!((before.nodes, after.nodes), (30, 60), "two zones of 15 nodes each came later");
    let within = text(4).replace("scaling: { min: 0,", "scaling: { newZones: within, min: 0,");
    let within = crate::support::build_over(&within, Some(&first.plan.ledger)).capacity;
    assert_eq!(within.most.unwrap().nodes, 30, "the numbers hold for all zones together");
    assert_eq!(within.groups[0].in_a_zone(), (30 + within.groups[0].surge).div_ceil(4));
    assert!(before.address_units < after.address_units);
}

#[test]
fn branch_interfaces_are_counted_where_they_take_more_than_the_pool() {
    let text = blueprint(0, &[(0, 10, 10)], (0, 2)).replace(
        "awsNode: { prefixDelegation: false }",
        "awsNode: { prefixDelegation: false, securityGroupsForPods: {} }",
    );
    let group =
        build(&text.replace("podsPerNode: 10", "podsPerNode: 20")).capacity.groups.remove(0);
    // m6i.large without the trunk's interface: 2 × 10 addresses, all in use from 10 pods on; nine of twenty pods on branches, and the trunk.
    assert_eq!((group.branches, group.planned.node_subnet.singles), (9, 20 + 9 + 1));
}

/// The resource controller makes trunk and branches in the node's own subnet, whatever subnets aws-node finds.
#[test]
fn branch_interfaces_stay_in_the_nodes_subnet_with_discovery() {
    let text = example("subnet-discovery").replace(
        "  subnetDiscovery: true\n",
        "  subnetDiscovery: true\n  securityGroupsForPods: {}\n",
    );
    let group = build(&text).capacity.groups.remove(0);
    // m6i.xlarge: one interface of 15 addresses, the trunk, 18 branches; two further interfaces of 15.
    assert_eq!(group.branches, 18);
    assert_eq!(group.planned.node_subnet.singles, 15 + 1 + 18);
    assert_eq!(group.planned.pod_subnet.singles, 30);
}

/// No node is of two types: the figure shown is the largest total, not the largest of each kind.
#[test]
fn a_group_of_several_types_is_its_hungriest_type() {
    let types = |types: &str| {
        let text = blueprint(1, &[(0, 10, 11)], (0, 2)).replace("[m6i.large]", types);
        build(&text.replace(", podsPerNode: 11", "")).capacity.groups.remove(0).planned.node_subnet
    };
    // t2.large takes no prefixes: many single addresses; m6i.large takes prefixes and few single ones.
    let (one, other) = (types("[t2.large]"), types("[m6i.large]"));
    let both = types("[t2.large, m6i.large]");
    assert!(other.prefixes > 0 && one.prefixes == 0);
    assert!(both.addresses < both.singles + 16 * both.prefixes, "{both:?}");
    assert!(both.addresses <= one.addresses.max(other.addresses));
}

#[test]
fn fargate_pods_move_when_a_zone_is_lost() {
    let built = crate::support::build(&example("fargate"));
    let zones = &built.plan.ledger.kept.fargate;
    let moved = built
        .intent
        .tiers
        .iter()
        .flat_map(|tier| eksnet::demand::others(&built.intent, zones, tier));
    let fargate: Vec<_> =
        moved.filter(|other| other.taker == eksnet::demand::Taker::Fargate).collect();
    assert!(!fargate.is_empty());
    for other in fargate {
        assert!(other.planned < other.without_a_zone, "{other:?}");
    }
}

/// One NAT gateway has its address in one zone, and an attachment has one in each of its subnets.
#[test]
fn gateways_are_counted_where_they_are() {
    let beside = |name: &str, tier: &str| -> Vec<u64> {
        let built = crate::support::build(&example(name));
        built.plan.of_tier(tier).map(|one| built.capacity.of(one).unwrap().beside).collect()
    };
    let public = beside("dev-single-nat", "public");
    assert_eq!(public.iter().filter(|count| **count == public[0]).count(), 1, "{public:?}");
    assert!(public[1..].iter().all(|count| count + 1 == public[0]), "{public:?}");
    let built = crate::support::build(&example("transit-gateway"));
    let tier = &built.intent.transit.gateway.as_ref().unwrap().tier;
    for subnet in built.plan.of_tier(tier) {
        assert!(0 < built.capacity.of(subnet).unwrap().beside);
    }
}

#[test]
fn a_group_that_does_not_fit_holds_no_other_up() {
    let text = blueprint(0, &[(0, 10, 10), (0, 10, 10)], (0, 2))
        .replace("name: g0, tier: nodes", "name: g0, tier: small")
        .replace(
            "tiers:\n",
            "tiers:\n  - { name: small, size: /28, egress: nat, serves: [nodes] }\n",
        );
    let zone = build(&text).capacity.zones.remove(0);
    assert_eq!(zone.of_groups[0], 0);
    assert!(0 < zone.of_groups[1], "{zone:?}");
    assert!(zone.limited_by.starts_with("small "), "{zone:?}");
}

/// Eleven addresses hold the nodes of three /28s and the control plane's interfaces; an upgrade of it is another matter.
#[test]
fn what_is_needed_at_once_is_an_error_and_an_upgrade_is_not() {
    let text = |nodes: u32| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-east-1 }}\nzones: 3\n\
             vpc: {{ cidr: 10.0.0.0/20, secondaryCidrs: [100.64.0.0/16] }}\ntiers:\n\
             \x20 - {{ name: public, size: /27, egress: internet, serves: [externalLoadBalancers] }}\n\
             \x20 - {{ name: nodes, size: /28, egress: nat, serves: [nodes] }}\n\
             \x20 - {{ name: pods, size: /18, egress: nat, serves: [pods], from: 100.64.0.0/16 }}\ncluster: {{}}\n\
             awsNode: {{ customNetworking: {{ tier: pods }} }}\n\
             nodeGroups: [{{ name: g, tier: nodes, instanceTypes: [m6i.large], scaling: {{ min: 1, desired: {nodes}, max: {nodes} }} }}]\n"
        )
    };
    let found = |nodes| -> Vec<(&str, bool)> {
        let all = crate::support::findings(&text(nodes));
        let rooms = all.iter().filter(|one| one.rule.id.starts_with("CAP"));
        rooms.map(|one| (one.rule.id, one.is_error())).collect()
    };
    assert_eq!(found(10), [("CAP-01", false)]);
    assert_eq!(found(15), [("CAP-01", false)]);
    assert_eq!(found(30), [("CAP-02", true)]);
}

/// A group of one EKS node group per zone keeps its `max` as a whole, and says that none takes over for another.
#[test]
fn groups_of_one_zone_each_are_held_back() {
    let built = crate::support::build(&example("pod-tiers"));
    let loss = built.capacity.most.as_ref().unwrap().loss.as_ref().unwrap();
    let batch = loss.held_back.iter().find(|held| held.group == "batch").unwrap();
    assert_eq!((batch.nodes, batch.max), (30, 60));
    let maxima: u64 = built
        .template
        .resources()
        .filter(|(id, resource)| id.contains("Batch") && resource["Type"] == "AWS::EKS::Nodegroup")
        .map(|(_, group)| group["Properties"]["ScalingConfig"]["MaxSize"].as_u64().unwrap())
        .sum();
    assert_eq!(maxima, 60);
    assert!(built.intent.choices.0.iter().any(|choice| choice.what == "node group batch: scaling"));
}

fn example(name: &str) -> String {
    let path = crate::support::root().join(format!("blueprints/{name}.yaml"));
    std::fs::read_to_string(path).unwrap()
}
