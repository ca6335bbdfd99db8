//! Whatever happens on the way, a deployment is done, or says how it goes on; and the same command again completes it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::Mutex;

use serde_json::json;

use crate::emulator::{self, Proxy, Session};
use crate::project::{Project, compare, nothing_left, ok};
use crate::support::{Run, snapshot};

const FAULTS: [&str; 7] =
    ["throttle", "server_error", "cut_before", "cut_after", "truncate", "slow", "expired"];

/// (operation, calls that reach the control plane in it)
const CALLS: [(&str, &[&str]); 3] = [
    (
        "create",
        &[
            "GetCallerIdentity",
            "DescribeStacks",
            "CreateChangeSet",
            "DescribeChangeSet",
            "ExecuteChangeSet",
            "DescribeStackEvents",
        ],
    ),
    (
        "update",
        &[
            "GetTemplate",
            "CreateChangeSet",
            "DescribeChangeSet",
            "ExecuteChangeSet",
            "DescribeStackEvents",
        ],
    ),
    (
        "destroy",
        &[
            "DescribeStacks",
            "GetTemplate",
            "ListStackResources",
            "DeleteStack",
            "DescribeStackEvents",
        ],
    ),
];

/// A network of one subnet, in a Region of its own so that several can live at once.
fn small(region: &str) -> Project {
    Project::of(&format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata:\n  name: small\n  region: {region}\n  tags: {{ stage: one }}\nzones: 1\nvpc: {{ cidr: 10.0.0.0/24 }}\n\
         tiers: [{{ name: public, size: /28, egress: internet }}]\negress: {{ nat: none }}\n"
    ))
}

/// One life of a stack: created, updated and destroyed, each under its own fault, or under none.
struct Life<'s> {
    session: &'s Session,
    proxy: &'s Proxy,
    region: &'static str,
    project: Project,
}

impl Life<'_> {
    /// Runs a command under a fault at a call; if it stopped, it said why, and the same command again completes it.
    fn under(&self, (call, fault): (&str, &str), arguments: &[&str]) -> String {
        self.proxy.rule(&json!([{ "match": format!("{call}$"), "fault": fault, "times": 1 }]));
        let first = self.project.run(&self.proxy.environment, arguments);
        if first.code == 0 {
            return if first.err.contains("warning:") { "done, with a warning" } else { "done" }
                .to_string();
        }
        assert!(first.err.contains("  help: "), "{fault} at {call} says what to do: {}", first.err);
        let words = first
            .err
            .lines()
            .find(|line| line.starts_with("error: "))
            .unwrap_or_else(|| panic!("{fault} at {call}: {}", first.err));
        self.proxy.rule(&json!([]));
        let again = self.project.run(&self.proxy.environment, arguments);
        assert_eq!(again.code, 0, "{fault} at {call}, again: {}{}", again.out, again.err);
        format!("stops: \"{}\"; again: done", words.trim_start_matches("error: "))
    }

    /// One VPC, and everything that the lock says; a deployment finds nothing to do.
    fn stands(&self, what: &str) {
        let live = self.session.read_back(self.region, "small");
        assert_eq!(live["vpcs"].as_array().unwrap().len(), 1, "{what}");
        compare(&self.project, &live);
        let again =
            self.project.run(&self.session.environment(), &["deploy", "shop.yaml", "--yes"]);
        assert!(
            again.code == 0 && again.out.contains("no change"),
            "{what}: {}{}",
            again.out,
            again.err
        );
    }
}

