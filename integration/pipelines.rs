//! The GitHub Action and the documented pipelines: held to GitHub's and GitLab's own schemas, and the action's script run as a runner
//! runs it, against the emulated AWS, with a `gh` that keeps one pull request.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::emulator::{self, Session};
use crate::project::{Project, compare, ok};
use crate::support::root;

#[test]
fn action_and_pipelines_are_what_their_services_take() {
    let Some(python) = crate::python::pipelines() else {
        return;
    };
    let files = [
        ("vendor.github-actions", ".github/actions/eksnet/action.yml"),
        ("vendor.github-workflows", ".ci/pipelines/github.yml"),
        ("vendor.gitlab-ci", ".ci/pipelines/gitlab.yml"),
    ];
    for (schema, file) in files {
        let checked = Command::new(python.join("bin/check-jsonschema"))
            .args(["--builtin-schema", schema])
            .arg(root().join(file))
            .output()
            .unwrap();
        assert!(checked.status.success(), "{file}: {}", String::from_utf8_lossy(&checked.stdout));
    }
}

fn action() -> Value {
    serde_yaml::from_str(
        &std::fs::read_to_string(root().join(".github/actions/eksnet/action.yml")).unwrap(),
    )
    .unwrap()
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_string()).collect()
}

/// What the script reads is what the action hands over, and what the pipelines give is an input.
#[test]
fn script_action_and_pipelines_agree_on_their_words() {
    let action = action();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let step = steps.iter().find(|step| step["id"] == "run").unwrap();
    let script = std::fs::read_to_string(root().join(".github/actions/eksnet/run.sh")).unwrap();
    for name in names(&step["env"]) {
        let read = script.contains(&format!("${name}")) || script.contains(&format!("${{{name}"));
        assert!(
            read || ["GH_TOKEN", "EKSNET_TEMPLATE_BUCKET"].contains(&name.as_str()),
            "{name} is handed over and not read"
        );
    }
    for input in names(&action["inputs"]) {
        assert!(
            serde_yaml::to_string(&action["runs"]).unwrap().contains(&format!("inputs.{input}")),
            "{input} is not used"
        );
    }
    let workflow: Value = serde_yaml::from_str(
        &std::fs::read_to_string(root().join(".ci/pipelines/github.yml")).unwrap(),
    )
    .unwrap();
    for (_, job) in workflow["jobs"].as_mapping().unwrap() {
        let step = job["steps"]
            .as_sequence()
            .unwrap()
            .iter()
            .find(|step| step["uses"].as_str().unwrap().contains("/.github/actions/eksnet@"))
            .unwrap();
        assert!(names(&step["with"]).is_subset(&names(&action["inputs"])));
        assert!(
            step["uses"].as_str().unwrap().ends_with(&format!("@v{}", env!("CARGO_PKG_VERSION"))),
            "the pipeline uses another version"
        );
    }
}

/// A runner with a checkout in it.
struct Runner<'s> {
    session: &'s Session,
    project: Project,
}

