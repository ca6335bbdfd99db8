//! Hostile text in every place that text of others can take, in every format: nothing of it commands a terminal, ends a line, or becomes
//! markup, a mention, a link or a command of a workflow.

use std::collections::BTreeMap;
use std::time::Duration;

use eksnet::aws::port::StackEvent;
use eksnet::blueprint::edits::Edit;
use eksnet::deploy::Proven;
use eksnet::deploy::aws_node::Moved;
use eksnet::deploy::status::{Status, SubnetDrift, SubnetStatus};
use eksnet::deploy::{Cause, Event, Left, Outcome, Progress, Running};
use eksnet::diagnostic::Diagnostic;
use eksnet::facts::kinds::{Loss, Replacement};
use eksnet::observed::{
    Difference, Drift, LiveAddon, LiveCluster, LiveNodeGroup, LiveSubnet, StackDescription,
};
use eksnet::preview::{
    Action, Change, Consequence, Counts, Differs, Disagreement, Forecast, KubernetesChanges,
    Network, NodesLeft, Notice, Preview, PropertyChange, Setter, ShownAs, Step, SubnetChange,
    TagChange,
};
use eksnet::report::escape::{self, is_hidden};
use eksnet::report::findings::{self, Checked};
use eksnet::report::progress_tree::{Moment, Window, frame};
use eksnet::report::{View, status};
use eksnet::report::{
    page, preview, preview_github, preview_json, preview_markdown, progress, sarif,
};
use eksnet::source::Source;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{CLEAN, build, run};

/// What attackers write. `EVIL` marks the begin of a line, a command or a tag that must not come to be.
const FRAGMENTS: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}]0;EVIL\u{7}",
    "\u{1b}[8m",
    "\u{9b}31m",
    "\n",
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{7f}",
    "\0",
    "\t",
    "\n::error title=EVIL::EVIL",
    "##[add-mask]EVIL",
    "%0A::error::EVIL",
    "::stop-commands::EVIL",
    "</details>",
    "</pre>",
    "<img src=x onerror=EVIL>",
    "<!-- EVIL",
    "-->",
    "<script>",
    "&lt;b&gt;",
    "&#64;EVIL",
    "@EVIL",
    "@org/EVIL",
    "a@evil.example",
    "#12",
    "GH-12",
    "org/repo#1",
    "https://evil.example",
    "www.evil.example",
    "HTTP://EVIL.example",
    "mailto:evil@evil.example",
    "[EVIL](https://evil.example)",
    "![EVIL](https://evil.example/x.png)",
    "[EVIL]: https://evil.example",
    "|",
    "\\|",
    "\\",
    "`",
    "``",
    "```",
    "`@EVIL`",
    "``@EVIL",
    "*EVIL*",
    "__EVIL__",
    "~~EVIL~~",
    "$EVIL$",
    "> [!CAUTION]",
    "# EVIL",
    "- EVIL",
    "[x] EVIL",
    "${EVIL}",
    "$(EVIL)",
    "\"",
    "'",
    ",",
    ":",
    "{{EVIL}}",
    " ",
    "a",
    "é",
    "→",
];

fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 1..6).prop_map(|parts| parts.concat())
}

fn change(text: &str, action: Action, replacement: Replacement) -> Change {
    let own = || text.to_string();
    let because = |before: Value, after: Value| PropertyChange {
        property: own(),
        before: Some(before),
        after: Some(after),
        cause: None,
        path: own(),
    };
    let lines = [json!(format!("{text}\nold")), json!(format!("{text}\nnew"))];
    let because = vec![
        because(json!(text), json!({ "Ref": text })),
        because(json!([text]), json!({ text: text })),
        because(lines[0].clone(), lines[1].clone()),
    ];
    Change {
        id: own(),
        kind: own(),
        action,
        replacement,
        because,
        impact: Notice::default(),
        path: own(),
    }
}