/// Every fault at every call of creating, updating and destroying: the table is what the closing note shows.
#[test]
fn every_fault_at_every_call_ends_well_or_is_completed_by_the_same_command() {
    let Some(session) = emulator::start() else {
        return;
    };
    let cells = |operation: usize| {
        CALLS[operation]
            .1
            .iter()
            .flat_map(|call| FAULTS.map(|fault| (*call, fault)))
            .collect::<Vec<_>>()
    };
    let (creates, updates, destroys) = (cells(0), cells(1), cells(2));
    let next = Mutex::new(0..creates.len());
    let table: Mutex<BTreeMap<(usize, &str, &str), String>> = Mutex::default();
    let work = |region: &'static str| {
        let proxy = session.proxy(&json!([]));
        while let Some(at) = { next.lock().unwrap().next() } {
            let mut life =
                Life { session: &session, proxy: &proxy, region, project: small(region) };
            let keep = |operation: usize, cell: (&'static str, &'static str), outcome: String| {
                table.lock().unwrap().insert((operation, cell.0, cell.1), outcome)
            };
            let cell = creates[at];
            keep(0, cell, life.under(cell, &["deploy", "shop.yaml", "--yes"]));
            life.stands(&format!("{cell:?}"));
            if let Some(cell) = updates.get(at).copied() {
                life.project.edit("stage: one", "stage: two");
                keep(1, cell, life.under(cell, &["deploy", "shop.yaml", "--yes"]));
                life.stands(&format!("{cell:?}"));
            }
            match destroys.get(at).copied() {
                Some(cell) => {
                    _ = keep(
                        2,
                        cell,
                        life.under(cell, &["destroy", "shop.yaml", "--confirm", "small"]),
                    )
                }
                None => ok(&life
                    .project
                    .run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "small"])),
            }
            nothing_left(&session.read_back(region, "small"));
        }
    };
    std::thread::scope(|scope| {
        for region in ["eu-west-1", "eu-central-1", "us-west-2", "ap-northeast-1"] {
            scope.spawn(move || work(region));
        }
    });
    let table = table.into_inner().unwrap();
    assert_eq!(table.len(), creates.len() + updates.len() + destroys.len());
    let mut rows: BTreeMap<(usize, &str, String), Vec<&str>> = BTreeMap::new();
    for ((operation, call, fault), outcome) in &table {
        rows.entry((*operation, call, outcome.clone())).or_default().push(fault);
    }
    let rows = rows.into_iter().map(|((operation, call, outcome), faults)| {
        format!("| {} | {call} | {} | {outcome} |\n", CALLS[operation].0, faults.join(", "))
    });
    snapshot(
        "faults",
        &format!(
            "| operation | call | faults | outcome |\n| --- | --- | --- | --- |\n{}",
            rows.collect::<String>()
        ),
    );
}

/// What only reads the account may fail for good: it is named, and the stack is deployed.
#[test]
fn an_ec2_that_answers_nothing_is_named_and_does_not_stop_a_deployment() {
    let Some(session) = emulator::start() else {
        return;
    };
    let proxy = session
        .proxy_of_ec2(&json!([{ "match": "Describe", "fault": "throttle", "times": 1_000 }]));
    let project = small("eu-west-1");
    let done = project.run(&proxy.environment, &["deploy", "shop.yaml", "--yes"]);
    ok(&done);
    for word in [
        "not checked, because it could not be read: ec2:DescribeAvailabilityZones",
        "the lock keeps the ranges",
    ] {
        assert!(done.err.contains(word), "{word}: {}", done.err);
    }
    compare(&project, &session.read_back("eu-west-1", "small"));
}

fn finish(mut child: Child) -> Run {
    let (mut out, mut err) = (String::new(), String::new());
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    Run { code: child.wait().unwrap().code().unwrap_or(-1), out, err }
}

