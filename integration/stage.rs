//! Every path of a deployment against doubles: who is asked, what is told, what is called, and what is not.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use eksnet::aws::port::{OnFailure, Orphan, ResourceChange, StackEvent, StackResource};
use eksnet::deploy::apply::Run;
use eksnet::deploy::plan::{self, Ended, Making, Plan, Planned};
use eksnet::deploy::rest::{self, Rest};
use eksnet::deploy::{
    self, Agreed, Decide, Deletion, Deployment, Event, Options, Outcome, Question, Reply, Stage,
};
use eksnet::diagnostic::Failure;
use eksnet::line::Compiled;
use eksnet::observed::{LiveAddon, LiveCluster, LiveNodeGroup, StackDescription};
use eksnet::preview::{Differs, KubernetesChanges, Preview};
use eksnet::template::Template;

use serde_json::{Value, json};

use crate::doubles::{Paused, Scene, Script, event, ready, stack};
use crate::support::{CLEAN, build};

/// Answers from a list, and remembers the questions.
pub struct Answers {
    replies: RefCell<Vec<Reply>>,
    asked: RefCell<Vec<String>>,
    /// The run is to end once so many calls were made.
    ends: Cell<bool>,
}

impl Answers {
    pub fn with(replies: &[Reply]) -> Self {
        let mut replies = replies.to_vec();
        replies.reverse();
        Self { replies: RefCell::new(replies), asked: RefCell::default(), ends: Cell::new(false) }
    }
}

impl Decide for Answers {
    async fn decide(&self, question: &Question<'_>) -> Result<Reply, Failure> {
        let word = format!("{question:?}");
        let word = word.split([' ', '{']).next().unwrap_or_default().to_string();
        self.asked.borrow_mut().push(word);
        Ok(self.replies.borrow_mut().pop().unwrap_or(Reply::Nobody))
    }

    async fn interrupted(&self) {
        if !self.ends.get() {
            std::future::pending().await
        }
    }
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

const NETWORK: &str = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: eu-west-1 }\nzones: 2\n";

/// What is staged.
pub struct Play<'p> {
    pub script: Script<'p>,
    answers: Answers,
    pub heard: RefCell<Vec<Event>>,
}

impl<'p> Play<'p> {
    pub fn new(clock: &'p Paused, scenes: Vec<Scene>, replies: &[Reply]) -> Self {
        Self {
            script: Script::new(clock, scenes),
            answers: Answers::with(replies),
            heard: RefCell::default(),
        }
    }

    pub fn run<T>(
        &self,
        work: impl AsyncFnOnce(&Stage<'_, Script<'p>, Paused, Answers>) -> T,
    ) -> T {
        let tell = |event: Event| self.heard.borrow_mut().push(event);
        let stage = Stage {
            world: &self.script,
            clock: self.script.clock,
            decide: &self.answers,
            tell: &tell,
        };
        block_on(work(&stage))
    }

    /// Its notes, as people read them.
    fn told(&self) -> String {
        let heard = self.heard.borrow();
        let notes = heard.iter().filter_map(|event| match event {
            Event::Note(note) => Some(eksnet::report::notes::human(note)),
            _ => None,
        });
        notes.collect::<Vec<_>>().join("\n")
    }

    fn asked(&self) -> Vec<String> {
        self.answers.asked.borrow().clone()
    }
}

pub fn at(seconds: u64, status: &'static str, events: &[(u32, &str, &str)]) -> Scene {
    let events = events.iter().map(|(number, id, status)| event(*number, id, status, "")).collect();
    Scene { at: Duration::from_secs(seconds), status, events }
}

pub fn options() -> Options {
    Options { nonce: "n".into(), command: "eksnet deploy b.yaml".into(), ..Options::default() }
}

pub fn added() -> ResourceChange {
    ResourceChange {
        id: "Vpc".into(),
        kind: "AWS::EC2::VPC".into(),
        action: "Add".into(),
        ..ResourceChange::default()
    }
}

