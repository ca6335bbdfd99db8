//! A command on one member, as a process of its own: each member has its own account, credentials and log, and none of them can stop
//! another.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

use crate::diagnostic::Failure;

use super::export::Job;
use super::rollout::{self, Roots};
use super::waves::Ended;

/// The exit code of what is done and not finished.
pub const UNFINISHED: u8 = 4;

/// How members' processes are started.
pub struct Children<'c> {
    /// Where a member has none of its own.
    pub profile: Option<&'c str>,
    pub endpoint: Option<&'c str>,
    pub strict: bool,
    /// Waits for the end of a process that is called by this name.
    pub wait: &'c (dyn Fn(&str, Child) -> io::Result<ExitStatus> + Sync),
}

impl Children<'_> {
    /// `diff --save`: a member's plan in the folder.
    pub fn plan(&self, job: &Job, folder: &Path) -> Result<(), Failure> {
        let plan = folder.join(job.plan()).display().to_string();
        let log = folder.join("logs").join(format!("{}.plan.log", job.label()));
        let status = self.logged(job, &["diff", &job.file, "--save", &plan], &log)?;
        let failed = || Failure::new(format!("cannot save a plan of `{}`", job.name));
        if status.success() { Ok(()) } else { Err(failed().because(reason(&log))) }
    }

    /// `deploy --plan`
    pub fn deploy(&self, job: &Job, plan: &Path, folder: &Path) -> Ended {
        let log = folder.join("logs").join(format!("{}.log", job.label()));
        let plan = plan.display().to_string();
        match self.logged(job, &["deploy", "--plan", &plan], &log).map(|status| status.code()) {
            Ok(Some(0)) => Ended::Done,
            Ok(Some(code)) if code == i32::from(UNFINISHED) => Ended::Unfinished(reason(&log)),
            Ok(_) => Ended::Failed(reason(&log)),
            Err(failure) => Ended::Failed(failure.chain()),
        }
    }

    /// What `doctor` finds; why it found nothing out.
    pub fn examine(&self, job: &Job) -> Result<Roots, String> {
        let output = self.heard(job, &["doctor", &job.file, "-o", "json"])?;
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        rollout::roots(&value).ok_or_else(|| first(&output))
    }

    /// `status -o json`; why it could not be read.
    pub fn status(&self, job: &Job, drift: bool) -> Result<Value, String> {
        let asked = ["status", &job.file, "-o", "json", "--no-drift"];
        let output = self.heard(job, if drift { &asked[..4] } else { &asked })?;
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        match refusal(&value) {
            Some(why) => Err(why),
            None if value.is_null() => Err(first(&output)),
            None => Ok(value),
        }
    }

    /// `eksnet` itself, with what was typed for all members, and the profile or the role of the member's own.
    fn eksnet(&self, job: &Job, arguments: &[&str]) -> Result<Command, Failure> {
        let profile = job.profile.as_deref();
        // A profile of the member's own says itself which role it is for.
        let role = job.role.as_deref().filter(|_| profile.is_none());
        let own = std::env::current_exe();
        let own = own.map_err(|cause| Failure::new("cannot find eksnet itself").because(cause))?;
        let mut command = Command::new(own);
        command.args(["--color", "never"]).stdin(Stdio::null());
        // Ctrl-C is for whoever started it; a deployment that runs comes to its end.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let options = [
            ("--profile", profile.or(self.profile)),
            ("--assume-role", role),
            ("--endpoint-url", self.endpoint),
        ];
        for (option, value) in options {
            command.args(value.into_iter().flat_map(|value| [option, value]));
        }
        if self.strict {
            command.arg("--strict");
        }
        command.args(arguments);
        Ok(command)
    }

    /// Runs it, with everything that it says in a file.
    fn logged(&self, job: &Job, arguments: &[&str], log: &Path) -> Result<ExitStatus, Failure> {
        let name = job.label();
        let failed = |cause: io::Error| {
            Failure::new(format!("cannot run eksnet for `{name}`")).because(cause)
        };
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let out = std::fs::File::create(log).map_err(failed)?;
        let err = out.try_clone().map_err(failed)?;
        let mut command = self.eksnet(job, arguments)?;
        let child = command.stdout(out).stderr(err).spawn().map_err(failed)?;
        (self.wait)(&name, child).map_err(failed)
    }

    /// Runs it, and hears what it says.
    fn heard(&self, job: &Job, arguments: &[&str]) -> Result<Output, String> {
        let output = self.eksnet(job, arguments).and_then(|mut command| {
            let output = command.stderr(Stdio::piped()).output();
            output.map_err(|cause| Failure::new("cannot run eksnet").because(cause))
        });
        output.map_err(|failure| failure.chain())
    }
}

/// The reason in a log: its first error, else its last line.
fn reason(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let error = text.lines().find(|line| line.starts_with("error"));
    let line = error.or(text.lines().last()).unwrap_or(SILENT);
    format!("{line} (see {})", log.display())
}

/// The first line that it said beside its result.
fn first(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().next().unwrap_or(SILENT).trim_start_matches("error: ").to_string()
}

const SILENT: &str = "it printed nothing";

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
