//! The closed forms of aws-node's pool against a simulator of its loop: every shape of instance, every mode, warm settings, pod counts.

use std::collections::BTreeSet;

use eksnet::demand::{Held, Machine, System};
use eksnet::facts::instances::{self, Instance};
use eksnet::intent::AwsNode;
use eksnet::intent::aws_node::{CustomNetworking, Enforcing, Warm};

use crate::ipamd::{Node, Settled, settle_at_once, settle_churned, settle_each};

/// One instance type of each shape.
fn shapes() -> Vec<&'static Instance> {
    let mut seen = BTreeSet::new();
    let mut shapes = instances::all();
    shapes.retain(|instance| {
        instance.prefixes
            && instance.branches.is_some()
            && seen.insert((instance.interfaces, instance.addresses))
    });
    shapes
}

fn warm(
    enis: Option<u64>,
    prefixes: Option<u64>,
    ips: Option<u64>,
    minimum_ips: Option<u64>,
) -> Warm {
    Warm { enis, prefixes, ips, minimum_ips }
}

fn targets() -> Vec<Warm> {
    let mut all = vec![
        warm(None, None, None, None),
        warm(Some(0), Some(0), None, None),
        warm(Some(2), Some(2), None, None),
    ];
    all.extend([5, 20].map(|spare| warm(Some(spare), Some(spare), None, None)));
    all.extend(
        [(1, 0), (5, 0), (5, 20), (20, 5), (40, 60), (0, 10)]
            .map(|(ips, floor)| warm(None, None, Some(ips), Some(floor))),
    );
    all
}

/// (prefix delegation, custom networking, security groups for pods, node subnet excluded)
fn modes() -> impl Iterator<Item = [bool; 4]> {
    (0..16u32)
        .map(|mode| [1, 2, 4, 8].map(|bit| mode & bit != 0))
        .filter(|[_, custom, _, excluded]| !(*custom && *excluded))
}

fn settings([prefixes, custom, groups, _]: [bool; 4], warm: Warm) -> AwsNode {
    AwsNode {
        prefix_delegation: prefixes,
        custom_networking: custom
            .then(|| CustomNetworking { tier: "pods".into(), ..CustomNetworking::default() }),
        pod_security_groups: groups.then_some(Enforcing::Standard),
        warm,
        ..AwsNode::default()
    }
}

fn simulated(machine: &Machine<'_>, max_pods: u64) -> Node {
    let warm = machine.node.warm;
    Node {
        interfaces: machine.instance.interfaces,
        addresses: machine.instance.addresses,
        max_pods,
        max_enis: machine.node.max_interfaces,
        prefix_delegation: machine.node.prefix_delegation,
        custom_networking: machine.node.custom_networking.is_some(),
        trunk: machine.node.pod_security_groups.is_some(),
        excluded_primary: machine.primary_excluded,
        warm_enis: warm.enis,
        warm_prefixes: warm.prefixes,
        warm_ips: warm.ips,
        minimum_ips: warm.minimum_ips,
    }
}

/// The pool, and the addresses of the interfaces that carry it; the first interface has its own even with an empty pool.
fn held(machine: &Machine<'_>, settled: Settled) -> Held {
    let interfaces = settled.interfaces.max(u64::from(!machine.primary_is_bare()));
    Held { singles: interfaces + settled.addresses, prefixes: settled.prefixes }
}

