//! The version that a state carries, and the one that a step is about.

use anyhow::Result;

use super::bump::version_argument;
use crate::config::Config;
use crate::domain::{Fail, MinorLine, Version, parse_version};
use crate::engine::Judge;
use crate::git::Repo;
use crate::project::{Chart, Project, Scope};
use crate::source::Snapshot;

/// What the charts of a state carry.
pub(super) struct Carried {
    /// The version of each as written, the leading chart's first; `None` where one says none.
    texts: Vec<Option<String>>,
}

/// Reads what the charts of a state carry.
pub(super) fn carried(files: &dyn Snapshot, config: &Config, repo: &Repo) -> Result<Carried> {
    let scope = Scope { repo: Some(repo), without_changelog: true, ..Scope::default() };
    let project = Project::read(files, config, scope)?;
    let text = |chart: &Chart| chart.version().map(|field| field.value.text);
    let leading = project.leading_chart().map(text);
    Ok(Carried { texts: leading.into_iter().chain(project.charts.iter().map(text)).collect() })
}

impl Carried {
    /// Whether there is no chart.
    pub(super) fn is_nothing(&self) -> bool {
        self.texts.is_empty()
    }

    /// The leading chart's version as written.
    pub(super) fn text(&self) -> Option<&str> {
        self.texts.first()?.as_deref()
    }

    /// The same where it is SemVer.
    pub(super) fn version(&self) -> Option<Version> {
        self.text().and_then(parse_version)
    }

    /// Whether every chart carries a version.
    pub(super) fn is_all(&self, version: &Version) -> bool {
        let version = version.to_string();
        self.texts.iter().all(|text| text.as_ref() == Some(&version))
    }
}

/// The version that was named, else the one that the first chart of a state carries.
pub(super) fn asked(
    named: Option<&str>,
    files: &dyn Snapshot,
    config: &Config,
    repo: &Repo,
) -> Result<Version> {
    if let Some(named) = named {
        return Ok(version_argument(named)?);
    }
    let carried = carried(files, config, repo)?;
    if let Some(version) = carried.version().filter(|_| !config.charts.is_none()) {
        return Ok(version);
    }
    let cause = match carried.text() {
        _ if config.charts.is_none() => {
            "the config says that there are no charts (`charts: []`), so none says the version".to_owned()
        }
        Some(text) => format!("the chart's version `{text}` is not SemVer"),
        None => "no chart was found that says the version".to_owned(),
    };
    Err(Fail::new(cause).help("name the version, as in 1.2.0").into())
}

/// The release that a command is about: the one that it names, else the one of the charts that are checked out.
pub(super) fn named_or_carried(judging: &Judge<'_>, named: Option<&Version>) -> Result<Version> {
    match named {
        Some(version) => Ok(version.clone()),
        None => asked(None, &*judging.checked_out()?, &judging.standing_config()?, judging.repo()),
    }
}

/// The minor line that an argument names: 1.2.
pub fn line_argument(text: &str) -> Result<MinorLine, Fail> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let (major, minor) = text.strip_prefix('v').unwrap_or(text).split_once('.').unwrap_or_default();
    match (number(major), number(minor)) {
        (Some(major), Some(minor)) => Ok(MinorLine { major, minor }),
        _ => Err(Fail::new(format!("`{text}` is no minor line")).help("name two numbers, as in 1.2")),
    }
}
