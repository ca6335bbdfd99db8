//! The doctor: a healthy cluster, and every check made sick in one place.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use eksnet::doctor::blocks::{drain, largest_reservation};
use eksnet::doctor::{self, Diagnosis, Narrow, Symptom, Verdict};
use eksnet::facts::states::{self, Health};
use eksnet::observed::survey::Survey;
use eksnet::report::View as Screen;
use eksnet::report::doctor::{self as written, View};
use eksnet::rules;
use eksnet::survey::{Block, document, items, prefix_map, redact};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::run;

const CLUSTER_GROUP: &str = "sg-0aaaaaaaaaaaaaaaa";
const ROLE: &str = "arn:aws:iam::111122223333:role/nodes";

/// Two zones: nodes and pods behind NAT, custom networking with prefixes, one node in each zone.
pub fn healthy() -> Value {
    let zones = ["eu-west-1a", "eu-west-1b"];
    let subnet = |name: &str, zone: usize, tags: Value, from: u8| {
        let (id, cidr) =
            (format!("subnet-{name}{zone}"), format!("10.0.{}.0/24", from + zone as u8));
        // AWS's five, an interface, and a prefix.
        let free = if name == "pods" { 234 } else { 250 };
        json!({"id": id, "cidr": cidr, "zoneName": zones[zone], "zoneId": format!("euw1-az{zone}"), "available": free, "tags": tags})
    };
    let of_zone = |zone: usize| {
        [
            subnet("public", zone, json!({"kubernetes.io/role/elb": "1"}), 0),
            subnet("nodes", zone, json!({}), 10),
            subnet("pods", zone, json!({}), 20),
            subnet("cluster", zone, json!({}), 30),
        ]
    };
    let table = |name: &str, zone: usize, target: &str| {
        json!({"id": format!("rtb-{name}{zone}"), "subnets": [format!("subnet-{name}{zone}")],
            "routes": [{"destination": "0.0.0.0/0", "target": target}, {"destination": "10.0.0.0/16", "target": "local"}]})
    };
    let tables = |zone: usize| {
        let nat = format!("nat-{zone}");
        [
            table("public", zone, "igw-1"),
            table("nodes", zone, &nat),
            table("pods", zone, &nat),
            table("cluster", zone, &nat),
        ]
    };
    let nat = |zone: usize| {
        json!({"id": format!("nat-{zone}"), "subnet": format!("subnet-public{zone}"), "state": "available",
        "addresses": [{"public": format!("203.0.113.{}", zone + 1)}]})
    };
    let everything = |egress: bool| json!({"egress": egress, "protocol": "-1", "group": CLUSTER_GROUP, "cidr": if egress { json!("0.0.0.0/0") } else { json!(null) }});
    let instance = |zone: usize| json!({"id": format!("i-{zone}"), "instanceType": "m6i.large", "subnet": format!("subnet-nodes{zone}"), "state": "running", "launched": "2026-11-28T08:00:00Z", "groups": [CLUSTER_GROUP]});
    let node = |zone: usize| {
        json!({"name": format!("node-{zone}"), "instance": format!("i-{zone}"), "zoneName": zones[zone], "pods": 110, "conditions": [ready("True", "KubeletReady", "kubelet is posting ready status")],
        "labels": {"topology.kubernetes.io/zone": zones[zone], "node.kubernetes.io/instance-type": "m6i.large"}})
    };
    let interface = |zone: usize| {
        json!({"id": format!("eni-{zone}"), "subnet": format!("subnet-pods{zone}"), "status": "in-use",
        "description": format!("aws-K8S-i-{zone}"), "attachment": {"instance": format!("i-{zone}")}, "groups": [CLUSTER_GROUP],
        "addresses": [{"private": format!("10.0.{}.40", 20 + zone)}], "prefixes": [format!("10.0.{}.64/28", 20 + zone)]})
    };
    let first = |zone: usize| {
        json!({"id": format!("eni-node{zone}"), "subnet": format!("subnet-nodes{zone}"), "status": "in-use",
        "attachment": {"instance": format!("i-{zone}"), "deviceIndex": 0}, "groups": [CLUSTER_GROUP],
        "addresses": [{"private": format!("10.0.{}.7", 10 + zone)}]})
    };
    let of_eks = |zone: usize| {
        json!({"id": format!("eni-eks{zone}"), "subnet": format!("subnet-cluster{zone}"), "status": "in-use", "description": "Amazon EKS shop",
        "addresses": [{"private": format!("10.0.{}.9", 30 + zone)}]})
    };
    let slice = |namespace: &str, service: &str, port: u16| {
        json!({"namespace": namespace, "name": service, "service": service, "ports": [{"port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": ["10.0.20.65"], "ready": true, "node": "node-0"}, {"addresses": ["10.0.21.65"], "ready": true, "node": "node-1"}]})
    };
    let both = |make: &dyn Fn(usize) -> Value| json!({"read": [make(0), make(1)]});
    let read = |value: Value| json!({ "read": value });
    json!({
        "schemaVersion": 1,
        "header": {"read": "2026-11-28T14:02:11Z", "region": "eu-west-1", "cluster": "shop", "vpc": "vpc-1"},
        "account": {
            "quotas": {"L-DF5E4CA3": read(json!(5000)), "L-0EA8095F": read(json!(60))},
            "counts": {"L-DF5E4CA3": read(json!(6))},
            "roles": {ROLE: read(json!({"name": "nodes", "policies": ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"]}))},
            "metrics": read(json!([{"name": "ErrorPortAllocation", "resource": "nat-0", "value": 0.0}, {"name": "ErrorPortAllocation", "resource": "nat-1", "value": 0.0},
                {"name": "PacketsDropCount", "resource": "nat-0", "value": 3.0}, {"name": "PacketsOutToDestination", "resource": "nat-0", "value": 100000.0}])),
        },
        "vpc": {
            "vpc": read(json!({"id": "vpc-1", "cidrs": [{"cidr": "10.0.0.0/16", "state": "associated"}]})),
            "attributes": read(json!({"dnsSupport": true, "dnsHostnames": true})),
            "dhcp": read(json!({"id": "dopt-1", "domainNameServers": ["AmazonProvidedDNS"]})),
            "publicAccess": read(json!({"mode": "off"})),
            "exclusions": read(json!([])),
            "subnets": read((0..2).flat_map(of_zone).collect()),
            "reservations": read(json!([])),
            "routeTables": read((0..2).flat_map(tables).collect()),
            "natGateways": both(&nat),
            "endpoints": read(json!([])),
            "networkAcls": read(json!([])),
            "securityGroups": read(json!([{"id": CLUSTER_GROUP, "rules": [everything(false), everything(true)], "tags": {"kubernetes.io/cluster/shop": "owned"}},
                {"id": "sg-other", "rules": [], "tags": {}}])),
            "prefixLists": read(json!([])),
            "interfaces": read(json!([interface(0), interface(1), of_eks(0), of_eks(1), first(0), first(1)])),
        },
        "eks": {
            "cluster": read(json!({"name": "shop", "status": "ACTIVE", "vpc": "vpc-1", "subnets": ["subnet-cluster0", "subnet-cluster1"],
                "clusterSecurityGroup": CLUSTER_GROUP, "endpointPrivate": true, "endpointPublic": true, "publicCidrs": ["0.0.0.0/0"], "ipFamily": "ipv4", "serviceCidr": "172.20.0.0/16", "authenticationMode": "API", "version": "1.34"})),
            "nodeGroups": read(json!([{"name": "general", "subnets": ["subnet-nodes0", "subnet-nodes1"], "nodeRole": ROLE, "version": "1.33", "status": "ACTIVE"}])),
            "fargateProfiles": read(json!([{"name": "batch", "status": "ACTIVE", "subnets": ["subnet-nodes0"]}])),
            "addonVersions": read(json!([{"name": "vpc-cni", "versions": ["v1.21.1-eksbuild.1", "v1.19.0-eksbuild.1"], "preferred": "v1.20.4-eksbuild.1"}])),
            "addons": read(json!([{"name": "vpc-cni", "status": "ACTIVE", "version": "v1.20.4-eksbuild.1", "configuration": {"env": {"ENABLE_PREFIX_DELEGATION": "true"}}}, {"name": "eks-pod-identity-agent", "status": "ACTIVE"}])),
            "accessEntries": read(json!([{"principal": ROLE, "kind": "EC2_LINUX"}])),
            "podIdentities": read(json!([{"id": "a-1", "namespace": "kube-system", "serviceAccount": "aws-node"}])),
            "updates": read(json!([])),
            "scalingGroups": read(json!([{"name": "asg-1", "activities": []}])),
            "instances": both(&instance),
            "instanceTypes": read(json!([{"name": "m6i.large", "hypervisor": "nitro", "interfaces": 3, "addressesPerInterface": 10}])),
        },
        "kubernetes": {
            "nodes": both(&node),
            "awsNodeRevisions": read(json!([])),
            "awsNode": read(json!({"name": "aws-node", "desired": 2, "ready": 2, "containers": [{"name": "aws-node", "env": {
                "ENABLE_PREFIX_DELEGATION": "true", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true", "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
                "AWS_VPC_K8S_CNI_EXTERNALSNAT": "true"}}, {"name": "aws-eks-nodeagent", "args": ["--enable-network-policy=true"]}]})),
            "kubeProxy": read(json!({"name": "kube-proxy", "desired": 2, "ready": 2})),
            "coredns": read(json!({"name": "coredns", "replicas": 2, "ready": 2})),
            "nodeLocalDns": read(json!(null)),
            "loadBalancerController": read(json!({"name": "aws-load-balancer-controller", "replicas": 2, "ready": 2, "containers": []})),
            "securityGroupPolicies": read(json!([])),
            "networkPolicies": read(json!([policy(json!([lookup()]))])),
            "services": read(json!([{"namespace": "kube-system", "name": "kube-dns", "clusterIp": "172.20.0.10", "selector": {"k8s-app": "kube-dns"}}])),
            "endpointSlices": read(json!([slice("kube-system", "kube-dns", 53), slice("shop", "guard", 9443)])),
            "eniConfigs": read(json!([{"name": zones[0], "subnet": "subnet-pods0"}, {"name": zones[1], "subnet": "subnet-pods1"}])),
            "pods": read(json!([{"namespace": "shop", "name": "web", "node": "node-0", "phase": "Running", "labels": {"app": "web"}, "images": ["111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1"]},
                {"namespace": "kube-system", "name": "coredns-1", "node": "node-1", "phase": "Running", "labels": {"k8s-app": "kube-dns"}}])),
            "events": read(json!([])),
            "ingresses": read(json!([])),
            "webhooks": read(json!([{"configuration": "guard", "name": "guard.shop", "failurePolicy": "Fail", "service": "shop/guard", "port": 443}])),
            "awsAuth": read(json!(null)),
        }
    })
}

/// The condition `Ready` of a node.
fn ready(status: &str, reason: &str, message: &str) -> Value {
    json!({"kind": "Ready", "status": status, "reason": reason, "message": message, "since": "2026-11-28T08:01:00Z"})
}

/// The cluster's API does not answer.
fn silent() -> Value {
    let unread =
        json!({"unread": {"action": "eks:AccessKubernetesApi", "why": "the connection timed out"}});
    let whole = healthy();
    let parts = whole["kubernetes"].as_object().unwrap().keys().cloned();
    parts.map(|part| (part, unread.clone())).collect::<serde_json::Map<_, _>>().into()
}

/// aws-node translates since a moment before which pods were there already.
fn older_pods() -> Edits {
    let revision = |number: u64, created: &str, external: &str| json!({"number": number, "created": created, "env": {"AWS_VPC_K8S_CNI_EXTERNALSNAT": external}});
    let revisions = json!([
        revision(1, "2026-10-01T00:00:00Z", "false"),
        revision(3, "2026-11-01T00:00:00Z", "true"),
        revision(4, "2026-10-01T00:00:00Z", "false")
    ]);
    all([
        env("AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"),
        vec![
            ("/kubernetes/awsNodeRevisions/read", revisions),
            ("/kubernetes/pods/read/0/created", json!("2026-10-20T00:00:00Z")),
        ],
    ])
}

/// CoreDNS runs on two nodes of the first zone.
fn one_zone() -> Edits {
    let mut nodes = healthy()["kubernetes"]["nodes"]["read"].clone();
    let mut third = nodes[0].clone();
    third["name"] = json!("node-2");
    nodes.as_array_mut().unwrap().push(third);
    vec![
        ("/kubernetes/nodes/read", nodes),
        ("/kubernetes/endpointSlices/read/0/endpoints/1/node", json!("node-2")),
    ]
}

/// The webhook's pods moved to a range that the VPC has for minutes.
fn new_range() -> Edits {
    let cidrs = json!([{"cidr": "10.0.0.0/16", "state": "associated"}, {"cidr": "100.64.0.0/16", "state": "associated"}]);
    let event = json!([{"about": "ReplicaSet shop/web", "reason": "FailedCreate",
        "message": "Internal error occurred: failed calling webhook \"guard.shop\": context deadline exceeded"}]);
    vec![
        ("/vpc/vpc/read/cidrs", cidrs),
        ("/kubernetes/events/read", event),
        ("/kubernetes/endpointSlices/read/1/endpoints/0/addresses", json!(["100.64.0.9"])),
        ("/vpc/interfaces/read/0/addresses", json!([{"private": "100.64.0.9"}])),
        ("/vpc/interfaces/read/0/attachment/since", json!("2026-11-28T13:40:00Z")),
    ]
}

/// Pods of the first zone leave to a transit gateway, whose one table has these routes.
fn transit(to: &str, back: Value) -> Edits {
    let routes = [("0.0.0.0/0", "nat-0"), ("10.0.0.0/16", "local"), (to, "tgw-1")];
    let routes = routes.iter().skip(usize::from(to == "0.0.0.0/0"));
    let routes: Vec<Value> =
        routes.map(|(to, by)| json!({"destination": to, "target": by})).collect();
    let back: Vec<Value> =
        back.as_array().unwrap().iter().map(|to| json!({ "destination": to })).collect();
    let tables = json!({"read": [{"id": "tgw-rtb-1", "routes": back}]});
    vec![
        ("/vpc/routeTables/read/2/routes", json!(routes)),
        ("/vpc/transitGateways", json!({"read": [{"id": "tgw-1", "routeTables": tables}]})),
    ]
}

/// Nodes mask pods, but for these destinations.
fn excluding(ranges: &str) -> Edits {
    let mut env = healthy().pointer(ENV).unwrap().clone();
    env["AWS_VPC_K8S_CNI_EXTERNALSNAT"] = json!("false");
    env["AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS"] = json!(ranges);
    vec![(ENV, env)]
}

/// What pods of the namespace `shop` may reach.
fn policy(egress: Value) -> Value {
    json!({"namespace": "shop", "name": "out", "types": ["Egress"], "egress": egress})
}

/// Lookups to CoreDNS.
fn lookup() -> Value {
    json!({"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}], "to": [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]})
}

fn survey(value: &Value) -> Survey {
    document::parse(&value.to_string()).unwrap()
}

/// Places that change, and what stands there then.
pub type Edits = Vec<(&'static str, Value)>;

const ENV: &str = "/kubernetes/awsNode/read/containers/0/env";

fn env(key: &str, value: &str) -> Edits {
    let mut env = healthy().pointer(ENV).unwrap().clone();
    env[key] = json!(value);
    vec![(ENV, env)]
}

/// A zone whose nodes have no way out, and the endpoints that they need instead.
fn closed() -> Edits {
    let interface = |name: &str| {
        json!({"id": format!("vpce-{name}"), "service": format!("com.amazonaws.eu-west-1.{name}"), "kind": "Interface", "state": "available",
        "privateDns": true, "groups": [CLUSTER_GROUP]})
    };
    let names = ["ecr.api", "ecr.dkr", "ec2", "sts", "eks"];
    let mut endpoints: Vec<Value> = names.iter().map(|name| interface(name)).collect();
    endpoints.push(json!({"id": "vpce-s3", "service": "com.amazonaws.eu-west-1.s3", "kind": "Gateway", "state": "available", "routeTables": ["rtb-nodes0"]}));
    vec![
        (
            "/vpc/routeTables/read/1/routes",
            json!([{"destination": "10.0.0.0/16", "target": "local"}]),
        ),
        ("/vpc/endpoints/read", json!(endpoints)),
    ]
}

fn closed_and(edit: (&'static str, Value)) -> Edits {
    closed().into_iter().chain([edit]).collect()
}

/// The group of a service that admits another port only.
fn rules(ports: Value) -> Edits {
    let rule = |egress: bool, ports: &Value| json!({"egress": egress, "protocol": "-1", "group": CLUSTER_GROUP, "ports": ports});
    let mut all = vec![rule(true, &json!(null))];
    for range in ports.as_array().unwrap() {
        for protocol in ["tcp", "udp"] {
            let mut one = rule(false, range);
            one["protocol"] = json!(protocol);
            all.push(one);
        }
    }
    vec![("/vpc/securityGroups/read/0/rules", json!(all))]
}

/// A network ACL of every subnet that refuses one port coming in.
fn acl(protocol: &str, port: u16) -> Edits {
    let subnets: Vec<Value> = healthy()["vpc"]["subnets"]["read"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    let all = |egress: bool| json!({"number": 100, "egress": egress, "protocol": "-1", "allow": true, "cidr": "0.0.0.0/0"});
    let no = json!({"number": 90, "egress": false, "protocol": protocol, "allow": false, "cidr": "10.0.0.0/16", "ports": [port, port]});
    vec![(
        "/vpc/networkAcls/read",
        json!([{"id": "acl-1", "subnets": subnets, "entries": [no, all(false), all(true)]}]),
    )]
}

fn all(parts: impl IntoIterator<Item = Edits>) -> Edits {
    parts.into_iter().flatten().collect()
}

/// No node and no pod has a way out; endpoints serve the nodes.
fn closed_everywhere() -> Edits {
    let tables = [
        "/vpc/routeTables/read/1/routes",
        "/vpc/routeTables/read/2/routes",
        "/vpc/routeTables/read/5/routes",
        "/vpc/routeTables/read/6/routes",
    ];
    let local = json!([{"destination": "10.0.0.0/16", "target": "local"}]);
    let both = ("/vpc/endpoints/read/5/routeTables", json!(["rtb-nodes0", "rtb-nodes1"]));
    closed_and(both).into_iter().chain(tables.map(|table| (table, local.clone()))).collect()
}

fn issue(code: &str) -> Value {
    json!([{"code": code, "message": "as EKS says", "resources": []}])
}

/// A database whose group admits the nodes, or nodes and pods.
fn database(range: &str) -> Edits {
    let mut groups = healthy()["vpc"]["securityGroups"]["read"].clone();
    let rule = json!({"protocol": "tcp", "ports": [5432, 5432], "cidr": range});
    groups.as_array_mut().unwrap().push(json!({"id": "sg-db", "rules": [rule]}));
    let mut interfaces = healthy()["vpc"]["interfaces"]["read"].clone();
    interfaces.as_array_mut().unwrap().push(
        json!({"id": "eni-db", "subnet": "subnet-cluster0", "status": "in-use", "groups": ["sg-db"],
        "description": "RDSNetworkInterface", "addresses": [{"private": "10.0.30.50"}]}),
    );
    vec![("/vpc/securityGroups/read", groups), ("/vpc/interfaces/read", interfaces)]
}

/// A pod that a SecurityGroupPolicy selects and that no node takes.
fn branches() -> Edits {
    let policy = json!([{"namespace": "shop", "name": "own", "groups": ["sg-other"], "pods": {"labels": {"app": "web"}}}]);
    let pending =
        json!({"namespace": "shop", "name": "web", "phase": "Pending", "labels": {"app": "web"}});
    all([
        env("ENABLE_POD_ENI", "true"),
        vec![
            ("/kubernetes/securityGroupPolicies/read", policy),
            ("/kubernetes/pods/read/0", pending),
        ],
    ])
}

fn rules_of_nodes(count: u8) -> Edits {
    let mut rules = healthy().pointer("/vpc/securityGroups/read/0/rules").unwrap().clone();
    let more = (0..count).map(
        |at| json!({"protocol": "tcp", "ports": [443, 443], "cidr": format!("192.0.2.{at}/32")}),
    );
    rules.as_array_mut().unwrap().extend(more);
    vec![("/vpc/securityGroups/read/0/rules", rules)]
}

fn event(reason: &str, message: &str) -> Edits {
    vec![(
        "/kubernetes/events/read",
        json!([{"about": "Pod shop/web", "reason": reason, "message": message}]),
    )]
}

/// Single addresses of a node in every block of a pod subnet.
fn not_ready(status: &str, reason: &str, message: &str) -> Edits {
    vec![("/kubernetes/nodes/read/0/conditions", json!([ready(status, reason, message)]))]
}

fn scattered() -> Edits {
    let addresses: Vec<Value> =
        (0..16).map(|block| json!({"private": format!("10.0.20.{}", block * 16 + 5)})).collect();
    vec![
        ("/vpc/interfaces/read/0/addresses", json!(addresses)),
        ("/vpc/interfaces/read/0/prefixes", json!([])),
        ("/vpc/subnets/read/2/available", json!(256 - 5 - 16)),
    ]
}

#[rustfmt::skip]
pub fn worlds() -> Vec<(&'static str, Edits)> {
    vec![
        ("NJ-01", closed_and(("/eks/cluster/read/endpointPrivate", json!(false)))),
        ("NJ-02", vec![("/eks/cluster/read/endpointPrivate", json!(false)), ("/eks/cluster/read/publicCidrs", json!(["203.0.113.1/32"]))]),
        ("NJ-03", vec![("/vpc/routeTables/read/1/subnets", json!([])), ("/vpc/endpoints/read", json!([]))]),
        ("NJ-04", vec![("/vpc/natGateways/read/0/state", json!("failed"))]),
        ("NJ-05", vec![("/vpc/routeTables/read/0/routes/0/target", json!("local"))]),
        ("NJ-07", closed_and(("/vpc/endpoints/read/0/privateDns", json!(false)))),
        ("NJ-08", closed_and(("/vpc/endpoints/read/0/groups", json!(["sg-other"])))),
        ("NJ-09", closed_and(("/vpc/endpoints/read/5/routeTables", json!(["rtb-other"])))),
        ("NJ-09", all([closed_and(("/vpc/endpoints/read/5/routeTables", json!(["rtb-other"]))), vec![("/vpc/endpoints/read/4",
            json!({"id": "vpce-old", "service": "com.amazonaws.eu-west-1.s3", "kind": "Gateway", "state": "deleted", "routeTables": ["rtb-nodes0"]}))]])),
        ("NJ-10", vec![("/vpc/attributes/read/dnsHostnames", json!(false))]),
        ("NJ-12", rules(json!([[53, 53], [443, 443], [9443, 9443]]))),
        ("NJ-13", acl("tcp", 10250)),
        ("NJ-14", vec![("/vpc/subnets/read/1/available", json!(0))]),
        ("NJ-15", vec![("/eks/accessEntries/read", json!([]))]),
        ("NJ-16", vec![("/eks/cluster/read/ipFamily", json!("ipv6"))]),
        ("NJ-19", vec![("/kubernetes/awsNode/read/ready", json!(1))]),
        ("NJ-19", vec![("/kubernetes/awsNode/read", json!(null))]),
        ("NJ-20", event("MissingIAMPermissions", "ec2:AssignPrivateIpAddresses")),
        ("NJ-20", vec![("/eks/addons/read/1/name", json!("coredns"))]),
        ("NJ-20", vec![("/eks/podIdentities/read/0/role", json!(ROLE))]),
        ("NJ-20", trusting("arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/OTHER")),
        ("NJ-21", vec![("/kubernetes/eniConfigs/read/0/name", json!("eu-west-1c"))]),
        ("NJ-22", vec![("/kubernetes/eniConfigs/read/0/subnet", json!("subnet-pods1"))]),
        ("IP-01", vec![("/vpc/subnets/read/2/available", json!(0))]),
        ("IP-02", scattered()),
        ("IP-03", vec![("/kubernetes/nodes/read/0/pods", json!(1000))]),
        ("IP-05", env("MINIMUM_IP_TARGET", "30")),
        ("IP-06", vec![("/vpc/interfaces/read/0/status", json!("available")), ("/vpc/interfaces/read/0/tags", json!({"node.k8s.amazonaws.com/createdAt": "2026-11-28T11:00:00Z"}))]),
        ("IP-08", vec![("/eks/addons/read/0/configuration/env/ENABLE_PREFIX_DELEGATION", json!("false"))]),
        ("DNS-01", vec![("/kubernetes/endpointSlices/read/0/endpoints", json!([]))]),
        ("DNS-01", vec![("/kubernetes/coredns/read/ready", json!(0))]),
        ("DNS-01", vec![("/kubernetes/coredns/read/ready", json!(1))]),
        ("DNS-01", vec![("/kubernetes/coredns/read", json!(null)), ("/kubernetes/services/read", json!([])),
            ("/eks/addons/read/1/name", json!("coredns")), ("/eks/podIdentities/read", json!([]))]),
        ("DNS-02", rules(json!([[443, 443], [9443, 9443], [10250, 10250]]))),
        ("DNS-03", acl("udp", 53)),
        ("DNS-04", vec![("/kubernetes/endpointSlices/read/0/endpoints/1/node", json!("node-0"))]),
        ("LB-01", event("FailedBuildModel", "unable to resolve at least one subnet (0 match VPC and tags)")),
        ("LB-01", vec![("/kubernetes/services/read", json!([{"namespace": "kube-system", "name": "kube-dns", "clusterIp": "172.20.0.10", "selector": {"k8s-app": "kube-dns"}},
            {"namespace": "shop", "name": "web", "kind": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb"}]))]),
        ("LB-01", vec![("/vpc/subnets/read/4/tags", json!({})), ("/kubernetes/ingresses/read", json!([{"namespace": "shop", "name": "web", "class": "alb",
            "annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"}}]))]),
        ("LB-02", vec![("/vpc/subnets/read/0/available", json!(7))]),
        ("LB-04", vec![("/eks/instances/read/0/groups", json!([CLUSTER_GROUP, "sg-other"])), ("/vpc/securityGroups/read/1/tags", json!({"kubernetes.io/cluster/shop": ""}))]),
        ("WH-01", rules(json!([[53, 53], [443, 443], [10250, 10250]]))),
        ("WH-02", vec![("/kubernetes/endpointSlices/read/1/endpoints", json!([]))]),
        ("NJ-06", vec![("/vpc/routeTables/read/5/routes/0/target", json!("igw-1"))]),
        ("NJ-11", vec![("/vpc/dhcp/read/domainNameServers", json!(["192.0.2.53"])), ("/eks/nodeGroups/read/0/issues", issue("NodeCreationFailure"))]),
        ("NJ-11", vec![("/vpc/dhcp/read/domainNameServers", json!(["192.0.2.53", "AmazonProvidedDNS"])), ("/eks/nodeGroups/read/0/issues", issue("ClusterUnreachable"))]),
        ("NJ-17", vec![("/vpc/subnets/read/0/blocked", json!("block-bidirectional"))]),
        ("NJ-17", vec![("/vpc/publicAccess/read/mode", json!("block-bidirectional"))]),
        ("NJ-18", vec![("/eks/scalingGroups/read/0/activities", json!([{"status": "Failed", "message": "You have requested more vCPU capacity than your current vCPU limit of 8 allows"}]))]),
        ("NJ-18", vec![("/eks/scalingGroups/read", json!([])), ("/eks/nodeGroups/read/0/issues", issue("InstanceLimitExceeded"))]),
        ("NJ-23", vec![("/eks/instanceTypes/read/0/interfaces", json!(1))]),
        ("NJ-24", vec![("/kubernetes/nodes/read/0/conditions", json!([ready("True", "KubeletReady", ""), {"kind": "NetworkingReady", "status": "False", "reason": "ConntrackExceeded", "message": "full"}]))]),
        ("NJ-24", not_ready("False", "KubeletNotReady", "container runtime network not ready: cni plugin not initialized")),
        ("NJ-24", all([not_ready("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
            vec![("/kubernetes/awsNode/read/ready", json!(1)), ("/kubernetes/kubeProxy/read/ready", json!(1))]])),
        ("NJ-26", vec![("/kubernetes/nodes/read/0/instance", json!("i-9"))]),
        ("NJ-27", vec![("/kubernetes/kubeProxy/read/ready", json!(1))]),
        ("NJ-27", vec![("/kubernetes/kubeProxy/read", json!(null)), ("/eks/addons/read/0/name", json!("kube-proxy")), ("/eks/addons/read/0/version", json!("v1.34.1-eksbuild.2"))]),
        ("NJ-28", vec![("/vpc/networkAcls/read", json!([{"id": "acl-1", "subnets": ["subnet-nodes0"], "entries": [
            {"number": 100, "egress": true, "protocol": "-1", "allow": true, "cidr": "0.0.0.0/0"},
            {"number": 100, "egress": false, "protocol": "-1", "allow": true, "cidr": "10.0.0.0/16"}]}])), ("/kubernetes/pods/read/0/waiting", json!("ErrImagePull"))]),
        ("NJ-29", closed_and(("/vpc/endpoints/read/2/policy", json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ec2:Describe*", "Resource": "*"}]})))),
        ("IP-04", vec![("/kubernetes/nodes/read/0/pods", json!(29))]),
        ("IP-07", vec![("/eks/instanceTypes/read/0/hypervisor", json!("xen"))]),
        ("IP-09", all([env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"), vec![("/vpc/subnets/read/1/tags", json!({"kubernetes.io/role/cni": "0"}))]])),
        ("IP-10", branches()),
        ("IP-11", event("FailedCreatePodSandBox", "RequestLimitExceeded: Request limit exceeded")),
        ("IP-12", vec![("/account/counts/L-DF5E4CA3/read", json!(4500))]),
        ("IP-12", vec![("/account/metrics/read/2", json!({"name": "NetworkAddressUsage", "resource": "vpc-1", "value": 60000.0}))]),
        ("IP-13", vec![("/vpc/subnets/read/2/available", json!(10))]),
        ("IP-14", event("FailedCreatePodSandBox", "plugin type=aws-cni failed (add): failed to assign an IP address to container")),
        ("IP-14", vec![("/kubernetes/pods/read/0/phase", json!("Pending")), ("/kubernetes/pods/read/0/waiting", json!("ContainerCreating")), ("/kubernetes/pods/read/0/created", json!("2026-11-28T13:50:00Z"))]),
        ("AU-01", vec![("/eks/cluster/read/autoMode", json!({"nodePools": ["general-purpose"]})), ("/eks/nodeGroups/read", json!([]))]),
        ("DNS-05", vec![("/kubernetes/networkPolicies/read", json!([policy(json!([]))]))]),
        ("DNS-05", vec![("/kubernetes/networkPolicies/read", json!([policy(json!([{"ports": [{"protocol": "TCP", "port": 53}]}, {"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]))]))]),
        ("DNS-06", event("LinkLocalExceeded", "packets to link-local addresses were dropped")),
        ("DNS-08", all([env("NETWORK_POLICY_ENFORCING_MODE", "strict"), vec![
            ("/kubernetes/nodeLocalDns/read", json!({"name": "node-local-dns", "desired": 2, "ready": 2})),
            ("/kubernetes/pods/read/1/hostNetwork", json!(true))]])),
        ("LB-03", vec![("/vpc/subnets/read/0/tags", json!({"kubernetes.io/role/elb": "1", "kubernetes.io/cluster/other": "shared"})),
            ("/vpc/subnets/read/4/tags", json!({"kubernetes.io/role/elb": "1", "kubernetes.io/cluster/other": "shared"}))]),
        ("LB-05", vec![("/kubernetes/loadBalancerController/read/ready", json!(0)), ("/eks/instances/read/0/metadataHopLimit", json!(1))]),
        ("LB-06", closed_everywhere()),
        ("LB-07", vec![("/vpc/subnets/read/3/tags", json!({"kubernetes.io/role/elb": "1"}))]),
        ("LB-08", rules_of_nodes(60)),
        ("LB-09", vec![("/kubernetes/loadBalancerController/read/ready", json!(0))]),
        ("WH-04", vec![("/eks/cluster/read/controlPlaneEgress", json!("CUSTOMER_ROUTED")), ("/kubernetes/webhooks/read/0/service", json!(null)),
            ("/kubernetes/webhooks/read/0/url", json!("https://guard.example.com")), ("/vpc/routeTables/read/3/routes", json!([]))]),
        ("WH-05", vec![("/kubernetes/endpointSlices/read/1/endpoints/0/addresses", json!(["192.168.7.7"]))]),
        ("WH-03", new_range()),
        ("SN-05", older_pods()),
        ("SN-03", transit("192.168.0.0/16", json!(["10.0.10.0/23", "172.16.0.0/12", "2001:db8::/32"]))),
        ("SN-03", transit("0.0.0.0/0", json!(["100.64.0.0/10"]))),
        ("SN-03", all([transit("192.168.0.0/16", json!(["10.0.10.0/23"])), excluding("172.16.0.0/12, 192.168.7.0/24")])),
        ("DNS-07", vec![("/kubernetes/services/read/0/clusterIp", json!("172.20.0.53"))]),
        ("CP-03", vec![("/eks/cluster/read/endpointPublic", json!(false)), ("/kubernetes", silent())]),
        ("IMG-01", closed_and(("/kubernetes/pods/read/0/waiting", json!("ImagePullBackOff")))),
        ("IMG-02", closed_and(("/vpc/endpoints/read/5/policy", json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::own/*"}]})))),
        ("IMG-03", all([closed_and(("/kubernetes/pods/read/0/waiting", json!("ErrImagePull"))), vec![("/kubernetes/pods/read/0/images", json!(["docker.io/library/nginx:1"]))]])),
        ("IMG-04", vec![("/account/roles/arn:aws:iam::111122223333:role~1nodes/read/policies", json!(["arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"]))]),
        ("FA-01", vec![("/eks/fargateProfiles/read/0/subnets", json!(["subnet-cluster0"])), ("/vpc/routeTables/read/3/routes", json!([]))]),
        ("FA-01", vec![("/eks/fargateProfiles/read/0/subnets", json!(["subnet-public0"])), ("/vpc/routeTables/read/0/routes/0/target", json!("tgw-1")),
            ("/vpc/subnets/read/0/available", json!(0)), ("/vpc/subnets/read/0/tags", json!({}))]),
        ("DNS-04", one_zone()),
        ("SN-07", vec![("/vpc/routeTables/read/1/routes/0/target", json!("nat-1"))]),
        ("SN-08", database("10.0.10.0/23")),
        ("CP-04", vec![("/eks/nodeGroups/read/0/version", json!("1.30"))]),
        ("CP-04", vec![("/eks/addons/read/0/version", json!("v1.18.6-eksbuild.1"))]),
        ("CP-04", vec![("/eks/addons/read/1", json!({"name": "kube-proxy", "status": "ACTIVE", "version": "v1.30.9-eksbuild.3"})),
            ("/eks/podIdentities/read", json!([]))]),
        ("CP-05", vec![("/eks/cluster/read/issues", issue("IamRoleNotFound"))]),
        ("CP-05", vec![("/eks/cluster/read", json!(null))]),
        ("CP-05", vec![("/eks/cluster/read/status", json!("FAILED"))]),
        ("CP-05", vec![("/eks/cluster/read/status", json!("DELETING"))]),
        ("CP-05", vec![("/eks/nodeGroups/read/0/status", json!("CREATE_FAILED"))]),
        ("CP-05", vec![("/eks/nodeGroups/read/0/status", json!("DEGRADED"))]),
        ("CP-05", vec![("/eks/addons/read/0/status", json!("UPDATE_FAILED"))]),
        ("CP-05", vec![("/eks/fargateProfiles/read/0/status", json!("DELETE_FAILED"))]),
        ("SN-01", vec![("/vpc/routeTables/read/2/routes/0/target", json!("igw-1"))]),
        ("SN-02", vec![("/vpc/routeTables/read/2/routes", json!([]))]),
        ("SN-04", env("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", "10.0.0.0/8, 0.0.0.0/0")),
        ("SN-06", vec![("/account/metrics/read/0/value", json!(12.0))]),
        ("SN-06", vec![("/account/metrics/read/2/value", json!(30.0))]),
        ("CP-01", vec![("/vpc/subnets/read/3/available", json!(4))]),
        ("CP-02", vec![("/vpc/interfaces/read/2/description", json!("something"))]),
        ("FA-01", vec![("/eks/fargateProfiles/read/0/subnets", json!(["subnet-public0"]))]),
    ]
}

#[test]
fn a_redacted_survey_has_no_id_of_an_instance() {
    let mut world = healthy();
    let (id, own) = ("i-0123456789abcdef0", "/vpc/interfaces/read/0/description");
    *world.pointer_mut(own).unwrap() = json!(format!("aws-K8S-{id}"));
    let shared = document::write(&redact::redacted(&survey(&world)));
    assert!(!shared.contains(id) && shared.contains("aws-K8S-i-"), "{shared}");
}

/// Rules for ranges, and a prefix list whose entries were not read, refuse nobody who may be meant.
#[test]
fn a_rule_for_a_range_admits_who_is_inside() {
    let rules = |rows: Value| {
        let out = json!({"egress": true, "protocol": "-1", "cidr": "0.0.0.0/0"});
        let mut all = rows.as_array().unwrap().clone();
        all.push(out);
        survey(&made(&vec![("/vpc/securityGroups/read/0/rules", json!(all))]))
    };
    let diagnosis = doctor::judge(&rules(json!([{"protocol": "-1", "cidr": "10.0.0.0/16"}])), &[]);
    assert!(diagnosis.roots.is_empty() && diagnosis.unknown.is_empty(), "{diagnosis:#?}");
    let listed = rules(json!([{"protocol": "-1", "prefixList": "pl-00000000000000001"}]));
    for id in ["NJ-12", "DNS-02", "WH-01"] {
        let verdict = doctor::judge_one(doctor::find(id).unwrap(), &listed);
        assert!(matches!(verdict, Verdict::Unknown(_)), "{id}: {verdict:?}");
    }
    let outside = rules(json!([{"protocol": "-1", "cidr": "10.9.0.0/16"}]));
    assert!(matches!(
        doctor::judge_one(doctor::find("NJ-12").unwrap(), &outside),
        Verdict::Sick(_)
    ));
}

/// Nodes with two groups, of which one has the cluster's tag.
fn one_of_two() -> Edits {
    vec![("/eks/instances/read/0/groups", json!([CLUSTER_GROUP, "sg-other"]))]
}

/// aws-node has its role by its service account, and the role trusts somebody.
fn trusting(who: &str) -> Edits {
    let role = "/account/roles/arn:aws:iam::111122223333:role~1nodes/read/trusts";
    let issuer = "https://oidc.eks.eu-west-1.amazonaws.com/id/OWN";
    vec![
        ("/eks/podIdentities/read", json!([])),
        ("/eks/addons/read/0/serviceAccountRole", json!(ROLE)),
        ("/eks/cluster/read/oidcIssuer", json!(issuer)),
        ("/account/roles/arn:aws:iam::111122223333:role~1nodes/read/policies", pulls_and_calls()),
        (role, json!([who])),
    ]
}

fn pulls_and_calls() -> Value {
    ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"]
        .map(|name| format!("arn:aws:iam::aws:policy/{name}"))
        .to_vec()
        .into()
}

/// A role that trusts the cluster is fine, in a redacted survey too.
#[test]
fn a_role_by_the_service_account_trusts_the_clusters_issuer() {
    let own = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/OWN";
    let world = survey(&made(&trusting(own)));
    for survey in [redact::redacted(&world), world] {
        let verdict = doctor::judge_one(doctor::find("NJ-20").unwrap(), &survey);
        assert_eq!(verdict, Verdict::Fine);
    }
}

/// aws-node goes from one minor version to the next; what EKS no longer offers in between is no step.
#[test]
fn an_update_of_aws_node_skips_no_minor_version_on_offer() {
    let told = |own: &str, offered: &[&str], preferred: &str| {
        let offer = json!([{"name": "vpc-cni", "versions": offered, "preferred": preferred}]);
        let edits: Edits =
            vec![("/eks/addonVersions/read", offer), ("/eks/addons/read/0/version", json!(own))];
        let check = doctor::find("CP-04").unwrap();
        match doctor::judge_one(check, &survey(&made(&edits))) {
            Verdict::Sick(causes) => (causes[0].cause().to_string(), causes[0].fix().to_string()),
            other => panic!("{other:?}"),
        }
    };
    let all =
        ["v1.21.1-eksbuild.1", "v1.20.4-eksbuild.1", "v1.19.6-eksbuild.1", "v1.19.0-eksbuild.1"];
    let (cause, fix) = told("v1.18.6-eksbuild.1", &all, all[0]);
    assert!(fix.ends_with("--addon-version v1.19.6-eksbuild.1"), "{fix}");
    assert!(cause.contains("v1.21.1-eksbuild.1 comes after the next minor version"), "{cause}");
    let (cause, fix) = told("v1.18.6-eksbuild.1", &all[2..], all[2]);
    assert!(fix.ends_with("--addon-version v1.19.6-eksbuild.1"), "{fix}");
    assert!(!cause.contains("comes after"), "{cause}");
    let (cause, fix) = told("v1.12.0-eksbuild.1", &all[..1], all[0]);
    assert!(fix.ends_with("--addon-version v1.21.1-eksbuild.1"), "{fix}");
    assert!(!cause.contains("comes after"), "{cause}");
}

/// Sets a value, or adds the last key of its place.
pub fn made(edits: &Edits) -> Value {
    let mut world = healthy();
    for (place, value) in edits {
        let (parent, key) = place.rsplit_once('/').unwrap();
        let parent = world.pointer_mut(parent).unwrap_or_else(|| panic!("{place}"));
        match parent {
            Value::Array(rows) => rows[key.parse::<usize>().unwrap()] = value.clone(),
            object => object[key] = value.clone(),
        }
    }
    world
}

fn roots(diagnosis: &Diagnosis) -> Vec<&'static str> {
    diagnosis.roots.iter().map(|found| found.check.id).collect()
}

#[test]
fn a_healthy_cluster_has_no_sick_and_no_unknown_check() {
    for (name, world) in [("open", healthy()), ("closed", made(&closed()))] {
        let diagnosis = doctor::judge(&survey(&world), &[]);
        assert_eq!(roots(&diagnosis), Vec::<&str>::new(), "{name}: {:#?}", diagnosis.roots);
        assert!(diagnosis.unknown.is_empty(), "{name}: {:#?}", diagnosis.unknown);
    }
}

#[test]
fn one_thing_that_is_sick_gives_exactly_its_root() {
    let mut wrong = Vec::new();
    for (id, edits) in worlds() {
        let diagnosis = doctor::judge(&survey(&made(&edits)), &[]);
        if roots(&diagnosis) != [id] {
            wrong.push(format!("{id}: {:?}", roots(&diagnosis)));
        }
        let causes =
            diagnosis.roots.iter().chain(&diagnosis.consequences).flat_map(|one| &one.causes);
        causes.for_each(|sick| assert!(!sick.proof().is_empty()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every word that EKS has for a state: what stays until somebody acts is sick, and a word that nobody knows is never fine.
#[test]
fn every_state_has_a_verdict() {
    let verdict = |place: &'static str, state: &str| {
        let world = survey(&made(&vec![(place, json!(state))]));
        doctor::judge_one(doctor::find("CP-05").unwrap(), &world)
    };
    for (place, states) in [
        ("/eks/cluster/read/status", states::CLUSTER),
        ("/eks/nodeGroups/read/0/status", states::NODE_GROUP),
        ("/eks/addons/read/0/status", states::ADDON),
        ("/eks/fargateProfiles/read/0/status", states::FARGATE_PROFILE),
    ] {
        for (state, health) in states {
            let sick = matches!(verdict(place, state), Verdict::Sick(_));
            let failed = state.contains("FAILED") || *state == "DEGRADED";
            assert_eq!(sick, *health == Health::Ill, "{place} {state}");
            assert!(sick || !failed, "{place} {state}");
        }
        for word in ["", "RETIRED"] {
            assert!(matches!(verdict(place, word), Verdict::Unknown(_)), "{place} `{word}`");
        }
    }
}

/// One subnet of nodes, pods, load balancers and the cluster: that it is full is one root, and the rest a line of it.
#[test]
fn a_full_subnet_is_one_root() {
    let world = made(&all([
        env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"),
        vec![
            ("/vpc/subnets/read/1/available", json!(0)),
            ("/eks/cluster/read/subnets", json!(["subnet-nodes0", "subnet-cluster1"])),
            ("/vpc/interfaces/read/2/subnet", json!("subnet-nodes0")),
        ],
    ]));
    let diagnosis = doctor::judge(&survey(&world), &[]);
    assert_eq!(roots(&diagnosis), ["IP-01"], "{:#?}", diagnosis.roots);
    let follow: Vec<&str> = diagnosis.roots[0].follow.iter().map(|check| check.id).collect();
    assert!(follow.contains(&"NJ-14") && follow.contains(&"CP-01"), "{follow:?}");
    let asked = doctor::judge(&survey(&world), &[Symptom::ControlPlane]);
    assert_eq!(roots(&asked), ["IP-01"]);
}

/// The same where nobody read the interfaces: that a zone is fuller than another is no cause of its own.
#[test]
fn a_full_subnet_is_one_root_without_its_interfaces_too() {
    let refused =
        json!({"unread": {"action": "ec2:DescribeNetworkInterfaces", "why": "AccessDenied"}});
    let world = made(&all([
        env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"),
        vec![("/vpc/subnets/read/1/available", json!(0)), ("/vpc/interfaces", refused)],
    ]));
    let diagnosis = doctor::judge(&survey(&world), &[]);
    assert_eq!(roots(&diagnosis), ["NJ-14"], "{:#?}", diagnosis.roots);
    assert!(diagnosis.roots[0].follow.iter().any(|check| check.id == "IP-13"));
}

/// CoreDNS is not blamed for a zone where no node takes it.
#[test]
fn nodes_that_keep_coredns_away_are_no_second_zone() {
    let keeps = |edit: (&'static str, Value)| survey(&made(&all([one_zone(), vec![edit]])));
    for edit in [
        ("/kubernetes/nodes/read/1/taints", json!([{"key": "gpu", "effect": "NoSchedule"}])),
        ("/kubernetes/nodes/read/1/labels", json!({"kubernetes.io/os": "windows"})),
    ] {
        let verdict = doctor::judge_one(doctor::find("DNS-04").unwrap(), &keeps(edit));
        assert_eq!(verdict, Verdict::Fine);
    }
    let tolerated = json!([{"key": "CriticalAddonsOnly", "effect": "NoSchedule"}]);
    let world = keeps(("/kubernetes/nodes/read/1/taints", tolerated));
    assert!(matches!(doctor::judge_one(doctor::find("DNS-04").unwrap(), &world), Verdict::Sick(_)));
}

/// A terminal breaks no line; what a shell is to take stays one command.
#[test]
fn no_line_of_a_diagnosis_is_wider_than_the_screen() {
    for (id, edits) in worlds() {
        let world = survey(&made(&edits));
        let diagnosis = doctor::judge(&world, &[]);
        let view =
            View { diagnosis: &diagnosis, survey: &world, lines: None, file: Some("s.json") };
        for columns in [60, 80] {
            let text = written::human(&view, Screen::of(columns));
            let is_wide = |line: &&str| columns < textwrap::core::display_width(line);
            // One word of a command may be longer than a line, and what is between quotes.
            let is_word = |line: &&str| !line.trim().trim_end_matches(" \\").contains(' ');
            let is_whole = |line: &&str| is_word(line) || line.contains(['\'', '"']);
            let wide: Vec<&str> =
                text.lines().filter(is_wide).filter(|line| !is_whole(line)).collect();
            assert!(wide.is_empty(), "{id}: {wide:#?}");
            let whole = text.replace(" \\\n              ", " ");
            let commands = diagnosis.roots.iter().flat_map(|found| found.causes.iter().take(3));
            let commands =
                commands.map(|sick| sick.command()).filter(|one| one.starts_with("aws "));
            commands.for_each(|one| assert!(whole.contains(one), "{id}: {one}\n{text}"));
        }
    }
}

/// The ladder is computed from the file that was given.
#[test]
fn a_fix_names_the_survey_that_was_read() {
    let world = survey(&made(&vec![("/vpc/subnets/read/2/available", json!(0))]));
    let diagnosis = doctor::judge(&world, &[]);
    let told = |file: Option<&str>| {
        let view = View { diagnosis: &diagnosis, survey: &world, lines: None, file };
        written::human(&view, Screen::of(100))
    };
    assert!(told(Some("s.json")).contains("eksnet rescue --survey s.json\n"));
    assert!(told(None).contains("eksnet rescue --cluster shop --region eu-west-1\n"));
}

/// A gateway without figures is not known, and no refusal.
#[test]
fn a_gateway_that_cloudwatch_does_not_count_is_unknown() {
    let world = survey(&made(&vec![("/account/metrics/read", json!([]))]));
    let diagnosis = doctor::judge(&world, &[]);
    let unknown: Vec<&str> = diagnosis.unknown.iter().map(|(check, _)| check.id).collect();
    assert_eq!((unknown, diagnosis.is_unfinished()), (vec!["SN-06"], false));
}

/// Interfaces of others in a shared VPC are not seen: their subnet has no map, and no verdict of it.
#[test]
fn a_map_that_contradicts_ec2s_count_is_not_claimed() {
    let of = |edits: Vec<(&'static str, Value)>| survey(&made(&edits));
    let map = |world: &Survey| {
        let subnets = items(&world.vpc.subnets);
        prefix_map(&world.vpc, subnets.iter().find(|one| one.id == "subnet-pods0").unwrap())
    };
    let verdict = |world: &Survey| doctor::judge_one(doctor::find("IP-02").unwrap(), world);
    let shown = |world: &Survey| {
        let diagnosis = doctor::judge(world, &[]);
        let view = View { diagnosis: &diagnosis, survey: world, lines: None, file: None };
        written::human(&view, Screen::of(200))
    };
    for free in [100, 218] {
        let world = of(vec![("/vpc/subnets/read/2/available", json!(free))]);
        assert_eq!(map(&world), None, "{free}");
        assert!(matches!(verdict(&world), Verdict::Unknown(why) if why.why.contains("leave 234")));
        assert!(shown(&world).contains(&format!("{free} free, whole /28 not known")));
    }
    // A node that came or went between two reads.
    let world = of(vec![("/vpc/subnets/read/2/available", json!(219))]);
    assert!(map(&world).is_some() && verdict(&world) == Verdict::Fine);
    // Full, and no block is claimed.
    let world = of(vec![("/vpc/subnets/read/2/available", json!(0))]);
    assert_eq!((map(&world), roots(&doctor::judge(&world, &[]))), (None, vec!["IP-01"]));
    assert!(shown(&world).contains("0 free, whole /28 not known"), "{}", shown(&world));
    // Reservations explain it, whether EC2 counts them as free or not.
    for kind in ["prefix", "explicit"] {
        let reserved = json!([{"id": "scr-1", "subnet": "subnet-pods0", "cidr": "10.0.20.128/25", "kind": kind}]);
        for free in [234, 106] {
            let world = of(vec![
                ("/vpc/reservations/read", reserved.clone()),
                ("/vpc/subnets/read/2/available", json!(free)),
            ]);
            assert!(map(&world).is_some(), "{kind} {free}");
        }
    }
    // Without interfaces nothing is known of what is unused in a reservation.
    let reserved = json!([{"id": "scr-1", "subnet": "subnet-pods0", "cidr": "10.0.20.0/24", "kind": "prefix"}]);
    let refused =
        json!({"unread": {"action": "ec2:DescribeNetworkInterfaces", "why": "AccessDenied"}});
    let world = of(vec![
        ("/vpc/reservations/read", reserved),
        ("/vpc/interfaces", refused),
        ("/vpc/subnets/read/2/available", json!(0)),
    ]);
    assert!(shown(&world).contains("0 free, whole /28 not known"), "{}", shown(&world));
}

fn of_transit(edits: Vec<Edits>) -> Verdict {
    doctor::judge_one(doctor::find("SN-03").unwrap(), &survey(&made(&all(edits))))
}

/// Twins of the sick worlds: the gateway knows the pods, nodes mask them, or the packets go elsewhere.
#[test]
fn pods_that_are_answered_or_masked_need_no_way_back() {
    let away = || transit("192.168.0.0/16", json!(["10.0.10.0/23"]));
    let routes = |more: Value| {
        let mut routes = away()[0].1.clone();
        routes.as_array_mut().unwrap().extend(more.as_array().unwrap().iter().cloned());
        vec![("/vpc/routeTables/read/2/routes", routes)]
    };
    let peer = |to: &str| json!({"destination": to, "target": "pcx-1"});
    assert!(matches!(of_transit(vec![away()]), Verdict::Sick(_)));
    for back in ["10.0.20.0/24", "10.0.0.0/16", "0.0.0.0/0", "10.0.20.128/25"] {
        let world = vec![transit("192.168.0.0/16", json!(["172.16.0.0/12", back]))];
        assert_eq!(of_transit(world), Verdict::Fine, "{back}");
    }
    for ranges in ["", "172.16.0.0/12", "10.0.0.0/16", "nonsense,192.168.0.0", "0.0.0.0/0"] {
        assert_eq!(of_transit(vec![away(), excluding(ranges)]), Verdict::Fine, "{ranges}");
    }
    let inside = transit("10.0.40.0/24", json!(["10.0.10.0/23"]));
    assert_eq!(of_transit(vec![inside]), Verdict::Fine);
    let half = routes(json!([peer("192.168.0.0/17")]));
    assert!(matches!(of_transit(vec![away(), half]), Verdict::Sick(_)));
    let whole = routes(json!([peer("192.168.0.0/17"), peer("192.168.128.0/17")]));
    assert_eq!(of_transit(vec![away(), whole]), Verdict::Fine);
    for (place, value) in [
        ("/vpc/routeTables/read/2/routes/2/state", json!("blackhole")),
        ("/vpc/routeTables/read/2/routes/2/target", json!("vgw-1")),
        ("/eks/cluster/read/ipFamily", json!("ipv6")),
    ] {
        assert_eq!(of_transit(vec![away(), vec![(place, value)]]), Verdict::Fine, "{place}");
    }
    // A way to nodes alone serves pods that nodes mask, and no gateway is asked for.
    assert_eq!(
        of_transit(vec![
            away(),
            excluding(""),
            vec![("/vpc/transitGateways", json!({"unread": {"action": "a", "why": "b"}}))]
        ]),
        Verdict::Fine
    );
}

/// A prefix list of the VPC's own route counts as its ranges.
#[test]
fn routes_by_prefix_list_are_followed() {
    let away = || transit("pl-00000000000000001", json!(["10.0.10.0/23"]));
    let list = |entries: Value| {
        let list =
            json!([{"id": "pl-00000000000000001", "owner": "111122223333", "entries": entries}]);
        vec![("/vpc/prefixLists/read", list)]
    };
    assert!(matches!(of_transit(vec![away()]), Verdict::Unknown(_)));
    let refused =
        json!({"unread": {"action": "ec2:GetManagedPrefixListEntries", "why": "AccessDenied"}});
    assert!(matches!(of_transit(vec![away(), list(refused)]), Verdict::Unknown(_)));
    let far = json!({"read": [{"cidr": "192.168.0.0/16"}]});
    assert!(matches!(of_transit(vec![away(), list(far)]), Verdict::Sick(_)));
    let near = json!({"read": [{"cidr": "10.0.40.0/24"}]});
    assert_eq!(of_transit(vec![away(), list(near)]), Verdict::Fine);
}

/// What the owner of a gateway alone may see is unknown, and no refusal; a refusal is one.
#[test]
fn a_gateway_whose_tables_were_not_read_is_unknown() {
    let away = transit("192.168.0.0/16", json!([]));
    let gateway = |tables: Value| json!({"read": [{"id": "tgw-1", "routeTables": tables}]});
    let refused =
        json!({"unread": {"action": "ec2:SearchTransitGatewayRoutes", "why": "AccessDenied"}});
    for (gateways, unfinished) in [
        (gateway(json!({"read": []})), false),
        (gateway(refused.clone()), true),
        (refused, true),
        (json!({"read": []}), true),
        (
            gateway(
                json!({"read": [{"id": "tgw-rtb-1", "routes": [{"destination": "pl-00000000000000001"}]}]}),
            ),
            true,
        ),
    ] {
        let world = survey(&made(&all([away.clone(), vec![("/vpc/transitGateways", gateways)]])));
        let diagnosis = doctor::judge(&world, &[]);
        let unknown: Vec<&str> = diagnosis.unknown.iter().map(|(check, _)| check.id).collect();
        assert_eq!((unknown, diagnosis.is_unfinished()), (vec!["SN-03"], unfinished));
    }
}

/// Ids of gateways, their tables and attachments are replaced; ranges stay, as those of the VPC's own routes do.
#[test]
fn a_redacted_survey_has_no_id_of_a_transit_gateway() {
    let ids =
        ["tgw-0aaaaaaaaaaaaaaa1", "tgw-rtb-0aaaaaaaaaaaaaaa2", "tgw-attach-0aaaaaaaaaaaaaaa3"];
    let routes = json!([{"destination": "10.0.10.0/23", "attachments": [ids[2]]}]);
    let tables = json!({"read": [{"id": ids[1], "routes": routes}]});
    let world = made(&all([
        transit("192.168.0.0/16", json!([])),
        vec![
            ("/vpc/routeTables/read/2/routes/2/target", json!(ids[0])),
            ("/vpc/transitGateways", json!({"read": [{"id": ids[0], "routeTables": tables}]})),
        ],
    ]));
    let shared = redact::redacted(&survey(&world));
    let text = document::write(&shared);
    assert!(ids.iter().all(|id| !text.contains(id)) && text.contains("10.0.10.0/23"), "{text}");
    let verdict = doctor::judge_one(doctor::find("SN-03").unwrap(), &shared);
    assert!(matches!(verdict, Verdict::Sick(_)), "{verdict:?}");
}

/// Nodes mask pods where the gateway knows the nodes; else only a route helps.
#[test]
fn a_way_back_is_mended_where_it_helps() {
    let fix = |edits: Vec<Edits>| match of_transit(edits) {
        Verdict::Sick(causes) => (causes[0].fix().to_string(), causes[0].command().to_string()),
        other => panic!("{other:?}"),
    };
    let away = |back: &str| transit("192.168.0.0/16", json!([back]));
    let (fixed, command) = fix(vec![away("10.0.10.0/23")]);
    assert!(
        fixed.starts_with("set `awsNode.snat.external: false`, or add a route to 10.0.20.0/24"),
        "{fixed}"
    );
    assert!(
        command.ends_with("daemonset/aws-node AWS_VPC_K8S_CNI_EXTERNALSNAT=false"),
        "{command}"
    );
    let both = fix(vec![away("10.0.10.0/23"), excluding("172.16.0.0/12, 192.168.7.0/24,$(id)")]);
    assert!(
        both.0.starts_with("remove 192.168.7.0/24 from `awsNode.snat.excludeCidrs`"),
        "{both:?}"
    );
    assert!(both.1.ends_with(" AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS=172.16.0.0/12"), "{both:?}");
    let last = fix(vec![away("10.0.10.0/23"), excluding("192.168.7.0/24")]);
    assert!(last.1.ends_with(" AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS-"), "{last:?}");
    let (fixed, command) = fix(vec![away("172.16.0.0/12")]);
    assert!(fixed.starts_with("add a route") && fixed == command, "{fixed}");
}

/// What has only just started is on its way.
#[test]
fn young_nodes_pods_and_instances_are_not_sick() {
    let now = "2026-11-28T14:01:00Z";
    for edits in [
        all([
            not_ready("False", "KubeletNotReady", "cni plugin not initialized"),
            vec![("/kubernetes/nodes/read/0/conditions/0/since", json!(now))],
        ]),
        vec![
            ("/kubernetes/nodes/read/0/instance", json!("i-9")),
            ("/eks/instances/read/0/launched", json!(now)),
        ],
        vec![
            ("/kubernetes/pods/read/0/phase", json!("Pending")),
            ("/kubernetes/pods/read/0/created", json!(now)),
        ],
    ] {
        let diagnosis = doctor::judge(&survey(&made(&edits)), &[]);
        assert_eq!(roots(&diagnosis), Vec::<&str>::new(), "{:#?}", diagnosis.roots);
    }
}

#[test]
fn every_check_has_a_sick_world() {
    let made: BTreeSet<&str> = worlds().into_iter().map(|(id, _)| id).collect();
    let all: BTreeSet<&str> = doctor::checks().map(|check| check.id).collect();
    assert_eq!(made, all);
    let ids: Vec<&str> =
        doctor::checks().chain(doctor::bundle::ROWS).map(|check| check.id).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "an id is given twice");
}

#[test]
fn what_was_not_read_is_never_fine() {
    let diagnosis = doctor::judge(&Survey::default(), &[]);
    assert!(diagnosis.fine.is_empty() && diagnosis.roots.is_empty(), "{:?}", diagnosis.fine);
}

/// A part of a sick world that nobody could read makes the sick check unknown, or leaves it sick.
#[test]
fn a_part_that_is_not_read_hides_nothing() {
    let refused = json!({"unread": {"action": "x:Read", "why": "AccessDenied"}});
    let mut hidden = Vec::new();
    for (id, edits) in worlds() {
        let world = made(&edits);
        for topic in ["vpc", "eks", "kubernetes", "account"] {
            for part in world[topic].as_object().unwrap().keys() {
                let mut without = world.clone();
                match without[topic][part].as_object_mut().unwrap() {
                    by_key if !by_key.contains_key("read") && !by_key.contains_key("unread") => {
                        by_key.values_mut().for_each(|one| *one = refused.clone());
                    }
                    _ => without[topic][part] = refused.clone(),
                }
                let verdict = doctor::judge_one(doctor::find(id).unwrap(), &survey(&without));
                if verdict == Verdict::Fine {
                    hidden.push(format!("{id} without {topic}.{part}"));
                }
            }
        }
    }
    assert!(hidden.is_empty(), "{hidden:#?}");
}

#[test]
fn a_redacted_survey_gives_the_same_roots() {
    let mut wrong = Vec::new();
    for (id, edits) in worlds().into_iter().chain([("", Vec::new()), ("", one_of_two())]) {
        let plain = survey(&made(&edits));
        let (seen, shared) =
            (doctor::judge(&plain, &[]), doctor::judge(&redact::redacted(&plain), &[]));
        if roots(&seen) != roots(&shared) {
            wrong.push(format!("{id}: {:?}", roots(&shared)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn causes_form_no_circle_and_ids_are_no_rules() {
    fn depth(id: &str, seen: &mut Vec<String>) {
        assert!(!seen.iter().any(|one| one == id), "{seen:?} {id}");
        seen.push(id.to_string());
        let check = doctor::find(id).unwrap_or_else(|| panic!("{id} does not exist"));
        check.follows.iter().for_each(|cause| depth(cause, seen));
        seen.pop();
    }
    for check in doctor::checks() {
        depth(check.id, &mut Vec::new());
        assert!(rules::find(check.id).is_none(), "{} is a rule", check.id);
        assert_eq!(doctor::checks().filter(|other| other.id == check.id).count(), 1);
    }
}

#[test]
fn a_symptom_shows_the_root_behind_it() {
    let edits: Edits = vec![
        ("/vpc/subnets/read/2/available", json!(0)),
        ("/kubernetes/endpointSlices/read/0/endpoints", json!([])),
    ];
    let diagnosis = doctor::judge(&survey(&made(&edits)), &[Symptom::Dns]);
    assert_eq!(roots(&diagnosis), ["IP-01"]);
    let follow: Vec<&str> = diagnosis.roots[0].follow.iter().map(|one| one.id).collect();
    assert_eq!(follow, ["IP-13", "DNS-01"]);
    assert!(doctor::judge(&survey(&made(&edits)), &[Symptom::Fargate]).roots.is_empty());
}

#[test]
fn the_command_exits_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut dark = healthy();
    dark["account"]["metrics"] =
        json!({"unread": {"action": "cloudwatch:GetMetricData", "why": "AccessDenied"}});
    let cases =
        [(healthy(), 0), (made(&scattered()), 1), (dark, 4), (json!({"schemaVersion": 7}), 1)];
    for (world, code) in cases {
        std::fs::write(folder.path().join("survey.json"), world.to_string()).unwrap();
        for format in ["human", "json", "markdown"] {
            let ran = run(folder.path(), &["doctor", "--survey", "survey.json", "-o", format], &[]);
            assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        }
    }
    assert_eq!(run(folder.path(), &["doctor"], &[]).code, 64);
    let ran = run(folder.path(), &["explain", "ip-02", "-o", "json"], &[]);
    assert_eq!((ran.code, ran.json()["kind"].as_str()), (0, Some("check")));
    let schema = run(folder.path(), &["schema", "--of", "doctor"], &[]).json();
    std::fs::write(folder.path().join("survey.json"), made(&scattered()).to_string()).unwrap();
    let written =
        run(folder.path(), &["doctor", "--survey", "survey.json", "-o", "json"], &[]).json();
    assert!(jsonschema::is_valid(&schema, &written), "{written:#}");
}

#[test]
fn five_hundred_nodes_take_less_than_a_second() {
    let mut world = healthy();
    let interface = |at: usize| {
        let address = |slot: usize| json!({"private": format!("10.0.{}.{}", (at * 30 + slot) / 256, (at * 30 + slot) % 256)});
        json!({"id": format!("eni-n{at}"), "subnet": "subnet-pods0", "attachment": {"instance": format!("i-{at}")},
            "addresses": (0..30).map(address).collect::<Vec<_>>(), "groups": [CLUSTER_GROUP]})
    };
    world["vpc"]["interfaces"]["read"] = (0..500).map(interface).collect();
    world["vpc"]["subnets"]["read"][2]["cidr"] = json!("10.0.0.0/18");
    let one = world["kubernetes"]["nodes"]["read"][0].clone();
    world["kubernetes"]["nodes"]["read"] = (0..500).map(|_| one.clone()).collect();
    let survey = survey(&world);
    let start = Instant::now();
    doctor::judge(&survey, &[]);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

/// What EKS and the nodes report is proof of the cause that a check finds, and a cause of its own only where none does.
#[test]
fn words_of_eks_become_proof_of_their_cause() {
    let edits: Edits = vec![
        ("/vpc/attributes/read/dnsSupport", json!(false)),
        ("/eks/nodeGroups/read/0/issues", issue("NodeCreationFailure")),
        ("/eks/addons/read/0/issues", issue("SomethingNew")),
    ];
    let diagnosis = doctor::judge(&survey(&made(&edits)), &[]);
    assert_eq!(roots(&diagnosis), ["NJ-10", "CP-05"]);
    let [names, others] = &diagnosis.roots[..] else { panic!() };
    let seen: Vec<&str> = names.causes[0].proof().iter().map(|one| one.seen.as_str()).collect();
    assert_eq!(seen, ["false", "NodeCreationFailure: as EKS says"]);
    assert!(names.follow.iter().any(|one| one.id == "CP-05"));
    assert!(others.causes[0].cause().contains("SomethingNew"));
}

/// Of 110 pods two use the node's own network: seven prefixes, and one that is kept warm.
#[test]
fn a_subnet_tells_how_many_nodes_more_find_prefixes() {
    let folder = tempfile::tempdir().unwrap();
    let told = |edits: &Edits| {
        std::fs::write(folder.path().join("survey.json"), made(edits).to_string()).unwrap();
        let json = ["doctor", "--survey", "survey.json", "-o", "json"];
        run(folder.path(), &json, &[]).json()["subnets"][2].clone()
    };
    let room = told(&Vec::new());
    assert_eq!((&room["subnet"], &room["blocks"]["whole"]), (&json!("subnet-pods0"), &json!(12)));
    assert_eq!(room["blocks"]["nodes"], 1);
    let larger = told(&vec![
        ("/vpc/subnets/read/2/cidr", json!("10.0.16.0/20")),
        ("/vpc/subnets/read/2/available", json!(4096 - 5 - 17)),
    ]);
    let whole = larger["blocks"]["whole"].as_u64().unwrap();
    assert_eq!(larger["blocks"]["nodes"], whole / 8);
    assert_eq!(told(&scattered())["blocks"]["nodes"], 0);
    assert_eq!(told(&env("ENABLE_PREFIX_DELEGATION", "false"))["blocks"]["nodes"], Value::Null);
    let human = run(folder.path(), &["doctor", "--survey", "survey.json"], &[]);
    assert!(!human.out.contains("more nodes"), "{}", human.out);
}

#[test]
fn network_policies_are_read_together() {
    let allowing = |egress: Value| {
        survey(&made(&vec![(
            "/kubernetes/networkPolicies/read",
            json!([policy(json!([])), policy(egress)]),
        )]))
    };
    let check = doctor::find("DNS-05").unwrap();
    let to = |peer: Value| json!([{"to": [peer], "ports": [{"protocol": "UDP", "port": 50, "endPort": 60}]}]);
    for egress in [
        json!([{}]),
        json!([lookup()]),
        to(json!({"namespaceSelector": {}})),
        to(json!({"ipBlock": {"cidr": "172.20.0.0/16"}})),
        to(
            json!({"namespaceSelector": {}, "podSelector": {"matchExpressions": [{"key": "k8s-app", "operator": "Exists"}]}}),
        ),
    ] {
        assert_eq!(doctor::judge_one(check, &allowing(egress.clone())), Verdict::Fine, "{egress}");
    }
    for egress in [
        to(json!({"podSelector": {}})),
        to(
            json!({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12", "169.254.0.0/16"]}}),
        ),
        to(json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}})),
        to(
            json!({"namespaceSelector": {}, "podSelector": {"matchExpressions": [{"key": "k8s-app", "operator": "NotIn", "values": ["kube-dns"]}]}}),
        ),
    ] {
        assert!(
            matches!(doctor::judge_one(check, &allowing(egress.clone())), Verdict::Sick(_)),
            "{egress}"
        );
    }
}

/// A rule for a range that holds the pods too, and a policy that nobody enforces, are no findings.
#[test]
fn what_looks_sick_and_is_not() {
    let agent = "/kubernetes/awsNode/read/containers/1/args";
    let unenforced: Edits = vec![
        ("/kubernetes/networkPolicies/read", json!([policy(json!([]))])),
        (agent, json!(["--enable-network-policy=false"])),
    ];
    let other_pod: Edits = branches()
        .into_iter()
        .chain([("/kubernetes/pods/read/0/labels", json!({"app": "batch"}))])
        .collect();
    for edits in [database("10.0.0.0/16"), unenforced, other_pod, rules_of_nodes(58)] {
        let diagnosis = doctor::judge(&survey(&made(&edits)), &[]);
        assert_eq!(roots(&diagnosis), Vec::<&str>::new(), "{:#?}", diagnosis.roots);
    }
}

/// What was sick or unknown before a deployment does not stop it; what is sick since then does.
#[test]
fn only_a_new_root_is_fresh() {
    let full = |index: usize| -> Edits {
        (1..=index)
            .map(|zone| {
                (
                    ["", "/vpc/subnets/read/1/available", "/vpc/subnets/read/5/available"][zone],
                    json!(0),
                )
            })
            .collect()
    };
    let of = |edits: &Edits| doctor::judge(&survey(&made(edits)), &[]);
    let fresh = |before: &Diagnosis, after: &Diagnosis| -> Vec<&str> {
        doctor::fresh(before, after).iter().map(|(check, _)| check.id).collect()
    };
    let (well, one, both) = (of(&Vec::new()), of(&full(1)), of(&full(2)));
    assert_eq!(fresh(&well, &one), ["NJ-14"]);
    assert_eq!(fresh(&one, &both), ["NJ-14"]);
    assert_eq!((fresh(&both, &both).len(), fresh(&both, &well).len()), (0, 0));
    let dark = doctor::judge(&Survey::default(), &[]);
    assert!(fresh(&dark, &both).is_empty());
}

#[test]
fn a_node_a_pod_and_a_service_narrow() {
    let edits: Edits = vec![
        ("/kubernetes/eniConfigs/read/1/name", json!("eu-west-1c")),
        ("/kubernetes/endpointSlices/read/1/endpoints", json!([])),
    ];
    let world = survey(&made(&edits));
    let of = |node: Option<&str>, pod: Option<&str>, service: Option<&str>| {
        let to = Narrow {
            node: node.map(str::to_string),
            pod: pod.map(str::to_string),
            service: service.map(str::to_string),
        };
        doctor::narrowed(world.clone(), &to).map(|survey| roots(&doctor::judge(&survey, &[])))
    };
    assert_eq!(of(None, None, None).unwrap(), ["NJ-21", "WH-02"]);
    assert_eq!(of(Some("node-0"), None, None).unwrap(), ["WH-02"]);
    assert_eq!(of(Some("i-1"), None, None).unwrap(), ["NJ-21", "WH-02"]);
    assert_eq!(of(None, Some("shop/web"), None).unwrap(), ["WH-02"]);
    assert_eq!(of(None, None, Some("kube-system/kube-dns")).unwrap(), ["NJ-21"]);
    // What all nodes share is no trouble of this one, nor is what stands in other zones.
    let one = Narrow { node: Some("node-0".into()), ..Narrow::default() };
    let narrow = doctor::narrowed(world.clone(), &one).unwrap();
    assert!(roots(&doctor::judge(&narrow, one.symptoms())).is_empty());
    let zones: BTreeSet<String> = items(&doctor::pictured(&narrow).vpc.subnets)
        .iter()
        .map(|one| one.zone_id.clone())
        .collect();
    assert_eq!(Vec::from_iter(zones), ["euw1-az0"]);
    let full = survey(&made(&vec![("/vpc/subnets/read/6/available", json!(0))]));
    assert_eq!(roots(&doctor::judge(&full, &[])), ["IP-01"]);
    let here = doctor::narrowed(full, &one).unwrap();
    assert!(roots(&doctor::judge(&here, one.symptoms())).is_empty());
    let unknown = of(Some("node-7"), None, None).unwrap_err();
    assert!(unknown.contains("node-7") && unknown.contains("node-0"), "{unknown}");
    assert!(of(None, Some("shop/other"), None).is_err());
    assert!(of(None, None, Some("shop/other")).is_err());
}

#[test]
fn a_blueprint_names_the_line_and_without_one_there_is_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let blueprint =
        std::fs::read_to_string(crate::support::root().join("blueprints/three-tiers.yaml"))
            .unwrap();
    std::fs::write(folder.path().join("shop.yaml"), &blueprint).unwrap();
    std::fs::write(
        folder.path().join("survey.json"),
        made(&closed_and(("/eks/cluster/read/endpointPrivate", json!(false)))).to_string(),
    )
    .unwrap();
    let line = 1 + blueprint.lines().position(|line| line.starts_with("cluster:")).unwrap();
    let own = run(folder.path(), &["doctor", "shop.yaml", "--survey", "survey.json"], &[]);
    let bare = run(folder.path(), &["doctor", "--survey", "survey.json"], &[]);
    assert!(
        own.out.contains("fix     set `cluster.endpointAccess.private: true`   shop.yaml:"),
        "{}",
        own.out
    );
    assert!(bare.out.contains("fix     aws eks update-cluster-config --name shop"), "{}", bare.out);
    let json =
        run(folder.path(), &["doctor", "shop.yaml", "--survey", "survey.json", "-o", "json"], &[])
            .json();
    let fix = &json["verdicts"][0]["fix"];
    assert_eq!(fix["path"], "cluster.endpointAccess.private");
    assert!(line as u64 <= fix["line"].as_u64().unwrap(), "{fix}");
    for wrong in
        [["doctor", "shop.yaml", "--cluster", "shop"], ["doctor", "--cluster", "shop", "--survey"]]
    {
        assert_eq!(run(folder.path(), &wrong, &[]).code, 64);
    }
    let unknown =
        run(folder.path(), &["doctor", "--survey", "survey.json", "--node", "node-7"], &[]);
    assert_eq!(unknown.code, 1, "{}", unknown.err);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Of a /25 with addresses of four nodes: what is drained frees what it says, the reservation is free, and no larger one is.
    #[test]
    fn what_is_drained_frees_what_it_says(held in prop::collection::btree_map(4u8..127, 0usize..4, 0..24), wanted in 1usize..4) {
        let mut world = healthy();
        let interface = |node: usize| json!({"id": format!("eni-{node}"), "subnet": "subnet-pods0", "attachment": {"instance": format!("i-{node}")},
            "addresses": held.iter().filter(|(_, of)| **of == node).map(|(at, _)| json!({"private": format!("10.0.20.{at}")})).collect::<Vec<_>>()});
        world["vpc"]["interfaces"]["read"] = (0..4).map(interface).collect();
        world["vpc"]["subnets"]["read"][2]["cidr"] = json!("10.0.20.0/25");
        world["vpc"]["subnets"]["read"][2]["available"] = json!(128 - 5 - held.len());
        let survey = survey(&world);
        let map = prefix_map(&survey.vpc, survey.vpc.subnet("subnet-pods0").unwrap()).unwrap();
        let broken = |at: usize| matches!(map.blocks[at], Block::Broken | Block::Full);
        let freed = |gone: &[usize]| (0..map.blocks.len()).filter(|at| broken(*at) && held.iter().all(|(address, of)| usize::from(*address) / 16 != *at || gone.contains(of))).count();
        let possible = (0..16usize).map(|set| (0..4).filter(|node| set >> node & 1 == 1).collect::<Vec<_>>());
        let best = possible.filter(|set| wanted <= freed(set)).map(|set| set.len()).min();
        match drain(&survey.vpc, &map, wanted) {
            None => prop_assert!(best.is_none()),
            Some(found) => {
                let gone: Vec<usize> = found.instances.iter().map(|id| id[2..].parse().unwrap()).collect();
                prop_assert_eq!(freed(&gone), found.frees);
                prop_assert!(wanted <= found.frees);
                // Set cover: the smallest set, as long as one is found by trying.
                prop_assert_eq!(Some(gone.len()), best);
            }
        }
        let fits = |len: u8| (0..8usize).step_by(1 << (28 - len)).any(|at| (at..at + (1 << (28 - len))).all(|one| map.blocks.get(one) == Some(&Block::Free)));
        prop_assert_eq!(largest_reservation(&map).map(|most| most.prefix_len()), (25..=28).find(|len| fits(*len)));
    }
}
