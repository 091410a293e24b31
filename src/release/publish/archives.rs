//! The archives that are to be published.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use crate::document::archive::{CHART_LIMIT, ChartArchive};
use crate::document::chart::is_plain_name;
use crate::document::chart_index::NewEntry;
use crate::document::rewritten::metadata;
use crate::document::yaml::go::{Value, write};
use crate::document::{hex_sha256, yaml};
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, SortedMap, SourceText, parse_version};
use crate::finding::Location;
use crate::project::chart_index::EntryFacts;
use crate::source::outside;

/// An archive that was read.
pub(super) struct Given {
    /// The name of its file.
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    /// The chart's name.
    pub(super) name: String,
    /// The chart's version.
    pub(super) version: String,
    /// What Helm writes of the chart into an entry.
    metadata: SortedMap<String, Value>,
}

/// Reads archives; no two of them may hold one version of one chart.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Given>> {
    let mut all: Vec<(Given, String)> = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        let given = read_one(path, &shown)?;
        if let Some((_, other)) =
            all.iter().find(|(it, _)| it.name == given.name && it.version == given.version)
        {
            return Err(Fail::new(format!("{other} and {shown} both hold {}", given.title()))
                .help("name each chart's version once")
                .into());
        }
        all.push((given, shown));
    }
    Ok(all.into_iter().map(|(given, _)| given).collect())
}

fn read_one(path: &Path, shown: &str) -> Result<Given> {
    let bytes = outside::bytes(path, CHART_LIMIT).map_err(|why| {
        Fail::new(format!("{} can't be read: {why}", visible(shown)))
            .help("name archives of charts, as `relguard package` or `helm package` makes them")
    })?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    given(file, shown, bytes)
}

/// An archive from its bytes; `shown` is what messages call it.
pub(super) fn given(file: String, shown: &str, bytes: Vec<u8>) -> Result<Given> {
    let archive = ChartArchive::read(&bytes, shown)?;
    let (name, version) = (archive.name().to_owned(), archive.version().to_owned());
    if !is_plain_name(&name) {
        return Err(Fail::new(format!(
            "{} has the chart's name {}, which can't stand in a URL as it is",
            visible(shown),
            visible(&name)
        ))
        .help("name the chart in ASCII letters, digits, `.`, `_` and `-`, and package it anew")
        .into());
    }
    if parse_version(&version).is_none() {
        return Err(Fail::new(format!(
            "{} has the version {}, which is not SemVer",
            visible(shown),
            visible(&version)
        ))
        .help("set a version such as 1.2.0 in Chart.yaml, and package the chart anew")
        .into());
    }
    let requirements = archive.files.iter().find(|file| file.path == "requirements.yaml");
    let requirements = requirements.and_then(|file| {
        let text = String::from_utf8(file.bytes.clone()).ok()?;
        let path = RepoPath::default().child("requirements.yaml");
        yaml::parse(&Arc::new(SourceText::new(path, text))).ok()
    });
    Ok(Given {
        file,
        sha256: hex_sha256(&bytes),
        metadata: metadata(archive.chart().yaml(), requirements.as_ref()),
        bytes,
        name,
        version,
    })
}

impl Given {
    /// The chart's name and version.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }

    /// The name that Helm gives it.
    pub(super) fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.name, self.version)
    }

    /// The entry as it would be.
    pub(super) fn entry(&self, at: Option<Location>) -> EntryFacts {
        EntryFacts {
            chart: self.name.clone(),
            version: self.version.clone(),
            sha256: Some(self.sha256.clone()),
            digest_at: at.clone(),
            at,
        }
    }

    /// What Helm would write into the index.
    pub(super) fn new_entry(&self, url: &str, created: &str) -> NewEntry {
        let mut fields = self.metadata.clone();
        let text = |text: &str| Value::Text(text.to_owned());
        fields.insert("created".to_owned(), text(created));
        fields.insert("digest".to_owned(), text(&self.sha256));
        fields.insert("urls".to_owned(), Value::List(vec![text(url)]));
        NewEntry { chart: self.name.clone(), version: self.version.clone(), lines: write(&fields) }
    }
}
