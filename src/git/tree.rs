use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use anyhow::Result;
use git2::ObjectType;

use super::{Mode, Repo, object_error, oid};
use crate::domain::{Fail, Oid, RepoPath, SortedMap, SortedSet};

/// The files of one commit, which is not read before one of them is asked for.
pub struct Tree<'repo> {
    repo: &'repo Repo,
    commit: Oid,
    root: OnceCell<git2::Tree<'repo>>,
    /// The folders in which something was looked for: libgit2 reads a large one anew each time.
    folders: RefCell<SortedMap<RepoPath, git2::Tree<'repo>>>,
}

/// One name in a folder of a tree.
#[derive(Debug, Clone)]
pub struct TreeEntry {
    /// The path from the repository's root.
    pub path: RepoPath,
    /// What it is.
    pub mode: Mode,
    /// The id of the blob, tree or commit.
    pub id: Oid,
}

impl Repo {
    /// The files of a commit.
    pub fn tree(&self, commit: Oid) -> Tree<'_> {
        Tree { repo: self, commit, root: OnceCell::new(), folders: RefCell::default() }
    }
}

impl<'repo> Tree<'repo> {
    fn root(&self) -> Result<&git2::Tree<'repo>> {
        if let Some(root) = self.root.get() {
            return Ok(root);
        }
        let id = super::raw(self.commit)?;
        let commit = self.repo.inner.find_commit(id).map_err(|error| object_error(id, &error))?;
        let root = commit.tree().map_err(|error| object_error(commit.tree_id(), &error))?;
        Ok(self.root.get_or_init(|| root))
    }

    /// The entry at a path; `None` where there is none.
    pub fn entry(&self, path: &RepoPath) -> Result<Option<TreeEntry>> {
        if path.is_root() {
            let id = oid(self.root()?.id());
            return Ok(Some(TreeEntry { path: path.clone(), mode: Mode::Folder, id }));
        }
        let name = path.file_name();
        // No tree has such a name, and libgit2 can't be asked for it.
        if name.contains('\0') {
            return Ok(None);
        }
        let named = |tree: &git2::Tree<'_>| {
            let entry = tree.get_name(name)?;
            mode(&entry).map(|mode| TreeEntry { path: path.clone(), mode, id: oid(entry.id()) })
        };
        let folder = path.parent();
        if folder.is_root() {
            return Ok(named(self.root()?));
        }
        if !self.folders.borrow().contains_key(&folder) {
            let Some(TreeEntry { mode: Mode::Folder, id, .. }) = self.entry(&folder)? else {
                return Ok(None);
            };
            let id = super::raw(id)?;
            let tree = self.repo.inner.find_tree(id).map_err(|error| object_error(id, &error))?;
            self.folders.borrow_mut().insert(folder.clone(), tree);
        }
        Ok(self.folders.borrow().get(&folder).and_then(named))
    }

    /// The files that both this tree and an older one have, with other bytes. Names that are not UTF-8 are
    /// left out.
    pub fn modified(&self, older: &Self) -> Result<SortedSet<RepoPath>> {
        let mut options = git2::DiffOptions::new();
        options.ignore_submodules(true).skip_binary_check(true);
        let diff =
            self.repo.inner.diff_tree_to_tree(Some(older.root()?), Some(self.root()?), Some(&mut options));
        let diff = diff.map_err(|error| {
            Fail::new(format!("two commits can't be compared: {}", error.message()))
                .help("git fsck says what is broken")
        })?;
        let modified = diff.deltas().filter(|delta| delta.status() == git2::Delta::Modified);
        let path = |delta: git2::DiffDelta<'_>| RepoPath::parse(delta.new_file().path()?.to_str()?).ok();
        Ok(modified.filter_map(path).collect())
    }

    /// What lies below a folder, `depth` levels deep at most, folders before what they hold. Names
    /// that are not UTF-8 are left out.
    pub fn walk(&self, folder: &RepoPath, depth: usize) -> Result<Vec<TreeEntry>> {
        let mut found = Vec::new();
        let mut open = match self.entry(folder)? {
            Some(entry) if entry.mode == Mode::Folder => vec![(entry, depth)],
            _ => Vec::new(),
        };
        while let Some((folder, depth)) = open.pop() {
            let id = super::raw(folder.id)?;
            let tree = self.repo.inner.find_tree(id).map_err(|error| object_error(id, &error))?;
            for entry in &tree {
                let (Ok(name), Some(mode)) = (entry.name(), mode(&entry)) else { continue };
                let entry = TreeEntry { path: folder.path.child(name), mode, id: oid(entry.id()) };
                if mode == Mode::Folder && depth > 1 {
                    open.push((entry.clone(), depth - 1));
                }
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// A name below a folder that is not UTF-8, which `walk` leaves out; as well as it can be shown.
    pub fn odd_name(&self, folder: &RepoPath) -> Result<Option<String>> {
        let mut open = match self.entry(folder)? {
            Some(entry) if entry.mode == Mode::Folder => vec![super::raw(entry.id)?],
            _ => Vec::new(),
        };
        while let Some(id) = open.pop() {
            let tree = self.repo.inner.find_tree(id).map_err(|error| object_error(id, &error))?;
            for entry in &tree {
                if entry.name().is_err() {
                    return Ok(Some(String::from_utf8_lossy(entry.name_bytes()).into_owned()));
                }
                if entry.kind() == Some(ObjectType::Tree) {
                    open.push(entry.id());
                }
            }
        }
        Ok(None)
    }
}

/// The folders of a repository that were looked through for a file, by their ids and by how deep: commits
/// share most of them.
#[derive(Default)]
pub(super) struct Searched {
    folders: HashMap<(git2::Oid, usize), Rc<[String]>>,
}

impl Tree<'_> {
    /// The folders that hold a Chart.yaml, as paths in the order of that file's, those inside another left out.
    /// The file itself lies `depth` levels deep at most.
    pub fn charts(&self, depth: usize) -> Result<Vec<RepoPath>> {
        let mut searched = self.repo.searched.borrow_mut();
        let found = self.repo.charts_below(self.root()?.id(), depth, &mut searched)?;
        Ok(found.iter().map(|folder| RepoPath::default().child(folder)).collect())
    }
}

impl Repo {
    fn charts_below(&self, id: git2::Oid, depth: usize, searched: &mut Searched) -> Result<Rc<[String]>> {
        if let Some(known) = searched.folders.get(&(id, depth)) {
            return Ok(Rc::clone(known));
        }
        let tree = self.inner.find_tree(id).map_err(|error| object_error(id, &error))?;
        let mut found = Vec::new();
        for entry in tree.iter().filter(|_| depth > 0) {
            match (entry.name(), mode(&entry)) {
                // What lies deeper belongs to this chart.
                (Ok("Chart.yaml"), Some(Mode::File | Mode::Executable)) => {
                    found = vec![String::new()];
                    break;
                }
                (Ok(name), Some(Mode::Folder)) => {
                    let below = self.charts_below(entry.id(), depth - 1, searched)?;
                    let path = |rest: &String| {
                        if rest.is_empty() { name.to_owned() } else { format!("{name}/{rest}") }
                    };
                    found.extend(below.iter().map(path));
                }
                _ => {}
            }
        }
        let found: Rc<[String]> = found.into();
        searched.folders.insert((id, depth), Rc::clone(&found));
        Ok(found)
    }
}

fn mode(entry: &git2::TreeEntry<'_>) -> Option<Mode> {
    match (entry.kind(), entry.filemode()) {
        (Some(ObjectType::Blob), 0o120_000) => Some(Mode::Symlink),
        (Some(ObjectType::Blob), 0o100_755) => Some(Mode::Executable),
        (Some(ObjectType::Blob), _) => Some(Mode::File),
        (Some(ObjectType::Tree), _) => Some(Mode::Folder),
        (Some(ObjectType::Commit), _) => Some(Mode::Submodule),
        _ => None,
    }
}
