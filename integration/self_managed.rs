//! aws-node without the add-on: the real binary against the emulated AWS and a real Kubernetes API server.

use serde_json::{Value, json};

use eksnet::facts::aws_node::{Container, SETTINGS};
use eksnet::render::kubernetes as manifests;

use crate::emulator::{self, Session};
use crate::kubernetes::{self, Cluster};
use crate::project::{Project, ok};
use crate::support::{Run, blueprints, build};

const DAEMON_SET: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node";
const SERVICE_ACCOUNT: &str = "/api/v1/namespaces/kube-system/serviceaccounts/aws-node";
const ENI_CONFIGS: &str = "/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs";

/// Both servers, if they can be had, and aws-node as EKS puts it into a new cluster.
fn start() -> Option<(Session, Cluster)> {
    let cluster = kubernetes::start()?;
    let session = emulator::start()?;
    cluster.joins(&session);
    bootstrap(&cluster);
    Some((session, cluster))
}

fn bootstrap(cluster: &Cluster) {
    let env = |container| -> Vec<Value> {
        let rows =
            SETTINGS.iter().filter(move |row| row.is_in(container) && !row.default.is_empty());
        rows.map(|row| json!({ "name": row.variable, "value": row.default })).collect()
    };
    let image = |name: &str| {
        format!("602401143452.dkr.ecr.eu-west-1.amazonaws.com/{name}:v1.20.4-eksbuild.1")
    };
    let mut main = env(Container::Main);
    main.push(json!({ "name": "MY_NODE_NAME", "valueFrom": { "fieldRef": { "fieldPath": "spec.nodeName" } } }));
    main.push(json!({ "name": "ENABLE_IPv4", "value": "true" }));
    let pod = json!({
        "serviceAccountName": "aws-node",
        "hostNetwork": true,
        "initContainers": [{ "name": "aws-vpc-cni-init", "image": image("amazon-k8s-cni-init"), "env": env(Container::Init) }],
        "containers": [
            { "name": "aws-node", "image": image("amazon-k8s-cni"), "env": main },
            { "name": "aws-eks-nodeagent", "image": image("amazon/aws-network-policy-agent"), "args": ["--enable-network-policy=false"] },
        ],
    });
    let labels = json!({ "k8s-app": "aws-node" });
    let daemon_set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "aws-node", "namespace": "kube-system", "labels": labels },
        "spec": { "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": pod } },
    });
    cluster.apply("eks", DAEMON_SET, &daemon_set);
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "aws-node", "namespace": "kube-system" } });
    cluster.apply("eks", SERVICE_ACCOUNT, &account);
}

/// Somebody sets a variable beside eksnet.
fn set_by_hand(cluster: &Cluster, manager: &str, name: &str, value: &str) {
    let container = json!({ "name": "aws-node", "env": [{ "name": name, "value": value }] });
    let daemon_set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "aws-node", "namespace": "kube-system" },
        "spec": { "template": { "spec": { "containers": [container] } } },
    });
    cluster.apply(manager, DAEMON_SET, &daemon_set);
}

fn variable(cluster: &Cluster, name: &str) -> Option<String> {
    let daemon_set = cluster.read(DAEMON_SET);
    let env = daemon_set["spec"]["template"]["spec"]["containers"][0]["env"].as_array()?.clone();
    env.iter().find(|one| one["name"] == name)?["value"].as_str().map(str::to_string)
}

fn deploy(project: &Project, session: &Session, more: &[&str]) -> Run {
    project.run(&session.environment(), &[&["deploy", "shop.yaml", "--yes"], more].concat())
}

