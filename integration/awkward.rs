//! What others made is seldom tidy: VPCs with holes, several ranges and tables of everybody's, settings that other managers hold, and runs
//! that end in the middle. The real binary against the emulated EC2 and EKS, and a real Kubernetes API server.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use eksnet::line::Stopped;
use eksnet::observed::survey::Survey;
use eksnet::survey::{document, free_addresses};

use crate::among_others::{
    DAEMON_SET, ENI_CONFIGS, REGION, cluster, env, network, of, of_ec2, of_eks, read, run,
    surveyed, untouched,
};
use crate::emulator::{self, Session};
use crate::existing::{compiled, ids};
use crate::kubernetes::{self, Cluster};
use crate::project::{Project, ok};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

fn subnet(cidr: &str, zone: &str, tags: &[(&str, &str)]) -> Value {
    let tags: Vec<Value> =
        tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    let zone = format!("{REGION}{zone}");
    let vpc = of(0, &["Vpc", "VpcId"]);
    let mut asked = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
    if !tags.is_empty() {
        asked["TagSpecifications"] = json!([{ "ResourceType": "subnet", "Tags": tags }]);
    }
    json!(["ec2", "create_subnet", asked])
}

/// CIDR, zone, tags.
type Stranger = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Subnets of five tools in three ranges: small ones with holes between them, one that is nearly a quarter of the VPC, and the last block.
const STRANGERS: &[Stranger] = &[
    ("10.0.0.0/28", "a", &[("KubernetesCluster", "kops.example.com")]),
    ("10.0.0.48/28", "b", &[]),
    ("10.0.1.128/25", "c", &[("aws-cdk:subnet-name", "db"), ("aws-cdk:subnet-type", "Isolated")]),
    ("10.0.8.0/21", "a", &[("Name", "shop-private-a"), ("ManagedBy", "terraform")]),
    ("10.0.16.0/21", "b", &[("Name", "shop-private-b"), ("ManagedBy", "terraform")]),
    ("10.0.24.0/21", "c", &[("Name", "shop-private-c"), ("ManagedBy", "terraform")]),
    ("10.0.64.0/18", "a", &[("alpha.eksctl.io/cluster-name", "old")]),
    ("10.0.255.240/28", "b", &[]),
    ("10.1.0.64/26", "c", &[("sigs.k8s.io/cluster-api-provider-aws/cluster/dev", "owned")]),
    ("100.64.0.16/28", "a", &[]),
    ("100.64.8.0/22", "b", &[]),
];

