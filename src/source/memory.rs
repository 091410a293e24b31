use std::collections::BTreeMap;

use anyhow::Result;

use super::{SIZE_LIMIT, Snapshot, Stat};
use crate::domain::RepoPath;
use crate::finding::Subject;

/// Files in memory: a state as it would be after a fix, or one made up by a test.
pub struct MemoryFiles<'a> {
    under: Option<&'a dyn Snapshot>,
    files: BTreeMap<RepoPath, Vec<u8>>,
    subject: Subject,
}

impl<'a> MemoryFiles<'a> {
    /// The files of another view with some of them replaced or added.
    pub fn over(under: &'a dyn Snapshot) -> Self {
        Self { subject: under.subject(), under: Some(under), files: BTreeMap::new() }
    }

    /// No files at all.
    pub fn empty(subject: Subject) -> Self {
        Self { under: None, files: BTreeMap::new(), subject }
    }

    /// Puts a file at a path.
    pub fn insert(&mut self, path: RepoPath, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// The files that differ from the view below.
    pub fn into_files(self) -> BTreeMap<RepoPath, Vec<u8>> {
        self.files
    }

    /// The files that differ from the view below.
    pub fn files(&self) -> &BTreeMap<RepoPath, Vec<u8>> {
        &self.files
    }
}

impl Snapshot for MemoryFiles<'_> {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
        if let Some(bytes) = self.files.get(path) {
            return Ok(Some(Stat::File { size: bytes.len() as u64 }));
        }
        if path.is_root() || self.files.keys().any(|file| file.below(path).is_some()) {
            return Ok(Some(Stat::Folder));
        }
        self.under.map_or(Ok(None), |under| under.stat(path))
    }

    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
        match (self.files.get(path), self.under) {
            (Some(bytes), _) => Ok((bytes.len() as u64 <= SIZE_LIMIT).then(|| bytes.clone())),
            (None, Some(under)) => under.bytes(path),
            (None, None) => Ok(Some(Vec::new())),
        }
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let mut found: BTreeMap<RepoPath, Stat> = match self.under {
            Some(under) => under.list(folder, depth)?.into_iter().collect(),
            None => BTreeMap::new(),
        };
        for (path, bytes) in &self.files {
            let Some(rest) = path.below(folder) else { continue };
            let mut at = folder.clone();
            let parts: Vec<&str> = rest.split('/').collect();
            for (level, part) in parts.iter().enumerate().take(depth) {
                at = at.child(part);
                let is_file = level + 1 == parts.len();
                let stat = if is_file { Stat::File { size: bytes.len() as u64 } } else { Stat::Folder };
                found.insert(at.clone(), stat);
            }
        }
        Ok(found.into_iter().collect())
    }

    fn absence(&self, path: &RepoPath) -> Option<String> {
        self.under.and_then(|under| under.absence(path))
    }
}