#[test]
fn a_signal_leaves_the_stack_running_and_says_how_to_follow_it() {
    let Some(session) = emulator::start() else {
        return;
    };
    for signal in ["-INT", "-TERM"] {
        let project = small("eu-west-1");
        session.faults(&json!({ "InternetGateway": { "on": "create", "delay": 5 } }));
        let proxy = session.proxy(&json!([]));
        let child = project.start(&proxy.environment, &["deploy", "shop.yaml", "--yes"]);
        proxy.until("ExecuteChangeSet");
        // The answer is on its way, the stack works.
        std::thread::sleep(std::time::Duration::from_millis(500));
        assert!(
            Command::new("kill")
                .args([signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let stopped = finish(child);
        assert_eq!(stopped.code, 1, "{signal}: {}", stopped.err);
        assert!(
            stopped.err.contains("the stack operation continues")
                && stopped.err.contains("`eksnet deploy shop.yaml` again"),
            "{signal}: {}",
            stopped.err
        );
        let again = project.deploy(&session);
        ok(&again);
        assert!(again.out.contains("no change"), "{}{}", again.out, again.err);
        compare(&project, &session.read_back("eu-west-1", "small"));
        session.no_faults();
        ok(&project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "small"]));
    }
}

/// Two people deploy at the same moment: one stack, one of each resource, and whoever loses is told what to do.
#[test]
fn two_deployments_at_once_make_one_stack() {
    let Some(session) = emulator::start() else {
        return;
    };
    session.faults(&json!({ "InternetGateway": { "on": "create", "delay": 2 } }));
    let project = small("eu-west-1");
    let children: Vec<Child> = (0..2)
        .map(|_| project.start(&session.environment(), &["deploy", "shop.yaml", "--yes"]))
        .collect();
    let runs: Vec<Run> = children.into_iter().map(finish).collect();
    assert!(runs.iter().any(|run| run.code == 0), "{}{}", runs[0].err, runs[1].err);
    for run in runs.iter().filter(|run| run.code != 0) {
        assert!(run.err.contains("error: ") && run.err.contains("help: "), "{}", run.err);
    }
    let again = project.deploy(&session);
    assert!(again.code == 0 && again.out.contains("no change"), "{}{}", again.out, again.err);
    compare(&project, &session.read_back("eu-west-1", "small"));
}

#[test]
fn a_rollback_that_failed_is_continued_after_a_question() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = small("eu-west-1");
    ok(&project.deploy(&session));
    // The VPC's tag changes, a subnet fails, and the tag cannot be put back.
    session.faults(&json!({ "Vpc": { "on": "update", "skip": 1, "fail": "not now" }, "SubnetExtraEuw1Az1": { "on": "create", "fail": "The CIDR conflicts with another subnet" } }));
    project.edit("stage: one", "stage: two");
    project.edit("tiers: [", "tiers: [{ name: extra, size: /28, egress: none }, ");
    let failed = project.deploy(&session);
    assert!(
        failed.code == 1
            && failed.out.contains("UPDATE_ROLLBACK_FAILED")
            && failed.out.contains("first cause: SubnetExtraEuw1Az1"),
        "{}",
        failed.out
    );
    session.no_faults();
    let declined = project.answer(&session.environment(), &["deploy", "shop.yaml"], "n\n");
    assert!(
        declined.code == 1 && declined.err.contains("continue the rollback?"),
        "{}",
        declined.err
    );
    ok(&project.deploy(&session));
    compare(&project, &session.read_back("eu-west-1", "small"));
}

/// The empty stack that a change set of a new stack brings along, and a creation that somebody left half done.
#[test]
fn what_an_earlier_try_left_is_no_obstacle() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = small("eu-west-1");
    ok(&project.run(&session.environment(), &["diff", "shop.yaml", "--save", "plan.json"]));
    let stacks = session.by_hand("eu-west-1", &json!([["cloudformation", "describe_stacks", {}]]));
    assert_eq!(stacks[0]["Stacks"][0]["StackStatus"], "REVIEW_IN_PROGRESS");
    ok(&project.deploy(&session));
    compare(&project, &session.read_back("eu-west-1", "small"));
    let late = project.run(&session.environment(), &["deploy", "--plan", "plan.json"]);
    assert!(
        late.code == 1
            && late.err.contains("changed since the preview: the stack (CREATE_COMPLETE since 20"),
        "{}",
        late.err
    );
    ok(&project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "small"]));
    nothing_left(&session.read_back("eu-west-1", "small"));
}

