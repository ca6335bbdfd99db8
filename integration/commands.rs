//! The real binary: what it prints where, and how it exits.

use std::fs;

use crate::support::{CLEAN, root, run, run_with_input};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    folder
}

#[test]
fn wrong_usage_exits_with_64_and_help_with_0() {
    let folder = folder();
    let code = |arguments: &[&str]| run(folder.path(), arguments, &[]).code;
    assert_eq!(code(&["nonsense"]), 64);
    assert_eq!(code(&["layout", "shop.yaml", "-o", "yaml"]), 64);
    assert_eq!(code(&["explain", "XYZ-1"]), 64);
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["deploy", "--help"]), 0);
    assert_eq!(code(&["--version"]), 0);
}

/// A command has its own stack, however little the first thread of the process has.
#[cfg(unix)]
#[test]
fn a_small_stack_is_enough_for_the_first_thread() {
    let folder = folder();
    let binary = env!("CARGO_BIN_EXE_eksnet");
    let limited = format!("ulimit -s 200 && exec '{binary}' layout shop.yaml");
    let done = std::process::Command::new("sh")
        .args(["-c", &limited])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn findings_of_severity_error_exit_with_1_and_warnings_with_0() {
    let folder = folder();
    fs::write(folder.path().join("bad.yaml"), CLEAN.replace("/24", "/29")).unwrap();
    fs::write(folder.path().join("warn.yaml"), CLEAN.replace("10.40.0.0/16", "52.10.0.0/16"))
        .unwrap();
    for command in ["check", "layout", "render"] {
        assert_eq!(run(folder.path(), &[command, "bad.yaml"], &[]).code, 1, "{command}");
        assert_eq!(run(folder.path(), &[command, "warn.yaml"], &[]).code, 0, "{command}");
        let told = run(folder.path(), &[command, "missing.yaml"], &[]);
        assert_eq!(told.code, 1, "{command}");
        assert!(!told.err.lines().any(|line| line.trim() == "help:"), "{command}: {}", told.err);
    }
    assert_eq!(run(folder.path(), &["diff", "bad.yaml", "--against", "nothing"], &[]).code, 1);
    assert!(
        !folder.path().join("bad.lock.yaml").exists(),
        "a blueprint with errors gives out no address"
    );
}

/// An example's account and range are named where they stand, once, by the command that wrote them.
#[test]
fn init_names_what_is_to_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["init", "first"], &[]);
    let text = fs::read_to_string(folder.path().join("first.yaml")).unwrap();
    for word in ["111122223333", "203.0.113.0/24"] {
        let line = text.lines().position(|line| line.contains(word)).unwrap() + 1;
        assert!(made.err.contains(&format!("{word} (line {line})")), "{}", made.err);
    }
    assert_eq!(made.out, "first.yaml\n");
}

/// A shell's `*.yaml` names locks: a report passes them by.
#[test]
fn a_report_has_no_sheet_of_a_lock() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]).code, 0);
    let words = ["report", "shop.yaml", "shop.lock.yaml", "-o", "json"];
    let done = run(folder.path(), &words, &[]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(done.json()["reports"].as_array().unwrap().len(), 1);
}