/// The stack comes to stand while time passes.
pub fn creation() -> Vec<Scene> {
    vec![
        at(
            2,
            "CREATE_IN_PROGRESS",
            &[(1, "eksnet-shop", "CREATE_IN_PROGRESS"), (2, "Vpc", "CREATE_IN_PROGRESS")],
        ),
        at(
            9,
            "CREATE_COMPLETE",
            &[(3, "Vpc", "CREATE_COMPLETE"), (4, "eksnet-shop", "CREATE_COMPLETE")],
        ),
    ]
}

fn deployed(play: &Play<'_>, compiled: &Compiled, options: &Options) -> Result<Run, Failure> {
    let before = Template::nothing();
    let deployment = Deployment { compiled, stack: None, before: &before, options, part: None };
    play.run(async |stage| deploy::apply(stage, &deployment).await)
}

#[test]
fn a_first_deployment_shows_asks_executes_follows_and_completes() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let mut play = Play::new(&clock, creation(), &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![added()]));
    let Ok(Run::Ended(Outcome::Done { took, .. })) = deployed(&play, &compiled, &options()) else {
        panic!("{:?}", play.heard)
    };
    assert!(took.contains_key("Vpc"));
    assert_eq!(play.asked(), ["Deploy"]);
    assert_eq!(play.script.count("execute"), 1);
    let heard = play.heard.borrow();
    let position = |wanted: &dyn Fn(&Event) -> bool| heard.iter().position(wanted).unwrap();
    let shown = position(&|event| matches!(event, Event::Preview(_)));
    let expected = position(&|event| matches!(event, Event::Expected(_)));
    let deployed = position(&|event| matches!(event, Event::Deployed { .. }));
    assert!(shown < expected && expected < deployed);
    // Nothing is kept for prefixes, so nobody is asked about reservations.
    assert_eq!(play.script.count("reservations"), 0);
}

/// Of a stack that needs nothing, nothing is read subnet by subnet: the calls do not grow with the network.
#[test]
fn no_change_costs_the_same_calls_whatever_the_size_of_the_network() {
    let calls = |zones: usize| {
        let (clock, options) = (Paused::default(), options());
        let compiled = build(&NETWORK.replace("zones: 2", &format!("zones: {zones}")));
        let play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
        play.script.change_sets.borrow_mut().push_back(crate::doubles::failed(
            "The submitted information didn't contain changes. Submit different information to create a change set.",
        ));
        let stack = crate::doubles::stack("UPDATE_COMPLETE");
        let deployment = Deployment {
            compiled: &compiled,
            stack: Some(&stack),
            before: &compiled.template,
            options: &options,
            part: None,
        };
        let ended = play.run(async |stage| deploy::apply(stage, &deployment).await);
        assert!(matches!(ended, Ok(Run::NoChange)), "{ended:?}");
        assert_eq!(play.script.count("reservations"), 0);
        play.script.calls.take()
    };
    let few = calls(1);
    assert_eq!(few, calls(3));
    assert!(few.len() < 10, "{few:#?}");
}

/// EKS's own group has no tags in CloudFormation: they are set, and taken away, after the update.
#[test]
fn the_cluster_security_group_has_the_tags_of_groups() {
    let with = |tags: &str| {
        build(&CLEAN.replace("securityGroups: {", &format!("securityGroups: {{ tags: {tags},")))
    };
    let plain = || build(CLEAN);
    for (before, after, calls) in [
        (plain(), with("{ team: a }"), [1, 0]),
        (with("{ team: a }"), with("{ team: b }"), [1, 0]),
        (with("{ team: a }"), with("{ cost: a }"), [1, 1]),
        (with("{ team: a }"), plain(), [0, 1]),
        (plain(), plain(), [0, 0]),
    ] {
        let clock = Paused::default();
        let mut play = Play::new(&clock, creation(), &[Reply::Yes]);
        play.script = play.script.answering(ready(vec![added()]));
        let (stack, options) = (crate::doubles::stack("CREATE_COMPLETE"), options());
        let deployment = Deployment {
            compiled: &after,
            stack: Some(&stack),
            before: &before.template,
            options: &options,
            part: None,
        };
        let done = play.run(async |stage| deploy::apply(stage, &deployment).await);
        assert!(matches!(done, Ok(Run::Ended(Outcome::Done { .. }))), "{done:?}");
        assert_eq!(["tag", "untag"].map(|call| play.script.count(call)), calls);
    }
}

