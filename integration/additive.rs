//! A stack beside a cluster that others made, against doubles: what is told to whom, in which order, and how everything goes back.

use eksnet::aws::port::{AddonState, Orphan, StackResource};
use eksnet::deploy::apply::Run;
use eksnet::deploy::{self, Agreed, Deletion, Deployment, Note, Outcome, Reply};
use eksnet::diagnostic::Failure;
use eksnet::line::Compiled;
use eksnet::observed::survey::{Container, DaemonSet, Survey};
use eksnet::observed::{LiveCluster, LiveSubnet, Part};
use eksnet::preview::{self, Title};
use eksnet::template::Template;
use serde_json::{Value, json};

use crate::doubles::{Paused, Scene, event, failed, ready, stack};
use crate::existing::{TEXT, compiled, edited, exhausted};
use crate::held::list;
use crate::stage::{Play, at, destroyed, options};
use crate::support::root;

const STACK: &str = "eksnet-prod-pods";

/// The cluster's add-on and its DaemonSet as others set them.
fn theirs() -> Value {
    json!({ "env": { "AWS_VPC_K8S_CNI_LOGLEVEL": "INFO" }, "tolerations": [{ "operator": "Exists" }] })
}

fn daemon_set() -> Value {
    json!({
        "metadata": { "name": "aws-node", "generation": 1 },
        "spec": { "template": { "spec": { "containers": [{ "name": "aws-node", "env": [] }] } } },
        "status": { "observedGeneration": 1, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3 },
    })
}

fn joined<'p>(clock: &'p Paused, scenes: Vec<Scene>, replies: &[Reply]) -> Play<'p> {
    let mut play = Play::new(clock, scenes, replies);
    play.script = play.script.answering(ready(Vec::new()));
    play.script.objects.put("DaemonSet", daemon_set());
    *play.script.cluster.borrow_mut() = Some(LiveCluster::default());
    let values = Some(theirs().to_string());
    *play.script.addon.borrow_mut() =
        Some(AddonState { status: "ACTIVE".into(), values, issues: Vec::new() });
    let subnet = |zone: usize| StackResource {
        id: format!("SubnetPodsEuw1Az{zone}"),
        kind: "AWS::EC2::Subnet".into(),
        physical_id: format!("subnet-aaaaaaaa{zone}"),
        status: "CREATE_COMPLETE".into(),
    };
    play.script.existing = (1..=3).map(subnet).collect();
    play
}

/// Both parts come to stand.
fn two_parts() -> Vec<Scene> {
    let scene = |seconds, status, number| {
        let one = event(number, STACK, status, "");
        let one =
            eksnet::aws::port::StackEvent { kind: "AWS::CloudFormation::Stack".into(), ..one };
        Scene { events: vec![one], ..at(seconds, status, &[]) }
    };
    vec![
        scene(2, "CREATE_IN_PROGRESS", 1),
        scene(9, "CREATE_COMPLETE", 2),
        scene(60, "UPDATE_IN_PROGRESS", 3),
        scene(80, "UPDATE_COMPLETE", 4),
    ]
}

fn deployed(play: &Play<'_>, compiled: &Compiled, before: &Template) -> Result<Run, Failure> {
    let (options, described) = (options(), stack("CREATE_COMPLETE"));
    let deployment = Deployment {
        compiled,
        stack: Some(&described).filter(|_| !before.is_empty()),
        before,
        options: &options,
        part: None,
    };
    play.run(async |stage| deploy::apply(stage, &deployment).await)
}

#[test]
fn new_nodes_wait_until_aws_node_is_set_up_for_them() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let whole = preview::compare(STACK, &Template::nothing(), &compiled.template, &compiled.graph);
    let groups = |template: &Template| {
        template.resources().filter(|(_, one)| one["Type"] == "AWS::EKS::Nodegroup").count()
    };
    let counts: Vec<usize> = whole.parts.iter().map(|part| groups(&part.template)).collect();
    assert_eq!(counts, [0, 1]);
    assert!(matches!(whole.parts[1].title, Title::NewNodes(_)), "{:?}", whole.parts[1].title);
    // Settings that do not decide how nodes start keep nobody waiting.
    let text =
        edited("prefixDelegation: false, customNetworking: { tier: pods }", "warm: { ips: 2 }")
            .replace("serves: [pods]", "serves: []");
    let plain = self::compiled(&text, Some(&exhausted()), None).unwrap();
    let whole = preview::compare(STACK, &Template::nothing(), &plain.template, &plain.graph);
    assert!(whole.parts.is_empty(), "{:?}", whole.parts);
}

