//! Folders for what is only needed while a command runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

/// How the names of such folders begin; the id of the process and a random end follow.
const PREFIX: &str = "relguard-";

/// How many letters and digits a name ends in.
const RANDOM: usize = 6;

/// After so long such a folder was left there.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

/// A folder that goes when it is dropped. A run that is cut off leaves it, for a later one to take away.
pub(super) fn folder() -> std::io::Result<TempDir> {
    sweep(&tempfile::env::temp_dir());
    let prefix = format!("{PREFIX}{}-", std::process::id());
    tempfile::Builder::new().prefix(&prefix).rand_bytes(RANDOM).tempdir()
}

/// Takes away what runs that were cut off left. None takes as long; whether its process lives is not asked, as it may
/// be one of another container.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_ours = |entry: &fs::DirEntry| is_temporary(&entry.file_name().to_string_lossy());
    for entry in entries.flatten().filter(is_ours) {
        // A link is not followed.
        let Ok(meta) = entry.metadata() else { continue };
        let age = meta.modified().map(|time| time.elapsed().unwrap_or_default());
        if meta.is_dir() && age.is_ok_and(|age| age > LEFT_OVER) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_temporary(name: &str) -> bool {
    let parts = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(process, random)| {
        process.parse::<u32>().is_ok()
            && random.len() == RANDOM
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
