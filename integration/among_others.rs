//! In a VPC, and beside a cluster, that others made: the real binary against the emulated AWS and a real Kubernetes API server, from the
//! survey to the destruction. What others have is the same before, with the stack, and after it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::emulator::{self, Session};
use crate::kubernetes::{self, Cluster};
use crate::project::{Project, ok};
use crate::support::{Run, root};

pub const REGION: &str = "eu-west-1";
pub const DAEMON_SET: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node";
pub const ENI_CONFIGS: &str = "/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs";
/// Ranges that are added, which every route table of the VPC then has as its local ones.
const ADDED: [&str; 2] = ["100.64.0.0/16", "100.65.0.0/16"];

/// `{"$": …}`: a part of an earlier answer.
pub fn of(call: usize, path: &[&str]) -> Value {
    let steps = path.iter().map(|step| json!(step));
    json!({ "$": std::iter::once(json!(call)).chain(steps).collect::<Vec<_>>() })
}

pub fn named(kind: &str, name: &str) -> Value {
    json!([{ "ResourceType": kind, "Tags": [{ "Key": "Name", "Value": name }, { "Key": "owner", "Value": "others" }] }])
}

/// A VPC with a public subnet, one NAT gateway and three private subnets: its id, and theirs.
pub fn network(session: &Session) -> (String, Vec<String>) {
    let vpc = of(0, &["Vpc", "VpcId"]);
    let attribute = |name: &str| json!(["ec2", "modify_vpc_attribute", { "VpcId": vpc, name: { "Value": true } }]);
    let subnet = |name: &str, cidr: &str, zone: &str| {
        json!(["ec2", "create_subnet", {
            "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": format!("{REGION}{zone}"), "TagSpecifications": named("subnet", name) }])
    };
    let mut calls = vec![
        json!(["ec2", "create_vpc", { "CidrBlock": "10.0.0.0/16", "TagSpecifications": named("vpc", "prod") }]),
        attribute("EnableDnsHostnames"),
        json!(["ec2", "create_internet_gateway", {}]),
        subnet("prod-public-a", "10.0.224.0/24", "a"),
        json!(["ec2", "allocate_address", { "Domain": "vpc" }]),
        json!(["ec2", "create_nat_gateway", { "SubnetId": of(3, &["Subnet", "SubnetId"]), "AllocationId": of(4, &["AllocationId"]) }]),
        json!(["ec2", "create_route_table", { "VpcId": vpc }]),
        json!(["ec2", "attach_internet_gateway", { "VpcId": vpc, "InternetGatewayId": of(2, &["InternetGateway", "InternetGatewayId"]) }]),
    ];
    let private = ["a", "b", "c"];
    let first = calls.len();
    let blocks = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"];
    calls.extend(
        private
            .iter()
            .zip(blocks)
            .map(|(zone, cidr)| subnet(&format!("prod-private-{zone}"), cidr, zone)),
    );
    let table = of(6, &["RouteTable", "RouteTableId"]);
    let out = of(5, &["NatGateway", "NatGatewayId"]);
    calls.push(json!(["ec2", "create_route", { "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": out }]));
    calls.extend((0..3).map(|at| {
        json!(["ec2", "associate_route_table", { "RouteTableId": table, "SubnetId": of(first + at, &["Subnet", "SubnetId"]) }])
    }));
    let answers = session.by_hand(REGION, &json!(calls));
    let id = |at: usize| answers[at]["Subnet"]["SubnetId"].as_str().unwrap().to_string();
    let subnets = (0..3).map(|at| id(first + at)).collect();
    (answers[0]["Vpc"]["VpcId"].as_str().unwrap().to_string(), subnets)
}

