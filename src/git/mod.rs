//! Git: the only place that names git2, and the only place that spawns the git program.
//!
//! The repository is opened from the environment, as a hook is given it (`GIT_DIR`, `GIT_INDEX_FILE`,
//! `GIT_WORK_TREE`, `GIT_OBJECT_DIRECTORY` and the rest). libgit2 ignores replace refs and grafts.

mod branch_commit;
mod changes;
mod commits;
mod elsewhere;
pub mod environment;
mod history;
mod hooks;
mod index;
mod index_file;
mod new_index;
mod numbers;
mod objects;
mod packed_refs;
mod patches;
mod program;
mod promised;
mod reach;
mod ref_store;
mod refs;
mod settings;
mod supposed;
mod temporary;
mod tracking;
mod tree;
mod updates;

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};

use anyhow::Result;
use git2::{ErrorClass, ErrorCode};

use crate::domain::{Fail, Oid};
use ref_store::RefStore;
use tracking::TrackedRemotes;
use tree::Searched;

pub use branch_commit::BranchCommit;
pub use changes::Changes;
pub use commits::{Commit, Parents, Person};
pub use elsewhere::Elsewhere;
pub use history::{Distance, History};
pub use hooks::HooksFolder;
pub use index::{IndexEntry, IndexFiles};
pub use new_index::{LockedIndex, NewIndex};
pub use objects::{ObjectKind, Peeled};
pub use patches::{Compared, Patch, Watched};
pub use program::{Git, blob_id, run as run_program, said_by_git};
pub use reach::{Node, Reach};
pub use ref_store::RefList;
pub use refs::{Head, is_ref_name};
pub use settings::Setting;
pub use tree::{Tree, TreeEntry};
pub use updates::RefUpdate;

/// What kind of thing a path of a tree or of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// A file with the executable bit.
    Executable,
    /// A symbolic link; its blob is the target.
    Symlink,
    /// A folder.
    Folder,
    /// A submodule's commit.
    Submodule,
}

impl Mode {
    /// What stands there instead, as messages say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::File | Self::Executable => "a file stands in its place",
            Self::Symlink => "a symbolic link stands in its place",
            Self::Folder => "a folder stands in its place",
            Self::Submodule => "a submodule stands in its place",
        }
    }
}

/// An open repository.
pub struct Repo {
    inner: git2::Repository,
    refs: OnceCell<RefStore>,
    searched: RefCell<Searched>,
    tracked: TrackedRemotes,
    surroundings: elsewhere::Surroundings,
    supposed: OnceCell<supposed::Supposed>,
}

impl Repo {
    /// Opens the repository that the environment or the current folder names.
    pub fn open() -> Result<Self> {
        // Reading a blob back to check its hash costs as much as reading it; git does not do it either.
        git2::opts::strict_hash_verification(false);
        let inner = git2::Repository::open_from_env().map_err(|error| open_error(&error))?;
        if let Some(top) = worktree_of_environment(&inner) {
            inner.set_workdir(&std::path::absolute(top)?, false)?;
        }
        Ok(Self::new(inner, elsewhere::Surroundings::default()))
    }

    /// Opens a repository of our own, whatever the environment names.
    fn at(folder: &Path, surroundings: elsewhere::Surroundings) -> Result<Self> {
        let inner = git2::Repository::open(folder).map_err(|error| open_error(&error))?;
        Ok(Self::new(inner, surroundings))
    }

    fn new(inner: git2::Repository, surroundings: elsewhere::Surroundings) -> Self {
        Self {
            inner,
            refs: OnceCell::new(),
            searched: RefCell::default(),
            tracked: RefCell::default(),
            surroundings,
            supposed: OnceCell::new(),
        }
    }

    /// The refs as they are when they are first asked for.
    fn ref_store(&self) -> &RefStore {
        self.refs.get_or_init(|| RefStore::new(self.common_dir()))
    }

    /// The index that the environment names. Git begins a relative path at the top of the working tree,
    /// wherever it is started; libgit2 begins it at the current folder.
    fn index_of_environment(&self) -> Option<PathBuf> {
        let file = PathBuf::from(environment::variable("GIT_INDEX_FILE")?);
        Some(self.workdir().map_or(file.clone(), |top| top.join(file)))
    }

    /// The folder of the checked-out files; `None` in a bare repository.
    pub fn workdir(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// Whether there are no checked-out files.
    pub fn is_bare(&self) -> bool {
        self.inner.is_bare()
    }

    /// The git directory of this worktree (`.git`, or `.git/worktrees/NAME`).
    pub fn git_dir(&self) -> &Path {
        self.inner.path()
    }

    /// The git directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        self.inner.commondir()
    }

    /// Whether the history ends early because the clone was cut.
    pub fn is_shallow(&self) -> bool {
        !self.shallow_boundary().is_empty()
    }

