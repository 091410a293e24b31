//! Where bytes come from: one read-only view for the working tree, the index, a commit, and memory.
//!
//! Symbolic links are followed here, in the view itself, as git recorded them; one that leaves the
//! repository is not.

mod commit;
mod index;
mod memory;
pub mod outside;
mod worktree;
pub mod write;

use anyhow::Result;

use crate::domain::{PathError, RepoPath};
use crate::finding::Subject;

pub use commit::CommitFiles;
pub use index::StagedFiles;
pub use memory::MemoryFiles;
pub use worktree::Worktree;

/// Files over this size, in bytes, are not read.
pub const SIZE_LIMIT: u64 = 10 * 1024 * 1024;

/// How many symbolic links a path may lead over, as in Linux.
const LINK_LIMIT: usize = 40;

/// A read-only view of the files of one state.
pub trait Snapshot {
    /// What state this is.
    fn subject(&self) -> Subject;

    /// What lies at a path, symbolic links not followed; `None` where there is nothing.
    fn stat(&self, path: &RepoPath) -> Result<Option<Stat>>;

    /// The bytes of a file, or a symbolic link's target; `None` where it is over `SIZE_LIMIT`.
    fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>>;

    /// What lies below a folder that is no link, at most `depth` levels deep, in the order of paths;
    /// links not followed, `.git` and names that are not UTF-8 left out.
    fn list(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>>;

    /// The same for a folder that may be a link, or lie behind one.
    fn walk(&self, folder: &RepoPath, depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
        let Ok(Some((real, Stat::Folder))) = resolve(self, folder)? else { return Ok(Vec::new()) };
        let mut found = self.list(&real, depth)?;
        for (path, _) in found.iter_mut().filter(|_| real != *folder) {
            *path = folder.child(path.below(&real).unwrap_or_default());
        }
        Ok(found)
    }

    /// The folders that hold a Chart.yaml, charts inside charts left out; the file itself lies `depth` levels
    /// deep at most.
    fn chart_folders(&self, depth: usize) -> Result<Vec<RepoPath>> {
        let mut found: Vec<RepoPath> = Vec::new();
        for (path, stat) in self.walk(&RepoPath::default(), depth)? {
            let folder = path.parent();
            let is_chart = path.file_name() == "Chart.yaml" && matches!(stat, Stat::File { .. });
            if is_chart && !found.iter().any(|outer| folder.below(outer).is_some()) {
                found.push(folder);
            }
        }
        Ok(found)
    }

    /// Why a file that should be there may be missing from this view though the project has it.
    fn absence(&self, path: &RepoPath) -> Option<String> {
        unfollowed(self, path)
    }
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stat {
    /// A file, with its size in bytes.
    File {
        /// Its size in bytes.
        size: u64,
    },
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A submodule, a socket, a device.
    Other,
    /// A file with an unresolved conflict.
    Unmerged,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct File {
    /// Where its bytes really lie, symbolic links followed; the place to write to.
    pub path: RepoPath,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a path gives no bytes although something is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// A folder stands in the file's place.
    Folder,
    /// A submodule, socket or device stands there.
    Special,
    /// A symbolic link that leads out of the repository, in circles, or to nothing.
    Link(String),
    /// It is git's own.
    Git,
    /// Larger than `SIZE_LIMIT`.
    TooLarge,
    /// A merge conflict is not resolved yet.
    Unmerged,
    /// The system refused.
    Denied(String),
}

/// The file at a path, symbolic links followed: `Ok(None)` where there is nothing, the inner error
/// where there is something else than a readable file, the outer one where the state can't be judged.
pub fn read(files: &dyn Snapshot, path: &RepoPath) -> Result<Result<Option<File>, Unreadable>> {
    let (path, stat) = match resolve(files, path)? {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Ok(None)),
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    let size = match stat {
        Stat::File { size } => size,
        Stat::Folder => return Ok(Err(Unreadable::Folder)),
        Stat::Unmerged => return Ok(Err(Unreadable::Unmerged)),
        Stat::Symlink | Stat::Other => return Ok(Err(Unreadable::Special)),
    };
    if size > SIZE_LIMIT {
        return Ok(Err(Unreadable::TooLarge));
    }
    match files.bytes(&path) {
        Ok(Some(bytes)) => Ok(Ok(Some(File { path, bytes }))),
        Ok(None) => Ok(Err(Unreadable::TooLarge)),
        Err(error) => match error.downcast_ref::<std::io::Error>() {
            Some(refused) => Ok(Err(Unreadable::Denied(refused.to_string()))),
            None => Err(error),
        },
    }
}

/// Where a path really lies, symbolic links followed.
pub fn resolve<S: Snapshot + ?Sized>(
    files: &S,
    path: &RepoPath,
) -> Result<Result<Option<(RepoPath, Stat)>, Unreadable>> {
    let mut todo: Vec<String> = path.parts().map(str::to_owned).collect();
    todo.reverse();
    // So many of the parts that are still to do were asked for; those above came from a link's target.
    let mut asked = todo.len();
    let mut at = RepoPath::default();
    let mut stat = Stat::Folder;
    let mut links = 0;
    while let Some(part) = todo.pop() {
        let from_link = todo.len() >= asked;
        asked = asked.min(todo.len());
        if part.eq_ignore_ascii_case(".git") {
            return Ok(Err(Unreadable::Git));
        }
        if part == ".." {
            let Ok(above) = at.join(&part) else {
                return Ok(Err(Unreadable::Link(PathError::Leaves.to_string())));
            };
            at = above;
            stat = Stat::Folder;
            continue;
        }
        // A name from a listing or a link may hold what no path of a config may.
        let next = at.child(&part);
        stat = match files.stat(&next)? {
            Some(stat) => stat,
            None if from_link => {
                return Ok(Err(Unreadable::Link(format!("{next}, where it leads, is missing"))));
            }
            None => return Ok(Ok(None)),
        };
        if stat == Stat::Other && !todo.is_empty() {
            return Ok(Ok(None));
        }
        if stat != Stat::Symlink {
            at = next;
            continue;
        }
        links += 1;
        // A link to `.` leads to the folder that it lies in.
        stat = Stat::Folder;
        let target = files.bytes(&next)?.unwrap_or_default();
        let Ok(target) = String::from_utf8(target) else {
            return Ok(Err(Unreadable::Link("its target is not UTF-8".to_owned())));
        };
        if links > LINK_LIMIT {
            return Ok(Err(Unreadable::Link("it leads in circles".to_owned())));
        }
        if target.starts_with('/') {
            return Ok(Err(Unreadable::Link(format!("{target} is outside the repository"))));
        }
        todo.extend(
            target.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).rev(),
        );
    }
    Ok(Ok(Some((at, stat))))
}

/// Why what lies at a path can't be followed to where it leads.
fn unfollowed<S: Snapshot + ?Sized>(files: &S, path: &RepoPath) -> Option<String> {
    let why = resolve(files, path).ok()?.err()?;
    Some(format!("{path} can't be looked into: {why}; {}", why.way_out()))
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder => f.write_str("a folder stands in its place"),
            Self::Special => f.write_str("it is no file"),
            Self::Link(why) => write!(f, "its symbolic link can't be followed: {why}"),
            Self::Git => f.write_str("it lies in git's own folder"),
            Self::TooLarge => write!(f, "it is over {} MiB", SIZE_LIMIT / 1024 / 1024),
            Self::Unmerged => f.write_str("it has an unresolved merge conflict"),
            Self::Denied(why) => f.write_str(why),
        }
    }
}

impl Unreadable {
    /// What to do about it.
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Folder | Self::Special => "put a plain file there",
            Self::Link(_) => "point the link at a file of this repository, or put the file itself there",
            Self::Git => "name a file that git tracks",
            Self::TooLarge => "a file of this kind holds a few kilobytes; move the bulk elsewhere",
            Self::Unmerged => "resolve the conflict, then `git add` the file",
            Self::Denied(_) => "make the file readable",
        }
    }
}