#[test]
fn check_for_programs_has_the_contracts_fields() {
    let folder = folder();
    fs::write(folder.path().join("bad.yaml"), CLEAN.replace("size: /24", "size: /29")).unwrap();
    let checked = run(folder.path(), &["check", "bad.yaml", "shop.yaml", "-o", "json"], &[]);
    assert_eq!(checked.code, 1);
    let found = checked.json();
    assert_eq!(found["schemaVersion"], 1);
    let first = &found["findings"][0];
    assert_eq!(first["rule"], "SUB-01");
    assert_eq!(first["severity"], "error");
    assert_eq!(first["path"], "tiers[0].size");
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&"bad.yaml".into(), &10.into(), &27.into())
    );
    assert!(first["message"].is_string() && first["hint"].is_string());
    assert_eq!(found["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn layout_for_programs_has_the_contracts_fields() {
    let folder = folder();
    let text = CLEAN
        .replace("zones: 2", "zones: [eu-west-1a, eu-west-1b]")
        .replace("  cidr: 10.40.0.0/16", "  cidr: 10.40.0.0/16\n  secondaryCidrs: [100.64.0.0/16]");
    fs::write(folder.path().join("shop.yaml"), text).unwrap();
    let layout = run(folder.path(), &["layout", "shop.yaml", "-o", "json"], &[]).json();
    assert_eq!(
        layout["vpc"],
        serde_json::json!({ "cidr": "10.40.0.0/16", "secondaryCidrs": ["100.64.0.0/16"], "ipv6": false })
    );
    assert_eq!(layout["zones"][0], serde_json::json!({ "id": "euw1-az1", "name": "eu-west-1a" }));
    let nodes = layout["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .find(|subnet| subnet["tier"] == "nodes")
        .unwrap();
    assert_eq!(
        (&nodes["usable"], &nodes["prefixes"], &nodes["ipv6Slot"]),
        (&4091.into(), &254.into(), &serde_json::Value::Null)
    );
    assert_eq!(
        (&nodes["zone"], &nodes["egress"], &nodes["serves"]),
        (&"euw1-az1".into(), &"nat".into(), &serde_json::json!(["nodes"]))
    );
    let group = &layout["nodeGroups"][0];
    assert_eq!(
        (&group["name"], &group["maxPods"], &group["limit"]),
        (&"general".into(), &110.into(), &"mng-cap".into())
    );
    assert_eq!(group["addressesPerNode"]["podSubnet"], 0);
    assert_eq!(group["addressesPerNode"]["nodeSubnet"], 113);
    assert!(
        layout["capacity"]["perZone"][0]["limitedBy"].as_str().unwrap().starts_with("nodes 10.40.")
    );
    assert!(layout["free"].as_array().unwrap().contains(&"100.64.0.0/16".into()));
}

#[test]
fn a_zone_that_only_a_count_names_has_no_name() {
    let folder = folder();
    let layout = run(folder.path(), &["layout", "shop.yaml", "-o", "json"], &[]).json();
    assert_eq!(layout["zones"][1], serde_json::json!({ "id": "euw1-az2", "name": null }));
}

#[test]
fn commands_that_only_read_never_write_the_lock() {
    let folder = folder();
    for arguments in
        [&["check", "shop.yaml"][..], &["layout", "shop.yaml"], &["render", "shop.yaml"]]
    {
        assert_eq!(run(folder.path(), arguments, &[]).code, 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{arguments:?}");
    }
    let written = run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]);
    assert!(written.err.contains("shop.lock.yaml written"), "{}", written.err);
    let quiet = run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]);
    assert!(!quiet.err.contains("written"), "nothing new, nothing said");
}

/// A link to a blueprint means the lock beside what it leads to, and a link to a lock stays one, with the mode of its file.
#[cfg(unix)]
#[test]
fn links_are_followed_to_the_blueprint_and_to_its_lock() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("linked")).unwrap();
    symlink("../shop.yaml", at("linked/net.yaml")).unwrap();
    let written = run(folder.path(), &["layout", "linked/net.yaml", "--write-lock"], &[]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert!(at("shop.lock.yaml").is_file() && !at("linked/net.lock.yaml").exists());
    fs::rename(at("shop.lock.yaml"), at("real.lock.yaml")).unwrap();
    fs::set_permissions(at("real.lock.yaml"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real.lock.yaml", at("shop.lock.yaml")).unwrap();
    let text = fs::read_to_string(at("shop.yaml")).unwrap();
    fs::write(at("shop.yaml"), text.replace("zones: 2", "zones: 3")).unwrap();
    assert_eq!(run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]).code, 0);
    assert!(at("shop.lock.yaml").is_symlink());
    let real = fs::metadata(at("real.lock.yaml")).unwrap();
    assert_eq!(real.permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(at("real.lock.yaml")).unwrap().contains("euw1-az3"));
}

