//! Bad input: one voice, a place, a way out; never a panic, never a hang.

use std::fmt::Write;

use eksnet::blueprint::{self, MOST_BYTES};
use eksnet::report::findings::{Checked, human};

use crate::near_valid::{Dice, cases};
use crate::support::{CLEAN, findings, root, snapshot};

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn the_traps_of_yaml_are_named() {
    assert!(
        rules(&CLEAN.replace("zones: 2", "base: &base { a: 1 }\nzones:\n  <<: *base"))
            .contains(&"YAML-05")
    );
    assert_eq!(rules(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))).len(), 1);
    let bomb: String = (0..9)
        .map(|at| {
            format!("a{}: &a{} [{}]\n", at + 1, at + 1, vec![format!("*a{at}"); 10].join(", "))
        })
        .collect();
    assert!(rules(&format!("a0: &a0 [x]\n{bomb}")).contains(&"YAML-07"));
    assert!(rules("a: b\n\tc: d\n").contains(&"YAML-01"));
    assert!(findings("a: b\n\tc: d\n")[0].hint.as_ref().unwrap().contains("tab"));
}

#[test]
fn a_file_that_is_no_text_or_too_long_is_refused() {
    let read = |bytes: Vec<u8>| {
        blueprint::read("x", bytes)
            .findings
            .iter()
            .map(|finding| finding.rule.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(vec![b'a', b':', 0xff, 0xfe]), ["YAML-09"]);
    assert_eq!(read(vec![b'#'; MOST_BYTES + 1]), ["YAML-09"]);
    assert!(!read(vec![b'#'; MOST_BYTES]).contains(&"YAML-09"));
    assert_eq!(read(Vec::new()), ["BP-02"]);
    assert!(
        read([b"\xef\xbb\xbf", CLEAN.as_bytes()].concat()).is_empty(),
        "a byte order mark is no harm"
    );
}

#[test]
fn words_that_look_like_numbers_stay_words() {
    let document = crate::support::document(&CLEAN.replace(
        "  region: eu-west-1",
        "  region: eu-west-1\n  tags: { a: \"012\", b: 1_000, c: 1.10 }",
    ));
    let tags = document.blueprint.metadata.tags.unwrap();
    assert_eq!(tags.values().map(String::as_str).collect::<Vec<_>>(), ["012", "1_000", "1.10"]);
}

/// The parser stands a `~` in for it.
#[test]
fn an_empty_value_is_empty_text() {
    let text = CLEAN.replace("  region: eu-west-1", "  region: eu-west-1\n  tags: { a: , b: ~ }");
    let tags = crate::support::document(&text).blueprint.metadata.tags.unwrap();
    assert_eq!(tags.values().map(String::as_str).collect::<Vec<_>>(), ["", "~"]);
    assert_eq!(rules(&text).iter().filter(|rule| **rule == "YAML-08").count(), 2);
}

#[test]
fn aliases_of_values_work() {
    assert!(
        rules(
            &CLEAN
                .replace("  region: eu-west-1", "  region: eu-west-1\n  tags: &tags { a: b }")
                .replace("size: /24,", "size: /24, tags: *tags,")
        )
        .is_empty()
    );
}

/// The corpus: files with several things wrong, as people write them, and what they read then.
#[test]
fn broken_files_read_well() {
    let mut files: Vec<_> = std::fs::read_dir(root().join("integration/broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 3);
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let found = findings(&text);
        assert!(found.iter().any(|finding| finding.is_error()), "{name} is not broken");
        let source = eksnet::source::Source::new(name.clone(), text);
        let mut read = String::new();
        write!(
            read,
            "{}",
            anstream::adapter::strip_str(&human(&Checked { source: &source, findings: &found }))
        )
        .unwrap();
        snapshot(&format!("broken-{}", name.trim_end_matches(".yaml")), &read);
    }
}

/// Pieces that near-valid blueprints are made of.
const PIECES: &[&str] = &[
    "zones: 2\n",
    "zones: [euw1-az1]\n",
    "vpc:\n",
    "  cidr: 10.0.0.0/8\n",
    "  cidr: 10.40.0.0/16\n",
    "tiers:\n",
    "  - { name: a, size: /20 }\n",
    "  - name: é\n",
    "    size: /33\n",
    "cluster: {}\n",
    "nodeGroups: []\n",
    "  - &x [*x]\n",
    "\t",
    "? ",
    ": ",
    "- ",
    "<<: *x\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "\r\n",
    "\u{feff}",
    "awsNode: { env: { A: b } }\n",
    "egress: { nat: single }\n",
    "metadata: { name: x, region: eu-west-1 }\n",
    "apiVersion: eksnet/v1\n",
    "kind: Blueprint\n",
    "!t ",
    "|\n",
    "%YAML 1.1\n---\n",
    "...\n",
];

/// Whatever the file holds: an answer, and every finding inside the text.
#[test]
fn no_text_makes_it_panic() {
    let mut dice = Dice::new(3);
    for _ in 0..cases(2_000) {
        let start = if dice.roll(2) == 0 { CLEAN } else { "" };
        let pieces: String = (0..dice.roll(14)).map(|_| *dice.pick(PIECES)).collect();
        let text = format!("{start}{pieces}");
        let found = findings(&text);
        for finding in &found {
            let at = finding.at.clone().unwrap_or(0..0);
            assert!(at.start <= text.len() && at.start <= at.end, "{finding:?}\n{text}");
        }
        let source = eksnet::source::Source::new("x", text.clone());
        let shown = human(&Checked { source: &source, findings: &found });
        assert_eq!(shown.is_empty(), found.is_empty(), "{text}");
    }
}

/// One character wrong anywhere in a good blueprint.
#[test]
fn no_slip_of_the_key_makes_it_panic() {
    let letters: Vec<char> = (' '..='~').chain(['é', '\t', '\n']).collect();
    let mut dice = Dice::new(5);
    for _ in 0..cases(2_000) {
        let mut text = CLEAN.to_string();
        let at = dice.roll(CLEAN.len());
        text.replace_range(at..=at, &dice.pick(&letters).to_string());
        let _ = findings(&text);
    }
}

/// Rules of the findings of the whole line, in the order of the text.
fn in_order(text: &str) -> Vec<(&'static str, usize)> {
    let source = eksnet::source::Source::new("x", text);
    findings(text)
        .iter()
        .map(|found| (found.rule.id, source.place(found.at.clone().unwrap().start).line))
        .collect()
}

#[test]
fn one_misspelled_key_hides_nothing_else() {
    let text = CLEAN
        .replace("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/15")
        .replace("name: public, size: /24", "name: public, sise: /24")
        .replace("instanceTypes: [m6i.large]", "instanceTypes: [m6i.lrge]");
    assert_eq!(in_order(&text), [("VPC-01", 8), ("BP-01", 10), ("NG-02", 18)]);
}

#[test]
fn what_only_follows_from_a_misspelling_is_not_said() {
    for (right, wrong, rule) in [
        ("name: nodes, size", "nmae: nodes, size", "BP-01"),
        ("serves: [nodes]", "servs: [nodes]", "BP-01"),
        ("serves: [nodes]", "serves: [nods]", "BP-04"),
        ("serves: [nodes]", "serves: nodes", "BP-03"),
        ("egress: internet", "egres: internet", "BP-01"),
        ("egress: internet", "egress: internett", "BP-04"),
        ("size: /20", "size: [/20]", "BP-03"),
        ("tiers:", "tires:", "BP-01"),
        ("cluster:", "clsuter:", "BP-01"),
        ("vpc:\n  cidr", "vpc:\n  cidrr", "BP-01"),
        ("metadata:", "metadta:", "BP-01"),
        ("  name: shop", "  nmae: shop", "BP-01"),
        ("  region: eu-west-1", "  regoin: eu-west-1", "BP-01"),
        ("kind: Blueprint", "kind: Blueprnt", "BP-04"),
        ("zones: 2", "zones: \"2\"", "BP-03"),
        ("zones: 2", "zones: 2\nzones: 3", "YAML-03"),
        ("private: true", "private: yes", "BP-03"),
        ("principal:", "principalArn:", "BP-01"),
        ("cidr: 10.40.0.0/16", "cidrBlock: 10.40.0.0/16", "BP-01"),
    ] {
        let text = CLEAN.replace(right, wrong);
        assert_ne!(text, CLEAN, "{right}");
        let found: Vec<_> = in_order(&text).into_iter().map(|(rule, _)| rule).collect();
        let places = text.matches(wrong).count().max(1);
        assert_eq!(found, vec![rule; places], "{wrong}\n{:?}", findings(&text));
    }
}

#[test]
fn a_required_key_that_is_missing_hides_nothing_else() {
    let text = CLEAN
        .replace("{ name: public, size: /24", "{ size: /24")
        .replace("instanceTypes: [m6i.large]", "instanceTypes: [m6i.lrge]");
    let found: Vec<_> = in_order(&text).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(found, ["BP-02", "NG-02"], "{:?}", findings(&text));
}

#[test]
fn places_behind_a_refused_item_are_those_of_the_text() {
    let text = CLEAN.replace("tiers:\n", "tiers:\n  - x\n").replace("size: /20", "size: /12");
    let found = findings(&text);
    let size = found.iter().find(|one| one.rule.id == "SUB-01").unwrap();
    assert_eq!(size.path, "tiers[2].size");
    let source = eksnet::source::Source::new("x", text.clone());
    assert!(
        text.lines()
            .nth(source.place(size.at.clone().unwrap().start).line - 1)
            .unwrap()
            .contains("/12")
    );
}

#[test]
fn values_of_another_type_are_findings_in_words_at_their_place() {
    for (right, wrong, at) in [
        ("zones: 2", "zones: [1]", "1]"),
        ("cidr: 10.40.0.0/16", "cidr: 10.40.0.0/16\n  ipv6: { pool: 3 }", "3 }"),
        ("[{ from: 10.0.0.0/8 }]", "[{ from: 10.0.0.0/8, ports: 1.5 }]", "1.5"),
        ("nodeGroups:", "addons: [3]\nnodeGroups:", "3]"),
        (
            "nodeGroups:",
            "egress: { nat: { single: { connections: 99999999999999999999 } } }\nnodeGroups:",
            "9999",
        ),
        ("zones: 2", "zones: -3000000000", "-3000"),
        ("nodeGroups:", "addons: [{ version: x }]\nnodeGroups:", ""),
    ] {
        let text = CLEAN.replace(right, wrong);
        let found = findings(&text);
        let errors: Vec<_> = found.iter().filter(|one| one.is_error()).collect();
        assert!(!errors.is_empty(), "{wrong}");
        for one in errors {
            let start = one.at.clone().unwrap().start;
            assert!(0 < start && text[start..].contains(at), "{wrong}: {one:?}");
            for word in ["untagged", "invalid type", ", expected", "variant", "u16", "struct"] {
                assert!(!one.message.contains(word), "{one:?}");
            }
        }
    }
}

#[test]
fn letters_that_end_a_line_for_some_readers_only_are_refused() {
    for letter in
        ["\u{2028}", "\u{2029}", "\u{85}", "\r", "\u{202e}", "\u{2066}", "\u{1b}", "\u{7f}"]
    {
        let comment = CLEAN.replace("zones: 2", &format!("zones: 2 # fine{letter}zones: 3"));
        let found = findings(&comment);
        let strange = found.iter().find(|one| one.rule.id == "YAML-10");
        let at = strange.unwrap_or_else(|| panic!("{letter:?}: {found:?}")).at.clone().unwrap();
        assert_eq!(&comment[at], letter);
        let quoted =
            CLEAN.replace("eu-west-1\n", &format!("eu-west-1\n  tags: {{ a: \"x{letter}y\" }}\n"));
        // In quotes U+0085 is a space for a reader of YAML 1.1, as a line's end is.
        let control = letter.chars().all(char::is_control) && letter != "\r";
        assert_eq!(rules(&quoted).contains(&"YAML-10"), control, "{letter:?}");
    }
    let windows = CLEAN.replace('\n', "\r\n");
    assert!(!rules(&windows).contains(&"YAML-10"));
}

#[test]
fn repeated_text_is_counted() {
    let long = "x".repeat(70_000);
    let aliases = "*a, ".repeat(6_000);
    assert!(rules(&format!("a: &a {long}\nb: [{aliases}]\n")).contains(&"YAML-07"));
    let many = "x, ".repeat(90_000);
    let anchors: String = (0..60).map(|at| format!("&a{at} [")).collect();
    assert!(rules(&format!("a: {anchors}{many}{}\n", "]".repeat(60))).contains(&"YAML-07"));
}

#[test]
fn of_many_findings_the_first_hundred_are_shown() {
    let wrong = ", 1".repeat(5_000);
    let text = CLEAN
        .replace("eu-west-1\n", "eu-west-1\n  tags: { a: no }\n")
        .replace("tiers:\n", &format!("fargate: [1{wrong}]\ntiers:\n"));
    let all = findings(&text);
    assert_eq!(all.len(), 5_002, "programs get all of them");
    let found = eksnet::diagnostic::capped(&all);
    assert_eq!(found.len(), 101);
    let last = &found[100];
    assert_eq!(last.rule.id, "MORE-01");
    assert!(last.is_error() && last.message.starts_with("and 4902 more"), "{}", last.message);
}

#[test]
fn a_lock_is_known_for_one() {
    let lock = crate::support::build(CLEAN).plan.ledger.to_text();
    assert!(blueprint::is_lock(&eksnet::source::Source::new("x.lock.yaml", lock)));
    assert!(!blueprint::is_lock(&eksnet::source::Source::new("x.yaml", CLEAN)));
}

/// A path of the language in its schema: `nodeGroups[].scaling.min`.
fn in_schema(schema: &serde_json::Value, path: &str) -> bool {
    fn options<'s>(
        whole: &'s serde_json::Value,
        one: &'s serde_json::Value,
    ) -> Vec<&'s serde_json::Value> {
        if let Some(name) = one["$ref"].as_str() {
            return options(whole, &whole["$defs"][name.rsplit('/').next().unwrap()]);
        }
        match one["anyOf"].as_array().or(one["oneOf"].as_array()) {
            Some(all) => all.iter().flat_map(|one| options(whole, one)).collect(),
            None => vec![one],
        }
    }
    let mut here = vec![schema];
    for step in path.split('.') {
        let (key, list) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
        here = here
            .into_iter()
            .map(|one| &one["properties"][key])
            .filter(|one| !one.is_null())
            .flat_map(|one| options(schema, one))
            .collect();
        if list {
            here = here
                .into_iter()
                .map(|one| &one["items"])
                .filter(|one| !one.is_null())
                .flat_map(|one| options(schema, one))
                .collect();
        }
    }
    !here.is_empty()
}

