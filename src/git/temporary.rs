//! Folders for what is only needed while a command runs.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

/// How the names of such folders begin; the id of the process and a random end follow.
const PREFIX: &str = "relguard-";

/// How many letters and digits a name ends in.
const RANDOM: usize = 6;

/// The file in each of them that says whose it is: a name alone may be anybody's.
const MARKER: &str = "relguard-temporary";

/// What stands in it.
const MARK: &[u8] =
    b"A folder of relguard's, which a later run takes away where the one that made it was cut off.\n";

/// After so long such a folder was left there: no run takes a day, even one that waits for the words of a key.
const LEFT_OVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder that goes when it is dropped. A run that is cut off leaves it, for a later one to take away.
pub(super) fn folder() -> std::io::Result<TempDir> {
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let made = tempfile::Builder::new().prefix(&prefix).rand_bytes(RANDOM).tempdir()?;
    sweep(&tempfile::env::temp_dir(), &mark(made.path())?);
    Ok(made)
}

#[expect(clippy::disallowed_methods, reason = "it is new, in a folder of our own, and no file of anybody's")]
fn mark(folder: &Path) -> std::io::Result<Metadata> {
    let marker = folder.join(MARKER);
    fs::write(&marker, MARK)?;
    fs::symlink_metadata(marker)
}

/// Takes away what runs of the same user that were cut off left; `own`: a file that was just made. Whether the process
/// lives is not asked, as it may be one of another container.
fn sweep(folder: &Path, own: &Metadata) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_named = |entry: &fs::DirEntry| is_temporary(&entry.file_name().to_string_lossy());
    for entry in entries.flatten().filter(is_named) {
        // A link is not followed.
        if entry.metadata().is_ok_and(|meta| meta.is_dir() && is_same_user(&meta, own))
            && is_left_over(&entry.path().join(MARKER), own)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a marker is one, and old.
fn is_left_over(marker: &Path, own: &Metadata) -> bool {
    let Ok(meta) = fs::symlink_metadata(marker) else { return false };
    let age = meta.modified().map(|time| time.elapsed().unwrap_or_default());
    meta.is_file()
        && is_same_user(&meta, own)
        && meta.len() == own.len()
        && age.is_ok_and(|age| age > LEFT_OVER)
        && fs::read(marker).is_ok_and(|bytes| bytes == MARK)
}

#[cfg(unix)]
fn is_same_user(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.uid() == other.uid()
}

/// The folder is the user's own there.
#[cfg(not(unix))]
fn is_same_user(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn is_temporary(name: &str) -> bool {
    let parts = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(process, random)| {
        process.parse::<u32>().is_ok()
            && random.len() == RANDOM
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