#[test]
fn locked_fails_where_the_lock_would_change() {
    let folder = folder();
    let locked = || run(folder.path(), &["layout", "shop.yaml", "--locked"], &[]);
    assert_eq!(locked().code, 1);
    run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]);
    assert_eq!(locked().code, 0);
    fs::write(folder.path().join("shop.yaml"), CLEAN.replace("zones: 2", "zones: 3")).unwrap();
    let refused = locked();
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("would change"), "{}", refused.err);
}

#[test]
fn a_lock_that_cannot_be_used_is_never_overwritten() {
    let folder = folder();
    run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]);
    let path = folder.path().join("shop.lock.yaml");
    let good = fs::read_to_string(&path).unwrap();
    let spoiled = [
        good.replace("/20", "/21"),
        good[..good.len() / 2].to_string(),
        format!("<<<<<<< ours\n{good}"),
        String::new(),
        good.replace("name: shop", "name: other"),
    ];
    for text in spoiled {
        fs::write(&path, &text).unwrap();
        let refused = run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]);
        assert_eq!(refused.code, 1, "{text}");
        assert!(refused.err.contains("cannot use the lock"), "{}", refused.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn data_goes_to_standard_output_and_everything_else_to_standard_error() {
    let folder = folder();
    fs::write(folder.path().join("warn.yaml"), CLEAN.replace("10.40.0.0/16", "52.10.0.0/16"))
        .unwrap();
    let rendered = run(folder.path(), &["render", "warn.yaml", "-o", "json"], &[]);
    assert!(rendered.json()["Resources"].is_object());
    assert!(rendered.err.contains("VPC-03"), "{}", rendered.err);
    assert!(
        !rendered.out.contains('\u{1b}') && !rendered.err.contains('\u{1b}'),
        "no colour into a pipe"
    );
    assert!(run(folder.path(), &["render", "warn.yaml", "-q"], &[]).err.is_empty());
    assert!(
        run(folder.path(), &["layout", "shop.yaml", "--color", "always"], &[])
            .out
            .contains('\u{1b}')
    );
}

#[test]
fn render_writes_the_contracts_files_and_touches_no_other() {
    let folder = folder();
    fs::create_dir(folder.path().join("kubernetes")).unwrap();
    fs::write(folder.path().join("kubernetes/deployment.yaml"), "mine").unwrap();
    let rendered = run(folder.path(), &["render", "shop.yaml", "--out", ".", "-o", "json"], &[]);
    let files = [
        "eksctl.yaml",
        "kubernetes/aws-node.yaml",
        "nodes/general.yaml",
        "template.json",
        "template.yaml",
    ];
    assert_eq!(rendered.json()["files"], serde_json::json!(files));
    assert_eq!(
        fs::read_to_string(folder.path().join("kubernetes/deployment.yaml")).unwrap(),
        "mine"
    );
}

/// The only blueprint of a folder needs no name; among several, and with none, the choice is asked for.
#[test]
fn the_only_blueprint_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let layout = || run(folder.path(), &["layout", "-o", "json"], &[]);
    let none = layout();
    assert!(none.code == 64 && none.err.contains("eksnet init"), "{}", none.err);
    fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    fs::write(folder.path().join("values.yaml"), "apiVersion: v1\nkind: ConfigMap\n").unwrap();
    run(folder.path(), &["layout", "--write-lock"], &[]);
    assert_eq!(layout().json()["name"], "shop");
    assert_eq!(run(folder.path(), &["check"], &[]).code, 0);
    fs::write(folder.path().join("other.yaml"), CLEAN).unwrap();
    let several = layout();
    assert!(several.code == 64 && several.err.contains("other.yaml, shop.yaml"), "{}", several.err);
}

/// Also by the commands that read what exists: they get as far as the survey.
#[test]
fn the_only_blueprint_is_meant_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["survey", "doctor", "rescue"] {
        let none = run(folder.path(), &[command], &[]);
        assert!(none.code == 64 && none.err.contains("eksnet init"), "{command}: {}", none.err);
    }
    assert_eq!(run(folder.path(), &["init", "first"], &[]).code, 0);
    for command in ["survey", "doctor", "rescue"] {
        let one = run(folder.path(), &[command, "--endpoint-url", "http://127.0.0.1:9"], &[]);
        assert_ne!(one.code, 64, "{command}: {}", one.err);
    }
}

