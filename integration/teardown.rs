//! The real binary takes stacks down: what Kubernetes left in the way, what is somebody else's, what stays, and drift before that.

use serde_json::{Value, json};

use crate::emulator::{self, Session};
use crate::project::{Project, compare, nothing_left, ok};

const REGION: &str = "eu-west-1";

fn vpc(session: &Session) -> (String, Vec<String>) {
    let live = session.read_back(REGION, "dev");
    let subnets = live["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subnet| subnet["id"].as_str().unwrap().to_string())
        .collect();
    (live["vpcs"][0]["id"].as_str().unwrap().to_string(), subnets)
}

fn names(answer: &Value, list: &str, name: &str) -> Vec<String> {
    answer[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one[name].as_str().unwrap().to_string())
        .collect()
}

/// A Service of type LoadBalancer, an Ingress, a crashed node: what they left keeps a VPC alive. It is named, asked about by itself, and
/// removed from the moment that the cluster is gone; what belongs to others stays.
#[test]
fn what_kubernetes_left_is_asked_about_and_removed_in_the_order_that_works() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let (vpc, subnets) = vpc(&session);
    let tag = |key: &str, value: &str| json!([{ "Key": key, "Value": value }]);
    let own = tag("elbv2.k8s.aws/cluster", "dev");
    let group = |name: &str| json!(["ec2", "create_security_group", { "GroupName": name, "Description": name, "VpcId": vpc, "TagSpecifications": [{ "ResourceType": "security-group", "Tags": tag("kubernetes.io/cluster/dev", "owned") }] }]);
    let names_each_other = |one: u32, other: u32| {
        let pair = json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{ "GroupId": { "$": [other, "GroupId"] } }] }]);
        json!(["ec2", "authorize_security_group_ingress", { "GroupId": { "$": [one, "GroupId"] }, "IpPermissions": pair }])
    };
    session.by_hand(
        REGION,
        &json!([
            group("k8s-elb-one"),
            group("k8s-elb-two"),
            names_each_other(0, 1),
            names_each_other(1, 0),
            ["elbv2", "create_load_balancer", { "Name": "k8s-shop-ingress", "Type": "network", "Subnets": subnets[..1], "Tags": own }],
            ["elbv2", "create_load_balancer", { "Name": "of-another-cluster", "Type": "network", "Subnets": subnets[..1], "Tags": tag("elbv2.k8s.aws/cluster", "other") }],
            ["elbv2", "create_target_group", { "Name": "k8s-shop-pods", "Protocol": "TCP", "Port": 80, "VpcId": vpc, "Tags": own }],
            ["elb", "create_load_balancer", { "LoadBalancerName": "a1b2c3", "Subnets": subnets[..1], "Tags": tag("kubernetes.io/cluster/dev", "owned"), "SecurityGroups": [{ "$": [0, "GroupId"] }],
                "Listeners": [{ "Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 30080 }] }],
            ["ec2", "create_network_interface", { "SubnetId": subnets[0], "Description": "aws-K8S-i-0abc" }],
            ["ec2", "create_network_interface", { "SubnetId": subnets[1], "Description": "RDSNetworkInterface" }],
        ]),
    );
    let stopped = project
        .run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "dev", "--orphans"]);
    assert!(
        stopped.code == 1
            && stopped.err.contains("nothing was deleted")
            && stopped.err.contains("--despite-others"),
        "{}",
        stopped.err
    );
    let words = ["destroy", "shop.yaml", "--confirm", "dev", "--despite-others"];
    let nobody = project.answer(&session.environment(), &words, "");
    assert!(nobody.code == 1 && nobody.err.contains("--orphans"), "{}", nobody.err);
    for word in [
        "load balancer k8s-shop-ingress",
        "classic load balancer a1b2c3",
        "target group k8s-shop-pods",
        "(aws-K8S-i-0abc)",
        "(k8s-elb-one)",
        "(k8s-elb-two)",
        "load balancer of-another-cluster",
        "(RDSNetworkInterface)",
        "what stays",
        "/aws/eks/dev/cluster",
    ] {
        assert!(nobody.err.contains(word), "{word}: {}", nobody.err);
    }
    let declined = project.answer(&session.environment(), &words, "n\n");
    assert!(declined.code == 1 && declined.err.contains("nothing was deleted"), "{}", declined.err);
    compare(&project, &session.read_back(REGION, "dev"));

    let words = ["destroy", "shop.yaml", "--despite-others"];
    let stuck = project.answer(&session.environment(), &words, "y\ndev\n");
    assert!(
        stuck.code == 1
            && stuck.out.contains("DELETE_FAILED")
            && stuck.out.contains("eksnet destroy shop.yaml"),
        "{}{}",
        stuck.out,
        stuck.err
    );
    let answers = session.by_hand(REGION, &json!([["elbv2", "describe_load_balancers", {}], ["elbv2", "describe_target_groups", {}], ["elb", "describe_load_balancers", {}], ["ec2", "describe_network_interfaces", { "Filters": [{ "Name": "vpc-id", "Values": [vpc] }] }]]));
    assert_eq!(
        names(&answers[0], "LoadBalancers", "LoadBalancerName"),
        ["of-another-cluster"],
        "somebody else's stays"
    );
    assert_eq!(
        (&answers[1]["TargetGroups"], &answers[2]["LoadBalancerDescriptions"]),
        (&json!([]), &json!([]))
    );
    let left = names(&answers[3], "NetworkInterfaces", "Description");
    assert!(
        left.contains(&"RDSNetworkInterface".to_string())
            && !left.iter().any(|one| one.starts_with("aws-K8S")),
        "{left:?}"
    );

    let calls: Vec<Value> = answers[3]["NetworkInterfaces"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["Description"] == "RDSNetworkInterface")
        .map(|one| json!(["ec2", "delete_network_interface", { "NetworkInterfaceId": one["NetworkInterfaceId"] }]))
        .collect();
    session.by_hand(REGION, &json!(calls));
    session.by_hand(REGION, &json!([["elbv2", "delete_load_balancer", { "LoadBalancerArn": answers[0]["LoadBalancers"][0]["LoadBalancerArn"] }]]));
    ok(&project
        .run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "dev", "--orphans"]));
    nothing_left(&session.read_back(REGION, "dev"));
}

