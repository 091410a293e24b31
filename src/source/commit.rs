use anyhow::Result;

use super::{SIZE_LIMIT, Snapshot, Stat};
use crate::domain::{Oid, RepoPath, order};
use crate::finding::Subject;
use crate::git::{Mode, Repo, Tree, TreeEntry};

/// The files of a commit.
pub struct CommitFiles<'repo> {
    repo: &'repo Repo,
    tree: Tree<'repo>,
    subject: Subject,
}

impl<'repo> CommitFiles<'repo> {
    /// The files of a commit, which reports call by `subject`.
    pub fn new(repo: &'repo Repo, commit: Oid, subject: Subject) -> Self {
        Self { repo, tree: repo.tree(commit), subject }
    }

    /// The id of the file at a path; `None` where there is none, or something else.
    pub fn blob_id(&self, path: &RepoPath) -> Result<Option<Oid>> {
        let entry = self.tree.entry(path)?;
        Ok(entry.filter(|entry| matches!(entry.mode, Mode::File | Mode::Executable)).map(|entry| entry.id))
    }

    fn describe(&self, entry: &TreeEntry) -> Result<Stat> {
        Ok(match entry.mode {
            Mode::File | Mode::Executable => Stat::File { size: self.repo.blob_size(entry.id)? },
            Mode::Symlink => Stat::Symlink,
            Mode::Folder => Stat::Folder,
            Mode::Submodule => Stat::Other,
        })
    }
}

impl Snapshot for CommitFiles<'_> {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
        self.tree.entry(path)?.map(|entry| self.describe(&entry)).transpose()
    }

    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        match self.tree.entry(path)? {
            Some(entry) => self.repo.blob(entry.id, SIZE_LIMIT),
            None => Ok(Some(Vec::new())),
        }
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let entries = self.tree.walk(folder, depth)?;
        let mut found = entries
            .into_iter()
            .map(|entry| Ok((entry.path.clone(), self.describe(&entry)?)))
            .collect::<Result<Vec<_>>>()?;
        order::sort_by(&mut found, |a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    fn chart_folders(&self, depth: usize) -> Result<Vec<RepoPath>> {
        self.tree.charts(depth)
    }
}
