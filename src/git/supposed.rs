//! A repository as it would be once some things were done: new objects lie in a folder of their own, and refs are
//! only said. What is planned after them is planned by the same code as on what is there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use git2::{ObjectType, Repository, Signature};
use tempfile::TempDir;

use super::{BranchCommit, Head, Repo, environment};
use crate::domain::Oid;

/// What is supposed to be done.
pub(super) struct Supposed {
    /// A repository that sees the objects of the real one, and keeps the new ones.
    store: Repository,
    said: RefCell<Said>,
    _folder: TempDir,
}

#[derive(Default)]
struct Said {
    /// The refs that changed, by their full names.
    refs: BTreeMap<String, Oid>,
    /// The refs that were pushed, by the remote and their full names there.
    pushed: BTreeMap<(String, String), Oid>,
    /// The branch that is checked out.
    branch: Option<String>,
    /// The paths whose changes on disk are committed.
    committed: BTreeSet<String>,
    /// The tag objects that were made.
    tags: BTreeSet<Oid>,
}

/// So many folders of objects are looked through; git itself follows five, one to the next.
const FOLDERS: usize = 16;

impl Repo {
    /// What is supposed; from now on something is.
    fn suppose(&self) -> Result<&Supposed> {
        if let Some(supposed) = self.supposed.get() {
            return Ok(supposed);
        }
        let folder = tempfile::tempdir().context("a folder for what is planned can't be made")?;
        let store =
            Repository::init_bare(folder.path()).context("a repository for what is planned can't be made")?;
        for objects in self.object_folders()? {
            store.odb()?.add_disk_alternate(&objects.display().to_string())?;
        }
        self.inner.odb()?.add_disk_alternate(&store.path().join("objects").display().to_string())?;
        Ok(self.supposed.get_or_init(|| Supposed { store, said: RefCell::default(), _folder: folder }))
    }

