//! Deployments in parts, with the real binary against the emulated AWS, which refuses what the real one refuses of a single update.

use serde_json::Value;

use crate::emulator;
use crate::project::{Project, ok};

const TEXT: &str = "apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: shop, region: eu-west-1 }
zones: 2
cluster: { version: \"1.34\", deletionProtection: false }
nodeGroups: [{ name: general, scaling: { min: 1, max: 3 } }]
";

fn outcome(out: &str) -> Value {
    let last = out.lines().last().unwrap_or_else(|| panic!("nothing was said"));
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{out}"))
}

fn version(live: &Value) -> &str {
    live["cluster"]["version"].as_str().unwrap_or_else(|| panic!("{live}"))
}

/// Every tag edit; an upgrade with everything; a stop in between, and what is left of it.
#[test]
fn an_edit_in_parts_is_stopped_and_gone_on_from() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let mut project = Project::of(TEXT);
    ok(&project.deploy(&session));
    project.edit("region: eu-west-1 }", "region: eu-west-1, tags: { team: a } }");
    let tagged = project.deploy(&session);
    ok(&tagged);
    assert!(tagged.err.contains("part 2 of 2"), "{}", tagged.err);

    project.edit("1.34", "1.35");
    project.edit("max: 3 }", "max: 5 }, diskSize: 64");
    project.edit(
        "zones: 2\n",
        "zones: 2\nvpc: { cidr: 10.40.0.0/16, secondaryCidrs: [100.64.0.0/16] }\n",
    );
    let arguments = ["deploy", "shop.yaml", "--yes", "--part", "1", "-o", "json"];
    let stopped = project.run(&environment, &arguments);
    assert_eq!(stopped.code, 4, "{}\n{}", stopped.out, stopped.err);
    let said = outcome(&stopped.out);
    assert_eq!(
        (&said["outcome"], &said["partsDone"], &said["parts"]),
        (&"betweenParts".into(), &1.into(), &3.into())
    );
    assert!(said["next"].as_str().unwrap().contains("eksnet deploy shop.yaml"), "{said}");
    assert_eq!(version(&session.read_back("eu-west-1", "shop")), "1.35");

    let left = project.run(&environment, &["diff", "shop.yaml", "-o", "json"]).json();
    assert_eq!(left["parts"].as_array().map(Vec::len), Some(2), "{left}");
    ok(&project.deploy(&session));
    let again = project.deploy(&session);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
}

/// What was reviewed is what runs, part by part; a plan that was stopped runs on.
#[test]
fn a_plan_has_its_parts_and_runs_on_after_a_stop() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let mut project = Project::of(TEXT);
    ok(&project.deploy(&session));
    project.edit("1.34", "1.35");
    project.edit("max: 3 }", "max: 5 }");
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json"]));
    let text = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let titles: Vec<&str> = plan["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        (titles.len(), titles[0], &plan["schemaVersion"]),
        (3, "control plane 1.35", &3.into())
    );
    let stopped = project.run(&environment, &["deploy", "--plan", "plan.json", "--part", "2"]);
    assert_eq!(stopped.code, 4, "{}\n{}", stopped.out, stopped.err);
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    let again = project.deploy(&session);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
}

/// The part that failed is named; what came before it stays.
#[test]
fn a_part_that_fails_is_named() {
    let Some(session) = emulator::start() else {
        return;
    };
    let environment = session.environment();
    let mut project = Project::of(TEXT);
    ok(&project.deploy(&session));
    project.edit("1.34", "1.35");
    project.edit(
        "zones: 2\n",
        "zones: 2\nvpc: { cidr: 10.40.0.0/16, secondaryCidrs: [100.64.0.0/16] }\n",
    );
    session.faults(&serde_json::json!({
        "VpcCidr100x64x0x0x16": { "on": "create", "fail": "The maximum number of CIDRs has been reached." }
    }));
    let failed = project.run(&environment, &["deploy", "shop.yaml", "--yes"]);
    assert_eq!(failed.code, 1, "{}\n{}", failed.out, failed.err);
    assert!(
        failed.err.contains("part 2 of") && failed.err.contains("part 1 is deployed and stays"),
        "{}",
        failed.err
    );
    assert_eq!(
        version(&session.read_back("eu-west-1", "shop")),
        "1.35",
        "no rollback took it back"
    );
    session.no_faults();
    ok(&project.deploy(&session));
}