#[test]
fn a_no_and_nobody_leave_no_change_set_behind() {
    for (reply, words) in
        [(Reply::No, None), (Reply::Nobody, Some("no interactive terminal to confirm"))]
    {
        let (clock, compiled) = (Paused::default(), build(NETWORK));
        let mut play = Play::new(&clock, Vec::new(), &[reply]);
        play.script = play.script.answering(ready(vec![added()]));
        match (deployed(&play, &compiled, &options()), words) {
            (Ok(Run::Declined), None) => {}
            (Err(failure), Some(words)) => assert!(failure.chain().contains(words)),
            (other, _) => panic!("{reply:?}: {other:?}"),
        }
        assert_eq!(play.script.count("execute"), 0);
        assert_eq!(play.script.count("delete_change_set"), 1);
    }
}

#[test]
fn an_interrupted_run_changes_nothing() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let mut play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![added()]));
    play.answers.ends.set(true);
    let failure = deployed(&play, &compiled, &options()).unwrap_err();
    assert!(failure.chain().contains("interrupted: nothing was changed"), "{}", failure.chain());
    assert_eq!(play.script.count("execute"), 0);
}

#[test]
fn two_at_once_make_one_stack() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let mut play = Play::new(&clock, Vec::new(), &[Reply::Yes]);
    play.script = play
        .script
        .refusing(
            "create_change_set",
            "AlreadyExistsException",
            "Stack [eksnet-shop] already exists",
        )
        .refusing("change_set", "ChangeSetNotFound", "ChangeSet does not exist");
    let failure = deployed(&play, &compiled, &options()).unwrap_err();
    assert!(failure.hint.unwrap().contains("another deployment created the stack in between"));
    assert_eq!(play.script.count("execute"), 0);
}

fn rested(play: &Play<'_>) -> Result<Rest, Failure> {
    let run = rest::Run {
        nonce: "n".into(),
        command: "eksnet deploy b.yaml",
        on_failure: OnFailure::Rollback,
    };
    play.run(async |stage| deploy::at_rest(stage, "eksnet-shop", &run).await)
}

