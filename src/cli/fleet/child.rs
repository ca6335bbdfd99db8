//! A command on one member, as a process of its own: each member has its own account, credentials and log, and none of them can stop
//! another.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::diagnostic::Failure;
use crate::fleet::export::Job;

use super::super::Common;
use super::super::output;

/// How often a command that runs is named.
const HEARTBEAT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// `eksnet` itself, with what was typed for all members, and the profile or the role of the member's own.
pub fn eksnet(common: &Common, job: &Job) -> Result<Command, Failure> {
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
        ("--profile", profile.or(common.profile.as_deref())),
        ("--assume-role", role),
        ("--endpoint-url", common.endpoint_url.as_deref()),
    ];
    for (option, value) in options {
        command.args(value.into_iter().flat_map(|value| [option, value]));
    }
    if common.strict {
        command.arg("--strict");
    }
    Ok(command)
}

/// Runs it, with everything that it says in a file; its name is told as long as it runs.
pub fn logged(
    common: &Common,
    command: &mut Command,
    log: &Path,
    name: &str,
) -> Result<ExitStatus, Failure> {
    let failed = |cause: std::io::Error| {
        Failure::new(format!("cannot run eksnet for `{name}`")).because(cause)
    };
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let out = std::fs::File::create(log).map_err(failed)?;
    let err = out.try_clone().map_err(failed)?;
    let mut child = command.stdout(out).stderr(err).spawn().map_err(failed)?;
    let (begin, mut told) = (Instant::now(), Duration::ZERO);
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(status);
        }
        std::thread::sleep(PAUSE);
        if told + HEARTBEAT <= begin.elapsed() {
            told = begin.elapsed();
            output::note(common, &format!("{name}: still running after {} s", told.as_secs()));
        }
    }
}

/// The reason in a log: its first error, else its last line.
pub fn reason(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let error = text.lines().find(|line| line.starts_with("error"));
    let line = error.or(text.lines().last()).unwrap_or("it said nothing");
    format!("{line} (see {})", log.display())
}

/// The first line that it said.
pub fn first(said: &str) -> String {
    said.lines().next().unwrap_or("it said nothing").trim_start_matches("error: ").to_string()
}
