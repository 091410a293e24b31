//! The version that a step is about.

use anyhow::Result;

use super::bump::version_argument;
use crate::config::Config;
use crate::domain::{Fail, Version, parse_version};
use crate::project::{Chart, Project, Scope};
use crate::source::Snapshot;

/// The version that was named, else the one that the first chart of a state carries.
pub(super) fn asked(named: Option<&str>, files: &dyn Snapshot, config: &Config) -> Result<Version> {
    if let Some(named) = named {
        return Ok(version_argument(named)?);
    }
    let project = Project::read(files, config, Scope { without_changelog: true, ..Scope::default() })?;
    let text = project.leading_chart().and_then(Chart::version).map(|field| field.value.text);
    let cause = match &text {
        _ if config.charts.is_none() => {
            "the config says that there are no charts (`charts: []`), so none says the version".to_owned()
        }
        Some(text) => match parse_version(text) {
            Some(version) => return Ok(version),
            None => format!("the chart's version `{text}` is not SemVer"),
        },
        None => "no chart was found that says the version".to_owned(),
    };
    Err(Fail::new(cause).help("name the version, as in 1.2.0").into())
}
