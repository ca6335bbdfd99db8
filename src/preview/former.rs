//! What a blueprint is compared with: a template, another blueprint, a revision of its own in git, or nothing.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::blueprint;
use crate::diagnostic::Failure;
use crate::line::Stopped;
use crate::observed::Observed;
use crate::opened::{self, Asked};
use crate::source::{MOST_TEMPLATE, read_limited};
use crate::template::Template;

/// A stack that does not exist.
const NOTHING: &str = "nothing";
/// Before a revision.
const GIT: &str = "git:";

/// What a blueprint is compared with.
pub struct Former {
    pub template: Template,
    /// The blueprint that rendered it, where there is one.
    pub written: Option<Value>,
    /// What has to be known of it, in words.
    pub note: Option<String>,
}

impl From<Template> for Former {
    fn from(template: Template) -> Self {
        Self { template, written: None, note: None }
    }
}

/// What to compare `file` with.
pub fn read(what: &str, file: &str, asked: &Asked) -> Result<Former, Stopped> {
    if what == NOTHING {
        return Ok(Template::nothing().into());
    }
    if let Some(revision) = what.strip_prefix(GIT) {
        return of_revision(revision, file, asked);
    }
    let attempt = || Failure::new(format!("cannot read `{what}` to compare with"));
    let hint = "a template, a blueprint, `git:REV` or `nothing`";
    let text = read_limited(what.as_ref(), MOST_TEMPLATE)
        .map_err(|cause| attempt().because(cause).hint(hint))?;
    if blueprint::is_blueprint(&text) {
        return of_blueprint(what, asked);
    }
    Ok(Template::parse(&text).map_err(|cause| attempt().because(cause).hint(hint))?.into())
}

/// What another blueprint renders, over its own lock.
fn of_blueprint(file: &str, asked: &Asked) -> Result<Former, Stopped> {
    let compiled = opened::open(file, asked)?.compile(Observed::default())?.compiled;
    let written = Some(compiled.document.value());
    Ok(Former { template: compiled.template, written, note: None })
}

/// What the blueprint rendered at a revision, where the revision has it; else nothing. Over the lock that was committed with it.
fn of_revision(revision: &str, file: &str, asked: &Asked) -> Result<Former, Stopped> {
    let path = Path::new(file);
    let attempt = || Failure::new(format!("cannot read `{file}` at revision `{revision}`"));
    let (Some(name), false) = (path.file_name().and_then(|name| name.to_str()), file == "-") else {
        return Err(attempt().because("it is not a file").into());
    };
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if revision.is_empty() {
        return Err(attempt().because("it is not a revision").hint("such as `git:main`").into());
    }
    if is_new(folder, revision, name) {
        let note = format!("`{file}` is not in `{revision}`: compared with nothing");
        return Ok(Former { note: Some(note), ..Former::from(Template::nothing()) });
    }
    let text = shown(folder, revision, name).map_err(|cause| {
        let hint = match git(folder, &["rev-parse", "--git-dir"]) {
            Ok(_) => "name a branch, a tag or a commit that was fetched, such as `git:origin/main`",
            Err(_) => {
                "the folder is not in a git repository: compare with a file or with `nothing`"
            }
        };
        attempt().because(cause).hint(hint)
    })?;
    let lock = path.with_extension("lock.yaml");
    let lock = lock.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let copy = tempfile::tempdir().map_err(|cause| attempt().because(cause))?;
    let write = |name: &str, text: &str| {
        std::fs::write(copy.path().join(name), text).map_err(|cause| attempt().because(cause))
    };
    write(name, &text)?;
    if let Ok(text) = shown(folder, revision, lock) {
        write(lock, &text)?;
    }
    of_blueprint(&copy.path().join(name).to_string_lossy(), asked)
}

/// Whether a revision that is there lacks the file.
fn is_new(folder: &Path, revision: &str, name: &str) -> bool {
    let listed = git(folder, &["ls-tree", "--name-only", "--end-of-options", revision, "--", name]);
    listed.is_ok_and(|listed| listed.is_empty())
}

/// A file as it was at a revision.
fn shown(folder: &Path, revision: &str, name: &str) -> Result<String, String> {
    let object = format!("{revision}:./{name}");
    git(folder, &["show", "--no-textconv", "--end-of-options", &object])
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|cause| format!("git does not run: {cause}"))?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|_| "it is not UTF-8".to_string());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.lines().next().unwrap_or("git failed").to_string())
}