/// A cluster with a node group, two add-ons, its interfaces, three nodes and aws-node as its add-on runs it.
pub fn cluster(session: &Session, api: &Cluster, subnets: &[String]) {
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let values = json!({ "env": { "AWS_VPC_K8S_CNI_LOGLEVEL": "INFO" }, "tolerations": [{ "operator": "Exists" }] });
    let mut calls = vec![
        json!(["eks", "create_cluster", {
            "name": "shop", "version": "1.33", "roleArn": role("cluster"), "accessConfig": { "authenticationMode": "API" },
            "resourcesVpcConfig": { "subnetIds": subnets, "endpointPrivateAccess": true },
            "kubernetesNetworkConfig": { "serviceIpv4Cidr": "172.20.0.0/16" } }]),
        json!(["eks", "create_nodegroup", {
            "clusterName": "shop", "nodegroupName": "general", "subnets": subnets, "nodeRole": role("node"), "instanceTypes": ["m6i.xlarge"],
            "scalingConfig": { "minSize": 1, "desiredSize": 3, "maxSize": 6 }, "tags": { "Terraform": "true" } }]),
        json!(["eks", "create_access_entry", { "clusterName": "shop", "principalArn": role("node"), "type": "EC2_LINUX" }]),
    ];
    let addon = |name: &str, values: &str| {
        json!(["eks", "create_addon", {
            "clusterName": "shop", "addonName": name, "addonVersion": "v1.20.4-eksbuild.1", "configurationValues": values }])
    };
    calls.extend([addon("vpc-cni", &values.to_string()), addon("coredns", "")]);
    calls.extend(subnets.iter().take(2).map(|subnet| {
        json!(["ec2", "create_network_interface", { "SubnetId": subnet, "Description": "Amazon EKS shop" }])
    }));
    let env = json!([{ "name": "AWS_VPC_K8S_CNI_LOGLEVEL", "value": "INFO" }]);
    let labels = json!({ "k8s-app": "aws-node" });
    let pod = json!({ "hostNetwork": true, "containers": [{ "name": "aws-node", "image": "amazon-k8s-cni:v1.20.4-eksbuild.1", "env": env }] });
    let daemon_set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "aws-node", "namespace": "kube-system" },
        "spec": { "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": pod } },
    });
    api.apply("eks", DAEMON_SET, &daemon_set);
    for zone in ["a", "b", "c"] {
        let labels = json!({ "topology.kubernetes.io/zone": format!("{REGION}{zone}"), "eks.amazonaws.com/nodegroup": "general" });
        let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": format!("node-{zone}"), "labels": labels } });
        api.apply("kubelet", &format!("/api/v1/nodes/node-{zone}"), &node);
    }
    api.joins_with_aws_node(session);
    // One that aws-node takes prefixes with.
    calls.push(json!(["ec2", "create_network_interface", {
        "SubnetId": subnets[2], "Description": "aws-K8S-i-0123456789abcdef0", "Ipv4PrefixCount": 2 }]));
    session.by_hand(REGION, &json!(calls));
}

/// An interface's prefixes are in the survey, and what is in them is not free.
fn prefixes_are_read(project: &Project, subnet: &str) {
    let text = std::fs::read_to_string(project.path().join("survey.json")).unwrap();
    let survey: Value = serde_json::from_str(&text).unwrap();
    let named = |list: &str, key: &str| -> Value {
        let items = survey["vpc"][list]["read"].as_array().unwrap();
        items.iter().find(|one| one[key] == subnet).unwrap().clone()
    };
    assert_eq!(named("interfaces", "subnet")["prefixes"].as_array().unwrap().len(), 2);
    assert_eq!(named("subnets", "id")["available"], 4096 - 5 - 1 - 32);
}

