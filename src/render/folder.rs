//! The folder that `render --out` writes: what eksnet wrote there is listed in it, so that what is not written any more goes, and nobody
//! else's file is overwritten.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Failure;
use crate::source::{self, MOST_LOCK, MOST_TEMPLATE};

use super::files::Files;

/// Beside the files.
const LIST: &str = ".eksnet-files.json";

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema_version: u32,
    files: Vec<String>,
}

/// Writes each file whole.
pub fn write(folder: &Path, files: &Files) -> Result<(), Failure> {
    let list = folder.join(LIST);
    let before = read(&list)?;
    let foreign = |name: &&String| {
        !before.files.contains(name) && folder.join(name).symlink_metadata().is_ok()
    };
    let others: Vec<&str> = files
        .keys()
        .filter(foreign)
        .filter(|name| differs(folder, name, files))
        .map(String::as_str)
        .collect();
    if !others.is_empty() {
        let folder = folder.display();
        return Err(Failure::new(format!(
            "`{folder}` has files that eksnet did not write: {}",
            others.join(", ")
        ))
        .hint("use an empty folder, or remove them"));
    }
    // Listed first: what is interrupted from here on is known as eksnet's.
    let names: Vec<String> = before.files.iter().chain(files.keys()).cloned().collect();
    save(&list, names)?;
    files.iter().try_for_each(|(name, text)| source::write_whole(&folder.join(name), text))?;
    before
        .files
        .iter()
        .filter(|name| is_ours(name) && !files.contains_key(*name))
        .try_for_each(|name| remove(&folder.join(name)))?;
    save(&list, files.keys().cloned().collect())
}

/// What stands there already, byte by byte, is nobody's loss.
fn differs(folder: &Path, name: &str, files: &Files) -> bool {
    source::read_limited(&folder.join(name), MOST_TEMPLATE)
        .map_or(true, |text| files.get(name) != Some(&text))
}

fn read(list: &Path) -> Result<Written, Failure> {
    if !list.exists() {
        return Ok(Written::default());
    }
    let refused = |why: String| {
        Failure::new(format!("cannot read `{}`", list.display()))
            .because(why)
            .hint("remove the folder, or use another one")
    };
    let text = source::read_limited(list, MOST_LOCK).map_err(|error| refused(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refused(error.to_string()))
}

fn save(list: &Path, mut files: Vec<String>) -> Result<(), Failure> {
    files.sort();
    files.dedup();
    let text = serde_json::to_string_pretty(&Written { schema_version: 1, files });
    source::write_whole(list, &(text.unwrap_or_default() + "\n"))
}

/// The list is a file like others: nothing outside the folder is removed because of it.
fn is_ours(name: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\']);
    match name.split_once('/') {
        Some(("kubernetes" | "nodes", file)) => plain(file) && file.ends_with(".yaml"),
        Some(_) => false,
        None => ["template.yaml", "template.json", "eksctl.yaml"].contains(&name),
    }
}

fn remove(file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new(format!("cannot remove `{}`", file.display()))
                .because(error.to_string()))
        }
        _ => Ok(()),
    }
}