#[test]
fn a_rollback_that_failed_is_taken_up_once() {
    let clock = Paused::default();
    let scenes = vec![
        at(0, "UPDATE_ROLLBACK_FAILED", &[(1, "eksnet-shop", "UPDATE_ROLLBACK_FAILED")]),
        at(1, "UPDATE_ROLLBACK_IN_PROGRESS", &[(2, "eksnet-shop", "UPDATE_ROLLBACK_IN_PROGRESS")]),
        at(3, "UPDATE_ROLLBACK_COMPLETE", &[(3, "eksnet-shop", "UPDATE_ROLLBACK_COMPLETE")]),
    ];
    let play = Play::new(&clock, scenes, &[Reply::Yes]);
    let Ok(Rest::Stack(Some(stack))) = rested(&play) else { panic!() };
    assert_eq!(stack.status, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(play.asked(), ["ContinueRollback"]);
    assert_eq!(play.script.count("continue_rollback"), 1);
}

#[test]
fn a_rollback_that_fails_again_is_not_asked_about_twice() {
    let clock = Paused::default();
    let scenes =
        vec![at(0, "UPDATE_ROLLBACK_FAILED", &[(1, "eksnet-shop", "UPDATE_ROLLBACK_FAILED")])];
    let mut play = Play::new(&clock, scenes, &[Reply::Yes, Reply::Yes]);
    play.script.existing.push(StackResource {
        id: "NodeGroupGeneral".into(),
        kind: "AWS::EKS::Nodegroup".into(),
        physical_id: "shop/general".into(),
        status: "UPDATE_FAILED".into(),
    });
    let failure = rested(&play).unwrap_err();
    assert!(failure.chain().contains("UPDATE_ROLLBACK_FAILED again"));
    assert!(failure.chain().contains("over NodeGroupGeneral"), "{}", failure.chain());
    assert!(failure.hint.unwrap().contains("--resources-to-skip NodeGroupGeneral`"));
    assert_eq!(play.asked(), ["ContinueRollback"]);
}

#[test]
fn a_failed_creation_is_deleted_after_a_yes_only() {
    let clock = Paused::default();
    let scenes = || vec![at(0, "ROLLBACK_COMPLETE", &[(1, "eksnet-shop", "ROLLBACK_COMPLETE")])];
    let declined = Play::new(&clock, scenes(), &[Reply::No]);
    assert!(matches!(rested(&declined), Ok(Rest::Declined)));
    assert_eq!(declined.script.count("delete"), 0);
    let mut gone = scenes();
    gone.push(at(
        2,
        "DELETE_COMPLETE",
        &[(2, "eksnet-shop", "DELETE_IN_PROGRESS"), (3, "eksnet-shop", "DELETE_COMPLETE")],
    ));
    let clock = Paused::default();
    let agreed = Play::new(&clock, gone, &[Reply::Yes]);
    assert!(matches!(rested(&agreed), Ok(Rest::Stack(None))));
    assert_eq!(agreed.script.count("delete"), 1);
}

pub fn plan_of(compiled: &Compiled, operation: &str) -> Plan {
    let making = Making {
        file: "b.yaml",
        account: "111122223333".into(),
        created: "2026-11-28T00:00:00Z".into(),
        expires: "2026-12-05T00:00:00Z".into(),
        change_set: Some(("eksnet-1".into(), "c".into())),
        stack_operation: operation.into(),
        moves: Default::default(),
        parts: Planned::of(&Preview::default(), compiled),
    };
    Plan::new(making, compiled, serde_json::json!({ "changes": [], "kubernetes": [] }))
}

pub fn planned(play: &Play<'_>, compiled: &Compiled, plan: &Plan) -> Result<Ended, Failure> {
    let (before, options) = (Template::nothing(), options());
    let deployment =
        Deployment { compiled, stack: None, before: &before, options: &options, part: None };
    play.run(async |stage| plan::run(stage, &deployment, (plan, "p.json")).await)
}

#[test]
fn a_plan_runs_as_reviewed_and_asks_nobody() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let mut play = Play::new(&clock, creation(), &[]);
    play.script = play.script.answering(ready(vec![added()]));
    play.script.sent = compiled.template.to_json();
    let ended = planned(&play, &compiled, &plan_of(&compiled, ""));
    assert!(matches!(ended, Ok(Ended::Executed(Outcome::Done { .. }))));
    assert_eq!((play.asked().len(), play.script.count("execute")), (0, 1));
}

#[test]
fn a_plan_of_another_moment_or_template_is_refused_before_anything_is_called() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let moved = Play::new(&clock, Vec::new(), &[]);
    let failure = planned(&moved, &compiled, &plan_of(&compiled, "7")).err().unwrap();
    assert!(failure.chain().contains("the stack (it does not exist)"), "{}", failure.chain());
    let mut other = Play::new(&clock, Vec::new(), &[]);
    other.script = other.script.answering(ready(vec![added()]));
    let failure = planned(&other, &compiled, &plan_of(&compiled, "")).err().unwrap();
    assert!(failure.chain().contains("made from another template"), "{}", failure.chain());
    assert_eq!(moved.script.count("execute") + other.script.count("execute"), 0);
    let text = serde_json::to_string(&plan_of(&compiled, "")).unwrap();
    for (edited, words) in [
        (text.replace("eksnet-1", "eksnet-2"), "edited"),
        (text.replace("\"schemaVersion\":3", "\"schemaVersion\":2"), "another version"),
    ] {
        let told = Plan::from_text(&edited, "p.json", "2026-11-29T00:00:00Z").unwrap_err();
        assert!(told.chain().contains(words), "{}", told.chain());
        assert!(told.hint.unwrap().contains("make a new plan"));
    }
    let late = Plan::from_text(&text, "p.json", "2026-12-05T00:00:00Z").unwrap_err();
    assert!(late.chain().contains("valid until"), "{}", late.chain());
}

