//! The field's English in every text that people read: rules, help, findings, hints, previews. The page of words is in CONTRIBUTING.

use std::path::Path;

use eksnet::rules;

use crate::support::{root, run};

/// What is not said, and what is said instead. Whole words.
const FORBIDDEN: &[(&str, &str)] = &[
    ("by hand", "manually"),
    ("made anew", "recreated"),
    ("nobody", "name the actor"),
    ("somebody", "name the actor"),
    ("whoever", "name the actor"),
    ("way out", "egress path"),
    ("ways out", "egress"),
    ("no way", "none"),
    ("wears", "uses"),
    ("wear", "use"),
    ("hear each other", "reach each other"),
    ("write `", "set `"),
    ("is no value", "invalid value"),
    ("is no ARN", "not a valid ARN"),
    ("lacks `", "is missing"),
    ("wanted a", "expected"),
    ("wants a", "requires"),
    ("what stands", "what exists"),
    ("that stands", "that exists"),
    ("full first", "limited by, fills up first"),
    ("take it out", "remove it"),
    ("colour", "color"),
    ("artefact", "artifact"),
    ("findings of severity error", "errors"),
    ("profile-rules", "ruleset"),
    ("instead of being asked", "without prompting"),
    ("takes no", "does not support"),
    ("take no", "do not support"),
    ("wants", "requires"),
    ("is no instance type", "unknown instance type"),
    ("is no security group", "not a valid security group id"),
    ("is no node group", "not a valid node group name"),
    ("is no resource type", "invalid resource type"),
    ("stands twice", "duplicate"),
    ("stack stands", "stack is deployed"),
    ("taken out", "removed"),
    ("rules taken out", "removed rules"),
    ("exchanged", "replaced"),
    ("while all are updated", "during a rolling update"),
    ("take the new way", "traffic shifts"),
    ("takes the new way", "traffic shifts"),
    ("mended", "fixed"),
    ("that nobody allowed", "unacknowledged"),
    ("rules that only some want", "an optional rule set"),
    ("how results are written", "output format"),
    ("say more", "show more"),
    ("say less", "suppress"),
    ("the least IAM policy", "the least-privilege IAM policy"),
    ("the blueprint does not say", "defaults"),
    ("somebody else made", "managed by another field manager"),
    ("in its way", "that blocks it"),
    ("in the way, made by", "blocking deletion: created by"),
    ("do not ask", "skip the prompt"),
    ("may be executed", "until it expires"),
    ("read the account too", "also check the account"),
    ("to delete all of it", "to confirm deletion"),
    ("for certain:", "at least"),
    ("without end", "not limited"),
    ("people and nodes notice", "impact"),
    ("cannot be undone", "irreversible"),
    ("to recycle", "to replace"),
    ("works the change set out", "is computing the change set"),
    ("put at s3", "uploaded to s3"),
    ("does not tell of", "could not be read"),
    ("takes no change", "cannot be updated"),
    ("not there yet", "does not exist yet"),
    ("may not be assumed", "cannot be assumed"),
    ("may not pass", "lacks iam:PassRole"),
    ("came up and did not", "launched but did not"),
    ("runs otherwise", "changed"),
    ("would adopt", "would overwrite"),
    ("without a raised quota", "by default, the default quota"),
    ("makes no control plane", "does not support control plane subnets"),
    ("shut off", "with all traffic denied"),
    ("go by zone ids", "are keyed by zone id"),
    ("a floor without", "a minimum without"),
    ("breaks it", "fails"),
    ("behaviour", "behavior"),
    ("neighbour", "neighbor"),
    ("anew", "again"),
    ("for errors", "as errors"),
    ("only some want", "optional"),
    ("` is no", "invalid, unknown"),
    ("standing subnets", "existing subnets"),
    ("rule stands", "duplicate rule"),
    ("stands at /", "is deployed as a /"),
    ("answers yes", "pass the flag"),
    ("would go, and", "will be deleted"),
    ("nobody chose", "default value"),
    ("what belongs to others", "resources that do not belong to the cluster"),
    ("told of", "reported"),
    ("hears", "receives"),
    ("lie scattered", "fragmented"),
    ("network address units", "Network Address Usage (NAU)"),
    ("handed to it", "attached to it"),
    ("no longer there", "no longer exists"),
    ("the alarm is gone", "the alarm is deleted"),
    ("leave the list", "are removed from the list"),
    ("acts with, instead", "assumes, instead"),
    ("its rights", "its permissions"),
    ("other rights", "other permissions"),
    ("your own rights", "your own permissions"),
    ("give back", "release"),
    ("given back", "released"),
    ("gives back", "releases"),
    ("goes on from there", "continues from there"),
    ("without a word", "silently"),
    ("left to do", "remaining"),
    ("who the credentials belong to", "the caller's identity"),
    ("another place in every account", "a different zone in each account"),
    ("image of one's own", "custom AMI"),
    ("set aws-node up", "configure aws-node"),
    ("allocated no more", "no longer allocated"),
    ("the VPC alive", "would block the VPC's deletion"),
    ("climb", "apply"),
    ("names stop", "name resolution fails"),
    ("nothing resolves", "no name resolves"),
    ("may do nothing", "has no permissions"),
    ("a way there", "a route there"),
    ("without a way to", "that cannot reach"),
    ("switched off", "turned off"),
    ("switched on", "turned on"),
    ("switches off", "turns off"),
    ("taken back", "reversible"),
    ("takes back", "rolls back"),
    ("puts it in order", "resolves it"),
    ("the emptiest", "the one with the most free addresses"),
    ("end instances", "terminate instances"),
    ("ends nodes", "terminates nodes"),
    ("no rights", "no permissions"),
    ("grant rights", "grant permissions"),
    ("lose rights", "lose permissions"),
    ("for good", "irreversible, never changes"),
    ("after a question", "after confirmation"),
    ("hangs on", "depends on"),
    ("would go while", "would be deleted while"),
    ("goes back from", "is downgraded from"),
    ("take over for", "replace"),
    ("takes over for", "replaces"),
    ("take another range", "use another range"),
    ("take a range", "use a range"),
    ("a dead end", "a blackhole"),
    ("knows no", "has no"),
    ("node exchange", "node replacement"),
    ("were not made", "were not created"),
    ("eksnet makes", "eksnet creates"),
    ("aws-node makes", "aws-node creates"),
    ("EKS makes no", "EKS creates no"),
    ("others made", "others created"),
    ("no right of yours", "further permissions do not help"),
    ("learnt", "learned"),
    ("misspelt", "misspelled"),
    ("licence", "license"),
    ("labelling", "labeling"),
    ("grey", "gray"),
    ("centre", "center"),
    ("favour", "favor"),
    ("catalogue", "catalog"),
    ("analyse", "analyze"),
    ("organise", "organize"),
    ("summarise", "summarize"),
    ("recognise", "recognize"),
    ("optimise", "optimize"),
    ("initialise", "initialize"),
];

