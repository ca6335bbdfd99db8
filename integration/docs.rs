//! README and docs are true: commands run, generated pages and the picture are current, links lead somewhere.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use eksnet::observed::survey::{Address, Event, Interface, Subnet, Survey};
use eksnet::survey::{document, redact};
use serde_json::Value;

use crate::healthy::healthy;
use crate::held::list;
use crate::support::{blueprints, build, root, run};

fn pages() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let mut found = vec![root().join("README.md")];
    for folder in [docs.clone(), docs.join("how-to"), docs.join("reference"), docs.join("guide")] {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    }
    found.sort();
    found
}

#[test]
fn the_readme_is_short() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.split_whitespace().count() <= 900);
}

/// The finding that the README shows is what `check` prints, and the comment beside it accepts it.
#[test]
fn the_readme_shows_a_finding_and_how_to_accept_it() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let block = |begins: &str| {
        let blocks = text.split("\n```").map(|block| block.split_once('\n').unwrap_or_default().1);
        let found = blocks.into_iter().find(|block| block.starts_with(begins));
        found.unwrap_or_else(|| panic!("no block of the README begins with {begins}"))
    };
    let folder = tempfile::tempdir().unwrap();
    let checked = |vpc: &str| {
        let blueprint = block("apiVersion:").replace("vpc: { cidr: 10.40.0.0/16 }", vpc);
        std::fs::write(folder.path().join("shop.yaml"), blueprint).unwrap();
        run(folder.path(), &["check", "shop.yaml"], &[])
    };
    let shown = block("warning[");
    let done = checked("vpc: { cidr: 172.17.0.0/16 }");
    assert!(done.out.contains(shown.trim_end()), "{}", done.out);
    let accepted = checked(block("vpc: ").trim_end());
    assert!(!accepted.out.contains("VPC-06"), "{}", accepted.out);
    assert!(accepted.err.contains("0 warnings, 1 accepted"), "{}", accepted.err);
}

/// The recording as text has every command of its scene, in order, and the end.
#[test]
fn the_recording_has_a_transcript() {
    let text = std::fs::read_to_string(root().join("docs/img/demo.txt")).unwrap();
    let mut rest = text.as_str();
    for command in ["init", "layout", "deploy", "status", "diff", "deploy", "destroy"] {
        let typed = format!("$ eksnet {command} ");
        let at = rest.find(&typed).unwrap_or_else(|| panic!("no `{typed}` in\n{rest}"));
        rest = &rest[at + typed.len()..];
    }
    assert!(rest.contains("DELETE_COMPLETE eksnet-shop in "), "{rest}");
}

/// Every command of a block of `sh` runs, in order, in a folder of the page's own.
#[test]
fn commands_of_the_pages_run() {
    for page in pages() {
        if page.ends_with("reference/details.md") || page.ends_with("guide/rights.md") {
            continue;
        }
        let text = std::fs::read_to_string(&page).unwrap();
        let folder = tempfile::tempdir().unwrap();
        files_of(&text, folder.path());
        std::fs::copy(root().join(SAMPLE), folder.path().join("survey.json")).unwrap();
        for block in text.split("```sh\n").skip(1) {
            for line in block.split("```").next().unwrap().lines() {
                let line = line.strip_prefix("eksnet ").unwrap_or_else(|| panic!("{line}"));
                let (line, out) =
                    line.split_once(" > ").map_or((line, None), |(line, out)| (line, Some(out)));
                let done = run(folder.path(), &line.split(' ').collect::<Vec<_>>(), &[]);
                // The doctor's exit code says that it found a cause.
                let expected = i32::from(line.starts_with("doctor "));
                assert_eq!(done.code, expected, "{}: {line}\n{}", page.display(), done.err);
                if let Some(out) = out {
                    std::fs::write(folder.path().join(out), &done.out).unwrap();
                }
            }
        }
    }
}

