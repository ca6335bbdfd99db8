//! The real binary against the emulated AWS: deploy, read back through the APIs, change, destroy; and what goes wrong on the way.
//!
//! Not judged here, because the emulator does not: IAM roles' policies, launch template contents and access policies of entries
//! (cfn-lint's schemas and the template snapshots cover their shape), values that AWS itself would refuse (the rule book).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emulator;
use crate::project::{Project, compare, nothing_left, ok};
use crate::support::blueprints;

/// Every subnet has the /64 of its number, private ones leave by the egress-only gateway; and IPv6 comes to a VPC that stands.
#[test]
fn an_ipv6_cluster_is_deployed_and_its_subnets_have_their_own_64s() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("ipv6");
    ok(&project.deploy(&session));
    let live = session.read_back("eu-central-1", "ipv6");
    compare(&project, &live);
    compare_ipv6(&project, &live);
    assert_eq!(
        (&live["cluster"]["family"], &live["cluster"]["serviceCidr"]),
        (&json!("ipv6"), &Value::Null)
    );
    project.edit(
        "size: /26, egress: internet",
        "size: /26, zones: [euc1-az1, euc1-az2], egress: internet",
    );
    project.edit("tiers:\n", "tiers:\n  - { name: data, size: /28, egress: none }\n");
    project.edit("nodes,         size", "nodes,         zones: [euc1-az1, euc1-az2], size");
    ok(&project.deploy(&session));
    let live = session.read_back("eu-central-1", "ipv6");
    compare_ipv6(&project, &live);
    let again = project.deploy(&session);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
}

fn compare_ipv6(project: &Project, live: &Value) {
    let block: ipnet::Ipv6Net = live["cidrs6"][0].as_str().unwrap().parse().unwrap();
    let egress_only = live["egressOnlyGateways"][0].as_str();
    let standing = live["subnets"].as_array().unwrap();
    for subnet in project.layout()["subnets"].as_array().unwrap() {
        let one = standing
            .iter()
            .find(|one| one["cidr"] == subnet["cidr"])
            .unwrap_or_else(|| panic!("{subnet} does not stand"));
        let slot = subnet["ipv6Slot"].as_u64().unwrap();
        let wanted = block.subnets(64).unwrap().nth(slot as usize).unwrap();
        assert_eq!(
            one["cidr6"].as_str().unwrap().parse::<ipnet::Ipv6Net>().unwrap(),
            wanted,
            "{subnet}"
        );
        assert_eq!(one["assigns6"], json!(true));
        match subnet["egress"].as_str().unwrap() {
            "internet" => {
                assert_eq!(one["default6"].as_str(), live["internetGateways"][0].as_str())
            }
            "nat" => assert_eq!(one["default6"].as_str(), egress_only, "{subnet}"),
            _ => assert_eq!(one["default6"], Value::Null, "{subnet}"),
        }
    }
}