fn says(text: &str, phrase: &str) -> bool {
    let text = text.to_lowercase();
    let edge = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    text.match_indices(&phrase.to_lowercase()).any(|(at, found)| {
        let after = text[at + found.len()..].chars().next();
        edge(text[..at].chars().next_back()) && (found.ends_with('`') || edge(after))
    })
}

fn is_clean(text: &str, what: &str) {
    for (phrase, better) in FORBIDDEN {
        assert!(!says(text, phrase), "{what} says `{phrase}`, better: {better}\n{text}");
    }
}

#[test]
fn the_book_of_rules_is_in_the_fields_english() {
    for rule in rules::all() {
        is_clean(rule.title, rule.id);
        is_clean(rule.why, rule.id);
        is_clean(rule.consequence.map_or("", |one| one.text()), rule.id);
    }
}

/// A title says what must hold: an error what must, a warning what should.
#[test]
fn titles_of_rules_are_requirements() {
    for rule in rules::all() {
        let word = [" must ", " should ", " may "].iter().any(|word| rule.title.contains(word));
        assert!(word, "{}: {}", rule.id, rule.title);
        let first = rule.title.chars().next().unwrap();
        assert!(
            !(rule.title.ends_with('.') || first.is_uppercase() && rule.title.starts_with("A ")),
            "{}",
            rule.id
        );
    }
}

#[test]
fn help_is_in_the_fields_english() {
    let help = |arguments: &[&str]| run(root(), arguments, &[]).out;
    let top = help(&["--help"]);
    is_clean(&top, "--help");
    assert!(top.lines().count() < 50, "{top}");
    for (_, commands) in eksnet::cli::GROUPS {
        for command in *commands {
            let Some(line) = top.lines().find(|line| line.trim_start().starts_with(command)) else {
                continue;
            };
            assert!(line.starts_with("  "), "{line}");
            if *command == "help" {
                continue;
            }
            let text = help(&[command, "--help"]);
            is_clean(&text, command);
            assert!(text.contains("Examples:"), "{command}\n{text}");
        }
    }
    assert!(!top.contains("More\n"), "a command is in no group\n{top}");
}

