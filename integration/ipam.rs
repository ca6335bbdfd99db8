//! Ranges of IPAM: a plan in a stand-in, what is open until the address is known, and the same plan once it is.

use std::collections::BTreeMap;

use eksnet::intent::ranges::read_back;
use eksnet::ledger::{KeptRange, Ledger};
use eksnet::line::Compiled;
use ipnet::Ipv4Net;
use proptest::prelude::*;

use crate::support::{POOLED as IPAM, build, build_over, findings, findings_with, run};

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

/// The same over what IPAM gave.
fn given(primary: Ipv4Net, pods: Ipv4Net) -> Compiled {
    let open = build(IPAM);
    let ranges =
        read_back(&open.intent.vpc.given, primary, &BTreeMap::from([("pods".to_string(), pods)]));
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = ranges;
    build_over(IPAM, Some(&ledger))
}

#[test]
fn until_the_range_is_known_the_plan_is_made_in_a_stand_in_and_nothing_is_given_out() {
    assert_eq!(findings(IPAM), []);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), IPAM).unwrap();
    let layout = run(folder.path(), &["layout", "shop.yaml", "-o", "json"], &[]);
    let json = layout.json();
    assert_eq!(json["subnets"].as_array().unwrap().len(), 6);
    let open: Vec<&str> = json["vpc"]["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(open, ["vpc.cidr", "vpc.secondaryCidrs[0]"]);
    for arguments in [["layout", "shop.yaml", "--write-lock"], ["layout", "shop.yaml", "--locked"]]
    {
        let refused = run(folder.path(), &arguments, &[]);
        assert!(refused.code == 1 && refused.err.contains("IPAM"), "{}", refused.err);
    }
    assert!(!folder.path().join("shop.lock.yaml").exists());
}

/// A stand-in is an address that EC2 refuses or gives out twice: it leaves in no template, and whoever sees it is told.
#[test]
fn what_stands_in_is_rendered_nowhere_and_told_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), IPAM).unwrap();
    let render = run(folder.path(), &["render", "shop.yaml"], &[]);
    assert_eq!((render.code, render.out.as_str()), (1, ""), "{}", render.err);
    assert!(render.err.contains("IPAM has not allocated"), "{}", render.err);
    for arguments in [&["layout", "shop.yaml"][..], &["diff", "shop.yaml", "--against", "nothing"]]
    {
        let run = run(folder.path(), arguments, &[]);
        assert!(run.err.contains("10.40.0.0/16 stands in for it"), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn who_deploys_from_a_pool_may_read_it_and_take_from_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), IPAM).unwrap();
    let custom = IPAM.replace("netmask: 16 }", "netmask: 16, allocation: custom }");
    std::fs::write(folder.path().join("custom.yaml"), custom).unwrap();
    let policy = |what: &str, file: &str| run(folder.path(), &["iam", what, file], &[]).out;
    let has = |text: &str, action: &str| text.contains(&format!("ec2:{action}"));
    for action in ["DescribeIpamPools", "GetIpamPoolAllocations", "GetIpamPoolCidrs"] {
        assert!(has(&policy("preview", "shop.yaml"), action), "{action}");
        assert!(has(&policy("deploy", "shop.yaml"), action), "{action}");
    }
    assert!(has(&policy("deploy", "shop.yaml"), "AllocateIpamPoolCidr"));
    assert!(!has(&policy("preview", "shop.yaml"), "AllocateIpamPoolCidr"));
    assert!(!has(&policy("deploy", "shop.yaml"), "ReleaseIpamPoolAllocation"));
    assert!(has(&policy("deploy", "custom.yaml"), "ReleaseIpamPoolAllocation"));
}

