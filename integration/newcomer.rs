//! What stands in the way of somebody who meets eksnet for the first time: each stumble that was seen is held here.

use std::path::Path;

use crate::support::{CLEAN, root, run};

fn starter() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["init", "shop"], &[]).code, 0);
    folder
}

/// EKS refuses such a principal when the control plane is up, and such a range lets no person in: both look real.
#[test]
fn placeholders_are_named_until_they_are_replaced() {
    let folder = starter();
    let path = folder.path().join("shop.yaml");
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let done = run(folder.path(), &["check", "--strict"], &[]);
        assert_eq!(done.code, 0, "{}{}", done.out, done.err);
        done.err
    };
    let text = std::fs::read_to_string(&path).unwrap();
    let both = told(&text);
    assert!(both.contains("203.0.113.0/24 (line 30), 111122223333 (line 33)"), "{both}");
    let own = text.replace("111122223333", "210987654321").replace("203.0.113.0", "8.8.8.0");
    assert!(!told(&own).contains("replace before you deploy"), "{own}");
    let spoken = own.replace("# people reach it", "# 203.0.113.0/24 reaches it");
    assert!(!told(&spoken).contains("replace before you deploy"), "a comment is no value");
}

#[test]
fn check_without_a_file_reads_every_blueprint_of_the_folder() {
    let folder = starter();
    let other = CLEAN.replace("10.40.", "10.41.").replace("name: shop", "name: pay");
    std::fs::write(folder.path().join("pay.yaml"), other).unwrap();
    let done = run(folder.path(), &["check"], &[]);
    assert!(done.err.contains("2 blueprints checked"), "{}{}", done.out, done.err);
    assert_eq!(run(folder.path(), &["layout"], &[]).code, 64, "a layout is of one");
}

#[test]
fn a_layout_with_findings_says_why_and_how_to_accept_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), CLEAN.replace("10.40.0.0", "172.17.0.0")).unwrap();
    let done = run(folder.path(), &["layout"], &[]);
    assert!(done.err.contains("Why: eksnet explain VPC-06"), "{}", done.err);
    assert!(done.err.contains("# eksnet:allow VPC-06 <reason>"), "{}", done.err);
}

/// So does every other command that shows findings, whatever it is asked for beside them.
#[test]
fn findings_of_every_command_say_why_and_how_to_accept_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.yaml", &CLEAN.replace("10.40.0.0", "172.17.0.0"));
    let commands: [&[&str]; 5] = [
        &["check"],
        &["layout"],
        &["diff", "a.yaml", "--against", "nothing"],
        &["render", "a.yaml"],
        &["fleet", "check", "."],
    ];
    for command in commands {
        let done = run(folder.path(), command, &[]);
        assert!(done.err.contains("Why: eksnet explain VPC-06"), "{command:?}: {}", done.err);
        assert!(done.err.contains("# eksnet:allow VPC-06 <reason>"), "{command:?}: {}", done.err);
    }
    write("a.yaml", &CLEAN.replace("10.40.0.0/16", "10.40.0.0/29"));
    for command in &commands[..4] {
        let done = run(folder.path(), command, &[]);
        assert!(done.err.contains("Why: eksnet explain VPC-01"), "{command:?}: {}", done.err);
        assert!(!done.err.contains("eksnet:allow"), "errors are not accepted: {}", done.err);
    }
}

/// The comment is copied from there: it is on one line of its own accord, with plain blanks, however narrow the window.
#[test]
fn the_comment_that_accepts_a_warning_is_never_broken() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), CLEAN.replace("10.40.0.0", "172.17.0.0")).unwrap();
    for columns in ["40", "60", "80", "100"] {
        let done = run(folder.path(), &["check"], &[("COLUMNS", columns)]);
        assert!(done.err.contains("# eksnet:allow VPC-06 <reason>"), "{columns}: {}", done.err);
        let most: usize = columns.parse().unwrap();
        let wide = done.err.lines().find(|line| most < textwrap::core::display_width(line));
        assert_eq!(wide, None, "{columns}");
    }
}

