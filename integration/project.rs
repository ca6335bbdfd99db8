//! A blueprint in a folder of its own, the real binary in it, and what has to stand afterwards.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::emulator::Session;
use crate::support::{Run, root, run_with_input};

pub struct Project {
    folder: tempfile::TempDir,
    pub text: String,
}

impl Project {
    pub fn of(text: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), text: text.to_string() };
        project.write();
        project
    }

    /// The command, started and not waited for.
    pub fn start(
        &self,
        environment: &[(String, String)],
        arguments: &[&str],
    ) -> std::process::Child {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_eksnet"));
        command
            .current_dir(self.path())
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.path());
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        let piped = std::process::Stdio::piped;
        command.stdin(std::process::Stdio::null()).stdout(piped()).stderr(piped()).spawn().unwrap()
    }

    pub fn new(blueprint: &str) -> Self {
        let text =
            std::fs::read_to_string(root().join(format!("blueprints/{blueprint}.yaml"))).unwrap();
        let text = if text.contains("deletionProtection") {
            text
        } else {
            text.replace("\ncluster:\n", "\ncluster:\n  deletionProtection: false\n")
        };
        let project = Self { folder: tempfile::tempdir().unwrap(), text };
        project.write();
        project
    }

    pub fn write(&self) {
        std::fs::write(self.path().join("shop.yaml"), &self.text).unwrap();
    }

    pub fn edit(&mut self, from: &str, to: &str) {
        assert!(self.text.contains(from), "{from}");
        self.text = self.text.replacen(from, to, 1);
        self.write();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run(&self, environment: &[(String, String)], arguments: &[&str]) -> Run {
        self.answer(environment, arguments, "")
    }

    pub fn answer(&self, environment: &[(String, String)], arguments: &[&str], input: &str) -> Run {
        let environment: Vec<(&str, &str)> =
            environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        run_with_input(self.path(), arguments, &environment, input)
    }

    pub fn deploy(&self, session: &Session) -> Run {
        self.run(&session.environment(), &["deploy", "shop.yaml", "--yes"])
    }

    pub fn layout(&self) -> Value {
        self.run(&[], &["layout", "shop.yaml", "-o", "json"]).json()
    }
}

pub fn ok(run: &Run) {
    assert_eq!(run.code, 0, "{}\n{}", run.out, run.err);
}

/// What stands is what the address plan says: VPC, subnets, tags, routes, NAT gateways, cluster.
pub fn compare(project: &Project, live: &Value) {
    let layout = project.layout();
    let vpc = &live["vpcs"][0];
    let mut cidrs: Vec<&Value> = vec![&layout["vpc"]["cidr"]];
    cidrs.extend(layout["vpc"]["secondaryCidrs"].as_array().unwrap());
    let set = |values: Vec<&Value>| {
        values.into_iter().map(|value| value.as_str().unwrap().to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(set(vpc["cidrs"].as_array().unwrap().iter().collect()), set(cidrs));
    assert_eq!((&vpc["dnsSupport"], &vpc["dnsHostnames"]), (&json!(true), &json!(true)));
    let (planned, standing) =
        (layout["subnets"].as_array().unwrap(), live["subnets"].as_array().unwrap());
    assert_eq!(planned.len(), standing.len());
    let nats: BTreeSet<String> =
        set(live["natGateways"].as_array().unwrap().iter().map(|nat| &nat["id"]).collect());
    for subnet in planned {
        let one = standing
            .iter()
            .find(|one| one["cidr"] == subnet["cidr"])
            .unwrap_or_else(|| panic!("{subnet} does not stand"));
        assert_eq!(one["zone"], subnet["zone"]);
        for (key, value) in subnet["tags"].as_object().unwrap() {
            assert_eq!(&one["tags"][key], value, "{key} of {subnet}");
        }
        assert!(one["table"].is_string(), "{subnet} has no route table of its own");
        let default = one["default"].as_str();
        match subnet["egress"].as_str().unwrap() {
            "internet" => assert_eq!(default, live["internetGateways"][0].as_str()),
            // moto has no regional gateways: there is an id for it, and nothing more.
            "nat" if project.text.contains("nat: regional") => {
                assert!(default.unwrap().starts_with("nat-"), "{subnet} leaves through {default:?}")
            }
            "nat" => {
                assert!(nats.contains(default.unwrap()), "{subnet} leaves through {default:?}")
            }
            _ => assert_eq!(default, None, "{subnet}"),
        }
    }
}

pub fn nothing_left(live: &Value) {
    assert_eq!(
        *live,
        json!({ "vpcs": [], "cidrs6": [], "egressOnlyGateways": [], "subnets": [], "natGateways": [], "endpoints": [], "securityGroups": [], "defaultGroups": [], "networkAcls": [], "countsUnits": [], "elasticIps": 0, "internetGateways": [], "cluster": null })
    );
}
