//! What always holds of addresses, whatever is asked for and in whatever order.

use eksnet::address::pool::{Block, Pool};
use eksnet::address::{self, Ledger};
use eksnet::intent;
use eksnet::line::Compiled;
use ipnet::Ipv4Net;

use crate::support::{document, findings_with};

/// In a pool of 16 addresses with any of them taken, every set of blocks that can be placed is placed.
#[test]
fn whatever_fits_a_small_pool_is_placed() {
    let whole = Block { start: 0, bits: 4 };
    for taken in 0u32..1 << 8 {
        let mut pool = Pool::new(whole);
        (0..8u32)
            .filter(|at| taken & (1 << at) != 0)
            .for_each(|at| assert!(pool.claim(Block { start: u128::from(at) * 2, bits: 1 })));
        for ones in 0..=8u32 {
            for twos in 0..=4u32 {
                for fours in 0..=2u32 {
                    let mut wanted = vec![3u8; fours as usize];
                    wanted.extend(vec![2; twos as usize]);
                    wanted.extend(vec![1; ones as usize]);
                    let mut trial = pool.clone();
                    let placed = wanted.iter().all(|bits| trial.take(*bits).is_some());
                    assert_eq!(
                        placed,
                        placeable(!taken & 0xff, ones, twos, fours),
                        "taken {taken:08b}, {ones} × 2, {twos} × 4, {fours} × 8"
                    );
                }
            }
        }
    }
}

/// The same through the whole of allocation: whatever of a /25 is kept free, tiers in two zones get their subnets if there is any way.
#[test]
fn whatever_fits_is_given_out() {
    let text = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: p, region: us-west-2 }\nzones: 2\nvpc: { cidr: 10.0.0.0/25 }\ntiers: [{ name: t, size: /28, egress: none }]\n";
    let intent = crate::support::intent(text);
    let empty = Ledger::empty("p", "us-west-2");
    for taken in 0u32..1 << 8 {
        for counts in 0u32..27 {
            let counts = [counts % 3, counts / 3 % 3, counts / 9];
            let mut trial = intent.clone();
            trial.vpc.keep_free =
                (0..8u32).filter(|at| taken & (1 << at) != 0).map(|at| kept(at * 16)).collect();
            trial.tiers = [28, 27, 26]
                .into_iter()
                .zip(counts)
                .flat_map(|(len, zones)| one_tier(&intent, len, zones as usize))
                .collect();
            let placed = address::allocate(&trial, &empty).is_ok();
            assert_eq!(
                placed,
                placeable(!taken & 0xff, counts[0], counts[1], counts[2]),
                "taken {taken:08b}, /28 /27 /26: {counts:?}"
            );
        }
    }
}

fn kept(start: u32) -> intent::Written {
    intent::Written {
        cidr: Ipv4Net::new((u32::from(std::net::Ipv4Addr::new(10, 0, 0, 0)) + start).into(), 28)
            .unwrap(),
        path: String::new(),
    }
}

fn one_tier(intent: &intent::Intent, len: u8, zones: usize) -> Option<intent::Tier> {
    let like = &intent.tiers[0];
    (zones > 0).then(|| intent::Tier {
        name: format!("t{len}"),
        size: intent::Size::Fixed(len),
        zones: intent.zones[..zones].to_vec(),
        ..like.clone()
    })
}

/// The oracle: tries every place. `free` has a bit for each free pair of addresses.
fn placeable(free: u32, ones: u32, twos: u32, fours: u32) -> bool {
    let try_at = |width: u32, next: &dyn Fn(u32) -> bool| {
        (0..8 / width).any(|at| {
            let mask = ((1u32 << width) - 1) << (at * width);
            free & mask == mask && next(free & !mask)
        })
    };
    match (fours, twos, ones) {
        (0, 0, 0) => true,
        (0, 0, ones) => ones <= free.count_ones(),
        (0, twos, ones) => try_at(2, &|rest| placeable(rest, ones, twos - 1, 0)),
        (fours, twos, ones) => try_at(4, &|rest| placeable(rest, ones, twos, fours - 1)),
    }
}

