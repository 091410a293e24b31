//! The config: read as it is written (`raw`), then validated into the type that rules use. There is no
//! way from a broken config back to the defaults.

mod load;
mod raw;
mod validate;

use schemars::JsonSchema;

use crate::document::carrier::Carries;
use crate::document::yaml::Step;
use crate::domain::{Date, Fail, Glob, RepoPath, SortedMap, Template, Version};
use crate::finding::Location;

pub use load::{CONFIG_FILE, config_file, from_file, from_snapshot, parse};
pub use raw::{On, Prereleases, PrereleasesFrom, SectionOrder};

/// What the project's release process looks like.
#[derive(Debug, Clone)]
pub struct Config {
    /// The default branch, where the config names it.
    pub default_branch: Option<String>,
    /// The remote that holds what is published.
    pub remote: String,
    /// Whether the config names that remote; else it is the usual one.
    pub names_remote: bool,
    /// The charts.
    pub charts: Charts,
    /// Other files that carry the version.
    pub carriers: Vec<Carrier>,
    /// The changelog; `None` where the project keeps none.
    pub changelog: Option<ChangelogConfig>,
    /// The release branches.
    pub branches: Branches,
    /// The release tags.
    pub tags: Tags,
    /// The chart index.
    pub index: Index,
    /// `audit` begins here.
    pub since: Option<Version>,
    /// Severities that differ from the rules' own.
    pub rules: SortedMap<&'static str, Level>,
    /// Findings that are accepted.
    pub exceptions: Vec<Exception>,
}

/// How much a rule's findings weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rule is not judged.
    Off,
    /// Its findings are warnings.
    Warning,
    /// Its findings are errors.
    Error,
}

/// Which charts a project has.
#[derive(Debug, Clone)]
pub enum Charts {
    /// Every `charts/*/Chart.yaml`.
    Default(ChartConfig),
    /// Those that the config lists; none where the list is empty.
    Listed(Vec<ChartConfig>),
}

/// A chart, or the charts that a glob finds.
#[derive(Debug, Clone)]
pub struct ChartConfig {
    /// Its folder.
    pub path: Glob,
    /// What `appVersion` has to be; `None`: it is not compared.
    pub app_version: Option<Template>,
    /// The values that carry the version; `None`: the default ones.
    pub values: Option<Vec<ValuesKey>>,
    /// Where the config lists it.
    pub at: Option<Location>,
}

/// A key of a values file.
#[derive(Debug, Clone)]
pub struct ValuesKey {
    /// The key as written.
    pub key: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The file, relative to the chart's folder.
    pub file: String,
    /// What it has to be; `None`: the version, with or without `v`.
    pub value: Option<Template>,
    /// Where the config lists it; `None` for a default key.
    pub at: Option<Location>,
}

/// A file that carries the version.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// The file.
    pub file: RepoPath,
    /// Where in the file.
    pub carries: Carries,
    /// What has to stand there.
    pub value: Template,
    /// The place in words: `package.version`, or the pattern.
    pub place: Option<String>,
    /// Where the config lists it.
    pub at: Option<Location>,
}

/// The changelog.
#[derive(Debug, Clone)]
pub struct ChangelogConfig {
    /// The file of a minor line.
    pub path: Template,
    /// The format sample.
    pub format: RepoPath,
    /// Where the config names the sample: then it must be there.
    pub format_at: Option<Location>,
    /// Where a release's section must be.
    pub on: On,
    /// How sections are ordered.
    pub order: SectionOrder,
    /// Whether alphas and rcs need a section.
    pub prereleases: Prereleases,
    /// Where the config says so.
    pub at: Option<Location>,
}

/// The release branches.
#[derive(Debug, Clone)]
pub struct Branches {
    /// Their name.
    pub release: Template,
    /// Branches that only look like them.
    pub ignore: Vec<Glob>,
}

/// The release tags.
#[derive(Debug, Clone)]
pub struct Tags {
    /// Their name.
    pub release: Template,
    /// Tags that only look like them.
    pub ignore: Vec<Glob>,
    /// Where alphas and rcs may be tagged.
    pub prereleases_from: PrereleasesFrom,
    /// Whether they must be signed.
    pub signed: bool,
}

/// The chart index.
#[derive(Debug, Clone)]
pub struct Index {
    /// The branch that holds it.
    pub branch: String,
    /// Where the config names the branch: then it must be there.
    pub branch_at: Option<Location>,
    /// The index file.
    pub path: RepoPath,
    /// The folder of the archives; `None`: they lie elsewhere.
    pub archives: Option<RepoPath>,
    /// What the URLs of entries start with.
    pub url: Option<String>,
}

/// A finding that is known and accepted.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The rule.
    pub rule: &'static str,
    /// The subject's name: a branch or a tag.
    pub on: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where the config lists it.
    pub at: Option<Location>,
}

impl Charts {
    /// Whether the config says that there are none: then the tag alone carries the version.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Listed(charts) if charts.is_empty())
    }

    /// The charts or globs to look for.
    pub fn patterns(&self) -> &[ChartConfig] {
        match self {
            Self::Default(chart) => std::slice::from_ref(chart),
            Self::Listed(charts) => charts,
        }
    }
}

impl Config {
    /// The documented process, for a project without a config.
    pub fn built_in() -> Result<Self, Fail> {
        validate::validate(raw::RawConfig::default(), None)
    }

    /// The same config, with the parts that always are the default branch's (or, in a check, the working
    /// tree's) taken from there: branches, tags, since, exceptions.
    #[must_use]
    pub fn governed_by(self, governing: &Self) -> Self {
        Self {
            branches: governing.branches.clone(),
            tags: governing.tags.clone(),
            since: governing.since.clone(),
            exceptions: governing.exceptions.clone(),
            ..self
        }
    }

    /// Whether anything in files is judged. Where there is neither a chart nor a changelog, no rule on files
    /// finds anything.
    pub fn judges_files(&self) -> bool {
        !self.charts.is_none() || self.changelog.is_some()
    }

    /// Whether release tags have to be signed.
    pub fn wants_signed_tags(&self) -> bool {
        self.level("tag/signed").map_or(self.tags.signed, |level| level != Level::Off)
    }

    /// The severity that the config gives a rule.
    pub fn level(&self, rule: &str) -> Option<Level> {
        self.rules.get(rule).copied()
    }
}

/// The JSON Schema of `.relguard.yaml`, for `docs/relguard.schema.json`.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(raw::RawConfig).into()
}
