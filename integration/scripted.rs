//! Deployments against the scripted double: lost answers, faults, failures, long waits.

use std::time::Duration;

use eksnet::aws::port::{Detail, Listed, OnFailure, ResourceChange};
use eksnet::deploy::{self, Condition, Event, Job, Outcome, Prepared};
use eksnet::template::Template;
use serde_json::json;

use crate::doubles::{Paused, Scene, Script, event, failed, ready, stack};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn job() -> Job {
    Job {
        role: None,
        topics: Vec::new(),
        stack: "eksnet-shop".into(),
        template: Template::nothing(),
        tags: Vec::new(),
        nonce: "n".into(),
        bucket: None,
        revert_drift: false,
        description: String::new(),
    }
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn scene(at: u64, status: &'static str, events: Vec<eksnet::aws::port::StackEvent>) -> Scene {
    Scene { at: seconds(at), status, events }
}

fn prepare(script: &Script<'_>) -> Result<Prepared, eksnet::diagnostic::Failure> {
    block_on(deploy::prepare(
        script,
        script.clock,
        &job(),
        Some(&stack("CREATE_COMPLETE")),
        &mut |_| {},
    ))
}

fn follow(script: &Script<'_>) -> (Result<Outcome, eksnet::diagnostic::Failure>, Vec<Event>) {
    let mut heard = Vec::new();
    let operation = deploy::Operation { stack: "eksnet-shop".into(), after: None, deletes: false };
    let outcome =
        block_on(deploy::follow(script, script.clock, operation, &mut |event| heard.push(event)));
    (outcome, heard)
}

#[test]
fn a_change_set_is_waited_for_and_its_values_are_kept() {
    let clock = Paused::default();
    let detail = Detail {
        property: "Tags/0/Value".into(),
        before: Some(json!("a")),
        after: Some(json!("b")),
        ..Detail::default()
    };
    let change = ResourceChange {
        id: "Vpc".into(),
        kind: "AWS::EC2::VPC".into(),
        action: "Modify".into(),
        replacement: "False".into(),
        details: vec![detail],
        ..Default::default()
    };
    let pending =
        eksnet::aws::port::ChangeSet { status: "CREATE_IN_PROGRESS".into(), ..ready(Vec::new()) };
    let script = Script::new(&clock, Vec::new()).answering(pending).answering(ready(vec![change]));
    let Ok(Prepared::Ready { said, .. }) = prepare(&script) else { panic!() };
    let changes = deploy::changes(&said);
    assert_eq!(changes[0].because[0].after, Some(json!("b")));
    assert_eq!(clock.sleeps.get(), 1);
}

#[test]
fn no_change_is_not_a_failure_and_leaves_no_change_set_behind() {
    for reason in [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ] {
        let clock = Paused::default();
        let script = Script::new(&clock, Vec::new()).answering(failed(reason));
        assert!(matches!(prepare(&script), Ok(Prepared::NoChange)));
        assert_eq!(script.count("delete_change_set"), 1);
    }
}

#[test]
fn a_refused_change_set_says_why_and_what_to_do() {
    let clock = Paused::default();
    let script = Script::new(&clock, Vec::new())
        .answering(failed("The maximum number of addresses has been reached."));
    let failure = prepare(&script).unwrap_err();
    assert!(
        failure.chain().contains("maximum number of addresses")
            && failure.hint.unwrap().contains("Elastic IPs")
    );
}

#[test]
fn a_lost_answer_to_making_a_change_set_does_no_harm() {
    let clock = Paused::default();
    let script = Script::new(&clock, Vec::new())
        .refusing("create_change_set", "AlreadyExistsException", "exists")
        .answering(ready(Vec::new()));
    assert!(matches!(prepare(&script), Ok(Prepared::Ready { .. })));
    assert_eq!(script.count("create_change_set"), 1);
}

#[test]
fn a_failed_change_set_of_the_same_name_is_made_anew() {
    let clock = Paused::default();
    let script = Script::new(&clock, Vec::new())
        .refusing("create_change_set", "AlreadyExistsException", "exists")
        .answering(failed("x"))
        .answering(ready(Vec::new()));
    assert!(matches!(prepare(&script), Ok(Prepared::Ready { .. })));
    assert_eq!((script.count("create_change_set"), script.count("delete_change_set")), (2, 1));
}

#[test]
fn a_lost_answer_to_execution_is_told_from_a_refusal() {
    let clock = Paused::default();
    let running = eksnet::aws::port::ChangeSet {
        execution: "EXECUTE_IN_PROGRESS".into(),
        ..ready(Vec::new())
    };
    for (code, words) in [
        ("InvalidChangeSetStatusException", "cannot be executed"),
        ("ValidationError", "Stack:arn is in CREATE_IN_PROGRESS state and can not be updated."),
    ] {
        let asked = |answer| {
            Script::new(&clock, Vec::new()).refusing("execute", code, words).answering(answer)
        };
        let lost = asked(running.clone());
        assert!(
            block_on(deploy::execute(&lost, ("eksnet-shop", "set"), OnFailure::Rollback)).is_ok(),
            "{code}"
        );
        let refused = asked(failed("stale"));
        assert!(
            block_on(deploy::execute(&refused, ("eksnet-shop", "set"), OnFailure::Keep)).is_err(),
            "{code}"
        );
    }
}

#[test]
fn a_stack_is_followed_to_its_end_and_nothing_is_said_twice() {
    let clock = Paused::default();
    let scenes = vec![
        scene(0, "CREATE_IN_PROGRESS", vec![event(1, "Nat", "CREATE_IN_PROGRESS", "")]),
        scene(100, "CREATE_IN_PROGRESS", vec![event(2, "Nat", "CREATE_COMPLETE", "")]),
        scene(101, "CREATE_COMPLETE", vec![event(3, "eksnet-shop", "CREATE_COMPLETE", "")]),
    ];
    let script = Script::new(&clock, scenes);
    let (outcome, heard) = follow(&script);
    let Ok(Outcome::Done { elapsed, .. }) = outcome else { panic!("{outcome:?}") };
    assert!(elapsed < seconds(101 + 6), "{elapsed:?}");
    let said: Vec<&str> = heard
        .iter()
        .filter_map(|event| {
            if let Event::Resource { status, .. } = event { Some(status.as_str()) } else { None }
        })
        .collect();
    assert_eq!(said, ["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_COMPLETE"]);
    assert!(heard.iter().any(|event| matches!(event, Event::Resource { id, elapsed, .. } if id == "Nat" && *elapsed >= seconds(100))));
    assert!(
        script.calls.borrow().len() as u64 <= elapsed.as_secs() / 2 + 1,
        "at most one call every two seconds"
    );
}

#[test]
fn silence_is_broken_every_thirty_seconds() {
    let clock = Paused::default();
    let scenes = vec![
        scene(0, "CREATE_IN_PROGRESS", vec![event(1, "Nat", "CREATE_IN_PROGRESS", "")]),
        scene(125, "CREATE_COMPLETE", Vec::new()),
    ];
    let (_, heard) = follow(&Script::new(&clock, scenes));
    let beats: Vec<_> = heard
        .iter()
        .filter_map(
            |event| {
                if let Event::Waiting { on, .. } = event { Some(on.clone()) } else { None }
            },
        )
        .collect();
    assert_eq!(beats.len(), 4);
    assert!(
        beats.iter().all(|on| on.len() == 1 && on[0].id == "Nat" && on[0].elapsed >= seconds(28)),
        "{beats:?}"
    );
}

#[test]
fn a_failure_ends_in_its_first_cause() {
    let clock = Paused::default();
    let scenes = vec![scene(
        0,
        "ROLLBACK_COMPLETE",
        vec![
            event(1, "NatB", "CREATE_FAILED", "Resource creation cancelled"),
            event(2, "NatA", "CREATE_FAILED", "The maximum number of addresses has been reached."),
            event(
                3,
                "eksnet-shop",
                "ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to create: [NatA, NatB].",
            ),
        ],
    )];
    let (outcome, _) = follow(&Script::new(&clock, scenes));
    let Ok(Outcome::RolledBack { cause: Some(cause), .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause.id, "NatA");
    assert!(cause.hint.unwrap().contains("Elastic IPs"));
}

/// What CloudFormation itself takes for the cause goes before what its events look like.
#[test]
fn the_service_s_own_choice_of_failures_is_preferred() {
    let clock = Paused::default();
    let events = vec![
        event(1, "NatA", "CREATE_FAILED", "Something odd happened"),
        event(2, "eksnet-shop", "ROLLBACK_COMPLETE", ""),
    ];
    let mut script = Script::new(&clock, vec![scene(0, "ROLLBACK_COMPLETE", events)]);
    script.failures = vec![event(
        9,
        "NatB",
        "CREATE_FAILED",
        "The maximum number of addresses has been reached.",
    )];
    let cause = |script: &Script<'_>| match follow(script).0 {
        Ok(Outcome::RolledBack { cause: Some(cause), .. }) => cause.id,
        other => panic!("{other:?}"),
    };
    assert_eq!(cause(&script), "NatB");
    let older =
        script.refusing("failed", "InvalidAction", "Could not find operation DescribeEvents");
    assert_eq!(cause(&older), "NatA", "a service that lacks it is read by its events");
}

/// A template that the quotas of a message do not take goes through the bucket that was named, and through none that was not.
#[test]
fn a_long_template_goes_through_a_bucket() {
    let long = |bucket: Option<&str>, bytes: usize| {
        let clock = Paused::default();
        let script = Script::new(&clock, Vec::new()).answering(ready(Vec::new()));
        let template =
            Template { value: json!({ "Resources": {}, "Description": "x".repeat(bytes) }) };
        let job = Job { template, bucket: bucket.map(str::to_string), ..job() };
        let mut heard = Vec::new();
        let done =
            block_on(deploy::prepare(&script, &clock, &job, None, &mut |event| heard.push(event)));
        (done.map(|_| heard), script.count("upload"))
    };
    let (heard, uploads) = long(Some("network-templates"), 60_000);
    assert!(
        matches!(&heard.unwrap()[0], Event::Uploaded { address } if address.starts_with("https://s3.example/network-templates/eksnet/eksnet-shop/"))
    );
    assert_eq!(uploads, 1);
    assert!(long(None, 60_000).0.unwrap_err().hint.unwrap().contains("--template-bucket"));
    assert_eq!(long(Some("b"), 40_000).1, 0, "what can be sent is sent");
    assert!(long(Some("b"), 1_100_000).0.unwrap_err().chain().contains("at most 1000000"));
}

#[test]
fn drift_is_waited_for() {
    let clock = Paused::default();
    let mut script = Script::new(&clock, Vec::new());
    script.drifts = vec![eksnet::observed::Drift {
        id: "Vpc".into(),
        status: "MODIFIED".into(),
        ..Default::default()
    }];
    let found = block_on(deploy::drift(&script, &clock, "eksnet-shop", &mut |_| {})).unwrap();
    assert_eq!((found.len(), script.count("detection"), clock.sleeps.get()), (1, 3, 2));
}

#[test]
fn a_rollback_that_fails_is_neither_done_nor_back() {
    let clock = Paused::default();
    let (outcome, _) =
        follow(&Script::new(&clock, vec![scene(0, "UPDATE_ROLLBACK_FAILED", Vec::new())]));
    assert!(matches!(outcome, Ok(Outcome::Stuck { .. })));
}

#[test]
fn passing_faults_are_waited_out_and_expired_credentials_are_not() {
    let clock = Paused::default();
    let scenes = || vec![scene(0, "UPDATE_COMPLETE", Vec::new())];
    let passing = Script::new(&clock, scenes())
        .refusing("describe", "Throttling", "Rate exceeded")
        .refusing("events", "", "connection reset");
    let (outcome, heard) = follow(&passing);
    assert!(matches!(outcome, Ok(Outcome::Done { .. })));
    assert_eq!(heard.iter().filter(|event| matches!(event, Event::Retry { .. })).count(), 2);
    let expired = Script::new(&clock, scenes()).refusing("describe", "ExpiredToken", "expired");
    let (outcome, _) = follow(&expired);
    assert!(outcome.unwrap_err().hint.unwrap().contains("run the same command again"));
}

#[test]
fn every_status_has_a_standing() {
    let standing = |status: &str| deploy::condition(Some(&stack(status)));
    assert_eq!(deploy::condition(None), Condition::Absent);
    assert_eq!(standing("REVIEW_IN_PROGRESS"), Condition::Absent);
    assert_eq!(standing("ROLLBACK_COMPLETE"), Condition::Failed);
    assert_eq!(standing("UPDATE_ROLLBACK_FAILED"), Condition::RollbackFailed);
    assert_eq!(standing("DELETE_FAILED"), Condition::DeleteFailed);
    for busy in [
        "CREATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
    ] {
        assert_eq!(standing(busy), Condition::Busy, "{busy}");
    }
    for stands in
        ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]
    {
        assert_eq!(standing(stands), Condition::Deployed, "{stands}");
    }
}

