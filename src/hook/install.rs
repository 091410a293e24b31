use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::doctor::By;
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

/// A place where one hook goes.
struct Place {
    hook: HookName,
    path: PathBuf,
    /// Whether all files of the folder are run, so that there is nothing to chain.
    beside_others: bool,
}

/// Puts the hooks into the folder where git looks for them. A hook that is there is kept beside it and
/// called first. Doing it again changes nothing.
pub fn install(repo: &Repo, program: Option<&Path>) -> Result<Vec<Change>> {
    let (folder, places) = places(repo)?;
    if is_husky(&folder.path) {
        return Err(Fail::new(format!("husky writes all of {} itself", folder.path.display()))
            .help(HUSKY_LINES)
            .into());
    }
    fs::create_dir_all(&folder.path).with_context(|| format!("{} can't be made", folder.path.display()))?;
    let changes = places.into_iter().map(|place| install_one(&folder, place, program));
    let changes = changes.collect::<Result<_>>()?;
    if folder.shared {
        shared::join(repo, &folder.path)?;
    }
    Ok(changes)
}

/// Takes the hooks out and puts back what was there before, to the byte.
pub fn uninstall(repo: &Repo) -> Result<Vec<Change>> {
    let (folder, places) = places(repo)?;
    let others = folder.shared && shared::leave(repo, &folder.path)?;
    let mut changes = Vec::new();
    for Place { hook, path, .. } in places {
        let candidates = if repo.is_bare() {
            server_places(repo)
        } else {
            [path.clone(), beside(&path, LEGACY), beside(&path, OLD)]
        };
        let ours: Vec<PathBuf> = candidates.into_iter().filter(|path| holds_shim(path)).collect();
        if ours.is_empty() {
            changes.push(Change::Absent(path.clone()));
        }
        for ours in ours {
            changes.push(if others {
                Change::Silenced(ours)
            } else if folder.in_worktree && is_shipped(&folder, hook, &ours) {
                Change::Shipped(ours)
            } else {
                let hook = if repo.is_bare() { ours.clone() } else { path.clone() };
                take_out(ours, &hook)?
            });
        }
    }
    if repo.is_bare() {
        // What `install` made for itself; a folder that holds something stays.
        let _ = fs::remove_dir(repo.common_dir().join(CUSTOM_HOOKS).join(EACH));
    }
    Ok(changes)
}

/// What the name of a hook that was there before ends in.
pub(super) const BEFORE: &str = ".before-relguard";

/// What pre-commit and prek add to the name of a hook that they find, and call before their own.
pub(super) const LEGACY: &str = ".legacy";

/// What lefthook adds to the name of a hook that it finds, and does not call.
pub(super) const OLD: &str = ".old";

/// The folder in which Gitea, Forgejo and GitLab run every file.
const EACH: &str = "pre-receive.d";

/// GitLab's folder for hooks of one repository, beside git's own.
const CUSTOM_HOOKS: &str = "custom_hooks";

/// What to write where husky owns the hooks.
pub(super) const HUSKY_LINES: &str = "add the line `relguard hook pre-commit` to .husky/pre-commit and to \
    .husky/pre-merge-commit, and the line `relguard hook pre-push \"$@\"` to .husky/pre-push";

/// Whether husky writes a hooks folder, all of it, at each of its own installations.
pub(super) fn is_husky(folder: &Path) -> bool {
    folder.ends_with(".husky/_") || folder.join("husky.sh").is_file()
}

/// Where the hooks go, and the folder that they are in.
fn places(repo: &Repo) -> Result<(HooksFolder, Vec<Place>)> {
    if !repo.is_bare() {
        let folder = repo.hooks_folder()?;
        let path = |hook: HookName| folder.path.join(hook.file_name());
        let place = |hook| Place { hook, path: path(hook), beside_others: false };
        let places = HookName::OF_CLONE.map(place).into();
        return Ok((folder, places));
    }
    let found = repo.hooks_folder();
    let custom = repo.common_dir().join(CUSTOM_HOOKS);
    let [_, own, each] = server_places(repo);
    let runs_each = runs_folder(&own);
    let (folder, path) = if custom.is_dir() && !runs_each {
        let path = custom.join(EACH);
        (HooksFolder { path: path.clone(), shared: false, in_worktree: false }, path.join(OUR_NAME))
    } else {
        // The one that is in charge already calls what was there, the folder's own runner included.
        let path = if runs_each && !holds_shim(&own) { each } else { own };
        (found?, path)
    };
    let beside_others = path.ends_with(OUR_NAME);
    Ok((folder, vec![Place { hook: HookName::PreReceive, path, beside_others }]))
}

