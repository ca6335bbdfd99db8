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
use crate::support::{self, POOLED, build, build_over};

fn custom() -> String {
    support::allocated(POOLED)
}

type Ranges = BTreeMap<String, KeptRange>;

fn allocated(play: &Play<'_>, compiled: &Compiled) -> Result<Option<Ranges>, Failure> {
    play.run(async |stage| addresses::allocate(stage, &compiled.intent, 0).await)
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

/// A plan of a first deployment is reviewed over a range; somebody gives it back before the plan runs.
#[test]
fn a_saved_plan_is_not_executed_over_a_range_that_was_released() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let mut play = Play::new(&clock, crate::stage::creation(), &[Reply::Yes]);
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = allocated(&play, &compiled).unwrap().unwrap();
    let known = build_over(&custom(), Some(&ledger));
    let plan = crate::stage::plan_of(&known, "");
    play.script.sent = known.template.to_json();
    let vpc = ledger.kept.ranges["vpc"].clone();
    play.script.released.borrow_mut().insert(vpc.allocation.unwrap());
    let failure = crate::stage::planned(&play, &known, &plan).err().unwrap().chain();
    assert!(failure.contains("IPAM has released 10.52.0.0/16"), "{failure}");
    assert_eq!(play.script.count("execute"), 0);
    // As long as IPAM has it, the plan runs.
    play.script.released.borrow_mut().clear();
    let ended = crate::stage::planned(&play, &known, &plan);
    let why = ended.as_ref().err().map(Failure::chain).unwrap_or_default();
    assert!(!why.contains("IPAM"), "{why}");
    assert!(play.script.count("change_set") > 0);
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
    let requests = addresses::requests(&compiled.intent, "111122223333", 0);
    let tokens: Vec<&String> = requests.iter().map(|(_, request)| &request.token).collect();
    assert!(tokens[0] != tokens[1] && made.contains_key(tokens[0]));
    // Another account, Region, name or size has a token of its own.
    let other = addresses::requests(&compiled.intent, "444455556666", 0);
    assert_ne!(other[0].1.token, *tokens[0]);
    // It shares the pool, and what it was given is not taken for this one's.
    assert_ne!(other[0].1.description, requests[0].1.description);
    let given = allocated(&play, &compiled).unwrap().unwrap();
    assert_eq!(given["vpc"].cidr, made[tokens[0]].1.cidr);
    assert_eq!(play.script.allocated.borrow().len(), 2);
}

/// The lock after a stack and what was allocated for it are gone.
fn given_back(play: &Play<'_>, ledger: &Ledger) -> Ledger {
    let ranges = ledger.kept.ranges.clone();
    let (gone, left) =
        play.run(async |stage| addresses::give_back(stage.world, "eksnet-shop", &ranges).await);
    assert!(left.is_empty(), "{left:?}");
    ledger.without_ranges(&gone.into_keys().collect())
}

/// IPAM answers a token that was used before with the allocation that was released: it is not taken for a range.
#[test]
fn what_was_given_back_is_asked_for_anew() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let play = Play::new(&clock, Vec::new(), &[Reply::Yes, Reply::Yes, Reply::Yes]);
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = allocated(&play, &compiled).unwrap().unwrap();
    let known = build_over(&custom(), Some(&ledger));
    let lock = given_back(&play, &known.plan.ledger);
    assert!(lock.vpc_cidr.is_none() && lock.subnets.is_empty() && lock.kept.ranges.is_empty());
    // The next deployment is planned as the first one was, and asks with a token of its own.
    let again = build_over(&custom(), Some(&lock));
    assert_eq!(again.plan.provisional.len(), 2);
    let generation = lock.generation;
    let asked = play
        .run(async |stage| addresses::allocate(stage, &again.intent, generation).await)
        .unwrap()
        .unwrap();
    assert_eq!((play.script.count("allocate"), clock.sleeps.get()), (4, 0));
    assert!(asked.values().all(|new| known.plan.ledger.kept.ranges.values().all(|old| old != new)));
    // Without the lock the old token is found to be spent.
    given_back(
        &play,
        &build_over(
            &custom(),
            Some(&Ledger {
                kept: eksnet::ledger::Kept { ranges: asked, ..Default::default() },
                ..lock
            }),
        )
        .plan
        .ledger,
    );
    let lost = allocated(&play, &compiled).unwrap().unwrap();
    let released = play.script.released.borrow();
    assert!(lost.values().all(|range| !released.contains(range.allocation.as_ref().unwrap())));
    assert!(0 < clock.sleeps.get());
}