/// A plan is for one account, for some time, and for the stack as it was.
#[test]
fn a_plan_that_is_foreign_or_expired_is_refused() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = small("eu-west-1");
    let environment = session.environment();
    ok(&project.deploy(&session));
    project.edit("stage: one", "stage: two");
    ok(&project
        .run(&environment, &["diff", "shop.yaml", "--save", "old.json", "--valid-for", "0"]));
    let expired = project.run(&environment, &["deploy", "--plan", "old.json"]);
    assert!(expired.code == 1 && expired.err.contains("was valid until 20"), "{}", expired.err);
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json"]));
    let other: Vec<(String, String)> = environment
        .iter()
        .map(|(key, value)| {
            (
                key.clone(),
                if key == "AWS_ACCESS_KEY_ID" { "210987654321".into() } else { value.clone() },
            )
        })
        .collect();
    let foreign = project.run(&other, &["deploy", "--plan", "plan.json"]);
    assert!(
        foreign.code == 1
            && foreign
                .err
                .contains("it is for account 123456789012, the credentials are of 210987654321"),
        "{}",
        foreign.err
    );
    // Somebody deploys something else in between: the plan says what a new one would do.
    let plan = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    project.edit("tiers: [", "tiers: [{ name: extra, size: /28, egress: none }, ");
    ok(&project.deploy(&session));
    std::fs::write(project.path().join("plan.json"), plan).unwrap();
    let stale = project.run(&environment, &["deploy", "--plan", "plan.json"]);
    for word in [
        "the blueprint, the lock, the template, the stack (UPDATE_COMPLETE since 20",
        "and would not change",
    ] {
        assert!(stale.code == 1 && stale.err.contains(word), "{word}: {}", stale.err);
    }
}

/// A cluster that somebody else made under the same name is no part of a failed creation.
#[test]
fn somebody_elses_cluster_keeps_its_protection() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    let of_vpc = json!({ "$": [0, "Vpc", "VpcId"] });
    let of_subnet = |call: u8| json!({ "$": [call, "Subnet", "SubnetId"] });
    session.by_hand(
        "eu-west-1",
        &json!([
            ["ec2", "create_vpc", { "CidrBlock": "10.9.0.0/16" }],
            ["ec2", "create_subnet", { "VpcId": of_vpc, "CidrBlock": "10.9.0.0/24", "AvailabilityZone": "eu-west-1a" }],
            ["ec2", "create_subnet", { "VpcId": of_vpc, "CidrBlock": "10.9.1.0/24", "AvailabilityZone": "eu-west-1b" }],
            ["eks", "create_cluster", {
                "name": "dev",
                "roleArn": "arn:aws:iam::1:role/x",
                "resourcesVpcConfig": { "subnetIds": [of_subnet(1), of_subnet(2)] },
                "deletionProtection": true,
            }],
        ]),
    );
    let protection = |session: &Session| {
        session.by_hand("eu-west-1", &json!([["eks", "describe_cluster", { "name": "dev" }]]))
                [0]["cluster"]["deletionProtection"]
                .clone()
    };
    assert_eq!(protection(&session), true);
    session.faults(
        &json!({ "Cluster": { "on": "create", "fail": "Cluster already exists with name: dev" } }),
    );
    assert_eq!(project.deploy(&session).code, 1);
    assert_eq!(project.deploy(&session).code, 1, "cleaned up, and failed again");
    assert_eq!(protection(&session), true, "it is not the stack's");
}

/// Protection that somebody switched on by hand is not taken away by a deployment that has none.
#[test]
fn protection_switched_on_by_hand_stays() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = small("eu-west-1");
    ok(&project.deploy(&session));
    session.by_hand(
        "eu-west-1",
        &json!([["cloudformation", "update_termination_protection", { "StackName": "eksnet-small", "EnableTerminationProtection": true }]]),
    );
    let protected = |session: &Session| {
        session.by_hand(
            "eu-west-1",
            &json!([["cloudformation", "describe_stacks", { "StackName": "eksnet-small" }]]),
        )[0]["Stacks"][0]["EnableTerminationProtection"]
            .clone()
    };
    ok(&project.deploy(&session));
    project.edit("stage: one", "stage: two");
    ok(&project.deploy(&session));
    assert_eq!(protected(&session), true);
}