/// What an editor shows at a key.
#[test]
fn schemas_are_in_the_fields_english() {
    for of in ["blueprint", "fleet", "survey", "doctor", "diff"] {
        is_clean(&run(root(), &["schema", "--of", of], &[]).out, of);
    }
}

/// A type is called what it is: a digit behind a name tells one of several that share it.
#[test]
fn types_of_schemas_are_named() {
    for of in ["blueprint", "fleet", "survey", "doctor", "diff"] {
        let schema = run(root(), &["schema", "--of", of], &[]).json();
        let names: Vec<&String> =
            schema["$defs"].as_object().map(|all| all.keys().collect()).unwrap_or_default();
        for name in &names {
            let bare = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
            assert!(bare == *name || !names.iter().any(|own| *own == bare), "{of}: {name}");
        }
    }
}

/// At every key an editor says what it means, what it may look like, and what holds without it.
#[test]
fn the_schema_describes_every_key() {
    let schema = run(root(), &["schema"], &[]).json();
    let (mut keys, mut values) = (0, 0);
    each_key(&schema, "", &mut |at, required, key| {
        let description = key["description"].as_str().unwrap_or_default();
        assert!(!description.is_empty(), "{at} has no description");
        assert!(!key["examples"].as_array().is_none_or(Vec::is_empty), "{at} has no example");
        assert!(required || description.contains("Default: "), "{at} has no default");
        keys += 1;
        if key["default"].is_null() {
            return;
        }
        values += 1;
        let mut whole = key.clone();
        whole["$defs"] = schema["$defs"].clone();
        let validator = jsonschema::validator_for(&whole).unwrap();
        assert!(validator.is_valid(&key["default"]), "{at}: {}", key["default"]);
    });
    assert!(290 < keys && 60 < values, "{values} defaults of {keys} keys");
}

/// Every property of a schema: its pointer, whether it is required, what is said of it.
fn each_key(
    node: &serde_json::Value,
    at: &str,
    visit: &mut dyn FnMut(&str, bool, &serde_json::Value),
) {
    for (name, key) in node["properties"].as_object().into_iter().flatten() {
        let mut required = node["required"].as_array().into_iter().flatten();
        visit(&format!("{at}/{name}"), required.any(|one| one == name), key);
    }
    for (name, inner) in node.as_object().into_iter().flatten() {
        each_key(inner, &format!("{at}/{name}"), visit);
    }
    for (place, inner) in node.as_array().into_iter().flatten().enumerate() {
        each_key(inner, &format!("{at}/{place}"), visit);
    }
}

/// Pages, examples, pipelines, manual pages and completions: whatever a package or the repository shows.
#[test]
fn pages_examples_and_packages_are_in_the_fields_english() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &["man", "--out", "man"], &[]).code, 0);
    let mut files = vec![root().join("README.md")];
    for place in ["docs", "blueprints", "integration/designs", ".github", ".ci/pipelines"] {
        all_of(&root().join(place), &mut files);
    }
    all_of(&folder.path().join("man"), &mut files);
    assert!(files.len() > 100, "{files:?}");
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        is_clean(&text.replace("\\-", "-"), &file.to_string_lossy());
    }
    for shell in ["bash", "zsh", "fish"] {
        is_clean(&run(root(), &["completions", shell], &[]).out, shell);
    }
}