/// Somebody took the stack down with another copy of the lock: this one's range is nobody's, or another's by now.
#[test]
fn a_remembered_range_is_given_up_once_ipam_has_it_no_more() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
    let ranges = allocated(&play, &compiled).unwrap().unwrap();
    let gone = |play: &Play<'_>| play.run(async |stage| addresses::released(stage, &ranges).await);
    assert!(gone(&play).unwrap().is_empty());
    let vpc = ranges["vpc"].allocation.clone().unwrap();
    play.script.released.borrow_mut().insert(vpc);
    assert_eq!(gone(&play).unwrap().into_iter().collect::<Vec<_>>(), ["vpc"]);
    // Prefixes of the other range stay where they are.
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    ledger.kept.ranges = ranges.clone();
    let before = build_over(&custom(), Some(&ledger)).plan.ledger;
    let after = before.without_ranges(&gone(&play).unwrap());
    let pods = |ledger: &Ledger| {
        let own = ledger.subnets.iter().filter(|entry| entry.tier == "pods");
        own.map(|entry| entry.cidr).collect::<Vec<_>>()
    };
    assert_eq!(pods(&before), pods(&after));
    assert_eq!(after.subnets.len(), pods(&after).len());
    // Where IPAM cannot be asked, nothing is given up.
    let mut play = Play::new(&clock, Vec::new(), &[]);
    play.script = play.script.refusing("has allocation", "UnauthorizedOperation", "denied");
    assert!(gone(&play).is_err());
}

#[test]
fn a_range_that_a_vpc_still_has_is_not_given_back() {
    let (clock, compiled) = (Paused::default(), build(&custom()));
    let mut play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
    let ranges = allocated(&play, &compiled).unwrap().unwrap();
    play.script.left_behind = Some("vpc-1".into());
    let (gone, left) =
        play.run(async |stage| addresses::give_back(stage.world, "eksnet-shop", &ranges).await);
    assert!(gone.is_empty() && left.len() == 2 && left[0].1.to_string().contains("vpc-1"));
    assert_eq!(play.script.count("give back"), 0);
}

/// The VPC that took its range from the pool is gone, and so is the range: over no stack the plan is what it was before the first one.
#[test]
fn a_range_that_the_vpc_took_is_given_up_with_it() {
    let mut ledger = Ledger::empty("shop", "eu-west-1");
    let range = |cidr: &str, from: &str| KeptRange {
        cidr: cidr.parse().unwrap(),
        from: from.into(),
        allocation: None,
    };
    ledger
        .kept
        .ranges
        .insert("vpc".into(), range("10.52.0.0/16", "ipam-pool-0123456789abcdef0/16"));
    ledger
        .kept
        .ranges
        .insert("pods".into(), range("100.70.64.0/18", "ipam-pool-0fedcba9876543210/18"));
    let lock = build_over(POOLED, Some(&ledger)).plan.ledger;
    let over = eksnet::ledger::reconcile(&lock, true, eksnet::ledger::Deployed::Absent).unwrap();
    assert_eq!(build_over(POOLED, Some(&over.ledger)).plan.provisional.len(), 2);
    // A lock that nobody held against AWS keeps its addresses, and so does one of a stack that exists.
    let unread = eksnet::ledger::reconcile(&lock, true, eksnet::ledger::Deployed::Unread).unwrap();
    assert_eq!(unread.ledger, lock);
    let own = eksnet::ledger::Deployed::Ledger(lock.clone());
    assert_eq!(eksnet::ledger::reconcile(&lock, true, own).unwrap().ledger.subnets, lock.subnets);
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
    let requests = addresses::requests(&build(&text).intent, "111122223333", 0);
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
