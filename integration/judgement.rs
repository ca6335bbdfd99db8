//! How findings are taken: allowances in the blueprint, profiles, and what programs read of them.

use serde_json::Value;

use crate::support::{CLEAN, Run, root, run_with_input};

fn check(text: &str, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    run_with_input(folder.path(), &[&["check", "-"], arguments].concat(), &[], text)
}

fn found(text: &str, arguments: &[&str]) -> Vec<String> {
    let report = check(text, &[arguments, &["-o", "json"]].concat()).json();
    let row = |finding: &Value| {
        format!(
            "{} {} {}",
            finding["severity"].as_str().unwrap(),
            finding["rule"].as_str().unwrap(),
            finding["line"]
        )
    };
    report["findings"].as_array().unwrap().iter().map(row).collect()
}

fn docker() -> String {
    CLEAN.replace("10.40.0.0/16", "172.17.0.0/16")
}

#[test]
fn a_warning_is_silenced_on_its_line_or_from_the_line_above() {
    assert_eq!(found(&docker(), &[]), ["warning VPC-06 8"]);
    let beside = docker().replace(
        "cidr: 172.17.0.0/16",
        "cidr: 172.17.0.0/16 # eksnet:allow VPC-06 no Docker on these nodes",
    );
    assert_eq!(found(&beside, &[]), [] as [&str; 0]);
    let above = docker().replace("  cidr: 172.17.0.0/16", "  # eksnet:allow VPC-06 no Docker on these nodes\n\n  # another comment\n  cidr: 172.17.0.0/16");
    assert_eq!(found(&above, &[]), [] as [&str; 0]);
    assert_eq!(
        found(&beside, &["--strict"]),
        [] as [&str; 0],
        "what was weighed is not weighed again"
    );
}

#[test]
fn an_allowance_without_a_reason_without_use_or_without_a_rule_is_a_finding_itself() {
    let with = |comment: &str| {
        docker().replace("cidr: 172.17.0.0/16", &format!("cidr: 172.17.0.0/16 # {comment}"))
    };
    assert_eq!(found(&with("eksnet:allow VPC-06"), &[]), ["warning ALW-01 8"]);
    assert_eq!(found(&with("eksnet:allow VPC-06,SIZ-02 no Docker"), &[]), ["warning ALW-02 8"]);
    assert_eq!(found(&with("eksnet:allow VPC-06, SIZ-02 no Docker"), &[]), ["warning ALW-02 8"]);
    assert_eq!(
        found(&with("eksnet:allow VPC-06 no Docker # eksnet:allow SIZ-02 later"), &[]),
        ["warning ALW-02 8"]
    );
    assert_eq!(found(&with("eksnet:allow"), &[]), ["warning VPC-06 8", "warning ALW-01 8"]);
    assert_eq!(
        found(&with("eksnet:allowVPC-06 x"), &[]),
        [] as [&str; 0],
        "the space is nobody's business"
    );
    assert_eq!(
        found(&with("eksnet:allow VPC-06 x # eksnet:allow QUO-04 the quota is being raised"), &[]),
        [] as [&str; 0],
        "only the account tells"
    );
    assert_eq!(
        found(&with("eksnet:allow VPC-60 no Docker"), &[]),
        ["warning VPC-06 8", "error ALW-04 8"]
    );
    assert_eq!(
        found(&CLEAN.replace("zones: 2", "zones: 2 # eksnet:allow EP-07 later"), &[]),
        ["warning ALW-02 6"]
    );
}

/// Other linters' words are not read, and whoever writes them is told.
#[test]
fn a_word_of_another_linter_suppresses_nothing_and_says_so() {
    let with = |comment: &str| {
        docker().replace("cidr: 172.17.0.0/16", &format!("cidr: 172.17.0.0/16 # {comment}"))
    };
    for comment in [
        "eksnet:ignore VPC-06 no Docker",
        "eksnet-allow VPC-06 no Docker",
        "eksnet: allow vpc-06",
        "eksnet:alow VPC-06 no Docker",
        "eksnet:disable",
    ] {
        assert_eq!(
            found(&with(comment), &[]),
            ["warning VPC-06 8", "warning ALW-05 8"],
            "{comment}"
        );
    }
    for comment in
        ["eksnet 0.2 checks this", "eksnet skips nothing here", "eksnet-shop is its stack"]
    {
        assert_eq!(found(&with(comment), &[]), ["warning VPC-06 8"], "{comment}");
    }
}