#[test]
fn a_network_that_stands_becomes_dual_stack_in_place() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("network-only");
    ok(&project.deploy(&session));
    let region = project.layout()["region"].as_str().unwrap().to_string();
    let before = session.read_back(&region, "none");
    project.edit("vpc:\n", "vpc:\n  ipv6: amazon\n");
    ok(&project.deploy(&session));
    let live = session.read_back(&region, "none");
    compare_ipv6(&project, &live);
    let ids = |live: &Value| {
        live["subnets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_string())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(ids(&before), ids(&live), "no subnet was replaced");
}

/// No gateway at all: an interface of each service in each zone, S3 in every route table, 443 open to the nodes' subnets only.
#[test]
fn a_private_cluster_reaches_aws_through_endpoints() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("private-only");
    ok(&project.deploy(&session));
    let live = session.read_back("eu-central-1", "vault");
    compare(&project, &live);
    assert_eq!((&live["internetGateways"], &live["natGateways"]), (&json!([]), &json!([])));
    let services: Vec<&str> = live["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["service"].as_str().unwrap().rsplit("eu-central-1.").next().unwrap())
        .collect();
    assert_eq!(
        services,
        [
            "autoscaling",
            "ec2",
            "ecr.api",
            "ecr.dkr",
            "eks",
            "eks-auth",
            "elasticloadbalancing",
            "s3",
            "ssm",
            "ssmmessages",
            "sts"
        ]
    );
    for one in live["endpoints"].as_array().unwrap() {
        match one["kind"].as_str().unwrap() {
            "Gateway" => assert_eq!(one["tables"].as_array().unwrap().len(), 3, "{one}"),
            _ => assert_eq!(
                (one["subnets"].as_array().unwrap().len(), one["groups"].as_array().unwrap().len()),
                (3, 1),
                "{one}"
            ),
        }
    }
    assert_eq!(live["securityGroups"][0]["ingress"], json!(["tcp 443 10.160.0.0/18"]));
    project.edit(
        "endpoints: auto",
        "endpoints: { exclude: [ssm, ssmmessages, ec2messages], include: [kms] }",
    );
    ok(&project.deploy(&session));
    let live = session.read_back("eu-central-1", "vault");
    assert_eq!(live["endpoints"].as_array().unwrap().len(), 10);
}

/// Where CloudFormation has no type for it, EC2 keeps the parts after the stack: once, moved with the blueprint, given back at the end.
#[test]
fn parts_of_subnets_are_kept_for_prefixes_with_and_without_cloudformation() {
    let Some(session) = emulator::start() else {
        return;
    };
    for region in ["us-west-2", "eu-west-1"] {
        let mut project = Project::new("reservations");
        project.edit("region: us-west-2", &format!("region: {region}"));
        let reserved = |project: &Project| {
            ok(&project.deploy(&session));
            let live = session.read_back(region, "shared");
            let parts = live["subnets"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|subnet| subnet["reserved"].as_array().unwrap().clone());
            let planned = project.layout()["subnets"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|subnet| subnet.get("reserved").cloned())
                .collect::<Vec<_>>();
            let sorted = |mut all: Vec<Value>| {
                all.sort_by_key(ToString::to_string);
                all
            };
            assert_eq!(sorted(parts.collect()), sorted(planned.clone()), "{region}");
            planned.len()
        };
        assert_eq!(reserved(&project), 3);
        assert_eq!(reserved(&project), 3, "again, with nothing to do");
        project.edit("prefixes: /21", "prefixes: /22");
        // CloudFormation deletes the old one first (the type's replacement strategy), and what eksnet keeps itself is in the preview too.
        let shown =
            project.run(&session.environment(), &["diff", "shop.yaml", "-o", "json"]).json();
        assert_eq!(shown["changes"].as_array().unwrap().len(), 3, "{region}: {shown}");
        assert_eq!(reserved(&project), 3);
        project.edit(", reservation: { prefixes: /22 }", "");
        assert_eq!(reserved(&project), 0);
        project.edit(
            "serves: [nodes, internalLoadBalancers] }",
            "serves: [nodes, internalLoadBalancers], reservation: { prefixes: /21 } }",
        );
        assert_eq!(reserved(&project), 3);
        ok(&project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "shared"]));
        nothing_left(&session.read_back(region, "shared"));
    }
}

/// Groups, network ACLs and alarms stand as the template says; the default group is closed and the address units counted through EC2,
/// and a second deployment finds nothing to do.
#[test]
fn nothing_is_open_that_nobody_asked_for() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("least-privilege");
    ok(&project.deploy(&session));
    let live = session.read_back("eu-central-1", "ledger");
    compare(&project, &live);
    assert_eq!((&live["defaultGroups"], &live["countsUnits"]), (&json!([0]), &json!([true])));
    let groups: Vec<&Value> = live["securityGroups"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|group| group["name"] != "ledger-endpoints")
        .collect();
    assert_eq!(groups.len(), 2, "{groups:?}");
    for group in groups {
        let egress = group["egress"].as_array().unwrap();
        assert!(
            egress.contains(&json!("tcp 443 0.0.0.0/0"))
                && !egress.iter().any(|rule| rule.as_str().unwrap().starts_with("-1")),
            "{group}"
        );
        assert_eq!(
            group["peers"], 4,
            "in and out among themselves and to the other group: {group}"
        );
    }
    let acls = live["networkAcls"].as_array().unwrap();
    assert_eq!(acls.len(), 4);
    assert_eq!(
        acls.iter().map(|acl| acl["subnets"].as_array().unwrap().len()).sum::<usize>(),
        live["subnets"].as_array().unwrap().len()
    );
    project.edit(
        "ports: 8080, why: partners }] } # beside",
        "ports: 8443, why: partners }] } # beside",
    );
    ok(&project.deploy(&session));
    ok(&project.run(
        &session.environment(),
        &["destroy", "shop.yaml", "--confirm", "ledger", "--unprotect"],
    ));
    nothing_left(&session.read_back("eu-central-1", "ledger"));
}

