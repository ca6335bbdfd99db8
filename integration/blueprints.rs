//! Every example blueprint in every format: read before it is accepted.

use std::process::Command;

use eksnet::check::Profiles;
use eksnet::report::{View, layout};

use crate::support::{blueprints, build, root, run, snapshot};

#[test]
fn the_layout_of_every_blueprint() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let text = layout::write(&built.layout(), "lock shop.lock.yaml: unchanged", View::of(100));
        snapshot(&format!("layout-{name}"), &anstream::adapter::strip_str(&text).to_string());
    }
}

#[test]
fn the_layout_of_every_blueprint_for_programs() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        snapshot(
            &format!("layout-json-{name}"),
            &eksnet::report::layout_json::write(&built.layout()),
        );
    }
}

#[test]
fn the_template_of_every_blueprint() {
    for (name, path) in blueprints() {
        snapshot(
            &format!("template-{name}"),
            &build(&std::fs::read_to_string(path).unwrap()).template.to_yaml(),
        );
    }
}

#[test]
fn the_files_beside_the_template() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let files =
            eksnet::render::files::all(&built.intent, &built.plan, &built.template).unwrap();
        let beside = files.iter().filter(|(file, _)| !file.starts_with("template."));
        let text: String = beside.map(|(file, text)| format!("==> {file}\n{text}\n")).collect();
        snapshot(&format!("files-{name}"), &text);
    }
}

#[test]
fn every_blueprint_is_clean() {
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let (document, found) = (crate::support::document(&text), crate::support::findings(&text));
        let judged = eksnet::check::judged(&document, found, &Profiles::default(), true);
        assert_eq!(judged, [], "{name}");
    }
}

#[test]
fn every_blueprint_validates_against_the_schema_that_editors_use() {
    let schema = eksnet::blueprint::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, path) in blueprints() {
        let value: serde_json::Value =
            serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
    let broken: serde_json::Value = serde_json::json!({ "apiVersion": "eksnet/v1", "kind": "Blueprint", "metadata": { "name": "x", "region": "y" }, "vpcc": {} });
    assert!(!validator.is_valid(&broken), "the schema lets anything pass");
}

/// cfn-lint finds no error and no warning in any template, in either format.
#[test]
fn cfn_lint_has_nothing_to_say() {
    let Some(python) = crate::python::environment() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, path) in blueprints() {
        let out = folder.path().join(&name);
        let rendered =
            run(root(), &["render", path.to_str().unwrap(), "--out", out.to_str().unwrap()], &[]);
        assert_eq!(rendered.code, 0, "{}", rendered.err);
    }
    let templates = std::fs::read_dir(folder.path()).unwrap().flat_map(|entry| {
        let folder = entry.unwrap().path();
        [folder.join("template.yaml"), folder.join("template.json")]
    });
    let lint = Command::new(python.join("bin/cfn-lint")).args(templates).output().unwrap();
    assert!(
        lint.status.success() && lint.stdout.is_empty(),
        "{}{}",
        String::from_utf8_lossy(&lint.stdout),
        String::from_utf8_lossy(&lint.stderr)
    );
}

/// (check, why its finding is none of ours)
const EXPLAINED: &[(&str, &str)] = &[
    (
        "CKV_AWS_58",
        "EKS encrypts everything in etcd since Kubernetes 1.28, which is older than any version here; a key of one's own is `secretsKey`",
    ),
    (
        "CKV_AWS_158",
        "CloudWatch Logs encrypts every log group; a key of one's own is `flowLogs.key`",
    ),
    ("CKV_AWS_27", "SQS encrypts the queue with a key of its own (`SqsManagedSseEnabled`)"),
];

/// checkov finds nothing in any template but what is explained, and everything that is explained.
#[test]
fn checkov_has_nothing_to_say_that_is_not_explained() {
    let Some(python) = crate::python::checkov() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(python.join("bin/checkov"));
    command.current_dir(folder.path()).args([
        "--framework",
        "cloudformation",
        "--skip-download",
        "--compact",
        "--quiet",
        "-o",
        "json",
    ]);
    for (name, path) in blueprints() {
        std::fs::write(
            folder.path().join(format!("{name}.yaml")),
            build(&std::fs::read_to_string(path).unwrap()).template.to_yaml(),
        )
        .unwrap();
        command.arg("-f").arg(format!("{name}.yaml"));
    }
    let output = command.output().unwrap();
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{error}: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
        });
    assert_eq!(report["summary"]["parsing_errors"], 0, "{}", report["summary"]);
    assert!(
        report["summary"]["passed"].as_u64() > Some(400),
        "checkov looked at next to nothing: {}",
        report["summary"]
    );
    let failed: Vec<_> = report["results"]["failed_checks"].as_array().unwrap().iter().collect();
    let name = |check: &&serde_json::Value| check["check_id"].as_str().unwrap().to_string();
    let unexplained: Vec<_> =
        failed.iter().filter(|check| !EXPLAINED.iter().any(|(id, _)| *id == name(check))).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    for (id, _) in EXPLAINED {
        assert!(
            failed.iter().any(|check| name(check) == *id),
            "{id} is explained and not found any more"
        );
    }
}
