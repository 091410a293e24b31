//! The one place that writes a user's files: each whole or not at all, and several together so far as
//! a file system allows it.

use std::fs::{self, DirEntry};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

use crate::domain::Fail;

/// How the names of new contents begin until they take their place.
const TEMPORARY: &str = ".relguard-new-";

/// How many letters and digits such a name ends in: no file of a user's is named so.
const RANDOM: usize = 12;

/// After so long new contents that still stand beside their place were left there.
const LEFT_OVER: Duration = Duration::from_secs(60 * 60);

/// New contents of files, all written beside them before the first one takes its place.
#[derive(Default)]
pub struct Batch {
    files: Vec<Ready>,
    made: Vec<PathBuf>,
}

struct Ready {
    path: PathBuf,
    before: Option<Vec<u8>>,
    file: NamedTempFile,
}

/// Replaces one file's bytes. `before` are the bytes that it must still have, `None` for a new file.
pub fn replace(path: &Path, before: Option<Vec<u8>>, bytes: &[u8]) -> Result<()> {
    let mut batch = Batch::default();
    batch.replace(path, before, bytes)?;
    batch.commit()
}

impl Batch {
    /// Makes the new content of a file ready: written and flushed to disk beside it, with its mode.
    /// Folders that are missing are made. `path` must not be a symbolic link; `before` are the bytes
    /// that the new ones were made from, `None` where there was no file.
    pub fn replace(&mut self, path: &Path, before: Option<Vec<u8>>, bytes: &[u8]) -> Result<()> {
        let file = self.ready(path, bytes).map_err(|error| {
            let cause =
                format!("{} can't be written: {}; nothing was changed", path.display(), plain(&error));
            Fail::new(cause).help(way_out(error.kind()))
        })?;
        self.files.push(Ready { path: path.to_owned(), before, file });
        Ok(())
    }

    /// Puts all of them in place. A file that changed meanwhile, or that can't be replaced, takes back
    /// those before it.
    pub fn commit(mut self) -> Result<()> {
        for ready in &self.files {
            let now = fs::read(&ready.path).ok();
            if now != ready.before {
                return Err(Fail::new(format!(
                    "{} changed while it was judged; nothing was written",
                    ready.path.display()
                ))
                .help("run the same command again")
                .into());
            }
        }
        let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
        for Ready { path, before, file } in std::mem::take(&mut self.files) {
            match file.persist(&path) {
                Ok(_) => done.push((path, before)),
                Err(error) => {
                    done.into_iter().rev().for_each(|(path, before)| take_back(&path, before.as_deref()));
                    let failed = format!("{} can't be replaced; nothing was changed", path.display());
                    return Err(error.error).context(failed);
                }
            }
        }
        Ok(())
    }

    fn ready(&mut self, path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.make_folder(folder)?;
        let before = fs::metadata(path).ok();
        if before.as_ref().is_some_and(|meta| meta.permissions().readonly()) {
            return Err(std::io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
        }
        sweep(folder);
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY).rand_bytes(RANDOM);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // A new file gets what the umask leaves of this, as any program's would.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        if let Some(meta) = before {
            file.as_file().set_permissions(meta.permissions())?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn make_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        if folder.is_dir() || folder.as_os_str().is_empty() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.make_folder(parent)?;
        }
        fs::create_dir(folder)?;
        self.made.push(folder.to_owned());
        Ok(())
    }
}

impl Drop for Batch {
    /// Folders that were made for files which never came go again; one that holds something stays.
    fn drop(&mut self) {
        self.files.clear();
        for folder in self.made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Takes away what a run that was cut off left in a folder. None writes for as long; whether its process lives is not
/// asked, as it may be one of another container or machine.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let of_run = |entry: &DirEntry| is_temporary(&entry.file_name().to_string_lossy());
    for entry in entries.flatten().filter(of_run) {
        let age =
            entry.metadata().and_then(|meta| meta.modified()).map(|time| time.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > LEFT_OVER) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether new contents have such a name while they are written.
fn is_temporary(name: &str) -> bool {
    let rest = name.strip_prefix(TEMPORARY).unwrap_or_default();
    rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn take_back(path: &Path, before: Option<&[u8]>) {
    let _ = match before {
        Some(bytes) => {
            Batch::default().ready(path, bytes).and_then(|file| Ok(file.persist(path).map(drop)?))
        }
        None => fs::remove_file(path),
    };
}

/// What the system said, without the name of the file that was tried first.
fn plain(error: &std::io::Error) -> String {
    let said = error.to_string();
    said.split_once(" at path ").map_or(said.clone(), |(cause, _)| cause.to_owned())
}

/// What to do about an error of the system.
pub fn way_out(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room on the disk, then run the same command again"
        }
        ErrorKind::FileTooLarge => "raise the limit for the size of files (`ulimit -f`)",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "make the file and its folder writable"
        }
        _ => "the system's message says what is in the way",
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_failed_write_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, None, b"one").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let mut batch = Batch::default();
        batch.replace(&folder.path().join("new/folder/b"), None, b"two").unwrap();
        let error = format!("{:#}", batch.replace(&path, Some(b"one".to_vec()), b"two").unwrap_err());
        assert!(error.contains("read-only"), "{error}");
        drop(batch);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_run_left_that_was_cut_off_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let [left, fresh] = [".relguard-new-Ab3xY9Ab3xY9", ".relguard-new-Ab3xY9Ab3xY8"];
        for name in [left, fresh, ".relguard-new-config", ".relguard.yaml"] {
            replace(&file(name), None, b"x").unwrap();
        }
        for name in [left, fresh, ".relguard-new-config", ".relguard.yaml"] {
            let age = if name == fresh { LEFT_OVER / 2 } else { LEFT_OVER * 2 };
            File::options()
                .append(true)
                .open(file(name))
                .unwrap()
                .set_modified(SystemTime::now() - age)
                .unwrap();
        }
        replace(&file("b"), None, b"b").unwrap();
        let mut names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, [fresh, ".relguard-new-config", ".relguard.yaml", "b"]);
    }

    #[test]
    fn what_changed_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, None, b"theirs").unwrap();
        assert!(replace(&path, Some(b"old".to_vec()), b"ours").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