#[test]
fn an_allowance_is_not_called_idle_before_every_gate_has_spoken() {
    let text = CLEAN
        .replace("10.40.0.0/16", "10.32.0.0/12")
        .replace("zones: 2", "zones: 2 # eksnet:allow SIZ-02 it grows later");
    assert_eq!(found(&text, &[]), ["error VPC-01 8"]);
}

#[test]
fn errors_are_not_silenced() {
    let text = CLEAN
        .replace("cidr: 10.40.0.0/16", "cidr: 10.32.0.0/12 # eksnet:allow VPC-01 we like it large");
    assert_eq!(found(&text, &[]), ["error VPC-01 8", "error ALW-03 8"]);
    let public = CLEAN
        .replace("private: true, public: false", "private: true, public: true")
        .replace("  endpointAccess", "  # eksnet:allow EP-07 a demo\n  endpointAccess");
    assert_eq!(found(&public, &[]), [] as [&str; 0]);
    let cis = found(&public, &["--ruleset", "cis"]);
    assert!(
        cis.contains(&"error EP-07 16".to_string()) && cis.contains(&"error ALW-03 15".to_string()),
        "{cis:?}"
    );
}

#[test]
fn a_hash_inside_a_word_is_no_comment() {
    let text = docker()
        .replace("cidr: 172.17.0.0/16", "cidr: 172.17.0.0/16\n  keepFree: [\"172.17.64.0/20\"]")
        .replace(
            "ingress: [{ from: 10.0.0.0/8 }]",
            "ingress: [{ from: 10.0.0.0/8, why: \"x # eksnet:allow VPC-06 no\" }]",
        );
    assert_eq!(found(&text, &[]), ["warning VPC-06 8"]);
}

#[test]
fn strict_takes_warnings_for_errors_in_every_command() {
    assert_eq!(found(&docker(), &["--strict"]), ["error VPC-06 8"]);
    assert_eq!(check(&docker(), &[]).code, 0);
    assert_eq!(check(&docker(), &["--strict"]).code, 1);
    let folder = tempfile::tempdir().unwrap();
    for command in ["layout", "render"] {
        assert_eq!(run_with_input(folder.path(), &[command, "-"], &[], &docker()).code, 0);
        assert_eq!(
            run_with_input(folder.path(), &[command, "-", "--strict"], &[], &docker()).code,
            1,
            "{command}"
        );
    }
}