#[test]
fn a_state_of_before_the_operation_is_not_taken_for_its_end() {
    let clock = Paused::default();
    let scenes = vec![
        scene(0, "UPDATE_COMPLETE", Vec::new()),
        scene(4, "UPDATE_IN_PROGRESS", vec![event(1, "Nat", "UPDATE_IN_PROGRESS", "")]),
        scene(20, "UPDATE_ROLLBACK_COMPLETE", vec![event(2, "Nat", "UPDATE_FAILED", "no")]),
    ];
    let (outcome, _) = follow(&Script::new(&clock, scenes));
    assert!(matches!(outcome, Ok(Outcome::RolledBack { .. })), "{outcome:?}");
}

#[test]
fn a_stack_that_vanishes_under_a_deployment_is_not_done() {
    let clock = Paused::default();
    let (outcome, _) = follow(&Script::new(&clock, vec![scene(0, "DELETE_COMPLETE", Vec::new())]));
    assert!(matches!(outcome, Ok(Outcome::Stuck { .. })), "{outcome:?}");
}

#[test]
fn an_operation_under_way_is_followed_from_its_own_beginning() {
    let clock = Paused::default();
    let events = vec![
        event(1, "eksnet-shop", "CREATE_IN_PROGRESS", ""),
        event(2, "Nat", "CREATE_FAILED", "old"),
        event(3, "eksnet-shop", "UPDATE_IN_PROGRESS", ""),
        event(4, "Nat", "UPDATE_COMPLETE", ""),
    ];
    let script = Script::new(&clock, vec![scene(0, "UPDATE_IN_PROGRESS", events)]);
    assert_eq!(
        block_on(deploy::under_way(&script, "eksnet-shop", false)).after.as_deref(),
        Some("e2")
    );
}