/// The workflow of the page on pull requests, as a runner has it: a clone with the branch of one.
#[test]
fn the_documented_workflow_runs() {
    let page = std::fs::read_to_string(root().join("docs/how-to/ci.md")).unwrap();
    let block = page.split("```yaml\n").find(|block| block.starts_with("name: ")).unwrap();
    let workflow: serde_yaml::Value =
        serde_yaml::from_str(block.split("```").next().unwrap()).unwrap();
    let steps = workflow["jobs"]["check"]["steps"].as_sequence().unwrap();
    let runs = steps.iter().filter_map(|step| step["run"].as_str());
    let own: Vec<&str> = runs.filter(|line| line.starts_with("eksnet ")).collect();
    assert_eq!(own.len(), 2, "{own:?}");
    let folder = tempfile::tempdir().unwrap();
    let (origin, clone) = (folder.path().join("origin"), folder.path().join("clone"));
    std::fs::create_dir_all(origin.join("network")).unwrap();
    assert_eq!(run(&origin.join("network"), &["init", "shop"], &[]).code, 0);
    let git = "git -c user.name=a -c user.email=a@b";
    bash(&origin, &format!("git init -q -b main && git add . && {git} commit -qm one"));
    bash(folder.path(), "git clone -q origin clone && git -C clone checkout -qb change");
    // (the edit, whether the job fails, what the summary says)
    for (edit, fails, summary) in [
        ("s/max: 60/max: 61/", false, "0 to replace"),
        ("s/m6i.xlarge/m7i.xlarge/", true, "1 to replace"),
    ] {
        bash(&clone, &format!("sed -i '{edit}' network/shop.yaml && {git} commit -qam two"));
        let [check, diff] = own[..] else { unreachable!() };
        assert!(tried(&clone, check), "{check}");
        assert_eq!(tried(&clone, diff), !fails, "{edit}: {diff}");
        let written = std::fs::read_to_string(clone.join("summary.md")).unwrap();
        assert!(written.contains(summary), "{edit}: {written}");
    }
}

fn bash(folder: &Path, line: &str) {
    assert!(tried(folder, line), "{line}");
}

/// A line as a step of a workflow runs it.
fn tried(folder: &Path, line: &str) -> bool {
    let program = Path::new(env!("CARGO_BIN_EXE_eksnet")).parent().unwrap().to_path_buf();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program].into_iter().chain(std::env::split_paths(&others)));
    let mut command = std::process::Command::new("bash");
    command.args(["-euo", "pipefail", "-c", line]).current_dir(folder);
    command.env("PATH", path.unwrap()).env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
    command.output().unwrap().status.success()
}

/// The survey that people try `doctor` and `rescue` with.
const SAMPLE: &str = "docs/how-to/sample-survey.json";

/// A cluster of another tool in two zones, one node in each.
const SHARED: &str = r#"apiVersion: eksnet/v1
kind: Blueprint
metadata: { name: orders, region: eu-west-1 }
zones: 2
vpc: { cidr: 10.40.0.0/22 }
tiers:
  - { name: public, size: /27, egress: internet, serves: [externalLoadBalancers] }
  - { name: nodes, size: /26, egress: nat, serves: [nodes, internalLoadBalancers] }
  - { name: control-plane, size: /28, egress: none, serves: [controlPlane] }
cluster:
  endpointAccess: { public: true, publicCidrs: [8.8.8.0/24] }
  access: [{ principal: "arn:aws:iam::999988887777:role/platform", policy: AmazonEKSClusterAdminPolicy }]
awsNode: { prefixDelegation: false }
nodeGroups: [{ name: general, tier: nodes, instanceTypes: [m6i.xlarge], scaling: { min: 2, desired: 2, max: 2 }, podsPerNode: 20 }]
"#;