#[test]
fn the_vpc_takes_its_ranges_from_the_pools_for_good() {
    // Both ways to write a size are one.
    let slash = IPAM.replace("netmask: 18", "netmask: /18");
    assert_eq!(build(&slash).template.to_json(), build(IPAM).template.to_json());
    for compiled in [build(IPAM), given(net("10.52.0.0/16"), net("100.99.64.0/18"))] {
        let vpc = &compiled.template.resource("Vpc").unwrap()["Properties"];
        assert_eq!(vpc["Ipv4IpamPoolId"], "ipam-pool-0123456789abcdef0");
        assert_eq!(vpc["Ipv4NetmaskLength"], 16);
        assert!(vpc["CidrBlock"].is_null());
        let pods = &compiled.template.resource("VpcCidrPods").unwrap()["Properties"];
        assert_eq!(
            (&pods["Ipv4NetmaskLength"], &pods["CidrBlock"]),
            (&18.into(), &serde_json::Value::Null)
        );
    }
    let custom = IPAM.replace("netmask: 16 }", "netmask: 16, allocation: custom }");
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    let from = "ipam-pool-0123456789abcdef0/16".to_string();
    let range =
        KeptRange { cidr: net("10.52.0.0/16"), from, allocation: Some("ipam-pool-alloc-1".into()) };
    ledger.kept.ranges.insert("vpc".into(), range.clone());
    let compiled = build_over(&custom, Some(&ledger));
    assert_eq!(
        compiled.template.resource("Vpc").unwrap()["Properties"]["CidrBlock"],
        "10.52.0.0/16"
    );
    assert_eq!(compiled.plan.ledger.kept.ranges["vpc"], range);
}

#[test]
fn what_is_deployed_first_is_the_vpc_alone() {
    let first = build(IPAM).addresses_first().unwrap().unwrap();
    let ids: Vec<String> = first.resources().map(|(id, _)| id.to_string()).collect();
    assert_eq!(ids, ["Vpc", "VpcCidrPods"]);
    assert!(given(net("10.52.0.0/16"), net("100.99.64.0/18")).addresses_first().unwrap().is_none());
}

#[test]
fn the_lock_and_the_stack_keep_what_ipam_gave() {
    let compiled = given(net("10.52.0.0/16"), net("100.99.64.0/18"));
    assert!(compiled.plan.provisional.is_empty());
    let text = compiled.plan.ledger.to_text();
    let read = Ledger::from_text(&text, "shop.lock.yaml").unwrap();
    assert_eq!(read.kept.ranges, compiled.plan.ledger.kept.ranges);
    assert_eq!(read.vpc_cidr, Some(net("10.52.0.0/16")));
    assert_eq!(read.settled().kept.ranges, read.kept.ranges);
    let again = build_over(IPAM, Some(&read));
    assert_eq!(again.template.to_json(), compiled.template.to_json());
    // What a pool gave to a VPC that is gone, it gives to somebody else.
    assert!(read.unplaced().kept.ranges.is_empty());
}

#[test]
fn another_pool_or_size_would_be_another_range() {
    for (from, to) in [
        ("ipam-pool-0123456789abcdef0, netmask: 16", "ipam-pool-0123456789abcdef9, netmask: 16"),
        ("netmask: 16", "netmask: 17"),
    ] {
        let kept = |ledger: &mut Ledger| {
            let from = "ipam-pool-0123456789abcdef0/16".to_string();
            let range = KeptRange { cidr: net("10.52.0.0/16"), from, allocation: None };
            ledger.kept.ranges.insert("vpc".into(), range);
        };
        let found = findings_with(&IPAM.replace(from, to), &kept);
        let rules: Vec<&str> = found.iter().map(|one| one.rule.id).collect();
        assert_eq!(rules, ["IPAM-07"], "{to}: {found:#?}");
    }
}