#[test]
fn eni_configs_then_the_add_on_then_the_nodes_and_foreign_values_stay() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let play = joined(&clock, two_parts(), &[Reply::Yes, Reply::Yes]);
    let ended = deployed(&play, &compiled, &Template::nothing());
    assert!(matches!(ended, Ok(Run::Ended(Outcome::Done { .. }))), "{ended:?}");
    let calls = play.script.calls.borrow();
    let (first, last) = (
        calls.iter().position(|call| call == "execute").unwrap(),
        calls.iter().rposition(|call| call == "execute").unwrap(),
    );
    let told = calls.iter().position(|call| call == "configure_addon").unwrap();
    assert!(first < told && told < last, "{calls:?}");
    let updates = play.script.updates.borrow();
    assert_eq!(updates.len(), 1, "told once: {updates:?}");
    assert!(!updates[0].overwrite);
    let values: Value = serde_json::from_str(&updates[0].values).unwrap();
    assert_eq!(values["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], "true");
    assert_eq!(values["env"]["AWS_VPC_K8S_CNI_LOGLEVEL"], "INFO");
    assert_eq!(values["tolerations"], theirs()["tolerations"]);
    assert!(values.get("eniConfig").is_none());
    let zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
    assert_eq!(play.script.objects.names("ENIConfig"), zones);
    let read_back = play.heard.borrow().iter().any(|event| {
        matches!(event, deploy::Event::Note(Note::AwsNodeReadBack { nodes, .. }) if nodes.updated == 3)
    });
    assert!(read_back);
}

#[test]
fn values_that_eks_takes_and_does_not_apply_are_a_failure() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let play = joined(&clock, two_parts(), &[Reply::Yes, Reply::Yes]);
    // Another container: what EKS rolls out lands elsewhere.
    let mut other = daemon_set();
    let env = json!([{ "name": "WARM_IP_TARGET", "value": "5" }]);
    other["spec"]["template"]["spec"]["containers"] =
        json!([{ "name": "other", "env": [] }, { "name": "aws-node", "env": env }]);
    play.script.objects.put("DaemonSet", other);
    let failure = deployed(&play, &compiled, &Template::nothing()).unwrap_err();
    assert!(
        failure.chain().contains("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is unset"),
        "{}",
        failure.chain()
    );
    assert_eq!(play.script.count("execute"), 1, "no node comes");
}

/// The stack is as it should be, and the run ended before EKS was told.
#[test]
fn what_an_interrupted_run_left_is_done_by_the_next() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let play = joined(&clock, vec![at(0, "CREATE_COMPLETE", &[])], &[Reply::Yes]);
    play.script.change_sets.borrow_mut().clear();
    play.script.change_sets.borrow_mut().push_back(failed(
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    ));
    let run = deployed(&play, &compiled, &compiled.template);
    assert!(matches!(run, Ok(Run::NoChange)), "{run:?}");
    let values: Value = serde_json::from_str(&play.script.updates.borrow()[0].values).unwrap();
    assert_eq!(values["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], "true");
    assert_eq!(play.script.objects.names("ENIConfig").len(), 3);
    let again = deployed(&play, &compiled, &compiled.template);
    assert!(matches!(again, Ok(Run::NoChange)), "{again:?}");
    assert_eq!(play.script.updates.borrow().len(), 1, "and nothing twice");
}

/// The run ended once the subnets stood: what is left of the stack are the nodes, and they start with the settings.
#[test]
fn nodes_that_an_interrupted_run_left_still_wait_for_the_settings() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let whole = preview::compare(STACK, &Template::nothing(), &compiled.template, &compiled.graph);
    let mut scenes = two_parts();
    scenes.remove(0);
    scenes[0].at = std::time::Duration::ZERO;
    let play = joined(&clock, scenes, &[Reply::Yes]);
    let ended = deployed(&play, &compiled, &whole.parts[0].template);
    assert!(matches!(ended, Ok(Run::Ended(Outcome::Done { .. }))), "{ended:?}");
    let calls = play.script.calls.borrow();
    let place = |verb: &str| calls.iter().position(|call| call == verb);
    assert!(place("configure_addon").is_some(), "{calls:?}");
    assert!(place("configure_addon") < place("execute"), "{calls:?}");
    assert_eq!(play.script.updates.borrow().len(), 1);
    assert_eq!(play.script.objects.names("ENIConfig").len(), 3);
}