/// What may not be read is named; the deletion goes on only where that is asked for, and is not called finished.
#[test]
fn a_balancer_api_that_answers_nothing_stops_a_deletion_unless_it_is_said() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("network-only");
    ok(&project.deploy(&session));
    let mut environment = session.environment();
    for (key, value) in &mut environment {
        if key.starts_with("AWS_ENDPOINT_URL_ELASTIC") {
            *value = "http://127.0.0.1:1".to_string();
        }
    }
    let words = ["destroy", "shop.yaml", "--confirm", "lab"];
    let stopped = project.run(&environment, &words);
    assert!(stopped.code == 1 && stopped.err.contains("nothing was deleted"), "{}", stopped.err);
    let gone = project.run(&environment, &[&words[..], &["--despite-others"]].concat());
    assert_eq!(gone.code, 4, "{}", gone.err);
    assert!(gone.err.contains("not looked for, because it could not be read: elasticloadbalancing:DescribeLoadBalancers"), "{}", gone.err);
    nothing_left(&session.read_back("ap-northeast-1", "lab"));
}

#[test]
fn what_was_changed_by_hand_is_shown_apart_from_the_blueprints_own_changes() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let environment = session.environment();
    let clean = project.run(&environment, &["diff", "shop.yaml", "--drift", "--exit-code"]);
    assert!(
        clean.code == 0 && clean.out.contains("nothing was changed manually"),
        "{}{}",
        clean.out,
        clean.err
    );
    let live = session.read_back(REGION, "dev");
    let private = live["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|subnet| subnet["public"] == false && subnet["default"].is_string())
        .unwrap()
        .clone();
    session.by_hand(
        REGION,
        &json!([
            ["ec2", "create_tags", { "Resources": [private["id"]], "Tags": [{ "Key": "environment", "Value": "by-hand" }] }],
            ["ec2", "delete_route", { "RouteTableId": private["table"], "DestinationCidrBlock": "0.0.0.0/0" }],
        ]),
    );
    project.edit("tiers:", "tiers:\n  - { name: extra, size: /27, egress: none }");
    let both = project.run(&environment, &["diff", "shop.yaml", "--drift", "-o", "json"]);
    ok(&both);
    let document = both.json();
    assert!(
        document["summary"]["add"].as_u64().unwrap() >= 4 && document["summary"]["modify"] == 0,
        "{document}"
    );
    let drift = document["drift"].as_array().unwrap();
    let statuses: Vec<(&str, &str)> = drift
        .iter()
        .map(|one| (one["type"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    assert_eq!(statuses, [("AWS::EC2::Route", "DELETED"), ("AWS::EC2::Subnet", "MODIFIED")]);
    assert_eq!(drift[1]["differences"][0]["actual"], "by-hand");
    let schema = project.run(&[], &["schema", "--of", "diff"]).json();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document));
    let human = project.run(&environment, &["diff", "shop.yaml", "--drift"]);
    assert!(
        human.out.contains("changed manually since the last deployment")
            && human.out.contains("was deleted")
            && human.out.contains("+ add"),
        "{}",
        human.out
    );
    let markdown = project.run(&environment, &["diff", "shop.yaml", "--drift", "-o", "markdown"]);
    assert!(
        markdown.out.contains("**Drift: changed manually since the last deployment**"),
        "{}",
        markdown.out
    );
    let nightly = project.run(&environment, &["status", "shop.yaml", "--exit-code", "-o", "json"]);
    assert_eq!(
        (nightly.code, nightly.json()["changedByHand"].as_array().unwrap().len()),
        (2, 2),
        "{}",
        nightly.err
    );
    let quick = project.run(&environment, &["status", "shop.yaml", "--no-drift", "-o", "json"]);
    assert_eq!((quick.code, &quick.json()["changedByHand"]), (0, &Value::Null));
}

/// The change set's own answer is asked for and nothing is left of it, of a new stack neither.
#[test]
fn a_change_set_is_asked_and_thrown_away() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("network-only");
    let environment = session.environment();
    let new = project
        .run(&environment, &["diff", "shop.yaml", "--change-set", "--exit-code", "-o", "json"]);
    assert_eq!((new.code, new.json()["summary"]["remove"].as_u64()), (2, Some(0)), "{}", new.err);
    let stacks = |session: &Session| {
        session.by_hand("ap-northeast-1", &json!([["cloudformation", "describe_stacks", {}]]))
                [0]["Stacks"]
                .as_array()
                .unwrap()
                .len()
    };
    assert_eq!(stacks(&session), 0);
    ok(&project.deploy(&session));
    project.edit("\"4711\"", "\"4712\"");
    let asked = project.run(&environment, &["diff", "shop.yaml", "--change-set", "--exit-code"]);
    assert_eq!(asked.code, 2, "{}{}", asked.out, asked.err);
    let sets = session.by_hand(
        "ap-northeast-1",
        &json!([["cloudformation", "list_change_sets", { "StackName": "eksnet-lab" }]]),
    );
    let waiting = sets[0]["Summaries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|set| set["ExecutionStatus"] == "AVAILABLE")
        .count();
    assert_eq!(waiting, 0, "{sets}");
}

/// More than 51,200 bytes: refused with the way out, and through the user's bucket done.
#[test]
fn a_long_template_goes_through_the_bucket_that_the_user_names() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("network-only");
    let tags: Vec<String> =
        (0..45).map(|number| format!("tag-{number}: \"{}\"", "x".repeat(60))).collect();
    project.edit("cost-center: \"4711\"", &tags.join(", "));
    let refused = project.deploy(&session);
    assert!(refused.code == 1 && refused.err.contains("--template-bucket"), "{}", refused.err);
    session.by_hand(
        "ap-northeast-1",
        &json!([["s3", "create_bucket", { "Bucket": "network.templates", "CreateBucketConfiguration": { "LocationConstraint": "ap-northeast-1" } }]]),
    );
    let done = project.run(
        &session.environment(),
        &["deploy", "shop.yaml", "--yes", "--template-bucket", "network.templates"],
    );
    ok(&done);
    assert!(
        done.err.contains("template uploaded to http://127.0.0.1")
            && done.err.contains("/network.templates/eksnet/eksnet-lab/"),
        "{}",
        done.err
    );
    compare(&project, &session.read_back("ap-northeast-1", "lab"));
    let missing = project.run(
        &session.environment(),
        &["diff", "shop.yaml", "--change-set", "--template-bucket", "nobody.made.this"],
    );
    assert!(
        missing.code == 1
            && missing.err.contains("cannot put the template into the bucket `nobody.made.this`"),
        "{}",
        missing.err
    );
}

