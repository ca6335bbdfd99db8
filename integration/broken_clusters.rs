//! Running clusters of the example blueprints, each broken in one way that real ones are: the doctor names that root, and a fix that mends
//! it.

use std::collections::BTreeSet;

use eksnet::doctor::{self, Diagnosis, Sick};
use eksnet::survey::document;
use serde_json::{Value, json};

use crate::healthy::healthy;
use crate::support::{blueprints, build};

/// A running cluster of an example.
pub fn of(stem: &str) -> Value {
    let path = blueprints().into_iter().find(|(name, _)| name == stem).unwrap().1;
    let survey = healthy(&build(&std::fs::read_to_string(path).unwrap()));
    serde_json::from_str(&document::write(&survey)).unwrap()
}

fn diagnosis(world: &Value) -> Diagnosis {
    doctor::judge(&document::parse(&world.to_string()).unwrap(), &[])
}

fn roots(diagnosis: &Diagnosis) -> Vec<&'static str> {
    diagnosis.roots.iter().map(|found| found.check.id).collect()
}

/// The only cause of the only root.
fn only(world: &Value, id: &str) -> Sick {
    let diagnosis = diagnosis(world);
    assert_eq!(roots(&diagnosis), [id], "{:#?}", diagnosis.roots);
    assert_eq!(diagnosis.roots[0].causes.len(), 1, "{:#?}", diagnosis.roots);
    diagnosis.roots[0].causes[0].clone()
}

pub fn rows<'w>(world: &'w mut Value, place: &str) -> &'w mut Vec<Value> {
    world.pointer_mut(&format!("{place}/read")).unwrap().as_array_mut().unwrap()
}

pub fn is_in(row: &Value, key: &str, word: &str) -> bool {
    row[key].as_str().is_some_and(|text| text.contains(word))
}

/// Ids of subnets whose id has a word.
fn subnets(world: &mut Value, word: &str) -> Vec<Value> {
    let all = rows(world, "/vpc/subnets").iter().filter(|one| is_in(one, "id", word));
    all.map(|one| one["id"].clone()).collect()
}

fn entry(number: u32, egress: bool, cidr: &str, ports: Value) -> Value {
    json!({"number": number, "egress": egress, "protocol": if ports.is_null() { "-1" } else { "6" }, "allow": true, "cidr": cidr, "ports": ports})
}

/// A network ACL of the subnets whose id has a word.
fn acl(world: &mut Value, word: &str, entries: Value) {
    let subnets = subnets(world, word);
    *rows(world, "/vpc/networkAcls") =
        vec![json!({"id": "acl-1", "subnets": subnets, "entries": entries})];
}

/// A pod that waits for its image.
fn waits(world: &mut Value) {
    let node = rows(world, "/kubernetes/nodes")[0]["name"].clone();
    let image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1";
    rows(world, "/kubernetes/pods")
        .push(json!({"namespace": "shop", "name": "web", "node": node, "phase": "Pending",
        "ip": "10.40.0.9", "waiting": "ImagePullBackOff", "images": [image]}));
}

/// Rules of every security group that are left.
fn keep_rules(world: &mut Value, keep: impl Fn(&Value) -> bool) {
    for group in rows(world, "/vpc/securityGroups") {
        group["rules"].as_array_mut().unwrap().retain(&keep);
    }
}

