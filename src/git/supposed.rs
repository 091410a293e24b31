//! A repository as it would be once some things were done: new objects lie in a folder of their own, and refs are
//! only said. What is planned after them is planned by the same code as on what is there.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use git2::{ObjectType, Repository, Signature};
use tempfile::TempDir;

use super::ref_store::RefList;
use super::{BranchCommit, Git, Head, Repo, environment};
use crate::domain::{Oid, RepoPath, SortedMap, SortedSet};

/// What is supposed to be done.
pub(super) struct Supposed {
    /// A repository that sees the objects of the real one, and keeps the new ones.
    store: Repository,
    said: RefCell<Said>,
    _folder: TempDir,
}

#[derive(Default)]
struct Said {
    /// The refs that changed, by their full names; `None`: one that is gone.
    refs: SortedMap<String, Option<Oid>>,
    /// The refs that were pushed, by the remote and their full names there.
    pushed: SortedMap<(String, String), Oid>,
    /// What a remote really said of its refs: what is supposed is planned on one answer, which is asked for once.
    heard: SortedMap<(String, String), Option<Oid>>,
    /// The branch that is checked out.
    branch: Option<String>,
    /// The paths whose changes on disk are committed.
    committed: SortedSet<String>,
    /// The tag objects that were made.
    tags: SortedSet<Oid>,
}

/// So many folders of objects are looked through; git itself follows five, one to the next.
const FOLDERS: usize = 16;

impl Repo {
    /// What is supposed; from now on something is.
    fn suppose(&self) -> Result<&Supposed> {
        if let Some(supposed) = self.supposed.get() {
            return Ok(supposed);
        }
        let folder = super::temporary::folder().context("a folder for what is planned can't be made")?;
        let store =
            Repository::init_bare(folder.path()).context("a repository for what is planned can't be made")?;
        for objects in self.object_folders()? {
            store.odb()?.add_disk_alternate(&objects.display().to_string())?;
        }
        self.inner.odb()?.add_disk_alternate(&store.path().join("objects").display().to_string())?;
        Ok(self.supposed.get_or_init(|| Supposed { store, said: RefCell::default(), _folder: folder }))
    }