/// Nodes leave interfaces behind while the stack goes: they are named when the deletion stands still, and asked about then.
#[test]
fn what_turns_up_during_the_deletion_is_asked_about_too() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let (_, subnets) = vpc(&session);
    session.faults(&json!({ "AddonCoredns": { "on": "delete", "delay": 6 } }));
    let proxy = session.proxy(&json!([]));
    let child = project.start(&proxy.environment, &["destroy", "shop.yaml", "--confirm", "dev"]);
    proxy.until("DeleteStack");
    session.by_hand(REGION, &json!([["ec2", "create_network_interface", { "SubnetId": subnets[0], "Description": "aws-K8S-i-0late" }]]));
    let stuck = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stuck.stderr).into_owned();
    assert!(
        stuck.status.code() == Some(1)
            && said.contains("(aws-K8S-i-0late)")
            && said.contains("`--orphans` removes them"),
        "{said}"
    );
    session.no_faults();
    ok(&project.answer(
        &session.environment(),
        &["destroy", "shop.yaml", "--confirm", "dev"],
        "y\n",
    ));
    nothing_left(&session.read_back(REGION, "dev"));
}

/// What could not be read may be in the way: nothing is deleted before it is known, unless whoever asks says so, and then it is not called
/// finished.
#[test]
fn what_could_not_be_read_stops_a_deletion() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let all = ["destroy", "shop.yaml", "--confirm", "dev", "--orphans"];
    let denied =
        |action: &str| json!([{ "match": format!("{action}$"), "fault": "denied", "times": 50 }]);
    let proxy = session.proxy_of_ec2(&denied("DescribeInstances"));
    for action in ["DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups"] {
        proxy.rule(&denied(action));
        let stopped = project.run(&proxy.environment, &all);
        assert_eq!(stopped.code, 1, "{action}: {}", stopped.err);
        for word in ["nothing was deleted", &format!("ec2:{action}"), "--despite-others"] {
            assert!(stopped.err.contains(word), "{action}, {word}: {}", stopped.err);
        }
    }
    proxy.rule(&denied("DescribeVolumes"));
    let asked = project.run(&proxy.environment, &[&all[..], &["--volumes"]].concat());
    assert!(asked.code == 1 && asked.err.contains("nothing was deleted"), "{}", asked.err);
    assert!(!session.read_back(REGION, "dev")["vpcs"].as_array().unwrap().is_empty());
    let told = project.run(&proxy.environment, &all);
    assert_eq!(told.code, 4, "volumes are in nothing's way: {}", told.err);
    assert!(told.err.contains("ec2:DescribeVolumes"), "{}", told.err);
    nothing_left(&session.read_back(REGION, "dev"));
}