/// The first line of a file is not what is wrong about a key that the file does not have.
#[test]
fn a_finding_about_an_absent_key_shows_no_other_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), CLEAN).unwrap();
    let done = run(folder.path(), &["check", "--ruleset", "cis"], &[]);
    assert!(done.out.contains("CIS-05") && done.out.contains("--> a.yaml:1:1"), "{}", done.out);
    assert!(!done.out.contains("apiVersion"), "{}", done.out);
    std::fs::write(
        folder.path().join("a.yaml"),
        CLEAN.replace("apiVersion: eksnet/v1", "apiVersion: eksnet/v9"),
    )
    .unwrap();
    let wrong = run(folder.path(), &["check"], &[]);
    assert!(wrong.out.contains("apiVersion: eksnet/v9"), "{}", wrong.out);
}

/// Copied as it is shown, the comment has no reason yet.
#[test]
fn a_placeholder_is_no_reason() {
    let folder = tempfile::tempdir().unwrap();
    let cidr = "172.17.0.0/16 # eksnet:allow VPC-06";
    let with = |reason: &str| {
        let text = CLEAN.replace("10.40.0.0/16", &format!("{cidr} {reason}"));
        std::fs::write(folder.path().join("a.yaml"), text).unwrap();
        run(folder.path(), &["check", "--strict"], &[])
    };
    let placeholder = with("<reason>");
    assert!(placeholder.code == 1 && placeholder.out.contains("ALW-01"), "{}", placeholder.out);
    assert_eq!(with("no Docker anywhere").code, 0);
}

/// A shell's `*.yaml` names locks; a report of locks alone would be an empty page.
#[test]
fn a_report_of_a_lock_alone_leads_to_its_blueprint() {
    let folder = starter();
    let here = |arguments: &[&str]| run(folder.path(), arguments, &[]);
    assert_eq!(here(&["layout", "shop.yaml", "--write-lock"]).code, 0);
    let alone = here(&["report", "shop.lock.yaml", "--out", "a.html"]);
    assert_eq!(alone.code, 1, "{}", alone.out);
    assert!(alone.err.contains("none of the files is a blueprint"), "{}", alone.err);
    assert!(!folder.path().join("a.html").exists());
    assert_eq!(here(&["report", "shop.lock.yaml", "shop.yaml", "--out", "a.html"]).code, 0);
}

/// A word that only one rule speaks of leads to that rule, whose prose is folded and whose addresses can be copied whole.
#[test]
fn one_match_is_explained_in_full() {
    let explained =
        |columns: &str| run(root(), &["explain", "docker"], &[("COLUMNS", columns)]).out;
    let narrow = explained("60");
    assert!(narrow.starts_with("VPC-06") && narrow.contains("  passes\n"), "{narrow}");
    for line in narrow.lines().filter(|line| !line.contains("https://")) {
        assert!(textwrap::core::display_width(line) <= 60, "{line}");
    }
    let address = |line: &str| line.trim_start().starts_with("https://");
    assert!(narrow.lines().any(address), "{narrow}");
}

/// The beginning of an id lists its family, a word what speaks of it, in titles, settings and keys, however it is put together.
#[test]
fn a_word_that_is_no_id_lists_what_it_is_found_in() {
    let explained = |word: &str| run(root(), &["explain", word], &[]);
    let ids = |word: &str| -> Vec<String> {
        let lines = explained(word).out;
        let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_string();
        lines.lines().filter(|line| !line.starts_with(' ')).map(first).collect()
    };
    for prefix in ["IP-", "ip-", "PE-0", "sgp"] {
        let found = ids(prefix);
        assert!(1 < found.len(), "{prefix}");
        let begins = |id: &String| id.to_lowercase().starts_with(&prefix.to_lowercase());
        assert!(found.iter().all(begins), "{prefix}: {found:?}");
    }
    // `nat` is a key, and the beginning of rules.
    let nat = explained("nat").out;
    assert!(nat.starts_with("egress.nat\n") && nat.contains("NAT-13  error"), "{nat}");
    for word in ["natgateway", "NAT gateway", "nat-gateway"] {
        assert!(ids(word).contains(&"NAT-01".to_string()), "{word}: {:?}", ids(word));
    }
    assert!(ids("snat").iter().any(|id| id.starts_with("SNAT-")));
    assert!(ids("MTU").contains(&"POD_MTU".to_string()), "{:?}", ids("MTU"));
    let json = run(root(), &["explain", "MTU", "-o", "json"], &[]).json();
    for list in ["rules", "checks", "settings", "keys"] {
        assert!(json[list].is_array(), "{list}: {json}");
    }
    assert_eq!(explained("\u{1b}[31m").code, 64);
    assert!(!explained("\u{1b}[31m").err.contains("\u{1b}[31m"));
}