/// A drift-aware change set: asked for on a stack that stands, its drift told apart from its changes, in the documented shape.
#[test]
fn a_drift_aware_change_set_tells_what_was_changed_by_hand() {
    let clock = Paused::default();
    let by_hand = Detail {
        property: "Tags/0/Value".into(),
        before: Some(json!("by hand")),
        after: Some(json!("dev")),
        drift: Some((json!("dev"), json!("by hand"))),
        ..Detail::default()
    };
    let change = |id: &str, action: &str, drift: &str, details: Vec<Detail>| ResourceChange {
        id: id.into(),
        kind: "AWS::EC2::VPC".into(),
        action: action.into(),
        replacement: "False".into(),
        drift: drift.into(),
        details,
        ..ResourceChange::default()
    };
    let said = vec![
        change("Vpc", "Modify", "MODIFIED", vec![by_hand]),
        change("Other", "SyncWithActual", "IN_SYNC", Vec::new()),
        change(
            "Plain",
            "Modify",
            "",
            vec![Detail { property: "CidrBlock".into(), ..Detail::default() }],
        ),
    ];
    let script = Script::new(&clock, Vec::new()).answering(ready(said));
    let job = Job { revert_drift: true, ..job() };
    let made = block_on(deploy::prepare(
        &script,
        &clock,
        &job,
        Some(&stack("UPDATE_COMPLETE")),
        &mut |_| {},
    ));
    let Ok(Prepared::Ready { said, .. }) = made else { panic!() };
    assert!(script.requests.borrow()[0].revert_drift);
    let drifted = deploy::drifted(&said);
    assert_eq!(
        (drifted.len(), drifted[0].id.as_str(), drifted[0].differences[0].actual.clone()),
        (1, "Vpc", Some(json!("by hand")))
    );
    let changes: Vec<String> = deploy::changes(&said).into_iter().map(|change| change.id).collect();
    assert_eq!(changes, ["Vpc", "Plain"], "what only takes note of what stands is no change");
    // A new stack has nothing to put back.
    let script = Script::new(&clock, Vec::new()).answering(ready(Vec::new()));
    assert!(block_on(deploy::prepare(&script, &clock, &job, None, &mut |_| {})).is_ok());
    assert!(!script.requests.borrow()[0].revert_drift);
}