/// Whoever writes out what IPAM gave changes nothing: pool and netmask stay in the template.
#[test]
fn a_range_that_is_written_out_keeps_its_pool() {
    let before = given(net("10.52.0.0/16"), net("100.99.64.0/18"));
    let written = IPAM
        .replace("{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }", "10.52.0.0/16")
        .replace(
            "{ name: pods, ipamPool: ipam-pool-0fedcba9876543210, netmask: 18 }",
            "100.99.64.0/18",
        )
        .replace("from: pods", "from: 100.99.64.0/18");
    let after = build_over(&written, Some(&before.plan.ledger));
    assert_eq!(after.template.to_json(), before.template.to_json());
    assert_eq!(after.plan.ledger.kept.ranges, before.plan.ledger.kept.ranges);
}

/// Another way of asking is another VPC, with the same range or another.
#[test]
fn a_range_keeps_the_way_in_which_it_was_asked_for() {
    let before = given(net("10.52.0.0/16"), net("100.99.64.0/18"));
    let by_pool = |ledger: &mut Ledger| *ledger = before.plan.ledger.clone();
    let literal =
        IPAM.replace("{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }", "10.52.0.0/16");
    let by_range = build(&literal);
    let by_hand = |ledger: &mut Ledger| *ledger = by_range.plan.ledger.clone();
    type Before<'b> = &'b dyn Fn(&mut Ledger);
    let rows: [(&str, String, Before<'_>); 4] = [
        ("custom", IPAM.replace("netmask: 16 }", "netmask: 16, allocation: custom }"), &by_pool),
        ("further", IPAM.replace("netmask: 18 }", "netmask: 18, allocation: custom }"), &by_pool),
        (
            "class",
            IPAM.replace(
                "{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
                "{ class: small }",
            ),
            &by_pool,
        ),
        ("pool", IPAM.to_string(), &by_hand),
    ];
    for (name, text, ledger) in rows {
        let found = findings_with(&text, ledger);
        // What is planned in a stand-in does not hold what exists (ADR-03).
        let rules: Vec<&str> =
            found.iter().map(|one| one.rule.id).filter(|id| *id != "ADR-03").collect();
        assert_eq!(rules, ["IPAM-07"], "{name}: {found:#?}");
    }
}

/// Whatever the lock says: a stack's VPC is not exchanged for one that is asked for in another way.
#[test]
fn a_change_of_the_pool_is_refused_of_the_stack_too() {
    let before = given(net("10.52.0.0/16"), net("100.99.64.0/18"));
    let literal =
        IPAM.replace("{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }", "10.52.0.0/16");
    let after = build(&literal);
    let preview = eksnet::preview::compare("shop", &before.template, &after.template, &after.graph);
    let found = preview.findings.iter().filter(|one| one.rule.id == "IPAM-07");
    let places: Vec<&str> = found.map(|one| one.path.as_str()).collect();
    assert_eq!(places, ["vpc.cidr"], "{:#?}", preview.findings);
}

#[test]
fn what_does_not_name_a_range_is_told() {
    for (from, to, rule) in [
        ("from: pods", "from: podz", "TIER-03"),
        ("name: pods, ipamPool", "name: vpc, ipamPool", "IPAM-08"),
        ("netmask: 18", "netmask: \"/018\"", "IPAM-02"),
        ("netmask: 16", "netmask: 16, class: small", "VPC-38"),
        (
            "name: pods, ipamPool: ipam-pool-0fedcba9876543210, netmask: 18",
            "name: pods, class: small",
            "VPC-38",
        ),
        ("cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }", "cidr: {}", "VPC-38"),
        ("cidr: { ipamPool", "cidr: { pool: x, ipamPool", "BP-01"),
    ] {
        let found = findings(&IPAM.replace(from, to));
        assert!(found.iter().any(|one| one.rule.id == rule), "{to}: {found:#?}");
    }
}

/// What hangs on the address is open until it is known: neither an error nor silence.
#[test]
fn nothing_is_held_against_the_address_of_a_stand_in() {
    let open = IPAM
        .replace("zones: 2\n", "zones: 2\ncluster: { serviceCidr: 10.40.0.0/16 }\n")
        .replace("vpc:\n", "vpc:\n  keepFree: [10.40.128.0/20]\n")
        .replace("name: nodes, size: /20,", "name: nodes, cidrs: [10.9.0.0/20, 10.9.16.0/20],");
    let errors = |found: Vec<eksnet::diagnostic::Diagnostic>| -> Vec<&'static str> {
        found.iter().filter(|one| one.is_error()).map(|one| one.rule.id).collect()
    };
    assert_eq!(errors(findings(&open)), [""; 0]);
    let compiled = build(&open);
    assert!(
        compiled
            .open()
            .iter()
            .any(|one| one.contains("tiers[1].cidrs") && one.contains("vpc.keepFree[0]")),
        "{:?}",
        compiled.open()
    );
    let with = |cidr: &str| {
        let cidr = net(cidr);
        errors(findings_with(&open, &move |ledger: &mut Ledger| {
            let pods = net("100.99.64.0/18");
            ledger.kept.ranges = read_back(
                &build(IPAM).intent.vpc.given,
                cidr,
                &BTreeMap::from([("pods".to_string(), pods)]),
            );
        }))
    };
    // Once it is known, all of it is judged.
    assert!(with("10.40.0.0/16").contains(&"SVC-02"));
    assert!(!with("10.9.0.0/16").contains(&"SVC-02") && !with("10.9.0.0/16").contains(&"TIER-09"));
    assert!(!with("10.52.0.0/16").is_empty(), "the pins are outside");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), &open).unwrap();
    let check = run(folder.path(), &["check", "shop.yaml"], &[]);
    assert!(check.err.contains("10.40.0.0/16 stands in for it"), "{}", check.err);
    let idle = IPAM.replace(", from: pods }", " }");
    let found = findings(&idle);
    let hint = found.iter().find(|one| one.rule.id == "VPC-34").unwrap().hint.clone().unwrap();
    assert!(hint.contains("`from: pods`"), "{hint}");
}