/// One pull request, its comments and its artefacts, in a folder.
const GH: &str = r#"#!/bin/bash
cd "$GH_STATE"; echo "$@" >> calls
last() { local all=("$@"); echo "${all[-1]#body=@}"; }
case "$*" in
  *PATCH*comments/7*) cp "$(last "$@")" comment ;;
  *POST*/comments*) cp "$(last "$@")" comment ;;
  *issues/12/comments*) [ ! -f comment ] || echo 7 ;;
  *commits/*/pulls*) cat head 2> /dev/null ;;
  *actions/artifacts*) [ ! -f plan.json ] || echo 99 ;;
  "run download 99 "*) cp plan.json "$(last "$@")/plan.json" ;;
  *) echo "gh: not expected: $*" >&2; exit 1 ;;
esac
"#;

struct Ran {
    code: i32,
    log: String,
    outputs: String,
    summary: String,
}

impl Runner<'_> {
    fn run(&self, mode: &str, more: &[(&str, &str)]) -> Ran {
        let at = self.project.path();
        let file = |name: &str| at.join(name).to_str().unwrap().to_string();
        for name in ["outputs", "summary"] {
            let _ = std::fs::remove_file(at.join(name));
        }
        let bin = Path::new(env!("CARGO_BIN_EXE_eksnet")).parent().unwrap().to_str().unwrap();
        let mut command = Command::new("bash");
        command.arg(root().join(".github/actions/eksnet/run.sh")).current_dir(at).env_clear();
        command
            .envs(self.session.environment())
            .envs([("PATH", format!("{}:{bin}:/usr/bin:/bin", file("bin"))), ("HOME", file("."))]);
        command.envs([
            ("GITHUB_OUTPUT", file("outputs")),
            ("GITHUB_STEP_SUMMARY", file("summary")),
            ("GH_STATE", file("gh")),
            ("RUNNER_TEMP", file(".")),
        ]);
        command.envs([
            ("MODE", mode),
            ("BLUEPRINT", "shop.yaml"),
            ("STRICT", "false"),
            ("FAIL_ON", "replace,remove"),
            ("ALLOW", ""),
            ("VALID_FOR", "168"),
        ]);
        command.env("EKSNET_TEMPLATE_BUCKET", "");
        command.envs([
            ("COMMENT", "true"),
            ("PULL_REQUEST", "12"),
            ("HEAD", "abc"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SHA", "def"),
            ("CI", "true"),
        ]);
        let output = command.envs(more.iter().copied()).output().unwrap();
        let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap_or_default();
        let log = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ran {
            code: output.status.code().unwrap(),
            log,
            outputs: read("outputs"),
            summary: read("summary"),
        }
    }

    fn gh(&self, name: &str) -> std::path::PathBuf {
        self.project.path().join("gh").join(name)
    }

    /// What `upload-artifact` does with the plan.
    fn keep(&self, ran: &Ran) {
        let plan = ran.outputs.lines().find_map(|line| line.strip_prefix("plan=")).unwrap();
        std::fs::copy(plan, self.gh("plan.json")).unwrap();
    }
}

/// Pull request: annotations, comment, summary, plan. Merge: exactly that plan. Night: drift.
#[test]
fn a_pull_request_is_previewed_a_merge_deploys_that_plan_and_a_night_finds_drift() {
    use std::os::unix::fs::PermissionsExt;
    let Some(session) = emulator::start() else {
        return;
    };
    let mut runner = Runner { session: &session, project: Project::new("dev-single-nat") };
    let bin = runner.project.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(runner.gh("")).unwrap();
    std::fs::write(bin.join("gh"), GH).unwrap();
    std::fs::set_permissions(bin.join("gh"), std::fs::Permissions::from_mode(0o755)).unwrap();
    ok(&runner.project.run(&[], &["layout", "shop.yaml", "--write-lock"]));

    let preview = runner.run("preview", &[]);
    assert_eq!(preview.code, 0, "{}", preview.log);
    assert!(
        preview.outputs.contains("changes=changes")
            && preview.outputs.contains("artefact=eksnet-plan-shop.yaml-abc"),
        "{}",
        preview.outputs
    );
    assert!(preview.summary.starts_with("### `eksnet-dev`: 38 to add"), "{}", preview.summary);
    assert!(preview.log.contains("::notice title=eksnet-dev::38 to add"), "{}", preview.log);
    let asked = |runner: &Runner<'_>| std::fs::read_to_string(runner.gh("calls")).unwrap();
    assert!(asked(&runner).contains("issues/12/comments"));
    assert!(
        comment_of(&runner).starts_with("<!-- eksnet shop.yaml -->\n### `eksnet-dev`: 38 to add"),
        "{}",
        comment_of(&runner)
    );
    runner.keep(&preview);

    let unreviewed = runner.run("deploy", &[]);
    assert!(
        unreviewed.code == 1 && unreviewed.log.contains("belongs to no pull request"),
        "{}",
        unreviewed.log
    );
    std::fs::write(runner.gh("head"), "abc\n").unwrap();
    let deployed = runner.run("deploy", &[]);
    assert_eq!(deployed.code, 0, "{}", deployed.log);
    assert!(asked(&runner).contains("head_sha == \"abc\" and .workflow_run.head_repository_id == .workflow_run.repository_id"), "{}", asked(&runner));
    let again = runner.run("deploy", &[]);
    assert!(
        again.code == 0 && again.summary.contains("CREATE_COMPLETE"),
        "the same plan again is done: {}",
        again.log
    );
    let plan = std::fs::read_to_string(runner.gh("plan.json")).unwrap();
    std::fs::write(
        runner.gh("plan.json"),
        plan.replace("\"file\": \"shop.yaml\"", "\"file\": \"other.yaml\""),
    )
    .unwrap();
    let foreign = runner.run("deploy", &[]);
    assert!(
        foreign.code == 1 && foreign.log.contains("the plan is not for shop.yaml"),
        "{}",
        foreign.log
    );
    assert!(deployed.summary.contains("CREATE_COMPLETE eksnet-dev in "), "{}", deployed.summary);
    compare(&runner.project, &session.read_back("eu-west-1", "dev"));

    // The next pull request takes an access entry away: the gate holds, the comment is written anew.
    let text = runner.project.text.clone();
    runner.project.edit("role/developers", "role/others");
    let gated = runner.run("preview", &[]);
    assert!(
        gated.code == 1 && gated.outputs.contains("changes=destructive"),
        "{}{}",
        gated.log,
        gated.outputs
    );
    runner.project.text = text;
    runner.project.edit("environment: dev", "environment: test");
    let tagged = runner.run("preview", &[]);
    assert_eq!(tagged.code, 0, "{}", tagged.log);
    assert!(
        comment_of(&runner).contains("0 to add") && tagged.outputs.contains("changes=changes"),
        "{}",
        comment_of(&runner)
    );
    assert!(
        std::fs::read_to_string(runner.gh("calls"))
            .unwrap()
            .contains("PATCH repos/o/r/issues/comments/7")
    );
    runner.keep(&tagged);
    ok(&runner.project.deploy(&session));
    let late = runner.run("deploy", &[]);
    assert!(late.code == 1 && late.log.contains("changed since the preview"), "{}", late.log);

    let quiet = runner.run("drift", &[]);
    assert!(
        quiet.code == 0 && quiet.outputs.contains("changes=none"),
        "{}{}",
        quiet.log,
        quiet.outputs
    );
    let live = session.read_back("eu-west-1", "dev");
    let tag = serde_json::json!({ "Resources": [live["vpcs"][0]["id"]], "Tags": [{ "Key": "environment", "Value": "by hand" }] });
    session.by_hand("eu-west-1", &serde_json::json!([["ec2", "create_tags", tag]]));
    let loud = runner.run("drift", &[]);
    assert!(
        loud.code == 1
            && loud.outputs.contains("changes=drift")
            && loud.log.contains("::error title=eksnet::"),
        "{}",
        loud.log
    );
    assert!(loud.summary.contains("Changed by hand since the last deployment"), "{}", loud.summary);
    assert_eq!(runner.run("undo", &[]).code, 64);
}

fn comment_of(runner: &Runner<'_>) -> String {
    std::fs::read_to_string(runner.gh("comment")).unwrap()
}