#[test]
fn words_of_other_tools_lead_to_ours() {
    let schema = blueprint::schema();
    for row in blueprint::FOREIGN.iter().chain(blueprint::FOREIGN_RARER) {
        assert!(in_schema(&schema, row.ours), "{}", row.ours);
        assert!(row.same.is_none_or(|key| row.ours.ends_with(key)), "{}", row.ours);
    }
    assert!(40 <= blueprint::FOREIGN.len());
    for (place, word, ours) in [
        ("name: general, ", "spot: true", "capacity"),
        ("name: general, ", "minSize: 3", "scaling.min"),
        ("name: general, ", "desired_capacity: 3", "scaling.desired"),
        ("name: general, ", "volumeSize: 80", "volume.size"),
        ("name: general, ", "max_unavailable_percentage: 33", "update.maxUnavailable"),
        ("zones: 2\n", "availabilityZones: [eu-west-1a]\n", "`zones`"),
        ("zones: 2\n", "subnet_ids: [subnet-00000000000000001]\n", "`tiers`"),
        ("nodeGroups:", "addons: [{ name: coredns, configurationValues: {} }]\n", "`awsNode`"),
        ("nodeGroups:", "addons: [{ name: coredns, configuration_values: {} }]\n", "configuration"),
        ("cluster:\n", "iam: { iam_role_path: /a/ }\n", "`iam.path`"),
        ("zones: 2\n", "enable_irsa: true\n", "`cluster.oidcProvider`"),
        ("zones: 2\n", "podIdentityAssociations: []\n", "`podIdentities`"),
        ("size: /20, ", "map_public_ip_on_launch: true", "mapPublicIp"),
    ] {
        let joined = if word.ends_with('\n') {
            format!("{word}{place}")
        } else {
            format!("{place}{word}, ")
        };
        let found = findings(&CLEAN.replace(place, &joined));
        let one =
            found.iter().find(|one| one.rule.id == "BP-01").unwrap_or_else(|| panic!("{word}"));
        assert!(one.hint.as_ref().unwrap().contains(ours), "{word}: {:?}", one.hint);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_object() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    let arguments = ["check", "shop.yaml", "nowhere.yaml", "-o", "json"];
    let run = crate::support::run(folder.path(), &arguments, &[]);
    assert_eq!(run.code, 1);
    let document = run.json();
    assert!(document["error"]["message"].as_str().unwrap().contains("nowhere.yaml"));
    assert!(document["findings"].is_array());
    let run = crate::support::run(folder.path(), &["check", "shop.yaml", "-o", "json"], &[]);
    assert!(run.json().get("error").is_none());
}

#[test]
fn locks_among_blueprints_are_passed_by() {
    let folder = tempfile::tempdir().unwrap();
    let lock = crate::support::build(CLEAN).plan.ledger.to_text();
    std::fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    std::fs::write(folder.path().join("shop.lock.yaml"), lock).unwrap();
    let run = crate::support::run(folder.path(), &["check", "shop.lock.yaml", "shop.yaml"], &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("`shop.lock.yaml` is a lock"), "{}", run.err);
    assert!(run.err.contains("1 blueprint checked"), "{}", run.err);
}

#[test]
fn a_lock_of_any_size_or_with_aliases_of_any_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.yaml"), CLEAN).unwrap();
    let layout = |lock: &str| {
        std::fs::write(folder.path().join("shop.lock.yaml"), lock).unwrap();
        crate::support::run(folder.path(), &["layout", "shop.yaml"], &[])
    };
    let run = layout(&"#\n".repeat(3 << 20));
    assert!(run.code == 1 && run.err.contains("more than 4194304 bytes"), "{}", run.err);
    let long = "x".repeat(70_000);
    let run = layout(&format!("a: &a {long}\nb: [{}]\n", "*a, ".repeat(6_000)));
    assert!(run.code == 1 && run.err.contains("aliases"), "{}", run.err);
}

