//! The house's invariants, each a sentence in `src/lib.rs`. What clippy can hold is in `.clippy.toml`.

mod circles;
mod cited;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eksnet::line::{self, Request};
use eksnet::observed::{AddonVersions, Observed, Part};
use eksnet::render::fill;

use crate::support::{blueprints, build, document, root};

const ORDER: &[&str] = &[
    "rules",
    "diagnostic",
    "source",
    "facts",
    "template",
    "ledger",
    "blueprint",
    "observed",
    "survey",
    "intent",
    "demand",
    "address",
    "capacity",
    "graph",
    "check",
    "render",
    "patch",
    "line",
    "lockfile",
    "opened",
    "starter",
    "rescue",
    "aws",
    "preview",
    "deploy",
    "fleet",
    "doctor",
    "session",
    "report",
    "terminal",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension().and_then(|ending| ending.to_str()) {
                Some("rs") => found.push((
                    entry.strip_prefix(root().join("src")).unwrap().to_path_buf(),
                    std::fs::read_to_string(&entry).unwrap(),
                )),
                None if entry.is_dir() => open.push(entry),
                _ => {}
            }
        }
    }
    found
}

fn module(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_string()
}

/// Modules named after `crate::`, grouped imports included.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in text.split("crate::").skip(1) {
        let words = match piece.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .map(|part| part.trim().split("::").next().unwrap_or_default().to_string())
                .collect(),
            None => vec![
                piece
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .next()
                    .unwrap_or_default()
                    .to_string(),
            ],
        };
        found.extend(words);
    }
    found
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let rank = |name: &str| ORDER.iter().position(|own| *own == name);
    for (file, text) in sources() {
        let Some(own) = rank(&module(&file)) else {
            continue;
        };
        for name in used(&text) {
            if let Some(other) = rank(&name) {
                assert!(other <= own, "{} uses {name}, which stands below it", file.display());
            }
        }
    }
}

#[test]
fn the_map_lists_the_modules_in_their_order() {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|rest| rest.trim_end_matches(';'))
        .collect();
    assert_eq!(listed, ORDER);
}

#[test]
fn grouped_imports_are_seen() {
    assert_eq!(
        used("use crate::{cli, intent::Intent};\nuse crate::render::Template;"),
        ["cli", "render", "intent"].map(String::from).into()
    );
}