/// Every setting says what it does.
#[test]
fn a_setting_is_explained_in_words() {
    for row in eksnet::facts::aws_node::SETTINGS {
        let told = run(root(), &["explain", row.variable], &[("COLUMNS", "400")]);
        assert!(4 <= row.meaning.split(' ').count(), "{}", row.variable);
        assert!(told.out.contains(row.meaning), "{}: {}", row.variable, told.out);
    }
}

/// In bash, what is offered for a word.
fn offered(script: &Path, typed: &[&str]) -> Vec<String> {
    let (last, before) = (typed.last().unwrap(), typed[typed.len() - 2]);
    let words = typed.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let line = format!(
        "source {}; COMP_WORDS=({words}); COMP_CWORD={}; _eksnet eksnet '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        typed.len() - 1
    );
    let done = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).lines().map(str::to_string).collect()
}

#[test]
fn completions_know_the_words_that_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("eksnet.bash");
    std::fs::write(&script, run(root(), &["completions", "bash"], &[]).out).unwrap();
    for (typed, has, has_not) in [
        (&["eksnet", "init", "--from", ""][..], "secondary-pods", "RULES"),
        (&["eksnet", "layout", "-o", ""], "json", "sarif"),
        (&["eksnet", "check", "-o", ""], "sarif", "svg"),
        (&["eksnet", "iam", ""], "deploy", "destroy"),
        (&["eksnet", "explain", "VPC-0"], "VPC-06", "EP-07"),
        (&["eksnet", "explain", "tiers.s"], "tiers.size", "zones"),
        (&["eksnet", "explain", "WARM_"], "WARM_IP_TARGET", "ENABLE_IPv6"),
        (&["eksnet", "instances", "m6i."], "m6i.xlarge", "m7g.large"),
        (&["eksnet", "schema", "--of", ""], "fleet", "cluster"),
    ] {
        let words = offered(&script, typed);
        assert!(words.iter().any(|word| word == has), "{typed:?}: {words:?}");
        assert!(!words.iter().any(|word| word == has_not), "{typed:?}: {words:?}");
    }
    for shell in ["zsh", "fish"] {
        let script = run(root(), &["completions", shell], &[]).out;
        assert!(["secondary-pods", "VPC-06", "m6i"].iter().all(|word| script.contains(word)));
    }
}

/// A file that does not exist leads to one that does.
#[test]
fn a_missing_file_has_a_way_on() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "layout"] {
        let done = run(folder.path(), &[command, "network.yaml"], &[]);
        assert!(done.code == 1 && done.err.contains("`eksnet init`"), "{}", done.err);
    }
}

/// Topics, tables and notes keep to a narrow screen, and a note that is folded has no sign in it but its words.
#[test]
fn topics_and_tables_keep_to_a_narrow_screen() {
    // Named from the project's root: a path is one word, and a long one would be wider than the screen.
    let sample = "docs/how-to/sample-survey.json";
    for arguments in [
        &["help", "exit-codes"][..],
        &["help", "environment"],
        &["instances", "m6i"],
        &["rescue", "--survey", sample],
        &["doctor", "--survey", sample],
    ] {
        let shown = run(root(), arguments, &[("COLUMNS", "60")]).out;
        assert!(!shown.is_empty() && !shown.contains("\\n"), "{arguments:?}\n{shown}");
        for line in shown.lines() {
            assert!(textwrap::core::display_width(line) <= 60, "{arguments:?}: {line}");
        }
    }
}

/// More may be typed than is offered: a file to start from, a prefix of types.
#[test]
fn what_is_offered_is_no_limit() {
    let folder = starter();
    let done = run(folder.path(), &["init", "copy", "--from", "shop.yaml"], &[]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(run(folder.path(), &["instances", "m6"], &[]).code, 0);
}

#[test]
fn a_plan_names_the_other_networks_that_a_tier_reaches() {
    let file = "blueprints/transit-gateway.yaml";
    let plan = run(root(), &["layout", file], &[("COLUMNS", "120")]).out;
    assert!(plan.contains("NAT, TGW") && plan.contains("TGW, peering"), "{plan}");
}
