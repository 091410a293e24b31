use std::collections::HashSet;
use std::path::Path;

use anyhow::Result;
use git2::{ErrorClass, IndexEntryExtendedFlag};

use super::{Git, Mode, Repo, blob_id, oid};
use crate::domain::{Fail, Oid, RepoPath};

/// The id of the tree without entries, which every repository knows.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

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
    /// The size in bytes that the file had on disk when git last looked; 0 where git does not know.
    pub disk_size: u32,
}

/// The files of the git index, as `git commit` would record them: entries that are only announced
/// (`git add -N`) are not there.
pub struct IndexFiles {
    entries: Vec<(RepoPath, IndexEntry)>,
}

impl Repo {
    /// Reads the index that the environment names (`GIT_INDEX_FILE`), else the worktree's own.
    pub fn index(&self) -> Result<IndexFiles> {
        let index = match self.index_of_environment() {
            Some(file) => git2::Index::open(&file),
            // It may have been written since it was read first.
            None => self.inner.index().and_then(|mut index| index.read(false).map(|()| index)),
        };
        match index {
            Ok(index) => Ok(IndexFiles::new(index.iter().filter_map(|entry| read_entry(&entry)))),
            // A split or a sparse index is more than libgit2 reads; git itself lists it.
            Err(error) if error.class() == ErrorClass::Index => list_index(&Git::new(self)),
            Err(error) => Err(unreadable(error.message()).into()),
        }
    }

    /// Reads another index file of this repository.
    pub fn index_at(&self, file: &Path) -> Result<IndexFiles> {
        list_index(&Git::new(self).with_index(file))
    }
}

/// The index as git lists it, whatever its form.
fn list_index(git: &Git<'_>) -> Result<IndexFiles> {
    let listing =
        git.output(&["ls-files", "-t", "--stage", "-z"]).map_err(|error| unreadable(&error.to_string()))?;
    let mut entries = Vec::new();
    for line in listing.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let unread = || unreadable(&format!("git ls-files printed {line:?}"));
        let (facts, path) = line.split_once('\t').ok_or_else(unread)?;
        let mut facts = facts.split(' ');
        let (tag, mode, id, stage) = (facts.next(), facts.next(), facts.next(), facts.next());
        let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok()).and_then(file_mode);
        let id = id.and_then(|id| git2::Oid::from_str(id).ok()).map(oid).ok_or_else(unread)?;
        let Some(mode) = mode else { continue };
        let entry = IndexEntry {
            mode,
            id,
            unmerged: stage != Some("0"),
            skip_worktree: tag == Some("S"),
            disk_size: 0,
        };
        entries.push((RepoPath::default().child(path), entry));
    }
    // The listing shows a file that is only announced as an empty one; a comparison leaves it out. (Of the
    // folders that a sparse index leaves out, it shows no files.)
    let empty = blob_id(b"");
    let may_be_announced = |entry: &IndexEntry| Some(entry.id) == empty && !entry.skip_worktree;
    if entries.iter().any(|(_, entry)| may_be_announced(entry)) {
        let args = ["diff-index", "--cached", "--ita-invisible-in-index", "--name-only", "-z", EMPTY_TREE];
        let staged = git.output(&args)?;
        let staged: HashSet<&[u8]> = staged.split(|byte| *byte == 0).collect();
        entries.retain(|(path, entry)| !may_be_announced(entry) || staged.contains(path.as_str().as_bytes()));
    }
    Ok(IndexFiles::new(entries.into_iter()))
}

fn unreadable(why: &str) -> Fail {
    Fail::new(format!("the git index can't be read: {why}"))
        .help("make it readable; where it is broken, delete it: `git reset` makes it anew from HEAD")
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
    let entry = IndexEntry { mode, id: oid(entry.id), unmerged, skip_worktree, disk_size: entry.file_size };
    Some((RepoPath::default().child(path), entry))
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
