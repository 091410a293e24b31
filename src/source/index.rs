use std::path::Path;
use std::rc::Rc;

use anyhow::Result;

use super::{SIZE_LIMIT, Snapshot, Stat};
use crate::domain::{RepoPath, SortedMap};
use crate::finding::Subject;
use crate::git::{IndexEntry, IndexFiles, Mode, Repo};

/// Files up to this size on disk, in bytes, are far from every limit.
const SMALL: u32 = 256 * 1024;

/// The files of the git index: exactly what `git commit` would record.
#[derive(Clone)]
pub struct StagedFiles<'repo> {
    repo: &'repo Repo,
    index: Rc<IndexFiles>,
}

impl<'repo> StagedFiles<'repo> {
    /// Reads the index that the environment names.
    pub fn new(repo: &'repo Repo) -> Result<Self> {
        Ok(Self { repo, index: Rc::new(repo.index()?) })
    }

    /// Reads another index file of the repository.
    pub fn at(repo: &'repo Repo, file: &Path) -> Result<Self> {
        Ok(Self { repo, index: Rc::new(repo.index_at(file)?) })
    }

    /// The entries of the index.
    pub fn entries(&self) -> &IndexFiles {
        &self.index
    }

    /// A file's size, for limits. What is small on disk is small in the index, whatever filters lie
    /// between; only for the rest is the object asked.
    fn size(&self, entry: IndexEntry) -> Result<u64> {
        match entry.disk_size {
            size @ 1..=SMALL => Ok(u64::from(size)),
            _ => self.repo.blob_size(entry.id),
        }
    }

    fn describe(&self, entry: IndexEntry) -> Result<Stat> {
        Ok(match entry.mode {
            _ if entry.unmerged => Stat::Unmerged,
            Mode::File | Mode::Executable => Stat::File { size: self.size(entry)? },
            Mode::Symlink => Stat::Symlink,
            Mode::Folder => Stat::Folder,
            Mode::Submodule => Stat::Other,
        })
    }
}

impl Snapshot for StagedFiles<'_> {
    fn subject(&self) -> Subject {
        Subject::index()
    }

    fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
        match self.index.get(path) {
            Some(entry) => self.describe(entry).map(Some),
            None if path.is_root() || self.index.below(path).next().is_some() => Ok(Some(Stat::Folder)),
            None => Ok(None),
        }
    }

    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        match self.index.get(path) {
            Some(entry) => self.repo.blob(entry.id, SIZE_LIMIT),
            None => Ok(Some(Vec::new())),
        }
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let mut found = SortedMap::new();
        for (path, entry) in self.index.below(folder) {
            let (path, rest) = (path.as_str(), path.below(folder).unwrap_or_default());
            let above = path.len() - rest.len();
            let folders = rest.match_indices('/').filter_map(|(at, _)| path.get(..above + at));
            for folder in folders.clone().take(depth) {
                found.get_or(folder, || Stat::Folder);
            }
            if folders.count() < depth {
                found.insert(path, self.describe(entry)?);
            }
        }
        Ok(found.into_iter().map(|(path, stat)| (RepoPath::default().child(path), stat)).collect())
    }
}