#[test]
fn a_group_that_lost_its_own_rule_is_one_root_with_that_rule_as_fix() {
    for (egress, wanted) in [
        (
            false,
            "aws ec2 authorize-security-group-ingress --group-id sg-cluster --ip-permissions IpProtocol=-1,UserIdGroupPairs=[{GroupId=sg-cluster}]",
        ),
        (
            true,
            "aws ec2 authorize-security-group-egress --group-id sg-cluster --ip-permissions IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]",
        ),
    ] {
        let mut world = of("three-tiers");
        keep_rules(&mut world, |rule| rule["egress"] != egress);
        let told = diagnosis(&world);
        assert_eq!(roots(&told), ["NJ-12"], "{:#?}", told.roots);
        let root = &told.roots[0];
        let follow: BTreeSet<&str> = root.follow.iter().map(|check| check.id).collect();
        assert_eq!(follow, ["DNS-02", "WH-01"].into());
        assert_eq!((root.causes.len(), root.causes[0].command()), (1, wanted));
        assert!(
            root.causes[0].cause().contains("nodes to the API, the API to kubelets"),
            "{:?}",
            root.causes
        );
    }
}

/// Another group that refuses has a rule of its own to be added.
#[test]
fn what_another_group_refuses_is_a_root_of_its_own() {
    let mut world = of("secondary-pods");
    rows(&mut world, "/vpc/securityGroups").push(json!({"id": "sg-pods", "rules": [{"egress": true, "protocol": "-1", "cidr": "0.0.0.0/0"}]}));
    for config in rows(&mut world, "/kubernetes/eniConfigs") {
        config["securityGroups"] = json!(["sg-pods"]);
    }
    for interface in
        rows(&mut world, "/vpc/interfaces").iter_mut().filter(|one| is_in(one, "subnet", "Pods"))
    {
        interface["groups"] = json!(["sg-pods"]);
    }
    keep_rules(&mut world, |_| true);
    assert_eq!(roots(&diagnosis(&world)), ["DNS-02", "WH-01"]);
}

#[test]
fn what_stops_nodes_on_their_way_out_is_named() {
    let all = |egress: bool| entry(100, egress, "0.0.0.0/0", Value::Null);
    let inside = |egress: bool| entry(100, egress, "10.0.0.0/8", Value::Null);
    for (word, entries, what) in [
        (
            "Nodes",
            json!([all(true), inside(false), entry(110, false, "0.0.0.0/0", json!([443, 443]))]),
            "answers of the internet to nodes",
        ),
        ("Nodes", json!([inside(true), all(false)]), "calls of nodes to the internet"),
        ("Public", json!([inside(true), all(false)]), "calls of the NAT gateway to the internet"),
        ("Public", json!([all(true), inside(false)]), "answers of the internet to the NAT gateway"),
        (
            "Public",
            json!([entry(90, true, "0.0.0.0/0", json!([443, 443])), all(false)]),
            "answers of the NAT gateway to nodes",
        ),
    ] {
        let mut world = of("three-tiers");
        acl(&mut world, word, entries);
        // A network that is meant to be so works by a proxy.
        assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new(), "{what}");
        waits(&mut world);
        let told = diagnosis(&world);
        assert_eq!(roots(&told), ["NJ-28"], "{what}: {:#?}", told.roots);
        assert!(
            told.roots[0].causes.iter().all(|one| one.cause().contains(what)),
            "{what}: {:#?}",
            told.roots
        );
    }
}

#[test]
fn groups_that_let_nothing_out_are_named_unless_endpoints_serve_the_nodes() {
    for (stem, wanted) in [("three-tiers", vec!["NJ-28"]), ("private-only", Vec::new())] {
        let mut world = of(stem);
        for group in rows(&mut world, "/vpc/securityGroups") {
            let id = group["id"].clone();
            for rule in group["rules"]
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .filter(|rule| rule["egress"] == true)
            {
                rule["cidr"] = Value::Null;
                rule["group"] = id.clone();
            }
        }
        if stem == "three-tiers" {
            waits(&mut world);
        }
        let found = roots(&diagnosis(&world));
        assert_eq!(
            found.iter().filter(|id| **id == "NJ-28").copied().collect::<Vec<_>>(),
            wanted,
            "{found:?}"
        );
    }
}