/// The survey once the blueprint is deployed.
fn afterwards(compiled: &Compiled) -> Survey {
    let mut survey = exhausted();
    let own = compiled.plan.ledger.kept.aws_node.as_ref().unwrap().wanted();
    let Part::Read(addons) = &mut survey.eks.addons else { unreachable!() };
    let values = addons[0].configuration.as_mut().unwrap();
    *values = eksnet::ledger::settings::over(values, &own);
    let env = values["env"].as_object().unwrap();
    let env = env.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_string()));
    let container =
        Container { name: "aws-node".into(), env: env.collect(), ..Container::default() };
    survey.kubernetes.aws_node =
        Part::Read(Some(DaemonSet { containers: vec![container], ..DaemonSet::default() }));
    survey
}

#[test]
fn what_is_deployed_is_no_news_of_others() {
    let first = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let again = compiled(TEXT, Some(&afterwards(&first)), Some(&first.plan.ledger)).unwrap();
    assert!(again.plan.ledger.says_the_same(&first.plan.ledger));
    assert_eq!(again.plan.ledger.kept.aws_node, first.plan.ledger.kept.aws_node);
    assert_eq!(again.template.to_json(), first.template.to_json());
    let (clock, ended) = (Paused::default(), again);
    let play = joined(&clock, Vec::new(), &[Reply::Yes]);
    let values = afterwards(&first).eks.addons.read().unwrap()[0].configuration.clone().unwrap();
    play.script.addon.borrow_mut().as_mut().unwrap().values = Some(values.to_string());
    let run = play.run(async |stage| {
        Ok::<_, Failure>(deploy::aws_node::run::changes(stage.world, &ended, &first.template).await)
    });
    let beside = run.unwrap();
    assert_eq!((beside.addon, beside.unread), (None, None), "{:?}", beside.differs);
}

fn deletion<'d>(
    compiled: &'d Compiled,
    stack: &'d eksnet::observed::StackDescription,
) -> Deletion<'d> {
    Deletion { intent: &compiled.intent, stack, before: &compiled.template, agreed: agreed() }
}

fn agreed() -> Agreed {
    Agreed { nonce: "n".into(), command: "eksnet destroy b.yaml".into(), ..Agreed::default() }
}

fn pod(address: &str, node: &str) -> Value {
    json!({
        "metadata": { "name": "web-1", "namespace": "shop" }, "spec": { "nodeName": node },
        "status": { "podIP": address, "phase": "Running" },
    })
}

#[test]
fn pods_in_the_stacks_subnets_are_named_and_stop_its_deletion() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let (clock, described) = (Paused::default(), stack("CREATE_COMPLETE"));
    let inside = compiled.plan.made().next().unwrap().cidr.hosts().nth(20).unwrap().to_string();
    let play = joined(&clock, Vec::new(), &[Reply::Yes]);
    play.script.objects.put("Pod", pod(&inside, "ip-10-0-0-9"));
    let failure = destroyed(&play, &deletion(&compiled, &described)).unwrap_err();
    assert!(failure.chain().contains("shop/web-1 on ip-10-0-0-9"), "{}", failure.chain());
    let calls = ["delete", "configure_addon"].map(|call| play.script.count(call));
    assert_eq!(calls, [0, 0]);
}

/// Pods keep their addresses until their nodes are replaced: how far that is, is read.
#[test]
fn groups_whose_pods_have_not_moved_are_named() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let clock = Paused::default();
    let play = joined(&clock, Vec::new(), &[]);
    for (node, group) in [("ip-1", "general"), ("ip-2", "general-2")] {
        let label = json!({ "eks.amazonaws.com/nodegroup": group });
        play.script.objects.put("Node", json!({ "metadata": { "name": node, "labels": label } }));
    }
    let moved = |play: &Play<'_>| {
        let read = play.run(async |stage| {
            Ok::<_, Failure>(deploy::aws_node::moved(stage.world, &compiled).await.unwrap())
        });
        read.unwrap()
    };
    assert_eq!(moved(&play), None);
    let inside = compiled.plan.made().next().unwrap().cidr.hosts().nth(20).unwrap().to_string();
    for (name, address, node) in [
        ("old", "10.0.0.50", "ip-1"),
        ("new", inside.as_str(), "ip-2"),
        ("host", "10.0.0.9", "ip-1"),
    ] {
        let mut pod = pod(address, node);
        pod["metadata"]["name"] = json!(name);
        pod["spec"]["hostNetwork"] = json!(name == "host");
        play.script.objects.put("Pod", pod);
    }
    let found = moved(&play).unwrap();
    assert_eq!(
        (found.pods, found.of, found.tiers.as_slice()),
        (1, 2, ["pods".to_string()].as_slice())
    );
    assert_eq!(found.left, std::collections::BTreeMap::from([("general".to_string(), 1)]));
}

