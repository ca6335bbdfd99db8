//! The first deployment of a VPC whose ranges IPAM gives, against doubles: what is asked once, what is asked again, and what is read back.

use std::collections::BTreeMap;

use eksnet::aws::port::{Associated, StackResource};
use eksnet::deploy::addresses::{self, First};
use eksnet::deploy::apply::Run;
use eksnet::deploy::{Deployment, Outcome, Reply};
use eksnet::diagnostic::Failure;
use eksnet::ledger::{KeptRange, Ledger};
use eksnet::line::Compiled;
use eksnet::template::Template;

use crate::doubles::{Paused, ready};
use crate::stage::{Play, at, options};
use crate::support::{build, build_over};

const POOLED: &str = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: shop, region: eu-west-1 }
zones: 2
vpc:
  cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }
  secondaryCidrs: [{ name: pods, ipamPool: ipam-pool-0fedcba9876543210, netmask: 18 }]
tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, serves: [nodes] }
  - { name: pods, size: /20, serves: [pods], from: pods }
"#;

fn custom() -> String {
    POOLED
        .replace("netmask: 16 }", "netmask: 16, allocation: custom }")
        .replace("netmask: 18 }", "netmask: 18, allocation: custom }")
}

type Ranges = BTreeMap<String, KeptRange>;

fn allocated(play: &Play<'_>, compiled: &Compiled) -> Result<Option<Ranges>, Failure> {
    play.run(async |stage| addresses::allocate(stage, &compiled.intent).await)
}

/// The VPC with what IPAM gave, and its second range.
fn standing(play: &mut Play<'_>) {
    let resource = |id: &str, physical_id: &str| StackResource {
        id: id.into(),
        physical_id: physical_id.into(),
        status: "CREATE_COMPLETE".into(),
        ..StackResource::default()
    };
    play.script.existing =
        vec![resource("Vpc", "vpc-1"), resource("VpcCidrPods", "vpc-cidr-assoc-2|vpc-1")];
    let range = |id: &str, cidr: &str, primary| Associated {
        id: id.into(),
        cidr: cidr.parse().unwrap(),
        primary,
    };
    *play.script.ranges.borrow_mut() = vec![
        range("vpc-cidr-assoc-9", "100.99.0.0/16", false),
        range("vpc-cidr-assoc-2", "100.70.64.0/18", false),
        range("vpc-cidr-assoc-1", "10.52.0.0/16", true),
    ];
}

fn first(play: &Play<'_>, compiled: &Compiled) -> Result<First, Failure> {
    let (before, options) = (Template::nothing(), options());
    let deployment =
        Deployment { compiled, stack: None, before: &before, options: &options, part: None };
    play.run(async |stage| addresses::deploy(stage, &deployment).await)
}

#[test]
fn an_allocation_is_asked_for_once_and_found_again() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
    let given = allocated(&play, &compiled).unwrap().unwrap();
    assert_eq!(given.keys().collect::<Vec<_>>(), ["pods", "vpc"]);
    assert!(given.values().all(|range| range.allocation.is_some()), "{given:?}");
    assert_eq!(play.script.count("allocate"), 2);
    // A run that was killed before the lock was written asks nobody, and takes nothing more.
    assert_eq!(allocated(&play, &compiled).unwrap().unwrap(), given);
    assert_eq!(play.script.count("allocate"), 2);
    // The lock keeps them, and the stack is made over them in one part.
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = given;
    let known = build_over(&custom(), Some(&ledger));
    assert!(known.addresses_first().unwrap().is_none());
    assert!(known.template.to_json().contains("10.52.0.0/16"), "{:?}", known.plan);
}

/// The answer is lost, and the allocation is not listed yet: the token is the same, so is the range.
#[test]
fn a_lost_answer_costs_no_second_range() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let mut play = Play::new(&clock, Vec::new(), &[Reply::Yes, Reply::Yes]);
    play.script = play.script.refusing("allocate lost", "", "connection closed");
    let failure = allocated(&play, &compiled).unwrap_err();
    assert!(failure.chain().contains("cannot allocate a /16"), "{}", failure.chain());
    let made = play.script.allocated.borrow().clone();
    assert_eq!(made.len(), 1);
    let requests = addresses::requests(&compiled.intent, "111122223333");
    let tokens: Vec<&String> = requests.iter().map(|(_, request)| &request.token).collect();
    assert!(tokens[0] != tokens[1] && made.contains_key(tokens[0]));
    // Another account, Region, name or size has a token of its own.
    let other = addresses::requests(&compiled.intent, "444455556666");
    assert_ne!(other[0].1.token, *tokens[0]);
    let given = allocated(&play, &compiled).unwrap().unwrap();
    assert_eq!(given["vpc"].cidr, made[tokens[0]].1.cidr);
    assert_eq!(play.script.allocated.borrow().len(), 2);
}