/// A signal before anything has begun is a no, also where nobody is asked.
#[test]
fn a_signal_before_the_change_set_runs_changes_nothing() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = small("eu-west-1");
    ok(&project.run(&session.environment(), &["diff", "shop.yaml", "--save", "plan.json"]));
    let proxy =
        session.proxy(&json!([{ "match": "GetCallerIdentity$", "fault": "slow", "times": 1 }]));
    let child = project.start(&proxy.environment, &["deploy", "--plan", "plan.json"]);
    proxy.until("GetCallerIdentity");
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
    let stopped = finish(child);
    assert!(
        stopped.code == 1 && stopped.err.contains("interrupted: nothing was changed"),
        "{}",
        stopped.err
    );
    let stacks = session.by_hand("eu-west-1", &json!([["cloudformation", "describe_stacks", {}]]));
    assert_eq!(stacks[0]["Stacks"][0]["StackStatus"], "REVIEW_IN_PROGRESS");
    ok(&project.run(&session.environment(), &["deploy", "--plan", "plan.json"]));
}

/// A plan is not made on a stack that takes none: the way on is said.
#[test]
fn a_broken_stack_takes_no_plan() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = small("eu-west-1");
    session.faults(&json!({ "InternetGateway": { "on": "create", "fail": "no" } }));
    assert_eq!(project.deploy(&session).code, 1);
    session.no_faults();
    for command in
        [&["diff", "shop.yaml", "--save", "plan.json"][..], &["diff", "shop.yaml", "--change-set"]]
    {
        let refused = project.run(&session.environment(), command);
        assert!(
            refused.code == 1
                && refused.err.contains("ROLLBACK_COMPLETE")
                && refused.err.contains("`eksnet deploy shop.yaml` resolves it"),
            "{}",
            refused.err
        );
    }
    let drift =
        project.run(&session.environment(), &["diff", "shop.yaml", "--drift", "-o", "json"]);
    assert!(drift.code == 0 && drift.json()["drift"] == json!([]), "{}", drift.err);
    let lines = project.run(&session.environment(), &["deploy", "shop.yaml", "-o", "json"]);
    assert!(
        lines.code == 1
            && lines
                .out
                .lines()
                .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{}",
        lines.out
    );
}

/// Termination protection that could not be switched on is a warning, and the next deployment, which has nothing else to do, makes up for it.
#[test]
fn protection_that_failed_is_made_up_for() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    project.edit("deletionProtection: false ", "deletionProtection: true ");
    let proxy = session.proxy(
        &json!([{ "match": "UpdateTerminationProtection$", "fault": "expired", "times": 1 }]),
    );
    let first = project.run(&proxy.environment, &["deploy", "shop.yaml", "--yes"]);
    assert!(
        first.code == 0 && first.err.contains("warning: termination protection is as it was"),
        "{}",
        first.err
    );
    let again = project.deploy(&session);
    assert!(
        again.code == 0 && again.err.contains("termination protection of stack eksnet-dev: on"),
        "{}",
        again.err
    );
}

/// Nothing of a stack that failed to be made, or that only a plan has, is otherwise than it was deployed.
#[test]
fn a_status_of_a_stack_that_was_never_made_calls_nothing_drift() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = small("eu-west-1");
    let environment = session.environment();
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json"]));
    let status = || project.run(&environment, &["status", "shop.yaml"]);
    let planned = status();
    session.faults(&json!({ "Vpc": { "on": "create", "fail": "The maximum number of VPCs has been reached." } }));
    assert_eq!(project.deploy(&session).code, 1);
    let failed = status();
    for (run, state) in [(planned, "REVIEW_IN_PROGRESS"), (failed, "ROLLBACK_COMPLETE")] {
        assert!(run.out.contains(state) && run.out.contains("Next"), "{}", run.out);
        assert!(!run.out.contains("drift"), "{state}: {}", run.out);
    }
}