/// Change sets of `diff --save` stand until somebody executes them: those of expired plans go with the next one, and no other.
#[test]
fn change_sets_of_expired_plans_are_deleted_and_others_are_named() {
    let clock = Paused::default();
    let script = Script::new(&clock, Vec::new());
    let listed = |name: &str, description: &str| Listed {
        name: name.to_string(),
        description: description.to_string(),
    };
    let until = |moment: &str| format!("eksnet plan, valid until {moment}");
    *script.listed.borrow_mut() = vec![
        listed("eksnet-old", &until("2026-11-27T10:00:00Z")),
        listed("eksnet-new", &until("2026-11-28T10:00:00Z")),
        listed("eksnet-unknown", ""),
        listed("of-others", &until("2026-11-01T10:00:00Z")),
    ];
    let now = "2026-11-27T10:00:00Z";
    let found = block_on(deploy::expired(&script, "eksnet-shop", now)).unwrap();
    assert_eq!(found.deleted, ["eksnet-old"]);
    assert_eq!(found.left, ["eksnet-new (valid until 2026-11-28T10:00:00Z)", "eksnet-unknown"]);
    let names: Vec<String> = script.listed.borrow().iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["eksnet-new", "eksnet-unknown", "of-others"]);
    let denied = eksnet::aws::port::Refusal::new("AccessDenied", "no");
    script.refusals.borrow_mut().push_back(("delete_change_set", denied));
    let found = block_on(deploy::expired(&script, "eksnet-shop", "2026-12-01T00:00:00Z")).unwrap();
    assert!(found.deleted.is_empty() && found.left.len() == 2, "{found:?}");
}