#[test]
fn former_values_come_back_before_the_subnets_go() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let scenes = vec![at(0, "DELETE_IN_PROGRESS", &[]), at(5, "DELETE_COMPLETE", &[])];
    let (clock, described) = (Paused::default(), stack("CREATE_COMPLETE"));
    let play = joined(&clock, scenes, &[Reply::Yes, Reply::Yes]);
    // The stack's own nodes go with it, and their pods.
    let label = json!({ "eks.amazonaws.com/nodegroup": "general-2-x" });
    play.script.objects.put("Node", json!({ "metadata": { "name": "ip-1", "labels": label } }));
    let inside = compiled.plan.made().next().unwrap().cidr.hosts().nth(20).unwrap().to_string();
    play.script.objects.put("Pod", pod(&inside, "ip-1"));
    let mut play = play;
    play.script.existing.push(StackResource {
        id: "NodeGroupGeneral2".into(),
        kind: "AWS::EKS::Nodegroup".into(),
        physical_id: "prod/general-2-x".into(),
        status: "CREATE_COMPLETE".into(),
    });
    let own = compiled.plan.ledger.kept.aws_node.as_ref().unwrap().wanted();
    let mut now = eksnet::ledger::settings::over(&theirs(), &own);
    // Somebody turned a value up meanwhile: it is theirs.
    now["env"]["AWS_VPC_K8S_CNI_LOGLEVEL"] = json!("DEBUG");
    play.script.addon.borrow_mut().as_mut().unwrap().values = Some(now.to_string());
    let config = json!({ "metadata": { "name": "eu-west-1a", "labels": { "app.kubernetes.io/managed-by": "eksnet" } } });
    play.script.objects.put("ENIConfig", config);
    play.script.objects.put("ENIConfig", json!({ "metadata": { "name": "others" } }));
    let left = |id: &str, subnet: &str| Orphan::Interface {
        id: id.into(),
        description: "aws-K8S-i-1".into(),
        subnet: subnet.into(),
    };
    // One in a subnet of the stack, one in a subnet of others.
    let orphans =
        vec![left("eni-1", "subnet-aaaaaaaa1"), left("eni-2", "subnet-00000000000000000")];
    *play.script.orphans.borrow_mut() = orphans;
    let outcome = destroyed(&play, &deletion(&compiled, &described));
    assert!(matches!(outcome, Ok(Outcome::Done { .. })), "{outcome:?}");
    assert_eq!(*play.script.orphans.borrow(), [left("eni-2", "subnet-00000000000000000")]);
    let values: Value = serde_json::from_str(&play.script.updates.borrow()[0].values).unwrap();
    let mut wanted = theirs();
    wanted["env"]["AWS_VPC_K8S_CNI_LOGLEVEL"] = json!("DEBUG");
    assert_eq!(values, wanted);
    assert_eq!(play.script.objects.names("ENIConfig"), ["others"]);
    let calls = play.script.calls.borrow();
    let place = |verb: &str| calls.iter().position(|call| call == verb);
    assert!(place("configure_addon") < place("delete"), "{calls:?}");
}

/// A node of the stack's own group, which takes so many pods.
fn new_node(accepts: u64) -> Value {
    let labels = json!({ "eks.amazonaws.com/nodegroup": "general-2-x", "topology.kubernetes.io/zone": "eu-west-1a" });
    json!({
        "metadata": { "name": "ip-9", "labels": labels },
        "status": { "allocatable": { "pods": accepts.to_string() } },
    })
}

