//! Sick clusters on the emulated EC2 and EKS and a real Kubernetes API server, read and judged by the real binary. `emulator/worlds.py` makes
//! one healthy cluster and spoils it in one place after the other.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::run;
use crate::{emulator, kubernetes};

/// The emulated CloudWatch counts nothing of gateways.
const UNKNOWN: [&str; 1] = ["SN-06"];

/// The worlds that were promised, by name; there are more.
const PROMISED: [&str; 25] = [
    "acl-ephemeral",
    "coredns-down",
    "dns-policy",
    "endpoint-group",
    "endpoint-missing",
    "eniconfig-missing",
    "eniconfig-wrong-zone",
    "exclude-all-snat",
    "external-snat-public",
    "fragmented",
    "full-subnet",
    "lb-full",
    "leaked",
    "main-table",
    "maxpods-too-high",
    "min-without-warm",
    "nat-failed",
    "no-lb-tags",
    "no-nat",
    "only-old-range",
    "s3-endpoint-not-associated",
    "two-tagged-groups",
    "upgrade-no-room",
    "webhook-empty",
    "webhook-port",
];

#[test]
fn every_sick_world_is_told_by_its_root() {
    // In this order everywhere: each of them waits for its turn.
    let (Some(cluster), Some(session)) = (kubernetes::start(), emulator::start()) else { return };
    cluster.joins(&session);
    let mut worlds = Command::new(session.python())
        .arg(crate::support::root().join("integration/emulator/worlds.py"))
        .arg("eu-west-1")
        .args(session.places())
        .args(cluster.way_in())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut next = worlds.stdin.take().unwrap();
    let lines = BufReader::new(worlds.stdout.take().unwrap()).lines();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for line in lines {
        let world: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (found, unknown) = diagnosis(&session);
        let wanted: Vec<&str> =
            world["roots"].as_array().unwrap().iter().filter_map(|id| id.as_str()).collect();
        if found.iter().ne(&wanted) || unknown.iter().ne(&UNKNOWN) {
            wrong.push(format!("{}: {found:?}, not known {unknown:?}", world["world"]));
        }
        seen.insert(world["world"].as_str().unwrap().to_string());
        next.write_all(b"\n").unwrap();
    }
    assert!(worlds.wait().unwrap().success());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let missing: Vec<&str> = PROMISED.into_iter().filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(seen.len(), 35, "33 sick worlds, and a healthy one before and after them");
}

/// Ids of the roots, each once, and of what could not be judged.
fn diagnosis(session: &emulator::Session) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let environment = session.environment();
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let arguments = ["doctor", "--cluster", "shop", "--region", "eu-west-1", "-o", "json"];
    let ran = run(folder.path(), &arguments, &environment);
    let told = ran.json();
    let ids = |is_one: &dyn Fn(&&Value) -> bool| -> BTreeSet<String> {
        let verdicts = told["verdicts"].as_array().unwrap().iter().filter(is_one);
        verdicts.filter_map(|one| one["id"].as_str()).map(str::to_string).collect()
    };
    let roots = ids(&|one| one["root"] == true);
    assert_eq!(ran.code, i32::from(!roots.is_empty()), "{}{}", ran.out, ran.err);
    (roots, ids(&|one| one["state"] == "unknown"))
}