#[test]
fn a_renamed_tier_keeps_its_subnets_and_their_place_in_the_stack() {
    let before = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: p, region: us-west-2 }\nzones: 2\ntiers: [{ name: data, size: /24, egress: none }]\n";
    let first = crate::support::build(before);
    let after = crate::support::build_over(
        &before.replace("name: data", "name: databases, renamedFrom: data"),
        Some(&first.plan.ledger),
    );
    let cidrs =
        |built: &Compiled| built.plan.subnets.iter().map(|subnet| subnet.cidr).collect::<Vec<_>>();
    assert_eq!(cidrs(&first), cidrs(&after));
    assert!(after.graph.resources.contains_key("SubnetDataUsw2Az1"));
    // and again, once `renamedFrom` has served and is gone
    let later = crate::support::build_over(
        &before.replace("name: data", "name: databases"),
        Some(&after.plan.ledger),
    );
    assert_eq!(cidrs(&first), cidrs(&later));
    assert!(later.graph.resources.contains_key("SubnetDataUsw2Az1"));
}

#[test]
fn a_size_that_is_taken_back_finds_its_old_prefix() {
    let text = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: p, region: us-west-2 }\nzones: 2\ntiers: [{ name: data, size: /24, egress: none }]\n";
    let first = crate::support::build(text);
    let second = crate::support::build_over(&text.replace("/24", "/25"), Some(&first.plan.ledger));
    assert_ne!(first.plan.subnets[0].cidr, second.plan.subnets[0].cidr);
    let third = crate::support::build_over(text, Some(&second.plan.ledger));
    assert_eq!(first.plan.subnets, third.plan.subnets);
}

#[test]
fn a_range_of_a_removed_tier_is_not_given_out_before_the_next_deployment() {
    let text = |tier: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nzones: 2\ntiers: [{{ name: {tier}, size: /24, egress: none }}]\n"
        )
    };
    let first = crate::support::build(&text("old"));
    let second = crate::support::build_over(&text("new"), Some(&first.plan.ledger));
    assert!(
        second.plan.subnets.iter().all(|subnet| !first
            .plan
            .subnets
            .iter()
            .any(|old| old.cidr == subnet.cidr))
    );
    let settled = crate::support::build_over(
        &text("next"),
        Some(&Ledger { subnets: Vec::new(), ..second.plan.ledger.settled() }),
    );
    assert_eq!(settled.plan.subnets[0].cidr, first.plan.subnets[0].cidr);
}

#[test]
fn unusual_but_legal_designs_raise_no_alarm() {
    let designs = [
        "vpc: { cidr: 192.168.0.0/28 }\nzones: 1\ntiers: [{ name: tiny, size: /28, egress: none }]",
        "vpc: { cidr: 100.64.0.0/16 }\nzones: 2",
        "vpc: { cidr: 10.2.0.0/16, secondaryCidrs: [10.3.0.0/16, 100.64.0.0/16], keepFree: [10.3.0.0/17, 100.64.0.0/16] }\nzones: 2",
        "vpc: { cidr: 172.16.0.0/16 }\nzones: 4",
    ];
    for design in designs {
        let text = format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\n{design}\n"
        );
        assert_eq!(findings_with(&text, &|_| {}), [], "{design}");
    }
}

const NETWORK: &str = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: p, region: us-west-2 }\nzones: 2\ntiers:\n";

fn over(tiers: &str, before: &Compiled) -> Compiled {
    crate::support::build_over(&format!("{NETWORK}{tiers}"), Some(&before.plan.ledger))
}

fn cidrs(built: &Compiled, tier: &str) -> Vec<Ipv4Net> {
    built.plan.of_tier(tier).map(|subnet| subnet.cidr).collect()
}

#[test]
fn a_name_that_was_given_up_may_be_used_again() {
    let first =
        crate::support::build(&format!("{NETWORK}  - {{ name: a, size: /24, egress: none }}\n"));
    let renamed = over("  - { name: b, size: /24, egress: none, renamedFrom: a }\n", &first);
    let again = over(
        "  - { name: b, size: /24, egress: none }\n  - { name: a, size: /24, egress: none }\n",
        &renamed,
    );
    assert_eq!(cidrs(&again, "b"), cidrs(&first, "a"));
    assert_ne!(cidrs(&again, "a"), cidrs(&first, "a"));
    let later = over(
        "  - { name: a, size: /24, egress: none }\n  - { name: b, size: /24, egress: none }\n",
        &again,
    );
    assert_eq!(later.template.to_json(), again.template.to_json());
}