#[test]
fn formats_that_a_command_does_not_write_are_refused_with_those_that_it_does() {
    let folder = folder();
    assert_eq!(run(folder.path(), &["init", "first"], &[]).code, 0);
    for (words, formats) in [
        (&["layout", "-o", "sarif"][..], "human, json"),
        (&["fleet", "diff", ".", "-o", "github"], "human, json, markdown"),
        (&["report", "-o", "markdown"], "html, svg, json"),
    ] {
        let refused = run(folder.path(), words, &[]);
        assert!(refused.code == 64 && refused.err.contains(formats), "{words:?}: {}", refused.err);
    }
}

/// Words that YAML takes for something else are quoted.
#[test]
fn init_writes_a_name_that_reads_back_as_one() {
    let folder = folder();
    for name in ["null", "yes", "no", "on", "n", "true", "123", "1e5", "0x10", "010"] {
        let made = run(folder.path(), &["init", name], &[]);
        assert_eq!(made.code, 0, "{name}: {}", made.err);
        let checked = run(folder.path(), &["check", &format!("{name}.yaml")], &[]);
        assert_eq!(checked.code, 0, "{name}: {}", checked.err);
    }
}

#[test]
fn the_list_of_examples_is_for_people_and_programs() {
    let folder = folder();
    let human = run(folder.path(), &["init", "--list"], &[]);
    assert!(human.code == 0 && !human.out.contains("yaml-language-server"), "{}", human.out);
    let json = run(folder.path(), &["init", "--list", "-o", "json"], &[]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let examples = document["examples"].as_array().unwrap();
    assert!(20 < examples.len());
    assert!(examples.iter().all(|one| human.out.contains(one["name"].as_str().unwrap())));
}

/// A pull request that adds a blueprint compares it with nothing; a revision that is not there is an error.
#[test]
fn a_blueprint_that_the_revision_lacks_is_new() {
    let folder = folder();
    let git = |words: &[&str]| {
        let done =
            std::process::Command::new("git").arg("-C").arg(folder.path()).args(words).output();
        assert!(done.unwrap().status.success(), "{words:?}");
    };
    git(&["init", "-q"]);
    git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "one",
    ]);
    assert_eq!(run(folder.path(), &["init", "first"], &[]).code, 0);
    let new = run(folder.path(), &["diff", "first.yaml", "--against", "git:HEAD"], &[]);
    assert!(new.code == 0 && new.err.contains("compared with nothing"), "{}", new.err);
    for revision in ["git:", "git:nowhere"] {
        let refused = run(folder.path(), &["diff", "first.yaml", "--against", revision], &[]);
        assert_eq!(refused.code, 1, "{revision}: {}", refused.err);
    }
}

#[test]
fn standard_input_is_a_blueprint_too() {
    let folder = folder();
    let layout = run_with_input(folder.path(), &["layout", "-", "-o", "json"], &[], CLEAN);
    assert_eq!(layout.json()["name"], "shop");
}

/// One finding for the whole file; among blueprints, a template is passed by.
#[test]
fn a_document_of_another_tool_is_one_finding() {
    let folder = folder();
    let template = run(folder.path(), &["render", "shop.yaml"], &[]).out;
    fs::write(folder.path().join("before.yaml"), template).unwrap();
    let config = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: { name: a }\n";
    fs::write(folder.path().join("cluster.yaml"), config).unwrap();
    for (file, what) in
        [("before.yaml", "CloudFormation template"), ("cluster.yaml", "eksctl config")]
    {
        let checked = run(folder.path(), &["check", file, "-o", "json"], &[]);
        let findings = checked.json()["findings"].as_array().unwrap().clone();
        assert_eq!((checked.code, findings.len()), (1, 1), "{}", checked.out);
        assert!(findings[0]["message"].as_str().unwrap().contains(what), "{}", checked.out);
    }
    let both = run(folder.path(), &["check", "before.yaml", "shop.yaml"], &[]);
    assert_eq!(both.code, 0, "{}{}", both.out, both.err);
    assert!(both.err.contains("`before.yaml` is a CloudFormation template"), "{}", both.err);
}