/// Its nodes' subnets are full, and a colleague with access shares what was read.
fn sample() -> Survey {
    let mut survey = healthy(&build(SHARED));
    survey.header.eksnet = env!("CARGO_PKG_VERSION").to_string();
    let groups = survey.eks.node_groups.read().into_iter().flatten();
    let full: BTreeSet<String> = groups.flat_map(|group| group.subnets.clone()).collect();
    for subnet in list(&mut survey.vpc.subnets).iter_mut() {
        subnet.tags.retain(|key, _| key.starts_with("kubernetes.io/"));
        subnet.tags.insert("Terraform".into(), "true".into());
        if full.contains(&subnet.id) {
            subnet.available = 0;
            hold_all(subnet, list(&mut survey.vpc.interfaces));
        }
    }
    let event = |at: usize| {
        Event {
        namespace: "shop".into(),
        about: format!("Pod shop/web-{at}"),
        reason: "FailedCreatePodSandBox".into(),
        message: "plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: failed to assign an IP address to container".into(),
        reporter: "kubelet".into(),
        count: 40,
        ..Event::default()
    }
    };
    *list(&mut survey.kubernetes.events) = (1..4).map(event).collect();
    redact::redacted(&with_ids_of_aws(&survey))
}

/// The interfaces of a subnet's node have every address that AWS does not keep, 15 on each.
fn hold_all(subnet: &Subnet, interfaces: &mut Vec<Interface>) {
    let hosts: Vec<Ipv4Addr> = subnet.cidr.unwrap().hosts().skip(3).collect();
    let held = |host: &Ipv4Addr| Address { private: *host, public: None };
    let own = |one: &Interface| one.subnet == subnet.id && one.description.starts_with("aws-K8S-");
    let model = interfaces.iter().find(|one| own(one)).unwrap().clone();
    interfaces.retain(|one| !own(one));
    let first = interfaces.iter_mut().find(|one| one.subnet == subnet.id).unwrap();
    first.addresses = hosts[..15].iter().map(held).collect();
    for (at, hosts) in hosts[15..].chunks(15).enumerate() {
        let mut more = Interface { id: format!("{}{at}", model.id), ..model.clone() };
        more.addresses = hosts.iter().map(held).collect();
        more.attachment.as_mut().unwrap().device_index = u32::try_from(at).ok().map(|at| at + 1);
        interfaces.push(more);
    }
}

/// Ids as AWS gives them, in place of those that name what they are of.
fn with_ids_of_aws(survey: &Survey) -> Survey {
    fn ids(value: &Value, found: &mut BTreeSet<String>) {
        found.extend(value["id"].as_str().map(str::to_string));
        value.as_object().into_iter().flatten().for_each(|(_, inner)| ids(inner, found));
        value.as_array().into_iter().flatten().for_each(|inner| ids(inner, found));
    }
    let value = serde_json::to_value(survey).unwrap();
    let mut found = BTreeSet::new();
    ids(&value, &mut found);
    let kinds = ["vpc", "subnet", "rtb", "nat", "eni", "igw", "i", "sg"];
    let of_aws = |id: &&String| id.split_once('-').is_some_and(|(kind, _)| kinds.contains(&kind));
    let mut found: Vec<(usize, String)> =
        found.iter().filter(of_aws).cloned().enumerate().collect();
    found.sort_by_key(|(_, id)| std::cmp::Reverse(id.len()));
    let mut text = value.to_string();
    for (at, id) in found {
        let (kind, _) = id.split_once('-').unwrap();
        text = text.replace(&id, &format!("{kind}-{:017x}", 0xabc0_0000 + at));
    }
    document::parse(&text).unwrap()
}

/// `INSTA_UPDATE=always` writes it, as it does snapshots.
#[test]
fn the_sample_survey_is_of_this_version() {
    let path = root().join(SAMPLE);
    let now = document::write(&sample());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|word| word == "always") {
        std::fs::write(&path, &now).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), now);
    assert!(!now.contains("111122223333"), "an account is in the sample");
}

/// Blocks that begin with the name of a file, as `# network/fleet.yaml`, are that file.
fn files_of(text: &str, folder: &Path) {
    for block in text.split("```yaml\n# ").skip(1) {
        let Some((name, text)) = block.split_once('\n').filter(|(name, _)| name.ends_with(".yaml"))
        else {
            continue;
        };
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.split("```").next().unwrap()).unwrap();
    }
}