/// A preview whose every text is `text`.
fn previewed(text: &str) -> Preview {
    let own = || text.to_string();
    let side = || Some(own());
    let tags = Change {
        because: vec![PropertyChange {
            property: format!("Tags/{text}"),
            before: Some(json!(text)),
            after: None,
            ..PropertyChange::default()
        }],
        ..change(text, Action::Modify, Replacement::Never)
    };
    let caused = Change {
        because: vec![PropertyChange {
            property: own(),
            cause: side(),
            ..PropertyChange::default()
        }],
        id: format!("{text}2"),
        ..change(text, Action::Modify, Replacement::Always)
    };
    Preview {
        edits: vec![Edit {
            path: own(),
            key: own(),
            before: side().map(Value::String),
            after: side().map(Value::String),
        }],
        stack: own(),
        names: [(own(), own())].into(),
        renamed: [(own(), own())].into(),
        changes: vec![
            change(text, Action::Add, Replacement::Never),
            change(text, Action::Modify, Replacement::Always),
            change(text, Action::Modify, Replacement::Never),
            change(text, Action::Remove, Replacement::Never),
            tags,
            caused,
        ],
        network: Network {
            subnets: vec![SubnetChange { id: own(), zone: own(), before: side(), after: side() }],
            nat_gateways: Counts { before: 1, after: 2 },
            tags: vec![TagChange { key: own(), before: side(), after: side(), resources: 2 }],
            ..Network::default()
        },
        impact: vec![Consequence::Left(vec![own()])],
        outputs: Vec::new(),
        irreversible: vec![eksnet::preview::Lost { ids: vec![own()], what: Loss::VpcId }],
        parts: Vec::new(),
        obstacles: Vec::new(),
        findings: vec![finding(text)],
        disagreements: vec![Disagreement {
            id: own(),
            compared: None,
            change_set: None,
            shown: ShownAs::InChangeSet,
        }],
        drift: Some(vec![drift(text)]),
        beside: KubernetesChanges {
            values: Vec::new(),
            differs: vec![Differs {
                what: own(),
                before: side(),
                after: side(),
                setter: Some(Setter::Chose(own())),
                overwritten: false,
            }],
            takes_over: true,
            unread: side(),
            addon: None,
            nodes: vec![NodesLeft::Alone { cluster: own(), ids: vec![own()] }],
        },
    }
}

fn drift(text: &str) -> Drift {
    let own = || text.to_string();
    let difference =
        Difference { property: own(), expected: Some(json!(text)), actual: Some(json!(text)) };
    Drift {
        id: own(),
        kind: own(),
        physical_id: own(),
        status: own(),
        differences: vec![difference],
    }
}

fn finding(text: &str) -> Diagnostic {
    let rule = eksnet::rules::all().next().unwrap();
    rule.at(text, text).label(text).hint(text).also_at(0..3, text).at(0..3)
}

fn event(text: &str) -> StackEvent {
    StackEvent {
        event_id: text.to_string(),
        id: text.to_string(),
        kind: text.to_string(),
        status: format!("{text}CREATE_IN_PROGRESS"),
        reason: text.to_string(),
        ..StackEvent::default()
    }
}

fn stack(text: &str) -> StackDescription {
    let own = || text.to_string();
    StackDescription {
        name: own(),
        status: own(),
        reason: own(),
        outputs: vec![(own(), own())],
        ..StackDescription::default()
    }
}

fn events(text: &str) -> Vec<Event> {
    let own = || text.to_string();
    let elapsed = Duration::from_secs(5);
    let running = Running { id: own(), kind: own(), status: own(), elapsed };
    vec![
        Event::ChangeSet { name: own() },
        Event::Resource { id: own(), kind: own(), status: own(), reason: own(), elapsed },
        Event::Waiting { on: vec![running], elapsed },
        Event::Still { what: own() },
        Event::Uploaded { address: own() },
        Event::Cleared { what: own() },
        Event::Retry { why: own() },
    ]
}