/// What can be typed next is near what was typed.
#[test]
fn a_file_that_is_missing_is_told_its_nearest_name() {
    let folder = folder();
    let typo = run(folder.path(), &["check", "shop.yml"], &[]);
    assert!(typo.code == 1 && typo.err.contains("did you mean `shop.yaml`?"), "{}", typo.err);
    let whole = run(folder.path(), &["layout", "."], &[]);
    assert!(whole.code == 1 && whole.err.contains("it is a folder"), "{}", whole.err);
    let example = run(folder.path(), &["init", "a", "--from", "secondry-pods"], &[]);
    assert!(example.err.contains("did you mean `secondary-pods`?"), "{}", example.err);
    assert!(!example.err.contains("os error"), "{}", example.err);
    let git = run(folder.path(), &["diff", "shop.yaml", "--against", "git:main"], &[]);
    assert!(git.err.contains("is not in a git repository"), "{}", git.err);
}

#[test]
fn init_writes_a_starter_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["init", "pay", "--region", "eu-central-1"], &[]);
    assert_eq!((made.code, made.out.as_str()), (0, "pay.yaml\n"), "{}", made.err);
    let text = fs::read_to_string(folder.path().join("pay.yaml")).unwrap();
    assert!(
        text.contains("name: pay") && text.contains("region: eu-central-1") && text.contains('#')
    );
    assert_eq!(run(folder.path(), &["check", "pay.yaml"], &[]).code, 0);
    assert_eq!(run(folder.path(), &["init", "pay"], &[]).code, 1);
    assert_eq!(run(folder.path(), &["init", "lab", "--from", "network-only"], &[]).code, 0);
    assert_eq!(run(folder.path(), &["init", "other", "--from", "pay.yaml"], &[]).code, 0);
    assert_eq!(run(folder.path(), &["init", "x", "--from", "nonsense"], &[]).code, 1);
}

/// The gates tell apart what is destroyed, what is for good and whose nodes are exchanged.
#[test]
fn a_gate_says_what_it_refuses() {
    let folder = folder();
    let standing = CLEAN.replace("\ncluster:\n", "\ncluster:\n  deletionProtection: false\n");
    fs::write(folder.path().join("shop.yaml"), &standing).unwrap();
    let template = run(folder.path(), &["render", "shop.yaml"], &[]).out;
    fs::write(folder.path().join("standing.yaml"), template).unwrap();
    let without = standing.split("securityGroups:").next().unwrap().to_string();
    fs::write(folder.path().join("shop.yaml"), without).unwrap();
    let refused = |on: &str| {
        run(
            folder.path(),
            &["diff", "shop.yaml", "--against", "standing.yaml", "--fail-on", on],
            &[],
        )
    };
    let lost = refused("irreversible");
    assert!(lost.code == 1 && lost.err.contains("(irreversible)"), "{}", lost.err);
    assert!(refused("remove").err.contains("would be replaced or removed"));
    let lost = [&["--fail-on", "irreversible"][..], &["--allow", "AWS::EKS::Cluster"]].concat();
    let against = ["diff", "shop.yaml", "--against", "standing.yaml"];
    let rest = run(folder.path(), &[&against[..], &lost].concat(), &[]);
    assert!(!rest.err.contains("Kubernetes API holds"), "{}", rest.err);
    assert_eq!(refused("nodes").code, 0);
}

