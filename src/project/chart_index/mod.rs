//! The facts of the chart index: what it lists, what its archives hold, and what an update takes from it.

mod gather;
mod place;
mod redirect;

use crate::document::Parsed;
use crate::document::chart_index::ChartIndex;
use crate::domain::{Oid, RepoPath, Version};
use crate::finding::Location;
use crate::project::refs::Event;

pub use gather::{IndexAsked, gather, index_at};
pub use place::Places;

/// The chart index as it is judged.
#[derive(Debug)]
pub struct IndexFacts {
    /// The short name of its branch.
    pub branch: String,
    /// What happens to the branch.
    pub event: Event,
    /// The branch's commit; `None` where it is deleted.
    pub commit: Option<Oid>,
    /// The index file.
    pub path: RepoPath,
    /// The index; `None` where the file is missing.
    pub index: Option<Parsed<ChartIndex>>,
    /// The archives on the branch that are judged: in an audit all, in an update those that it brings or changes.
    pub archives: Vec<ArchiveFacts>,
    /// The entries that name no archive: in an audit all, in an update those that it brings.
    pub nowhere: Vec<EntryFacts>,
    /// What an update takes away or changes of what is published.
    pub lost: Vec<Lost>,
    /// The releases whose charts the index should list; `None` where that is not asked.
    pub releases: Option<Vec<Released>>,
}

/// A chart that was released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The tag.
    pub tag: String,
    /// The release.
    pub version: Version,
    /// The chart's name.
    pub chart: String,
}

/// An archive on the branch of the chart index.
#[derive(Debug)]
pub struct ArchiveFacts {
    /// Where it lies, or should.
    pub path: RepoPath,
    /// The entry that names it; `None` where none does.
    pub entry: Option<EntryFacts>,
    /// What is there.
    pub found: Archived,
}

/// What an entry says of its archive.
#[derive(Debug, Clone)]
pub struct EntryFacts {
    /// The chart's name.
    pub chart: String,
    /// The version as written.
    pub version: String,
    /// The digest, in hexadecimal digits of lower case.
    pub sha256: Option<String>,
    /// Where the entry stands.
    pub at: Option<Location>,
    /// Where its digest stands, else the entry.
    pub digest_at: Option<Location>,
}

/// What lies where an archive should.
#[derive(Debug)]
pub enum Archived {
    /// Nothing.
    Missing,
    /// No file.
    NoFile,
    /// A file.
    File {
        /// Its digest.
        sha256: String,
        /// The name and the version of the chart in it; else why it can't be read.
        chart: Result<(String, String), String>,
    },
}

/// What an update takes away or changes of what is published.
#[derive(Debug)]
pub enum Lost {
    /// The branch.
    Branch,
    /// The index file, with so many entries.
    Index {
        /// How many entries it had.
        entries: usize,
    },
    /// An entry.
    Entry {
        /// The chart's name.
        chart: String,
        /// The version as written.
        version: String,
    },
    /// The digest of an entry.
    Digest {
        /// The entry as it would be.
        entry: EntryFacts,
        /// The published digest.
        was: String,
    },
    /// The first URL of an entry, by which it named another archive, or one in another hand.
    Url {
        /// The entry as it would be.
        entry: EntryFacts,
        /// Where its URL stands, else the entry.
        at: Option<Location>,
        /// The published URL.
        was: String,
        /// The URL as it would be; `None` where there is none.
        is: Option<String>,
    },
    /// The archive of an entry that stays.
    Archive {
        /// Where it lies.
        path: RepoPath,
        /// The chart's name.
        chart: String,
        /// The version as written.
        version: String,
        /// Whether another one lies there now.
        replaced: bool,
    },
}

impl Lost {
    /// The chart and the version of the entry that it is about; `None` where it is about all.
    pub fn key(&self) -> Option<(&str, &str)> {
        match self {
            Self::Branch | Self::Index { .. } => None,
            Self::Entry { chart, version } | Self::Archive { chart, version, .. } => Some((chart, version)),
            Self::Digest { entry, .. } | Self::Url { entry, .. } => Some((&entry.chart, &entry.version)),
        }
    }
}