/// The table of instance types, refreshed from an EC2 that knows some of them.
#[test]
fn instance_types_are_read_from_ec2() {
    let Some(session) = emulator::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let environment = session.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let read = crate::support::run(
        folder.path(),
        &["instances", "--from-ec2", "--region", "us-east-1"],
        &environment,
    );
    ok(&read);
    let row = |name: &str| {
        read.out.lines().find(|line| line.starts_with(&format!("{name},"))).unwrap().to_string()
    };
    assert!(
        row("m5.large").starts_with("m5.large,3,10,nitro,false,0:3,0,2,amd64,8192,true,9"),
        "{}",
        row("m5.large")
    );
    assert!(row("m7g.xlarge").contains(",arm64,"), "{}", row("m7g.xlarge"));
    assert!(
        read.out.lines().count() > eksnet::facts::instances::rows().count(),
        "a first line and at least as many types"
    );
}

#[test]
fn a_cluster_network_is_deployed_changed_and_destroyed() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("secondary-pods");
    let environment = session.environment();

    let deployed = project.deploy(&session);
    ok(&deployed);
    assert!(
        deployed.out.contains("CREATE_COMPLETE")
            && deployed.err.contains("lock shop.lock.yaml written"),
        "{}{}",
        deployed.out,
        deployed.err
    );
    let live = session.read_back("us-west-2", "secondary-pods");
    compare(&project, &live);
    let cluster = &live["cluster"];
    let of = |tier: &str| {
        let layout = project.layout();
        let planned: Vec<Value> = layout["subnets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|subnet| subnet["tier"] == tier)
            .map(|subnet| subnet["cidr"].clone())
            .collect();
        live["subnets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| planned.contains(&one["cidr"]))
            .map(|one| one["id"].as_str().unwrap().to_string())
            .collect::<BTreeSet<_>>()
    };
    let ids = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap().to_string())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(ids(&cluster["subnets"]), of("control-plane"));
    assert_eq!(ids(&cluster["nodeGroups"][0]["subnets"]), of("nodes"));
    assert_eq!(
        cluster["nodeGroups"][0]["scaling"],
        json!({ "minSize": 3, "desiredSize": 3, "maxSize": 90 })
    );
    assert_eq!(
        (&cluster["private"], &cluster["public"], &cluster["publicCidrs"]),
        (&json!(true), &json!(true), &json!(["198.51.100.0/24"]))
    );
    assert_eq!(
        (&cluster["serviceCidr"], &cluster["logging"]),
        (&json!("172.20.0.0/16"), &json!(["api", "audit", "authenticator"]))
    );
    // EKS admits the role of a node group by itself.
    let principals: Vec<&str> =
        cluster["principals"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (platform, nodes): (Vec<&str>, Vec<&str>) =
        principals.iter().partition(|one| **one == "arn:aws:iam::111122223333:role/platform");
    assert_eq!((platform.len(), nodes.len()), (1, 1), "{principals:?}");
    assert!(nodes[0].contains("NodeRole"), "{principals:?}");
    let cni: Value = serde_json::from_str(cluster["addons"]["vpc-cni"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&cni["env"]["WARM_IP_TARGET"], &cni["env"]["ENABLE_PREFIX_DELEGATION"]),
        (&json!("5"), &json!("true"))
    );
    let zones: BTreeSet<&String> =
        cni["eniConfig"]["subnets"].as_object().unwrap().keys().collect();
    assert_eq!(
        zones.into_iter().collect::<Vec<_>>(),
        ["us-west-2a", "us-west-2b", "us-west-2c"],
        "ENIConfigs are named by the zones' names"
    );
    let pods: BTreeSet<String> = cni["eniConfig"]["subnets"]
        .as_object()
        .unwrap()
        .values()
        .map(|entry| entry["id"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(pods, of("pods"));

    let again = project.deploy(&session);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);

    let status = project.run(&environment, &["status", "shop.yaml", "-o", "json"]);
    ok(&status);
    assert_eq!(
        (&status.json()["cluster"]["status"], &status.json()["drift"]),
        (&json!("ACTIVE"), &json!([]))
    );
    assert_eq!(status.json()["subnets"].as_array().unwrap().len(), 12);

    project.edit("  region: us-west-2", "  region: us-west-2\n  tags: { team: platform }");
    project.edit("tiers:", "tiers:\n  - { name: databases, size: /27, egress: none }");
    project.edit("zones: 3", "zones: 4");
    let diff = project.run(&environment, &["diff", "shop.yaml", "-o", "json"]);
    ok(&diff);
    let subnets = diff.json()["network"]["subnets"].clone();
    assert!(
        subnets.as_array().unwrap().iter().all(|subnet| subnet["before"].is_null()),
        "no subnet moves: {subnets}"
    );
    assert_eq!(
        subnets.as_array().unwrap().len(),
        8,
        "four tiers in a new zone, and a new tier in all four"
    );
    ok(&project.deploy(&session));
    let after = session.read_back("us-west-2", "secondary-pods");
    compare(&project, &after);
    assert_eq!(after["vpcs"][0]["tags"]["team"], "platform");
    assert_eq!(
        after["cluster"]["subnets"], cluster["subnets"],
        "EKS keeps a cluster's zones (CLU-06)"
    );
    assert_eq!(
        after["cluster"]["nodeGroups"].as_array().unwrap().len(),
        2,
        "the new zone has a node group of its own"
    );
    for old in live["subnets"].as_array().unwrap() {
        assert!(
            after["subnets"]
                .as_array()
                .unwrap()
                .iter()
                .any(|new| new["id"] == old["id"] && new["cidr"] == old["cidr"]),
            "{old} moved"
        );
    }

    let refused = project.answer(&environment, &["destroy", "shop.yaml"], "wrong\n");
    assert_eq!(refused.code, 1);
    compare(&project, &session.read_back("us-west-2", "secondary-pods"));
    ok(&project.answer(&environment, &["destroy", "shop.yaml"], "secondary-pods\n"));
    nothing_left(&session.read_back("us-west-2", "secondary-pods"));
    let gone = project.run(&environment, &["destroy", "shop.yaml", "--confirm", "secondary-pods"]);
    ok(&gone);
    assert!(gone.out.contains("does not exist"));
}

/// Blueprints with a test of their own above, or in `self_managed.rs`.
const ALREADY: &[&str] =
    &["ipv6", "least-privilege", "private-only", "secondary-pods", "self-managed"];

/// Inside a VPC that others made, which is made first: `among_others.rs`.
const BESIDE_OTHERS: &[&str] = &["existing-cluster-rescue", "existing-vpc"];

/// Every mode of egress among them. What hangs on things outside the stack (transit gateways, VPN) is held to its schema only, and
/// proven by `reach.rs`.
#[test]
fn every_example_blueprint_deploys_and_goes() {
    let Some(session) = emulator::start() else {
        return;
    };
    let elsewhere = [ALREADY, BESIDE_OTHERS].concat();
    for (blueprint, _) in
        blueprints().iter().filter(|(name, _)| !elsewhere.contains(&name.as_str()))
    {
        let mut project = Project::new(blueprint);
        // A peering needs the VPC first (EXT-02): its route comes with the next deployment.
        let peering = ",     routes: [{ to: 172.20.128.0/20, via: pcx-0a1b2c3d4e5f60718 }]";
        let second = project.text.contains(peering);
        if second {
            project.edit(peering, "");
        }
        let layout = project.layout();
        let (region, name) = (layout["region"].as_str().unwrap(), layout["name"].as_str().unwrap());
        let first = project.deploy(&session);
        // Nodes come once somebody has installed the CNI.
        if project.text.contains("management: none") {
            assert_eq!(first.code, 4, "{}\n{}", first.out, first.err);
            assert!(first.out.contains("install the CNI in the cluster now"), "{}", first.out);
            ok(&project.deploy(&session));
        } else {
            ok(&first);
        }
        compare(&project, &session.read_back(region, name));
        if second {
            project.edit("egress: none }", &format!("egress: none{peering} }}"));
            ok(&project.deploy(&session));
            compare(&project, &session.read_back(region, name));
        }
        ok(&project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", name]));
        nothing_left(&session.read_back(region, name));
    }
}

#[test]
fn a_nat_mode_changes_under_a_standing_network_without_a_new_route_table() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let before = session.read_back("eu-west-1", "dev");
    project.edit("nat: single", "nat: perZone");
    ok(&project.deploy(&session));
    let after = session.read_back("eu-west-1", "dev");
    compare(&project, &after);
    assert_eq!(
        (
            before["natGateways"].as_array().unwrap().len(),
            after["natGateways"].as_array().unwrap().len()
        ),
        (1, 2)
    );
    let tables = |live: &Value| {
        live["subnets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|subnet| (subnet["id"].to_string(), subnet["table"].to_string()))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(tables(&before), tables(&after));
}

#[test]
fn without_a_lock_the_stack_says_what_was_given_out() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let before = project.layout();
    let lock = project.path().join("shop.lock.yaml");
    std::fs::remove_file(&lock).unwrap();
    project.edit("tiers:", "tiers:\n  - { name: aaa, size: /24, egress: none }");
    ok(&project.deploy(&session));
    for subnet in before["subnets"].as_array().unwrap() {
        assert!(project.layout()["subnets"].as_array().unwrap().contains(subnet), "{subnet} moved");
    }
    compare(&project, &session.read_back("eu-west-1", "dev"));
    // a lock that contradicts the stack is refused, with the difference
    std::fs::remove_file(&lock).unwrap();
    project.edit("size: /22", "size: /23");
    ok(&project.run(&[], &["layout", "shop.yaml", "--write-lock"]));
    let refused = project.deploy(&session);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("disagree") && refused.err.contains("nodes in euw1-az1"),
        "{}",
        refused.err
    );
}

#[test]
fn a_failed_creation_names_its_cause_and_can_be_tried_again() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    session.faults(&json!({ "ElasticIpPublicEuw1Az1": { "on": "create", "fail": "The maximum number of addresses has been reached." } }));
    let failed = project.deploy(&session);
    assert_eq!(failed.code, 1);
    for word in [
        "ROLLBACK_COMPLETE",
        "first cause: ElasticIpPublicEuw1Az1",
        "maximum number of addresses",
        "shop.yaml:",
        "Elastic IPs is used up",
        "next: ",
    ] {
        assert!(failed.out.contains(word), "{word}: {}", failed.out);
    }
    session.no_faults();
    let asked = project.answer(&session.environment(), &["deploy", "shop.yaml"], "n\n");
    assert_eq!(asked.code, 1);
    ok(&project.deploy(&session));
    compare(&project, &session.read_back("eu-west-1", "dev"));
}

#[test]
fn a_failed_update_leaves_the_network_as_it_was() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    ok(&project.deploy(&session));
    let before = session.read_back("eu-west-1", "dev");
    session.faults(&json!({ "SubnetExtraEuw1Az2": { "on": "create", "fail": "The CIDR conflicts with another subnet" } }));
    project.edit("tiers:", "tiers:\n  - { name: extra, size: /27, egress: none }");
    let failed =
        project.run(&session.environment(), &["deploy", "shop.yaml", "--yes", "-o", "json"]);
    assert_eq!(failed.code, 1);
    let last: Value = serde_json::from_str(failed.out.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["outcome"], &last["cause"]["logicalId"]),
        (&json!("rolledBack"), &json!("SubnetExtraEuw1Az2"))
    );
    assert!(last["cause"]["place"].as_str().unwrap().starts_with("shop.yaml:"));
    assert_eq!(session.read_back("eu-west-1", "dev"), before);
    session.no_faults();
    ok(&project.deploy(&session));
    compare(&project, &session.read_back("eu-west-1", "dev"));
}