fn outcomes(text: &str) -> Vec<Outcome> {
    let own = || text.to_string();
    let (hint, seen) = (None, vec![own()]);
    let cause =
        || Cause { id: own(), kind: own(), status: own(), reason: own(), hint, seen: seen.clone() };
    vec![
        Outcome::Done {
            stack: stack(text),
            elapsed: Duration::from_secs(5),
            took: BTreeMap::new(),
            left: vec![Left { id: own(), kind: own(), physical_id: own(), reason: own() }],
        },
        Outcome::RolledBack { status: own(), cause: Some(cause()) },
        Outcome::Stuck { status: own(), cause: Some(cause()) },
    ]
}

fn read(text: &str) -> Status {
    let own = || text.to_string();
    let live = LiveSubnet { id: own(), cidr: own(), zone_id: own(), zone_name: own(), free: 1 };
    Status {
        stack: stack(text),
        cluster: Some(LiveCluster {
            status: own(),
            version: own(),
            endpoint: own(),
            authority: own(),
            deletion_protection: true,
            issues: vec![own()],
        }),
        addons: vec![LiveAddon { name: own(), status: own(), version: own(), issues: vec![own()] }],
        node_groups: vec![LiveNodeGroup {
            name: own(),
            status: own(),
            version: own(),
            release: own(),
            issues: vec![own()],
            ..LiveNodeGroup::default()
        }],
        cluster_gone: true,
        subnets: vec![SubnetStatus { tier: own(), zone: own(), usable: 10, live }],
        drift: vec![SubnetDrift::Unplanned { cidr: own(), id: own() }],
        undeployed: vec![SubnetDrift::Unplanned { cidr: own(), id: own() }],
        by_hand: Some(vec![drift(text)]),
        aws_node: Some(KubernetesChanges {
            values: Vec::new(),
            differs: vec![Differs {
                what: own(),
                before: Some(own()),
                after: Some(own()),
                setter: Some(Setter::Chose(own())),
                overwritten: false,
            }],
            takes_over: false,
            unread: Some(own()),
            addon: None,
            nodes: vec![NodesLeft::Alone { cluster: own(), ids: vec![own()] }],
        }),
        moved: Some(Moved { tiers: vec![own()], pods: 1, of: 2, left: [(own(), 1)].into() }),
        proven: Some(Proven {
            nodes: 1,
            pods: 1,
            astray: vec![own()],
            crowded: vec![own()],
            reached: vec![own()],
            unreached: vec![own()],
        }),
        unread: vec![own()],
    }
}

/// Wide enough that nothing is wrapped.
fn shown<'a>(line: &'a dyn Fn(&str) -> Option<String>) -> preview::Shown<'a> {
    preview::Shown { line, compiled: None, lock: "", view: View { all: true, ..View::of(1 << 20) } }
}

/// Nothing hidden, and of a terminal's sequences nothing but colours.
fn is_quiet(out: &str) {
    let mut rest = out;
    while let Some(at) = rest.find('\u{1b}') {
        rest = &rest[at + 1..];
        let end = rest.find('m').unwrap_or_else(|| panic!("a sequence without an end: {out:?}"));
        let inner = rest[..end].strip_prefix('[');
        let digits = |inner: &str| inner.chars().all(|one| one.is_ascii_digit() || one == ';');
        assert!(inner.is_some_and(digits), "{out:?}");
        assert!(rest[..end] != *"[8", "{out:?}");
    }
    let hidden = out.chars().find(|one| is_hidden(*one) && *one != '\n' && *one != '\u{1b}');
    assert_eq!(hidden, None, "{out:?}");
}

fn has_lines_of_its_own(out: &str, before: usize) {
    assert_eq!(out.lines().count(), before, "a text brought lines of its own: {out}");
}

