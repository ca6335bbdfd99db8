//! What the tests share: running the binary, and the line without files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use eksnet::address::AddressPlan;
use eksnet::blueprint::{self, Document};
use eksnet::capacity::Capacity;
use eksnet::diagnostic::{Diagnostic, any_error};
use eksnet::intent::Intent;
use eksnet::ledger::{Kept, Ledger};
use eksnet::line::{self, Compiled, Request, Stopped};
use eksnet::observed::Observed;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// (stem, path) of every example blueprint.
pub fn blueprints() -> Vec<(String, PathBuf)> {
    let files =
        std::fs::read_dir(root().join("blueprints")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = files
        .filter(|path| {
            path.extension().is_some_and(|ending| ending == "yaml")
                && !path.to_string_lossy().ends_with(".lock.yaml")
        })
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect()
}

pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

/// The real binary in `folder`, with no AWS settings but `environment`.
pub fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    run_with_input(folder, arguments, environment, "")
}

pub fn run_with_input(
    folder: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &str,
) -> Run {
    use std::io::Write;
    let mut command = Command::new(env!("CARGO_BIN_EXE_eksnet"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder);
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read its input closes it; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A blueprint that was read without an error.
pub fn document(text: &str) -> Document {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let whole = reading.document.filter(|_| !any_error(&reading.findings));
    whole.unwrap_or_else(|| panic!("{:?}\n{text}", reading.findings))
}

/// The lock beside an example that names what exists: it holds what was there.
pub fn ledger_beside(document: &Document) -> Option<Ledger> {
    document.blueprint.vpc.as_ref()?.id.as_ref()?;
    let locks = blueprints().into_iter().map(|(_, path)| path.with_extension("lock.yaml"));
    let texts = locks.filter_map(|path| std::fs::read_to_string(path).ok());
    let mut ledgers = texts.map(|text| Ledger::from_text(&text, "lock").unwrap());
    ledgers.find(|ledger| ledger.name == document.blueprint.metadata.name)
}

/// Every finding of a text, placed, as `eksnet check` has them.
pub fn findings(text: &str) -> Vec<Diagnostic> {
    findings_with(text, &|_| {})
}

/// The same with a ledger that `edit` changed after the clean blueprint gave it out.
pub fn findings_with(text: &str, edit: &dyn Fn(&mut Ledger)) -> Vec<Diagnostic> {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let Some(document) = reading.document else { return reading.findings };
    let mut request = Request { found: reading.findings, ..Request::new(document) };
    request.ledger = ledger_beside(&request.document).unwrap_or(request.ledger);
    edit(&mut request.ledger);
    match line::compile(request) {
        Ok(compiled) => compiled.warnings,
        Err(Stopped::Findings(_, findings)) => findings,
        Err(Stopped::Failure(failure)) => panic!("{}\n{text}", failure.chain()),
    }
}

/// The whole line over a ledger.
pub fn build_over(text: &str, ledger: Option<&Ledger>) -> Compiled {
    let mut request = Request::new(document(text));
    // Whoever asks for another size here means it.
    let tiers = request.document.blueprint.tiers.iter().flatten();
    request.profiles.moves = tiers.map(|tier| tier.name.clone()).collect();
    let ledger = ledger.cloned().or_else(|| ledger_beside(&request.document));
    let ledger = ledger.unwrap_or(request.ledger.clone());
    line::compile(Request { ledger, ..request })
        .unwrap_or_else(|stopped| panic!("{stopped:?}\n{text}"))
}

/// What a text asks for, before its addresses are known.
pub fn intent(text: &str) -> Intent {
    let document = document(text);
    let occupied = ledger_beside(&document).and_then(|ledger| ledger.occupied);
    let observed = Observed { occupied, ..Observed::default() };
    eksnet::intent::resolve(&document.blueprint, &observed, &Kept::default()).0.unwrap()
}

pub fn build(text: &str) -> Compiled {
    build_over(text, None)
}

pub fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A VPC whose two ranges IPAM gives.
pub const POOLED: &str = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: shop, region: eu-west-1 }
zones: 2
vpc:
  cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }
  secondaryCidrs: [{ name: pods, ipamPool: ipam-pool-0fedcba9876543210, netmask: 18 }]
tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, serves: [nodes] }
  - { name: pods, size: /20, serves: [pods], from: pods }
"#;

/// The same pools, asked before the VPC is made.
pub fn allocated(text: &str) -> String {
    text.replace("netmask: 16 }", "netmask: 16, allocation: custom }")
        .replace("netmask: 18 }", "netmask: 18, allocation: custom }")
}

/// A small blueprint with a cluster, clean in every rule.
pub const CLEAN: &str = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata:
  name: shop
  region: eu-west-1
zones: 2
vpc:
  cidr: 10.40.0.0/16
tiers:
  - { name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /20, egress: nat, serves: [nodes] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }
cluster:
  endpointAccess: { private: true, public: false }
  access: [{ principal: "arn:aws:iam::111122223333:role/hybrid", type: hybridLinux }, { principal: "arn:aws:iam::111122223333:role/ops", policy: AmazonEKSViewPolicy }]
nodeGroups:
  - { name: general, tier: nodes, instanceTypes: [m6i.large] }
"#;

/// What the counting tests count, whatever the gates say of it.
pub struct Counted {
    pub plan: AddressPlan,
    pub capacity: Capacity,
}

pub fn counted(text: &str) -> Counted {
    let intent = intent(text);
    counted_over(text, &Ledger::empty(&intent.name, intent.region.name))
}

pub fn counted_over(text: &str, ledger: &Ledger) -> Counted {
    let intent = intent(text);
    let plan = eksnet::address::allocate(&intent, ledger);
    let plan = plan.unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    let capacity = eksnet::capacity::of(&intent, &plan);
    Counted { plan, capacity }
}