/// YAML 1.2 takes a tab between words for a space; readers of YAML 1.1 refuse it or do not.
#[test]
fn tabs_between_words_are_named_once() {
    let tab = |from: &str, to: &str| rules(&CLEAN.replace(from, to));
    assert_eq!(tab("zones: 2", "zones:\t2"), ["YAML-10"]);
    assert_eq!(tab("zones: 2", "zones: 2\t"), ["YAML-10"]);
    assert_eq!(tab("zones: 2", "zones:\t2\t"), ["YAML-10"]);
    assert!(tab("zones: 2", "zones: 2 # a\tcomment\t").is_empty());
    assert_eq!(tab("zones: 2", "zones: 2\0"), ["YAML-10"]);
}

/// Words that only follow from a refused one are not said.
#[test]
fn what_a_refused_word_brings_along_is_not_said() {
    let i = CLEAN.find("cluster:").unwrap();
    let (head, tail) = (&CLEAN[..i], &CLEAN[CLEAN.find("nodeGroups:").unwrap()..]);
    let head =
        head.replace("securityGroups: { controlPlane: { ingress: [{ from: 10.0.0.0/8 }] } }\n", "");
    assert_eq!(rules(&format!("{head}cluster: 1.35\n{tail}")), ["BP-03"]);
}

/// The range of services that a lock keeps is not to be chosen again.
#[test]
fn a_service_cidr_that_the_lock_keeps_is_no_way_out() {
    let connected = CLEAN.replace(
        "cluster:\n",
        "egress: { transitGateway: { id: tgw-0123456789abcdef0, destinations: [172.16.0.0/12] } }\ncluster:\n",
    );
    let hint = |found: &[eksnet::diagnostic::Diagnostic]| {
        let own = found.iter().find(|one| one.rule.id == "SVC-03");
        own.and_then(|one| one.hint.clone())
    };
    let written = connected.replace("cluster:\n", "cluster:\n  serviceCidr: 172.20.0.0/16\n");
    assert!(hint(&findings(&written)).unwrap().contains("hides nothing"));
    let kept = |ledger: &mut eksnet::ledger::Ledger| {
        ledger.kept.service_cidr = "172.20.0.0/16".parse().ok();
    };
    let found = crate::support::findings_with(&connected, &kept);
    let hint = hint(&found).unwrap();
    assert!(hint.contains("keeps") && !hint.contains("hides nothing"), "{hint}");
}
