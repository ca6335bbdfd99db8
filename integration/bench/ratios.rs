//! What must not grow faster than the work: ratios of two measurements that take turns in one run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use eksnet::address::overlap::overlaps;
use eksnet::line::{self, Request, Stopped};
use eksnet::report::findings::{Checked, human};

use super::{claim_all, fleet, lay_out, prefixes};

pub fn print() {
    let (small, large) = (fleet(1_000), fleet(10_000));
    let layouts =
        |fleet: &[String]| fleet.iter().map(|text| lay_out(text).plan.subnets.len()).sum::<usize>();
    println!(
        "layout of 10,000 blueprints / of 1,000: {:.1} (linear: 10)",
        ratio(3, || layouts(&large), || layouts(&small))
    );
    for size in SIZES {
        let (one, eight) = ((size.text)(size.count), (size.text)(8 * size.count));
        let ratio = ratio(3, || judge(&eight), || judge(&one));
        println!("{} {} / {}: {ratio:.1} (linear: 8)", 8 * size.count, size.what, size.count);
    }
    let (few, many) = (prefixes(10_000), prefixes(100_000));
    println!(
        "claims of 100,000 prefixes / of 10,000: {:.1} (n log n: 12.5)",
        ratio(5, || claim_all(&many), || claim_all(&few))
    );
    println!(
        "overlap sweep of 100,000 prefixes / of 10,000: {:.1} (n log n: 12.5)",
        ratio(9, || overlaps(&many).len(), || overlaps(&few).len())
    );
    related(&small);
    many_members();
    memory(&small);
    blocks();
    diagnosis();
    let sort = || {
        let mut sorted = many.clone();
        sorted.sort_unstable();
        sorted.len()
    };
    println!(
        "overlap sweep of 100,000 prefixes / their sort: {:.1} (goal: 3 at most)",
        ratio(9, || overlaps(&many).len(), sort)
    );
}

/// The /28 blocks of a /16 with 20,000 addresses on 1,000 interfaces.
fn blocks() {
    use eksnet::observed::Part;
    use eksnet::observed::survey::{Address, Interface, Subnet, VpcSurvey};
    let subnet =
        Subnet { id: "subnet-1".into(), cidr: "10.0.0.0/16".parse().ok(), ..Subnet::default() };
    // Scattered: a step that is odd meets every address once.
    let address = |at: u32| Address {
        private: std::net::Ipv4Addr::from(0x0a00_0000 + (at * 26_989) % 65_536),
        public: None,
    };
    let interface = |at: u32| Interface {
        id: format!("eni-{at}"),
        subnet: "subnet-1".into(),
        addresses: (0..20).map(|slot| address(at * 20 + slot)).collect(),
        ..Interface::default()
    };
    let vpc = VpcSurvey {
        interfaces: Part::Read((0..1_000).map(interface).collect()),
        reservations: Part::Read(Vec::new()),
        ..VpcSurvey::default()
    };
    let held: Vec<_> = (0..20_000).map(|at| address(at).private).collect();
    let sort = || {
        let mut sorted = held.clone();
        sorted.sort_unstable();
        sorted.len()
    };
    let map = || eksnet::survey::prefix_map(&vpc, &subnet).map_or(0, |map| map.blocks.len());
    println!(
        "/28 blocks of a /16 with 20,000 addresses / their sort: {:.1} (goal: 3 at most)",
        ratio(9, map, sort)
    );
    println!(
        "/28 blocks of a /16 with 20,000 addresses: {:.1} ms (goal: 50 at most)",
        took(9, map)
    );
}

/// The shortest of some runs, in milliseconds.
fn took<T>(times: usize, work: impl Fn() -> T) -> f64 {
    let once = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64() * 1_000.0
    };
    (0..times).map(once).fold(f64::INFINITY, f64::min)
}

/// A saved survey, read and judged by every check.
fn diagnosis() {
    use eksnet::doctor::judge;
    use eksnet::survey::document;
    let (few, many) = (cluster(50), cluster(500));
    let read = |text: &str| {
        let survey = document::parse(text).expect("it is a survey");
        let diagnosis = judge(&survey, &[]);
        diagnosis.fine.len() + diagnosis.roots.len()
    };
    println!(
        "doctor of 500 nodes / of 50: {:.1} (linear: 10)",
        ratio(5, || read(&many), || read(&few))
    );
    println!("doctor of 500 nodes: {:.0} ms (goal: 1,000 at most)", took(5, || read(&many)));
}

