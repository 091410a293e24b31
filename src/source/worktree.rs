use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use walkdir::WalkDir;

use super::{SIZE_LIMIT, Snapshot, Stat, unfollowed};
use crate::domain::{Fail, RepoPath};
use crate::finding::Subject;
use crate::git::Repo;

/// The files on disk.
pub struct Worktree<'repo> {
    root: PathBuf,
    repo: &'repo Repo,
}

impl<'repo> Worktree<'repo> {
    /// The checked-out files of a repository; `None` where it is bare.
    pub fn new(repo: &'repo Repo) -> Option<Self> {
        repo.workdir().map(|root| Self { root: root.to_owned(), repo })
    }

    /// Where a path lies on disk.
    pub fn on_disk(&self, path: &RepoPath) -> PathBuf {
        if path.is_root() { self.root.clone() } else { self.root.join(path.as_str()) }
    }
}

impl Snapshot for Worktree<'_> {
    fn subject(&self) -> Subject {
        Subject::worktree()
    }

    fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
        let file = self.on_disk(path);
        match fs::symlink_metadata(&file) {
            // Another repository's files are not this project's: a submodule, a clone inside the clone.
            Ok(meta) if meta.is_dir() && !path.is_root() && file.join(".git").exists() => {
                Ok(Some(Stat::Other))
            }
            Ok(meta) => Ok(Some(describe(&meta))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(closed(path, &error)),
        }
    }

    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        let file = self.on_disk(path);
        if fs::symlink_metadata(&file)?.is_symlink() {
            return Ok(Some(fs::read_link(&file)?.into_os_string().into_encoded_bytes()));
        }
        let mut bytes = Vec::new();
        fs::File::open(&file)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= SIZE_LIMIT).then_some(bytes))
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let root = self.on_disk(folder);
        let mut found = Vec::new();
        let walk = WalkDir::new(&root).min_depth(1).max_depth(depth).follow_links(false);
        for entry in walk.into_iter().filter_entry(|entry| entry.file_name() != ".git") {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.io_error().is_some_and(|io| io.kind() == ErrorKind::NotFound) => continue,
                Err(error) => {
                    let at = error.path().and_then(|at| repo_path(folder, &root, at));
                    return Err(closed(&at.unwrap_or_else(|| folder.clone()), &error.into()));
                }
            };
            if let Some(path) = repo_path(folder, &root, entry.path()) {
                found.push((path, describe(&entry.metadata()?)));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    fn absence(&self, path: &RepoPath) -> Option<String> {
        let index = self.repo.index().ok()?;
        let left_out = index.get(path).is_some_and(|entry| entry.skip_worktree)
            || index.below(path).any(|(_, entry)| entry.skip_worktree);
        if left_out {
            return Some(format!(
                "the sparse checkout leaves it out: git sparse-checkout add {path}, or judge what is \
                 committed with `--staged` or `--rev HEAD`"
            ));
        }
        unfollowed(self, path)
    }
}

/// A folder that does not show what it holds.
fn closed(path: &RepoPath, error: &std::io::Error) -> anyhow::Error {
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    Fail::new(format!("{path} can't be looked at: {cause}"))
        .help("make it and the folders above it readable")
        .into()
}

fn describe(meta: &fs::Metadata) -> Stat {
    match meta.file_type() {
        kind if kind.is_symlink() => Stat::Symlink,
        kind if kind.is_dir() => Stat::Folder,
        kind if kind.is_file() => Stat::File { size: meta.len() },
        _ => Stat::Other,
    }
}

fn repo_path(folder: &RepoPath, root: &Path, path: &Path) -> Option<RepoPath> {
    let mut at = folder.clone();
    for part in path.strip_prefix(root).ok()?.components() {
        at = at.child(part.as_os_str().to_str()?);
    }
    Some(at)
}