#[test]
fn a_no_allocates_nothing() {
    for (reply, words) in [(Reply::No, None), (Reply::Nobody, Some("no interactive terminal"))] {
        let (clock, compiled) = (Paused::default(), build(&custom()));
        let play = Play::new(&clock, Vec::new(), &[reply]);
        match (allocated(&play, &compiled), words) {
            (Ok(None), None) => {}
            (Err(failure), Some(words)) => assert!(failure.chain().contains(words)),
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(play.script.count("allocate"), 0);
    }
}

/// What is connected and would be inside of the range is not given.
#[test]
fn a_range_around_a_connected_network_is_not_asked_for() {
    let routes = "routes: [{ to: 10.52.8.0/24, via: pcx-0123456789abcdef0 }, { to: 10.0.0.0/8, via: pcx-0123456789abcdef0 }]";
    let text = custom().replace("name: nodes,", &format!("name: nodes, {routes},"));
    let requests = addresses::requests(&build(&text).intent, "111122223333");
    let disallowed: Vec<String> =
        requests[0].1.disallowed.iter().map(ToString::to_string).collect();
    assert_eq!(disallowed, ["10.52.8.0/24"]);
}

#[test]
fn the_vpc_comes_first_and_its_ranges_are_read_back() {
    let (clock, compiled) = (Paused::default(), build(POOLED));
    let scenes = vec![
        at(2, "CREATE_IN_PROGRESS", &[(1, "eksnet-shop", "CREATE_IN_PROGRESS")]),
        at(9, "CREATE_COMPLETE", &[(2, "eksnet-shop", "CREATE_COMPLETE")]),
    ];
    let mut play = Play::new(&clock, scenes, &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![crate::stage::added()]));
    standing(&mut play);
    let First::Deployed { ranges, outcome } = first(&play, &compiled).unwrap() else { panic!() };
    assert!(matches!(outcome, Outcome::BetweenParts { done: 1, count: 2, .. }), "{outcome:?}");
    let cidrs: Vec<_> =
        ranges.iter().map(|(name, range)| (name.as_str(), range.cidr.to_string())).collect();
    assert_eq!(
        cidrs,
        [("pods", "100.70.64.0/18".to_string()), ("vpc", "10.52.0.0/16".to_string())]
    );
    let sent = &play.script.requests.borrow()[0].template;
    let text = format!("{sent:?}");
    assert!(text.contains("Ipv4IpamPoolId") && !text.contains("AWS::EC2::Subnet"), "{text}");
    // Killed before the lock was written: the next run reads the same, and deploys nothing for it.
    let again = play.run(async |stage| addresses::read(stage.world, &compiled).await);
    assert_eq!(again.unwrap().unwrap(), ranges);
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = ranges;
    let known = build_over(POOLED, Some(&ledger));
    assert!(known.plan.provisional.is_empty());
    let pods = known.plan.subnets.iter().find(|one| one.tier == "pods").unwrap();
    assert!("100.70.64.0/18".parse::<ipnet::Ipv4Net>().unwrap().contains(&pods.cidr));
}

#[test]
fn a_vpc_that_is_refused_or_rolled_back_gives_no_range() {
    let (clock, compiled) = (Paused::default(), build(POOLED));
    let mut play = Play::new(&clock, Vec::new(), &[Reply::No]);
    play.script = play.script.answering(ready(vec![crate::stage::added()]));
    assert!(matches!(first(&play, &compiled), Ok(First::Ended(Run::Declined))));
    assert_eq!(play.script.count("execute"), 0);
    let clock = Paused::default();
    let scenes = vec![
        at(2, "CREATE_IN_PROGRESS", &[(1, "eksnet-shop", "CREATE_IN_PROGRESS")]),
        at(9, "ROLLBACK_COMPLETE", &[(2, "eksnet-shop", "ROLLBACK_COMPLETE")]),
    ];
    let mut play = Play::new(&clock, scenes, &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![crate::stage::added()]));
    let ended = first(&play, &compiled);
    assert!(matches!(ended, Ok(First::Ended(Run::Ended(Outcome::RolledBack { .. })))), "{ended:?}");
    assert_eq!(play.script.count("ranges"), 0);
}
