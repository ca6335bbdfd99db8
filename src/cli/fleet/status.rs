//! `eksnet fleet status`: every member's status in one table.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::diagnostic::Failure;
use crate::fleet::cores;
use crate::fleet::export::Job;
use crate::report;
use crate::report::fleet::{StatusRow, status};

use super::super::args::{FleetStatus, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, UNFINISHED};
use super::child;
use super::open;

pub fn run(common: &Common, args: &FleetStatus) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    let ground = &whole.roster.ground;
    let known = whole.members.iter().flatten().filter_map(|judged| judged.member.as_ref());
    let jobs: Vec<Job> =
        known.map(|one| Job::of(&one.name, &one.region, &one.file, ground)).collect();
    let read = cores::on_all(&jobs, |job| read(common, args, job));
    let rows: Vec<StatusRow> = jobs.iter().zip(&read).map(|(job, read)| row(job, read)).collect();
    output::data(&match common.output {
        Format::Json => report::json(&json!({
            "schemaVersion": 1,
            "members": jobs.iter().zip(&read).map(|(job, read)| value(job, read)).collect::<Vec<_>>(),
        })),
        _ => status(&rows, output::view(false)),
    });
    Ok(if read.iter().any(Result::is_err) || !whole.unread.is_empty() { UNFINISHED } else { DONE })
}

/// `status -o json` of a member; why it could not be read.
fn read(common: &Common, args: &FleetStatus, job: &Job) -> Result<Value, String> {
    let output = child::eksnet(common, job).and_then(|mut command| {
        command.args(["status", &job.file, "-o", "json"]);
        if !args.drift {
            command.arg("--no-drift");
        }
        let output = command.stderr(Stdio::piped()).output();
        output.map_err(|cause| Failure::new("cannot run eksnet").because(cause))
    });
    let output = output.map_err(|failure| failure.chain())?;
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    match refusal(&value) {
        Some(why) => Err(why),
        None if value.is_null() => Err(child::first(&String::from_utf8_lossy(&output.stderr))),
        None => Ok(value),
    }
}

/// Why nothing was read: a failure, or the first error of the blueprint.
fn refusal(value: &Value) -> Option<String> {
    if let Some(why) = value["error"]["message"].as_str() {
        return Some(why.to_string());
    }
    let findings = value["findings"].as_array().into_iter().flatten();
    let mut errors = findings.filter(|finding| finding["severity"] == "error");
    let first = errors.next()?;
    let text = |key: &str| first[key].as_str().unwrap_or_default().to_string();
    Some(format!("{}: {}", text("rule"), text("message")))
}

fn value(job: &Job, read: &Result<Value, String>) -> Value {
    let (status, error) = match read {
        Ok(status) => (status.clone(), Value::Null),
        Err(why) => (Value::Null, json!(why)),
    };
    json!({
        "name": job.name,
        "region": job.region,
        "account": job.account,
        "wave": job.wave,
        "status": status,
        "error": error,
    })
}

fn row(job: &Job, read: &Result<Value, String>) -> StatusRow {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let mut row = StatusRow {
        name: job.name.clone(),
        region: job.region.clone(),
        account: job.account.clone().unwrap_or_default(),
        ..StatusRow::default()
    };
    match read {
        Err(why) => row.unread = Some(why.clone()),
        Ok(status) => {
            row.stack = text(&status["stack"]["status"]);
            row.version = text(&status["cluster"]["version"]);
            let addons = status["addons"].as_array().into_iter().flatten();
            let own = addons.filter(|addon| addon["name"] == "vpc-cni");
            row.aws_node = own.map(|addon| text(&addon["version"])).next().unwrap_or_default();
            let subnets = status["subnets"].as_array().into_iter().flatten();
            let fullest = subnets.filter_map(|subnet| {
                let (free, all) = (subnet["free"].as_u64()?, subnet["usable"].as_u64()?);
                let share = (all.saturating_sub(free) * 100).checked_div(all)?;
                Some((share, format!("{} {}", text(&subnet["tier"]), text(&subnet["zone"]))))
            });
            row.fullest =
                fullest.max().map(|(share, name)| format!("{share} % {name}")).unwrap_or_default();
        }
    }
    row
}