/// Markdown without its code spans, as CommonMark finds them: a run of backticks up to the next run of the same length.
fn without_code(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        let escaped = rest[..at].chars().rev().take_while(|one| *one == '\\').count() % 2 == 1;
        let run = rest[at..].chars().take_while(|one| *one == '`').count();
        if escaped {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        out.push_str(&rest[..at]);
        let inside = &rest[at + run..];
        let mut from = 0;
        let close = loop {
            let Some(next) = inside[from..].find('`').map(|next| from + next) else { break None };
            let length = inside[next..].chars().take_while(|one| *one == '`').count();
            if length == run {
                break Some(next + run);
            }
            from = next + length;
        };
        match close {
            Some(end) => rest = &inside[end..],
            None => {
                out.push_str(&rest[at..at + run]);
                rest = inside;
            }
        }
    }
    out + rest
}

/// Nothing in it is alive but what eksnet's own frame writes.
fn is_dead_markdown(out: &str) {
    is_quiet(out);
    let count = |what: &str| out.lines().filter(|line| line.starts_with(what)).count();
    assert_eq!(count("<details"), count("</details>"), "{out}");
    for line in out.lines() {
        let frame = line.starts_with("<details") || line == "</details>";
        let bare = without_code(line);
        let bare = bare.strip_prefix("> ").unwrap_or(&bare);
        let bare =
            bare.strip_prefix("[!CAUTION]").or(bare.strip_prefix("[!WARNING]")).unwrap_or(bare);
        let dead = bare.replace("\\\\", "");
        for (alive, ours) in [("<", frame), ("[", false), ("]", false)] {
            let found = dead.match_indices(alive).any(|(at, _)| !dead[..at].ends_with('\\'));
            assert!(!found || ours, "{alive} lives in {line}");
        }
        let lower = bare.to_lowercase();
        for alive in ["://", "www.", "mailto:", "gh-1"] {
            let found = lower.match_indices(alive).any(|(at, _)| {
                alive != "://" || lower[..at].ends_with(|one: char| one.is_ascii_alphanumeric())
            });
            assert!(!found, "{alive} lives in {line}");
        }
        let text = bare.strip_prefix("### ").unwrap_or(bare);
        for (at, mark) in text.match_indices(['@', '#']) {
            let next = &text[at + 1..];
            let ours = next.starts_with("&#8203;") || text[..at].ends_with('&');
            assert!(ours, "{mark} lives in {line}");
        }
    }
}

/// Only commands of ours: one a line, each with its two pairs of colons.
fn are_annotations(out: &str, count: usize) {
    is_quiet(out);
    assert_eq!(out.lines().count(), count, "{out}");
    for line in out.lines() {
        let word = line.strip_prefix("::").and_then(|rest| rest.split(' ').next());
        assert!(word.is_some_and(|word| ["error", "warning", "notice"].contains(&word)), "{line}");
        let properties = line[2..].split_once(' ').unwrap().1.split_once("::").unwrap().0;
        for pair in properties.split(',') {
            let name = pair.split_once('=').unwrap_or_else(|| panic!("{line}")).0;
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(known.contains(&name), "{name} in {line}");
        }
    }
}

/// A page and a map whose every free text is `text`.
fn page_of(text: &str) -> String {
    let mut compiled = build(CLEAN);
    compiled.intent.name = text.to_string();
    compiled.document.source.name = text.to_string();
    compiled.warnings = vec![finding(text)];
    for choice in &mut compiled.intent.choices.0 {
        choice.what = text.to_string();
        choice.value = text.to_string();
    }
    for resource in compiled.template.value["Resources"].as_object_mut().unwrap().values_mut() {
        for key in ["Description", "CidrIp"] {
            if !resource["Properties"][key].is_null() {
                resource["Properties"][key] = json!(text);
            }
        }
    }
    let preview = previewed(text);
    let plan = page::Plan { compiled: &compiled, lock: text, preview: Some(&preview) };
    let broken =
        page::Sheet::Broken { source: &compiled.document.source, findings: &compiled.warnings };
    let names = [text.to_string(), text.to_string()];
    let sheets = [page::Sheet::Plan(plan), broken];
    page::html(&sheets) + &page::index(&sheets, &names) + &page::svg(&plan)
}

