use std::io::ErrorKind;
use std::path::Path;

use anyhow::Result;

use super::{Git, Mode, Repo, blob_id, index_file, oid};
use crate::domain::{Fail, Oid, RepoPath, SortedSet, order};

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
        let file = self.index_of_environment().unwrap_or_else(|| self.git_dir().join("index"));
        match std::fs::read(file) {
            Ok(bytes) => match index_file::read(&bytes) {
                Some(entries) => Ok(IndexFiles::new(entries)),
                None => list_index(&Git::new(self)),
            },
            // Nothing was ever added.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(IndexFiles::new(Vec::new())),
            Err(error) => Err(unreadable(&error.to_string()).into()),
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
        let staged: SortedSet<&[u8]> = staged.split(|byte| *byte == 0).collect();
        entries.retain(|(path, entry)| !may_be_announced(entry) || staged.contains(path.as_str().as_bytes()));
    }
    Ok(IndexFiles::new(entries))
}

fn unreadable(why: &str) -> Fail {
    Fail::new(format!("the git index can't be read: {why}"))
        .help("make it readable; where it is broken, delete it: `git reset` makes it anew from HEAD")
}

impl IndexFiles {
    fn new(mut entries: Vec<(RepoPath, IndexEntry)>) -> Self {
        order::sort_by(&mut entries, |a, b| a.0.cmp(&b.0));
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

pub(super) fn file_mode(mode: u32) -> Option<Mode> {
    match mode {
        0o120_000 => Some(Mode::Symlink),
        0o100_755 => Some(Mode::Executable),
        0o160_000 => Some(Mode::Submodule),
        mode if mode & 0o170_000 == 0o100_000 => Some(Mode::File),
        _ => None,
    }
}
