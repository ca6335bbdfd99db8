//! Every example blueprint in every format: read before it is accepted.

use std::process::Command;

use eksnet::report::{View, layout};

use crate::support::{blueprints, build, root, run, snapshot};

#[test]
fn the_layout_of_every_blueprint() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        let text = layout::write(&built.layout(), "lock shop.lock.yaml: unchanged", View::of(100));
        let beside = View { explained: true, ..View::of(100) };
        let beside = layout::write(&built.layout(), "lock shop.lock.yaml: unchanged", beside);
        assert!(!beside.contains("Defaults"), "{beside}");
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
        let done = run(root(), &["check", path.to_str().unwrap(), "--strict"], &[]);
        let clean = done.code == 0 && done.err.contains("0 errors, 0 warnings");
        assert!(clean, "{name}: {}{}", done.out, done.err);
    }
}

/// The bounds of a number's type say nothing: nobody has 4,294,967,295 nodes.
#[test]
fn every_number_has_bounds_of_its_own() {
    let schema = eksnet::blueprint::schema();
    let mut open = Vec::new();
    let mut rest = vec![(String::new(), &schema)];
    while let Some((place, one)) = rest.pop() {
        let kinds = [one["type"].as_str(), one["type"][0].as_str()];
        let bounds = (one["minimum"].as_i64(), one["maximum"].as_i64());
        let is_port = one["maximum"] == 65_535 && place.contains("ort");
        if kinds.contains(&Some("integer")) && !is_port {
            let types = [u8::MAX.into(), u16::MAX.into(), i64::from(u32::MAX)];
            let own = bounds.1.is_some_and(|most| !types.contains(&most)) && bounds.0.is_some();
            open.extend((!own).then_some(place.clone()));
        }
        let members = one.as_object().into_iter().flatten();
        rest.extend(members.map(|(key, inner)| (format!("{place}/{key}"), inner)));
        let items = one.as_array().into_iter().flatten().enumerate();
        rest.extend(items.map(|(at, inner)| (format!("{place}/{at}"), inner)));
    }
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn every_blueprint_validates_against_the_schema_that_editors_use() {
    let schema = eksnet::blueprint::schema_for_editors();
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

/// An editor and `check` say the same of a value without quotes in the place of a text.
#[test]
fn editors_accept_what_check_reads() {
    let validator = jsonschema::validator_for(&eksnet::blueprint::schema_for_editors()).unwrap();
    let shape = ["BP-01", "BP-02", "BP-03", "BP-04", "BP-05"];
    let mut differ = Vec::new();
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let whole: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        for place in leaves(&whole, "") {
            for value in ["1.35", "123", "true", "[]", "{}", "\"x y\""] {
                let mut edited = whole.clone();
                *edited.pointer_mut(&place).unwrap() = serde_json::from_str(value).unwrap();
                let text = edited.to_string();
                let found = eksnet::blueprint::read("x.json", text.clone().into_bytes()).findings;
                let fits = found.iter().all(|one| !shape.contains(&one.rule.id));
                if fits != validator.is_valid(&edited) {
                    differ.push(format!("{name} {place} = {value}: check {fits}"));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{} differ: {:#?}", differ.len(), &differ[..differ.len().min(40)]);
}

/// JSON pointers of every text.
fn leaves(value: &serde_json::Value, place: &str) -> Vec<String> {
    match value {
        serde_json::Value::String(_) => vec![place.to_string()],
        serde_json::Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(at, one)| leaves(one, &format!("{place}/{at}"))).collect()
        }
        serde_json::Value::Object(map) => {
            let key = |key: &String| key.replace('~', "~0").replace('/', "~1");
            map.iter()
                .flat_map(|(name, one)| leaves(one, &format!("{place}/{}", key(name))))
                .collect()
        }
        _ => Vec::new(),
    }
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