#[test]
fn diff_exits_as_a_pipeline_expects() {
    let folder = folder();
    let diff =
        |more: &[&str]| run(folder.path(), &[&["diff", "shop.yaml"], more].concat(), &[]).code;
    assert_eq!(diff(&["--against", "nothing"]), 0);
    assert_eq!(diff(&["--against", "nothing", "--exit-code"]), 2);
    let template = run(folder.path(), &["render", "shop.yaml"], &[]).out;
    fs::write(folder.path().join("standing.yaml"), template).unwrap();
    assert_eq!(diff(&["--against", "standing.yaml", "--exit-code"]), 0);
    fs::write(
        folder.path().join("shop.yaml"),
        CLEAN.replace("region: eu-west-1", "region: eu-west-1\n  tags: { a: b }"),
    )
    .unwrap();
    assert_eq!(diff(&["--against", "standing.yaml", "--exit-code"]), 2);
    fs::write(folder.path().join("shop.yaml"), CLEAN.replace("[m6i.large]", "[m6i.xlarge]"))
        .unwrap();
    assert_eq!(diff(&["--against", "standing.yaml", "--exit-code"]), 3);
    assert_eq!(diff(&["--against", "standing.yaml", "--fail-on", "replace"]), 1);
    assert_eq!(diff(&["--against", "standing.yaml", "--fail-on", "replace", "--exit-code"]), 1);
    let allowed = ["--against", "standing.yaml", "--exit-code", "--allow", "AWS::EKS::Nodegroup"];
    assert_eq!(diff(&allowed), 2);
    assert_eq!(diff(&["--against", "standing.yaml", "--fail-on", "remove"]), 0);
    assert_eq!(
        diff(&[
            "--against",
            "standing.yaml",
            "--fail-on",
            "replace,remove",
            "--allow",
            "AWS::EKS::Nodegroup"
        ]),
        0
    );
    assert_eq!(diff(&["--against", "standing.yaml", "--fail-on", "nodes"]), 1);
    assert_eq!(diff(&["--against", "standing.yaml", "--fail-on", "irreversible"]), 0);
    assert_eq!(
        diff(&[
            "--against",
            "standing.yaml",
            "--fail-on",
            "nodes",
            "--allow",
            "AWS::EKS::Nodegroup"
        ]),
        0
    );
    for (most, code) in [("2", 1), ("9", 0)] {
        let sized = format!("[m6i.large], scaling: {{ max: {most} }}");
        fs::write(folder.path().join("shop.yaml"), CLEAN.replace("[m6i.large]", &sized)).unwrap();
        let gate = ["--against", "standing.yaml", "--fail-on", "nodes"];
        assert_eq!(diff(&gate), code, "max {most}");
    }
    fs::write(folder.path().join("shop.yaml"), CLEAN.replace("[m6i.large]", "[m6i.xlarge]"))
        .unwrap();
    assert_eq!(diff(&["--against", "missing.yaml"]), 1);
    let again =
        run(folder.path(), &["diff", "shop.yaml", "--against", "standing.yaml", "-o", "json"], &[])
            .json();
    assert_eq!(
        again["summary"],
        serde_json::json!({ "add": 0, "modify": 0, "replace": 1, "remove": 0 })
    );
    assert_eq!(again["changes"][0]["replacement"], "Always");
    assert_eq!(again["changes"][0]["because"][0]["property"], "InstanceTypes");
}

/// A rule, a check and a word, each as a document that a page can hold.
#[test]
fn explain_writes_markdown_of_one_thing() {
    let folder = folder();
    for (word, line) in [
        ("VPC-21", "# VPC-21 (error): "),
        ("IP-02", "# Check IP-02: "),
        ("docker", "| --- | --- | --- |"),
    ] {
        let done = run(folder.path(), &["explain", word, "-o", "markdown"], &[]);
        assert!(done.out.lines().any(|one| one.starts_with(line)), "{word}: {}", done.out);
        assert!(!done.out.contains('\u{1b}'), "{word}");
    }
}

#[test]
fn explain_knows_every_rule() {
    let folder = folder();
    let list = run(folder.path(), &["explain", "-o", "json"], &[]).json();
    for rule in list["rules"].as_array().unwrap() {
        let one = run(folder.path(), &["explain", rule["id"].as_str().unwrap(), "-o", "json"], &[])
            .json();
        assert_eq!(one, *rule);
    }
    assert!(run(folder.path(), &["explain", "vpc-21"], &[]).out.contains("10.0.0.0/15"));
}

#[test]
fn completions_and_schema_are_printed() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(folder.path(), &["completions", shell], &[]).out.contains("eksnet"), "{shell}");
    }
    assert!(run(folder.path(), &["schema"], &[]).json()["properties"]["tiers"].is_object());
}

