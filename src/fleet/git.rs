//! Files as they were in a commit.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::diagnostic::Failure;

/// A commit of the repository that a folder is in.
pub struct Commit<'f> {
    folder: &'f Path,
    revision: String,
}

impl<'f> Commit<'f> {
    /// The commit of a name such as `main` or `HEAD~1`.
    pub fn find(folder: &'f Path, revision: &str) -> Result<Self, Failure> {
        let named = format!("{revision}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &named];
        let found = run(folder, &arguments)?.filter(|_| !revision.is_empty());
        let Some(found) = found else {
            return Err(Failure::new(format!("git has no commit `{revision}` here"))
                .hint("name a branch, a tag or a commit that was fetched, as in `--against git:origin/main`"));
        };
        Ok(Self { folder, revision: found.trim().to_string() })
    }

    /// Files below the folder, relative to it.
    pub fn files(&self) -> Result<Vec<String>, Failure> {
        let listed = run(self.folder, &["ls-tree", "-r", "-z", "--name-only", &self.revision])?;
        let listed = listed.unwrap_or_default();
        Ok(listed.split('\0').filter(|name| !name.is_empty()).map(str::to_string).collect())
    }

    /// The texts of files, `None` where the commit has none: one git for all of them.
    pub fn texts(&self, files: &[String]) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        let failed =
            |cause: std::io::Error| Failure::new("cannot read files from git").because(cause);
        let mut child = git(self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut answer = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let names = files.iter().map(|file| format!("{}:./{file}\n", self.revision));
                let names: String = names.collect();
                input.map(|mut input| input.write_all(names.as_bytes()))
            });
            output.map(|mut output| output.read_to_end(&mut answer)).transpose()
        })
        .map_err(failed)?;
        child.wait().map_err(failed)?;
        Ok(parts(&answer, files.len()))
    }
}

/// `<id> blob <size>`, a line break, the content and another line break; or `<name> missing`.
fn parts(mut answer: &[u8], count: usize) -> Vec<Option<Vec<u8>>> {
    let mut found = Vec::new();
    while found.len() < count {
        let end = answer.iter().position(|byte| *byte == b'\n').unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        answer = answer.get(end + 1..).unwrap_or_default();
        let size = head.split(' ').collect::<Vec<_>>();
        let size = match size[..] {
            [_, "blob", size] => size.parse::<usize>().ok(),
            _ => None,
        };
        let content = size.and_then(|size| answer.get(..size));
        found.push(content.map(<[u8]>::to_vec));
        if let Some(size) = size {
            answer = answer.get(size + 1..).unwrap_or_default();
        }
    }
    found
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    command.arg("-C").arg(here).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// What git prints; `None` where it fails.
fn run(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Failure> {
    let failed = |cause: std::io::Error| Failure::new("cannot run git").because(cause);
    let output = git(folder).args(arguments).output().map_err(failed)?;
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}
