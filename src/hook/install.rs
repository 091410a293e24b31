use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::shim::is_shim;
use super::{HookName, shared};
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
    /// It was there already, and was brought up to date.
    Updated(PathBuf),
    /// It was there already.
    Unchanged(PathBuf),
    /// It is among the project's files, as relguard ships it: it is used, and left alone.
    Shipped(PathBuf),
    /// It was taken out.
    Removed(PathBuf),
    /// It was taken out, and the hook before it is back.
    Restored(PathBuf),
    /// It stays for other repositories, and is silent in this one.
    Silenced(PathBuf),
    /// There was none of relguard's.
    Absent(PathBuf),
}

/// Puts the hooks into the folder where git looks for them. A hook that is there is kept beside it and
/// called first. Doing it again changes nothing.
pub fn install(repo: &Repo, program: Option<&Path>) -> Result<Vec<Change>> {
    let folder = hooks_folder(repo)?;
    if folder.path.ends_with(".husky/_") {
        return Err(Fail::new(format!("husky writes all of {} itself", folder.path.display()))
            .help("add the line `relguard hook pre-commit` to .husky/pre-commit")
            .into());
    }
    fs::create_dir_all(&folder.path).with_context(|| format!("{} can't be made", folder.path.display()))?;
    let changes = HookName::OF_CLONE.into_iter().map(|hook| install_one(&folder, hook, program));
    let changes = changes.collect::<Result<_>>()?;
    if folder.shared {
        shared::join(repo, &folder.path)?;
    }
    Ok(changes)
}

/// Takes the hooks out and puts back what was there before, to the byte.
pub fn uninstall(repo: &Repo) -> Result<Vec<Change>> {
    let folder = hooks_folder(repo)?;
    let others = folder.shared && shared::leave(repo, &folder.path)?;
    let mut changes = Vec::new();
    for hook in HookName::OF_CLONE {
        let path = folder.path.join(hook.file_name());
        let ours: Vec<PathBuf> =
            [path.clone(), beside(&path, LEGACY)].into_iter().filter(holds_shim).collect();
        if ours.is_empty() {
            changes.push(Change::Absent(path.clone()));
        }
        for ours in ours {
            changes.push(if others {
                Change::Silenced(ours)
            } else if folder.in_worktree && is_shipped(&folder, hook, &ours) {
                Change::Shipped(ours)
            } else {
                take_out(ours, &path)?
            });
        }
    }
    Ok(changes)
}

/// What the name of a hook that was there before ends in.
const BEFORE: &str = ".before-relguard";

/// What pre-commit and prek add to the name of a hook that they find, and call before their own.
const LEGACY: &str = ".legacy";

fn hooks_folder(repo: &Repo) -> Result<HooksFolder> {
    if repo.is_bare() {
        return Err(Fail::new("the repository is bare: nobody commits in it")
            .help("install the hooks in a clone that has a working tree")
            .into());
    }
    repo.hooks_folder()
}

fn install_one(folder: &HooksFolder, hook: HookName, program: Option<&Path>) -> Result<Change> {
    let mut path = folder.path.join(hook.file_name());
    let legacy = beside(&path, LEGACY);
    if !holds_shim(&path) && holds_shim(&legacy) {
        path = legacy;
    }
    if is_shipped(folder, hook, &path) {
        return Ok(Change::Shipped(path));
    }
    let shim = hook.shim(program, folder.shared);
    if holds_shim(&path) {
        let now = fs::read(&path).with_context(|| format!("{} can't be read", path.display()))?;
        if now == shim.as_bytes() && is_executable(&path) {
            return Ok(Change::Unchanged(path));
        }
        put(&path, Some(now), &shim)?;
        return Ok(Change::Updated(path));
    }
    if fs::symlink_metadata(&path).is_err() {
        put(&path, None, &shim)?;
        return Ok(Change::Installed(path));
    }
    let kept = beside(&path, BEFORE);
    if fs::symlink_metadata(&kept).is_ok() {
        return Err(Fail::new(format!(
            "{} can't be chained: {} is there already",
            path.display(),
            kept.display()
        ))
        .help(
            "it was left by an earlier installation that was overwritten; remove the one that is not needed",
        )
        .into());
    }
    fs::rename(&path, &kept).with_context(|| format!("{} can't be moved aside", path.display()))?;
    put(&path, None, &shim).inspect_err(|_| {
        let _ = fs::rename(&kept, &path);
    })?;
    Ok(Change::Chained(path))
}

fn take_out(path: PathBuf, hook: &Path) -> Result<Change> {
    let failed = || format!("{} can't be taken out", path.display());
    let kept = &beside(hook, BEFORE);
    // A manager that came back by itself must not find its hook of old as the one to call first.
    if path != *hook && is_managers(kept, hook) {
        fs::remove_file(kept).with_context(failed)?;
    }
    if fs::symlink_metadata(kept).is_ok() {
        fs::rename(kept, &path).with_context(failed)?;
        return Ok(Change::Restored(path));
    }
    fs::remove_file(&path).with_context(failed)?;
    Ok(Change::Removed(path))
}

/// Whether one of relguard's hooks lies there.
fn holds_shim(path: &PathBuf) -> bool {
    fs::read(path).is_ok_and(|text| is_shim(&text))
}

/// Whether it is the shim that a project keeps under version control: it names no program of one machine.
fn is_shipped(folder: &HooksFolder, hook: HookName, path: &Path) -> bool {
    let linked = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
    (folder.in_worktree || linked) && fs::read(path).is_ok_and(|now| now == hook.shim(None, false).as_bytes())
}

/// Whether a hook that was kept was written by the same hook manager as the one that is there.
fn is_managers(kept: &Path, there: &Path) -> bool {
    let text = |path: &Path| fs::read(path).map(|text| String::from_utf8_lossy(&text).into_owned());
    match (text(kept), text(there)) {
        (Ok(kept), Ok(there)) => kept == there || kept.contains("File generated by pre"),
        _ => false,
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn put(path: &Path, before: Option<Vec<u8>>, shim: &str) -> Result<()> {
    write::replace(path, before, shim.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{} can't be made executable", path.display()))?;
    }
    Ok(())
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.exists()
    }
}