#[test]
fn only_aws_names_an_aws_sdk() {
    for (file, text) in sources().into_iter().filter(|(file, _)| module(file) != "aws") {
        for word in ["aws_sdk_", "aws_config", "aws_smithy", "kube::"] {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}

/// What clippy cannot see: who makes an exception.
#[test]
fn only_the_terminal_the_command_line_and_aws_make_exceptions_of_clock_environment_and_printing() {
    for (file, text) in sources()
        .into_iter()
        .filter(|(file, _)| !["terminal", "cli", "main", "aws"].contains(&module(file).as_str()))
    {
        for lint in ["clippy::disallowed_methods", "clippy::disallowed_macros", "clippy::all"] {
            assert!(!text.contains(lint), "{} allows {lint}", file.display());
        }
    }
}

#[test]
fn clippy_is_told_what_stays_out_of_the_stages() {
    let told = std::fs::read_to_string(root().join(".clippy.toml")).unwrap();
    for path in [
        "std::time::SystemTime::now",
        "std::time::Instant::now",
        "std::env::var",
        "std::io::stdout",
        "std::println",
        "std::eprintln",
        "std::collections::HashMap",
        "std::collections::HashSet",
    ] {
        assert!(told.contains(&format!("path = \"{path}\", reason = \"")), "{path}");
    }
}

#[test]
fn one_line_compiles_and_nothing_after_it_changes_an_intent() {
    for (file, text) in sources() {
        for stage in ["address::allocate(", "graph::build(", "render::template("] {
            assert!(
                file == Path::new("line.rs") || !text.contains(stage),
                "{} calls {stage}",
                file.display()
            );
        }
        assert!(
            module(&file) == "intent" || !text.contains("&mut Intent"),
            "{} changes an intent",
            file.display()
        );
    }
}

#[test]
fn no_file_reaches_500_lines_and_no_function_60() {
    let (mut functions, mut short) = (0, 0);
    for (file, text) in sources() {
        assert!(
            text.lines().count() < 500,
            "{} has {} lines",
            file.display(),
            text.lines().count()
        );
        for length in function_lengths(&text) {
            assert!(length < 60, "{} has a function of {length} lines", file.display());
            functions += 1;
            short += usize::from(length <= 30);
        }
    }
    assert!(short * 100 >= functions * 90, "{short} of {functions} functions stay within 30 lines");
}

/// What can be typed is not counted: it is the help.
#[test]
fn the_command_line_stays_under_2000_lines() {
    let typed = |text: &str| {
        let list = text.split_once("#[derive(Debug, Subcommand)]\n").map(|(_, rest)| rest);
        list.and_then(|rest| rest.split_once("\n}\n")).map_or(0, |(list, _)| list.lines().count())
    };
    let own = sources().into_iter().filter(|(file, _)| {
        file.starts_with("cli") && !file.starts_with(Path::new("cli").join("args"))
    });
    let lines: usize = own.map(|(_, text)| text.lines().count() - typed(&text)).sum();
    assert!(0 < lines && lines < 2_000, "{lines} lines");
}

/// Lines of each function, by the indentation of its closing brace.
fn function_lengths(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut lengths = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let start = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "const fn ",
            "pub const fn ",
        ]
        .iter()
        .any(|head| start.starts_with(head));
        if is_function && !line.trim_end().ends_with(';') {
            let indent = line.len() - start.len();
            let end = lines[at..]
                .iter()
                .position(|line| line.trim_end() == format!("{}}}", " ".repeat(indent)));
            lengths.push(end.unwrap_or(0) + 1);
        }
    }
    lengths
}

/// Templates of resources; the others are files beside the template.
fn is_resource(name: &str) -> bool {
    ["cloudformation/", "cloudwatch/", "ec2/", "eks/", "events/", "iam/", "kms/", "logs/", "sqs/"]
        .iter()
        .any(|folder| name.starts_with(folder))
}

#[test]
fn the_templates_are_the_kinds_that_the_example_blueprints_produce() {
    let mut produced = BTreeSet::new();
    for (_, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        produced
            .extend(built.graph.resources.values().map(|resource| resource.template.to_string()));
    }
    let written: BTreeSet<String> =
        fill::names().into_iter().filter(|name| is_resource(name)).collect();
    assert_eq!(produced, written);
}

#[test]
fn a_templates_variables_are_its_structs_fields() {
    for (_, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        for resource in built.graph.resources.values() {
            let text = fill::text(resource.template).unwrap();
            let variables: BTreeSet<&str> = text
                .split("{{")
                .skip(1)
                .filter_map(|rest| rest.split_once("}}"))
                .map(|(name, _)| name)
                .collect();
            let fields: BTreeSet<&str> =
                resource.facts.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(variables, fields, "templates/{}.hbs", resource.template);
        }
    }
}

#[test]
fn templates_do_not_decide() {
    for name in fill::names() {
        let text = fill::text(&name).unwrap();
        for word in ["{{#", "{{{", "{{>", "{{!"] {
            assert!(!text.contains(word), "templates/{name}.hbs has {word}");
        }
        // A list that stands in a manifest was chosen by whoever wrote it there.
        let is_listed = |line: &str| line.contains(": [") || line.trim_start().starts_with("- \"");
        let manifest = name.starts_with("kubernetes/");
        assert!(!manifest || !text.lines().any(is_listed), "templates/{name}.hbs chooses");
    }
}

