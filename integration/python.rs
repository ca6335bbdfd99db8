//! The pinned Python packages of the tests (emulators, cfn-lint, checkov), installed once into a cache folder outside the repository.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::support::root;

/// The virtual environment with emulators and cfn-lint. `None`, said loudly, where there is no Python 3; in CI that is a failure.
pub fn environment() -> Option<&'static PathBuf> {
    static ENVIRONMENT: OnceLock<Option<PathBuf>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| install("integration/emulator/requirements.txt")).as_ref()
}

/// The one with checkov, whose own requirements go with no others. As above.
pub fn checkov() -> Option<PathBuf> {
    install("integration/checkov-requirements.txt")
}

/// The one with check-jsonschema and the schemas of GitHub's and GitLab's pipelines. As above.
#[cfg_attr(
    not(feature = "aws"),
    expect(dead_code, reason = "pipelines are tried against the emulated AWS")
)]
pub fn pipelines() -> Option<PathBuf> {
    install("integration/pipelines-requirements.txt")
}

fn install(requirements: &str) -> Option<PathBuf> {
    let python = ["python3.12", "python3.11", "python3.13", "python3.10", "python3"]
        .into_iter()
        .find(|name| is_recent(name));
    let Some(python) = python else {
        let skipped = "SKIPPED: no Python 3.10 or newer with venv, so neither the emulated AWS, nor cfn-lint, nor checkov was tried (Debian: apt-get install python3-venv)";
        assert!(std::env::var_os("CI").is_none(), "{skipped}");
        eprintln!("{skipped}");
        return None;
    };
    let requirements = root().join(requirements);
    let digest = format!("{:x}", Sha256::digest(std::fs::read(&requirements).unwrap()));
    let folder = cache().join(format!("python-{}", &digest[..12]));
    std::fs::create_dir_all(&folder).unwrap();
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap(); // another test run may be installing the same
    let done = folder.join("installed");
    if !done.exists() {
        eprintln!("installing {} into {} (once)", requirements.display(), folder.display());
        check(Command::new(python).args(["-m", "venv", "--clear"]).arg(folder.join("venv")));
        check(
            Command::new(folder.join("venv/bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(&requirements),
        );
        std::fs::write(done, "").unwrap();
    }
    Some(folder.join("venv"))
}

fn is_recent(python: &str) -> bool {
    let probe = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    Command::new(python).args(["-c", probe]).output().is_ok_and(|output| output.status.success())
}

/// Where the tests keep what takes long to make.
pub fn cache() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("eksnet-tests")
}

fn check(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