/// The survey of so many nodes in three zones, each with three interfaces of ten addresses and twenty pods.
fn cluster(nodes: usize) -> String {
    use serde_json::{Value, json};
    let read = |rows: Vec<Value>| json!({ "read": rows });
    let subnet = |zone: usize| json!({"id": format!("subnet-{zone}"), "cidr": format!("10.{zone}.0.0/16"), "zoneName": format!("eu-west-1{zone}"), "available": 9_000});
    let table = json!({"id": "rtb-1", "main": true, "routes": [{"destination": "0.0.0.0/0", "target": "nat-1"}]});
    let interface = |at: usize| {
        let (node, card) = (at / 3, at % 3);
        let address = |slot: usize| json!({"private": format!("10.{}.{}.{}", node % 3, at / 9 % 256, (at % 9 * 10 + slot) % 250 + 4)});
        json!({"id": format!("eni-{at}"), "subnet": format!("subnet-{}", node % 3), "groups": ["sg-1"],
            "attachment": {"instance": format!("i-{node}"), "deviceIndex": card}, "addresses": (0..10).map(address).collect::<Vec<_>>()})
    };
    let instance = |at: usize| json!({"id": format!("i-{at}"), "instanceType": "m6i.large", "subnet": format!("subnet-{}", at % 3), "state": "running", "groups": ["sg-1"]});
    let node = |at: usize| {
        json!({"name": format!("node-{at}"), "instance": format!("i-{at}"), "pods": 29, "labels": {"node.kubernetes.io/instance-type": "m6i.large"},
            "conditions": [{"kind": "Ready", "status": "True"}]})
    };
    let pod = |at: usize| json!({"namespace": "shop", "name": format!("web-{at}"), "node": format!("node-{}", at / 20), "phase": "Running", "labels": {"app": "web"}});
    let rule = |egress: bool| json!({"egress": egress, "protocol": "-1", "cidr": "0.0.0.0/0"});
    let kind = json!({"name": "m6i.large", "hypervisor": "nitro", "interfaces": 3, "addressesPerInterface": 10});
    let policy = json!({"namespace": "shop", "name": "out", "types": ["Egress"], "egress": [{}]});
    json!({
        "schemaVersion": 1,
        "header": {"read": "2026-11-28T14:00:00Z", "region": "eu-west-1", "cluster": "shop", "vpc": "vpc-1"},
        "vpc": {
            "vpc": {"read": {"id": "vpc-1", "cidrs": [{"cidr": "10.0.0.0/14", "state": "associated"}]}},
            "subnets": read((0..3).map(subnet).collect()), "reservations": read(Vec::new()), "routeTables": read(vec![table]),
            "natGateways": read(vec![json!({"id": "nat-1", "subnet": "subnet-0", "state": "available"})]), "endpoints": read(Vec::new()),
            "networkAcls": read(Vec::new()), "securityGroups": read(vec![json!({"id": "sg-1", "rules": [rule(false), rule(true)]})]),
            "interfaces": read((0..nodes * 3).map(interface).collect()),
        },
        "eks": {
            "cluster": {"read": {"name": "shop", "status": "ACTIVE", "clusterSecurityGroup": "sg-1", "endpointPrivate": true}},
            "nodeGroups": read(vec![json!({"name": "general", "status": "ACTIVE", "subnets": ["subnet-0", "subnet-1", "subnet-2"]})]),
            "instances": read((0..nodes).map(instance).collect()), "instanceTypes": read(vec![kind]),
        },
        "kubernetes": {
            "awsNode": {"read": {"name": "aws-node", "desired": nodes, "ready": nodes, "containers": [{"name": "aws-node", "env": {}}]}},
            "nodes": read((0..nodes).map(node).collect()), "pods": read((0..nodes * 20).map(pod).collect()),
            "networkPolicies": read(vec![policy]), "services": read(Vec::new()), "endpointSlices": read(Vec::new()), "events": read(Vec::new()),
        },
    })
    .to_string()
}

/// A fleet held together, against its members checked apart on as many cores.
fn related(fleet: &[String]) {
    use eksnet::fleet::{Ground, Member, cores, relate};
    let apart = || cores::on_all(fleet, |text| judge(text)).len();
    let together = || {
        let members = cores::on_all(fleet, |text| {
            let compiled = lay_out(text);
            black_box(compiled.template.to_json().len());
            Member::of(&compiled.document, &compiled.intent)
        });
        relate(&members, &Ground::default()).members.len()
    };
    println!(
        "1,000 blueprints checked and related / checked apart: {:.2} (goal: 1.5 at most)",
        ratio(3, together, apart)
    );
    let (one, all) = (|| fleet.iter().map(|text| judge(text)).sum::<usize>(), apart);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "1,000 blueprints on one core / on {cores}: {:.2} (linear: {cores})",
        ratio(3, one, all)
    );
    let held: Vec<_> = prefixes(100_000).into_iter().zip(0..).collect();
    let sort = || {
        let mut sorted = held.clone();
        sorted.sort_unstable();
        sorted.len()
    };
    println!(
        "sweep of a fleet's 100,000 ranges / their sort: {:.1} (goal: 3 at most)",
        ratio(9, || eksnet::fleet::sweep::clashes(&held).len(), sort)
    );
}