/// The hook's name in a folder of many.
const OUR_NAME: &str = "relguard";

/// Wherever relguard's hook may be in a bare repository: for GitLab, for git itself, for Gitea and Forgejo.
pub(super) fn server_places(repo: &Repo) -> [PathBuf; 3] {
    let folder = repo.hooks_folder().map_or_else(|_| repo.common_dir().join("hooks"), |folder| folder.path);
    [
        repo.common_dir().join(CUSTOM_HOOKS).join(EACH).join(OUR_NAME),
        folder.join(HookName::PreReceive.file_name()),
        folder.join(EACH).join(OUR_NAME),
    ]
}

/// Whether the hook that git runs goes on to those in its folder, as what Gitea and Forgejo write does: they
/// name the folder by the hook's own name.
pub(super) fn runs_folder(own: &Path) -> bool {
    let names = |word: &str| {
        let word = word.replace('"', "");
        let stem = word.split_once(".d/").map(|(stem, _)| stem).or(word.strip_suffix(".d"));
        word.contains(EACH)
            || stem.and_then(|stem| stem.rsplit('/').next()).is_some_and(|name| name.starts_with('$'))
    };
    let folder = own.with_file_name(EACH);
    let text = fs::read(own).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    folder.is_dir() && is_executable(own) && lines.any(|line| line.split_whitespace().any(names))
}

fn install_one(folder: &HooksFolder, place: Place, program: Option<&Path>) -> Result<Change> {
    let Place { hook, mut path, beside_others } = place;
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
    if path.is_dir() {
        return Err(Fail::new(format!("{} is a folder, and no hook", path.display()))
            .help("move it away; git would try to run it")
            .into());
    }
    if beside_others {
        return Err(Fail::new(format!("{} is there already, and is not relguard's", path.display()))
            .help("give that hook another name: all files of its folder are run")
            .into());
    }
    chain(path, &shim)
}

fn chain(path: PathBuf, shim: &str) -> Result<Change> {
    let kept = beside(&path, BEFORE);
    // A manager that wrote its hook anew over ours has one of the same there already.
    if fs::symlink_metadata(&kept).is_ok() && !is_same_managers(&kept, &path) {
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
    put(&path, None, shim).inspect_err(|_| {
        let _ = fs::rename(&kept, &path);
    })?;
    // One that lefthook moved aside is never called; it would only be in lefthook's way the next time.
    let old = beside(&path, OLD);
    if holds_shim(&old) {
        fs::remove_file(&old).with_context(|| format!("{} can't be removed", old.display()))?;
    }
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
pub(super) fn holds_shim(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| is_shim(&text))
}

/// Whether it is the shim that a project keeps under version control: it names no program of one machine.
fn is_shipped(folder: &HooksFolder, hook: HookName, path: &Path) -> bool {
    let linked = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
    (folder.in_worktree || linked) && fs::read(path).is_ok_and(|now| now == hook.shim(None, false).as_bytes())
}

/// Whether one manager wrote both hooks.
fn is_same_managers(kept: &Path, there: &Path) -> bool {
    let by = |path: &Path| fs::read(path).ok().map(|text| By::of(&text));
    let managers = [By::PreCommit, By::Prek, By::Lefthook];
    by(kept) == by(there) && by(there).is_some_and(|by| managers.contains(&by))
}

/// Whether a hook that was kept was written by the same hook manager as the one that is there.
fn is_managers(kept: &Path, there: &Path) -> bool {
    let text = |path: &Path| fs::read(path).map(|text| String::from_utf8_lossy(&text).into_owned());
    match (text(kept), text(there)) {
        (Ok(kept), Ok(there)) => kept == there || kept.contains("File generated by pre"),
        _ => false,
    }
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
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

pub(super) fn is_executable(path: &Path) -> bool {
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