/// Offline commands neither look for credentials nor for a network: with every door shut, they work and take no time over it.
#[test]
fn offline_commands_look_for_no_credentials() {
    let folder = folder();
    let shut = [
        ("AWS_PROFILE", "does-not-exist"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_CONFIG_FILE", "/nonexistent"),
    ];
    for arguments in [
        &["check", "shop.yaml"][..],
        &["layout", "shop.yaml"],
        &["render", "shop.yaml"],
        &["diff", "shop.yaml", "--against", "nothing"],
        &["explain"],
    ] {
        let done = run(folder.path(), arguments, &shut);
        assert_eq!(
            (done.code, done.err.contains("AWS")),
            (0, false),
            "{arguments:?}: {}",
            done.err
        );
    }
}

/// The documents name the commands that there are, and the README's table of rules is that of the book.
#[test]
fn the_readme_is_true() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = run(root(), &["--help"], &[]).out;
    for command in [
        "init",
        "check",
        "layout",
        "render",
        "diff",
        "report",
        "deploy",
        "destroy",
        "status",
        "instances",
        "iam",
        "explain",
        "schema",
        "completions",
        "fleet",
        "rescue",
        "doctor",
    ] {
        assert!(readme.contains(&format!("`{command}`")) && help.contains(command), "{command}");
    }
}

#[test]
fn a_plan_and_a_blueprint_exclude_each_other() {
    let folder = folder();
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(run(empty.path(), &["deploy"], &[]).code, 64);
    assert_eq!(run(folder.path(), &["deploy", "shop.yaml", "--plan", "p"], &[]).code, 64);
    assert_eq!(
        run(folder.path(), &["diff", "shop.yaml", "--save", "p", "--against", "nothing"], &[]).code,
        64
    );
    assert_eq!(run(folder.path(), &["deploy", "--plan", "missing.json"], &[]).code, 1);
}

#[test]
fn render_removes_what_it_wrote_before_and_refuses_what_it_did_not() {
    let folder = folder();
    let render = || run(folder.path(), &["render", "shop.yaml", "--out", "out"], &[]);
    assert_eq!(render().code, 0);
    let blueprint = folder.path().join("shop.yaml");
    let text = fs::read_to_string(&blueprint).unwrap().replace("name: general", "name: other");
    fs::write(&blueprint, text).unwrap();
    assert_eq!(render().code, 0);
    let nodes = |name: &str| folder.path().join("out/nodes").join(name).exists();
    assert!(nodes("other.yaml") && !nodes("general.yaml"));
    // A list that was edited removes nothing outside of the folder.
    fs::write(folder.path().join("mine.yaml"), "mine").unwrap();
    let list = r#"{ "schemaVersion": 1, "files": ["../mine.yaml", "nodes/../../mine.yaml"] }"#;
    fs::write(folder.path().join("out/.eksnet-files.json"), list).unwrap();
    assert_eq!(render().code, 0, "the same bytes are nobody's loss");
    assert!(folder.path().join("mine.yaml").exists());
    fs::create_dir(folder.path().join("theirs")).unwrap();
    fs::write(folder.path().join("theirs/template.yaml"), "theirs").unwrap();
    let refused = run(folder.path(), &["render", "shop.yaml", "--out", "theirs"], &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("eksnet did not write: template.yaml"), "{}", refused.err);
    let kept = fs::read_to_string(folder.path().join("theirs/template.yaml")).unwrap();
    assert_eq!(
        (kept.as_str(), folder.path().join("theirs/eksctl.yaml").exists()),
        ("theirs", false)
    );
}

