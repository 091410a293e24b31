//! The facts that rules judge: all documents of one state, each read and parsed once.
//!
//! What can't be parsed is kept as such, with its place, and becomes a finding of the rule that owns the
//! file; the others are silent about it.

mod changelogs;
pub mod chart_index;
mod charts;
pub mod ci;
mod lead;
mod locked;
mod package;
pub mod refs;
mod vendored;

use std::sync::Arc;

use anyhow::Result;

use crate::config::{Carrier, Config};
use crate::document::carrier::{self, Carried};
use crate::document::{Broken, Parsed, text_of};
use crate::domain::{MinorLine, RepoPath, SourceText, Version, parse_version};
use crate::finding::{Location, Subject};
use crate::git::Repo;
use crate::source::{self, Snapshot};

pub use crate::source::Stat;
pub use changelogs::{ChangelogFacts, ChangelogFile, ReleaseFacts};
pub use charts::{BaseChart, Chart, MissingChart, ValuesFile};
pub use lead::{Lead, Leader};
pub use package::{LeftOut, Local, Package};
pub use vendored::ChartName;

/// All documents of one state.
#[derive(Debug)]
pub struct Project {
    /// The state.
    pub subject: Subject,
    /// The charts that are there, in the config's order, else by path.
    pub charts: Vec<Chart>,
    /// The charts that should be there and are not.
    pub missing_charts: Vec<MissingChart>,
    /// Other files that carry the version.
    pub carriers: Vec<CarrierFile>,
    /// The changelog; `None` where it is not judged in this state.
    pub changelog: Option<ChangelogFacts>,
    /// The version that a tag gives the state, instead of the chart's.
    pub tag: Option<Version>,
    /// The release branch that the state is on.
    pub branch: Option<OnBranch>,
}

/// The release branch that a state is on.
#[derive(Debug, Clone)]
pub struct OnBranch {
    /// Its short name.
    pub name: String,
    /// The line that it stands for.
    pub line: MinorLine,
    /// Whether the state is what is checked out there, and not the branch's commit.
    pub checked_out: bool,
}

/// A file that carries the version.
#[derive(Debug)]
pub struct CarrierFile {
    /// What the config says of it.
    pub config: Carrier,
    /// What it carries; `Ok(None)` where the file is missing.
    pub found: Parsed<Option<Vec<Carried>>>,
}

/// What a state is read for.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The state to compare with.
    pub base: Option<&'a dyn Snapshot>,
    /// The repository, for what its tags and its remote say.
    pub repo: Option<&'a Repo>,
    /// The version of the tag that is judged.
    pub tag: Option<&'a Version>,
    /// The state whose changelog counts, if it is another one.
    pub changelog: Option<&'a dyn Snapshot>,
    /// Whether the changelog is not judged in this state.
    pub without_changelog: bool,
    /// The release branch that the state is on.
    pub branch: Option<&'a OnBranch>,
}

impl Project {
    /// Reads all documents of a state that the config names.
    pub fn read(files: &dyn Snapshot, config: &Config, scope: Scope<'_>) -> Result<Self> {
        let (charts, missing_charts) = charts::read(files, config, scope)?;
        let carriers: &[Carrier] = if config.charts.is_none() { &[] } else { &config.carriers };
        let carriers = carriers.iter().map(|carrier| read_carrier(files, carrier)).collect::<Result<_>>()?;
        let mut project = Self {
            subject: files.subject(),
            charts,
            missing_charts,
            carriers,
            changelog: None,
            tag: scope.tag.cloned(),
            branch: scope.branch.cloned(),
        };
        project.changelog = changelogs::read(scope.changelog.unwrap_or(files), config, &project, scope)?;
        Ok(project)
    }

    /// The chart whose version is the project's: the first one.
    pub fn leading_chart(&self) -> Option<&Chart> {
        self.charts.first()
    }

    /// The version that the changelog must have a section for, with its place: the tag's, else the
    /// first chart's where it is SemVer.
    pub fn version(&self) -> Option<(Version, Option<Location>)> {
        let chart = self.leading_chart().and_then(Chart::version);
        if let Some(tag) = &self.tag {
            return Some((tag.clone(), None));
        }
        let field = chart?;
        Some((parse_version(&field.value.text)?, Some(field.value.location)))
    }

    /// Whether it is certain which version this state is about, so that what follows from the version
    /// may be mended.
    pub fn is_settled(&self) -> bool {
        self.tag.is_some() || self.leading_chart().is_none_or(Chart::is_settled)
    }
}

fn read_carrier(files: &dyn Snapshot, config: &Carrier) -> Result<CarrierFile> {
    let found = match load(files, &config.file)? {
        Ok(Some(source)) => carrier::read(&source, &config.carries).map(Some),
        Ok(None) => Ok(None),
        Err(broken) => Err(broken),
    };
    Ok(CarrierFile { config: config.clone(), found })
}

/// The text of a file of a state: `Ok(Ok(None))` where it is not there.
pub(crate) fn load(files: &dyn Snapshot, path: &RepoPath) -> Result<Parsed<Option<Arc<SourceText>>>> {
    Ok(match source::read(files, path)? {
        Ok(Some(file)) => text_of(path, file).map(Some),
        Ok(None) => Ok(None),
        Err(why) => Err(Broken::unreadable(path, &why)),
    })
}
