use std::cell::RefCell;

use anyhow::Result;

use super::{SIZE_LIMIT, Snapshot, Stat};
use crate::domain::{RepoPath, SortedMap};
use crate::finding::Subject;

/// Files in memory: a state as it would be after a fix, or one made up by a test.
pub struct MemoryFiles<'a> {
    under: Option<&'a dyn Snapshot>,
    files: SortedMap<RepoPath, Vec<u8>>,
    /// What was read of the view below: what is judged, edited and replaced are then the same bytes, even
    /// if somebody writes to the file meanwhile.
    read: RefCell<SortedMap<RepoPath, Vec<u8>>>,
    subject: Subject,
}

impl<'a> MemoryFiles<'a> {
    /// The files of another view with some of them replaced or added.
    pub fn over(under: &'a dyn Snapshot) -> Self {
        Self { under: Some(under), ..Self::empty(under.subject()) }
    }

    /// No files at all.
    pub fn empty(subject: Subject) -> Self {
        Self { under: None, files: SortedMap::new(), read: RefCell::default(), subject }
    }

    /// Puts a file at a path.
    pub fn insert(&mut self, path: RepoPath, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// The files that differ from the view below, and what was read there of those that it has.
    pub fn into_files(self) -> (SortedMap<RepoPath, Vec<u8>>, SortedMap<RepoPath, Vec<u8>>) {
        let mut before = self.read.into_inner();
        before.retain(|path, _| self.files.contains_key(path));
        (self.files, before)
    }

    /// The files that differ from the view below.
    pub fn files(&self) -> &SortedMap<RepoPath, Vec<u8>> {
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
            (None, Some(under)) => {
                if let Some(bytes) = self.read.borrow().get(path) {
                    return Ok(Some(bytes.clone()));
                }
                let bytes = under.bytes(path)?;
                if let Some(bytes) = &bytes {
                    self.read.borrow_mut().insert(path.clone(), bytes.clone());
                }
                Ok(bytes)
            }
            (None, None) => Ok(Some(Vec::new())),
        }
    }

    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let mut found: SortedMap<RepoPath, Stat> = match self.under {
            Some(under) => under.list(folder, depth)?.into_iter().collect(),
            None => SortedMap::new(),
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A file that somebody writes to without end.
    struct Restless(Cell<u8>);

    impl Snapshot for Restless {
        fn subject(&self) -> Subject {
            Subject::worktree()
        }

        fn stat(&self, _: &RepoPath) -> Result<Option<Stat>> {
            Ok(Some(Stat::File { size: 1 }))
        }

        fn bytes(&self, _: &RepoPath) -> Result<Option<Vec<u8>>> {
            self.0.set(self.0.get() + 1);
            Ok(Some(vec![self.0.get()]))
        }

        fn list(&self, _: &RepoPath, _: usize) -> Result<Vec<(RepoPath, Stat)>> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn what_was_read_once_stays_so() {
        let (under, path) = (Restless(Cell::new(0)), RepoPath::default().child("a"));
        let mut files = MemoryFiles::over(&under);
        assert_eq!(files.bytes(&path).unwrap(), Some(vec![1]));
        assert_eq!(files.bytes(&path).unwrap(), Some(vec![1]));
        files.insert(path.clone(), vec![9]);
        let (changed, before) = files.into_files();
        assert_eq!((changed.get(&path), before.get(&path)), (Some(&vec![9]), Some(&vec![1])));
    }
}
