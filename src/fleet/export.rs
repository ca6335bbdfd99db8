//! What existing engines run: a matrix of jobs, and a pipeline. Each member's preview and deployment is a job of its own, so a fleet is not
//! bound to one machine.

use serde_json::{Value, json};

use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::template::to_yaml;

use super::ground::Ground;

/// Jobs that GitHub makes of one matrix. Source: GitHub Actions, workflow syntax, `jobs.<job_id>.strategy.matrix`, read 2026-11-27.
pub const MOST_JOBS: usize = 256;

/// A member as a job.
#[derive(Clone, Debug, Default)]
pub struct Job {
    pub name: String,
    pub region: String,
    /// Relative to the folder that the engine starts in.
    pub file: String,
    pub account: Option<String>,
    /// An ARN.
    pub role: Option<String>,
    /// Of the AWS configuration.
    pub profile: Option<String>,
    pub wave: Option<String>,
}

impl Job {
    /// With the account, role and profile that the fleet's file has for the member; a role's name becomes an ARN of the Region's partition.
    pub fn of(name: &str, region: &str, file: &str, ground: &Ground) -> Self {
        let account = ground.account(name);
        let partition = regions::find(region).map_or("aws", |region| region.partition.name);
        let role = account.and_then(|account| Some((account, account.role.as_ref()?)));
        let role = role.map(|(account, role)| match role.starts_with("arn:") {
            true => role.clone(),
            false => format!("arn:{partition}:iam::{}:role/{role}", account.id),
        });
        Self {
            name: name.to_string(),
            region: region.to_string(),
            file: file.to_string(),
            account: account.map(|account| account.id.clone()),
            role,
            profile: account.and_then(|account| account.profile.clone()),
            wave: ground.wave(name).map(|at| ground.waves[at].name.clone()),
        }
    }

    /// Of the job, the plan and the artifact.
    pub fn label(&self) -> String {
        format!("{}-{}", self.name, self.region)
    }

    /// The file of its saved plan.
    pub fn plan(&self) -> String {
        format!("{}.plan", self.label())
    }
}

/// For `strategy: { matrix: ${{ fromJSON(…) }} }`.
pub fn github(jobs: &[Job]) -> Result<Value, Failure> {
    if MOST_JOBS < jobs.len() {
        return Err(Failure::new(format!("a matrix of {} members is too large", jobs.len()))
            .because(format!("GitHub runs at most {MOST_JOBS} jobs of one matrix"))
            .hint("export wave after wave: `--wave NAME`"));
    }
    let row = |job: &Job| {
        json!({
            "member": job.name,
            "region": job.region,
            "file": job.file,
            "account": job.account.clone().unwrap_or_default(),
            "role": job.role.clone().unwrap_or_default(),
            "wave": job.wave.clone().unwrap_or_default(),
        })
    };
    Ok(json!({ "include": jobs.iter().map(row).collect::<Vec<_>>() }))
}

/// What all jobs with a role have in common; a file that is included after this one may say otherwise.
const COMMON: &str = ".eksnet";

/// A child pipeline: all previews first, then wave after wave, each deployment started by hand.
pub fn gitlab(jobs: &[Job], ground: &Ground) -> String {
    let mut stages = vec!["preview".to_string()];
    stages.extend(ground.waves.iter().map(|wave| format!("deploy {}", wave.name)));
    if jobs.iter().any(|job| job.wave.is_none()) {
        stages.push("deploy".to_string());
    }
    let mut pipeline = serde_json::Map::new();
    pipeline.insert("stages".into(), json!(stages));
    if jobs.iter().any(|job| job.role.is_some()) {
        pipeline.insert(COMMON.into(), identity());
    }
    for job in jobs {
        let (label, file) = (job.label(), quoted(&job.file));
        let plan = format!("plans/{}", job.plan());
        let mut preview = json!({
            "stage": "preview",
            "variables": environment(job),
            "script": [
                "mkdir -p plans",
                format!("eksnet diff {file} --locked --save {plan}", plan = quoted(&plan)),
            ],
            "artifacts": { "paths": [plan] },
        });
        let stage = job.wave.as_ref().map_or("deploy".to_string(), |wave| format!("deploy {wave}"));
        let mut deploy = json!({
            "stage": stage,
            "variables": environment(job),
            // `needs` would let a wave begin before the one in front of it has ended.
            "dependencies": [format!("preview {label}")],
            "when": "manual",
            "allow_failure": false,
            // One deployment at a time in a stack, whatever pipelines run.
            "resource_group": format!("eksnet-{label}"),
            "script": [format!("eksnet deploy --plan {}", quoted(&plan))],
        });
        // A token without a role ends every search for credentials.
        if job.role.is_some() {
            preview["extends"] = json!(COMMON);
            deploy["extends"] = json!(COMMON);
        }
        pipeline.insert(format!("preview {label}"), preview);
        pipeline.insert(format!("deploy {label}"), deploy);
    }
    to_yaml(&Value::Object(pipeline))
}

/// The job's own token in exchange for the role that `AWS_ROLE_ARN` names.
fn identity() -> Value {
    json!({
        "id_tokens": { "AWS_TOKEN": { "aud": "sts.amazonaws.com" } },
        "before_script": [
            "export AWS_WEB_IDENTITY_TOKEN_FILE=\"$(mktemp)\" AWS_ROLE_SESSION_NAME=\"gitlab-$CI_JOB_ID\"",
            "printf %s \"$AWS_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\"",
        ],
    })
}

fn environment(job: &Job) -> Value {
    let mut variables = serde_json::Map::new();
    variables.insert("AWS_REGION".into(), json!(job.region));
    variables.extend(job.role.iter().map(|role| ("AWS_ROLE_ARN".to_string(), json!(role))));
    Value::Object(variables)
}

/// One word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '_' | '-');
    match !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