/// EKS is about to adopt an aws-node that somebody else has set up.
#[test]
fn settings_of_others_are_taken_over_by_their_own_yes_alone() {
    let found = KubernetesChanges {
        differs: vec![Differs {
            what: "WARM_IP_TARGET".to_string(),
            before: Some("5".to_string()),
            after: None,
            setter: None,
            overwritten: true,
        }],
        takes_over: true,
        ..KubernetesChanges::default()
    };
    let compiled = build(CLEAN);
    let before = Template::nothing();
    let gate = |replies: &[Reply], take_over| {
        let (clock, options) = (Paused::default(), Options { take_over, ..options() });
        let play = Play::new(&clock, Vec::new(), replies);
        let deployment = Deployment {
            compiled: &compiled,
            stack: None,
            before: &before,
            options: &options,
            part: None,
        };
        let answer =
            play.run(async |stage| deploy::aws_node::run::gate(stage, &deployment, &found).await);
        (answer.map_err(|failure| failure.hint.unwrap()), play.asked())
    };
    assert_eq!(gate(&[Reply::Yes], false), (Ok(true), vec!["TakeOver".to_string()]));
    assert_eq!(gate(&[], true), (Ok(true), vec![]));
    for reply in [Reply::No, Reply::Nobody] {
        assert!(gate(&[reply], false).0.unwrap_err().contains("--take-over"));
    }
}

pub fn destroyed(play: &Play<'_>, deletion: &Deletion<'_>) -> Result<Outcome, Failure> {
    play.run(async |stage| deploy::destroy(stage, deletion).await)
}

/// A deletion to which nothing was agreed beforehand.
fn plain<'d>(compiled: &'d Compiled, stack: &'d StackDescription) -> Deletion<'d> {
    Deletion { intent: &compiled.intent, stack, before: &compiled.template, agreed: agreed() }
}

fn agreed() -> Agreed {
    Agreed { nonce: "n".into(), command: "eksnet destroy b.yaml".into(), ..Agreed::default() }
}

/// A stack that goes within five seconds.
fn going<'c>(clock: &'c Paused, replies: &[Reply]) -> Play<'c> {
    let scenes = vec![
        at(0, "DELETE_IN_PROGRESS", &[(1, "eksnet-shop", "DELETE_IN_PROGRESS")]),
        at(5, "DELETE_COMPLETE", &[(2, "eksnet-shop", "DELETE_COMPLETE")]),
    ];
    let mut play = Play::new(clock, scenes, replies);
    let (resources, cluster) = standing();
    play.script.existing = resources;
    *play.script.cluster.borrow_mut() = Some(LiveCluster { deletion_protection: false, ..cluster });
    play
}

#[test]
fn what_others_have_in_the_vpc_stops_a_deletion_before_it_begins() {
    let (compiled, described) = (build(CLEAN), stack("CREATE_COMPLETE"));
    let clock = Paused::default();
    let others = vec!["instance i-1 (bastion)".to_string(), "interface eni-1 (RDS)".to_string()];
    let play = |replies: &[Reply]| {
        let play = going(&clock, replies);
        play.script.around.borrow_mut().others = others.clone();
        play
    };
    let stopped = play(&[]);
    let failure = destroyed(&stopped, &plain(&compiled, &described)).unwrap_err();
    assert!(failure.chain().contains("instance i-1 (bastion) and 1 more"), "{}", failure.chain());
    assert!(failure.hint.unwrap().contains("--despite-others"));
    assert_eq!((stopped.script.count("delete"), stopped.asked().len()), (0, 0));
    let meant = play(&[Reply::Yes]);
    let deletion = Deletion {
        agreed: Agreed { despite_others: true, ..agreed() },
        ..plain(&compiled, &described)
    };
    assert!(matches!(destroyed(&meant, &deletion), Ok(Outcome::Done { .. })));
}

#[test]
fn volumes_of_pods_are_named_and_go_only_in_a_word_of_their_own() {
    let (compiled, described) = (build(CLEAN), stack("CREATE_COMPLETE"));
    let volume = Orphan::Volume {
        id: "vol-1".into(),
        gib: 8,
        zone: "eu-west-1a".into(),
        claim: "shop/data".into(),
    };
    for (volumes, removed) in [(false, 0), (true, 1)] {
        let clock = Paused::default();
        let play = going(&clock, &[Reply::Yes]);
        play.script.around.borrow_mut().volumes.push(volume.clone());
        let deletion = Deletion {
            agreed: Agreed { orphans: true, volumes, ..agreed() },
            ..plain(&compiled, &described)
        };
        assert!(matches!(destroyed(&play, &deletion), Ok(Outcome::Done { .. })));
        assert_eq!(play.script.count("remove"), removed);
        let told = play.told();
        let named = told.matches("volume vol-1 (8 GiB in eu-west-1a, of shop/data)").count();
        assert_eq!(named, if volumes { 1 } else { 2 }, "{told}");
    }
}