#[test]
fn policies_of_endpoints_are_judged_by_what_nodes_call() {
    let allow = |actions: Value| json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*"}]});
    let denied = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}]});
    let of_account = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": ["ec2:*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}});
    for (service, policy, refused) in [
        (
            "ec2",
            allow(json!("ec2:Describe*")),
            Some("ec2:CreateNetworkInterface, ec2:AssignPrivateIpAddresses"),
        ),
        (
            "ecr.api",
            allow(json!(["ecr:DescribeImages"])),
            Some("ecr:GetAuthorizationToken, ecr:BatchGetImage"),
        ),
        ("ecr.api", denied, Some("ecr:GetAuthorizationToken, ecr:BatchGetImage")),
        ("ec2", of_account, None),
        // Nothing has its role by its service account.
        ("sts", allow(json!("sts:GetCallerIdentity")), None),
    ] {
        let mut world = of("private-only");
        for one in rows(&mut world, "/vpc/endpoints")
            .iter_mut()
            .filter(|one| is_in(one, "service", &format!(".{service}")))
        {
            one["policy"] = policy.clone();
        }
        match refused {
            Some(actions) => assert!(only(&world, "NJ-29").cause().contains(actions), "{service}"),
            None => assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new(), "{service}"),
        }
    }
}

#[test]
fn an_eni_config_is_missing_before_the_first_node_of_its_zone() {
    let mut world = of("secondary-pods");
    let used: Vec<Value> =
        rows(&mut world, "/kubernetes/nodes").iter().map(|node| node["zoneName"].clone()).collect();
    rows(&mut world, "/kubernetes/eniConfigs").retain(|config| used.contains(&config["name"]));
    assert!(only(&world, "NJ-21").cause().contains("us-west-2c"));
    for group in rows(&mut world, "/eks/nodeGroups") {
        group["max"] = json!(0);
    }
    assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new());
}

#[test]
fn an_eni_config_names_groups_that_exist() {
    let mut world = of("secondary-pods");
    rows(&mut world, "/kubernetes/eniConfigs")[0]["securityGroups"] = json!(["sg-0gone"]);
    assert!(only(&world, "NJ-22").cause().contains("sg-0gone"));
}

/// Every subnet of one table: one route is dead, and one command mends it.
#[test]
fn a_route_is_mended_once_for_all_subnets_of_its_table() {
    let mut world = of("dev-single-nat");
    for table in rows(&mut world, "/vpc/routeTables") {
        for route in table["routes"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .filter(|one| is_in(one, "target", "nat-"))
        {
            route["state"] = json!("blackhole");
        }
    }
    let told = diagnosis(&world);
    let tables = told.roots[0].causes.len();
    assert_eq!(roots(&told), ["NJ-04"]);
    let with_nodes: BTreeSet<String> = {
        let nodes: Vec<Value> = rows(&mut world, "/eks/nodeGroups")
            .iter()
            .flat_map(|one| one["subnets"].as_array().unwrap().clone())
            .collect();
        let own = rows(&mut world, "/vpc/routeTables").iter().filter(|table| {
            table["subnets"].as_array().unwrap().iter().any(|one| nodes.contains(one))
        });
        own.map(|table| table["id"].to_string()).collect()
    };
    assert_eq!(tables, with_nodes.len());
    let commands: BTreeSet<&str> = told.roots[0].causes.iter().map(Sick::command).collect();
    assert_eq!(commands.len(), tables, "{commands:?}");
    assert!(
        commands.iter().all(|one| one.contains("replace-route --route-table-id rtb-")),
        "{commands:?}"
    );
}

/// The call replaces the list of ranges: two commands would undo each other.
#[test]
fn one_command_admits_the_addresses_of_all_gateways() {
    let mut world = of("three-tiers");
    let cluster = world.pointer_mut("/eks/cluster/read").unwrap();
    cluster["endpointPrivate"] = json!(false);
    cluster["endpointPublic"] = json!(true);
    cluster["publicCidrs"] = json!(["198.51.100.0/24"]);
    let sick = only(&world, "NJ-02");
    assert!(
        sick.command().ends_with(
            "publicAccessCidrs=198.51.100.0/24,203.0.113.1/32,203.0.113.2/32,203.0.113.3/32"
        ),
        "{}",
        sick.command()
    );
}

#[test]
fn instances_that_do_not_join_prove_that_resolvers_do_not_know_private_names() {
    let mut world = of("private-only");
    world.pointer_mut("/vpc/dhcp/read").unwrap()["domainNameServers"] = json!(["10.1.1.1"]);
    assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new());
    rows(&mut world, "/kubernetes/nodes").clear();
    let sick = only(&world, "NJ-11");
    assert!(
        sick.proof().iter().any(|proof| proof.seen.contains("no node has this instance")),
        "{sick:#?}"
    );
}

