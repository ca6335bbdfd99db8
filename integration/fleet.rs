//! Many blueprints with one address plan: every rule of a fleet broken once, ranges that never move, groups of equal changes, and what
//! other engines run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use eksnet::fleet::ground::Ground;
use eksnet::fleet::layout::{Seeker, plan};
use eksnet::fleet::ledger::{self, FleetLedger};
use eksnet::fleet::member::Spot;
use eksnet::fleet::{Member, relate, roster};
use ipnet::Ipv4Net;
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, build, document, root, run, snapshot};

/// A member, clean in every rule.
fn member(name: &str, region: &str, cidr: &str) -> String {
    format!(
        r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: {{ name: {name}, region: {region} }}
zones: 2
vpc: {{ cidr: {cidr} }}
tiers:
  - {{ name: public, size: /26, egress: internet, serves: [externalLoadBalancers] }}
  - {{ name: nodes, size: /22, egress: nat, serves: [nodes] }}
  - {{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }}
securityGroups: {{ controlPlane: {{ ingress: [{{ from: 10.0.0.0/8 }}] }} }}
cluster:
  version: "1.34"
  serviceCidr: 172.20.0.0/16
  endpointAccess: {{ private: true, public: false }}
  access: [{{ principal: "arn:aws:iam::111122223333:role/ops", policy: AmazonEKSViewPolicy }}]
nodeGroups:
  - {{ name: general, tier: nodes, instanceTypes: [m6i.large], scaling: {{ min: 1, desired: 1, max: 3 }} }}
"#
    )
}

const FLEET: &str = r#"apiVersion: eksnet/v1
kind: Fleet
supernets:
  - { cidr: 10.64.0.0/11, regions: [eu-west-1], classes: { large: /16, small: /20 } }