#[test]
fn a_preview_that_nobody_confirms_changes_nothing_and_leaves_nothing() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("dev-single-nat");
    for input in ["n\n", ""] {
        assert_eq!(project.answer(&session.environment(), &["deploy", "shop.yaml"], input).code, 1);
        nothing_left(&session.read_back("eu-west-1", "dev"));
    }
    let status = project.run(&session.environment(), &["status", "shop.yaml"]);
    assert!(status.code == 1 && status.err.contains("does not exist"), "{}", status.err);
}

/// What is found before the question says why it is found, and how it is accepted.
#[test]
fn a_deployment_with_warnings_says_why_and_how_to_accept_them() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    project.edit("cidr: 10.99.0.0/", "cidr: 172.17.0.0/");
    let declined = project.answer(&session.environment(), &["deploy", "shop.yaml"], "n\n");
    let told = format!("{}{}", declined.out, declined.err);
    assert!(told.contains("warning[VPC-06]"), "{told}");
    assert!(told.contains("Why: eksnet explain VPC-06"), "{told}");
    assert!(told.contains("# eksnet:allow VPC-06 <reason>"), "{told}");
}

#[test]
fn protection_is_respected_until_it_is_switched_off() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    project.edit("deletionProtection: false ", "deletionProtection: true ");
    ok(&project.deploy(&session));
    let refused =
        project.run(&session.environment(), &["destroy", "shop.yaml", "--confirm", "dev"]);
    assert!(refused.code == 1 && refused.err.contains("--unprotect"), "{}", refused.err);
    compare(&project, &session.read_back("eu-west-1", "dev"));
}

