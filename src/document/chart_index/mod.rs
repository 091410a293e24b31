//! The chart index, `index.yaml`, as Helm reads it. It may hold many thousands of entries, so it is read in one
//! go, and of each entry only what is asked for.

mod entry;
mod insert;
mod loads;
mod read;
mod verify;

use std::ops::Range;
use std::sync::Arc;

use super::Parsed;
use crate::domain::{SourceText, Version, parse_version, strip_v};
use crate::finding::Location;

pub use insert::{NewEntry, new_index};

/// The largest chart index that is read, in bytes; the largest known ones have some 20 MiB.
pub const INDEX_LIMIT: u64 = 64 * 1024 * 1024;

/// A chart index.
#[derive(Debug)]
pub struct ChartIndex {
    source: Arc<SourceText>,
    top: Top,
    charts: Vec<IndexChart>,
}

/// What stands at the top of the file.
#[derive(Debug, Default)]
struct Top {
    /// Where the first key begins.
    first: Option<usize>,
    /// Whether it is written with braces.
    flow: bool,
    /// Whether `apiVersion` is there, without which Helm takes no index.
    has_api_version: bool,
    /// Where `entries` begins, and what stands there.
    entries: Option<(usize, Held)>,
    /// The value of `generated`, and whether it is a plain scalar.
    generated: Option<(Range<usize>, bool)>,
    /// Where the last key's value ends.
    end: usize,
}

/// How a collection is written that may be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    /// Nothing, or empty braces: these bytes stand for it.
    Nothing(Range<usize>),
    /// Lines of their own.
    Lines,
    /// Between braces or brackets.
    Braces,
}

/// The entries of one chart.
#[derive(Debug)]
pub struct IndexChart {
    /// The chart's name.
    pub name: String,
    /// The bytes of its key.
    pub key: Range<usize>,
    /// Its entries, in the file's order.
    pub entries: Vec<IndexEntry>,
    held: Held,
    /// Where its last entry ends.
    end: usize,
}

/// An entry: one version of a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexEntry {
    /// Its version; `None` where it is missing.
    pub version: Option<Text>,
    /// Its digest; `None` where it is missing.
    pub digest: Option<Text>,
    /// Where the archive is.
    pub urls: Vec<Text>,
    /// Its bytes from its first key to the end of its last value.
    pub range: Range<usize>,
    /// Why Helm passes over it, its version aside.
    flaw: Option<String>,
}

/// A scalar of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text that it stands for.
    pub text: String,
    /// Its bytes.
    pub range: Range<usize>,
}

impl ChartIndex {
    /// Reads a chart index. An empty file is one without entries.
    pub fn parse(source: &Arc<SourceText>) -> Parsed<Self> {
        read::read(source)
    }

    /// The file.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// The charts, in the file's order.
    pub fn charts(&self) -> &[IndexChart] {
        &self.charts
    }

    /// Whether `apiVersion` is there, without which Helm takes no index.
    pub fn has_api_version(&self) -> bool {
        self.top.has_api_version
    }

    /// Every entry with its chart's name, in the file's order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &IndexEntry)> {
        self.charts.iter().flat_map(|chart| chart.entries.iter().map(|entry| (chart.name.as_str(), entry)))
    }

    /// The place of some bytes.
    pub fn at(&self, range: &Range<usize>) -> Location {
        Location::new(&self.source, range.clone())
    }
}

impl IndexEntry {
    /// Its version where it is SemVer, with or without a leading `v`.
    pub fn semver(&self) -> Option<Version> {
        parse_version(strip_v(&self.version.as_ref()?.text))
    }

    /// Why Helm passes over it, as if it were not there; `None` where it does not.
    pub fn passed_over(&self) -> Option<String> {
        match self.version.as_ref().map(|version| version.text.as_str()) {
            None | Some("") => Some("it has no version".to_owned()),
            Some(text) if loads::is_version(text) => self.flaw.clone(),
            Some(text) => Some(format!("its version {text} is none that Helm knows")),
        }
    }

    /// The bytes to point at: its version's, else all of them.
    pub fn place(&self) -> &Range<usize> {
        self.version.as_ref().map_or(&self.range, |version| &version.range)
    }

    /// Its digest in hexadecimal digits of lower case; `None` where it has none.
    pub fn sha256(&self) -> Option<String> {
        let text = self.digest.as_ref()?.text.trim();
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        (!digits.is_empty()).then(|| digits.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests;