reserved: [{ cidr: 10.72.0.0/16, why: data center }]
shared: [100.64.0.0/10]
connected: [{ members: ["*"], with: onPrem }]
members: clusters/*.yaml
accounts: { "*": { account: "111122223333", role: deploy } }
waves: [{ name: first, members: [shop] }, { name: rest, members: [pay], after: 30m }]
"#;

/// A folder with a fleet and two members.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("fleet.yaml", FLEET);
        folder.write("clusters/shop.yaml", &member("shop", "eu-west-1", "10.80.0.0/20"));
        folder.write("clusters/pay.yaml", &member("pay", "eu-west-1", "{ class: small }"));
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no `{from}`:\n{text}");
        self.write(file, &text.replacen(from, to, 1));
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(self.path(), &[&["fleet"], arguments].concat(), &[])
    }

    /// (rule, file, line's text) of everything that `fleet check` finds.
    fn found(&self) -> Vec<(String, String, String)> {
        let json = self.run(&["check", "-o", "json"]).json();
        let row = |finding: &Value| {
            let file = finding["file"].as_str().unwrap().to_string();
            let line = finding["line"].as_u64().unwrap() as usize;
            let text = self.read(&file).lines().nth(line - 1).unwrap_or_default().to_string();
            (finding["rule"].as_str().unwrap().to_string(), file, text)
        };
        json["findings"].as_array().unwrap().iter().map(row).collect()
    }
}

/// (rule, (file, what is replaced, by what) …, the file of the finding, a word of its line)
type Broken = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
    &'static str,
    &'static str,
);

const SHOP: &str = "clusters/shop.yaml";
const PAY: &str = "clusters/pay.yaml";

const BROKEN: &[Broken] = &[
    ("FLT-01", &[(PAY, "{ class: small }", "10.80.0.0/16")], SHOP, "cidr: 10.80.0.0/20"),
    ("FLT-02", &[(SHOP, "10.80.0.0/20", "10.40.0.0/20")], SHOP, "10.40.0.0/20"),
    ("FLT-03", &[(SHOP, "10.80.0.0/20", "10.72.0.0/20")], SHOP, "10.72.0.0/20"),
    (
        "FLT-04",
        &[
            (
                SHOP,
                "10.80.0.0/20 }",
                "10.80.0.0/20, secondaryCidrs: [100.64.0.0/16], keepFree: [100.64.0.0/17] }",
            ),
            (
                SHOP,
                "securityGroups:",
                "egress: { transitGateway: { id: tgw-0123456789abcdef0, destinations: [100.64.0.0/11] } }\nsecurityGroups:",
            ),
            (
                PAY,
                "{ class: small } }",
                "10.81.0.0/20, secondaryCidrs: [100.64.0.0/16], keepFree: [100.64.0.0/17] }",
            ),
        ],
        SHOP,
        "secondaryCidrs",
    ),
    (
        "FLT-05",
        &[(SHOP, "172.20.0.0/16", "10.64.0.0/16"), (PAY, "{ class: small }", "10.64.0.0/20")],
        SHOP,
        "serviceCidr",
    ),
    (
        "FLT-06",
        &[
            (PAY, "name: pay", "name: shop"),
            ("fleet.yaml", "members: [pay]", "members: [\"s?op-none\", shop]"),
            ("fleet.yaml", "[shop] }, {", "[shop] }] #"),
        ],
        SHOP,
        "name: shop",
    ),
    (
        "FLT-07",
        &[("fleet.yaml", "10.64.0.0/11", "10.80.0.0/19"), ("fleet.yaml", "large: /16, ", "")],
        "fleet.yaml",
        "10.80.0.0/19",
    ),
    (
        "FLT-08",
        &[("fleet.yaml", "10.64.0.0/11", "10.0.0.0/9"), (SHOP, "10.80.0.0/20", "10.1.0.0/20")],
        SHOP,
        "10.1.0.0/20",
    ),
    (
        "FLT-09",
        &[
            (PAY, "\"1.34\"", "\"1.33\""),
            ("fleet.yaml", "[shop] }, { name: rest, members: [pay]", "[shop, pay]"),
        ],
        SHOP,
        "name: shop",
    ),
    ("FLT-11", &[("fleet.yaml", "[\"*\"], with", "[\"*\", \"shpo\"], with")], "fleet.yaml", "shpo"),
    ("FLT-12", &[("fleet.yaml", "large: /16", "large: /10")], "fleet.yaml", "large: /10"),
    ("FLT-12", &[(PAY, "class: small", "class: smal")], PAY, "smal"),
    (
        "FLT-13",
        &[
            ("fleet.yaml", "members: [pay]", "members: [shop]"),
            ("fleet.yaml", "[shop] }, {", "[shop] }] #"),
        ],
        PAY,
        "name: pay",
    ),
    (
        "FLT-14",
        &[("fleet.yaml", "reserved:", "  - { cidr: 10.66.0.0/15 }\nreserved:")],
        "fleet.yaml",
        "10.66.0.0/15",
    ),
    ("FLT-16", &[("fleet.yaml", "\"111122223333\"", "\"1234\"")], "fleet.yaml", "1234"),
    ("FLT-16", &[("fleet.yaml", "30m", "soon")], "fleet.yaml", "soon"),
    ("FLT-16", &[("fleet.yaml", "role: deploy", "role: \"\"")], "fleet.yaml", "role: \"\""),
    ("FLT-16", &[("fleet.yaml", "role: deploy", "role: /a/b")], "fleet.yaml", "role: /a/b"),
    (
        "FLT-16",
        &[("fleet.yaml", "role: deploy", "role: \"arn:aws:iam::444455556666:role/x\"")],
        "fleet.yaml",
        "444455556666",
    ),
    (
        "FLT-16",
        &[("fleet.yaml", "role: deploy", "role: \"arn:aws:sts::111122223333:assumed-role/x/y\"")],
        "fleet.yaml",
        "assumed-role",
    ),
    ("FLT-16", &[("fleet.yaml", "role: deploy", "profile: \"\"")], "fleet.yaml", "profile"),
    ("FLT-16", &[("fleet.yaml", "name: rest", "name: \"\"")], "fleet.yaml", "name: \"\""),
    (
        "FLT-11",
        &[("fleet.yaml", "waves: [", "waves: [{ name: none, members: [] }, ")],
        "fleet.yaml",
        "members: []",
    ),
    ("BP-01", &[("fleet.yaml", "reserved:", "reservd:")], "fleet.yaml", "reservd"),
    ("VPC-02", &[("fleet.yaml", "10.72.0.0/16", "10.72.0.1/16")], "fleet.yaml", "10.72.0.1/16"),
    (
        "REG-01",
        &[("fleet.yaml", "[eu-west-1], classes", "[eu-west-1, eu-wset-2], classes")],
        "fleet.yaml",
        "eu-wset-2",
    ),
];

#[test]
fn a_clean_fleet_is_clean_and_every_rule_is_found_where_it_is_broken() {
    assert_eq!(Folder::new().found(), []);
    let mut wrong = Vec::new();
    for (rule, edits, file, word) in BROKEN {
        let folder = Folder::new();
        edits.iter().for_each(|(file, from, to)| folder.edit(file, from, to));
        // What other gates advise of a blueprint is theirs.
        let of_fleet = |id: &str| id.starts_with("FLT-") || id == *rule;
        let found: Vec<_> = folder.found().into_iter().filter(|(id, ..)| of_fleet(id)).collect();
        let own =
            found.iter().all(|(id, at, line)| id == rule && at == file && line.contains(word));
        if found.len() != 1 || !own {
            wrong.push((rule, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_finding_names_both_files() {
    let folder = Folder::new();
    folder.edit(PAY, "{ class: small }", "10.80.0.0/20");
    let run = folder.run(&["check", "-o", "json"]);
    assert_eq!(run.code, 1);
    let finding = run.json()["findings"][0].clone();
    assert_eq!((&finding["file"], &finding["line"]), (&SHOP.into(), &5.into()), "{finding:#}");
    let related = &finding["related"][0];
    assert_eq!((&related["file"], &related["line"]), (&PAY.into(), &5.into()), "{finding:#}");
    let people = folder.run(&["check"]).out;
    assert!(
        people.contains("clusters/shop.yaml:5") && people.contains("clusters/pay.yaml:5"),
        "{people}"
    );
    let annotation = folder.run(&["check", "-o", "github"]).out;
    assert!(annotation.contains("clusters/pay.yaml:5"), "{annotation}");
    let sarif = folder.run(&["check", "-o", "sarif"]).json();
    let places = &sarif["runs"][0]["results"][0]["relatedLocations"];
    assert_eq!(places[0]["physicalLocation"]["artifactLocation"]["uri"], PAY);
    snapshot("fleet-check", &people);
}

#[test]
fn files_that_are_checked_together_are_related_where_they_share_a_region() {
    let folder = tempfile::tempdir().unwrap();
    for (name, region) in [("a", "eu-west-1"), ("b", "eu-west-1"), ("c", "us-east-1")] {
        let text = member(name, region, "10.40.0.0/16");
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    }
    let found = |files: &[&str]| {
        let run = run(folder.path(), &[&["check", "-o", "json"], files].concat(), &[]);
        let json = run.json();
        let rules = json["findings"].as_array().unwrap().iter();
        rules.map(|one| format!("{} {}", one["rule"], one["file"])).collect::<Vec<_>>()
    };
    assert_eq!(found(&["a.yaml", "b.yaml"]), ["\"FLT-01\" \"b.yaml\""]);
    assert_eq!(found(&["a.yaml", "c.yaml"]), [""; 0]);
    assert_eq!(found(&["a.yaml", "./a.yaml"]), [""; 0]);
    let allowed = member("d", "eu-west-1", "10.1.0.0/20")
        .replace("zones: 2\n", "zones: 2\n# eksnet:allow FLT-08 it never grows\n");
    std::fs::write(folder.path().join("d.yaml"), allowed).unwrap();
    assert_eq!(found(&["a.yaml", "d.yaml"]), [""; 0]);
}

#[test]
fn a_member_that_cannot_be_read_stops_no_other() {
    let folder = Folder::new();
    folder.write("clusters/broken.yaml", "apiVersion: eksnet/v1\nkind: [\n");
    folder.edit(PAY, "{ class: small }", "10.80.0.0/20");
    let rules: Vec<String> = folder.found().into_iter().map(|(rule, ..)| rule).collect();
    assert!(
        rules.contains(&"YAML-01".to_string()) && rules.contains(&"FLT-01".to_string()),
        "{rules:?}"
    );
}

#[test]
fn members_of_a_class_are_given_ranges_that_every_command_knows() {
    let folder = Folder::new();
    let alone = run(folder.path(), &["check", PAY, "-o", "json"], &[]);
    assert_eq!(alone.json()["findings"][0]["rule"], "FLT-15");
    assert_eq!(folder.run(&["layout", "--locked"]).code, 1);
    let written = folder.run(&["layout", "--write-lock"]);
    assert_eq!(written.code, 0, "{}", written.err);
    let of_lock = |run: &Run| -> Vec<String> {
        let lines = run.out.lines().chain(run.err.lines());
        let own = lines.filter(|line| line.contains("fleet.lock.yaml"));
        own.map(|line| line.rsplit(": ").next().unwrap().to_string()).collect()
    };
    assert_eq!(of_lock(&written), ["written"], "{}{}", written.out, written.err);
    assert_eq!(of_lock(&folder.run(&["layout", "--write-lock"])), ["up to date"]);
    assert_eq!(folder.run(&["layout", "--locked"]).code, 0);
    let lock = folder.read("fleet.lock.yaml");
    assert!(
        lock.contains("name: \"pay\", region: \"eu-west-1\", cidr: 10.81.0.0/20, class: \"small\"")
            || lock.contains("cidr: 10.64.0.0/20")
            || lock.contains("cidr: 10.80.16.0/20"),
        "{lock}"
    );
    let layout = run(folder.path(), &["layout", PAY, "-o", "json", "--locked"], &[]);
    assert_eq!(layout.code, 0, "{}", layout.err);
    let fleet = folder.run(&["layout", "-o", "json"]).json();
    let pay = fleet["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "pay")
        .unwrap()
        .clone();
    assert_eq!(layout.json()["vpc"]["cidr"], pay["cidr"]);
    assert_eq!((&pay["new"], &fleet["lockChanges"]), (&false.into(), &false.into()));
    // A renamed file keeps its range, and a member that goes leaves a tombstone.
    std::fs::rename(folder.path().join(PAY), folder.path().join("clusters/paid.yaml")).unwrap();
    std::fs::rename(
        folder.path().join("clusters/pay.lock.yaml"),
        folder.path().join("clusters/paid.lock.yaml"),
    )
    .unwrap();
    folder.write("clusters/new.yaml", &member("new", "eu-west-1", "{ class: small }"));
    folder.edit("fleet.yaml", "members: [pay]", "members: [pay, new]");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let moved = folder.run(&["layout", "-o", "json"]).json();
    let of = |name: &str| {
        moved["members"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()["cidr"]
            .clone()
    };
    assert_eq!(of("pay"), pay["cidr"]);
    assert_ne!(of("new"), pay["cidr"]);
    std::fs::remove_file(folder.path().join("clusters/new.yaml")).unwrap();
    folder.edit("fleet.yaml", "members: [pay, new]", "members: [pay]");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    assert!(folder.read("fleet.lock.yaml").contains("gone: "));
    assert_eq!(folder.run(&["layout", "--write-lock", "--release", "new"]).code, 0);
    assert!(!folder.read("fleet.lock.yaml").contains("gone: "));
    assert_eq!(folder.run(&["layout", "--write-lock", "--release", "pay"]).code, 1);
}

#[test]
fn a_lock_that_its_members_contradict_is_told_with_both_lines() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let rules = |folder: &Folder| {
        folder
            .found()
            .into_iter()
            .map(|(rule, file, _)| format!("{rule} {file}"))
            .collect::<Vec<_>>()
    };
    let lock = folder.read("fleet.lock.yaml");
    folder.edit("fleet.lock.yaml", "cidr: 10.80.0.0/20", "cidr: 10.80.32.0/20");
    assert_eq!(rules(&folder), ["FLT-10 clusters/shop.yaml"]);
    // Two people gave out one range at the same time, and git took both lines.
    folder.write("clusters/new.yaml", &member("new", "eu-west-1", "{ class: small }"));
    folder.edit("fleet.yaml", "members: [pay]", "members: [pay, new]");
    let pay = lock.lines().find(|line| line.contains("\"pay\"")).unwrap();
    let twin = pay.replace("\"pay\"", "\"new\"").replace("clusters/pay", "clusters/new");
    folder.write("fleet.lock.yaml", &lock.replace(pay, &format!("{twin}\n{pay}")));
    let found = rules(&folder);
    assert!(found.contains(&"FLT-10 fleet.lock.yaml".to_string()), "{found:?}");
    for (text, rule) in [
        (lock.replace("schemaVersion: 1", "schemaVersion: 9"), "FLT-10 fleet.lock.yaml"),
        (lock.replace("members:", "member:"), "BP-01 fleet.lock.yaml"),
    ] {
        folder.write("fleet.lock.yaml", &text);
        assert!(rules(&folder).contains(&rule.to_string()), "{rule}: {:?}", rules(&folder));
    }
    folder.write("fleet.lock.yaml", &format!("<<<<<<< ours\n{lock}"));
    let run = folder.run(&["check"]);
    assert!(run.code == 1 && run.err.contains("merge conflict"), "{}", run.err);
}

/// What may happen to a fleet between two plans.
#[derive(Clone, Debug)]
enum Step {
    Come(bool),
    Go(u8),
    RenameFile(u8),
    Rename(u8),
    Release(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<bool>().prop_map(Step::Come),
        2 => any::<u8>().prop_map(Step::Go),
        1 => any::<u8>().prop_map(Step::RenameFile),
        1 => any::<u8>().prop_map(Step::Rename),
        1 => any::<u8>().prop_map(Step::Release),
    ]
}

fn ground() -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let text = "apiVersion: eksnet/v1\nkind: Fleet\nsupernets:\n  - { cidr: 10.0.0.0/10, regions: [eu-west-1], classes: { large: /16, small: /20 } }\nreserved: [10.8.0.0/14]\n";
    std::fs::write(folder.path().join("fleet.yaml"), text).unwrap();
    let own = member("x", "eu-west-1", "10.40.0.0/20");
    std::fs::write(folder.path().join("x.yaml"), own).unwrap();
    let opened = roster::open(folder.path().to_str().unwrap()).unwrap();
    assert_eq!(opened.findings.unwrap().1, []);
    opened.ground
}

fn spot() -> Spot {
    Spot::of(&document(&member("x", "eu-west-1", "10.40.0.0/16")), "vpc.cidr")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Members come, go, come back, are renamed and released: nobody's range moves, and none overlap, tombstones included.
    #[test]
    fn no_range_of_a_member_ever_moves(steps in prop::collection::vec(step(), 1..40)) {
        let (ground, spot) = (ground(), spot());
        let mut ledger = FleetLedger::default();
        // id → (name, file, class)
        let mut members: BTreeMap<u32, (String, String, &str)> = BTreeMap::new();
        let mut ranges: BTreeMap<u32, Ipv4Net> = BTreeMap::new();
        let mut next = 0;
        for step in steps {
            let pick = |at: u8, members: &BTreeMap<u32, (String, String, &'static str)>| {
                let count = members.len().max(1);
                members.keys().nth(usize::from(at) % count).copied()
            };
            match step {
                Step::Come(large) => {
                    let class = if large { "large" } else { "small" };
                    members.insert(next, (format!("m{next}"), format!("f{next}.yaml"), class));
                    next += 1;
                }
                Step::Go(at) => if let Some(id) = pick(at, &members) {
                    members.remove(&id);
                    ranges.remove(&id);
                },
                Step::RenameFile(at) => if let Some(id) = pick(at, &members) {
                    let member = members.get_mut(&id).unwrap();
                    member.1 = format!("g{next}.yaml");
                    next += 1;
                },
                Step::Rename(at) => if let Some(id) = pick(at, &members) {
                    let member = members.get_mut(&id).unwrap();
                    member.0 = format!("n{next}");
                    next += 1;
                },
                Step::Release(at) => {
                    let gone = ledger.removed.get(usize::from(at) % ledger.removed.len().max(1));
                    let names: Vec<String> = gone.into_iter().map(|line| line.name.clone()).collect();
                    ledger = ledger.released(&names);
                }
            }
            let seeker = |(name, file, class): &(String, String, &str)| Seeker {
                name: name.clone(),
                region: "eu-west-1".into(),
                file: file.clone(),
                cidr: None,
                class: Some(class.to_string()),
                spot: spot.clone(),
            };
            let seekers: Vec<Seeker> = members.values().map(seeker).collect();
            let plan = plan(&seekers, &ground, &ledger, "2026-11-28");
            for (id, placed) in members.keys().zip(&plan.members) {
                let Some(placed) = placed else { continue };
                let before = ranges.insert(*id, placed.line.cidr);
                prop_assert!(before.is_none_or(|before| before == placed.line.cidr), "{id} moved");
            }
            let text = plan.ledger.to_text();
            let read = ledger::of_text("fleet.lock.yaml", text.clone());
            prop_assert!(read.findings.is_empty(), "{:?}\n{text}", read.findings);
            prop_assert_eq!(&read.ledger.to_text(), &text);
            ledger = read.ledger;
            let all: Vec<Ipv4Net> = ledger.lines.iter().chain(&ledger.removed).map(|line| line.cidr).collect();
            let reserved: Ipv4Net = "10.8.0.0/14".parse().unwrap();
            for (at, one) in all.iter().enumerate() {
                prop_assert!(!one.contains(&reserved) && !reserved.contains(one));
                for other in &all[..at] {
                    prop_assert!(!one.contains(other) && !other.contains(one), "{one} {other}\n{text}");
                }
            }
        }
    }
}

/// The order of the files has no say.
#[test]
fn a_plan_does_not_depend_on_the_order_of_the_files() {
    let (ground, spot) = (ground(), spot());
    let seeker = |at: usize| Seeker {
        name: format!("m{at}"),
        region: "eu-west-1".into(),
        file: format!("f{at}.yaml"),
        cidr: None,
        class: Some(if at.is_multiple_of(3) { "large" } else { "small" }.into()),
        spot: spot.clone(),
    };
    let forth: Vec<Seeker> = (0..30).map(seeker).collect();
    let back: Vec<Seeker> = (0..30).rev().map(seeker).collect();
    let text = |seekers: &[Seeker]| {
        plan(seekers, &ground, &FleetLedger::default(), "2026-11-28").ledger.to_text()
    };
    assert_eq!(text(&forth), text(&back));
}

#[test]
fn a_supernet_without_room_is_told_and_nothing_moves() {
    let folder = Folder::new();
    folder.edit("fleet.yaml", "10.64.0.0/11", "10.80.0.0/19");
    folder.edit("fleet.yaml", "large: /16, ", "");
    folder.write("clusters/more.yaml", &member("more", "eu-west-1", "{ class: small }"));
    folder.edit("fleet.yaml", "members: [pay]", "members: [pay, more]");
    let found = folder.found();
    assert!(found.iter().any(|(rule, file, _)| rule == "FLT-12" && file == PAY), "{found:?}");
}

#[test]
fn thousands_of_members_are_related_in_time_that_grows_with_them() {
    let compiled = build(&member("x", "eu-west-1", "10.40.0.0/16"));
    let one = Member::of(&compiled.document, &compiled.intent);
    let members: Vec<Member> = (0..10_000u32)
        .map(|at| {
            let mut member = one.clone();
            member.name = format!("m{at}");
            // All of them the same range, the worst there is.
            member.ranges[0].cidr =
                if at % 2 == 0 { "10.40.0.0/16" } else { "10.40.16.0/20" }.parse().unwrap();
            member
        })
        .collect();
    let related = relate(&members, &Ground::default());
    let count = related.members.iter().filter(|found| !found.is_empty()).count();
    assert!(9_990 <= count, "{count}");
}

fn git(folder: &Path, arguments: &[&str]) {
    let settings =
        ["-c", "user.email=a@example.com", "-c", "user.name=a", "-c", "commit.gpgsign=false"];
    let run = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(settings)
        .args(arguments)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn identical_changes_are_one_group_whatever_the_addresses_and_zones() {
    let folder = Folder::new();
    folder.write("clusters/us.yaml", &member("us", "us-east-1", "10.96.0.0/20"));
    folder.edit(
        "fleet.yaml",
        "reserved:",
        "  - { cidr: 10.96.0.0/12, regions: [us-east-1] }\nreserved:",
    );
    folder.edit("fleet.yaml", "members: [pay]", "members: [pay, us]");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    assert_eq!(folder.run(&["diff", "--against", "git:HEAD", "--exit-code"]).code, 0);
    for file in [SHOP, PAY, "clusters/us.yaml"] {
        folder.edit(file, "serves: [nodes] }", "serves: [nodes], tags: { team: a } }");
    }
    folder.edit("clusters/us.yaml", "m6i.large", "m6i.xlarge");
    let run = folder.run(&["diff", "--against", "git:HEAD", "-o", "json", "--exit-code"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let json = run.json();
    let groups: Vec<Vec<String>> = json["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            group["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["name"].as_str().unwrap().to_string())
                .collect()
        })
        .collect();
    assert_eq!(groups, [vec!["us".to_string()], vec!["pay".to_string(), "shop".to_string()]]);
    assert_eq!(json["groups"][1]["changes"][0]["logicalId"], "SubnetNodes{Zone}");
    assert_eq!(json["groups"][1]["changes"][0]["count"], 2);
    std::fs::remove_file(folder.path().join("clusters/us.yaml")).unwrap();
    folder.edit("fleet.yaml", "members: [pay, us]", "members: [pay]");
    let removed = folder.run(&["diff", "--against", "git:HEAD", "-o", "json"]).json();
    assert_eq!(removed["removed"], serde_json::json!(["clusters/us.yaml"]));
    for (word, code) in [("git:nowhere", 1), ("git:--help", 1), ("git:", 1), ("elsewhere", 64)] {
        assert_eq!(folder.run(&["diff", "--against", word]).code, code, "{word}");
    }
    let out = folder.path().join("previews");
    folder.run(&["diff", "--against", "nothing", "--out", out.to_str().unwrap()]);
    let index: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("index.json")).unwrap()).unwrap();
    for member in index["members"].as_array().unwrap() {
        assert!(out.join(member["preview"].as_str().unwrap()).exists(), "{member}");
    }
    snapshot("fleet-diff", &folder.run(&["diff", "--against", "nothing", "-o", "markdown"]).out);
}

/// What stands in the way of one blueprint stands in the way of its group.
#[test]
fn what_is_refused_or_lost_in_one_member_is_told_of_the_fleet() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    let text = std::fs::read_to_string(folder.path().join(SHOP)).unwrap();
    let network = text.split("\nsecurityGroups:").next().unwrap();
    folder.write(SHOP, &format!("{network}\n"));
    let run = folder.run(&["diff", "--against", "git:HEAD", "-o", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let json = run.json();
    let group = &json["groups"][0];
    assert_eq!(group["findings"][0]["rule"], "UPD-07", "{group:#}");
    assert_eq!(group["findings"][0]["members"], serde_json::json!(["shop"]));
    assert!(group["irreversible"].as_array().unwrap().len() > 1, "{group:#}");
    for format in ["human", "markdown"] {
        let told = folder.run(&["diff", "--against", "git:HEAD", "-o", format]).out;
        assert!(told.contains("UPD-07") && told.contains("irreversible"), "{told}");
    }
}

/// The matrix as a runner runs it: a job for each row, with the row's file.
#[test]
fn each_job_of_the_matrix_works_on_its_member_alone() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let matrix = folder.run(&["export", "--to", "github-matrix"]).json();
    let jobs = matrix["include"].as_array().unwrap();
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        let file = job["file"].as_str().unwrap();
        let preview = run(
            folder.path(),
            &["diff", file, "--against", "nothing", "--locked", "-o", "json"],
            &[],
        );
        assert_eq!(preview.code, 0, "{}", preview.err);
        assert_eq!(job["role"], "arn:aws:iam::111122223333:role/deploy");
    }
    let one = folder.run(&["export", "--to", "github-matrix", "--wave", "first"]).json();
    assert_eq!(one["include"].as_array().unwrap().len(), 1);
    assert_eq!(folder.run(&["export", "--to", "github-matrix", "--wave", "frist"]).code, 64);
    snapshot("fleet-gitlab", &folder.run(&["export", "--to", "gitlab"]).out);
    let pipeline: Value =
        serde_yaml::from_str(&folder.run(&["export", "--to", "gitlab"]).out).unwrap();
    assert_eq!(pipeline["stages"], serde_json::json!(["preview", "deploy first", "deploy rest"]));
    // A job with `needs` would begin before the wave in front of its own has ended.
    let jobs = pipeline.as_object().unwrap().values().filter(|job| job["stage"].is_string());
    assert!(jobs.into_iter().all(|job| job["needs"].is_null() && job["extends"] == ".eksnet"));
    let deploy = &pipeline["deploy pay-eu-west-1"];
    assert_eq!(deploy["variables"]["AWS_ROLE_ARN"], "arn:aws:iam::111122223333:role/deploy");
    assert_eq!(deploy["dependencies"], serde_json::json!(["preview pay-eu-west-1"]));
}

/// The workflow of the page, as a runner runs it: outputs by the file that a step writes, then a job for each row, with the row's words in
/// its environment.
#[test]
fn the_workflow_of_the_page_runs_every_member() {
    let page = std::fs::read_to_string(root().join("docs/how-to/fleet.md")).unwrap();
    let start = page.find("# .github/workflows/fleet.yml").unwrap();
    let text = page[start..].split("```").next().unwrap();
    let workflow: Value = serde_yaml::from_str(text).unwrap();
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("network")).unwrap();
    for file in ["fleet.yaml", "clusters"] {
        std::fs::rename(folder.path().join(file), folder.path().join("network").join(file))
            .unwrap();
    }
    assert_eq!(folder.run(&["layout", "network", "--write-lock"]).code, 0);
    // What asks AWS is told; everything else is eksnet's own.
    let shim = format!(
        "#!/bin/sh\ncase \"$1 $3\" in\n'diff --locked') echo \"$AWS_REGION $*\" >> asked; {0} diff \"$2\" --locked --against nothing > \"$5\" ;;\ndeploy*) test -s \"$3\" && echo \"$*\" >> asked ;;\n*) exec {0} \"$@\" ;;\nesac\n",
        env!("CARGO_BIN_EXE_eksnet")
    );
    folder.write("bin/eksnet", &shim);
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path().join("bin/eksnet"), permissions).unwrap();
    let path =
        format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
    let step = |step: &Value, environment: &BTreeMap<String, String>| {
        let Some(script) = step["run"].as_str() else { return };
        assert!(!script.contains("${{"), "a word of the matrix is part of a script: {script}");
        let mut bash = std::process::Command::new("bash");
        bash.args(["-e", "-o", "pipefail", "-c", script]).current_dir(folder.path());
        let ran = bash.env("PATH", &path).env("GITHUB_OUTPUT", "output").envs(environment).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let steps = |job: &str| workflow["jobs"][job]["steps"].as_array().unwrap().clone();
    steps("members").iter().for_each(|one| step(one, &BTreeMap::new()));
    let output = folder.read("output");
    let matrix: Value =
        serde_json::from_str(output.strip_prefix("matrix=").unwrap().trim_end()).unwrap();
    for row in matrix["include"].as_array().unwrap() {
        let filled = |text: &str| {
            let words = row.as_object().unwrap().iter();
            words.fold(text.to_string(), |text, (name, value)| {
                text.replace(&format!("${{{{ matrix.{name} }}}}"), value.as_str().unwrap())
            })
        };
        let mut environment = BTreeMap::new();
        for one in steps("deploy") {
            let region = one["with"]["aws-region"].as_str();
            environment.extend(region.map(|region| ("AWS_REGION".to_string(), filled(region))));
            let own = one["env"].as_object().into_iter().flatten();
            environment
                .extend(own.map(|(name, text)| (name.clone(), filled(text.as_str().unwrap()))));
            step(&one, &environment);
        }
    }
    let asked = folder.read("asked");
    let expected = ["pay", "shop"].map(|name| {
        let plan = format!("{name}-eu-west-1.plan");
        format!("eu-west-1 diff network/clusters/{name}.yaml --locked --save {plan}\ndeploy --plan {plan}\n")
    });
    assert_eq!(asked, expected.concat());
}

/// Two people give out ranges on branches of their own; git merges the two lines, and the double claim is found.
#[test]
fn two_who_allocate_at_once_are_told_of_the_double_claim() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let base = folder.read("fleet.lock.yaml");
    let by = |name: &str| {
        folder.write("fleet.lock.yaml", &base);
        folder.write(
            &format!("clusters/{name}.yaml"),
            &member(name, "eu-west-1", "{ class: small }"),
        );
        assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
        let lock = folder.read("fleet.lock.yaml");
        let own = lock.lines().find(|line| line.contains(&format!("name: \"{name}\""))).unwrap();
        std::fs::remove_file(folder.path().join(format!("clusters/{name}.yaml"))).unwrap();
        own.to_string()
    };
    let (one, other) = (by("alpha"), by("zulu"));
    let range =
        |line: &str| line.split("cidr: ").nth(1).unwrap().split(',').next().unwrap().to_string();
    assert_eq!(range(&one), range(&other), "both saw the same free range");
    // A line each, sorted: what git makes of the two branches.
    let mut lines: Vec<String> = base.lines().map(str::to_string).collect();
    let first = lines.iter().position(|line| line.contains("name: ")).unwrap();
    let last = lines.iter().rposition(|line| line.contains("name: ")).unwrap();
    lines.insert(last + 1, other);
    lines.insert(first, one);
    folder.write("fleet.lock.yaml", &(lines.join("\n") + "\n"));
    for name in ["alpha", "zulu"] {
        folder.write(
            &format!("clusters/{name}.yaml"),
            &member(name, "eu-west-1", "{ class: small }"),
        );
    }
    let found = folder.found();
    assert!(found.iter().any(|(rule, ..)| rule == "FLT-10" || rule == "FLT-01"), "{found:?}");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 1);
}

/// Put back, the parameters give every member's own template.
#[test]
fn a_stack_set_gives_each_member_its_own_template() {
    let folder = Folder::new();
    folder.edit("fleet.yaml", "accounts: {", "accounts: { pay: { account: \"444455556666\" },");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let run = folder.run(&["export", "--to", "stacksets"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    let sets = json["stackSets"].as_array().unwrap();
    assert_eq!(sets.len(), 1, "{json:#}");
    for instance in sets[0]["instances"].as_array().unwrap() {
        let values: BTreeMap<String, Value> = instance["ParameterOverrides"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (one["ParameterKey"].as_str().unwrap().to_string(), one["ParameterValue"].clone())
            })
            .collect();
        let mut template = sets[0]["template"].clone();
        fill(&mut template, &values);
        let map = template.as_object_mut().unwrap();
        map.remove("Parameters");
        // The description is the one text that names the member and accepts no parameter.
        assert!(map.remove("Description").unwrap().is_string());
        let file = format!("clusters/{}.yaml", instance["member"].as_str().unwrap());
        let out = folder.path().join("out");
        crate::support::run(folder.path(), &["render", &file, "--out", out.to_str().unwrap()], &[]);
        let mut own: Value =
            serde_json::from_str(&std::fs::read_to_string(out.join("template.json")).unwrap())
                .unwrap();
        own.as_object_mut()
            .unwrap()
            .retain(|section, _| !["Metadata", "Description"].contains(&section.as_str()));
        assert_eq!(template, own);
        std::fs::remove_dir_all(out).unwrap();
    }
}

/// CloudFormation resolves parameters in resources and in the values of outputs, and refuses a template that has one anywhere else.
#[test]
fn a_stack_set_has_parameters_only_where_cloudformation_resolves_them() {
    let folder = Folder::new();
    folder.edit("fleet.yaml", "accounts: {", "accounts: { pay: { account: \"444455556666\" },");
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let json = folder.run(&["export", "--to", "stacksets"]).json();
    let template = &json["stackSets"][0]["template"];
    let parameters: BTreeSet<&String> =
        template["Parameters"].as_object().unwrap().keys().collect();
    let mut used = BTreeSet::new();
    for (section, value) in template.as_object().unwrap() {
        let refs = referred(value);
        let own: BTreeSet<&String> =
            parameters.iter().copied().filter(|name| refs.contains(name.as_str())).collect();
        let resolved = ["Resources", "Outputs"].contains(&section.as_str());
        assert!(resolved || own.is_empty(), "{section}: {own:?}");
        used.extend(own);
    }
    assert_eq!(used, parameters);
    assert!(template["Description"].is_string());
    for (id, output) in template["Outputs"].as_object().unwrap() {
        assert!(output["Description"].is_null() || output["Description"].is_string(), "{id}");
    }
    let resources = template["Resources"].as_object().unwrap();
    assert!(parameters.iter().all(|name| !resources.contains_key(*name)));
}

fn referred(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(referred).collect(),
        Value::Object(map) => match &value["Ref"] {
            Value::String(name) => BTreeSet::from([name.clone()]),
            _ => map.values().flat_map(referred).collect(),
        },
        _ => BTreeSet::new(),
    }
}

fn fill(value: &mut Value, values: &BTreeMap<String, Value>) {
    if let Some(own) = value["Ref"].as_str().and_then(|name| values.get(name)) {
        *value = own.clone();
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, values)),
        Value::Object(map) => map.values_mut().for_each(|item| fill(item, values)),
        _ => {}
    }
}

#[test]
fn the_example_fleet_is_clean_and_its_locks_are_up_to_date() {
    let run = |arguments: &[&str]| run(root(), arguments, &[]);
    let checked = run(&["fleet", "check", "blueprints/fleet", "--strict"]);
    assert_eq!((checked.code, checked.out.as_str()), (0, ""), "{}", checked.err);
    let held = run(&["fleet", "layout", "blueprints/fleet", "--locked"]);
    assert_eq!(held.code, 0, "{}", held.err);
    snapshot("fleet-layout", &held.out);
    let schema = run(&["schema", "--of", "fleet"]).json();
    let text = std::fs::read_to_string(root().join("blueprints/fleet/fleet.yaml")).unwrap();
    let value: Value = serde_yaml::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// Quoted, in braces, `.yml`: what one command reads as a blueprint is a member for all.
#[test]
fn blueprints_of_every_style_are_members() {
    let folder = Folder::new();
    std::fs::remove_file(folder.path().join("fleet.yaml")).unwrap();
    std::fs::remove_file(folder.path().join(PAY)).unwrap();
    let quoted = member("quoted", "eu-west-1", "10.80.0.0/20");
    folder.write("clusters/quoted.yaml", &quoted.replace("kind: Blueprint", "kind: \"Blueprint\""));
    folder.write("short.yml", &member("short", "eu-west-1", "10.80.0.0/20"));
    let flow = r#"{"apiVersion": "eksnet/v1", "kind": "Blueprint", "metadata": {"name": "flow", "region": "eu-west-1"}, "vpc": {"cidr": "10.80.0.0/16"}}"#;
    folder.write("flow.yaml", flow);
    folder.write("manifest.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n");
    let overlaps = folder.found().into_iter().filter(|(rule, ..)| rule == "FLT-01");
    let files: BTreeSet<String> = overlaps.map(|(_, file, _)| file).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(folder.run(&["check"]).err.contains("4 blueprints checked"));
}

#[test]
fn a_member_whose_range_ipam_gives_has_a_row_of_its_own() {
    let folder = Folder::new();
    folder.edit(PAY, "{ class: small }", "{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 20 }");
    let layout = folder.run(&["layout"]);
    assert!(layout.out.contains("from ipam-pool-0123456789abcdef0/20"), "{}", layout.out);
    let pooled = &folder.run(&["layout", "-o", "json"]).json()["pooled"];
    assert_eq!((&pooled[0]["name"], pooled.as_array().unwrap().len()), (&"pay".into(), 1));
}

/// What is released has left something behind: a typing error is no release.
#[test]
fn a_name_that_left_nothing_behind_is_not_released() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let run = folder.run(&["layout", "--release", "pya"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("cannot release the range of `pya`"), "{}", run.err);
}

#[test]
fn another_class_is_told_of_the_member_alone() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    folder.edit(PAY, "class: small", "class: large");
    for command in ["check", "layout", "render"] {
        let run = run(folder.path(), &[command, PAY], &[]);
        assert!(
            run.code == 1 && run.err.contains("FLT-15") || run.out.contains("FLT-15"),
            "{command}"
        );
    }
    assert!(folder.found().iter().any(|(rule, ..)| rule == "FLT-10"));
    // Another name for the same size is the fleet's to give.
    folder.edit("fleet.yaml", "large: /16", "large: /20");
    let written = folder.run(&["layout", "--write-lock"]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert_eq!(run(folder.path(), &["check", PAY], &[]).code, 0);
}

/// `fleet check` passes what works on a member alone, and says what does not.
#[test]
fn a_member_without_a_lock_of_its_own_is_told_in_the_fleet_too() {
    let folder = Folder::new();
    assert!(folder.run(&["check"]).err.contains("1 of its members without a range yet"));
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    std::fs::remove_file(folder.path().join("clusters/pay.lock.yaml")).unwrap();
    let found = folder.found();
    assert!(
        matches!(&found[..], [(rule, file, _)] if rule == "FLT-15" && file == PAY),
        "{found:?}"
    );
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    assert_eq!(folder.found(), []);
}

/// A member that does not parse is one failure, names no other as missing, and stops no comparison.
#[test]
fn a_member_that_does_not_parse_is_compared_as_little_as_it_stops_others() {
    let folder = Folder::new();
    folder.edit(PAY, "{ class: small }", "10.81.0.0/20");
    folder.write(PAY, "apiVersion: eksnet/v1\nkind: Blueprint\nfoo: [\n");
    let rules: Vec<String> = folder.found().into_iter().map(|(rule, ..)| rule).collect();
    assert!(!rules.contains(&"FLT-11".to_string()), "{rules:?}");
    let diff = folder.run(&["diff", "--against", "nothing", "-o", "json"]);
    assert_eq!(diff.code, 1);
    let json = diff.json();
    assert_eq!(json["groups"][0]["members"][0]["name"], "shop");
    assert_eq!(json["failed"].as_array().unwrap().len(), 1);
    assert!(diff.err.contains("YAML-01"), "{}", diff.err);
    folder.write(SHOP, "apiVersion: eksnet/v1\nkind: Blueprint\nfoo: [\n");
    let none = folder.run(&["diff", "--against", "nothing"]);
    assert!(
        none.code == 1 && none.out.contains("no member was compared; 2 not compared"),
        "{}",
        none.out
    );
}

/// A pattern that names no file compares nothing, which is not "no changes".
#[test]
fn a_fleet_without_members_and_a_format_that_is_not_written_are_told() {
    let folder = Folder::new();
    folder.write("fleet.yaml", "apiVersion: eksnet/v1\nkind: Fleet\nmembers: clusterz/*.yaml\n");
    let none = folder.run(&["diff", "--against", "nothing"]);
    assert!(none.code == 1 && none.err.contains("no members"), "{}{}", none.out, none.err);
    assert!(folder.found().into_iter().any(|(rule, ..)| rule == "FLT-11"));
    let yaml = Folder::new().run(&["export", "--to", "gitlab", "-o", "json"]);
    assert_eq!((yaml.code, yaml.out.as_str()), (64, ""), "{}", yaml.err);
}

/// What is wrong with one member by itself is told of it, and hides no change of another.
#[test]
fn a_member_with_an_error_hides_no_change_of_another() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    folder.edit(SHOP, "serves: [nodes] }", "serves: [nodes], tags: { team: a } }");
    let pay = std::fs::read_to_string(folder.path().join(PAY)).unwrap();
    let rows = [
        ("BP-01", pay.replace("kind: Blueprint\n", "kind: Blueprint\nfooo: 1\n")),
        ("ZON-02", pay.replace("zones: 2", "zones: 9")),
        ("FLT-12", pay.replace("class: small", "class: none-such")),
    ];
    for (rule, text) in rows {
        assert_ne!(text, pay, "{rule}");
        folder.write(PAY, &text);
        let run = folder.run(&["diff", "--against", "git:HEAD", "-o", "json", "--exit-code"]);
        assert_eq!(run.code, 1, "{rule}: {}", run.err);
        let json = run.json();
        assert_eq!(json["groups"][0]["members"][0]["name"], "shop", "{rule}: {json:#}");
        let failed = json["failed"].as_array().unwrap();
        assert_eq!((failed.len(), &failed[0]["file"]), (1, &serde_json::json!(PAY)), "{rule}");
        assert!(failed[0]["message"].as_str().unwrap().contains(rule), "{rule}: {json:#}");
        for format in ["human", "markdown"] {
            let told = folder.run(&["diff", "--against", "git:HEAD", "-o", format]);
            assert!(told.out.contains("SubnetNodes"), "{rule}: {}", told.out);
        }
    }
}

/// A folder without a list is searched by what a file says of itself, in whatever style.
#[test]
fn members_are_found_in_every_style_of_yaml() {
    let folder = tempfile::tempdir().unwrap();
    let text = |kind: &str, name: &str, cidr: &str| {
        format!(
            "apiVersion: eksnet/v1\nkind:{kind}\nmetadata: {{ name: {name}, region: eu-west-1 }}\nvpc: {{ cidr: {cidr} }}\n"
        )
    };
    for (name, kind, cidr) in [
        ("a", " Blueprint", "10.41.0.0/16"),
        ("b", "\n  Blueprint", "10.42.0.0/16"),
        ("c", " &k Blueprint", "10.43.0.0/16"),
    ] {
        std::fs::write(folder.path().join(format!("{name}.yaml")), text(kind, name, cidr)).unwrap();
    }
    let run = crate::support::run(folder.path(), &["fleet", "layout", ".", "-o", "json"], &[]);
    let names: Vec<String> = run.json()["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_string())
        .collect();
    assert_eq!(names, ["a", "b", "c"], "{}", run.err);
    // Merge keys are not read; a file that says with one what it is, is told and not left out.
    let merged = "tags: &head { apiVersion: eksnet/v1, kind: Blueprint }\n<<: *head\nzones: 2\n";
    std::fs::write(folder.path().join("d.yaml"), merged).unwrap();
    let run = crate::support::run(folder.path(), &["fleet", "check", ".", "-o", "json"], &[]);
    let json = run.json();
    let told = json["findings"].as_array().unwrap().iter();
    let told = told.filter(|one| one["rule"] == "YAML-05").count();
    assert_eq!((run.code, told), (1, 1), "{json:#}");
}

/// Gone from the fleet's list and from the folder at once: its stack is still there.
#[test]
fn a_member_that_is_taken_off_the_list_is_told_as_removed() {
    let folder = Folder::new();
    folder.edit(
        "fleet.yaml",
        "members: clusters/*.yaml",
        "members: [clusters/shop.yaml, clusters/pay.yaml]",
    );
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    folder.edit("fleet.yaml", ", clusters/pay.yaml", "");
    std::fs::remove_file(folder.path().join(PAY)).unwrap();
    let run = folder.run(&["diff", "--against", "git:HEAD", "-o", "json", "--exit-code"]);
    assert_eq!((run.code, &run.json()["removed"]), (2, &serde_json::json!([PAY])), "{}", run.err);
    let human = folder.run(&["diff", "--against", "git:HEAD"]);
    assert!(human.out.contains("1 member: no changes; 1 no longer in the fleet"), "{}", human.out);
}

#[test]
fn commands_of_a_fleet_refuse_options_that_they_do_not_use() {
    let folder = Folder::new();
    for (command, option) in [
        (&["layout"][..], "--profile=x"),
        (&["check"], "--allow-move=nodes"),
        (&["layout"], "--strict"),
        (&["export", "--to", "gitlab"], "--endpoint-url=http://localhost"),
        (&["diff"], "--allow-move=nodes"),
        (&["status"], "--ruleset=ha"),
    ] {
        let run = folder.run(&[command, &[option]].concat());
        assert!(
            run.code == 64 && run.err.contains("does not use"),
            "{command:?} {option}: {}",
            run.err
        );
        let help = folder.run(&[command[0], "--help"]).out;
        let name = option.split('=').next().unwrap();
        assert!(!help.contains(name), "{command:?}: {help}");
    }
    assert_eq!(folder.run(&["check", "--strict"]).code, 0);
    // Offline nobody is asked, so there is nothing to ask with.
    let offline = folder.run(&["check", "--profile=x"]);
    assert!(offline.code == 64 && offline.err.contains("--online"), "{}", offline.err);
}

/// Plans that nobody can execute: each is a failure of its own, and a wave stops at the first that it does not tolerate.
#[test]
fn a_wave_stops_where_more_fails_than_it_tolerates_and_a_later_run_goes_on() {
    let folder = Folder::new();
    folder.write("clusters/new.yaml", &member("new", "eu-west-1", "10.88.0.0/20"));
    folder.edit("fleet.yaml", "members: [shop]", "members: [shop, new]");
    let none = folder.run(&["deploy", "--plans", "plans"]);
    assert!(none.code == 1 && none.err.contains("no plans"), "{}", none.err);
    for label in ["shop-eu-west-1", "new-eu-west-1", "pay-eu-west-1"] {
        folder.write(&format!("plans/{label}.plan"), "{}");
    }
    let outcomes = |run: &Run| -> Vec<(String, String)> {
        let json = run.json();
        let rows = json["members"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_string();
        rows.map(|row| (text(&row["member"]), text(&row["outcome"]))).collect()
    };
    let named = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().map(|(label, outcome)| (label.to_string(), outcome.to_string())).collect()
    };
    let stopped = folder.run(&["deploy", "--plans", "plans", "-o", "json"]);
    assert_eq!(stopped.code, 1);
    let expected = [
        ("new-eu-west-1", "failed"),
        ("shop-eu-west-1", "notBegun"),
        ("pay-eu-west-1", "notBegun"),
    ];
    assert_eq!(outcomes(&stopped), named(&expected), "{}", stopped.err);
    assert!(folder.path().join("plans/logs/new-eu-west-1.log").exists());
    let record: Value = serde_json::from_str(&folder.read("plans/deployed.json")).unwrap();
    assert_eq!(
        (&record["done"], &record["waves"]["first"]["ended"]),
        (&serde_json::json!({}), &Value::Null)
    );
    folder.edit("fleet.yaml", "members: [shop, new]", "tolerate: 1, members: [shop, new]");
    let tolerated = folder.run(&["deploy", "--plans", "plans", "-o", "json", "--wave", "first"]);
    let expected = [("new-eu-west-1", "failed"), ("shop-eu-west-1", "failed")];
    assert_eq!(outcomes(&tolerated), named(&expected));
    // What was executed is not executed again; another plan of the same member is.
    use sha2::{Digest, Sha256};
    let digest = format!("{:x}", Sha256::digest(b"{}"));
    let record = serde_json::json!({ "schemaVersion": 1, "done": { "new-eu-west-1": digest, "shop-eu-west-1": digest } });
    folder.write("plans/deployed.json", &record.to_string());
    let rest = folder.run(&["deploy", "--plans", "plans", "-o", "json"]);
    assert_eq!(outcomes(&rest), named(&[("pay-eu-west-1", "failed")]));
    folder.write("plans/new-eu-west-1.plan", "{ }");
    let again = folder.run(&["deploy", "--plans", "plans", "-o", "json", "--wave", "first"]);
    assert_eq!(outcomes(&again), named(&[("new-eu-west-1", "failed")]));
}

#[test]
fn a_status_that_cannot_be_read_is_told_and_counts_as_unread() {
    let folder = Folder::new();
    let run = folder.run(&["status", "-o", "json"]);
    assert_eq!(run.code, 4, "{}", run.err);
    let json = run.json();
    let rows = json["members"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row["status"].is_null() && row["error"].is_string()), "{json:#}");
}

/// 500 members, each with a change of its own, some of them hostile: a comment on GitHub has at most 65,536 bytes.
#[test]
fn a_comment_on_a_pull_request_stays_small_whatever_changes() {
    use eksnet::fleet::compare::{Compared, Outcome};
    use eksnet::fleet::group::{Own, canonical, groups};
    use eksnet::report::fleet_diff::markdown;
    use eksnet::template::Template;
    let compiled = build(&member("x", "eu-west-1", "10.40.0.0/16"));
    let (before, own) = (compiled.template.to_json(), Own::of(&compiled.intent));
    let old = Template::parse(&before).unwrap();
    let (mut members, mut changes) = (Vec::new(), Vec::new());
    for at in 0..500 {
        let word = format!("m6i.large-{at}-<b>`{}|", "x".repeat(120));
        let new = Template::parse(&before.replace("m6i.large", &word)).unwrap();
        let preview = eksnet::preview::compare("eksnet-x", &old, &new, &compiled.graph);
        changes.push(canonical(&preview, &new, &own));
        let (name, region) = (format!("member-{at}-{}", "y".repeat(80)), "eu-west-1".to_string());
        members.push(Compared {
            name,
            region,
            file: format!("m{at}.yaml"),
            new: false,
            ranges: Vec::new(),
            preview,
        });
    }
    let groups = groups(&changes);
    assert_eq!(groups.len(), 500);
    let removed = (0..500).map(|at| format!("{}{at}.yaml", "z".repeat(200))).collect();
    let outcome = Outcome { members, groups, removed, failed: Vec::new() };
    let text = markdown(&outcome);
    assert!(text.len() < 60_000, "{}", text.len());
    assert!(text.contains("more groups with"), "{text}");
    // Behind a fence that is longer than any in the text.
    let hostile = text.lines().filter(|line| line.contains("<b>")).collect::<Vec<_>>();
    assert!(!hostile.is_empty());
    assert!(
        hostile.iter().all(|line| line.starts_with("  - `` ") && line.ends_with(" ``")),
        "{hostile:#?}"
    );
}

#[test]
fn a_fleet_with_errors_is_a_short_comment() {
    let folder = Folder::new();
    folder.edit(PAY, "{ class: small }", "10.80.0.0/20");
    let run = folder.run(&["diff", "--against", "nothing", "-o", "markdown"]);
    assert_eq!(run.code, 1);
    assert!(run.out.starts_with("### The fleet has errors: 1\n"), "{}", run.out);
    assert!(run.out.contains("`clusters/shop.yaml:5`"), "{}", run.out);
}

/// Screens of 80 columns: messages, tables and lists of ranges are folded. A label under a line of the blueprint is not, here or in `check`.
#[test]
fn what_a_fleet_prints_is_no_wider_than_the_screen() {
    let folder = Folder::new();
    for (at, name) in ["shop", "one", "two", "three", "four"].iter().enumerate() {
        let text = member(name, "eu-west-1", &format!("10.72.{}.0/20", at * 16));
        folder.write(&format!("clusters/{name}.yaml"), &text);
    }
    for command in [&["check"][..], &["layout"], &["status"]] {
        let typed = [&["fleet"], command, &["."]].concat();
        let run = run(folder.path(), &typed, &[("COLUMNS", "80")]);
        let wide: Vec<&str> = run.out.lines().filter(|line| 80 < line.chars().count()).collect();
        assert!(!run.out.is_empty() && wide.is_empty(), "{command:?}: {wide:#?}");
    }
}

/// As `diff` of one blueprint: what it means, whose addresses, what goes before what comes, and what is next.
#[test]
fn a_fleets_diff_is_told_in_words() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let told = |folder: &Folder, against: &str| {
        let typed = ["fleet", "diff", ".", "--against", against];
        let run = run(folder.path(), &typed, &[("COLUMNS", "80")]);
        let wide: Vec<&str> = run.out.lines().filter(|line| 80 < line.chars().count()).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        assert!(run.err.contains("eksnet fleet diff . --save plans"), "{}", run.err);
        run.out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let new = told(&folder, "nothing");
    for words in
        ["Nothing of it is deployed yet", "10.80.0.0/20", "6 subnets: ", "SubnetNodes{Zone} /22 ×2"]
    {
        assert!(new.contains(words), "{words}: {new}");
    }
    assert!(!new.contains("0.0.0.0/0") && !new.contains("AWS::"), "{new}");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "a"]);
    folder.edit(SHOP, "m6i.large", "m6i.xlarge");
    let tier = "  - { name: batch, size: /26, egress: none }\nsecurityGroups:";
    folder.edit(SHOP, "securityGroups:", tier);
    let changed = told(&folder, "git:HEAD");
    let at = |words: &str| changed.find(words).unwrap_or_else(|| panic!("{words}: {changed}"));
    let order = [
        "Nodes of node group general are replaced",
        "shop eu-west-1 +10.80.",
        "± AWS::EKS::Nodegroup",
        "+ add 2 subnets SubnetBatch{Zone} /26 ×2",
    ];
    let places = order.map(at);
    assert!(places.is_sorted(), "{changed}");
}

/// The real program in the pause before a wave: it ends at once, and a later run waits for what is left.
#[test]
#[cfg(unix)]
fn ctrl_c_in_a_pause_ends_it_and_nothing_begins() {
    let folder = Folder::new();
    folder.write("plans/shop-eu-west-1.plan", "{}");
    folder.write("plans/pay-eu-west-1.plan", "{}");
    use sha2::{Digest, Sha256};
    let digest = format!("{:x}", Sha256::digest(b"{}"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let first = serde_json::json!({ "before": {}, "ended": now.as_secs(), "well": false });
    let record = serde_json::json!({ "schemaVersion": 1, "done": { "shop-eu-west-1": digest }, "waves": { "first": first } });
    folder.write("plans/deployed.json", &record.to_string());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eksnet"));
    command.args(["fleet", "deploy", "--plans", "plans", "-o", "json"]).current_dir(folder.path());
    let child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let mut child = child.unwrap();
    // It says that it waits before it does.
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    while !said.contains("wave rest begins in") {
        use std::io::BufRead;
        assert!(0 < stderr.read_line(&mut said).unwrap(), "{said}");
    }
    let killed =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["stopped"]["why"]), (Some(1), &"interrupted".into()));
    assert_eq!(json["members"][0]["outcome"], "notBegun", "{json:#}");
    assert!(!folder.path().join("plans/logs").exists());
}

/// A class may have a size of its own in each supernet, and the lock that eksnet wrote does not contradict it.
#[test]
fn a_class_of_two_sizes_keeps_what_each_supernet_gave() {
    let folder = Folder::new();
    let supernets = "[{ cidr: 10.64.0.0/20, classes: { s: /20 } }, { cidr: 10.80.0.0/18, classes: { s: /19 } }]";
    folder.write(
        "fleet.yaml",
        &format!(
            "apiVersion: eksnet/v1\nkind: Fleet\nsupernets: {supernets}\nmembers: clusters/*.yaml\n"
        ),
    );
    for (file, name) in [(SHOP, "shop"), (PAY, "pay")] {
        folder.write(file, &member(name, "eu-west-1", "{ class: s }"));
    }
    for _ in 0..2 {
        let layout = folder.run(&["layout", "--write-lock"]);
        assert_eq!(layout.code, 0, "{}{}", layout.out, layout.err);
    }
    let lock = folder.read("fleet.lock.yaml");
    assert!(lock.contains("10.64.0.0/20") && lock.contains("10.80.0.0/19"), "{lock}");
    assert!(folder.found().iter().all(|(rule, ..)| rule == "FLT-07"), "{:?}", folder.found());
}

/// A fleet's file may have any name; a pattern that names it, and a pipe, are no members.
#[test]
fn neither_the_fleet_itself_nor_a_pipe_is_a_member() {
    let folder = Folder::new();
    folder.write("prod.yaml", "apiVersion: eksnet/v1\nkind: Fleet\nmembers: \"*.yaml\"\n");
    std::fs::remove_file(folder.path().join("fleet.yaml")).unwrap();
    folder.write("shop.yaml", &member("shop", "eu-west-1", "10.80.0.0/20"));
    let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.yaml")).status();
    assert!(pipe.unwrap().success());
    let checked = folder.run(&["check", "prod.yaml"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    assert!(checked.err.contains("1 blueprint checked"), "{}", checked.err);
}

/// A full supernet holds back every new lock; what a member left behind is released all the same.
#[test]
fn a_member_that_is_gone_is_released_before_its_tombstone_is_written() {
    let folder = Folder::new();
    let fleet = "apiVersion: eksnet/v1\nkind: Fleet\nsupernets: [{ cidr: 10.64.0.0/20, regions: [eu-west-1], classes: { s: /20 } }]\nmembers: clusters/*.yaml\n";
    folder.write("fleet.yaml", fleet);
    std::fs::remove_file(folder.path().join(PAY)).unwrap();
    folder.write(SHOP, &member("shop", "eu-west-1", "{ class: s }"));
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let refused = folder.run(&["layout", "--release", "shop", "--write-lock"]);
    assert!(refused.code == 1 && refused.err.contains("it is still a member"), "{}", refused.err);
    std::fs::rename(folder.path().join(SHOP), folder.path().join("gone")).unwrap();
    folder.write(PAY, &member("pay", "eu-west-1", "{ class: s }"));
    let full = folder.run(&["layout", "--write-lock"]);
    let way = "eksnet fleet layout --release shop --write-lock";
    assert!(full.code == 1 && (full.out + &full.err).contains(way));
    let released = folder.run(&["layout", "--release", "shop", "--write-lock"]);
    assert_eq!(released.code, 0, "{}{}", released.out, released.err);
    let lock = folder.read("fleet.lock.yaml");
    assert!(lock.contains("name: \"pay\"") && !lock.contains("shop"), "{lock}");
}

/// A name of one Region is released while another Region has a member of that name.
#[test]
fn a_tombstone_is_released_although_another_region_has_the_name() {
    let folder = Folder::new();
    folder.write("fleet.yaml", "apiVersion: eksnet/v1\nkind: Fleet\nmembers: clusters/*.yaml\n");
    folder.write(PAY, &member("shop", "us-east-1", "10.81.0.0/20"));
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    std::fs::remove_file(folder.path().join(SHOP)).unwrap();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    assert!(folder.read("fleet.lock.yaml").contains("removed:"));
    let released = folder.run(&["layout", "--release", "shop", "--write-lock"]);
    assert_eq!(released.code, 0, "{}", released.err);
    let lock = folder.read("fleet.lock.yaml");
    assert!(lock.contains("us-east-1") && !lock.contains("removed:"), "{lock}");
}

/// The lock of a member that was renamed is another stack's: that is told, not that the range is missing; without it nothing moves.
#[test]
fn a_renamed_member_is_told_of_its_lock_and_keeps_its_range() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let range = |lock: &str| {
        let line = lock.lines().find(|line| line.contains(PAY)).unwrap();
        line.split("cidr: ").nth(1).unwrap().split(',').next().unwrap().to_string()
    };
    let before = range(&folder.read("fleet.lock.yaml"));
    folder.edit(PAY, "name: pay", "name: paid");
    folder.edit("fleet.yaml", "[pay]", "[paid]");
    let alone = run(folder.path(), &["check", PAY], &[]);
    for told in [folder.run(&["check"]), folder.run(&["layout", "--write-lock"]), alone] {
        assert_eq!(told.code, 1);
        assert!(told.err.contains("it is the lock of `pay`"), "{}{}", told.out, told.err);
        assert!(told.err.contains("was never deployed, delete the lock"), "{}", told.err);
        assert!(!(told.out + &told.err).contains("FLT-15"));
    }
    std::fs::remove_file(folder.path().join("clusters/pay.lock.yaml")).unwrap();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    assert_eq!(range(&folder.read("fleet.lock.yaml")), before);
}

#[test]
fn two_lines_of_one_member_are_told() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let lock = folder.read("fleet.lock.yaml");
    let own = lock.lines().find(|line| line.contains("\"shop\"")).unwrap();
    let again = own.replace("10.80.0.0/20", "10.85.0.0/20");
    folder.write("fleet.lock.yaml", &lock.replace(own, &format!("{own}\n{again}")));
    let found = folder.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].2.as_str()), ("FLT-10", again.as_str()));
    folder.write("fleet.lock.yaml", "");
    let empty = folder.run(&["check"]);
    assert!(
        empty.code == 1 && empty.out.contains("restore it from version control"),
        "{}",
        empty.out
    );
}

/// Saved plans are not executed in waves that cannot be read, and what no wave executes is told.
#[test]
fn waves_that_are_wrong_are_not_followed_and_plans_of_nobody_are_told() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["layout", "--write-lock"]).code, 0);
    let plan = |name: &str| folder.write(&format!("plans/{name}-eu-west-1.plan"), "{}");
    ["shop", "pay", "gone"].into_iter().for_each(plan);
    folder.edit("fleet.yaml", "after: 30m", "after: 30x");
    let refused = folder.run(&["deploy", "--plans", "plans", "--no-doctor"]);
    assert!(refused.code == 1 && refused.out.contains("`30x` is not a time"), "{}", refused.out);
    assert!(!folder.path().join("plans/logs").exists());
    folder.edit("fleet.yaml", ", after: 30x", "");
    let told = folder.run(&["deploy", "--plans", "plans", "--no-doctor"]).err;
    assert!(told.contains("gone-eu-west-1.plan: not deployed: it is of no member"), "{told}");
}

/// What is wrong with a member of another wave is that wave's.
#[test]
fn a_wave_is_compared_whatever_is_wrong_with_another() {
    let folder = Folder::new();
    folder.edit(PAY, "size: /22", "size: /17");
    let one = folder.run(&["diff", "--against", "nothing", "--wave", "first"]);
    assert_eq!(one.code, 0, "{}{}", one.out, one.err);
    assert_eq!(folder.run(&["diff", "--against", "nothing", "--wave", "rest"]).code, 1);
}
