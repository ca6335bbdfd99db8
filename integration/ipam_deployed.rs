//! Ranges of IPAM with the real binary against the emulated AWS, whose pools give them.

use serde_json::{Value, json};

use crate::emulator::{self, Session};
use crate::project::{Project, compare, ok};
use crate::support::{POOLED, allocated};

/// Over the pools of the emulator.
fn pooled() -> String {
    POOLED
        .replace("ipam-pool-0123456789abcdef0", "ipam-pool-00000000000000052")
        .replace("ipam-pool-0fedcba9876543210", "ipam-pool-00000000000000320")
}

fn lock(project: &Project) -> String {
    std::fs::read_to_string(project.path().join("shop.lock.yaml")).unwrap_or_default()
}

/// What the pools gave.
fn allocations(session: &Session) -> Vec<String> {
    let asked: Vec<Value> = ["052", "320"]
        .map(|end| {
            let pool = format!("ipam-pool-00000000000000{end}");
            json!(["ec2", "get_ipam_pool_allocations", { "IpamPoolId": pool }])
        })
        .to_vec();
    let answers = session.by_hand("eu-west-1", &json!(asked));
    let all = answers.as_array().unwrap().iter();
    let all =
        all.flat_map(|one| one["IpamPoolAllocations"].as_array().cloned().unwrap_or_default());
    all.map(|one| one["Cidr"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_vpc_takes_its_ranges_from_the_pools_and_keeps_them() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let project = Project::of(&pooled());
    // The first part alone; then the plan of the second one is reviewed.
    let first = project.run(&environment, &["deploy", "shop.yaml", "--yes", "--part", "1"]);
    assert_eq!(first.code, 4, "{}\n{}", first.out, first.err);
    assert!(lock(&project).contains("10.52.0.0/16"), "{}", lock(&project));
    assert_eq!(session.read_back("eu-west-1", "shop")["subnets"], json!([]));
    // Killed before the lock was written: what the VPC has is read again.
    std::fs::remove_file(project.path().join("shop.lock.yaml")).unwrap();
    let diff = project.run(&environment, &["diff", "shop.yaml", "-o", "json"]);
    assert!(
        diff.out.contains("10.52.") && !diff.out.contains("10.40."),
        "{}\n{}",
        diff.out,
        diff.err
    );
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json", "--write-lock"]));
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    compare(&project, &session.read_back("eu-west-1", "shop"));
    let again = project.deploy(&session);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
    ok(&project.run(&environment, &["diff", "shop.yaml", "--locked", "--exit-code"]));
    assert_eq!(allocations(&session), ["10.52.0.0/16", "100.64.0.0/18"]);
    ok(&project.run(&environment, &["destroy", "shop.yaml", "--confirm", "shop"]));
    assert_eq!(allocations(&session), [""; 0]);
    // The VPC is gone, and its range with it: another one takes its own.
    assert!(!lock(&project).contains("10.52."), "{}", lock(&project));
    ok(&project.deploy(&session));
    compare(&project, &session.read_back("eu-west-1", "shop"));
}

#[test]
fn both_parts_are_one_command() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::of(&pooled());
    let done = project.deploy(&session);
    ok(&done);
    assert!(done.err.contains("part 1 of 2"), "{}", done.err);
    compare(&project, &session.read_back("eu-west-1", "shop"));
}

/// The address is known before anything is deployed, and goes back once the VPC is gone.
#[test]
fn an_allocation_is_made_before_the_vpc_and_given_back_after_it() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let project = Project::of(&allocated(&pooled()));
    // IPAM gave the range, and its answer was lost.
    let proxy = session.proxy_of_ec2(
        &json!([{ "match": "AllocateIpamPoolCidr", "fault": "cut_after", "times": 9 }]),
    );
    let lost = project.run(&proxy.environment, &["deploy", "shop.yaml", "--yes"]);
    drop(proxy);
    let done = project.deploy(&session);
    ok(&done);
    assert!(!done.err.contains("part 1 of 2"), "{}\n{}", done.err, lost.err);
    assert_eq!(allocations(&session), ["10.52.0.0/16", "100.64.0.0/18"]);
    compare(&project, &session.read_back("eu-west-1", "shop"));
    assert!(lock(&project).contains("ipam-pool-alloc-"), "{}", lock(&project));
    ok(&project.run(&environment, &["destroy", "shop.yaml", "--confirm", "shop"]));
    assert_eq!(allocations(&session), [""; 0]);
    assert!(!lock(&project).contains("ipam-pool-alloc-"), "{}", lock(&project));
    // The same command once more: IPAM is asked anew, and not with a token that is spent.
    ok(&project.deploy(&session));
    assert_eq!(allocations(&session), ["10.52.0.0/16", "100.64.0.0/18"]);
    compare(&project, &session.read_back("eu-west-1", "shop"));
    // A lock of an earlier commit remembers a range that went back.
    let old = lock(&project);
    ok(&project.run(&environment, &["destroy", "shop.yaml", "--confirm", "shop"]));
    std::fs::write(project.path().join("shop.lock.yaml"), &old).unwrap();
    let again = project.deploy(&session);
    ok(&again);
    assert!(again.err.contains("no longer allocated"), "{}", again.err);
    assert_eq!(allocations(&session), ["10.52.0.0/16", "100.64.0.0/18"]);
}

/// The range that IPAM gave makes the blueprint wrong: what exists goes back all the same.
#[test]
fn what_cannot_be_planned_in_its_range_is_destroyed() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let project = Project::of(&pooled());
    let first = project.run(&environment, &["deploy", "shop.yaml", "--yes", "--part", "1"]);
    assert_eq!(first.code, 4, "{}\n{}", first.out, first.err);
    let wrong = pooled()
        .replace("vpc:\n", "vpc:\n  keepFree: [10.52.0.0/16]\n")
        .replace("size: /20", "size: /33");
    std::fs::write(project.path().join("shop.yaml"), wrong).unwrap();
    assert_eq!(project.run(&environment, &["check", "shop.yaml"]).code, 1);
    let gone = project.run(&environment, &["destroy", "shop.yaml", "--confirm", "shop"]);
    ok(&gone);
    assert!(gone.err.contains("the blueprint has errors"), "{}", gone.err);
    assert_eq!(allocations(&session), [""; 0]);
}

#[test]
fn a_pool_that_is_not_shared_stops_before_anything_is_made() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::of(&pooled().replace("00000000000000052", "0bad0000000000052"));
    let refused = project.deploy(&session);
    assert_eq!(refused.code, 1, "{}\n{}", refused.out, refused.err);
    assert!((refused.out.clone() + &refused.err).contains("IPAM-05"), "{}", refused.err);
    assert_eq!(session.read_back("eu-west-1", "shop")["vpcs"], json!([]));
}
