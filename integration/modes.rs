//! Every mode of the pod network beside every other: a stack that cfn-lint takes, or a refusal with the rule's id.

use std::process::Command;

use eksnet::diagnostic::any_error;
use serde_json::{Value, json};

use crate::support::{build, findings, snapshot};

type Edit = fn(&mut Value);

/// (mode, what a blueprint says for it)
const MODES: &[(&str, Edit)] = &[
    ("prefix delegation", |text| text["awsNode"]["prefixDelegation"] = json!(true)),
    ("single addresses", |text| {
        text["awsNode"]["prefixDelegation"] = json!(false);
        text["awsNode"]["warm"] = json!({ "ips": 5, "minimumIps": 10 });
    }),
    ("custom networking", |text| text["awsNode"]["customNetworking"] = json!({ "tier": "pods" })),
    ("pod tiers by group", |text| {
        text["awsNode"]["customNetworking"] = json!({ "tier": "pods" });
        text["nodeGroups"][0]["podTier"] = json!("more-pods");
    }),
    ("IPv6", |text| {
        text["vpc"]["ipv6"] = json!("amazon");
        text["cluster"]["ipFamily"] = json!("ipv6");
    }),
    ("security groups for pods", |text| {
        text["awsNode"]["securityGroupsForPods"] = json!({ "enforcing": "standard" })
    }),
    ("network policy", |text| {
        text["awsNode"]["networkPolicy"] = json!({ "enabled": true, "mode": "standard" })
    }),
    ("external SNAT", |text| text["awsNode"]["snat"] = json!({ "external": true })),
    ("subnet discovery", |text| text["awsNode"]["subnetDiscovery"] = json!(true)),
    ("Fargate", |text| {
        text["fargate"] =
            json!([{ "name": "jobs", "tier": "nodes", "selectors": [{ "namespace": "jobs" }] }])
    }),
    ("Windows", |text| {
        text["awsNode"]["windows"] = json!(true);
        let group = json!({ "name": "win", "tier": "nodes", "instanceTypes": ["m6i.large"], "amiType": "WINDOWS_CORE_2022_x86_64", "role": "own" });
        text["nodeGroups"].as_array_mut().unwrap().push(group);
    }),
    ("Auto Mode", |text| {
        text["cluster"]["autoMode"] = json!({});
    }),
    ("hybrid nodes", |text| {
        text["cluster"]["remoteNetworks"] = json!({ "nodes": ["192.168.64.0/24"] });
        text["egress"]["transitGateway"] =
            json!({ "id": "tgw-0123456789abcdef0", "destinations": ["192.168.64.0/24"] });
    }),
    ("another CNI", |text| text["awsNode"]["management"] = json!("none")),
    ("self-managed aws-node", |text| text["awsNode"]["management"] = json!("selfManaged")),
];

/// One key says both, so nobody can say both; or the second is the first and more.
const UNSAYABLE: &[(&str, &str)] = &[
    ("prefix delegation", "single addresses"),
    ("custom networking", "pod tiers by group"),
    ("another CNI", "self-managed aws-node"),
];

/// A blueprint in which every mode finds what it needs.
fn ground() -> Value {
    json!({
        "apiVersion": "eksnet/v1",
        "kind": "Blueprint",
        "metadata": { "name": "shop", "region": "eu-west-1" },
        "zones": 2,
        "vpc": { "cidr": "10.40.0.0/16", "secondaryCidrs": ["100.64.0.0/16"] },
        "tiers": [
            { "name": "public", "size": "/24", "egress": "internet", "serves": ["externalLoadBalancers"] },
            { "name": "nodes", "size": "/20", "egress": "nat", "serves": ["nodes"] },
            { "name": "pods", "size": "/18", "from": "100.64.0.0/16", "egress": "nat", "serves": ["pods"] },
            { "name": "more-pods", "size": "/19", "from": "100.64.0.0/16", "egress": "nat", "serves": ["pods"] },
            { "name": "control-plane", "size": "/28", "egress": "none", "serves": ["controlPlane"] },
        ],
        "egress": { "nat": "perZone" },
        "securityGroups": { "controlPlane": { "ingress": [{ "from": "10.0.0.0/8" }] } },
        "cluster": {
            "endpointAccess": { "private": true, "public": false },
            "access": [{ "principal": "arn:aws:iam::111122223333:role/ops", "policy": "AmazonEKSClusterAdminPolicy" }],
        },
        "nodeGroups": [{ "name": "general", "tier": "nodes", "instanceTypes": ["m6i.large"] }],
    })
}

fn of(modes: &[&Edit]) -> Value {
    let mut text = ground();
    modes.iter().for_each(|mode| mode(&mut text));
    // Auto Mode has no node groups to be told anything; for Windows somebody would need one.
    if text["cluster"].get("autoMode").is_some() && text["nodeGroups"][0].get("amiType").is_none() {
        text.as_object_mut().unwrap().remove("nodeGroups");
    }
    text
}

#[test]
fn each_mode_beside_each_other_is_a_stack_or_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let mut page = String::new();
    for (at, (one, edit)) in MODES.iter().enumerate() {
        let sayable = |other: &&str| !UNSAYABLE.contains(&(*one, *other));
        for (other, more) in MODES[at..].iter().filter(|(other, _)| sayable(other)) {
            let text = of(&[edit, more]).to_string();
            let found = findings(&text);
            let ids = |errors: bool| {
                // A tier for pods that a mode leaves empty is the ground's, not the mode's.
                let ids = found
                    .iter()
                    .filter(|one| one.is_error() == errors && one.rule.id != "CN-09")
                    .map(|one| one.rule.id);
                ids.collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            assert!(
                found.iter().filter(|one| one.is_error()).all(|one| one.hint.is_some()),
                "{one} + {other}: {found:#?}"
            );
            let words = if any_error(&found) {
                format!("refused: {}", ids(true))
            } else {
                let file = folder.path().join(format!("{}.json", page.lines().count()));
                std::fs::write(file, build(&text).template.to_json()).unwrap();
                if ids(false).is_empty() {
                    "a stack".to_string()
                } else {
                    format!("a stack, and a warning: {}", ids(false))
                }
            };
            let name = if one == other { (*one).to_string() } else { format!("{one} + {other}") };
            page.push_str(&format!("{name:<50} {words}\n"));
        }
    }
    snapshot("modes", &page);
    let Some(python) = crate::python::environment() else {
        return;
    };
    let templates = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let lint = Command::new(python.join("bin/cfn-lint")).args(templates).output().unwrap();
    assert!(
        lint.status.success() && lint.stdout.is_empty(),
        "{}{}",
        String::from_utf8_lossy(&lint.stdout),
        String::from_utf8_lossy(&lint.stderr)
    );
}