    /// The folders that this repository's objects lie in.
    fn object_folders(&self) -> Result<Vec<PathBuf>> {
        let own = environment::variable("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
        let mut found = vec![std::path::absolute(own.unwrap_or_else(|| self.common_dir().join("objects")))?];
        let others = environment::variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        found.extend(std::env::split_paths(&others).filter(|path| path.is_absolute()));
        let mut at = 0;
        while let Some(folder) = found.get(at).filter(|_| at < FOLDERS) {
            let listed = std::fs::read_to_string(folder.join("info/alternates")).unwrap_or_default();
            let lines = listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
            let lines: Vec<PathBuf> = lines.map(|line| folder.join(line)).collect();
            found.extend(lines);
            at += 1;
        }
        Ok(found)
    }

    /// Supposes that a ref is at an object.
    pub fn suppose_ref(&self, name: &str, at: Oid) -> Result<()> {
        self.suppose()?.said.borrow_mut().refs.insert(name.to_owned(), at);
        Ok(())
    }

    /// Supposes that a remote took an object for a ref, and that this clone knows of it.
    pub fn suppose_pushed(&self, remote: &str, name: &str, at: Oid) -> Result<()> {
        let here = self.tracked(remote, name);
        let said = &mut self.suppose()?.said.borrow_mut();
        said.pushed.insert((remote.to_owned(), name.to_owned()), at);
        said.refs.extend(here.map(|here| (here, at)));
        Ok(())
    }

    /// Supposes that a branch is checked out.
    pub fn suppose_checkout(&self, branch: &str) -> Result<()> {
        self.suppose()?.said.borrow_mut().branch = Some(branch.to_owned());
        Ok(())
    }

    /// Supposes a commit on a branch, and that what its files have on disk is in it.
    pub fn suppose_commit(&self, commit: &BranchCommit) -> Result<()> {
        let supposed = self.suppose()?;
        let store = &supposed.store;
        let tree = store.find_tree(super::branch_commit::tree_with(store, commit.parent, &commit.files)?)?;
        let parent = commit.parent.map(|parent| store.find_commit(super::raw(parent)?)).transpose()?;
        let (who, parents) = (nobody()?, parent.iter().collect::<Vec<_>>());
        let made = store.commit(None, &who, &who, &commit.message, &tree, &parents)?;
        self.suppose_ref(&format!("refs/heads/{}", commit.branch), super::oid(made))?;
        let paths = commit.files.iter().map(|(path, _)| path.to_string());
        supposed.said.borrow_mut().committed.extend(paths);
        Ok(())
    }

    /// Supposes an annotated tag.
    pub fn suppose_tag(&self, name: &str, at: Oid, message: &str) -> Result<()> {
        let store = &self.suppose()?.store;
        let target = store.find_object(super::raw(at)?, Some(ObjectType::Commit))?;
        let made = super::oid(store.tag_annotation_create(name, &target, &nobody()?, message)?);
        self.suppose()?.said.borrow_mut().tags.insert(made);
        self.suppose_ref(&format!("refs/tags/{name}"), made)
    }

    /// Whether the files that are checked out are supposed, as those of a commit.
    pub fn supposes_files(&self) -> bool {
        self.said(|said| said.branch.is_some() || !said.committed.is_empty()).unwrap_or_default()
    }

    /// Whether the change of a file on disk is supposed to be committed.
    pub fn supposes_committed(&self, path: &str) -> bool {
        self.said(|said| said.committed.contains(path)).unwrap_or_default()
    }

    /// Whether a tag object is one that is only supposed: git will sign it where it has to.
    pub(super) fn supposes_tag(&self, object: Oid) -> bool {
        self.said(|said| said.tags.contains(&object)).unwrap_or_default()
    }

    /// What a ref is supposed to be at.
    pub(super) fn supposed_ref(&self, name: &str) -> Option<Oid> {
        self.said(|said| said.refs.get(name).copied()).flatten()
    }

    /// A list of refs, by what follows a prefix, with those that are supposed.
    pub(super) fn with_supposed(
        &self,
        prefix: &str,
        list: Rc<BTreeMap<String, Oid>>,
    ) -> Rc<BTreeMap<String, Oid>> {
        let below = |said: &Said| {
            let below = said.refs.iter().filter_map(|(name, at)| Some((name.strip_prefix(prefix)?, *at)));
            below.map(|(name, at)| (name.to_owned(), at)).collect::<Vec<_>>()
        };
        let Some(below) = self.said(below).filter(|below| !below.is_empty()) else { return list };
        let mut list = BTreeMap::clone(&list);
        list.extend(below);
        Rc::new(list)
    }

    /// What a remote said, with what it is supposed to have been given.
    pub(super) fn with_pushed(&self, remote: &str, names: &[&str], answer: &mut BTreeMap<String, Oid>) {
        self.said(|said| {
            for ((to, name), at) in &said.pushed {
                if to == remote && names.contains(&name.as_str()) {
                    answer.insert(name.clone(), *at);
                }
            }
        });
    }

    /// What is checked out, where that is supposed.
    pub(super) fn supposed_head(&self, real: Head) -> Result<Head> {
        let Some(supposed) = self.said(|said| said.branch.clone()) else { return Ok(real) };
        let branch = supposed.or(real.branch);
        let commit = branch.as_ref().map(|name| self.find_ref(&format!("refs/heads/{name}"))).transpose()?;
        Ok(Head { branch, commit: commit.flatten().or(real.commit) })
    }

    /// The folder of the supposed objects, for the git program.
    pub(super) fn supposed_objects(&self) -> Option<PathBuf> {
        self.supposed.get().map(|supposed| supposed.store.path().join("objects"))
    }

    fn said<T>(&self, ask: impl FnOnce(&Said) -> T) -> Option<T> {
        self.supposed.get().map(|supposed| ask(&supposed.said.borrow()))
    }
}

/// Who makes what is never made.
fn nobody() -> Result<Signature<'static>, git2::Error> {
    Signature::now("relguard", "relguard@localhost")
}