/// Every machine of one shape, with the numbers of max pods that are worth a look.
fn each_machine(check: impl Fn(&Machine<'_>, u64)) {
    for instance in shapes() {
        for mode in modes() {
            for warm in targets() {
                for most in [None, Some(2)] {
                    let node = AwsNode { max_interfaces: most, ..settings(mode, warm) };
                    let machine = Machine {
                        instance,
                        node: &node,
                        primary_excluded: mode[3],
                        system: System::Linux,
                        most: None,
                    };
                    let density = machine.density();
                    for max_pods in BTreeSet::from([density.max_pods, density.max_pods.min(11)]) {
                        check(&machine, max_pods);
                    }
                }
            }
        }
    }
}

#[test]
fn the_closed_forms_are_what_the_pool_loop_settles_at() {
    each_machine(|machine, max_pods| {
        for (pods, settled) in
            settle_each(&simulated(machine, max_pods), max_pods, 0).into_iter().enumerate()
        {
            assert_eq!(
                machine.pool(pods as u64, max_pods),
                held(machine, settled),
                "{} with {pods} of {max_pods} pods: {:?}",
                machine.instance.name,
                machine.node
            );
        }
    });
}

/// Whatever order Go walks its maps in, and however many pods come at once.
#[test]
fn the_worst_is_never_exceeded() {
    each_machine(|machine, max_pods| {
        let worst = machine.pool_at_worst(max_pods);
        let node = simulated(machine, max_pods);
        let bursts = [1, 7, max_pods / 2, max_pods].map(|pods| settle_at_once(&node, pods, 7));
        for settled in settle_each(&node, max_pods, 3).into_iter().chain(bursts) {
            let held = held(machine, settled);
            assert!(
                held.singles <= worst.singles && held.prefixes <= worst.prefixes,
                "{held:?} > {worst:?}: {} {max_pods} {:?}",
                machine.instance.name,
                machine.node
            );
        }
    });
}

/// The planned pool is the peak's: no order of pods and prefixes takes more with as many pods or fewer.
#[test]
fn no_order_of_placement_takes_more_than_is_planned() {
    let common = ["m6i.large", "m6i.xlarge", "c7g.4xlarge", "m7g.medium", "t3.small"];
    for instance in common.map(|name| instances::find(name).unwrap()) {
        for warm in targets() {
            for mode in [[true, false, false, false], [true, true, false, false]] {
                let node = settings(mode, warm);
                let machine = Machine {
                    instance,
                    node: &node,
                    primary_excluded: false,
                    system: System::Linux,
                    most: None,
                };
                let max_pods = machine.density().max_pods;
                let simulator = simulated(&machine, max_pods);
                for seed in [0, 5, 11] {
                    let states = settle_each(&simulator, max_pods, seed).into_iter().enumerate();
                    states.for_each(|(pods, settled)| {
                        planned_covers(&machine, (pods as u64, max_pods), settled);
                    });
                }
                for pods in [1, 2, 7, 20, max_pods / 2].map(|pods| pods.min(max_pods)) {
                    for settled in
                        [settle_at_once(&simulator, pods, 13), settle_churned(&simulator, pods)]
                    {
                        planned_covers(&machine, (pods, max_pods), settled);
                    }
                }
            }
        }
    }
}

fn planned_covers(machine: &Machine<'_>, (pods, max_pods): (u64, u64), settled: Settled) {
    let (planned, held) = (machine.pool_at_peak(pods, max_pods), held(machine, settled));
    assert!(
        held.singles <= planned.singles && held.prefixes <= planned.prefixes,
        "{held:?} > {planned:?} with {pods} of {max_pods} pods: {} {:?}",
        machine.instance.name,
        machine.node
    );
}

/// m6i.xlarge, `warm.prefixes: 4`, 20 pods: six prefixes where each is filled before the next, eight or nine where Go walks them at
/// random, nine once pods have come and gone.
#[test]
fn four_warm_prefixes_are_up_to_nine() {
    let instance = instances::find("m6i.xlarge").unwrap();
    let node = settings([true, false, false, false], warm(None, Some(4), None, None));
    let machine = Machine {
        instance,
        node: &node,
        primary_excluded: false,
        system: System::Linux,
        most: None,
    };
    let simulator = simulated(&machine, 110);
    let addresses = |settled| held(&machine, settled).addresses();
    assert_eq!(machine.pool(20, 110).addresses(), 97);
    assert_eq!(machine.pool_at_peak(20, 110).addresses(), 145);
    assert_eq!(addresses(settle_each(&simulator, 20, 0)[20]), 97);
    for seed in 1..40 {
        let found = addresses(settle_each(&simulator, 20, seed)[20]);
        assert!([113, 129, 145].contains(&found), "{found}");
    }
    // At 17 pods the fifth prefix is full but for the spare: the peak is reached, and not only bounded.
    let peak = (1..=20).map(|pods| addresses(settle_churned(&simulator, pods))).max();
    assert_eq!(peak, Some(145));
}

/// Any number of zones: four with eight subnets and more, where a peer that asks `Fn::Cidr` for a fixed number breaks.
#[test]
fn an_ipv6_cluster_has_as_many_zones_as_its_region() {
    for (region, zones) in [("us-west-2", 4), ("us-east-1", 5), ("ap-northeast-2", 4)] {
        let text = format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: many, region: {region} }}\nzones: {zones}\nvpc: {{ cidr: 10.0.0.0/16, ipv6: amazon }}\n\
             tiers:\n  - {{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }}\n  - {{ name: nodes, size: /22, egress: nat, serves: [nodes] }}\n\
             \x20 - {{ name: data, size: /26, egress: none }}\n  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}\n\
             cluster: {{ ipFamily: ipv6 }}\nnodeGroups: [{{ name: general, tier: nodes, instanceTypes: [m6i.large] }}]\n"
        );
        let built = crate::support::build(&text);
        let mut slots: Vec<u32> =
            built.plan.subnets.iter().map(|subnet| subnet.ipv6_slot.unwrap()).collect();
        let count = slots.len();
        slots.sort_unstable();
        slots.dedup();
        assert_eq!(
            (slots.len(), count),
            (4 * zones, 4 * zones),
            "{region}, {zones} zones: every subnet has a /64 of its own"
        );
        let blocks = built
            .template
            .resources()
            .filter(|(_, resource)| !resource["Properties"]["Ipv6CidrBlock"].is_null())
            .count();
        assert_eq!(blocks, 4 * zones, "{region}, {zones} zones");
    }
}