#[test]
fn aws_node_of_a_new_cluster_is_set_up_before_its_nodes_come() {
    let Some((session, cluster)) = start() else {
        return;
    };
    session.faults(&json!({ "NodeGroupGeneral": { "on": "create", "delay": 20 } }));
    let project = Project::new("self-managed");
    let made = deploy(&project, &session, &[]);
    ok(&made);
    let (set_up, last) =
        (made.err.find("aws-node: set up"), made.err.find("CREATE_COMPLETE  NodeGroupGeneral"));
    assert!(set_up.is_some() && set_up < last, "{}", made.err);
    assert!(
        made.err.contains("WARM_IP_TARGET: 0 → 5 (managed by eks, default value)"),
        "{}",
        made.err
    );
    assert!(
        made.err.contains("aws-node: runs as the blueprint says"),
        "read back once more at the end: {}",
        made.err
    );
    for (name, value) in [
        ("WARM_IP_TARGET", "5"),
        ("MINIMUM_IP_TARGET", "20"),
        ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true"),
        ("HTTP_TIMEOUT", "20"),
    ] {
        assert_eq!(variable(&cluster, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(
        variable(&cluster, "AWS_VPC_ENI_MTU").as_deref(),
        Some("9001"),
        "what the blueprint does not say stays"
    );
    let live = session.read_back("eu-west-1", "self-managed");
    for subnet in live["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["cidr"].as_str().unwrap().starts_with("100.64."))
    {
        let config =
            cluster.read(&format!("{ENI_CONFIGS}/{}", subnet["zoneName"].as_str().unwrap()));
        assert_eq!(config["spec"], json!({ "subnet": subnet["id"] }), "{subnet}");
    }
    let role =
        &cluster.read(SERVICE_ACCOUNT)["metadata"]["annotations"]["eks.amazonaws.com/role-arn"];
    assert!(
        role.as_str().is_some_and(|role| role.starts_with("arn:aws:iam::123456789012:role/")),
        "{role}"
    );
    let again = deploy(&project, &session, &[]);
    ok(&again);
    assert!(
        again.out.contains("no change") && !again.err.contains(" → "),
        "{}\n{}",
        again.out,
        again.err
    );
}

#[test]
fn what_somebody_else_set_is_shown_and_taken_only_when_asked_for() {
    let Some((session, cluster)) = start() else {
        return;
    };
    let mut project = Project::new("self-managed");
    ok(&deploy(&project, &session, &[]));
    set_by_hand(&cluster, "kubectl-edit", "WARM_IP_TARGET", "9");
    let shown =
        project.run(&session.environment(), &["diff", "shop.yaml", "-o", "json", "--exit-code"]);
    assert_eq!(shown.code, 2, "{}", shown.err);
    assert_eq!(
        (&shown.json()["kubernetes"], &shown.json()["takesOver"]),
        (&json!(["WARM_IP_TARGET: 9 → 5 (kubectl-edit set it)"]), &json!(true))
    );
    let status = project.run(&session.environment(), &["status", "shop.yaml"]);
    assert!(
        status.out.contains("aws-node: WARM_IP_TARGET: 9 → 5 (kubectl-edit set it)"),
        "{}",
        status.out
    );
    let refused = deploy(&project, &session, &[]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("WARM_IP_TARGET: 9 → 5 (kubectl-edit set it)")
            && refused.err.contains("--take-over"),
        "{}",
        refused.err
    );
    assert_eq!(variable(&cluster, "WARM_IP_TARGET").as_deref(), Some("9"));
    // Asked, and the answer is no.
    let asked = project.answer(&session.environment(), &["deploy", "shop.yaml"], "n\n");
    assert!(
        asked.code == 1 && asked.err.contains("take ownership of these settings of aws-node?"),
        "{}",
        asked.err
    );
    // A yes is as good as the flag.
    let agreed = project.answer(&session.environment(), &["deploy", "shop.yaml"], "y\ny\ny\n");
    ok(&agreed);
    assert_eq!(variable(&cluster, "WARM_IP_TARGET").as_deref(), Some("5"), "{}", agreed.err);
    set_by_hand(&cluster, "kubectl-edit", "WARM_IP_TARGET", "9");
    // As it is, nobody's wish is in the way of anybody's.
    project.edit("warm: { ips: 5,", "warm: { ips: 9,");
    ok(&deploy(&project, &session, &[]));
    project.edit("warm: { ips: 9,", "warm: { ips: 5,");
    let taken = deploy(&project, &session, &["--take-over"]);
    ok(&taken);
    assert_eq!(variable(&cluster, "WARM_IP_TARGET").as_deref(), Some("5"), "{}", taken.err);
    ok(&deploy(&project, &session, &[]));
}

#[test]
fn the_add_on_adopts_aws_node_once_it_was_said_what_it_overwrites() {
    let Some((session, cluster)) = start() else {
        return;
    };
    let mut project = Project::new("self-managed");
    ok(&deploy(&project, &session, &[]));
    set_by_hand(&cluster, "helm", "AWS_VPC_K8S_CNI_LOGLEVEL", "ERROR");
    project.edit("management: selfManaged", "management: addon");
    project
        .edit("  env:\n    HTTP_TIMEOUT: \"20\" # one of those that the add-on cannot set\n", "");
    let shown = project.run(&session.environment(), &["diff", "shop.yaml"]);
    ok(&shown);
    for line in [
        "the add-on overwrites AWS_VPC_K8S_CNI_LOGLEVEL: ERROR → DEBUG",
        "the add-on overwrites HTTP_TIMEOUT: 20 → unset",
    ] {
        assert!(shown.out.contains(line), "{}", shown.out);
    }
    assert!(!shown.out.contains("WARM_IP_TARGET"), "the blueprint still says it: {}", shown.out);
    let refused = deploy(&project, &session, &[]);
    assert!(refused.code == 1 && refused.err.contains("--take-over"), "{}", refused.err);
    let adopted = deploy(&project, &session, &["--take-over"]);
    ok(&adopted);
    let live = session.read_back("eu-west-1", "self-managed");
    assert!(live["cluster"]["addons"].get("vpc-cni").is_some(), "{live}");
    assert!(
        !adopted.out.contains("Cluster replace"),
        "the cluster keeps what it was made with: {}",
        adopted.out
    );
    // And back: the software stays.
    project.edit("management: addon", "management: selfManaged");
    let back = project.run(&session.environment(), &["diff", "shop.yaml"]);
    ok(&back);
    assert!(back.out.contains("its software stays"), "{}", back.out);
}

#[test]
fn eni_configs_of_ours_go_with_their_subnets_and_those_of_others_stay() {
    let Some((session, cluster)) = start() else {
        return;
    };
    let mut project = Project::new("self-managed");
    ok(&deploy(&project, &session, &[]));
    let own = |name: &str, labels: Value| json!({ "apiVersion": "crd.k8s.amazonaws.com/v1alpha1", "kind": "ENIConfig", "metadata": { "name": name, "labels": labels }, "spec": { "subnet": "subnet-1" } });
    cluster.apply("helm", &format!("{ENI_CONFIGS}/theirs"), &own("theirs", json!({})));
    cluster.apply(
        "eksnet",
        &format!("{ENI_CONFIGS}/former"),
        &own("former", json!({ "app.kubernetes.io/managed-by": "eksnet" })),
    );
    project.edit("minimumIps: 20", "minimumIps: 30");
    project
        .edit("  env:\n    HTTP_TIMEOUT: \"20\" # one of those that the add-on cannot set\n", "");
    let done = deploy(&project, &session, &[]);
    ok(&done);
    // Not empty, which aws-node would take for a value: its own default.
    assert!(done.out.contains("HTTP_TIMEOUT: 20 → 10"), "{}", done.out);
    assert_eq!(variable(&cluster, "HTTP_TIMEOUT").as_deref(), Some("10"));
    assert!(!done.out.contains("-/+ replace"), "the issuer's URL stays: {}", done.out);
    assert!(done.out.contains("ENIConfig former .spec.subnet: subnet-1 → unset"), "{}", done.out);
    assert!(done.out.contains("MINIMUM_IP_TARGET: takes effect at once"), "{}", done.out);
    assert!(!cluster.read(&format!("{ENI_CONFIGS}/theirs")).is_null());
    assert!(cluster.read(&format!("{ENI_CONFIGS}/former")).is_null());
    let again = deploy(&project, &session, &[]);
    ok(&again);
    assert!(
        again.out.contains("no change") && !again.err.contains(" → "),
        "{}\n{}",
        again.out,
        again.err
    );
}

#[test]
fn a_cluster_without_aws_node_and_one_that_lets_nobody_in_are_said_to_be_so() {
    let Some((session, cluster)) = start() else {
        return;
    };
    cluster.delete(DAEMON_SET);
    let project = Project::new("self-managed");
    let bare = deploy(&project, &session, &[]);
    assert!(
        bare.err.contains("UPDATE_COMPLETE") || bare.err.contains("CREATE_COMPLETE"),
        "{}",
        bare.err
    );
    assert!(
        bare.code == 1 && bare.err.contains("the cluster has no aws-node to configure"),
        "{}",
        bare.err
    );
    let again = deploy(&project, &session, &[]);
    assert!(
        again.code == 1
            && again.err.contains("nothing was changed")
            && again.err.contains("the cluster has no aws-node"),
        "{}",
        again.err
    );
    bootstrap(&cluster);
    let left = deploy(&project, &session, &[]);
    ok(&left);
    assert!(left.err.contains("aws-node: set up"), "only that was left to do: {}", left.err);
    // A token is for one cluster.
    let text = project.text.replace("  name: self-managed\n", "  name: stranger\n");
    let stranger = deploy(&Project::of(&text), &session, &[]);
    assert!(
        stranger.code == 1
            && stranger.err.contains("Unauthorized")
            && stranger.err.contains("cluster.access"),
        "{}",
        stranger.err
    );
    assert!(!stranger.err.contains("k8s-aws-v1."), "no token is printed");
}

#[test]
fn what_is_broken_by_hand_is_seen_and_mended() {
    let Some((session, cluster)) = start() else {
        return;
    };
    let mut project = Project::new("self-managed");
    ok(&deploy(&project, &session, &[]));
    let live = session.read_back("eu-west-1", "self-managed");
    let pods = live["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["cidr"].as_str().unwrap().starts_with("100.64."))
        .unwrap()
        .clone();
    let config = format!("{ENI_CONFIGS}/{}", pods["zoneName"].as_str().unwrap());
    cluster.delete(&config);
    let shown = project.run(&session.environment(), &["diff", "shop.yaml", "--exit-code"]);
    assert!(
        shown.code == 2 && shown.out.contains(".spec.subnet: unset → subnet-"),
        "{}",
        shown.out
    );
    ok(&deploy(&project, &session, &[]));
    assert_eq!(cluster.read(&config)["spec"]["subnet"], pods["id"]);
    // Another way to the role: the service account names none any more.
    project.edit("  role: irsa # its service account names the role\n", "  role: nodeRole\n");
    ok(&deploy(&project, &session, &[]));
    assert!(
        cluster.read(SERVICE_ACCOUNT)["metadata"]["annotations"]
            .get("eks.amazonaws.com/role-arn")
            .is_none()
    );
    // A zone more: its ENIConfig is there before its nodes.
    project.edit("zones: 2", "zones: 3");
    session.faults(&json!({ "NodeGroupGeneralInEuw1Az3": { "on": "create", "delay": 20 } }));
    let child = project.start(&session.environment(), &["deploy", "shop.yaml", "--yes"]);
    let count = || cluster.read(ENI_CONFIGS)["items"].as_array().map_or(0, Vec::len);
    let before_nodes = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        count() == 3
    });
    let groups = session.by_hand(
        "eu-west-1",
        &json!([["eks", "list_nodegroups", { "clusterName": "self-managed" }]]),
    );
    assert!(before_nodes && !groups.to_string().contains("Az3"), "{groups}");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_saved_plan_sets_aws_node_up_and_takes_nothing_over_unasked() {
    let Some((session, cluster)) = start() else {
        return;
    };
    let mut project = Project::new("self-managed");
    ok(&deploy(&project, &session, &[]));
    project.edit("minimumIps: 20", "minimumIps: 30");
    ok(&project.run(&session.environment(), &["diff", "shop.yaml", "--save", "p.plan"]));
    set_by_hand(&cluster, "helm", "WARM_IP_TARGET", "7");
    // Whoever reviewed it saw nothing of that.
    let refused =
        project.run(&session.environment(), &["deploy", "--plan", "p.plan", "--take-over"]);
    assert!(
        refused.code == 1 && refused.err.contains("WARM_IP_TARGET: 7 → 5 (helm set it)"),
        "{}",
        refused.err
    );
    ok(&project.run(&session.environment(), &["diff", "shop.yaml", "--save", "p.plan"]));
    let unasked = project.run(&session.environment(), &["deploy", "--plan", "p.plan"]);
    assert!(unasked.code == 1 && unasked.err.contains("--take-over"), "{}", unasked.err);
    assert_eq!(variable(&cluster, "MINIMUM_IP_TARGET").as_deref(), Some("20"));
    ok(&project.run(&session.environment(), &["deploy", "--plan", "p.plan", "--take-over"]));
    assert_eq!(variable(&cluster, "MINIMUM_IP_TARGET").as_deref(), Some("30"));
}

/// Whatever any blueprint renders for Kubernetes is taken by a real server, unknown fields being errors.
#[test]
fn every_manifest_of_every_blueprint_is_accepted() {
    let Some(cluster) = kubernetes::start() else {
        return;
    };
    let mut seen = std::collections::BTreeSet::new();
    for (_, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let Some(wanted) = &built.intent.cluster else {
            continue;
        };
        bootstrap(&cluster);
        for manifest in manifests::all(&built.intent, wanted, &built.plan).unwrap() {
            let manifest =
                eksnet::deploy::aws_node::filled(&manifest, &|name| Some(stand_in(name))).unwrap();
            let object = &manifest.value;
            let kind = manifest.kind;
            let api = if kind.group.is_empty() {
                format!("/api/{}", kind.version)
            } else {
                format!("/apis/{}/{}", kind.group, kind.version)
            };
            let namespace = kind
                .namespace
                .map_or(String::new(), |namespace| format!("/namespaces/{namespace}"));
            let object_name = object["metadata"]["name"].as_str().unwrap().to_string();
            cluster.apply(
                "eksnet",
                &format!("{api}{namespace}/{}/{object_name}", kind.plural),
                object,
            );
            seen.insert(kind.kind);
        }
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        ["ConfigMap", "DaemonSet", "ENIConfig", "NodeClass", "NodePool", "ServiceAccount"]
    );
}

/// Something of the form that the stack would have made.
fn stand_in(name: &str) -> String {
    match name {
        zone if zone.ends_with(".AvailabilityZone") => "eu-west-1a",
        role if role.ends_with(".Arn") => "arn:aws:iam::111122223333:role/aws-node",
        group if group.contains("Group") => "sg-0123456789abcdef0",
        subnet if subnet.starts_with("Subnet") => "subnet-0123456789abcdef0",
        _ => "nodes",
    }
    .to_string()
}