/// A VPC of three ranges. The main table leads to the internet and rules whoever has none of its own; one table is shared by three subnets.
fn untidy(session: &Session) -> String {
    let vpc = of(0, &["Vpc", "VpcId"]);
    let mut calls = vec![
        json!(["ec2", "create_vpc", { "CidrBlock": "10.0.0.0/16" }]),
        json!(["ec2", "modify_vpc_attribute", { "VpcId": vpc, "EnableDnsHostnames": { "Value": true } }]),
        json!(["ec2", "associate_vpc_cidr_block", { "VpcId": vpc, "CidrBlock": "10.1.0.0/20" }]),
        json!(["ec2", "associate_vpc_cidr_block", { "VpcId": vpc, "CidrBlock": "100.64.0.0/16" }]),
        json!(["ec2", "create_internet_gateway", {}]),
        json!(["ec2", "attach_internet_gateway", { "VpcId": vpc, "InternetGatewayId": of(4, &["InternetGateway", "InternetGatewayId"]) }]),
        json!(["ec2", "describe_route_tables", { "Filters": [{ "Name": "vpc-id", "Values": [vpc] }] }]),
        json!(["ec2", "create_route", {
            "RouteTableId": { "$": [6, "RouteTables", 0, "RouteTableId"] }, "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": of(4, &["InternetGateway", "InternetGatewayId"]) }]),
        json!(["ec2", "allocate_address", { "Domain": "vpc" }]),
    ];
    let first = calls.len();
    calls.extend(STRANGERS.iter().map(|(cidr, zone, tags)| subnet(cidr, zone, tags)));
    let id = |at: usize| of(first + at, &["Subnet", "SubnetId"]);
    let gateway = calls.len();
    let table = gateway + 1;
    let shared = of(table, &["RouteTable", "RouteTableId"]);
    calls.push(json!(["ec2", "create_nat_gateway", { "SubnetId": id(1), "AllocationId": of(8, &["AllocationId"]) }]));
    calls.push(json!(["ec2", "create_route_table", { "VpcId": vpc }]));
    calls.push(json!(["ec2", "create_route", {
        "RouteTableId": shared, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": of(gateway, &["NatGateway", "NatGatewayId"]) }]));
    calls.extend((3..6).map(
        |at| json!(["ec2", "associate_route_table", { "RouteTableId": shared, "SubnetId": id(at) }]),
    ));
    for (at, cidr, kind) in [(3, "10.0.10.0/23", "prefix"), (6, "10.0.96.0/19", "explicit")] {
        calls.push(json!(["ec2", "create_subnet_cidr_reservation", { "SubnetId": id(at), "Cidr": cidr, "ReservationType": kind }]));
    }
    // A list of their own that a rule of the default group names.
    calls.push(json!(["ec2", "create_managed_prefix_list", {
        "PrefixListName": "offices", "MaxEntries": 2, "AddressFamily": "IPv4", "Entries": [{ "Cidr": "192.0.2.0/24" }] }]));
    let answers = session.by_hand(REGION, &json!(calls));
    answers[0]["Vpc"]["VpcId"].as_str().unwrap().to_string()
}

fn blueprint(vpc: &str) -> String {
    format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: data, region: {REGION} }}\n\
         vpc: {{ id: {vpc}, secondaryCidrs: [10.1.0.0/20, 100.64.0.0/16, 100.65.0.0/16] }}\ntiers:\n\
         \x20 - {{ name: private, existing: {{ tags: {{ Name: \"shop-private-*\" }} }} }}\n\
         \x20 - {{ name: nodes, size: /22, egress: {{ like: private }}, serves: [nodes] }}\n\
         \x20 - {{ name: small, size: /28, egress: none }}\n\
         \x20 - {{ name: second, size: /24, from: 10.1.0.0/20, egress: none }}\n\
         \x20 - {{ name: pods, size: /19, from: 100.64.0.0/16, egress: {{ like: private }}, serves: [pods] }}\n\
         \x20 - {{ name: added, size: /18, from: 100.65.0.0/16, egress: {{ like: private }} }}\n"
    )
}

/// EC2 counts what is reserved for prefixes as taken, and it is free for them.
fn reservations_are_counted(project: &Project) {
    let text = std::fs::read_to_string(project.path().join("survey.json")).unwrap();
    let survey = document::parse(&text).unwrap();
    let subnets = survey.vpc.subnets.read().unwrap();
    let of = |cidr: &str| subnets.iter().find(|one| one.cidr == Some(cidr.parse().unwrap()));
    let (reserved, plain) = (of("10.0.8.0/21").unwrap(), of("10.0.16.0/21").unwrap());
    assert_eq!((reserved.available, plain.available), (2048 - 5 - 512, 2048 - 5));
    let free = free_addresses(&survey.vpc, reserved);
    assert_eq!(free.total(), 2048 - 5, "{free:?}");
    assert_eq!(survey.vpc.reservations.read().map(Vec::len), Some(2));
}

/// Holes, three ranges and a fourth, the main table, a shared one, subnets of other tools.
#[test]
fn a_vpc_of_holes_and_several_ranges_is_fitted_around_and_left_as_it_was() {
    let Some(session) = emulator::start() else { return };
    let vpc = untidy(&session);
    let before = of_ec2(&session);
    let project = Project::of(&blueprint(&vpc));
    std::fs::remove_file(project.path().join("shop.yaml")).unwrap();
    ok(&run(&project, &session, &["init", "--from", &vpc, "--region", REGION]));
    let survey = ["survey", "--vpc", &vpc, "--region", REGION, "--out", "survey.json"];
    ok(&run(&project, &session, &survey));
    let file = std::fs::read_dir(project.path()).unwrap().map(|one| one.unwrap().file_name());
    let file = file.filter_map(|one| one.into_string().ok());
    let file = file.into_iter().find(|one| one.ends_with(".yaml")).unwrap();
    ok(&run(&project, &session, &["check", &file, "--survey", "survey.json"]));
    reservations_are_counted(&project);
    std::fs::remove_file(project.path().join(&file)).unwrap();

    project.write();
    ok(&run(&project, &session, &["deploy", "shop.yaml", "--yes"]));
    untouched(&before, &session);
    let made: Vec<Ipv4Net> = of_ec2(&session)
        .into_iter()
        .filter(|(id, _)| id.starts_with("subnet-") && !before.contains_key(id))
        .map(|(_, one)| one["CidrBlock"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(made.len(), 15, "{made:?}");
    let strangers = STRANGERS.iter().map(|(cidr, ..)| cidr.parse::<Ipv4Net>().unwrap());
    let all: Vec<Ipv4Net> = strangers.chain(made).collect();
    for (at, one) in all.iter().enumerate() {
        let over = all[at + 1..].iter().find(|own| own.contains(one) || one.contains(*own));
        assert_eq!(over, None, "{one}");
    }
    let status = run(&project, &session, &["status", "shop.yaml", "--exit-code"]);
    ok(&status);
    ok(&run(&project, &session, &["destroy", "shop.yaml", "--confirm", "data"]));
    assert_eq!(of_ec2(&session), before);
}

/// A VPC with up to thirty subnets of others in up to three ranges, as far as EC2 creates them.
fn anything(dice: &mut Dice) -> Vec<Value> {
    let ranges: &[Ipv4Net] =
        &["10.0.0.0/16", "10.1.0.0/19", "100.64.0.0/16"].map(|cidr| cidr.parse().unwrap());
    let ranges = &ranges[..1 + dice.roll(3) as usize];
    let vpc = of(0, &["Vpc", "VpcId"]);
    let mut calls = vec![json!(["ec2", "create_vpc", { "CidrBlock": "10.0.0.0/16" }])];
    calls.extend(ranges[1..].iter().map(|cidr| {
        json!(["ec2", "associate_vpc_cidr_block", { "VpcId": vpc, "CidrBlock": cidr.to_string() }])
    }));
    let mut taken: Vec<Ipv4Net> = Vec::new();
    for _ in 0..dice.roll(30) {
        let range = ranges[dice.roll(ranges.len() as u64) as usize];
        let len = 19 + dice.roll(10) as u8;
        let at = u32::from(range.network()) + dice.roll(1 << (32 - range.prefix_len())) as u32;
        let cidr = Ipv4Net::new(at.into(), len).unwrap().trunc();
        if range.contains(&cidr)
            && !taken.iter().any(|own| own.contains(&cidr) || cidr.contains(own))
        {
            taken.push(cidr);
            let zone = ["a", "b", "c"][dice.roll(3) as usize];
            calls.push(subnet(&cidr.to_string(), zone, &[]));
        }
    }
    calls
}

/// The allocator says what is free, and the emulated EC2, which knows nothing of it, creates every one of them.
#[test]
fn ec2_creates_every_subnet_that_is_planned_around_those_of_others() {
    let Some(session) = emulator::start() else { return };
    let (mut dice, mut planned) = (Dice(19), 0);
    for turn in 0..25 {
        let answers = session.by_hand(REGION, &json!(anything(&mut dice)));
        let vpc = answers[0]["Vpc"]["VpcId"].as_str().unwrap().to_string();
        let text = blueprint(&vpc)
            .lines()
            .filter(|line| !line.contains("existing") && !line.contains("name: second"))
            .map(|line| line.replace("10.1.0.0/20, ", "").replace("{ like: private }", "none"))
            .map(|line| line.replace("serves: [nodes]", "serves: []") + "\n")
            .collect::<String>();
        let project = Project::of(&text);
        let survey = ["survey", "--vpc", &vpc, "--region", REGION, "--out", "survey.json"];
        ok(&run(&project, &session, &survey));
        let survey: Survey =
            document::parse(&std::fs::read_to_string(project.path().join("survey.json")).unwrap())
                .unwrap();
        let built = match compiled(&text, Some(&survey), None) {
            Ok(built) => built,
            Err(Stopped::Findings(_, found)) => {
                assert!(ids(&found).contains(&"ADR-04"), "turn {turn}: {found:?}");
                continue;
            }
            Err(Stopped::Failure(failure)) => panic!("turn {turn}: {}", failure.chain()),
        };
        planned += 1;
        let stands = survey.vpc.cidrs();
        let added = ["100.64.0.0/16", "100.65.0.0/16"].map(|cidr| cidr.parse::<Ipv4Net>().unwrap());
        let added = added.iter().filter(|cidr| !stands.contains(cidr));
        let mut calls: Vec<Value> = added
            .map(|cidr| json!(["ec2", "associate_vpc_cidr_block", { "VpcId": vpc, "CidrBlock": cidr.to_string() }]))
            .collect();
        calls.extend(built.plan.made().map(|own| {
            json!(["ec2", "create_subnet", { "VpcId": vpc, "CidrBlock": own.cidr.to_string(), "AvailabilityZoneId": own.zone.id }])
        }));
        assert_eq!(built.plan.made().count(), 12, "turn {turn}");
        session.by_hand(REGION, &json!(calls));
    }
    assert!(15 <= planned, "{planned} of 25 have room");
}

/// A blueprint that moves the cluster's pods, with new nodes that have to wait for the settings.
fn moving(session: &Session) -> Project {
    let project = surveyed(session);
    let wrote = ["rescue", "shop.yaml", "--survey", "survey.json", "--write", "5"];
    ok(&run(&project, session, &wrote));
    let group = "nodeGroups:\n  - { name: moved, tier: nodes, instanceTypes: [m6i.xlarge], scaling: { min: 1, desired: 3, max: 6 } }\n";
    std::fs::write(project.path().join("shop.yaml"), read(&project) + group).unwrap();
    project
}

const UPDATE_OF_ADDON: &str = "addons/vpc-cni/update";

/// (call, how often it came before in the same run)
type Step = (&'static str, u32);

/// Refused at the call; then ended, without a chance to say anything, once the call has come in.
fn stopped_at((call, skip): Step, (project, session): (&Project, &Session), arguments: &[&str]) {
    let denied = json!([{ "match": call, "fault": "denied", "skip": skip, "times": 99 }]);
    let proxy = session.proxy(&denied);
    let refused = project.run(&proxy.environment, arguments);
    assert!(
        refused.code != 0 && refused.err.contains("  help: "),
        "{call}: {}{}",
        refused.out,
        refused.err
    );
    proxy.rule(&json!([{ "match": call, "fault": "slow", "skip": skip, "times": 1 }]));
    let mut child = project.start(&proxy.environment, arguments);
    proxy.until_fault("slow");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Each step of a move and of the way back is refused once and cut off once; the same command goes on every time.
#[test]
fn a_move_that_ends_at_any_step_goes_on_and_goes_back() {
    let Some(api) = kubernetes::start() else { return };
    let Some(session) = emulator::start() else { return };
    let (_, subnets) = network(&session);
    cluster(&session, &api, &subnets);
    let (ec2, eks, variables) = (of_ec2(&session), of_eks(&session), env(&api));
    let project = moving(&session);
    let deploy = ["deploy", "shop.yaml", "--yes"];
    for step in [
        ("CreateChangeSet$", 0),
        ("ExecuteChangeSet$", 0),
        (UPDATE_OF_ADDON, 0),
        ("CreateChangeSet$", 0),
        ("ExecuteChangeSet$", 0),
    ] {
        stopped_at(step, (&project, &session), &deploy);
        untouched(&ec2, &session);
    }
    ok(&run(&project, &session, &deploy));
    let again = run(&project, &session, &deploy);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
    untouched(&ec2, &session);
    let (others, values, _) = of_eks(&session);
    assert_eq!((&others, &values["tolerations"]), (&eks.0, &eks.1["tolerations"]));
    assert_eq!(values["env"]["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"], "true");
    assert_eq!(api.read(ENI_CONFIGS)["items"].as_array().unwrap().len(), 3);

    let destroy = ["destroy", "shop.yaml", "--confirm", "shop-network"];
    for step in [(UPDATE_OF_ADDON, 0), ("DeleteStack$", 0)] {
        stopped_at(step, (&project, &session), &destroy);
        untouched(&ec2, &session);
    }
    ok(&run(&project, &session, &destroy));
    assert_eq!(of_ec2(&session), ec2);
    assert_eq!((of_eks(&session), env(&api)), (eks, variables));
    assert!(api.read(ENI_CONFIGS)["items"].as_array().unwrap().is_empty());
}

/// The DaemonSet's value and who set it.
fn set_by(api: &Cluster, manager: &str, name: &str, value: &str) {
    let container = json!({ "name": "aws-node", "env": [{ "name": name, "value": value }] });
    let daemon_set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": { "name": "aws-node", "namespace": "kube-system" },
        "spec": { "template": { "spec": { "containers": [container] } } },
    });
    api.apply(manager, DAEMON_SET, &daemon_set);
}

fn value(api: &Cluster, name: &str) -> Option<String> {
    let all = env(api);
    let own = all.as_array()?.iter().find(|one| one["name"] == name)?;
    own["value"].as_str().map(str::to_string)
}

/// aws-node without the add-on, set by other field managers of the real API server: shown, refused, taken when asked for, and given back.
#[test]
fn settings_that_other_managers_hold_are_taken_only_when_asked_for_and_come_back() {
    let Some(api) = kubernetes::start() else { return };
    let Some(session) = emulator::start() else { return };
    let (_, subnets) = network(&session);
    cluster(&session, &api, &subnets);
    let gone = json!([["eks", "delete_addon", { "clusterName": "shop", "addonName": "vpc-cni" }]]);
    session.by_hand(REGION, &gone);
    let managers = [("helm", "WARM_IP_TARGET", "9"), ("kubectl-edit", "WARM_ENI_TARGET", "3")];
    managers.iter().for_each(|(manager, name, value)| set_by(&api, manager, name, value));
    let (ec2, variables) = (of_ec2(&session), env(&api));
    let project = surveyed(&session);
    let wrote = ["rescue", "shop.yaml", "--survey", "survey.json", "--write", "warmPool"];
    ok(&run(&project, &session, &wrote));
    let text = read(&project);
    assert!(text.contains("management: selfManaged"), "{text}");
    std::fs::write(
        project.path().join("shop.yaml"),
        text.replace("warm: { ips: 2 }", "warm: { ips: 2, enis: 1 }"),
    )
    .unwrap();
    ok(&run(&project, &session, &["check", "shop.yaml", "--survey", "survey.json"]));
    let refused = run(&project, &session, &["deploy", "shop.yaml", "--yes"]);
    assert!(refused.code == 1 && refused.err.contains("--take-over"), "{}", refused.err);
    for (manager, name, before) in managers {
        let line = format!("{name}: {before} → ");
        let named = refused.err.lines().find(|own| own.contains(&line));
        assert!(named.is_some_and(|own| own.contains(manager)), "{manager}: {}", refused.err);
        assert_eq!(value(&api, name).as_deref(), Some(before));
    }
    ok(&run(&project, &session, &["deploy", "shop.yaml", "--yes", "--take-over"]));
    assert_eq!(value(&api, "WARM_IP_TARGET").as_deref(), Some("2"));
    let again = run(&project, &session, &["deploy", "shop.yaml", "--yes"]);
    ok(&again);
    assert!(again.out.contains("no change"), "{}", again.out);
    ok(&run(&project, &session, &["destroy", "shop.yaml", "--confirm", "shop-network"]));
    for (_, name, before) in managers {
        assert_eq!(value(&api, name).as_deref(), Some(before), "{:?} was {variables}", env(&api));
    }
    assert_eq!(of_ec2(&session), ec2);
}
