//! A hooks folder outside the repository: the hooks there guard those repositories that asked for it, and
//! go when the last of them takes that back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::domain::SortedSet;
use crate::git::Repo;
use crate::source::write;

/// The config key that says that a repository asked for its guard.
const OPT_IN: &str = "relguard.guard";

/// The list of the repositories that asked, in the folder that they share: a git directory a line.
const LIST: &str = "relguard.repositories";

/// Asks for this repository.
pub(super) fn join(repo: &Repo, folder: &Path) -> Result<()> {
    if repo.config(OPT_IN).as_deref() != Some("true") {
        repo.set_local_config(OPT_IN, Some("true"))?;
    }
    update(folder, |list| {
        list.insert(own(repo));
    })?;
    Ok(())
}

/// Takes that back. Whether there are other repositories that asked.
pub(super) fn leave(repo: &Repo, folder: &Path) -> Result<bool> {
    repo.set_local_config(OPT_IN, None)?;
    update(folder, |list| {
        list.remove(&own(repo));
        list.retain(|repository| Path::new(repository).exists());
    })
}

fn own(repo: &Repo) -> String {
    let folder = repo.common_dir();
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).to_string_lossy().into_owned()
}

/// Changes the list, and removes it with its last line. Whether it has any.
fn update(folder: &Path, change: impl FnOnce(&mut SortedSet<String>)) -> Result<bool> {
    let file: PathBuf = folder.join(LIST);
    let before = fs::read_to_string(&file).ok();
    let mut list: SortedSet<String> =
        before.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    change(&mut list);
    let text: String = list.iter().flat_map(|line| [line, "\n"]).collect();
    match before {
        Some(before) if before == text => {}
        Some(_) if text.is_empty() => {
            fs::remove_file(&file).with_context(|| format!("{} can't be removed", file.display()))?;
        }
        None if text.is_empty() => {}
        before => write::replace(&file, before.map(String::into_bytes), text.as_bytes())?,
    }
    Ok(!list.is_empty())
}