    /// The folder that this repository's own objects lie in.
    pub(super) fn own_objects(&self) -> Result<PathBuf> {
        let own = environment::variable("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
        Ok(std::path::absolute(own.unwrap_or_else(|| self.common_dir().join("objects")))?)
    }

    /// The folders that this repository's objects lie in.
    fn object_folders(&self) -> Result<Vec<PathBuf>> {
        let mut found = vec![self.own_objects()?];
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
        self.suppose()?.said.borrow_mut().refs.insert(name.to_owned(), Some(at));
        Ok(())
    }

    /// Supposes that a remote is fetched: its new objects come to those that are supposed, and what the fetch would
    /// do to the refs is said.
    pub fn suppose_fetch(&self, remote: &str) -> Result<()> {
        self.suppose()?;
        // With these options git changes nothing in the repository, its maintenance and its submodules included.
        let options = ["--dry-run", "--quiet", "--no-auto-gc", "--no-recurse-submodules"];
        self.run_fetch(&Git::new(self).supposing(), remote, &options)?;
        let there = super::program::list_remote(&Git::new(self), remote, &[])?;
        let mut refs = SortedMap::new();
        for branch in self.remote_branches(remote)?.into_keys() {
            let name = format!("refs/heads/{branch}");
            let gone = self.tracked(remote, &name).filter(|_| !there.contains_key(&name));
            refs.extend(gone.map(|here| (here, None)));
        }
        let wants_tags =
            self.config(&format!("remote.{remote}.tagopt")).is_none_or(|option| option != "--no-tags");
        for (name, at) in there {
            let is_tag = name.starts_with("refs/tags/");
            let here = if is_tag { Some(name).filter(|_| wants_tags) } else { self.tracked(remote, &name) };
            let Some(here) = here else { continue };
            let known = self.find_ref(&here)?;
            // Tags of what is known here come along, and none moves.
            if known != Some(at) && !(is_tag && known.is_some()) && self.has_object(at) {
                refs.insert(here, Some(at));
            }
        }
        self.suppose()?.said.borrow_mut().refs.extend(refs);
        Ok(())
    }

    /// Supposes that a remote took an object for a ref, and that this clone knows of it.
    pub fn suppose_pushed(&self, remote: &str, name: &str, at: Oid) -> Result<()> {
        let here = self.tracked(remote, name);
        let said = &mut self.suppose()?.said.borrow_mut();
        said.pushed.insert((remote.to_owned(), name.to_owned()), at);
        said.refs.extend(here.map(|here| (here, Some(at))));
        Ok(())
    }

    /// Supposes that a branch is checked out.
    pub fn suppose_checkout(&self, branch: &str) -> Result<()> {
        self.suppose()?.said.borrow_mut().branch = Some(branch.to_owned());
        Ok(())
    }

    /// Supposes a commit on a branch.
    pub fn suppose_commit(&self, commit: &BranchCommit) -> Result<()> {
        let store = &self.suppose()?.store;
        let tree = store.find_tree(super::branch_commit::tree_with(store, commit.parent, &commit.files)?)?;
        let parent = commit.parent.map(|parent| store.find_commit(super::raw(parent)?)).transpose()?;
        let (who, parents) = (nobody()?, parent.iter().collect::<Vec<_>>());
        let made = store.commit(None, &who, &who, &commit.message, &tree, &parents)?;
        self.suppose_ref(&format!("refs/heads/{}", commit.branch), super::oid(made))
    }

    /// Supposes that what these files have on disk is committed.
    pub fn suppose_committed(&self, paths: &[RepoPath]) -> Result<()> {
        let paths = paths.iter().map(ToString::to_string);
        self.suppose()?.said.borrow_mut().committed.extend(paths);
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

    /// Has git sign a commit that is only supposed, with the user's key; an error where it can't.
    pub fn suppose_signature(&self) -> Result<()> {
        let tree = super::oid(self.suppose()?.store.treebuilder(None)?.write()?).to_string();
        let args = ["commit-tree", "--gpg-sign", "-m", "to try the key", &tree];
        Git::new(self).supposing().output(&args).map(drop)
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

    /// What a ref is at, where it is supposed to be so or to be gone; else what it really is.
    pub(super) fn supposed_ref(
        &self,
        name: &str,
        real: impl FnOnce() -> Result<Option<Oid>>,
    ) -> Result<Option<Oid>> {
        self.said(|said| said.refs.get(name).copied()).flatten().map_or_else(real, Ok)
    }

    /// A list of refs, by what follows a prefix, with those that are supposed.
    pub(super) fn with_supposed(&self, prefix: &str, list: Rc<RefList>) -> Rc<RefList> {
        let below = |said: &Said| {
            let below = said.refs.iter().filter_map(|(name, at)| Some((name.strip_prefix(prefix)?, *at)));
            below.map(|(name, at)| (name.to_owned(), at)).collect::<Vec<_>>()
        };
        let Some(below) = self.said(below).filter(|below| !below.is_empty()) else { return list };
        let mut list = SortedMap::clone(&list);
        for (name, at) in below {
            match at {
                Some(at) => list.insert(name.into(), at),
                None => list.remove(name.as_str()),
            };
        }
        Rc::new(list)
    }

    /// What a remote said before of all these refs, where something is supposed.
    pub(super) fn heard(&self, remote: &str, names: &[&str]) -> Option<SortedMap<String, Oid>> {
        let one = |said: &Said, name: &str| said.heard.get(&(remote.to_owned(), name.to_owned())).copied();
        let all = |said: &Said| {
            let heard = names.iter().map(|name| Some(((*name).to_owned(), one(said, name)?)));
            heard.collect::<Option<Vec<_>>>()
        };
        let heard = self.said(all)??;
        Some(heard.into_iter().filter_map(|(name, at)| Some((name, at?))).collect())
    }

    /// Keeps what a remote said of these refs, where something is supposed.
    pub(super) fn hear(&self, remote: &str, names: &[&str], answer: &SortedMap<String, Oid>) {
        let Some(supposed) = self.supposed.get() else { return };
        let said = names.iter().map(|name| {
            let key = (remote.to_owned(), (*name).to_owned());
            (key, answer.get(*name).copied())
        });
        supposed.said.borrow_mut().heard.extend(said);
    }

    /// What a remote said, with what it is supposed to have been given.
    pub(super) fn with_pushed(&self, remote: &str, names: &[&str], answer: &mut SortedMap<String, Oid>) {
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