#[test]
fn blueprints_of_the_readme_are_valid() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let block = text.split("```yaml\n").find(|block| block.starts_with("apiVersion")).unwrap();
    let yaml = block.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), yaml).unwrap();
    let done = run(folder.path(), &["check"], &[]);
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
}

/// The README's picture and the generated pages are what this eksnet writes.
#[test]
fn what_is_generated_is_current() {
    let written = |name: &str| std::fs::read_to_string(root().join(name)).unwrap();
    let of = |arguments: &[&str]| run(root(), arguments, &[]).out;
    assert_eq!(
        written("docs/img/address-map.svg"),
        of(&["report", "blueprints/three-tiers.yaml", "-o", "svg"])
    );
    for page in ["keys", "commands"] {
        let now = of(&["explain", page, "-o", "markdown"]);
        assert_eq!(written(&format!("docs/reference/{page}.md")), now, "{page}");
    }
}

/// Every page of the book is in its summary once, and what a link names in a page is a heading of it.
#[test]
fn the_book_has_every_page_and_every_heading() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let named: Vec<&str> =
        summary.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    for line in summary.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        let link = line.strip_prefix("- ").unwrap_or(line).starts_with('[');
        assert!(line.starts_with("# ") || link, "mdBook reads no such line: {line}");
    }
    let unique: BTreeSet<&&str> = named.iter().collect();
    assert_eq!(unique.len(), named.len(), "a page is in the summary twice");
    let decisions = std::fs::read_dir(docs.join("decisions")).unwrap();
    for page in pages().into_iter().chain(decisions.map(|entry| entry.unwrap().path())) {
        let Ok(inside) = page.strip_prefix(&docs) else { continue };
        let inside = inside.to_string_lossy();
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(!text.contains("SUMMARY.md)"), "{inside}: mdBook makes no page of the summary");
        assert!(inside == "SUMMARY.md" || named.contains(&&*inside), "{inside} is in no summary");
    }
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, heading)) = link.split_once('#') else { continue };
            if file.contains("://") {
                continue;
            }
            let target =
                if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let headings = headings(&std::fs::read_to_string(target).unwrap());
            assert!(headings.contains(&heading.to_string()), "{}: {link}", page.display());
        }
    }
}

/// Headings as GitHub and mdBook write their anchors.
fn headings(text: &str) -> Vec<String> {
    let titles = text.lines().filter_map(|line| line.strip_prefix('#'));
    let kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
    titles
        .map(|title| title.trim_start_matches('#').trim().to_lowercase())
        .map(|title| title.chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn links_lead_to_files() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            if file.is_empty() || file.contains("://") || file.contains(' ') {
                continue;
            }
            let target: PathBuf = page.parent().unwrap_or(Path::new(".")).join(file);
            assert!(target.exists(), "{}: {link}", page.display());
        }
    }
}

/// Every output of an example or a design is on its page, and every one there is some stack's.
#[test]
fn outputs_are_on_their_page() {
    let page = std::fs::read_to_string(root().join("docs/reference/outputs.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: BTreeSet<&str> = rows.collect();
    let designs = std::fs::read_dir(root().join("integration/designs")).unwrap();
    let designs = designs.map(|entry| entry.unwrap().path());
    let files = designs.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut seen = BTreeSet::new();
    for path in files.chain(blueprints().into_iter().map(|(_, path)| path)) {
        let built = build(&std::fs::read_to_string(&path).unwrap());
        for name in built.template.value["Outputs"].as_object().into_iter().flatten() {
            let of = |row: &&&str| match row.split_once('<') {
                Some((head, _)) => name.0.strip_prefix(head).is_some_and(|rest| !rest.is_empty()),
                None => **row == name.0,
            };
            let row = rows.iter().find(of);
            seen.insert(*row.unwrap_or_else(|| panic!("{} of {}", name.0, path.display())));
        }
    }
    assert_eq!(seen, rows);
}