/// EKS takes a version back within days of its upgrade: where it was never upgraded to it, no part of the edit begins.
#[test]
fn kubernetes_that_eks_does_not_take_back_stops_before_the_first_part() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    project.edit("\ncluster:\n", "\ncluster:\n  version: \"1.34\"\n");
    ok(&project.deploy(&session));
    project.edit("\"1.34\"", "\"1.33\"");
    let stopped = project.deploy(&session);
    assert_eq!(stopped.code, 1, "{}", stopped.err);
    for word in ["VER-02", "nothing was changed", "created with it"] {
        assert!(stopped.err.contains(word), "{word}: {}", stopped.err);
    }
    assert!(!stopped.err.contains("IN_PROGRESS"), "{}", stopped.err);
    let at = |days: f64| -> f64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs_f64() - days * 86_400.0
    };
    let upgraded = |days: f64| {
        json!({
            "/clusters/dev/updates": { "updateIds": ["u-1"] },
            "/clusters/dev/updates/u-1": { "update": { "id": "u-1", "status": "Successful", "type": "VersionUpdate", "createdAt": at(days), "errors": [],
                "params": [{ "type": "Version", "value": "1.34" }] } },
        })
    };
    session.put("eks.json", &upgraded(9.0));
    let late = project.deploy(&session);
    assert!(late.code == 1 && late.err.contains("9 days ago"), "{}", late.err);
    session.put("eks.json", &upgraded(1.0));
    let begun = project.deploy(&session);
    assert!(begun.err.contains("UPDATE_IN_PROGRESS"), "it is asked of AWS: {}", begun.err);
}

/// EC2 keeps a subnet that has an interface: the update ends, and says what it left behind.
#[test]
fn a_subnet_with_an_interface_of_others_is_left_behind_and_named() {
    let Some(session) = emulator::start() else {
        return;
    };
    let head = "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: dev, region: eu-west-1 }\nvpc: { cidr: 10.60.0.0/16 }\ntiers:\n  - { name: a, size: /24, egress: none }\n";
    let mut project = Project::of(&format!("{head}  - {{ name: b, size: /24, egress: none }}\n"));
    ok(&project.deploy(&session));
    let live = session.read_back(REGION, "dev");
    let of_b = project.layout()["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["tier"] == "b")
        .map(|one| one["cidr"].clone())
        .unwrap();
    let subnet =
        live["subnets"].as_array().unwrap().iter().find(|one| one["cidr"] == of_b).unwrap();
    let id = subnet["id"].as_str().unwrap();
    session.by_hand(
        REGION,
        &json!([["ec2", "create_network_interface", { "SubnetId": id, "Description": "RDSNetworkInterface" }]]),
    );
    project.edit("  - { name: b, size: /24, egress: none }\n", "");
    let left = project.deploy(&session);
    assert_eq!(left.code, 4, "{}\n{}", left.out, left.err);
    let said = format!("{}{}", left.out, left.err);
    assert!(said.contains(id) && said.contains("has dependencies"), "{said}");
}