#[test]
fn profiles_find_what_only_some_want() {
    let rules = |text: &str, profile: &str| {
        let mut rules: Vec<String> = found(text, &["--ruleset", profile])
            .iter()
            .map(|row| row.split(' ').nth(1).unwrap().to_string())
            .collect();
        rules.sort();
        rules
    };
    assert_eq!(rules(CLEAN, "cis"), ["CIS-02", "CIS-04", "CIS-05", "CIS-06"]);
    assert_eq!(
        rules(
            &CLEAN
                .replace("cluster:\n", "cluster:\n  logging: [api]\n")
                .replace("private: true, public: false", "private: true, public: true"),
            "cis"
        ),
        ["CIS-01", "CIS-02", "CIS-03", "CIS-04", "CIS-05", "CIS-06", "EP-07"]
    );
    let hardened = CLEAN
        .replace("vpc:\n", "vpc:\n  flowLogs: { destination: cloudWatchLogs }\n")
        .replace("securityGroups: {", "securityGroups: { defaultGroup: closed,")
        .replace("cluster:\n", "cluster:\n  secretsKey: \"arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"\n")
        .replace("nodeGroups:", "awsNode: { networkPolicy: { enabled: true } }\nnodeGroups:");
    assert_eq!(rules(&hardened, "cis"), [] as [&str; 0]);
    // Another CNI enforces policies itself, and Auto Mode where it is told to.
    let cilium = hardened
        .replace("awsNode: { networkPolicy: { enabled: true } }", "awsNode: { management: none }");
    assert_eq!(rules(&cilium, "cis"), ["NG-16"]);
    let auto = |mode: &str| {
        let text = hardened.replace("cluster:\n", &format!("cluster:\n  autoMode: {mode}\n"));
        text[..text.find("awsNode:").unwrap()].to_string()
    };
    assert_eq!(rules(&auto("{ networkPolicy: defaultDeny }"), "cis"), [] as [&str; 0]);
    assert!(rules(&auto("{}"), "cis").contains(&"CIS-04".to_string()));
    // Each at the key that is to be changed, of the two modes that of its own.
    let places = |text: &str| {
        let report = check(text, &["--ruleset", "cis", "-o", "json"]).json();
        let findings = report["findings"].as_array().unwrap().clone();
        let of_cis = findings.iter().filter(|one| one["rule"].as_str().unwrap().starts_with("CIS"));
        of_cis.map(|one| one["path"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let mut open = places(CLEAN);
    open.sort();
    assert_eq!(
        open,
        [
            "awsNode.networkPolicy",
            "cluster.secretsKey",
            "securityGroups.defaultGroup",
            "vpc.flowLogs"
        ]
    );
    assert_eq!(places(&auto("{}")), ["cluster.autoMode.networkPolicy"]);
    assert_eq!(rules(CLEAN, "ha"), ["HA-02"]);
    assert_eq!(rules(&CLEAN.replace("eu-west-1", "us-west-1"), "ha"), [] as [&str; 0]);
    let single = CLEAN.replace("zones: 2", "zones: 2\negress: { nat: single }");
    assert_eq!(rules(&single, "ha"), ["HA-01", "HA-02"]);
    assert_eq!(rules(&single, "cis,ha").len(), 6);
    assert_eq!(rules(&CLEAN.replace("zones: 2", "zones: 3"), "ha"), [] as [&str; 0]);
}

/// What one file keeps to itself is no reason to be silent about the others.
#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_findings_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), docker()).unwrap();
    for output in ["human", "json", "github", "sarif"] {
        let run = crate::support::run(
            folder.path(),
            &["check", "missing.yaml", "shop.yaml", "-o", output],
            &[],
        );
        assert!(
            run.code == 1 && run.out.contains("VPC-06") && run.err.contains("missing.yaml"),
            "{output}: {}{}",
            run.out,
            run.err
        );
    }
}

#[test]
fn a_workflow_reads_annotations() {
    let text = docker().replace("size: /24", "size: 24").replace("zones: 2", "zones: 2\nmore: x");
    let run = check(&text, &["-o", "github"]);
    assert_eq!(run.code, 1);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("::error file=<stdin>,line=7,endLine=7,col=1,endColumn=5,title=BP-01::unknown key `more`%0Ahelp: "), "{}", run.out);
    assert!(
        lines.iter().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
        "{}",
        run.out
    );
}

#[test]
fn what_a_workflow_takes_for_its_own_is_escaped() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a,b.yaml"), CLEAN.replace("name: shop", "name: \"100%\""))
        .unwrap();
    let run = crate::support::run(folder.path(), &["check", "a,b.yaml", "-o", "github"], &[]);
    assert!(run.out.contains("file=a%2Cb.yaml,") && run.out.contains("`100%25`"), "{}", run.out);
}

#[test]
fn code_scanning_reads_sarif() {
    let run = check(&docker(), &["-o", "sarif"]);
    let log = run.json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!((&result["ruleId"], &result["level"]), (&"VPC-06".into(), &"warning".into()));
    assert_eq!(
        rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()]["id"],
        "VPC-06"
    );
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&8.into(), &9.into(), &22.into())
    );
    assert!(rules.iter().all(|rule| !rule["help"]["text"].as_str().unwrap().is_empty()));
}

#[test]
fn a_format_that_a_command_does_not_write_is_wrong_usage() {
    for arguments in [
        ["layout", "-", "-o", "sarif"],
        ["explain", "VPC-01", "-o", "github"],
        ["check", "-", "-o", "markdown"],
    ] {
        assert_eq!(run_with_input(root(), &arguments, &[], CLEAN).code, 64, "{arguments:?}");
    }
}

/// The page of rules is what the book says; `eksnet explain -o markdown > blueprints/RULES.md` brings it up to date.
#[test]
fn the_page_of_rules_is_the_book() {
    let page = std::fs::read_to_string(root().join("blueprints/RULES.md")).unwrap();
    assert_eq!(
        page,
        eksnet::report::explain::markdown(),
        "write it anew: `eksnet explain -o markdown > blueprints/RULES.md`"
    );
}