/// With the stack's group, and its node.
fn with_new_nodes<'p>(clock: &'p Paused, accepts: u64, address: &str) -> Play<'p> {
    let mut play = joined(clock, two_parts(), &[Reply::Yes, Reply::Yes]);
    play.script.existing.push(StackResource {
        id: "NodeGroupGeneral2".into(),
        kind: "AWS::EKS::Nodegroup".into(),
        physical_id: "prod/general-2-x".into(),
        status: "CREATE_COMPLETE".into(),
    });
    play.script.objects.put("Node", new_node(accepts));
    play.script.objects.put("Pod", pod(address, "ip-9"));
    play
}

/// Step 4 before step 5: a zone that the blueprint does not know has nodes.
#[test]
fn a_node_in_a_zone_without_an_eni_config_stops_before_aws_node_is_told() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let node = |zone: &str, kind: Option<&str>| {
        let labels =
            json!({ "topology.kubernetes.io/zone": zone, "eks.amazonaws.com/compute-type": kind });
        json!({ "metadata": { "name": "ip-7", "labels": labels } })
    };
    let run = |node: Value| {
        let play = joined(&clock, two_parts(), &[Reply::Yes, Reply::Yes]);
        play.script.objects.put("Node", node);
        let ended = deployed(&play, &compiled, &Template::nothing());
        (ended, play.script.count("configure_addon"), play.script.objects.names("ENIConfig").len())
    };
    let (ended, told, configs) = run(node("eu-west-1d", None));
    let why = ended.unwrap_err().chain();
    assert!(why.contains("ip-7 is in eu-west-1d"), "{why}");
    assert_eq!((told, configs), (0, 3));
    for fine in [node("eu-west-1b", None), node("eu-west-1d", Some("fargate"))] {
        let clock = Paused::default();
        let play = joined(&clock, two_parts(), &[Reply::Yes, Reply::Yes]);
        play.script.objects.put("Node", fine);
        let ended = deployed(&play, &compiled, &Template::nothing());
        assert!(matches!(ended, Ok(Run::Ended(Outcome::Done { .. }))), "{ended:?}");
    }
}

#[test]
fn aws_node_that_does_not_become_ready_stops_the_nodes_that_would_come() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let play = joined(&clock, two_parts(), &[Reply::Yes, Reply::Yes]);
    let mut sick = daemon_set();
    sick["status"]["numberReady"] = json!(2);
    play.script.objects.put("DaemonSet", sick);
    let why = deployed(&play, &compiled, &Template::nothing()).unwrap_err().chain();
    assert!(why.contains("does not become ready on 1 node"), "{why}");
    assert_eq!(play.script.count("execute"), 1, "no node comes");
}

#[test]
fn new_nodes_are_proven_by_their_pods_and_by_how_many_they_accept() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let inside = compiled.plan.made().next().unwrap().cidr.hosts().nth(20).unwrap().to_string();
    let cluster = compiled.intent.cluster.as_ref().unwrap();
    let own = cluster.node_groups.iter().find(|group| !group.existing).unwrap();
    let fits = eksnet::demand::max_pods(own, &cluster.aws_node);
    let run = |accepts: u64, address: &str| {
        let clock = Paused::default();
        let play = with_new_nodes(&clock, accepts, address);
        let ended = deployed(&play, &compiled, &Template::nothing());
        let proven = play.heard.borrow().iter().find_map(|event| match event {
            deploy::Event::Note(Note::NewNodesProven(found)) => Some(found.clone()),
            _ => None,
        });
        (ended, proven)
    };
    let (ended, proven) = run(fits, &inside);
    assert!(matches!(ended, Ok(Run::Ended(Outcome::Done { .. }))), "{ended:?}");
    let proven = proven.unwrap();
    assert_eq!((proven.nodes, proven.pods, proven.crowded.len()), (1, 1, 0));
    let (ended, proven) = run(fits, "10.0.0.50");
    let why = ended.unwrap_err().chain();
    assert!(why.contains("shop/web-1 on ip-9 has 10.0.0.50") && proven.is_none(), "{why}");
    let (ended, _) = run(fits + 14, &inside);
    let why = ended.unwrap_err().chain();
    assert!(why.contains(&format!("ip-9 accepts {} pods, and {fits} fit", fits + 14)), "{why}");
}