/// (operation, its list, what tells its items apart)
const LISTED: &[(&str, &str, &str)] = &[
    ("describe_vpcs", "Vpcs", "VpcId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_network_acls", "NetworkAcls", "NetworkAclId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("describe_addresses", "Addresses", "AllocationId"),
    ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
    ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId"),
    ("describe_managed_prefix_lists", "PrefixLists", "PrefixListId"),
    (
        "describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
    ),
    ("describe_vpn_gateways", "VpnGateways", "VpnGatewayId"),
    ("describe_flow_logs", "FlowLogs", "FlowLogId"),
];

pub type Inventory = BTreeMap<String, Value>;

/// All that EC2 has, by id.
pub fn of_ec2(session: &Session) -> Inventory {
    let calls: Vec<Value> =
        LISTED.iter().map(|(operation, ..)| json!(["ec2", operation, {}])).collect();
    let answers = session.by_hand(REGION, &json!(calls));
    let mut found = Inventory::new();
    for ((_, list, id), answer) in LISTED.iter().zip(answers.as_array().unwrap()) {
        for one in answer[list].as_array().unwrap() {
            found.insert(one[id].as_str().unwrap().to_string(), plain(one));
        }
    }
    found.extend(reservations(session, &found));
    // moto keeps the network ACL associations of a subnet that is gone.
    let ids: BTreeSet<String> = found.keys().cloned().collect();
    found.values_mut().for_each(|one| associated(one, |subnet| ids.contains(subnet)));
    found
}

/// Ranges that are reserved in subnets: no call lists them for all.
fn reservations(session: &Session, found: &Inventory) -> Inventory {
    let subnets = found.keys().filter(|id| id.starts_with("subnet-"));
    let calls: Vec<Value> = subnets
        .map(|id| json!(["ec2", "get_subnet_cidr_reservations", { "SubnetId": id }]))
        .collect();
    let answers = session.by_hand(REGION, &json!(calls));
    let all = answers.as_array().unwrap().iter();
    let all = all.flat_map(|one| one["SubnetIpv4CidrReservations"].as_array().unwrap());
    let id = |one: &Value| one["SubnetCidrReservationId"].as_str().unwrap().to_string();
    all.map(|one| (id(one), plain(one))).collect()
}

/// Without associations of other subnets.
fn associated(one: &mut Value, is_own: impl Fn(&str) -> bool) {
    if let Some(Value::Array(associations)) = one.get_mut("Associations") {
        associations.retain(|one| one["SubnetId"].as_str().is_none_or(&is_own));
    }
}

/// What EKS has of the cluster, the values of its aws-node, and whom it admits.
pub fn of_eks(session: &Session) -> (Value, Value, Value) {
    let calls = json!([
        ["eks", "describe_cluster", { "name": "shop" }],
        ["eks", "describe_nodegroup", { "clusterName": "shop", "nodegroupName": "general" }],
        ["eks", "describe_addon", { "clusterName": "shop", "addonName": "coredns" }],
        ["eks", "describe_addon", { "clusterName": "shop", "addonName": "vpc-cni" }],
        ["eks", "list_access_entries", { "clusterName": "shop" }],
    ]);
    let mut answers = plain(&session.by_hand(REGION, &calls));
    let values = answers[3]["addon"]["configurationValues"].take();
    let admitted = answers[4]["accessEntries"].take();
    (answers, serde_json::from_str(values.as_str().unwrap()).unwrap(), admitted)
}

/// Without moments and counts, without a range that is gone, and without what the added range brings into tables by itself.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let of_the_range = |one: &Value| {
                one["CidrBlockState"]["State"] == "disassociated"
                    || [&one["CidrBlock"], &one["DestinationCidrBlock"]]
                        .iter()
                        .filter_map(|range| range.as_str())
                        .any(|range| ADDED.contains(&range))
            };
            Value::Array(items.iter().filter(|one| !of_the_range(one)).map(plain).collect())
        }
        Value::Object(map) => {
            let stays = map.iter().filter(|(key, _)| *key != "modifiedAt");
            stays.map(|(key, value)| (key.clone(), plain(value))).collect()
        }
        other => other.clone(),
    }
}

/// What others had is as it was.
pub fn untouched(before: &Inventory, session: &Session) {
    let now = of_ec2(session);
    for (id, own) in before {
        let mut found = now.get(id).cloned().unwrap_or_else(|| panic!("{id} is gone"));
        // EC2 associates every new subnet with the VPC's default network ACL.
        associated(&mut found, |subnet| before.contains_key(subnet));
        assert_eq!(&found, own, "{id}");
    }
}

pub fn run(project: &Project, session: &Session, arguments: &[&str]) -> Run {
    project.run(&session.environment(), arguments)
}

pub fn read(project: &Project) -> String {
    std::fs::read_to_string(project.path().join("shop.yaml")).unwrap()
}

pub fn env(api: &Cluster) -> Value {
    let mut daemon_set = api.read(DAEMON_SET);
    daemon_set["spec"]["template"]["spec"]["containers"][0]["env"].take()
}

/// A folder with the cluster's survey, and the blueprint that names what it tells.
pub fn surveyed(session: &Session) -> Project {
    let project = Project::of("");
    std::fs::remove_file(project.path().join("shop.yaml")).unwrap();
    let survey = ["survey", "--cluster", "shop", "--region", REGION, "--out", "survey.json"];
    ok(&run(&project, session, &survey));
    ok(&run(&project, session, &["init", "--from", "survey.json", "shop"]));
    let named = |name: &str| project.path().join(name);
    std::fs::rename(named("shop-network.yaml"), named("shop.yaml")).unwrap();
    ok(&run(&project, session, &["check", "shop.yaml", "--survey", "survey.json"]));
    project
}