/// Every rule between so many members of one Region, each with a range of its own and one that it shares with all others.
fn many_members() {
    use eksnet::fleet::{Ground, Member, relate};
    let compiled = lay_out(&fleet(1)[0]);
    let one = Member::of(&compiled.document, &compiled.intent);
    let members = |count: u32| -> Vec<Member> {
        let ranges = prefixes(count).into_iter().enumerate();
        let member = |(at, cidr)| {
            let mut member = one.clone();
            member.name = format!("m{at}");
            let shared = member.ranges[0].clone();
            member.ranges[0].cidr = cidr;
            member.ranges.push(shared);
            member
        };
        ranges.map(member).collect()
    };
    let (few, many) = (members(1_000), members(10_000));
    let related = |members: &[Member]| relate(members, &Ground::default()).members.len();
    println!(
        "relating 10,000 members / 1,000: {:.1} (n log n: 13.3)",
        ratio(5, || related(&many), || related(&few))
    );
}

/// The most that `fleet check` holds at once: what is compiled of a member goes before the next one is.
fn memory(fleet: &[String]) {
    let most = |count: usize| -> Option<f64> {
        let folder = tempfile::tempdir().ok()?;
        for (at, text) in fleet[..count].iter().enumerate() {
            std::fs::write(folder.path().join(format!("m{at}.yaml")), text).ok()?;
        }
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eksnet"));
        let command = command.args(["fleet", "check", "-o", "json"]).current_dir(folder.path());
        let nowhere = std::process::Stdio::null;
        let mut child = command.stdout(nowhere()).stderr(nowhere()).spawn().ok()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = None;
        // Linux tells it as long as the process is there.
        while child.try_wait().ok()?.is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let size = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            peak = size.or(peak);
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    };
    if let (Some(many), Some(few)) = (most(1_000), most(100)) {
        println!(
            "memory of a fleet's check with 1,000 members / with 100: {:.1} (all of them: 10)",
            many / few
        );
    }
}

/// A blueprint that is large in one respect.
struct Size {
    what: &'static str,
    count: usize,
    text: fn(usize) -> String,
}

const SIZES: &[Size] = &[
    Size { what: "tiers", count: 100, text: tiers },
    Size { what: "routes", count: 500, text: routes },
    Size { what: "findings", count: 1_000, text: findings },
    Size { what: "node groups", count: 50, text: node_groups },
    Size { what: "tags", count: 1_000, text: tags },
];

const HEAD: &str = "apiVersion: eksnet/v1\nkind: Blueprint\nzones: 3\n";
const METADATA: &str = "metadata: { name: shop, region: eu-west-1 }\n";
const PUBLIC: &str = "  - { name: public, size: /24, egress: internet }\n";

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).map(row).collect()
}

fn tiers(count: usize) -> String {
    let rows = rows(count, |at| {
        format!("  - {{ name: t{at}, size: /28, egress: none, from: 10.1.0.0/16 }}\n")
    });
    let vpc = "vpc: { cidr: 10.0.0.0/16, secondaryCidrs: [10.1.0.0/16] }\n";
    format!("{HEAD}{METADATA}{vpc}tiers:\n{PUBLIC}{rows}")
}

fn routes(count: usize) -> String {
    let rows = rows(count, |at| {
        format!("      - {{ to: 192.168.{}.{}/30, via: pcx-{at} }}\n", at / 64, at % 64 * 4)
    });
    let tier = "  - name: a\n    size: /24\n    routes:\n";
    format!("{HEAD}{METADATA}tiers:\n{PUBLIC}{tier}{rows}")
}

fn findings(count: usize) -> String {
    let rows = rows(count, |at| format!("  - {{ name: t{at}, size: /{}, egres: x }}\n", at % 16));
    format!("{HEAD}{METADATA}tiers:\n{PUBLIC}{rows}")
}

fn node_groups(count: usize) -> String {
    let rows = rows(count, |at| format!("  - {{ name: g{at} }}\n"));
    format!("{HEAD}{METADATA}cluster: {{}}\nnodeGroups:\n{rows}")
}

fn tags(count: usize) -> String {
    let rows = rows(count, |at| format!("    k{at}: v\n"));
    format!("{HEAD}metadata:\n  name: shop\n  region: eu-west-1\n  tags:\n{rows}")
}

/// The whole line, findings and their print included.
fn judge(text: &str) -> usize {
    let reading = eksnet::blueprint::read("shop.yaml", text.as_bytes().to_vec());
    let Some(document) = reading.document else { return reading.findings.len() };
    let source = document.source.clone();
    let request = Request { found: reading.findings, ..Request::new(document) };
    match line::compile(request) {
        Ok(compiled) => compiled.template.to_json().len(),
        Err(Stopped::Findings(_, findings)) => {
            human(&Checked { source: &source, findings: &findings }).len()
        }
        Err(Stopped::Failure(failure)) => panic!("{}", failure.chain()),
    }
}

/// Least time of one over least time of the other.
fn ratio<T>(rounds: usize, one: impl Fn() -> T, other: impl Fn() -> T) -> f64 {
    let pairs: Vec<(Duration, Duration)> =
        (0..rounds).map(|_| (time(&one), time(&other))).collect();
    let least = |of: fn(&(Duration, Duration)) -> Duration| {
        pairs.iter().map(of).min().unwrap_or_default().as_secs_f64()
    };
    least(|pair| pair.0) / least(|pair| pair.1)
}

fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}
