use std::rc::Rc;

use anyhow::Result;

use crate::domain::{Oid, SortedMap};
use crate::git::{RefList, RefUpdate, Repo};

/// The branches and tags of a project, as one side sees them.
#[derive(Debug, Clone, Default)]
pub struct RefView {
    /// The branches by short name, without the remote.
    pub branches: SortedMap<String, Tips>,
    /// The objects that the tags name, by short name.
    pub tags: Rc<RefList>,
    /// The names that the default branch may have where no config names it, the likeliest first: what HEAD
    /// leads to there, then `main` and `master`.
    pub heads: Vec<String>,
}

/// Where a branch stands: a local and a remote one of the same name are one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tips {
    /// On the remote, as far as is known here; in a bare repository its own.
    pub published: Option<Oid>,
    /// In this clone.
    pub local: Option<Oid>,
}

/// What a ref is called, and what kind it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefName {
    /// A branch, by its short name.
    Branch(String),
    /// A tag, by its short name.
    Tag(String),
}

impl Tips {
    /// The one that is judged.
    pub fn judged(self) -> Option<Oid> {
        self.published.or(self.local)
    }

    /// All there are.
    pub fn all(self) -> Vec<Oid> {
        self.published.into_iter().chain(self.local).collect()
    }
}

/// The default branch of a push: that of the refs as they stand, by the name that a config gives it, else by
/// what HEAD says; where there is none yet, the one that the push brings.
pub fn default_branch<'a>(
    configured: Option<&'a str>,
    before: &'a RefView,
    after: &'a RefView,
) -> Option<&'a str> {
    before.default_branch(configured).or_else(|| after.default_branch(configured))
}

impl RefName {
    /// The branch or tag of a full name; `None` for refs of any other kind.
    pub fn of_full(name: &str) -> Option<Self> {
        let branch = name.strip_prefix("refs/heads/").map(|name| Self::Branch(name.to_owned()));
        branch.or_else(|| name.strip_prefix("refs/tags/").map(|name| Self::Tag(name.to_owned())))
    }
}

impl RefView {
    /// What a clone knows: its own branches and those of the remote. A bare repository is what others
    /// call the remote.
    pub fn of_repository(repo: &Repo, remote: &str) -> Result<Self> {
        if repo.is_bare() {
            return Self::of_server(repo);
        }
        let mut view = Self::of_remote(repo, Some(remote))?;
        for (name, tip) in repo.list_refs("refs/heads/")?.iter() {
            view.branches.get_or_default(name.to_string()).local = Some(*tip);
        }
        Ok(view)
    }

    /// What a clone knows of a remote; nothing but the tags of the clone where that is unknown.
    pub fn of_remote(repo: &Repo, remote: Option<&str>) -> Result<Self> {
        let heads = repo.default_branch_names(remote.unwrap_or("origin"));
        let mut view = Self { branches: SortedMap::new(), tags: repo.list_refs("refs/tags/")?, heads };
        let Some(remote) = remote else { return Ok(view) };
        let published = |(name, tip)| (name, Tips { published: Some(tip), local: None });
        view.branches = repo.remote_branches(remote)?.into_iter().map(published).collect();
        Ok(view)
    }

    /// What a repository publishes that others push to.
    pub fn of_server(repo: &Repo) -> Result<Self> {
        let published =
            |(name, tip): &(Rc<str>, Oid)| (name.to_string(), Tips { published: Some(*tip), local: None });
        let branches = repo.list_refs("refs/heads/")?.iter().map(published).collect();
        let heads = repo.default_branch_names("origin");
        Ok(Self { branches, tags: repo.list_refs("refs/tags/")?, heads })
    }

    /// The default branch as the refs stand: the one that the config names, else the first of `heads` that
    /// is there.
    pub fn default_branch<'a>(&'a self, configured: Option<&'a str>) -> Option<&'a str> {
        let is_there = |name: &&str| self.branches.contains_key(*name);
        match configured {
            Some(name) => Some(name).filter(is_there),
            None => self.heads.iter().map(String::as_str).find(is_there),
        }
    }

    /// The same where it is known which branch HEAD names.
    #[must_use]
    pub fn with_head(mut self, name: &str) -> Self {
        self.heads.insert(0, name.to_owned());
        self
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.branches.is_empty() && self.tags.is_empty()
    }

    /// The same once some updates are made.
    #[must_use]
    pub fn after(&self, updates: &[RefUpdate]) -> Self {
        self.with(updates, |update| update.new)
    }

    /// The same as some updates find it, which know better what stands on the other side.
    #[must_use]
    pub fn before(&self, updates: &[RefUpdate]) -> Self {
        self.with(updates, |update| update.old)
    }

    fn with(&self, updates: &[RefUpdate], side: impl Fn(&RefUpdate) -> Option<Oid>) -> Self {
        let mut view = self.clone();
        for update in updates {
            match (RefName::of_full(&update.name), side(update)) {
                (Some(RefName::Branch(name)), Some(tip)) => {
                    view.branches.get_or_default(name).published = Some(tip);
                }
                (Some(RefName::Branch(name)), None) => {
                    view.branches.remove(&name);
                }
                // Thousands of tags are copied only where one of them changes.
                (Some(RefName::Tag(name)), object) if view.tags.get(name.as_str()) != object.as_ref() => {
                    let tags = Rc::make_mut(&mut view.tags);
                    match object {
                        Some(object) => tags.insert(name.into(), object),
                        None => tags.remove(name.as_str()),
                    };
                }
                _ => {}
            }
        }
        view
    }
}
