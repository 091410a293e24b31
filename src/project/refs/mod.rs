//! The facts of branches and tags: gathered once, before any rule on refs runs.

mod gather;
pub mod names;
mod view;

use crate::domain::{MinorLine, Oid, SortedMap, Version};

pub use crate::git::{Distance, ObjectKind, Peeled};
pub use gather::{Asked, gather};
pub use names::Meaning;
pub use view::{RefName, RefView, Tips, default_branch};

/// The branches and tags that are judged, with what has to be known of the others for that.
#[derive(Debug, Default)]
pub struct RefFacts {
    /// The default branch; `None` where there is none.
    pub default: Option<DefaultBranch>,
    /// The release branches by the line that they stand for.
    pub lines: SortedMap<MinorLine, Line>,
    /// The branches judged.
    pub branches: Vec<BranchFacts>,
    /// The tags judged.
    pub tags: Vec<TagFacts>,
}

/// The default branch.
#[derive(Debug, Clone)]
pub struct DefaultBranch {
    /// Its short name.
    pub name: String,
    /// Where it stands; more than one place where a push moves it, or where a clone is behind the remote.
    pub tips: Vec<Oid>,
}

/// A release branch.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its short name.
    pub branch: String,
    /// Where it stands.
    pub tips: Tips,
}

/// What happens to a ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Nothing: it is there.
    Stands,
    /// It is made.
    Created,
    /// It is moved.
    Moved {
        /// What it named before.
        from: Oid,
    },
    /// It is deleted.
    Deleted {
        /// What it named before.
        from: Oid,
    },
}

/// A branch that is judged.
#[derive(Debug)]
pub struct BranchFacts {
    /// Its short name.
    pub name: String,
    /// What happens to it.
    pub event: Event,
    /// Its commit; `None` where it is deleted.
    pub commit: Option<Oid>,
    /// Whether it is the default branch.
    pub is_default: bool,
    /// What its name says.
    pub meaning: Meaning<MinorLine>,
    /// How it hangs on the default branch; `None` where that is not asked of it.
    pub base: Option<Base>,
    /// What an update takes away of it; `None` where it takes nothing.
    pub lost: Option<Lost>,
}

/// How a release branch hangs on the default branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// As it should.
    Sound,
    /// A new branch's tip is no commit of the default branch.
    NotOnDefault(Distance),
    /// Both have no commit in common.
    Unrelated,
    /// There is no default branch to compare with.
    NoDefault,
    /// A shallow clone does not show it.
    Unseen,
}

/// What a branch loses by an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// So many published commits.
    Commits(usize),
    /// Published commits, nobody can say how many.
    Some,
    /// A shallow clone does not show it.
    Unseen,
}

/// A tag that is judged.
#[derive(Debug)]
pub struct TagFacts {
    /// Its short name.
    pub name: String,
    /// What happens to it.
    pub event: Event,
    /// What its name says.
    pub meaning: Meaning<Version>,
    /// What it names in the end; `None` where it is deleted.
    pub target: Option<Peeled>,
    /// Where its commit is; `None` where there is none, or the name is no release's.
    pub place: Option<Place>,
    /// How far behind the release branch's newest commit it is put; `None` where it is not new, or there.
    pub behind: Option<Behind>,
    /// The release before it in its line; `None` where that is not asked of it.
    pub before: Option<Before>,
    /// What git says of its signature; `None` where nobody asked.
    pub signature: Option<Signature>,
}

/// Where a tag's commit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On its release branch, or where else the config lets it be.
    Sound,
    /// Its release branch does not exist.
    NoBranch {
        /// The default branch or another release branch, if one has the commit.
        on: Option<String>,
    },
    /// Its release branch lacks it.
    Apart {
        /// How far off it is.
        distance: Distance,
        /// The default branch or another release branch, if one has the commit.
        on: Option<String>,
    },
    /// Not on its release branch; it may be on the default branch instead, and there is none.
    NoDefault,
    /// A shallow clone does not show it.
    Unseen,
}

/// A tag that is not on the newest commit of its release branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The newest commit.
    pub tip: Oid,
    /// How many commits there are after the tagged one, where they could be counted.
    pub commits: Option<usize>,
}

/// The release before one, in its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// It is there and below this one.
    Sound,
    /// There is none.
    Missing {
        /// The version that lacks its tag.
        version: Version,
    },
    /// It is there, and this one does not descend from it.
    Aside {
        /// Its tag.
        tag: String,
    },
    /// A shallow clone does not show it.
    Unseen,
}

/// What git says of a tag's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signature {
    /// It is valid.
    Valid,
    /// The tag is no annotated one, so it can't have any.
    Unannotated,
    /// It is missing or not valid, in git's words.
    Invalid(String),
}

impl RefFacts {
    /// The default branch's name, or what people call it.
    pub fn default_name(&self) -> &str {
        self.default.as_ref().map_or("the default branch", |branch| &branch.name)
    }
}

impl Event {
    /// What the ref named before.
    pub fn from(self) -> Option<Oid> {
        match self {
            Self::Moved { from } | Self::Deleted { from } => Some(from),
            Self::Stands | Self::Created => None,
        }
    }
}

impl TagFacts {
    /// The version that its name gives it.
    pub fn version(&self) -> Option<&Version> {
        match &self.meaning {
            Meaning::Release(version) => Some(version),
            _ => None,
        }
    }

    /// The commit that it names; `None` where it is deleted, or names none.
    pub fn commit(&self) -> Option<Oid> {
        self.target.as_ref()?.commit()
    }

    /// The name that its tag object gives itself, where that is another one than the ref's.
    pub fn other_name(&self) -> Option<&str> {
        self.target.as_ref()?.own_name.as_deref().filter(|own| *own != self.name)
    }
}

impl BranchFacts {
    /// The line that it releases.
    pub fn line(&self) -> Option<MinorLine> {
        match self.meaning {
            Meaning::Release(line) => Some(line),
            _ => None,
        }
    }
}