#[test]
fn a_deletion_names_foreign_addons_and_uses_the_role_that_it_is_given() {
    let (compiled, described) = (build(CLEAN), stack("CREATE_COMPLETE"));
    let clock = Paused::default();
    let play = going(&clock, &[Reply::Yes]);
    let addon = |name: &str| LiveAddon {
        name: name.into(),
        status: "ACTIVE".into(),
        version: String::new(),
        issues: Vec::new(),
    };
    *play.script.addons.borrow_mut() = vec![addon("adot"), addon("coredns")];
    let own = StackResource {
        id: "AddonCoredns".into(),
        kind: "AWS::EKS::Addon".into(),
        physical_id: "shop|coredns".into(),
        status: "CREATE_COMPLETE".into(),
    };
    let mut play = play;
    play.script.existing.push(own);
    let role = Some("arn:aws:iam::111122223333:role/cfn".to_string());
    let deletion = Deletion {
        agreed: Agreed { role: role.clone(), ..agreed() },
        ..plain(&compiled, &described)
    };
    assert!(matches!(destroyed(&play, &deletion), Ok(Outcome::Done { .. })));
    let told = play.told();
    assert!(told.contains("add-ons that others installed go with the cluster: adot"), "{told}");
    assert_eq!(play.script.roles.borrow().first(), role.as_ref());
}

/// EKS says only that pods stay: which, and whose budget keeps them, is in the cluster's own API.
#[test]
fn an_eviction_that_fails_names_the_pods_and_their_budgets() {
    let (clock, compiled, options) = (Paused::default(), build(CLEAN), options());
    let reason = "Update failed due to [{ErrorCode: PodEvictionFailure,ErrorMessage: Reached max retries while trying to evict pods from nodes in node group general,ResourceIds: [ip-10-40-16-7.eu-west-1.compute.internal]}]";
    let failed = Scene {
        at: Duration::from_secs(9),
        status: "UPDATE_ROLLBACK_COMPLETE",
        events: vec![
            event(3, "NodeGroupGeneral", "UPDATE_FAILED", reason),
            event(4, "eksnet-shop", "UPDATE_ROLLBACK_COMPLETE", ""),
        ],
    };
    let begun = at(2, "UPDATE_IN_PROGRESS", &[(1, "eksnet-shop", "UPDATE_IN_PROGRESS")]);
    let mut play = Play::new(&clock, vec![begun, failed], &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![added()]));
    *play.script.cluster.borrow_mut() = Some(LiveCluster::default());
    let pod = |name: &str, namespace: &str, app: &str, node: &str| {
        json!({
            "kind": "Pod", "metadata": { "name": name, "namespace": namespace, "labels": { "app": app } },
            "spec": { "nodeName": format!("{node}.eu-west-1.compute.internal") },
        })
    };
    let budget = |name: &str, selector: Value, allowed: u64| {
        json!({
            "metadata": { "name": name, "namespace": "shop" },
            "spec": { "selector": selector }, "status": { "disruptionsAllowed": allowed },
        })
    };
    let objects = &play.script.objects;
    let (old, other) = ("ip-10-40-16-7", "ip-10-40-16-70");
    for one in [
        pod("web-1", "shop", "web", old),
        pod("web-2", "shop", "web", other),
        pod("web-3", "elsewhere", "web", old),
        pod("api-1", "shop", "api", old),
        pod("db-1", "shop", "db", old),
    ] {
        objects.put("Pod", one);
    }
    let is_in =
        json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": ["db"] }] });
    for one in [
        budget("web", json!({ "matchLabels": { "app": "web" } }), 0),
        budget("api", json!({ "matchLabels": { "app": "api" } }), 1),
        budget("db", is_in, 0),
        budget("nothing", Value::Null, 0),
    ] {
        objects.put("PodDisruptionBudget", one);
    }
    let (stack, before) = (crate::doubles::stack("UPDATE_COMPLETE"), compiled.template.clone());
    let tagged = build(&CLEAN.replace("name: shop\n", "name: shop\n  tags: { team: a }\n"));
    let deployment = Deployment {
        compiled: &tagged,
        stack: Some(&stack),
        before: &before,
        options: &options,
        part: None,
    };
    let ended = play.run(async |stage| deploy::apply(stage, &deployment).await);
    let Ok(Run::Ended(Outcome::RolledBack { cause: Some(cause), .. })) = ended else {
        panic!("{ended:?}")
    };
    let on = format!("on {old}.eu-west-1.compute.internal stays: PodDisruptionBudget");
    assert_eq!(
        cause.seen,
        [
            format!("pod shop/db-1 {on} shop/db allows no disruption"),
            format!("pod shop/web-1 {on} shop/web allows no disruption"),
        ]
    );
    assert!(cause.hint.is_some_and(|hint| hint.contains("PodDisruptionBudget")));
}