    /// A string of git's configuration, all scopes; `None` where it is not set.
    pub fn config(&self, key: &str) -> Option<String> {
        self.inner.config().ok()?.get_string(key).ok()
    }

    /// A flag of git's configuration; not set is off.
    pub fn config_flag(&self, key: &str) -> bool {
        self.inner.config().and_then(|config| config.get_bool(key)).unwrap_or_default()
    }

    /// The bytes of a blob, unless it is larger than `limit` bytes.
    pub fn blob(&self, id: Oid, limit: u64) -> Result<Option<Vec<u8>>> {
        let id = raw(id)?;
        let odb = self.inner.odb()?;
        let (size, _) = odb.read_header(id).map_err(|error| object_error(id, &error))?;
        if size as u64 > limit {
            return Ok(None);
        }
        Ok(Some(odb.read(id).map_err(|error| object_error(id, &error))?.data().to_vec()))
    }

    /// The size of a blob in bytes, without reading it.
    pub fn blob_size(&self, id: Oid) -> Result<u64> {
        let id = raw(id)?;
        let (size, _) = self.inner.odb()?.read_header(id).map_err(|error| object_error(id, &error))?;
        Ok(size as u64)
    }

    /// Stores a blob and returns its id.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        let id = self.inner.blob(bytes).map_err(|error| {
            Fail::new(format!(
                "the repository can't store a file's new content: {}; nothing was changed",
                error.message()
            ))
            .help("make room on its disk, and its `objects` folder writable")
        })?;
        Ok(oid(id))
    }

    /// The other parents of the merge that is being concluded; empty outside a merge. While `git merge`
    /// runs its hook, only its environment names them (`GITHEAD_<id>`).
    pub fn merge_heads(&self) -> Vec<Oid> {
        let text = std::fs::read_to_string(self.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        let names = environment::variables().map(|(name, _)| name);
        let merging = names.filter_map(|name| name.strip_prefix("GITHEAD_").map(str::to_owned));
        let ids = text.lines().map(|line| line.trim().to_owned()).chain(merging);
        ids.filter_map(|id| git2::Oid::from_str(&id).ok()).map(oid).collect()
    }
}

/// The top of the working tree, where the environment names the repository: libgit2 begins a relative
/// `GIT_WORK_TREE` at the git directory, and without one takes the folder that holds it. Git does both
/// with the current folder.
fn worktree_of_environment(repo: &git2::Repository) -> Option<PathBuf> {
    let named = |name: &str| environment::variable(name).map(PathBuf::from);
    if repo.is_worktree() {
        return None;
    }
    named("GIT_WORK_TREE").or_else(|| {
        named("GIT_DIR").filter(|_| !repo.is_bare())?;
        let configured = repo.config().is_ok_and(|config| config.get_entry("core.worktree").is_ok());
        let here = environment::current_dir().filter(|_| !configured)?;
        Some(here).filter(|here| !here.starts_with(repo.path()))
    })
}

fn oid(id: git2::Oid) -> Oid {
    let mut bytes = [0; 20];
    bytes.iter_mut().zip(id.as_bytes()).for_each(|(to, from)| *to = *from);
    Oid::new(bytes)
}

fn raw(id: Oid) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_bytes(id.as_bytes())
}

fn open_error(error: &git2::Error) -> Fail {
    let message = error.message();
    match error.code() {
        ErrorCode::NotFound if environment::variable("GIT_DIR").is_some() => {
            Fail::new("GIT_DIR names no git repository")
                .help("unset GIT_DIR, or set it to a repository's folder")
        }
        ErrorCode::NotFound => Fail::new("there is no git repository here")
            .help("run relguard inside a clone of the project, or name one with `-C DIR`"),
        ErrorCode::Owner => Fail::new("the repository belongs to another user, so git does not trust it")
            .help("if you do: git config --global --add safe.directory \"$PWD\""),
        _ if message.contains("sha256") || message.contains("object format") => {
            Fail::new("the repository stores its objects as SHA-256, which relguard can't read")
                .help("use a repository in SHA-1, git's default format")
        }
        _ if message.contains("refstorage") || message.contains("reftable") => {
            Fail::new("the repository stores its refs as reftable, which relguard can't read")
                .help("git refs migrate --ref-format=files")
        }
        _ => Fail::new(format!("the repository can't be opened: {message}")).help("git status says more"),
    }
}

fn object_error(id: git2::Oid, error: &git2::Error) -> Fail {
    if error.code() == ErrorCode::NotFound || error.class() == ErrorClass::Odb {
        return Fail::new(format!("object {id} is missing from the repository: {}", error.message())).help(
            "in a partial clone: git fetch --refetch --no-filter; otherwise `git fsck` says what is broken",
        );
    }
    Fail::new(format!("object {id} can't be read: {}", error.message())).help("git fsck says what is broken")
}