fn all_of(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_of(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Texts in the source, wherever they come to be shown.
#[test]
fn findings_and_reports_are_in_the_fields_english() {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let body = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for literal in literals(body).into_iter().filter(|literal| literal.contains(' ')) {
            is_clean(&literal, &file.to_string_lossy());
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The string literals of Rust source; comments are left out.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let here = &rest[at..];
        if here.starts_with("//") {
            rest = here.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(after) = here.strip_prefix("'\"'") {
            rest = after;
        } else if let Some(inner) = here.strip_prefix('"') {
            let end = end_of(inner);
            found.push(inner[..end].to_string());
            rest = &inner[(end + 1).min(inner.len())..];
        } else {
            rest = &here[1..];
        }
    }
    found
}

fn end_of(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// A command that a text names can be typed: it exists, and offers the options that stand behind it.
#[test]
fn commands_and_options_that_texts_name_exist() {
    let mut files = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for place in ["src", "docs", "blueprints", ".github", ".ci"] {
        all_of(&root().join(place), &mut files);
    }
    let eksnet = eksnet::cli::help::command(eksnet::report::View::default());
    let mut seen = 0;
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let texts = if file.extension().is_some_and(|ending| ending == "rs") {
            literals(&text)
        } else {
            vec![text]
        };
        for typed in texts.iter().flat_map(|text| typed_in(text)) {
            let words: Vec<&str> = typed.split_whitespace().skip(1).collect();
            let mut own = &eksnet;
            for word in &words {
                let Some(inner) = own.find_subcommand(word) else { break };
                own = inner;
            }
            let begins_with_a_word = words.first().is_some_and(|first| {
                first.len() > 1 && first.chars().all(|letter| letter.is_ascii_lowercase())
            });
            let is_help = words.first() == Some(&"help");
            let known = own.get_name() != "eksnet" || !begins_with_a_word || is_help;
            assert!(known, "{}: {typed}", file.display());
            for option in words.iter().filter_map(|word| option_of(word)) {
                let offered = own.get_arguments().filter(|arg| !arg.is_hide_set());
                let mut names = offered.filter_map(|arg| arg.get_long());
                let own_words = ["output", "color", "verbose", "quiet", "help", "version"];
                let known = own_words.contains(&option) || names.any(|name| name == option);
                assert!(known, "{}: {typed}: --{option}", file.display());
                seen += 1;
            }
        }
    }
    assert!(60 < seen, "{seen}");
}

/// Commands of a text: between backticks, or an indented line of their own.
fn typed_in(text: &str) -> Vec<String> {
    let text = text.replace("\\n", "\n");
    let own = |part: &&str| part.starts_with("eksnet ");
    let quoted = text.split('`').skip(1).step_by(2).filter(own);
    // Indented, as examples of help are: a sentence may begin with the name, too.
    let lines = text.lines().filter_map(|line| line.strip_prefix("  ")).filter(own);
    let bare =
        |line: &str| line.split(['#', '|', '>', ';', '&']).next().unwrap().trim().to_string();
    quoted.chain(lines).map(bare).collect()
}

/// `--against` of `--against=x`, or of `[--against`.
fn option_of(word: &str) -> Option<&str> {
    let name = word.trim_start_matches(['[', '(']).strip_prefix("--")?;
    let end = name.find(|letter: char| {
        !(letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    });
    Some(&name[..end.unwrap_or(name.len())]).filter(|name| !name.is_empty())
}

/// Another tool's word leads to ours.
#[test]
fn words_of_other_tools_lead_to_ours() {
    for (theirs, ours) in [
        ("plan", "diff"),
        ("apply", "deploy"),
        ("up", "deploy"),
        ("validate", "check"),
        ("delete", "destroy"),
    ] {
        let done = run(root(), &[theirs, "x.yaml"], &[]);
        assert_eq!(done.code, 64, "{theirs}");
        assert!(done.err.contains(&format!("eksnet {ours}")), "{theirs}: {}", done.err);
    }
}

/// What a command does not use, it does not offer.
#[test]
fn options_are_offered_where_they_are_used() {
    let help = |command: &str| run(root(), &[command, "-h"], &[]).out;
    for (command, option, offered) in [
        ("explain", "--region", false),
        ("explain", "--strict", false),
        ("check", "--strict", true),
        ("check", "--ruleset", true),
        ("check", "--region", true),
        ("init", "--region", true),
        ("init", "--profile", true),
        ("render", "--profile", false),
        ("diff", "--endpoint-url", true),
        ("status", "--ruleset", false),
    ] {
        assert_eq!(help(command).contains(option), offered, "{command} {option}");
    }
    let refused = run(root(), &["explain", "--strict"], &[]);
    assert!(refused.code == 64 && refused.err.contains("--strict"), "{}", refused.err);
}

#[test]
fn explain_takes_rules_settings_keys_and_words() {
    let explained = |word: &str| run(root(), &["explain", word], &[]);
    for (word, part) in [
        ("VPC-06", "passes"),
        ("WARM_IP_TARGET", "awsNode.warm.ips"),
        ("tiers[].size", "SUB-01"),
        ("tiers.size", "SUB-01"),
        ("publicCidrs", "cluster.endpointAccess.publicCidrs"),
        ("docker", "VPC-06"),
    ] {
        let done = explained(word);
        assert!(done.code == 0 && done.out.contains(part), "{word}: {}{}", done.out, done.err);
    }
    let wrong = explained("vpc.cdir");
    assert!(wrong.code == 64 && wrong.err.contains("did you mean vpc.cidr"), "{}", wrong.err);
}

/// Whatever Region the starter is put in, its own check passes; an example of what the Region does not have is not written.
#[test]
fn init_writes_what_its_check_passes_in_every_region() {
    let folder = tempfile::tempdir().unwrap();
    let put = |from: &str, region: &str| {
        let name = format!("{from}-{region}");
        let file = format!("{name}.yaml");
        let made = run(folder.path(), &["init", &name, "--from", from, "--region", region], &[]);
        if made.code != 0 {
            return Err(made);
        }
        let checked = run(folder.path(), &["check", &file], &[]);
        std::fs::remove_file(folder.path().join(&file)).unwrap();
        Ok(checked)
    };
    for region in eksnet::facts::regions::names() {
        let checked = put("three-tiers", region);
        assert!(checked.is_ok_and(|checked| checked.code == 0), "{region}");
    }
    for region in ["us-west-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"] {
        let missing: Vec<String> = crate::support::blueprints()
            .into_iter()
            .filter_map(|(name, _)| match put(&name, region) {
                Ok(checked) => {
                    assert_eq!(checked.code, 0, "{name} in {region}: {}", checked.out);
                    None
                }
                Err(made) => {
                    assert!(made.err.contains("cannot be used in"), "{}", made.err);
                    Some(name)
                }
            })
            .collect();
        assert!(missing.len() <= 2, "{region}: {missing:?}");
    }
}

/// A blueprint for another Region names no zone of the old one.
#[test]
fn init_moves_zones_with_the_region() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in crate::support::blueprints() {
        let made = run(
            folder.path(),
            &["init", &format!("x-{name}"), "--from", &name, "--region", "ap-southeast-2"],
            &[],
        );
        assert_eq!(made.code, 0, "{name}: {}", made.err);
        let text = std::fs::read_to_string(folder.path().join(format!("x-{name}.yaml"))).unwrap();
        let old = std::fs::read_to_string(root().join(format!("blueprints/{name}.yaml"))).unwrap();
        let region = old.lines().find_map(|line| line.trim().strip_prefix("region: ")).unwrap();
        let region = region.split(' ').next().unwrap();
        assert!(region == "ap-southeast-2" || !text.contains(region), "{name}");
        assert!(text.contains(&format!("name: x-{name}")), "{name}");
    }
    assert!(run(folder.path(), &["init", "--list"], &[]).out.contains("secondary-pods"));
    let typo = run(folder.path(), &["init", "z", "--region", "us-esat-1"], &[]);
    assert!(typo.code == 64 && typo.err.contains("did you mean us-east-1"), "{}", typo.err);
}

/// An editor has something to say at every key, beside its default, and a value to offer.
#[test]
fn every_key_of_the_blueprint_has_a_description_and_an_example() {
    let done = run(root(), &["explain", "keys", "-o", "json"], &[]);
    for key in done.json()["keys"].as_array().unwrap() {
        let description = key["description"].as_str().unwrap();
        let meaning = description.split("Default: ").next().unwrap();
        let words = meaning.split_whitespace().filter(|word| word.len() > 2).count();
        assert!(4 <= words, "{}: {description}", key["path"]);
        assert!(!key["examples"].as_array().unwrap().is_empty(), "{} has no example", key["path"]);
    }
}

/// What an editor offers as an example, the schema accepts.
#[test]
fn examples_of_keys_are_valid() {
    let schema = run(root(), &["schema"], &[]).json();
    let mut seen = 0;
    examples_of(&schema, "", &mut |pointer, key| {
        let mut whole = key.clone();
        whole["$defs"] = schema["$defs"].clone();
        let validator = jsonschema::validator_for(&whole).unwrap();
        for example in key["examples"].as_array().unwrap() {
            assert!(validator.is_valid(example), "{pointer}: {example}");
            seen += 1;
        }
    });
    assert!(seen > 120, "{seen}");
}

fn examples_of(
    node: &serde_json::Value,
    pointer: &str,
    visit: &mut dyn FnMut(&str, &serde_json::Value),
) {
    if node["examples"].is_array() {
        visit(pointer, node);
    }
    for (name, inner) in node.as_object().into_iter().flatten() {
        examples_of(inner, &format!("{pointer}/{name}"), visit);
    }
    for (at, inner) in node.as_array().into_iter().flatten().enumerate() {
        examples_of(inner, &format!("{pointer}/{at}"), visit);
    }
}