/// Reviewers see that the first deployment has two parts.
#[test]
fn the_first_preview_has_the_vpc_and_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), IPAM).unwrap();
    let diff = |format: &str| {
        run(folder.path(), &["diff", "shop.yaml", "--against", "nothing", "-o", format], &[])
    };
    let json = diff("json").json();
    let parts = json["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2, "{json}");
    let ids: Vec<&str> = parts[0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["logicalId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["Vpc", "VpcCidrPods"]);
    let count = |at: usize| parts[at]["summary"]["add"].as_u64().unwrap();
    assert_eq!(count(0) + count(1), json["summary"]["add"].as_u64().unwrap());
    assert!(diff("markdown").out.contains("1 of 2: the VPC, whose range IPAM chooses"));
    let custom = IPAM
        .replace("netmask: 16 }", "netmask: 16, allocation: custom }")
        .replace("netmask: 18 }", "netmask: 18, allocation: custom }");
    std::fs::write(folder.path().join("shop.yaml"), custom).unwrap();
    assert!(diff("json").json()["parts"].is_null(), "allocated before anything is deployed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever the base, the plan is the stand-in's, shifted.
    #[test]
    fn the_plan_is_the_same_in_any_range(primary in 2u32..250, pods in 0u32..64) {
        let primary = net(&format!("10.{primary}.0.0/16"));
        let pods = net(&format!("100.{}.64.0/18", 64 + pods));
        let (open, known) = (build(IPAM), given(primary, pods));
        let offset = |plan: &Compiled| -> Vec<(String, u32, u8)> {
            plan.plan.subnets.iter().map(|subnet| {
                let offset = u32::from(subnet.cidr.network()) - u32::from(subnet.pool.network());
                (format!("{} {}", subnet.tier, subnet.zone.id), offset, subnet.cidr.prefix_len())
            }).collect()
        };
        prop_assert_eq!(offset(&open), offset(&known));
        prop_assert!(known.plan.subnets.iter().all(|one| primary.contains(&one.cidr) || pods.contains(&one.cidr)));
    }
}