/// A word that would allow nothing is refused with the one that is meant.
#[test]
fn a_misspelled_allowance_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), CLEAN).unwrap();
    let ran = |arguments: &[&str]| run(folder.path(), arguments, &[]);
    let gate = ["diff", "a.yaml", "--against", "nothing", "--exit-code", "--allow"];
    for (kind, said) in [("AWS::EC2::Rout", "`AWS::EC2::Route`"), ("Route", "AWS::EC2::Route")] {
        let told = ran(&[&gate[..], &[kind]].concat());
        assert!(told.code == 64 && told.err.contains(said), "{kind}: {} {}", told.code, told.err);
    }
    assert_eq!(ran(&[&gate[..], &["AWS::EC2::Route"]].concat()).code, 2);
    assert_eq!(ran(&[&gate[..], &["AWS::RDS::DBInstance"]].concat()).code, 2);
    for command in ["check", "layout", "render"] {
        let told = ran(&[command, "a.yaml", "--allow-move", "node"]);
        assert!(told.code == 64 && told.err.contains("`nodes`"), "{command}: {}", told.err);
        assert_eq!(ran(&[command, "a.yaml", "--allow-move", "nodes"]).code, 0, "{command}");
    }
}

/// A change of outputs alone is counted where a pipeline reads it.
#[test]
fn outputs_that_change_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.yaml"), CLEAN).unwrap();
    std::fs::write(path("b.yaml"), format!("{CLEAN}exports: true\n")).unwrap();
    let rendered = run(folder.path(), &["render", "a.yaml"], &[]);
    std::fs::write(path("standing.yaml"), rendered.out).unwrap();
    let diff = |format: &str| {
        run(folder.path(), &["diff", "b.yaml", "--against", "standing.yaml", "-o", format], &[])
    };
    for format in ["human", "markdown", "github"] {
        assert!(diff(format).out.contains("outputs: "), "{format}: {}", diff(format).out);
    }
    let json = diff("json").json();
    assert!(json["outputs"][0]["export"].is_null());
    let exported = json["outputs"].as_array().unwrap().iter().map(|one| &one["exportAfter"]);
    assert!(exported.clone().any(|name| name == "eksnet-shop-VpcId"), "{json:#}");
}

/// What a template has is no news for the lock that is missing; a tier under another name keeps what it has.
#[test]
fn the_lock_counts_what_neither_it_nor_the_template_has() {
    let folder = folder();
    let diff = || {
        let told = run(folder.path(), &["diff", "shop.yaml", "--against", "old.json"], &[]).out;
        told.lines().find(|line| line.starts_with("Lock")).unwrap_or_default().to_string()
    };
    let old = run(folder.path(), &["render", "shop.yaml", "-o", "json"], &[]).out;
    fs::write(folder.path().join("old.json"), old).unwrap();
    let missing = diff();
    assert!(missing.contains("missing") && missing.contains("as in the stack"), "{missing}");
    assert!(!missing.contains("new"), "{missing}");
    assert_eq!(run(folder.path(), &["layout", "shop.yaml", "--write-lock"], &[]).code, 0);
    let named = CLEAN.replace("name: nodes,", "name: apps, renamedFrom: nodes,");
    fs::write(folder.path().join("shop.yaml"), named.replace("tier: nodes", "tier: apps")).unwrap();
    let renamed = diff();
    assert!(renamed.contains("changes") && !renamed.contains("new"), "{renamed}");
}

/// A node group or a tier under another name is told as such, also where other keys name it.
#[test]
fn another_name_is_told_as_one_edit() {
    let folder = folder();
    fs::write(folder.path().join("old.yaml"), CLEAN).unwrap();
    let first = |text: String, against: &str| {
        fs::write(folder.path().join("shop.yaml"), text).unwrap();
        let told = run(folder.path(), &["diff", "shop.yaml", "--against", against], &[]).out;
        told.lines().next().unwrap_or_default().to_string()
    };
    let old = run(folder.path(), &["render", "old.yaml", "-o", "json"], &[]).out;
    fs::write(folder.path().join("old.json"), old).unwrap();
    let group = CLEAN
        .replace("- name: general", "- name: workers")
        .replace("{ name: general", "{ name: workers");
    let tier = CLEAN
        .replace("name: nodes,", "name: apps, renamedFrom: nodes,")
        .replace("tier: nodes", "tier: apps");
    for against in ["old.yaml", "old.json"] {
        let told = first(group.clone(), against);
        assert!(told.ends_with("nodeGroups general → workers"), "{told}");
        let told = first(tier.clone(), against);
        assert!(told.ends_with("tiers nodes → apps"), "{told}");
    }
}