#[test]
fn a_zone_that_the_account_lacks_is_found_before_anything_is_made() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    project.edit("zones: 2", "zones: [euw1-az1, euw1-az9]");
    let refused = project.deploy(&session);
    assert!(
        refused.code == 1
            && refused.err.contains("no zone `euw1-az9`")
            && refused.err.contains("eu-west-1a"),
        "{}",
        refused.err
    );
    nothing_left(&session.read_back("eu-west-1", "dev"));
}

#[test]
fn expired_credentials_say_so() {
    let Some(session) = emulator::start() else {
        return;
    };
    let proxy = session.proxy(&json!([{ "match": ".*", "fault": "expired", "times": 99 }]));
    let refused =
        Project::new("network-only").run(&proxy.environment, &["deploy", "shop.yaml", "--yes"]);
    assert!(refused.code == 1 && refused.err.contains("expired"), "{}", refused.err);
}

#[test]
fn one_flag_points_every_service_elsewhere() {
    let Some(session) = emulator::start() else {
        return;
    };
    let project = Project::new("network-only");
    let credentials: Vec<(String, String)> = session
        .environment()
        .into_iter()
        .filter(|(key, _)| !key.starts_with("AWS_ENDPOINT_URL"))
        .collect();
    let url = session.plane_url();
    let diff =
        project.run(&credentials, &["diff", "shop.yaml", "--endpoint-url", &url, "--exit-code"]);
    assert_eq!(diff.code, 2, "{}", diff.err);
    let nowhere = project.run(&credentials, &["diff", "shop.yaml", "--endpoint-url", "nonsense"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("endpoint"), "{}", nowhere.err);
}

#[test]
fn a_saved_plan_is_what_runs_once() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    let environment = session.environment();
    let saved =
        project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json", "-o", "json"]);
    ok(&saved);
    assert_eq!(saved.json()["summary"]["add"], 38);
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    compare(&project, &session.read_back("eu-west-1", "dev"));
    let again = project.run(&environment, &["deploy", "--plan", "plan.json"]);
    assert!(
        again.code == 0 && again.err.contains("this plan was executed already"),
        "what came after it may be left to do: {}{}",
        again.out,
        again.err
    );
    let nothing =
        project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json", "--exit-code"]);
    ok(&nothing);
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    project.edit("environment: dev", "environment: test");
    assert_eq!(
        project
            .run(&environment, &["diff", "shop.yaml", "--save", "plan.json", "--exit-code"])
            .code,
        2
    );
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    assert_eq!(session.read_back("eu-west-1", "dev")["vpcs"][0]["tags"]["environment"], "test");
}