#[test]
fn pods_of_a_cluster_of_others_move_and_move_back_and_nothing_of_theirs_is_touched() {
    let Some(api) = kubernetes::start() else { return };
    let Some(session) = emulator::start() else { return };
    let (_, subnets) = network(&session);
    cluster(&session, &api, &subnets);
    let (ec2, eks, variables) = (of_ec2(&session), of_eks(&session), env(&api));
    let project = surveyed(&session);
    prefixes_are_read(&project, &subnets[2]);
    ok(&run(
        &project,
        &session,
        &["rescue", "shop.yaml", "--survey", "survey.json", "--write", "5"],
    ));
    let group = "nodeGroups:\n  - { name: moved, tier: nodes, instanceTypes: [m6i.xlarge], scaling: { min: 1, desired: 3, max: 6 } }\n";
    std::fs::write(project.path().join("shop.yaml"), read(&project) + group).unwrap();

    let deployed = run(&project, &session, &["deploy", "shop.yaml", "--yes"]);
    ok(&deployed);
    untouched(&ec2, &session);
    let (others, values, _) = of_eks(&session);
    assert_eq!(others, eks.0);
    assert_eq!(values["tolerations"], eks.1["tolerations"], "keys of others stay");
    assert_eq!(values["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], "true");
    let there = of_ec2(&session);
    let own: Vec<&Value> = there
        .values()
        .filter(|one| one["CidrBlock"].as_str().is_some_and(|cidr| cidr.starts_with("100.64.")))
        .collect();
    assert_eq!(own.len(), 3, "{own:?}");
    for subnet in own {
        let config =
            api.read(&format!("{ENI_CONFIGS}/{}", subnet["AvailabilityZone"].as_str().unwrap()));
        assert_eq!(config["spec"]["subnet"], subnet["SubnetId"], "{config}");
    }
    let (told, made) =
        (deployed.err.find("aws-node: set up"), deployed.err.find("_COMPLETE  NodeGroupMoved"));
    assert!(told.is_some() && told < made, "settings before the nodes: {}", deployed.err);

    let status = run(&project, &session, &["status", "shop.yaml", "--exit-code"]);
    ok(&status);
    assert!(
        status.out.contains("cluster shop ") && !status.out.contains("drift: 1"),
        "{}",
        status.out
    );
    let again = run(&project, &session, &["deploy", "shop.yaml", "--yes"]);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
    let doctor = run(&project, &session, &["doctor", "shop.yaml"]);
    // The NAT gateway of these others has no route out, as the first deployment said already; and nobody runs the CoreDNS of their add-on.
    let sick = doctor.out.lines().filter_map(|line| line.strip_prefix("sick  "));
    let sick: Vec<&str> = sick.filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(sick, ["NJ-05", "DNS-01"], "{}", doctor.out);

    ok(&run(&project, &session, &["destroy", "shop.yaml", "--confirm", "shop-network"]));
    assert_eq!(of_ec2(&session), ec2);
    assert_eq!(of_eks(&session), eks);
    assert_eq!(env(&api), variables);
    assert!(api.read(ENI_CONFIGS)["items"].as_array().unwrap().is_empty());
}

/// A new cluster in a VPC of others: the example, with the VPC's own id.
#[test]
fn a_cluster_is_deployed_into_a_vpc_of_others_and_goes() {
    let Some(session) = emulator::start() else { return };
    let (vpc, _) = network(&session);
    let before = of_ec2(&session);
    let text = std::fs::read_to_string(root().join("blueprints/existing-vpc.yaml")).unwrap();
    let text = text
        .replace("vpc-0123456789abcdef0", &vpc)
        .replace("cluster:\n", "cluster:\n  deletionProtection: false\n");
    let project = Project::of(&text);
    ok(&run(&project, &session, &["deploy", "shop.yaml", "--yes"]));
    untouched(&before, &session);
    let status = run(&project, &session, &["status", "shop.yaml", "--exit-code"]);
    ok(&status);
    assert!(!status.out.contains("drift: 1"), "{}", status.out);
    ok(&run(&project, &session, &["destroy", "shop.yaml", "--confirm", "orders"]));
    assert_eq!(of_ec2(&session), before);
}