/// Nodes of others that came after the ENIConfig of their zone, and the control plane's own view of pods in the range.
#[test]
fn what_others_replaced_and_what_the_control_plane_reaches_is_read() {
    use eksnet::deploy::aws_node::{Whose, proven};
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let inside = compiled.plan.made().next().unwrap().cidr.hosts().nth(20).unwrap().to_string();
    let clock = Paused::default();
    let play = joined(&clock, Vec::new(), &[]);
    let objects = &play.script.objects;
    let made = |name: &str, at: &str| json!({ "name": name, "creationTimestamp": at, "labels": { "topology.kubernetes.io/zone": "eu-west-1a" } });
    objects.put("ENIConfig", json!({ "metadata": made("eu-west-1a", "2026-11-28T10:00:00Z") }));
    for (node, at) in [("old", "2026-11-28T09:00:00Z"), ("young", "2026-11-28T11:00:00Z")] {
        objects.put("Node", json!({ "metadata": made(node, at) }));
    }
    for (name, node, address) in
        [("a", "old", "10.0.0.50"), ("b", "young", inside.as_str()), ("c", "young", "10.0.0.51")]
    {
        let mut one = pod(address, node);
        one["metadata"]["name"] = json!(name);
        objects.put("Pod", one);
    }
    let labels = json!({ "kubernetes.io/service-name": "metrics-server" });
    objects.put("EndpointSlice", json!({ "metadata": { "name": "m-1", "namespace": "kube-system", "labels": labels }, "endpoints": [{ "addresses": [inside] }] }));
    let api = |state: &str| {
        let service = json!({ "namespace": "kube-system", "name": "metrics-server" });
        let states = json!([{ "type": "Available", "status": state, "message": "i/o timeout" }]);
        json!({ "metadata": { "name": "v1beta1.metrics.k8s.io" }, "spec": { "service": service }, "status": { "conditions": states } })
    };
    let read = |whose: Whose| {
        let read = play.run(async |stage| {
            Ok::<_, Failure>(proven(stage.world, &compiled, whose).await.unwrap())
        });
        read.unwrap()
    };
    assert_eq!(read(Whose::Stack), None);
    objects.put("APIService", api("False"));
    let found = read(Whose::All).unwrap();
    assert_eq!((found.nodes, found.pods), (1, 1));
    assert_eq!(found.astray, ["shop/c on young has 10.0.0.51"]);
    assert_eq!(found.unreached, ["v1beta1.metrics.k8s.io: i/o timeout"]);
    objects.put("APIService", api("True"));
    assert_eq!(read(Whose::All).unwrap().reached, ["v1beta1.metrics.k8s.io"]);
    // The probe that the kubelet sends to a pod of the range, sent through the API server.
    objects.put("APIService", json!({ "metadata": { "name": "v1beta1.metrics.k8s.io" } }));
    let mut ready = pod(&inside, "young");
    ready["metadata"]["name"] = json!("b");
    ready["status"]["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    let unproven = read(Whose::All).unwrap();
    assert!(unproven.reached.is_empty() && unproven.unreached.is_empty());
    ready["spec"]["containers"] = json!([{ "name": "own", "ports": [{ "name": "http", "containerPort": 8080 }],
        "readinessProbe": { "httpGet": { "path": "/health", "port": "http" } } }]);
    objects.put("Pod", ready.clone());
    let namespace = ready["metadata"]["namespace"].as_str().unwrap();
    assert_eq!(read(Whose::All).unwrap().reached, [format!("{namespace}/b")]);
    objects.put("Probe", json!({ "metadata": { "name": "b" }, "silent": "i/o timeout" }));
    assert_eq!(read(Whose::All).unwrap().unreached, [format!("{namespace}/b: i/o timeout")]);
    ready["spec"]["containers"][0]["readinessProbe"]["httpGet"]["path"] = json!("/../../secrets");
    objects.put("Pod", ready);
    let unasked = read(Whose::All).unwrap();
    assert!(unasked.reached.is_empty() && unasked.unreached.is_empty());
}

/// They are the cluster's, which stays.
#[test]
fn volumes_of_a_cluster_of_others_stay_whatever_is_said() {
    let compiled = compiled(TEXT, Some(&exhausted()), None).unwrap();
    let scenes = vec![at(0, "DELETE_IN_PROGRESS", &[]), at(5, "DELETE_COMPLETE", &[])];
    let (clock, described) = (Paused::default(), stack("CREATE_COMPLETE"));
    let play = joined(&clock, scenes, &[Reply::Yes, Reply::Yes]);
    let volume = Orphan::Volume {
        id: "vol-1".into(),
        gib: 8,
        zone: "eu-west-1a".into(),
        claim: String::new(),
    };
    play.script.around.borrow_mut().volumes = vec![volume.clone()];
    let deletion = Deletion {
        agreed: Agreed { volumes: true, ..agreed() },
        ..deletion(&compiled, &described)
    };
    let outcome = destroyed(&play, &deletion);
    assert!(matches!(outcome, Ok(Outcome::Done { .. })), "{outcome:?}");
    assert_eq!(play.script.around.borrow().volumes, [volume]);
}

#[test]
fn a_subnet_that_was_made_meanwhile_is_found_before_anything_is_executed() {
    let (clock, compiled) = (Paused::default(), compiled(TEXT, Some(&exhausted()), None).unwrap());
    let play = joined(&clock, two_parts(), &[Reply::Yes]);
    *play.script.subnets.borrow_mut() = vec![LiveSubnet {
        id: "subnet-0ccccccccccccccc1".into(),
        cidr: "100.64.0.0/20".into(),
        zone_id: "euw1-az1".into(),
        zone_name: "eu-west-1a".into(),
        free: 4091,
    }];
    let run = deployed(&play, &compiled, &Template::nothing());
    let Ok(Run::Overtaken(who)) = run else { panic!("{run:?}") };
    assert!(who.contains("subnet-0ccccccccccccccc1 (100.64.0.0/20)"), "{who}");
    let calls = ["execute", "delete_change_set"].map(|call| play.script.count(call));
    assert_eq!(calls, [0, 1]);
}

/// The locks of the examples hold what a survey of their VPC says.
#[test]
fn the_locks_of_the_examples_are_what_their_survey_gives() {
    for name in ["existing-vpc", "existing-cluster-rescue"] {
        let path = root().join(format!("blueprints/{name}.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let mut survey = exhausted();
        if name == "existing-cluster-rescue" {
            // What the example is for: the nodes' subnets are nearly full.
            list(&mut survey.vpc.subnets).iter_mut().for_each(|subnet| subnet.available = 96);
        }
        let compiled = compiled(&text, Some(&survey), None).unwrap();
        let lock = path.with_extension("lock.yaml");
        assert_eq!(
            std::fs::read_to_string(lock).unwrap(),
            compiled.plan.ledger.to_text(),
            "{name}"
        );
    }
}

/// Properties that say whose the thing is that a resource changes.
const OWNERS: &[(&str, &[&str])] = &[
    ("AWS::EC2::Route", &["RouteTableId"]),
    ("AWS::EC2::SubnetRouteTableAssociation", &["SubnetId", "RouteTableId"]),
    ("AWS::EC2::SubnetNetworkAclAssociation", &["SubnetId", "NetworkAclId"]),
    ("AWS::EC2::NetworkAclEntry", &["NetworkAclId"]),
    ("AWS::EC2::SecurityGroupIngress", &["GroupId"]),
    ("AWS::EC2::SecurityGroupEgress", &["GroupId"]),
    ("AWS::EC2::SubnetCidrReservation", &["SubnetId"]),
];

/// The inventory of others is the same before and after: no resource of the stack is a part of what others made.
#[test]
fn nothing_of_others_is_changed_by_any_resource() {
    let example = |name: &str| {
        std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap()
    };
    let more = "routes: [{ to: 10.99.0.0/16, via: tgw-0123456789abcdef0 }], reservation: { prefixes: /19 }, serves: [pods]";
    let texts = [
        TEXT.to_string(),
        TEXT.replace("serves: [pods]", more),
        TEXT.replace("cluster:", "networkAcls: perTier\ncluster:"),
        example("existing-vpc"),
        example("existing-cluster-rescue"),
    ];
    for text in texts {
        let compiled = compiled(&text, Some(&exhausted()), None).unwrap();
        for (id, resource) in compiled.template.resources() {
            let owners = OWNERS.iter().filter(|(kind, _)| resource["Type"] == *kind);
            for property in owners.flat_map(|(_, properties)| properties.iter()) {
                let whose = &resource["Properties"][property];
                assert!(whose.is_object(), "{id}.{property}: {whose}");
            }
        }
        // What others made is named by nobody's removal either: the stack ends where its own resources end.
        let kinds =
            ["AWS::EC2::VPC", "AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment"];
        let made = compiled.template.resources().map(|(_, one)| one["Type"].as_str().unwrap());
        assert!(made.into_iter().all(|kind| !kinds.contains(&kind)), "{text}");
    }
}