#[test]
fn the_same_blueprint_and_ledger_give_the_same_bytes() {
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let (one, other) = (build(&text), build(&text));
        assert_eq!(one.template.to_json(), other.template.to_json(), "{name}");
        assert_eq!(one.template.to_yaml(), other.template.to_yaml(), "{name}");
        let again = crate::support::build_over(&text, Some(&one.plan.ledger));
        assert_eq!(one.template.to_json(), again.template.to_json(), "{name} over its own ledger");
    }
}

#[test]
fn yaml_for_people_and_json_for_the_api_are_the_same() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let yaml: serde_json::Value = serde_yaml::from_str(&built.template.to_yaml()).unwrap();
        assert_eq!(yaml, built.template.value, "{name}");
    }
}

/// As it is deployed: with the versions of its add-ons.
#[test]
fn every_example_is_deployed_without_a_bucket() {
    let versions = AddonVersions {
        newest_first: vec!["v1.20.4-eksbuild.1".to_string()],
        default: Some("v1.20.4-eksbuild.1".to_string()),
    };
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let cluster = build(&text).intent.cluster;
        let addons = cluster.iter().flat_map(|cluster| &cluster.addons).map(|one| one.name.clone());
        let offered = |name: String| (name, Part::Read(versions.clone()));
        let mut observed = Observed::default();
        observed.account.addons = addons.chain(["vpc-cni".to_string()]).map(offered).collect();
        let request = Request { observed, ..Request::new(document(&text)) };
        let beside = crate::support::ledger_beside(&request.document);
        let ledger = beside.unwrap_or(request.ledger.clone());
        let template = line::compile(Request { ledger, ..request }).unwrap().template;
        let size = template.to_json().len();
        let pinned = template.resources().filter(|(_, one)| one["Type"] == "AWS::EKS::Addon");
        for (id, addon) in pinned {
            assert!(addon["Properties"]["AddonVersion"].is_string(), "{name}: {id}");
        }
        assert!(size <= eksnet::facts::cloudformation::INLINE_LIMIT, "{name}: {size}");
    }
}

#[test]
fn pod_and_control_plane_subnets_get_no_load_balancer_tags_and_pod_subnets_are_never_the_clusters()
{
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let cluster = built
            .template
            .resource("Cluster")
            .map(|cluster| cluster["Properties"]["ResourcesVpcConfig"].to_string())
            .unwrap_or_default();
        for tier in built.intent.tiers.iter().filter(|tier| tier.existing.is_none()) {
            use eksnet::facts::subnets::Use;
            let own = built.plan.of_tier(&tier.name).map(eksnet::graph::subnet_id);
            for id in own {
                let tags = built.template.resource(&id).unwrap()["Properties"]["Tags"].to_string();
                if tier.serves(Use::Pods) || tier.serves(Use::ControlPlane) {
                    assert!(
                        !tags.contains("kubernetes.io/role/elb")
                            && !tags.contains("kubernetes.io/role/internal-elb"),
                        "{name}: {id}"
                    );
                }
                assert!(
                    !tier.serves(Use::Pods) || !cluster.contains(&format!("\"{id}\"")),
                    "{name}: {id} is handed to the cluster"
                );
            }
        }
    }
}

#[test]
fn every_subnet_has_one_route_table() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        for subnet in built.plan.made() {
            let id = eksnet::graph::subnet_id(subnet);
            let associations = built.template.resources().filter(|(_, resource)| {
                resource["Type"] == "AWS::EC2::SubnetRouteTableAssociation"
                    && resource["Properties"]["SubnetId"]["Ref"] == id.as_str()
            });
            assert_eq!(associations.count(), 1, "{name}: {id}");
        }
    }
}

#[test]
fn every_reference_is_to_a_resource_of_the_template() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        for id in built.graph.resources.keys() {
            for need in built.graph.needs(id) {
                assert!(built.graph.resources.contains_key(&need), "{name}: {id} refers to {need}");
            }
        }
    }
}