/// EKS deletes no cluster that has node groups of others: they are named before anything is deleted.
#[test]
fn node_groups_of_others_stop_a_deletion_before_it_begins() {
    let clock = Paused::default();
    let mut play = Play::new(&clock, Vec::new(), &[]);
    let (resources, cluster) = standing();
    play.script.existing = resources;
    *play.script.cluster.borrow_mut() = Some(LiveCluster { deletion_protection: false, ..cluster });
    let group = |name: &str| LiveNodeGroup { name: name.into(), ..LiveNodeGroup::default() };
    *play.script.node_groups.borrow_mut() = vec![group("byhand")];
    let (compiled, described) = (build(CLEAN), stack("CREATE_COMPLETE"));
    let deletion =
        Deletion { agreed: Agreed { orphans: true, ..agreed() }, ..plain(&compiled, &described) };
    let failure = destroyed(&play, &deletion).unwrap_err();
    assert!(failure.chain().contains("node group byhand"), "{}", failure.chain());
    assert!(failure.hint.unwrap().contains("aws eks delete-nodegroup"));
    assert_eq!(play.script.count("delete"), 0);
}

fn standing() -> (Vec<StackResource>, LiveCluster) {
    let resource = |id: &str, kind: &str, physical: &str| StackResource {
        id: id.into(),
        kind: kind.into(),
        physical_id: physical.into(),
        status: "CREATE_COMPLETE".into(),
    };
    let cluster = LiveCluster {
        status: "ACTIVE".into(),
        deletion_protection: true,
        ..LiveCluster::default()
    };
    let resources = vec![
        resource("Vpc", "AWS::EC2::VPC", "vpc-1"),
        resource("Cluster", "AWS::EKS::Cluster", "shop"),
    ];
    (resources, cluster)
}