#[test]
fn a_rename_that_is_taken_back_moves_nothing() {
    let first =
        crate::support::build(&format!("{NETWORK}  - {{ name: a, size: /24, egress: none }}\n"));
    let renamed = over("  - { name: b, size: /24, egress: none, renamedFrom: a }\n", &first);
    let back = over("  - { name: a, size: /24, egress: none }\n", &renamed);
    assert_eq!(cidrs(&back, "a"), cidrs(&first, "a"));
}

#[test]
fn a_tier_renamed_onto_a_removed_one_keeps_its_own_subnets() {
    let first = crate::support::build(&format!(
        "{NETWORK}  - {{ name: a, size: /24, egress: none }}\n  - {{ name: b, size: /24, egress: none }}\n"
    ));
    let renamed = over("  - { name: b, size: /24, egress: none, renamedFrom: a }\n", &first);
    assert_eq!(cidrs(&renamed, "b"), cidrs(&first, "a"));
}

#[test]
fn zones_by_name_instead_of_by_id_and_back_replace_nothing() {
    let text = format!("{NETWORK}  - {{ name: a, size: /24, egress: none }}\n");
    let ids = crate::support::build(&text);
    let names = crate::support::build_over(
        &text.replace("zones: 2", "zones: [us-west-2a, us-west-2b]"),
        Some(&ids.plan.ledger),
    );
    assert_eq!(ids.template.value["Resources"], names.template.value["Resources"]);
    let by_name =
        crate::support::build(&text.replace("zones: 2", "zones: [us-west-2a, us-west-2b]"));
    assert!(by_name.template.to_json().contains("\"AvailabilityZone\":\"us-west-2a\""));
    let back = crate::support::build_over(&text, Some(&by_name.plan.ledger));
    assert_eq!(by_name.template.value["Resources"], back.template.value["Resources"]);
}

#[test]
fn the_order_of_zones_changes_no_resource() {
    let text =
        std::fs::read_to_string(crate::support::root().join("blueprints/secondary-pods.yaml"))
            .unwrap();
    let one =
        crate::support::build(&text.replace("zones: 3", "zones: [usw2-az1, usw2-az2, usw2-az3]"));
    let other =
        crate::support::build(&text.replace("zones: 3", "zones: [usw2-az3, usw2-az1, usw2-az2]"));
    assert_eq!(one.template.to_json(), other.template.to_json());
}

#[test]
fn a_pin_takes_nothing_that_still_stands() {
    let first =
        crate::support::build(&format!("{NETWORK}  - {{ name: old, size: /24, egress: none }}\n"));
    let standing = cidrs(&first, "old")[0];
    let document = document(&format!(
        "{NETWORK}  - {{ name: new, size: /24, egress: none, cidrs: {{ usw2-az1: {standing} }} }}\n"
    ));
    let intent = intent::resolve(
        &document.blueprint,
        &eksnet::observed::Observed::default(),
        &eksnet::ledger::Kept::default(),
    )
    .0
    .unwrap();
    let refused = address::allocate(&intent, &first.plan.ledger).unwrap_err();
    assert_eq!(refused[0].rule, "ADR-02");
}

#[test]
fn a_tier_sized_by_demand_keeps_what_stands_however_it_was_named_in_between() {
    let a = format!("{NETWORK}  - {{ name: a, size: auto, egress: none }}\n");
    let first = crate::support::build(&a.replace("size: auto", "size: /26"));
    let renamed = over("  - { name: b, size: auto, egress: none, renamedFrom: a }\n", &first);
    assert_eq!(cidrs(&renamed, "b"), cidrs(&first, "a"));
    let back = over("  - { name: a, size: auto, egress: none }\n", &renamed);
    assert_eq!(cidrs(&back, "a"), cidrs(&first, "a"));
    let gone = over("  - { name: z, size: /28, egress: none }\n", &first);
    let again = over("  - { name: a, size: auto, egress: none }\n", &gone);
    assert_eq!(
        cidrs(&again, "a"),
        cidrs(&first, "a"),
        "what was removed and not deployed still stands"
    );
}

