//! The GitHub Action and the documented pipelines: held to GitHub's and GitLab's own schemas, and the action's script run as a runner
//! runs it, against the emulated AWS, with a `gh` that keeps one pull request.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::action::{HEAD, Ran, Runner};
use crate::emulator;
use crate::project::{Project, compare, ok};
use crate::support::root;

#[test]
fn action_and_pipelines_are_what_their_services_take() {
    let Some(python) = crate::python::pipelines() else {
        return;
    };
    let files = [
        ("vendor.github-actions", ".github/actions/eksnet/action.yml"),
        ("vendor.github-actions", ".github/actions/build/action.yml"),
        ("vendor.github-workflows", ".ci/pipelines/github.yml"),
        ("vendor.github-workflows", ".github/workflows/release.yml"),
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
        let steps = job["steps"].as_sequence().unwrap().iter();
        let own =
            |step: &&Value| step["uses"].as_str().unwrap().contains("/.github/actions/eksnet@");
        for step in steps.filter(own) {
            assert!(names(&step["with"]).is_subset(&names(&action["inputs"])));
        }
    }
}

/// What `upload-artifact` does with the plan.
fn keep(runner: &Runner, ran: &Ran) {
    let plan = ran.outputs.lines().find_map(|line| line.strip_prefix("plan=")).unwrap();
    std::fs::copy(plan, runner.gh("plan.json")).unwrap();
}

/// Pull request: annotations, comment, summary, plan. Merge: exactly that plan. Night: drift.
#[test]
fn a_pull_request_is_previewed_a_merge_deploys_that_plan_and_a_night_finds_drift() {
    let Some(session) = emulator::start() else {
        return;
    };
    let mut project = Project::new("dev-single-nat");
    let program = Path::new(env!("CARGO_BIN_EXE_eksnet"));
    let runner = Runner::new(project.path(), program, session.environment());
    ok(&project.run(&[], &["layout", "shop.yaml", "--write-lock"]));

    let preview = runner.run("preview", &[]);
    assert_eq!(preview.code, 0, "{}", preview.log);
    assert!(
        preview.outputs.contains("changes=changes")
            && preview.outputs.contains("artifact=eksnet-plan-shop.yaml-")
            && preview.outputs.contains(HEAD),
        "{}",
        preview.outputs
    );
    assert!(preview.summary.starts_with("### `eksnet-dev`: 38 to add"), "{}", preview.summary);
    assert!(preview.log.contains("::notice title=eksnet-dev::38 to add"), "{}", preview.log);
    assert!(runner.asked().contains("issues/12/comments"));
    let comment = runner.comment();
    assert!(
        comment.starts_with("<!-- eksnet shop.yaml-")
            && comment.contains(" -->\n### `eksnet-dev`: 38 to add"),
        "{comment}"
    );
    keep(&runner, &preview);

    let unreviewed = runner.run("deploy", &[]);
    assert!(
        unreviewed.code == 1 && unreviewed.log.contains("belongs to no pull request"),
        "{}",
        unreviewed.log
    );
    runner.merge();
    let deployed = runner.run("deploy", &[]);
    assert_eq!(deployed.code, 0, "{}", deployed.log);
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
    compare(&project, &session.read_back("eu-west-1", "dev"));

    // The next pull request takes an access entry away: the gate holds, the comment is written anew.
    let text = project.text.clone();
    project.edit("role/developers", "role/others");
    let gated = runner.run("preview", &[]);
    assert!(
        gated.code == 1 && gated.outputs.contains("changes=destructive"),
        "{}{}",
        gated.log,
        gated.outputs
    );
    project.text = text;
    project.edit("environment: dev", "environment: test");
    let tagged = runner.run("preview", &[]);
    assert_eq!(tagged.code, 0, "{}", tagged.log);
    assert!(
        runner.comment().contains("0 to add") && tagged.outputs.contains("changes=changes"),
        "{}",
        runner.comment()
    );
    assert!(
        std::fs::read_to_string(runner.gh("calls"))
            .unwrap()
            .contains("PATCH repos/o/r/issues/comments/7")
    );
    keep(&runner, &tagged);
    ok(&project.deploy(&session));
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
    assert!(
        loud.summary.contains("Drift: changed manually since the last deployment"),
        "{}",
        loud.summary
    );
    assert_eq!(runner.run("undo", &[]).code, 64);
}
