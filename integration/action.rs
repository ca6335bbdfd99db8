//! The GitHub Action's script as a runner runs it, with a `gh` that keeps one pull request and, here, an `eksnet` that says what it is told:
//! nothing that a file or a service says is evaluated, adopted or shown as something else.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::root;

pub const MERGED: &str = "dddddddddddddddddddddddddddddddddddddddd";
pub const HEAD: &str = "abababababababababababababababababababab";

/// One pull request, its comments and its artefacts, in a folder.
const GH: &str = r#"#!/bin/bash
cd "$GH_STATE"; echo "$@" >> calls
last() { local all=("$@"); echo "${all[-1]#body=@}"; }
case "$*" in
  *PATCH*comments/*) cp "$(last "$@")" comment ;;
  *POST*/comments*) cp "$(last "$@")" comment ;;
  *issues/12/comments*)
    if [ -f comments.json ]; then cat comments.json
    elif [ -f comment ]; then jq -Rs '[{id: 7, user: {login: "github-actions[bot]"}, body: .}]' comment
    else echo '[]'; fi ;;
  *commits/*/pulls*) if [ -f pulls.json ]; then cat pulls.json; else echo '[]'; fi ;;
  *actions/artifacts*) if [ -f plan.json ]; then cat artefacts.json; else echo '{"artifacts": []}'; fi ;;
  "run download 99 "*) cp plan.json "$(last "$@")/plan.json" ;;
  *) echo "gh: not expected: $*" >&2; exit 1 ;;
esac
"#;

pub struct Ran {
    pub code: i32,
    pub log: String,
    pub outputs: String,
    pub summary: String,
}

/// A runner with a checkout in a folder.
pub struct Runner {
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Runner {
    /// With `gh` on the path, and `eksnet` from where `program` is.
    pub fn new(folder: &Path, program: &Path, environment: Vec<(String, String)>) -> Self {
        let runner = Self { folder: folder.to_path_buf(), environment };
        std::fs::create_dir_all(runner.gh("")).unwrap();
        script(&folder.join("bin/gh"), GH);
        if program.is_file() {
            let _ = std::os::unix::fs::symlink(program, folder.join("bin/eksnet"));
        }
        runner
    }

    pub fn gh(&self, name: &str) -> PathBuf {
        self.folder.join("gh").join(name)
    }

    pub fn comment(&self) -> String {
        std::fs::read_to_string(self.gh("comment")).unwrap_or_default()
    }

    pub fn asked(&self) -> String {
        std::fs::read_to_string(self.gh("calls")).unwrap_or_default()
    }

    /// The pull request was merged, and its plan is kept as `upload-artifact` keeps it.
    pub fn merge(&self) {
        let pull = json!([{ "merged_at": "2026-11-28", "merge_commit_sha": MERGED, "head": { "sha": HEAD } }]);
        std::fs::write(self.gh("pulls.json"), pull.to_string()).unwrap();
        let of = json!({ "id": 99, "head_sha": HEAD, "head_repository_id": 1, "repository_id": 1 });
        let artefacts = json!({ "artifacts": [{ "expired": false, "created_at": "2026-11-28", "workflow_run": of }] });
        std::fs::write(self.gh("artefacts.json"), artefacts.to_string()).unwrap();
    }

    pub fn run(&self, mode: &str, more: &[(&str, &str)]) -> Ran {
        let file = |name: &str| self.folder.join(name).to_str().unwrap().to_string();
        for name in ["outputs", "summary"] {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
        let mut command = Command::new("bash");
        command.arg(root().join(".github/actions/eksnet/run.sh")).current_dir(&self.folder);
        command.env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.envs([
            ("PATH", format!("{}:/usr/bin:/bin", file("bin"))),
            ("HOME", file(".")),
            ("GITHUB_OUTPUT", file("outputs")),
            ("GITHUB_STEP_SUMMARY", file("summary")),
            ("GH_STATE", file("gh")),
            ("RUNNER_TEMP", file(".")),
        ]);
        command.envs(SETTINGS.iter().copied()).env("MODE", mode).envs(more.iter().copied());
        let output = command.output().unwrap();
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        Ran {
            code: output.status.code().unwrap(),
            log: String::from_utf8_lossy(&output.stdout).into_owned(),
            outputs: read("outputs"),
            summary: read("summary"),
        }
    }
}

/// What `action.yml` and GitHub hand over.
const SETTINGS: &[(&str, &str)] = &[
    ("BLUEPRINT", "shop.yaml"),
    ("STRICT", "false"),
    ("FAIL_ON", "replace,remove"),
    ("ALLOW", ""),
    ("VALID_FOR", "168"),
    ("EKSNET_TEMPLATE_BUCKET", ""),
    ("COMMENT", "true"),
    ("COMMENT_AUTHOR", "github-actions[bot]"),
    ("PULL_REQUEST", "12"),
    ("HEAD", HEAD),
    ("GITHUB_REPOSITORY", "o/r"),
    ("GITHUB_SHA", MERGED),
    ("CI", "true"),
];

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// An `eksnet` that answers `check`, `diff --save`, `diff` and `deploy` from files beside it.
const EKSNET: &str = r#"#!/bin/bash
here=$(dirname "$0"); all="$*"; save=
while [ $# -gt 0 ]; do [ "$1" = --save ] && save=$2; shift; done
case "$all" in
  check*) name=check ;; *--save*) name=preview ;; *--drift*) name=drift ;; diff*) name=annotations ;; deploy*) name=deploy ;;
esac
[ -z "$save" ] || [ ! -f "$here/plan.json" ] || cp "$here/plan.json" "$save"
[ ! -f "$here/$name.err" ] || cat "$here/$name.err" >&2
[ ! -f "$here/$name.out" ] || cat "$here/$name.out"
[ ! -f "$here/$name.code" ] || exit "$(cat "$here/$name.code")"
"#;

struct Stage {
    folder: tempfile::TempDir,
    runner: Runner,
}

impl Stage {
    /// What the program answers, by the name of its file.
    fn new(answers: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("bin/eksnet");
        script(&program, EKSNET);
        for (name, text) in answers {
            std::fs::write(folder.path().join("bin").join(name), text).unwrap();
        }
        let runner = Runner::new(folder.path(), &program, Vec::new());
        Self { folder, runner }
    }

    fn exists(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }
}

/// Indented as `diff --save` writes it: one key a line.
fn plan(summary: Value, labels: Value) -> String {
    let change = json!({ "logicalId": "NodeGroupA", "because": [{ "property": "Labels", "before": {}, "after": labels }] });
    let plan = json!({ "schemaVersion": 2, "file": "shop.yaml", "preview": { "changes": [change], "summary": summary } });
    serde_json::to_string_pretty(&plan).unwrap()
}

fn counts(add: u64, modify: u64, replace: u64, remove: u64) -> Value {
    json!({ "add": add, "modify": modify, "replace": replace, "remove": remove })
}

/// A label of a node group once was a count, and counts once were arithmetic of a shell.
#[test]
fn no_value_of_a_blueprint_is_evaluated_by_a_shell() {
    let payloads = [
        "PATH[$(touch x)]",
        "$(touch x)",
        "`touch x`",
        "a[$(touch x)]",
        "1; touch x",
        "1\ntouch x",
        "' && touch x && '",
        "@sh \"touch x\"",
    ];
    for payload in payloads {
        let labels = json!({ "add": payload, "modify": payload, "replace": payload, "remove": payload, "file": payload });
        let document = plan(counts(1, 0, 0, 0), labels);
        let stage = Stage::new(&[("plan.json", &document), ("preview.out", "### `eksnet-shop`\n")]);
        let ran = stage.runner.run("preview", &[]);
        assert_eq!(ran.code, 0, "{payload}: {}", ran.log);
        assert!(ran.outputs.contains("changes=changes\n"), "{payload}: {}", ran.outputs);
        std::fs::write(stage.runner.gh("plan.json"), &document).unwrap();
        stage.runner.merge();
        assert_eq!(stage.runner.run("deploy", &[]).code, 0);

        let hostile = json!({ "add": payload, "modify": 0, "replace": payload, "remove": 0 });
        let stage_of_counts = Stage::new(&[
            ("plan.json", &plan(hostile, json!({}))),
            ("preview.out", "### `eksnet-shop`\n"),
        ]);
        let ran = stage_of_counts.runner.run("preview", &[]);
        assert!(ran.code != 0 && ran.outputs.contains("changes=refused"), "{payload}: {}", ran.log);
        for stage in [&stage, &stage_of_counts] {
            assert!(
                !stage.exists("x") && !stage.exists("gh/x") && !stage.exists("bin/x"),
                "{payload} ran"
            );
        }
    }
    let verdicts = [
        (counts(0, 0, 0, 0), "none"),
        (counts(0, 2, 0, 0), "changes"),
        (counts(1, 0, 1, 0), "destructive"),
        (counts(0, 0, 0, 3), "destructive"),
    ];
    for (summary, verdict) in verdicts {
        let stage =
            Stage::new(&[("plan.json", &plan(summary, json!({}))), ("preview.out", "###\n")]);
        let ran = stage.runner.run("preview", &[]);
        assert!(ran.outputs.contains(&format!("changes={verdict}\n")), "{}", ran.outputs);
    }
}

/// A comment is the bot's own by its author and its whole first line; paths that look alike in a slug have comments of their own.
#[test]
fn a_comment_of_somebody_else_is_never_adopted() {
    let document = plan(counts(1, 0, 0, 0), json!({}));
    let answers = [("plan.json", document.as_str()), ("preview.out", "### `eksnet-shop`\n")];
    let stage = Stage::new(&answers);
    assert_eq!(stage.runner.run("preview", &[]).code, 0);
    let first = stage.runner.comment();
    let mark = first.lines().next().unwrap().to_string();
    assert!(mark.starts_with("<!-- eksnet shop.yaml-") && mark.len() > 40, "{mark}");
    assert!(stage.runner.asked().contains("POST repos/o/r/issues/12/comments"));

    let with = |comments: Value| {
        let stage = Stage::new(&answers);
        std::fs::write(stage.runner.gh("comments.json"), comments.to_string()).unwrap();
        assert_eq!(stage.runner.run("preview", &[]).code, 0);
        stage.runner.asked()
    };
    let one =
        |login: &str, body: &str| json!({ "id": 7, "user": { "login": login }, "body": body });
    for (login, body) in [
        ("mallory", mark.clone()),
        ("github-actions", mark.clone()),
        ("github-actions[bot]", format!("{mark} and more")),
        ("github-actions[bot]", format!("> {mark}")),
        ("github-actions[bot]", format!("first\n{mark}")),
    ] {
        let asked = with(json!([one(login, &body)]));
        assert!(!asked.contains("PATCH"), "{login} {body}: {asked}");
    }
    let asked =
        with(json!([one("mallory", &mark), one("github-actions[bot]", &format!("{mark}\r\nold"))]));
    assert!(asked.contains("PATCH repos/o/r/issues/comments/7"), "{asked}");

    let marks: std::collections::BTreeSet<String> =
        ["network/shop.yaml", "network-shop.yaml", "network shop.yaml", "network_shop.yaml"]
            .iter()
            .map(|file| {
                let stage = Stage::new(&answers);
                let ran = stage.runner.run("preview", &[("BLUEPRINT", file)]);
                let artifact = ran
                    .outputs
                    .lines()
                    .find(|line| line.starts_with("artifact="))
                    .unwrap()
                    .to_string();
                format!("{} {artifact}", stage.runner.comment().lines().next().unwrap())
            })
            .collect();
    assert_eq!(marks.len(), 4);
}

/// Page, comment and annotation in every case, with the reason, and `changes=refused`.
#[test]
fn a_refused_preview_says_why_everywhere() {
    let document = plan(counts(0, 0, 1, 0), json!({}));
    let reason = "error: the lock `shop.lock.yaml` would change </pre> @you ::error::EVIL\n  help: 100% `x`\n";
    let failed: &[(&str, &[(&str, &str)])] = &[
        ("findings", &[("check.code", "1"), ("check.out", reason)]),
        ("lock and credentials", &[("preview.code", "1"), ("preview.err", reason)]),
        ("no plan", &[("preview.code", "1"), ("preview.err", reason), ("preview.out", "### x\n")]),
    ];
    for (case, answers) in failed {
        let stage = Stage::new(answers);
        std::fs::write(stage.runner.gh("comment"), "the former one").unwrap();
        let ran = stage.runner.run("preview", &[]);
        assert_eq!(ran.code, 1, "{case}: {}", ran.log);
        assert_eq!(ran.outputs, "changes=refused\n", "{case}");
        for page in [&ran.summary, &stage.runner.comment()] {
            assert!(
                page.contains("### eksnet: ") && page.contains("would change &lt;/pre&gt;"),
                "{case}: {page}"
            );
        }
        let annotation = ran.log.lines().find(|line| line.starts_with("::error title=eksnet::"));
        assert!(
            annotation.is_some_and(|line| line.contains("would change") && line.contains("100%25")),
            "{case}: {}",
            ran.log
        );
    }
    let gated = [
        ("plan.json", document.as_str()),
        ("preview.code", "1"),
        ("preview.err", reason),
        ("preview.out", "### shown\n"),
    ];
    let stage = Stage::new(&gated);
    let ran = stage.runner.run("preview", &[]);
    assert!(ran.code == 1 && ran.outputs.contains("changes=destructive"), "{}", ran.log);
    let page = stage.runner.comment();
    assert!(
        page.contains("### shown")
            && page.contains("does not pass")
            && page.contains("would change"),
        "{page}"
    );
    let drift = Stage::new(&[("drift.code", "1"), ("drift.err", reason)]);
    let ran = drift.runner.run("drift", &[]);
    assert!(
        ran.code == 1 && ran.outputs == "changes=refused\n" && ran.summary.contains("would change"),
        "{}",
        ran.log
    );
}

/// What programs print is no command of the workflow, and no value ends up in a file that GitHub reads line by line.
#[test]
fn words_of_programs_are_no_commands_of_the_workflow() {
    let evil = "fine\n::set-output name=x::EVIL\n##[add-mask]EVIL\n::stop-commands::EVIL\n";
    let document = plan(counts(1, 0, 0, 0), json!({}));
    let stage = Stage::new(&[
        ("plan.json", &document),
        ("preview.out", "### x\n"),
        ("preview.err", evil),
        ("check.err", evil),
        (
            "check.out",
            "::warning file=a,line=1,title=X::words\n::add-mask::EVIL\n::set-env name=PATH::EVIL\n",
        ),
        ("annotations.out", "::notice title=x::y\n::save-state name=a::EVIL\n"),
        ("deploy.out", evil),
        ("drift.err", evil),
    ]);
    std::fs::write(stage.runner.gh("plan.json"), &document).unwrap();
    stage.runner.merge();
    for mode in ["check", "preview", "deploy", "drift"] {
        let ran = stage.runner.run(mode, &[]);
        assert_eq!(ran.code, 0, "{mode}: {}", ran.log);
        let mut off: Option<String> = None;
        for line in ran.log.lines() {
            match &off {
                Some(token) if line == format!("::{token}::") => off = None,
                Some(_) => {}
                None => match line.strip_prefix("::stop-commands::") {
                    Some(token) => off = Some(token.to_string()),
                    None => assert!(!line.contains("EVIL"), "{mode}: {line} is a command"),
                },
            }
        }
        assert_eq!(off, None, "{mode}: commands stay off");
    }
    for (name, value) in [
        ("BLUEPRINT", "a\nchanges=none"),
        ("BLUEPRINT", ""),
        ("HEAD", "a\nx=y"),
        ("PULL_REQUEST", "1/../../x"),
        ("GITHUB_SHA", "main"),
        ("GITHUB_REPOSITORY", "o/r/../../x"),
    ] {
        let ran = stage.runner.run("preview", &[(name, value)]);
        assert_eq!((ran.code, ran.outputs.as_str()), (64, "changes=refused\n"), "{name}={value}");
    }
}

/// Only a plan of the merged pull request's own commit, of this repository, for this blueprint.
#[test]
fn only_the_reviewed_plan_is_deployed() {
    let document = plan(counts(1, 0, 0, 0), json!({}));
    let pull = |merged: Value, sha: &str, head: &str| json!([{ "merged_at": merged, "merge_commit_sha": sha, "head": { "sha": head } }]);
    let run = |head: &str, of: u64| json!({ "artifacts": [{ "expired": false, "created_at": "2026", "workflow_run": { "id": 99, "head_sha": head, "head_repository_id": of, "repository_id": 1 } }] });
    let cases = [
        (pull(json!(null), MERGED, HEAD), run(HEAD, 1), "belongs to no pull request"),
        (pull(json!("2026"), HEAD, HEAD), run(HEAD, 1), "belongs to no pull request"),
        (pull(json!("2026"), MERGED, "$(touch x)"), run(HEAD, 1), "belongs to no pull request"),
        (pull(json!("2026"), MERGED, HEAD), run(MERGED, 1), "there is no plan"),
        (pull(json!("2026"), MERGED, HEAD), run(HEAD, 2), "there is no plan"),
    ];
    for (pulls, artefacts, words) in cases {
        let stage = Stage::new(&[]);
        std::fs::write(stage.runner.gh("plan.json"), &document).unwrap();
        std::fs::write(stage.runner.gh("pulls.json"), pulls.to_string()).unwrap();
        std::fs::write(stage.runner.gh("artefacts.json"), artefacts.to_string()).unwrap();
        let ran = stage.runner.run("deploy", &[]);
        assert!(
            ran.code == 1 && ran.log.contains(words) && ran.summary.contains(words),
            "{words}: {}",
            ran.log
        );
        assert!(!stage.exists("x"));
    }
}

fn yaml(file: &Path) -> serde_yaml::Value {
    serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Actions, workflows and pipelines of this repository.
fn pipelines() -> Vec<PathBuf> {
    let mut open = vec![root().join(".github"), root().join(".ci")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension().and_then(|ending| ending.to_str()) {
                Some("yml" | "yaml") => found.push(entry),
                None if entry.is_dir() => open.push(entry),
                _ => {}
            }
        }
    }
    found
}

/// Every text of a document under a key.
fn under<'v>(value: &'v serde_yaml::Value, key: &str, found: &mut Vec<&'v serde_yaml::Value>) {
    for (name, inner) in value.as_mapping().into_iter().flatten() {
        if name.as_str() == Some(key) {
            found.push(inner);
        }
        under(inner, key, found);
    }
    value.as_sequence().into_iter().flatten().for_each(|inner| under(inner, key, found));
}

/// An expression within a script is pasted into it before the shell reads it.
#[test]
fn no_expression_stands_in_a_script() {
    for file in pipelines() {
        let document = yaml(&file);
        let mut scripts = Vec::new();
        under(&document, "run", &mut scripts);
        for script in scripts {
            assert!(
                !script.as_str().unwrap_or_default().contains("${{"),
                "{}: {script:?}",
                file.display()
            );
        }
    }
    for file in [
        ".github/actions/eksnet/run.sh",
        ".github/actions/eksnet/verify.sh",
        ".github/actions/build/build.sh",
    ] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for word in
            ["eval ", "$((", "((", "let ", "declare -i", "${{", "<<EOF", "source /", "bash -c"]
        {
            assert!(!text.contains(word), "{file} has {word}");
        }
        let parsed = Command::new("bash").arg("-n").arg(root().join(file)).status().unwrap();
        assert!(parsed.success(), "{file}");
    }
}

/// Tags move, commits do not. eksnet's own actions cannot name the commit that they are part of; they are marked.
#[test]
fn actions_are_pinned_by_commit() {
    for file in pipelines() {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let Some((_, used)) = line.split_once("uses: ") else {
                continue;
            };
            let (action, comment) = used.split_once(" # ").unwrap_or((used, ""));
            let (name, pin) = action.split_once('@').unwrap();
            if name.starts_with("eksnet/") {
                assert_eq!(
                    (pin, comment),
                    (format!("v{}", env!("CARGO_PKG_VERSION")).as_str(), "PIN")
                );
                continue;
            }
            assert!(pin.len() == 40 && pin.bytes().all(|one| one.is_ascii_hexdigit()), "{line}");
            assert!(comment.starts_with('v'), "{line}");
        }
    }
}

/// What builds has nothing to steal, and what has credentials builds nothing; forks get none.
#[test]
fn nothing_is_built_beside_credentials() {
    let action = std::fs::read_to_string(root().join(".github/actions/eksnet/action.yml")).unwrap();
    let script = std::fs::read_to_string(root().join(".github/actions/eksnet/run.sh")).unwrap();
    assert!(!action.contains("cargo") && !script.contains("cargo"));
    let workflow = yaml(&root().join(".ci/pipelines/github.yml"));
    assert_eq!(workflow["permissions"], serde_yaml::Value::Mapping(serde_yaml::Mapping::new()));
    let mut with_credentials = 0;
    for (name, job) in workflow["jobs"].as_mapping().unwrap() {
        let text = serde_yaml::to_string(job).unwrap();
        let trusted = text.contains("id-token: write");
        with_credentials += usize::from(trusted);
        assert_eq!(trusted, text.contains("configure-aws-credentials"), "{name:?}");
        assert!(!trusted || !text.contains("actions/build@"), "{name:?} builds beside credentials");
        assert!(
            !trusted || text.contains("needs.build.outputs.digest"),
            "{name:?} runs what nobody verified"
        );
        let condition = job["if"].as_str().unwrap_or_default();
        assert!(
            !trusted
                || !condition.contains("pull_request")
                || condition.contains("head.repo.full_name == github.repository"),
            "{name:?} gives a fork credentials"
        );
    }
    assert_eq!(with_credentials, 3, "preview, deploy, drift");
    for name in
        ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"]
    {
        let folder = tempfile::tempdir().unwrap();
        let refused = Command::new("bash")
            .arg(root().join(".github/actions/build/build.sh"))
            .arg("build")
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), (name, "x")])
            .env("GITHUB_ACTION_PATH", root().join(".github/actions/build"))
            .env("RUNNER_TEMP", folder.path())
            .output()
            .unwrap();
        assert!(!refused.status.success(), "{name}");
        assert!(String::from_utf8_lossy(&refused.stdout).contains("within reach of the build"));
    }
    let gitlab = yaml(&root().join(".ci/pipelines/gitlab.yml"));
    let token_jobs: BTreeMap<&str, String> = gitlab
        .as_mapping()
        .unwrap()
        .iter()
        .map(|(name, job)| (name.as_str().unwrap(), serde_yaml::to_string(job).unwrap()))
        .filter(|(_, text)| text.contains("$API_TOKEN"))
        .collect();
    assert_eq!(token_jobs.keys().collect::<Vec<_>>(), [&"deploy"]);
    assert!(token_jobs["deploy"].contains("$CI_COMMIT_REF_PROTECTED == \"true\""));
    assert!(gitlab["build"]["id_tokens"].is_null() && gitlab["build"]["extends"].is_null());
}