/// An edit that nobody deployed is no drift; a subnet that somebody deleted is.
#[test]
fn a_status_tells_an_edit_from_drift() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = small("eu-west-1");
    ok(&project.deploy(&session));
    project.edit("tiers: [{", "tiers: [{ name: more, size: /28, egress: none }, {");
    let status = project.run(&session.environment(), &["status", "shop.yaml"]);
    assert!(status.out.contains("not deployed yet:"), "{}", status.out);
    assert!(status.out.contains("`more`") && !status.out.contains("drift: 1"), "{}", status.out);
    let json = project.run(&session.environment(), &["status", "shop.yaml", "-o", "json"]).json();
    assert_eq!(json["drift"], json!([]));
    assert!(!json["undeployed"].as_array().unwrap().is_empty(), "{json}");
    let code = project.run(&session.environment(), &["status", "shop.yaml", "--exit-code"]).code;
    assert_eq!(code, 0);
}

/// Where a rollback stops is another resource than the one that failed, and the command that leaves it behind has its name.
#[test]
fn a_rollback_that_stops_names_where() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = small("eu-west-1");
    ok(&project.deploy(&session));
    let stays = "InternetGateway";
    project.edit("stage: one", "stage: two");
    project.edit("tiers: [{", "tiers: [{ name: more, size: /28, egress: none }, {");
    let new = "SubnetMoreEuw1Az1";
    session.faults(&json!({ new: { "on": "create", "fail": "Nope" }, stays: { "on": "update", "skip": 1, "fail": "It is frozen" } }));
    let stuck = project.deploy(&session);
    let said = format!("{}{}", stuck.out, stuck.err);
    for word in [
        "UPDATE_ROLLBACK_FAILED",
        "Nope",
        &format!("the rollback stopped at {stays}"),
        "It is frozen",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let again = project.deploy(&session);
    assert!(again.err.contains(&format!("--resources-to-skip {stays}")), "{}", again.err);
    let status = project.run(&session.environment(), &["status", "shop.yaml"]);
    assert!(!status.out.contains("drift: InternetGateway"), "{}", status.out);
}

/// A cluster that somebody deleted is missed by name.
#[test]
fn a_cluster_that_is_gone_is_said() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    session.by_hand(
        "eu-west-1",
        &json!([
            ["eks", "list_nodegroups", { "clusterName": "dev" }],
            ["eks", "delete_nodegroup", { "clusterName": "dev", "nodegroupName": { "$": [0, "nodegroups", 0] } }],
            ["eks", "delete_cluster", { "name": "dev" }],
        ]),
    );
    let status = project.run(&session.environment(), &["status", "shop.yaml"]);
    assert!(status.out.contains("cluster dev no longer exists"), "{}", status.out);
}

/// A captive portal answers in the place of AWS, with a page.
#[test]
fn a_page_in_the_place_of_aws_is_told_in_words() {
    let portal = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = portal.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (at, stream) in portal.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut request = [0; 65_536];
            let _ = stream.read(&mut request);
            let page = "<html><body>Log in</body></html>";
            let status = if at == 0 { "200 OK" } else { "403 Forbidden" };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIA".to_string()),
        ("AWS_SECRET_ACCESS_KEY", "s".to_string()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_string()),
        ("AWS_MAX_ATTEMPTS", "1".to_string()),
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
    ];
    let environment = environment.map(|(key, value)| (key.to_string(), value));
    for status in [200, 403] {
        let run = small("eu-west-1").run(&environment, &["status", "shop.yaml"]);
        assert_eq!(run.code, 1, "{}", run.err);
        for word in [&format!("HTTP {status}"), "requires a login"] {
            assert!(run.err.contains(word), "{word}: {}", run.err);
        }
        assert!(!run.err.contains("StartEl"), "{}", run.err);
    }
}