#[test]
fn a_standing_pin_may_lie_in_what_is_kept_free_later() {
    let pinned = "  - { name: a, size: /24, egress: none, cidrs: { usw2-az1: 10.40.8.0/24 } }\n";
    let first = crate::support::build(&format!("{NETWORK}{pinned}"));
    let kept = format!(
        "{}{pinned}",
        NETWORK.replace("tiers:", "vpc: { keepFree: [10.40.8.0/22] }\ntiers:")
    );
    assert_eq!(
        cidrs(&crate::support::build_over(&kept, Some(&first.plan.ledger)), "a"),
        cidrs(&first, "a")
    );
}

#[test]
fn a_name_in_the_stack_is_claimed_by_one_tier_only() {
    let first =
        crate::support::build(&format!("{NETWORK}  - {{ name: a, size: /24, egress: none }}\n"));
    let renamed = over("  - { name: b, size: /24, egress: none, renamedFrom: a }\n", &first);
    let both = over(
        "  - { name: a, size: /24, egress: none }\n  - { name: c, size: /24, egress: none, renamedFrom: b }\n",
        &renamed,
    );
    assert_eq!(cidrs(&both, "c"), cidrs(&first, "a"));
}

/// The NAT gateway's own subnet decides its name: another host, another gateway and address beside the old ones.
#[test]
fn a_nat_gateway_never_changes_its_subnet_under_its_address() {
    let text = |tiers: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nzones: 1\negress: {{ nat: single }}\ntiers:\n{tiers}  - {{ name: nodes, size: /24, egress: nat }}\n"
        )
    };
    let first = crate::support::build(&text(
        "  - { name: a-public, size: /26, egress: internet }\n  - { name: b-public, size: /26, egress: internet }\n",
    ));
    let renamed = text(
        "  - { name: z-public, renamedFrom: a-public, size: /26, egress: internet }\n  - { name: b-public, size: /26, egress: internet }\n",
    );
    let renamed = crate::support::build_over(&renamed, Some(&first.plan.ledger));
    let gateways = |built: &Compiled| {
        built
            .graph
            .resources
            .keys()
            .filter(|id| id.starts_with("NatGateway"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(gateways(&renamed), gateways(&first));
    let left = crate::support::build_over(
        &text("  - { name: b-public, size: /26, egress: internet }\n"),
        Some(&first.plan.ledger),
    );
    assert_ne!(gateways(&left), gateways(&first));
    assert!(
        left.graph
            .resources
            .keys()
            .filter(|id| id.starts_with("ElasticIp"))
            .all(|id| !first.graph.resources.contains_key(id))
    );
}

fn row(name: &str, former: Option<&str>) -> String {
    let former = former.map_or(String::new(), |former| format!(", renamedFrom: {former}"));
    format!("  - {{ name: {name}, size: /24, egress: none{former} }}\n")
}

/// What a template makes of a tier, whoever is called how.
fn ids(built: &Compiled) -> Vec<&String> {
    built.template.resources().map(|(id, _)| id).collect()
}

#[test]
fn two_names_that_are_swapped_move_nothing_once_or_twice() {
    let first = crate::support::build(&format!("{NETWORK}{}{}", row("a", None), row("b", None)));
    let swap = row("b", Some("a")) + &row("a", Some("b"));
    let swapped = over(&swap, &first);
    assert_eq!(cidrs(&swapped, "b"), cidrs(&first, "a"));
    assert_eq!(cidrs(&swapped, "a"), cidrs(&first, "b"));
    assert_eq!(ids(&swapped), ids(&first));
    // `renamedFrom` may stay as long as it likes.
    let again = over(&swap, &swapped);
    assert_eq!(again.template.to_json(), swapped.template.to_json());
    let gone = over(&(row("b", None) + &row("a", None)), &again);
    assert_eq!(gone.template.to_json(), swapped.template.to_json());
    // and back
    let back = over(&(row("b", Some("a")) + &row("a", Some("b"))), &gone);
    assert_eq!(back.template.to_json(), swapped.template.to_json());
}

#[test]
fn a_new_tier_under_a_renamed_ones_old_name_moves_nothing() {
    for chain in [false, true] {
        let mut before =
            crate::support::build(&format!("{NETWORK}{}{}", row("a", None), row("b", None)));
        if chain {
            before = over(&(row("a", None) + &row("c", Some("b"))), &before);
        }
        let old = if chain { "c" } else { "b" };
        let tiers = row("a", None) + &row("new", Some(old)) + &row(old, None);
        let after = over(&tiers, &before);
        assert_eq!(cidrs(&after, "new"), cidrs(&before, old));
        assert!(cidrs(&after, old).iter().all(|cidr| !cidrs(&before, old).contains(cidr)));
        assert!(ids(&before).iter().all(|id| ids(&after).contains(id)));
        let again = over(&tiers, &after);
        assert_eq!(again.template.to_json(), after.template.to_json());
    }
}

#[test]
fn a_number_that_tells_a_new_tier_apart_is_no_other_tiers_name() {
    let first = crate::support::build(&format!("{NETWORK}{}{}", row("a", None), row("a2", None)));
    let renamed = over(&(row("b", Some("a")) + &row("a2", None) + &row("a", None)), &first);
    assert_eq!(renamed.graph.collisions, []);
    assert_eq!(ids(&renamed).len(), ids(&first).len() * 3 / 2);
}

#[test]
fn who_has_which_subnets_must_be_known_for_a_rename() {
    let text = format!("{NETWORK}{}{}", row("a", None), row("b", Some("a")));
    let told = |edit: &dyn Fn(&mut Ledger)| {
        let found = findings_with(&text, edit);
        found.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(told(&|_| {}), ["TIER-06"]);
    let both = crate::support::build(&format!("{NETWORK}{}{}", row("a", None), row("b", None)));
    assert_eq!(told(&|ledger| *ledger = both.plan.ledger.clone()), ["TIER-06"]);
}

/// The hints are taken, and what they say is so.
#[test]
fn a_new_zone_that_does_not_fit_is_told_a_way_that_works() {
    let text = |zones: &str, vpc: &str, tier: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nzones: [{zones}]\nvpc: {{ cidr: 10.40.0.0/23{vpc} }}\ntiers: [{{ name: a, size: /24, egress: none{tier} }}]\n"
        )
    };
    let first = crate::support::build(&text("usw2-az1, usw2-az2", "", ""));
    let found = findings_with(&text("usw2-az1, usw2-az2, usw2-az3", "", ""), &|ledger| {
        *ledger = first.plan.ledger.clone();
    });
    let hint = found[0].hint.as_deref().unwrap();
    for part in ["add `100.64.0.0/24` to", "cidrs: { usw2-az3: 100.64.0.0/24 }", "a second tier"] {
        assert!(hint.contains(part), "{hint}");
    }
    let taken = text(
        "usw2-az1, usw2-az2, usw2-az3",
        ", secondaryCidrs: [100.64.0.0/24]",
        ", cidrs: { usw2-az3: 100.64.0.0/24 }",
    );
    let after = crate::support::build_over(&taken, Some(&first.plan.ledger));
    assert!(cidrs(&first, "a").iter().all(|cidr| cidrs(&after, "a").contains(cidr)));
}

#[test]
fn room_that_a_removed_tier_holds_until_it_is_gone_is_said_to_come() {
    let text = |name: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nzones: 2\nvpc: {{ cidr: 10.40.0.0/23 }}\ntiers: [{{ name: {name}, size: /24, egress: none }}]\n"
        )
    };
    let first = crate::support::build(&text("a"));
    let found = findings_with(&text("b"), &|ledger| *ledger = first.plan.ledger.clone());
    assert_eq!(found[0].rule.id, "ADR-04");
    assert!(found[0].hint.as_deref().unwrap().contains("deploy the removal first"), "{found:?}");
}