/// Every tag with the names of its attributes, in order.
fn tags_of(page: &str) -> Vec<String> {
    let tags = page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    tags.map(|tag| {
        let outside = tag.split('"').step_by(2);
        outside.collect::<Vec<_>>().join("\"\"")
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_preview_commands_nobody(text in hostile()) {
        let (own, calm) = (previewed(&text), previewed("calm"));
        let place = |_: &str| Some(format!("{text}:3"));
        let out = preview::human(&own, &shown(&place));
        is_quiet(&out);
        if !text.contains('\n') {
            has_lines_of_its_own(&out, preview::human(&calm, &shown(&|_| Some("calm:3".into()))).lines().count());
        }
        is_dead_markdown(&preview_markdown::write(&own, &shown(&place)));
        are_annotations(&preview_github::write(&own, &shown(&place), &|_| Some((text.clone(), 3))), 1 + 1 + 3 + 1 + 1 + 1 + usize::from(own.beside.unread.is_some()));
        for json in [preview_json::write(&own), preview_json::line(&own)] {
            is_quiet(&json);
            prop_assert_eq!(json.lines().count() == 1, json.starts_with("{\""));
            let value: Value = serde_json::from_str(&json).unwrap();
            let stack = if value["event"].is_null() { &value["stack"] } else { &value["preview"]["stack"] };
            prop_assert_eq!(stack, &json!(text));
        }
    }

    #[test]
    fn findings_command_nobody(text in hostile()) {
        let source = Source::new(text.clone(), format!("{text}\nsecond: 2\n"));
        let found = [finding(&text)];
        let checked = || Checked { source: &source, findings: &found };
        is_quiet(&findings::human(&checked()));
        are_annotations(&findings::github(&[checked()]), 1);
        let (rows, document) = (findings::json(&[checked()]), sarif::write(&[checked()]));
        is_quiet(&rows);
        is_quiet(&document);
        serde_json::from_str::<Value>(&rows).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        let message = document["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
        let links = message.replace("\\\\", "").replace("\\[", "").replace("\\]", "");
        prop_assert!(!links.contains(['[', ']']) && !message.chars().any(|one| is_hidden(one) && one != '\n'), "{}", message);
    }

    #[test]
    fn a_page_has_no_tag_of_a_texts_own(text in hostile()) {
        let (own, calm) = (page_of(&text), page_of("calm"));
        is_quiet(&own);
        // Its backticks may make code of its words, as in Markdown, its dots and underscores places where a line may break, and nothing
        // else.
        let rest = |page: &str| -> Vec<String> {
            tags_of(page).into_iter().filter(|tag| !["code", "/code", "wbr"].contains(&tag.as_str())).collect()
        };
        prop_assert_eq!(rest(&own), rest(&calm));
        let code = |tag: &str| tags_of(&own).iter().filter(|own| *own == tag).count();
        prop_assert_eq!(code("code"), code("/code"));
        if !text.contains('`') {
            let unbroken = |page: &str| -> Vec<String> {
                tags_of(page).into_iter().filter(|tag| tag != "wbr").collect()
            };
            prop_assert_eq!(unbroken(&own), unbroken(&calm));
        }
    }

    #[test]
    fn a_deployment_commands_nobody(text in hostile()) {
        let maker = |_: &str| Some(text.clone());
        let steps = [Step { id: text.clone(), takes: Duration::from_secs(9) }];
        for event in events(&text) {
            let line = progress::human(&event);
            is_quiet(&line);
            has_lines_of_its_own(&line, 1);
            let line = progress::json_line(&event);
            is_quiet(&line);
            has_lines_of_its_own(&line, 1);
        }
        for (outcome, calm) in outcomes(&text).iter().zip(outcomes("calm")) {
            let out = progress::outcome(outcome, &steps, &maker, &text);
            is_quiet(&out);
            let calm = progress::outcome(&calm, &steps, &|_| Some("calm".into()), "calm");
            has_lines_of_its_own(&out, calm.lines().count());
            let ending = progress::Ending { stack: &text, word: progress::word(outcome), elapsed: Duration::ZERO, next: Some(&text) };
            is_quiet(&progress::outcome_json(outcome, &ending, &steps, &maker));
        }
        let mut seen = Progress::default();
        seen.take(&event(&text), Duration::from_secs(1));
        let forecast = Forecast { path: steps.to_vec(), ..Forecast::default() };
        let moment = Moment { stack: &text, progress: &seen, forecast: &forecast, elapsed: Duration::ZERO, now: Duration::ZERO };
        for line in frame(&moment, Window { width: 200, height: 40 }) {
            is_quiet(&line);
            has_lines_of_its_own(&line, 1);
        }
    }

    #[test]
    fn a_status_commands_nobody(text in hostile()) {
        let intent = build(CLEAN).intent;
        let out = status::human(&intent, &read(&text), &text);
        is_quiet(&out);
        has_lines_of_its_own(&out, status::human(&intent, &read("calm"), "calm").lines().count());
        is_quiet(&status::json(&intent, &read(&text), &text));
    }

    #[test]
    fn html_has_no_tag_of_a_texts_own(text in hostile()) {
        let out = escape::html(&text);
        is_quiet(&out);
        prop_assert!(!out.contains(['<', '>', '"', '\'', '\n']), "{}", out);
    }

    #[test]
    fn a_table_of_markdown_keeps_its_cells(text in hostile()) {
        let out = escape::cell(&text);
        is_quiet(&out);
        prop_assert!(!out.replace("\\|", "").contains('|'), "{}", out);
        let rest = without_code(&out.replace("\\|", "|"));
        prop_assert_eq!(rest.trim().trim_matches('–'), "");
    }
}

/// The real command: a hostile name of a file, a template of others, and values of a blueprint.
#[test]
fn the_command_line_commands_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "a\u{1b}[2J\n::error::EVIL\u{202e}";
    let template = json!({ "Resources": { evil: { "Type": evil, "Properties": { evil: evil } }, "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "Tags": [{ "Key": evil, "Value": evil }] } } } });
    std::fs::write(folder.path().join("template.json"), template.to_string()).unwrap();
    let file = format!("{evil}.yaml");
    let text = CLEAN.replace(
        "  region: eu-west-1\n",
        "  region: eu-west-1\n  tags: { \"team\\u202e\\e[2J\": \"@you\\n::error::EVIL\" }\n",
    );
    std::fs::write(folder.path().join(&file), text).unwrap();
    let missing = format!("{evil}.yml");
    for arguments in [
        &["check", file.as_str()][..],
        &["check", &file, "-o", "json"],
        &["check", &file, "-o", "github"],
        &["check", &file, "-o", "sarif"],
        &["check", &missing],
        &["layout", &missing],
        &["diff", &file, "--against", "template.json"],
        &["diff", &file, "--against", "template.json", "-o", "json"],
        &["diff", &file, "--against", "template.json", "-o", "markdown"],
        &["diff", &file, "--against", "template.json", "-o", "github"],
        &["diff", &file, "--against", &missing],
        &["layout", &file, "-v"],
        &["render", &file],
        &["explain", evil],
        &["init", evil],
    ] {
        let ran = run(folder.path(), arguments, &[]);
        for out in [&ran.out, &ran.err] {
            is_quiet(out);
            let begun = out.lines().find(|line| line.trim_start().starts_with("::error::"));
            assert_eq!(begun, None, "{arguments:?}: {out}");
        }
    }
}
