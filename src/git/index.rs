use anyhow::Result;
use git2::{ErrorClass, IndexEntryExtendedFlag};

use super::{Git, Mode, Repo, oid};
use crate::domain::{Fail, Oid, RepoPath};

/// One file of the git index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry {
    /// What it is; never a folder.
    pub mode: Mode,
    /// Its blob.
    pub id: Oid,
    /// Whether it is one side of a conflict, so that nothing can be committed.
    pub unmerged: bool,
    /// Whether a sparse checkout leaves it out of the working tree.
    pub skip_worktree: bool,
}

/// The files of the git index, as `git commit` would record them: entries that are only announced
/// (`git add -N`) are not there.
pub struct IndexFiles {
    entries: Vec<(RepoPath, IndexEntry)>,
}

impl Repo {
    /// Reads the index that the environment names (`GIT_INDEX_FILE`), else the worktree's own.
    pub fn index(&self) -> Result<IndexFiles> {
        match self.inner.index() {
            Ok(index) => Ok(IndexFiles::new(index.iter().filter_map(|entry| read_entry(&entry)))),
            // A split or a sparse index is more than libgit2 reads; git itself lists it.
            Err(error) if error.class() == ErrorClass::Index => self.list_index(),
            Err(error) => Err(Fail::new(format!("the git index can't be read: {}", error.message()))
                .help("git status says more")
                .into()),
        }
    }

    fn list_index(&self) -> Result<IndexFiles> {
        let listing = Git::new(self).output(&["ls-files", "--stage", "-z"])?;
        let mut entries = Vec::new();
        for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let Ok(line) = std::str::from_utf8(line) else { continue };
            let unread = || Fail::new(format!("git ls-files printed a line that can't be read: {line:?}"));
            let (facts, path) = line.split_once('\t').ok_or_else(unread)?;
            let mut facts = facts.split(' ');
            let (mode, id, stage) = (facts.next(), facts.next(), facts.next());
            let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok()).and_then(file_mode);
            let id = id.and_then(|id| git2::Oid::from_str(id).ok()).ok_or_else(unread)?;
            let Some(mode) = mode else { continue };
            let unmerged = stage != Some("0");
            entries.push((
                RepoPath::default().child(path),
                IndexEntry { mode, id: oid(id), unmerged, skip_worktree: false },
            ));
        }
        Ok(IndexFiles::new(entries.into_iter()))
    }
}

impl IndexFiles {
    fn new(entries: impl Iterator<Item = (RepoPath, IndexEntry)>) -> Self {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|later, first| later.0 == first.0);
        Self { entries }
    }

    /// The file at a path.
    pub fn get(&self, path: &RepoPath) -> Option<IndexEntry> {
        let at = self.entries.binary_search_by(|(other, _)| other.cmp(path)).ok()?;
        self.entries.get(at).map(|(_, entry)| *entry)
    }

    /// The files below a folder, in the order of their paths.
    pub fn below<'a>(&'a self, folder: &'a RepoPath) -> impl Iterator<Item = (&'a RepoPath, IndexEntry)> {
        let from = self.entries.partition_point(|(path, _)| path < folder);
        self.entries
            .iter()
            .skip(from)
            .take_while(move |(path, _)| path.as_str().starts_with(folder.as_str()))
            .filter(move |(path, _)| path.below(folder).is_some())
            .map(|(path, entry)| (path, *entry))
    }
}

fn read_entry(entry: &git2::IndexEntry) -> Option<(RepoPath, IndexEntry)> {
    let extended = |flag: IndexEntryExtendedFlag| entry.flags_extended & flag.bits() != 0;
    if extended(IndexEntryExtendedFlag::INTENT_TO_ADD) {
        return None;
    }
    let path = std::str::from_utf8(&entry.path).ok()?;
    let unmerged = (entry.flags >> 12) & 3 != 0;
    let skip_worktree = extended(IndexEntryExtendedFlag::SKIP_WORKTREE);
    let mode = file_mode(entry.mode)?;
    Some((RepoPath::default().child(path), IndexEntry { mode, id: oid(entry.id), unmerged, skip_worktree }))
}

fn file_mode(mode: u32) -> Option<Mode> {
    match mode {
        0o120_000 => Some(Mode::Symlink),
        0o100_755 => Some(Mode::Executable),
        0o160_000 => Some(Mode::Submodule),
        mode if mode & 0o170_000 == 0o100_000 => Some(Mode::File),
        _ => None,
    }
}