#[test]
fn a_deletion_asks_for_orphans_and_by_name_and_removes_them_once_the_cluster_is_gone() {
    let compiled = build(CLEAN);
    let described = StackDescription { protected: true, ..stack("CREATE_COMPLETE") };
    let deletion = |unprotect| Deletion {
        agreed: Agreed { unprotect, ..agreed() },
        ..plain(&compiled, &described)
    };
    let play = |clock, replies: &[Reply]| {
        let scenes = vec![
            at(0, "DELETE_IN_PROGRESS", &[(1, "eksnet-shop", "DELETE_IN_PROGRESS")]),
            at(5, "DELETE_COMPLETE", &[(2, "eksnet-shop", "DELETE_COMPLETE")]),
        ];
        let mut play = Play::new(clock, scenes, replies);
        let (resources, cluster) = standing();
        play.script.existing = resources;
        *play.script.cluster.borrow_mut() = Some(cluster);
        let left = Orphan::Interface {
            id: "eni-1".into(),
            description: "aws-K8S-i-1".into(),
            subnet: "subnet-1".into(),
        };
        play.script.orphans.borrow_mut().push(left);
        play
    };
    let clock = Paused::default();
    let protected = play(&clock, &[]);
    let told = destroyed(&protected, &deletion(false)).unwrap_err();
    assert!(told.hint.unwrap().contains("--unprotect"));
    let declined = play(&clock, &[Reply::No]);
    let told = destroyed(&declined, &deletion(true)).unwrap_err();
    assert!(told.chain().contains("nothing was deleted"));
    let unsure = play(&clock, &[Reply::Yes, Reply::No]);
    assert!(destroyed(&unsure, &deletion(true)).is_err());
    for run in [&protected, &declined, &unsure] {
        let changed =
            ["delete", "remove", "unprotect", "protect"].map(|call| run.script.count(call));
        assert_eq!(changed, [0; 4]);
    }
    let agreed = play(&clock, &[Reply::Yes, Reply::Yes]);
    let outcome = destroyed(&agreed, &deletion(true));
    assert!(matches!(outcome, Ok(Outcome::Done { .. })), "{outcome:?}");
    assert_eq!(agreed.asked(), ["RemoveOrphans", "Destroy"]);
    let changed = ["delete", "unprotect", "protect"].map(|call| agreed.script.count(call));
    assert_eq!(changed, [1, 1, 1]);
    // A cluster that could not be made because its name is somebody else's: theirs keeps its protection.
    let mut foreign = play(&clock, &[Reply::Yes, Reply::Yes]);
    foreign.script.existing[1].status = "CREATE_FAILED".into();
    assert!(matches!(destroyed(&foreign, &deletion(true)), Ok(Outcome::Done { .. })));
    assert_eq!(foreign.script.count("unprotect"), 0);
}

#[test]
fn a_deletion_that_gets_stuck_puts_its_protections_back() {
    let compiled = build(CLEAN);
    let described = StackDescription { protected: true, ..stack("CREATE_COMPLETE") };
    let deletion =
        Deletion { agreed: Agreed { unprotect: true, ..agreed() }, ..plain(&compiled, &described) };
    let clock = Paused::default();
    let scenes = vec![
        at(0, "DELETE_IN_PROGRESS", &[(1, "eksnet-shop", "DELETE_IN_PROGRESS")]),
        at(5, "DELETE_FAILED", &[(2, "Vpc", "DELETE_FAILED"), (3, "eksnet-shop", "DELETE_FAILED")]),
    ];
    let mut play = Play::new(&clock, scenes, &[Reply::Yes]);
    let (resources, cluster) = standing();
    play.script.existing = resources;
    *play.script.cluster.borrow_mut() = Some(cluster);
    let outcome = destroyed(&play, &deletion);
    assert!(matches!(outcome, Ok(Outcome::Stuck { .. })), "{outcome:?}");
    let changed = ["unprotect", "protect", "protect cluster"].map(|call| play.script.count(call));
    assert_eq!(changed, [1, 2, 1]);
}

/// CloudFormation calls an update complete that could not delete everything.
#[test]
fn what_an_update_could_not_delete_is_named() {
    let (clock, compiled) = (Paused::default(), build(NETWORK));
    let mut left = event(3, "SubnetA", "DELETE_FAILED", "it has dependencies");
    left.physical_id = "subnet-1".into();
    let mut gone = event(2, "SubnetB", "DELETE_FAILED", "not yet");
    gone.physical_id = "subnet-2".into();
    let deleted =
        StackEvent { event_id: "e4".into(), status: "DELETE_COMPLETE".into(), ..gone.clone() };
    let mut end = at(5, "UPDATE_COMPLETE", &[(5, "eksnet-shop", "UPDATE_COMPLETE")]);
    end.events = [vec![left.clone(), left, gone, deleted], end.events].concat();
    let scenes =
        vec![at(0, "UPDATE_IN_PROGRESS", &[(1, "eksnet-shop", "UPDATE_IN_PROGRESS")]), end];
    let mut play = Play::new(&clock, scenes, &[Reply::Yes]);
    play.script = play.script.answering(ready(vec![added()]));
    let Ok(Run::Ended(Outcome::Done { left, .. })) = deployed(&play, &compiled, &options()) else {
        panic!("it is done")
    };
    let names: Vec<&str> = left.iter().map(|one| one.physical_id.as_str()).collect();
    assert_eq!(names, ["subnet-1"]);
}