#[test]
fn aws_node_has_the_rights_of_the_nodes_where_it_has_no_role_of_its_own() {
    let mut world = of("three-tiers");
    rows(&mut world, "/eks/podIdentities").retain(|one| one["serviceAccount"] != "aws-node");
    assert_eq!(
        roots(&diagnosis(&world)),
        Vec::<&str>::new(),
        "it is ready: it has its rights from somewhere"
    );
    world.pointer_mut("/kubernetes/awsNode/read").unwrap()["ready"] = json!(0);
    assert!(only(&world, "NJ-20").cause().contains("the nodes' role"));
}

#[test]
fn an_argument_and_its_value_may_be_two() {
    let mut world = of("three-tiers");
    let args = json!(["--cluster-name", "shop", "--aws-vpc-id", "vpc-1"]);
    world["kubernetes"]["loadBalancerController"] = json!({"read": {"name": "aws-load-balancer-controller", "replicas": 2, "ready": 0,
        "containers": [{"name": "controller", "args": args}]}});
    for one in rows(&mut world, "/eks/instances") {
        one["metadataHopLimit"] = json!(1);
    }
    assert_eq!(roots(&diagnosis(&world)), ["LB-09"]);
}

#[test]
fn coredns_that_waits_for_a_node_is_told_that_nodes_are_full() {
    let mut world = of("three-tiers");
    world.pointer_mut("/kubernetes/coredns/read").unwrap()["ready"] = json!(0);
    let names: Vec<Value> = rows(&mut world, "/kubernetes/nodes")
        .iter_mut()
        .map(|node| {
            node["pods"] = json!(2);
            node["name"].clone()
        })
        .collect();
    let mut pods: Vec<Value> = names.iter().flat_map(|node| (0..2).map(move |at| json!({"namespace": "shop", "name": format!("web-{at}"), "node": node, "phase": "Running", "ip": "10.40.0.9"}))).collect();
    pods.push(json!({"namespace": "kube-system", "name": "coredns-0", "phase": "Pending", "labels": {"k8s-app": "kube-dns"}}));
    *rows(&mut world, "/kubernetes/pods") = pods;
    let sick = only(&world, "DNS-01");
    assert!(sick.proof().iter().any(|proof| proof.wanted.contains("raise maxPods")), "{sick:#?}");
}

#[test]
fn pods_with_groups_of_their_own_look_names_up_too() {
    let mut world = of("security-groups-for-pods");
    rows(&mut world, "/vpc/securityGroups").push(json!({"id": "sg-own", "rules": [{"egress": true, "protocol": "6", "ports": [443, 443], "cidr": "0.0.0.0/0"}]}));
    *rows(&mut world, "/kubernetes/securityGroupPolicies") = vec![
        json!({"namespace": "shop", "name": "own", "groups": ["sg-own"], "pods": {"labels": {"app": "web"}}}),
    ];
    assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new(), "it selects no pod");
    let node = rows(&mut world, "/kubernetes/nodes")[0]["name"].clone();
    rows(&mut world, "/kubernetes/pods").push(json!({"namespace": "shop", "name": "web", "node": node, "phase": "Running", "ip": "10.0.0.99", "labels": {"app": "web"}}));
    assert_eq!(roots(&diagnosis(&world)), ["DNS-02"]);
}

