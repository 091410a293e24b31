use std::cell::RefCell;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use anyhow::Result;

use super::{SIZE_LIMIT, Snapshot, Stat, unfollowed};
use crate::domain::{Fail, RepoPath, SortedSet, order};
use crate::finding::Subject;
use crate::git::Repo;

/// The files on disk.
pub struct Worktree<'repo> {
    root: PathBuf,
    repo: &'repo Repo,
    /// The folders that were seen: every path leads over them again.
    folders: RefCell<SortedSet<RepoPath>>,
}

impl<'repo> Worktree<'repo> {
    /// The checked-out files of a repository; `None` where it is bare.
    pub fn new(repo: &'repo Repo) -> Option<Self> {
        repo.workdir().map(|root| Self { root: root.to_owned(), repo, folders: RefCell::default() })
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
        if self.folders.borrow().contains(path) {
            return Ok(Some(Stat::Folder));
        }
        let file = self.on_disk(path);
        match fs::symlink_metadata(&file) {
            // Another repository's files are not this project's: a submodule, a clone inside the clone.
            Ok(meta) if meta.is_dir() && !path.is_root() && file.join(".git").exists() => {
                Ok(Some(Stat::Other))
            }
            Ok(meta) => {
                if meta.is_dir() {
                    self.folders.borrow_mut().insert(path.clone());
                }
                Ok(Some(describe(&meta)))
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(closed(path, &error)),
        }
    }

    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        let file = self.on_disk(path);
        let meta = fs::symlink_metadata(&file)?;
        if meta.is_symlink() {
            return Ok(Some(fs::read_link(&file)?.into_os_string().into_encoded_bytes()));
        }
        // With room for the whole file, it is read at once.
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len().min(SIZE_LIMIT) + 1)?);
        fs::File::open(&file)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= SIZE_LIMIT).then_some(bytes))
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let mut found = Vec::new();
        let mut open = vec![(folder.clone(), depth)];
        while let Some((folder, depth)) = open.pop() {
            let entries = match fs::read_dir(self.on_disk(&folder)) {
                Ok(entries) => entries,
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                    continue;
                }
                Err(error) => return Err(closed(&folder, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| closed(&folder, &error))?;
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|name| *name != ".git") else { continue };
                let path = folder.child(name);
                let meta = entry.metadata().map_err(|error| closed(&path, &error))?;
                if meta.is_dir() && depth > 1 {
                    open.push((path.clone(), depth - 1));
                }
                found.push((path, describe(&meta)));
            }
        }
        order::sort_by(&mut found, |a, b| a.0.cmp(&b.0));
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
    Fail::new(format!("{path} can't be looked at: {error}"))
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