#[test]
fn a_plan_that_is_not_true_any_more_is_refused_with_what_moved() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    let environment = session.environment();
    ok(&project.deploy(&session));
    let before = session.read_back("eu-west-1", "dev");
    project.edit("environment: dev", "environment: test");
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json"]));
    project.edit("environment: test", "environment: other");
    let refused = project.run(&environment, &["deploy", "--plan", "plan.json"]);
    assert!(
        refused.code == 1 && refused.err.contains("the blueprint, the template"),
        "{}",
        refused.err
    );
    project.edit("environment: other", "environment: test");
    let plan = project.path().join("plan.json");
    let text = std::fs::read_to_string(&plan).unwrap();
    std::fs::write(&plan, text.replace("\"modify\": ", "\"modify\": 1")).unwrap();
    let refused = project.run(&environment, &["deploy", "--plan", "plan.json"]);
    assert!(refused.code == 1 && refused.err.contains("it was edited"), "{}", refused.err);
    std::fs::write(&plan, text).unwrap();
    assert_eq!(session.read_back("eu-west-1", "dev"), before, "nothing ran");
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
}

/// `default` is looked up once and kept while the Kubernetes version stays; `latest` is looked up every time; a plan runs what it showed.
#[test]
fn the_version_of_the_cni_is_looked_up_and_pinned() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    let environment = session.environment();
    let version = |session: &emulator::Session| {
        let call = serde_json::json!([["eks", "describe_addon", { "clusterName": "dev", "addonName": "vpc-cni" }]]);
        session.by_hand("eu-west-1", &call)[0]["addon"]["addonVersion"]
            .as_str()
            .unwrap()
            .to_string()
    };
    let first = project.deploy(&session);
    ok(&first);
    assert!(
        first.err.contains("vpc-cni v1.20.4-eksbuild.1: EKS's default for Kubernetes"),
        "{}",
        first.err
    );
    assert_eq!(version(&session), "v1.20.4-eksbuild.1");
    project.edit("environment: dev", "environment: test");
    let tags = project.run(&environment, &["diff", "shop.yaml", "-o", "json"]);
    assert!(
        !tags.out.contains("AddonVersion"),
        "a deployment of something else is no upgrade: {}",
        tags.out
    );
    project.edit("nodeGroups:", "awsNode: { version: latest }\nnodeGroups:");
    ok(&project.run(&environment, &["diff", "shop.yaml", "--save", "plan.json", "-o", "json"]));
    let plan: Value =
        serde_json::from_str(&std::fs::read_to_string(project.path().join("plan.json")).unwrap())
            .unwrap();
    let offered = &plan["observed"]["account"]["addons"]["vpc-cni"]["read"]["newestFirst"];
    assert_eq!(offered[0], "v1.21.1-eksbuild.1");
    let because = plan["preview"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["logicalId"] == "AddonVpcCni")
        .unwrap()["because"]
        .clone();
    assert!(
        because
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["property"] == "AddonVersion" && one["after"] == "v1.21.1-eksbuild.1"),
        "{because}"
    );
    ok(&project.run(&environment, &["deploy", "--plan", "plan.json"]));
    assert_eq!(version(&session), "v1.21.1-eksbuild.1");
    assert!(project.deploy(&session).out.contains("no change"));
    // Settings are held against the schema of the version that would run, before anything is made.
    project.edit("version: latest", "version: latest, env: { POD_MTU: \"1500\" }");
    let refused = project.deploy(&session);
    assert!(
        refused.code == 1
            && refused.err.contains("error[SET-36]")
            && refused.err.contains("env/POD_MTU"),
        "{}",
        refused.err
    );
}