/// So is the page of settings; `eksnet explain settings -o markdown > blueprints/SETTINGS.md`.
#[test]
fn the_page_of_settings_is_the_table() {
    let page = std::fs::read_to_string(root().join("blueprints/SETTINGS.md")).unwrap();
    assert_eq!(
        page,
        eksnet::report::settings::markdown(),
        "write it anew: `eksnet explain settings -o markdown > blueprints/SETTINGS.md`"
    );
    let rows =
        crate::support::run(root(), &["explain", "settings", "-o", "json"], &[]).json()["settings"]
            .as_array()
            .unwrap()
            .len();
    assert_eq!(rows, eksnet::facts::aws_node::SETTINGS.len());
}

/// Every default is a value that the variable takes, and none is there twice.
#[test]
fn defaults_of_settings_are_values_of_theirs() {
    let mut names = std::collections::BTreeSet::new();
    for row in eksnet::facts::aws_node::SETTINGS {
        assert!(names.insert(row.variable), "{}", row.variable);
        assert!(row.default.is_empty() || row.kind.check(row.default).is_ok(), "{}", row.variable);
    }
}

/// IAM takes managed policies of 6,144 characters without spaces; looking never changes anything but change sets.
#[test]
fn policies_of_every_blueprint_are_small_and_looking_changes_nothing() {
    for (name, path) in crate::support::blueprints() {
        let print = |what: &str| {
            crate::support::run(root(), &["iam", what, path.to_str().unwrap(), "-q"], &[])
        };
        let (preview, deploy) = (print("preview"), print("deploy"));
        assert_eq!((preview.code, deploy.code), (0, 0), "{name}: {}{}", preview.err, deploy.err);
        for policy in [&preview, &deploy] {
            assert!(
                policy.json().to_string().len() <= 6_144,
                "{name}: {} characters",
                policy.json().to_string().len()
            );
        }
        let actions = |policy: &Value| -> Vec<String> {
            let statements = policy["Statement"].as_array().unwrap().iter();
            statements
                .flat_map(|one| {
                    one["Action"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .map(str::to_string)
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        let reads = |action: &str| {
            ["BatchDescribe", "Describe", "Get", "List", "Search"]
                .iter()
                .any(|verb| action.split(':').nth(1).unwrap().starts_with(verb))
        };
        let others: Vec<String> =
            actions(&preview.json()).into_iter().filter(|action| !reads(action)).collect();
        let harmless =
            ["CreateChangeSet", "DeleteChangeSet", "DetectStackDrift", "DetectStackResourceDrift"]
                .map(|verb| format!("cloudformation:{verb}"));
        assert_eq!(others, harmless, "{name}");
        let all = actions(&deploy.json());
        // In a VPC that others made nobody may make one.
        let makes = !std::fs::read_to_string(&path).unwrap().contains("id: vpc-");
        assert_eq!(all.contains(&"ec2:CreateVpc".to_string()), makes, "{name}");
        assert!(all.contains(&"cloudformation:ExecuteChangeSet".to_string()), "{name}");
        assert!(
            deploy.json()["Statement"]
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["Action"] != "*" && !one["Action"].to_string().contains(":*")),
            "{name}"
        );
    }
}

/// Every resource type that the templates have is in the tables of what replaces it and what it asks for.
#[test]
fn the_tables_know_every_type_of_the_templates() {
    for (name, path) in crate::support::blueprints() {
        for (id, resource) in
            crate::support::build(&std::fs::read_to_string(path).unwrap()).template.resources()
        {
            let kind = resource["Type"].as_str().unwrap();
            let mut asked = eksnet::facts::permissions::of(kind, &resource["Properties"]);
            // What is metadata alone is made by no call.
            let is_made = kind != "AWS::CloudFormation::WaitConditionHandle";
            assert_eq!(asked.next().is_some(), is_made, "{name}: {id} {kind}");
            assert_eq!(
                eksnet::facts::kinds::replacement(kind, "Tags/0/Value"),
                eksnet::facts::kinds::Replacement::Never,
                "{name}: {id} {kind}"
            );
        }
    }
}