/// As `rescue` counts them.
#[test]
fn interfaces_that_aws_node_tagged_are_its_own() {
    let mut world = of("secondary-pods");
    let subnet = subnets(&mut world, "Pods")[0].clone();
    rows(&mut world, "/vpc/interfaces").push(json!({"id": "eni-left", "subnet": subnet, "status": "available", "addresses": [{"private": "100.64.1.9"}],
        "tags": {"eks:eni:owner": "amazon-vpc-cni", "node.k8s.amazonaws.com/createdAt": "2026-11-20T11:00:00Z"}}));
    assert!(only(&world, "IP-06").cause().contains("1 interfaces"));
}

/// A cluster of IPv6 pods: every interface has an address of its own kind, and pods are known by it.
fn sixes() -> Value {
    let mut world = of("ipv6");
    let mut held = std::collections::BTreeMap::new();
    for (at, subnet) in rows(&mut world, "/vpc/subnets").iter_mut().enumerate() {
        subnet["ipv6"] = json!([format!("2001:db8:0:{at:x}::/64")]);
        held.insert(subnet["id"].as_str().unwrap().to_string(), at);
    }
    let mut addresses = std::collections::BTreeMap::new();
    for (at, one) in rows(&mut world, "/vpc/interfaces").iter_mut().enumerate() {
        let own = format!("2001:db8:0:{:x}::{:x}", held[one["subnet"].as_str().unwrap()], 256 + at);
        addresses.insert(one["addresses"][0]["private"].to_string(), own.clone());
        one["ipv6"] = json!([own]);
    }
    for slice in rows(&mut world, "/kubernetes/endpointSlices") {
        for endpoint in slice["endpoints"].as_array_mut().unwrap() {
            endpoint["addresses"] = json!([addresses[&endpoint["addresses"][0].to_string()]]);
        }
    }
    world
}

/// What is allowed over IPv4 helps no pod that asks over IPv6.
#[test]
fn pods_of_ipv6_are_judged_by_the_rules_of_ipv6() {
    assert_eq!(roots(&diagnosis(&sixes())), Vec::<&str>::new());
    let mut world = sixes();
    let four = json!({"egress": false, "protocol": "-1", "cidr": "10.0.0.0/8"});
    for group in rows(&mut world, "/vpc/securityGroups") {
        let rules = group["rules"].as_array_mut().unwrap();
        rules.retain(|rule| rule["egress"] == true);
        rules.push(four.clone());
    }
    let told = diagnosis(&world);
    assert!(roots(&told).contains(&"DNS-02"), "{:#?}", told.roots);
    let refusing = |number: u32, protocol: &str, ports: Value| json!({"number": number, "egress": false, "protocol": protocol, "allow": false, "ipv6Cidr": "::/0", "ports": ports});
    let all = |egress: bool| json!({"number": 101, "egress": egress, "protocol": "-1", "allow": true, "ipv6Cidr": "::/0"});
    let four = |egress: bool| entry(100, egress, "0.0.0.0/0", Value::Null);
    for (refused, wanted) in [
        (refusing(90, "17", json!([53, 53])), "DNS-03"),
        (refusing(90, "6", json!([1024, 65535])), "DNS-03"),
    ] {
        let mut world = sixes();
        acl(&mut world, "Node", json!([four(false), four(true), refused, all(false), all(true)]));
        let told = diagnosis(&world);
        assert_eq!(roots(&told), [wanted], "{:#?}", told.roots);
    }
    let mut world = sixes();
    acl(&mut world, "Node", json!([four(false), four(true), all(false), all(true)]));
    assert_eq!(roots(&diagnosis(&world)), Vec::<&str>::new());
}
