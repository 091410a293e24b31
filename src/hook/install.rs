use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::HookName;
use super::shim::is_shim;
use crate::domain::Fail;
use crate::git::{HooksFolder, Repo};
use crate::source::write;

/// What became of one hook.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// It was put in.
    Installed(PathBuf),
    /// It was put in, and calls the hook that was there.
    Chained(PathBuf),
    /// It was there already, and runs another program from now on.
    Updated(PathBuf),
    /// It was there already.
    Unchanged(PathBuf),
    /// It was taken out.
    Removed(PathBuf),
    /// It was taken out, and the hook before it is back.
    Restored(PathBuf),
    /// There was none of relguard's.
    Absent(PathBuf),
}

/// The config key that says that a repository asked for its guard, where it shares its hooks folder.
const OPT_IN: &str = "relguard.guard";

/// Puts the hooks into the folder where git looks for them. A hook that is there is kept beside it and
/// called first. Doing it again changes nothing.
pub fn install(repo: &Repo, program: Option<&Path>) -> Result<Vec<Change>> {
    let folder = hooks_folder(repo)?;
    fs::create_dir_all(&folder.path).with_context(|| format!("{} can't be made", folder.path.display()))?;
    if folder.shared && repo.config(OPT_IN).as_deref() != Some("true") {
        repo.set_local_config(OPT_IN, Some("true"))?;
    }
    HookName::ALL.into_iter().map(|hook| install_one(&folder, hook, program)).collect()
}

/// Takes the hooks out and puts back what was there before, to the byte.
pub fn uninstall(repo: &Repo) -> Result<Vec<Change>> {
    let folder = hooks_folder(repo)?;
    if folder.shared {
        repo.set_local_config(OPT_IN, None)?;
    }
    HookName::ALL.into_iter().map(|hook| uninstall_one(&folder.path.join(hook.file_name()))).collect()
}

fn hooks_folder(repo: &Repo) -> Result<HooksFolder> {
    if repo.is_bare() {
        return Err(Fail::new("the repository is bare: nobody commits in it")
            .help("install the hooks in a clone that has a working tree")
            .into());
    }
    repo.hooks_folder()
}

fn install_one(folder: &HooksFolder, hook: HookName, program: Option<&Path>) -> Result<Change> {
    let path = folder.path.join(hook.file_name());
    let shim = hook.shim(program, folder.shared);
    let there = fs::symlink_metadata(&path).is_ok();
    let now = if there { Some(fs::read(&path).unwrap_or_default()) } else { None };
    let ours = now.as_deref().is_some_and(is_shim);
    // A shim that the project tracks names no program of one machine.
    let as_shipped = folder.in_worktree && now.as_deref() == Some(hook.shim(None, false).as_bytes());
    if ours && (as_shipped || now.as_deref() == Some(shim.as_bytes())) {
        return Ok(Change::Unchanged(path));
    }
    let kept = before_path(&path);
    if there && !ours {
        if fs::symlink_metadata(&kept).is_ok() {
            return Err(Fail::new(format!("{} can't be chained: {} is there already", path.display(), kept.display()))
                .help("it was left by an earlier installation that was overwritten; remove the one that is not needed")
                .into());
        }
        fs::rename(&path, &kept).with_context(|| format!("{} can't be moved aside", path.display()))?;
    }
    let before = if ours { now } else { None };
    let put = write::replace(&path, before, shim.as_bytes()).and_then(|()| make_executable(&path));
    if let Err(error) = put {
        if there && !ours {
            let _ = fs::rename(&kept, &path);
        }
        return Err(error);
    }
    Ok(match (there, ours) {
        (true, true) => Change::Updated(path),
        (true, false) => Change::Chained(path),
        (false, _) => Change::Installed(path),
    })
}

fn uninstall_one(path: &Path) -> Result<Change> {
    let path = path.to_owned();
    if !fs::read(&path).is_ok_and(|text| is_shim(&text)) {
        return Ok(Change::Absent(path));
    }
    let kept = before_path(&path);
    let failed = || format!("{} can't be taken out", path.display());
    if fs::symlink_metadata(&kept).is_ok() {
        fs::rename(&kept, &path).with_context(failed)?;
        return Ok(Change::Restored(path));
    }
    fs::remove_file(&path).with_context(failed)?;
    Ok(Change::Removed(path))
}

fn before_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".before-relguard");
    PathBuf::from(name)
}

fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{} can't be made executable", path.display()))?;
    }
    Ok(())
}