/// CloudFormation hands the stack's tags on to an access entry of nodes, of which EKS accepts no update: the stack keeps those that it has.
#[test]
fn tags_of_a_stack_stay_where_they_would_reach_an_entry_of_nodes() {
    let sent = |kind: Option<&str>, stands: bool| {
        let clock = Paused::default();
        let script = Script::new(&clock, vec![scene(0, "UPDATE_COMPLETE", Vec::new())]);
        let script = script.answering(ready(Vec::new()));
        let entry = json!({ "Type": "AWS::EKS::AccessEntry", "Properties": { "Type": kind } });
        let template = Template::parse(&json!({ "Resources": { "Entry": entry } }).to_string());
        let tags = vec![("team".to_string(), "a".to_string())];
        let job = Job { template: template.unwrap(), tags, ..job() };
        let standing = stack("UPDATE_COMPLETE");
        let before = stands.then_some(&standing);
        block_on(deploy::prepare(&script, &clock, &job, before, &mut |_| {})).unwrap();
        script.requests.borrow()[0].tags.is_some()
    };
    assert!(sent(Some("EC2"), false), "they are created with their tags");
    assert!(!sent(Some("EC2"), true) && !sent(Some("HYBRID_LINUX"), true));
    assert!(sent(Some("STANDARD"), true) && sent(None, true));
}

/// The moment is in the description, where the next plan reads it; a change set that is executed at once says nothing.
#[test]
fn the_change_set_of_a_plan_says_how_long_it_is_valid() {
    let descriptions = ["", "eksnet plan, valid until 2026-11-28T10:00:00Z"].map(|description| {
        let clock = Paused::default();
        let script = Script::new(&clock, vec![scene(0, "UPDATE_COMPLETE", Vec::new())]);
        let script = script.answering(ready(Vec::new()));
        let job = Job { description: description.to_string(), ..job() };
        let prepared = block_on(deploy::prepare(&script, &clock, &job, None, &mut |_| {}));
        assert!(matches!(prepared, Ok(Prepared::Ready { .. })));
        script.requests.borrow()[0].description.clone()
    });
    assert_eq!(descriptions, ["", "eksnet plan, valid until 2026-11-28T10:00:00Z"]);
}
