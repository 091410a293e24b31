use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use super::load::config_error;
use super::raw::{
    RawBranches, RawCarrier, RawChangelog, RawChart, RawConfig, RawException, RawIndex, RawKey, RawTags,
    Toggle,
};
use super::{
    Branches, Carrier, ChangelogConfig, ChartConfig, Charts, Config, Exception, Index, Tags, ValuesKey,
};
use crate::document::Broken;
use crate::document::carrier::Carries;
use crate::document::yaml::{Spanned, Step, key_path};
use crate::domain::text::{unfit_as_base, without_password};
use crate::domain::{Date, Fail, Glob, MinorLine, RepoPath, SourceText, Template, parse_version, strip_v};
use crate::finding::Location;
use crate::git::is_ref_name;

type Text = Spanned<String>;

/// Turns what was written into what it means.
pub(super) fn validate(raw: RawConfig, source: Option<&Arc<SourceText>>) -> Result<Config, Fail> {
    let check = Validator { source };
    let changelog = match raw.changelog {
        Some(Toggle::Off) => None,
        Some(Toggle::On(changelog)) => Some(check.changelog(&changelog)?),
        None => Some(check.changelog(&RawChangelog::default())?),
    };
    let exceptions =
        raw.exceptions.unwrap_or_default().into_iter().map(|exception| check.exception(exception));
    let config = Config {
        default_branch: raw.default_branch.map(|name| check.ref_name(name)).transpose()?,
        names_remote: raw.remote.is_some(),
        remote: raw.remote.map_or(Ok("origin".to_owned()), |name| check.ref_name(name))?,
        charts: check.charts(raw.charts)?,
        carriers: check.carriers(&raw.carriers.unwrap_or_default())?,
        changelog,
        branches: check.branches(raw.branches.unwrap_or_default())?,
        tags: check.tags(raw.tags.unwrap_or_default())?,
        index: check.index(raw.index.unwrap_or_default())?,
        since: raw.since.map(|since| check.version(&since)).transpose()?,
        rules: raw.rules.unwrap_or_default().into_iter().map(|(rule, level)| (rule.0, level)).collect(),
        exceptions: exceptions.collect::<Result<_, _>>()?,
    };
    check.index_branch(&config)?;
    Ok(config)
}

struct Validator<'a> {
    source: Option<&'a Arc<SourceText>>,
}

impl Validator<'_> {
    fn fail(&self, range: Range<usize>, cause: impl Into<String>, help: &str) -> Fail {
        let fallback = Arc::new(SourceText::new(RepoPath::default(), String::new()));
        config_error(&Broken::at(self.source.unwrap_or(&fallback), range, cause).help(help))
    }

    fn at(&self, range: &Range<usize>) -> Option<Location> {
        self.source.map(|source| Location::new(source, range.clone()))
    }

    fn charts(&self, raw: Option<Vec<RawChart>>) -> Result<Charts, Fail> {
        let Some(raw) = raw else {
            let path = Spanned { value: "charts/*".to_owned(), range: 0..0 };
            let all = RawChart { path, app_version: None, values: None };
            return Ok(Charts::Default(ChartConfig { at: None, ..self.chart(all)? }));
        };
        let charts: Vec<ChartConfig> =
            raw.into_iter().map(|chart| self.chart(chart)).collect::<Result<_, _>>()?;
        for (number, chart) in charts.iter().enumerate() {
            let twin =
                charts.iter().skip(number + 1).find(|other| other.path.as_str() == chart.path.as_str());
            if let Some(range) = twin.and_then(|twin| twin.at.as_ref()).map(|at| at.range.clone()) {
                return Err(self.fail(
                    range,
                    format!("the chart {} is listed twice", chart.path.as_str()),
                    "keep one of the two",
                ));
            }
        }
        Ok(Charts::Listed(charts))
    }

    fn chart(&self, raw: RawChart) -> Result<ChartConfig, Fail> {
        let path = self.path(&raw.path)?;
        let glob = self.glob(&Spanned { value: path.as_str().to_owned(), range: raw.path.range.clone() })?;
        let app_version = match raw.app_version {
            Some(Toggle::Off) => None,
            Some(Toggle::On(template)) => Some(self.template(&template)?),
            None => Some(self.default_template("{version}")?),
        };
        let values = raw.values.map(|keys| self.values_keys(&keys, path.as_str())).transpose()?;
        Ok(ChartConfig { path: glob, app_version, values, at: self.at(&raw.path.range) })
    }

    fn values_keys(&self, raw: &[RawKey], chart: &str) -> Result<Vec<ValuesKey>, Fail> {
        let mut keys: Vec<ValuesKey> = Vec::new();
        for one in raw {
            let key = self.values_key(one, chart)?;
            if keys.iter().any(|other| (&other.steps, &other.file) == (&key.steps, &key.file)) {
                let cause = format!("the key {} of {} is listed twice", key.key, key.file);
                return Err(self.fail(one.key.range.clone(), cause, "keep one of the two"));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn values_key(&self, raw: &RawKey, chart: &str) -> Result<ValuesKey, Fail> {
        let file = match &raw.file {
            Some(file) => self.values_file(file, chart)?,
            None => "values.yaml".to_owned(),
        };
        Ok(ValuesKey {
            key: raw.key.value.clone(),
            steps: self.key(&raw.key)?,
            file,
            value: raw.value.as_ref().map(|value| self.template(value)).transpose()?,
            at: self.at(&raw.key.range),
        })
    }

    /// A file in a chart's folder, or in a neighbour of it: only the repository may not be left.
    fn values_file(&self, raw: &Text, chart: &str) -> Result<String, Fail> {
        let folder = RepoPath::parse(&chart.replace("**/", "")).unwrap_or_default();
        if raw.value.is_empty() || folder.join(&raw.value).is_ok_and(|path| path.is_root()) {
            return Err(self.fail(raw.range.clone(), "a file is expected here", "for example: values.yaml"));
        }
        match folder.join(&raw.value) {
            // Where the path only goes down, `./values.yaml` and `values.yaml` are one file.
            Ok(_) => {
                Ok(RepoPath::parse(&raw.value).map_or(raw.value.clone(), |path| path.as_str().to_owned()))
            }
            Err(error) => Err(self.fail(
                raw.range.clone(),
                error.to_string(),
                "the path is relative to the chart's folder",
            )),
        }
    }

    fn carriers(&self, raw: &[RawCarrier]) -> Result<Vec<Carrier>, Fail> {
        let mut carriers: Vec<Carrier> = Vec::new();
        for one in raw {
            let carrier = self.carrier(one)?;
            if carriers.iter().any(|other| (&other.file, &other.place) == (&carrier.file, &carrier.place)) {
                let place = carrier.place.map_or(String::new(), |place| format!(" with {place}"));
                let cause = format!("the carrier {}{place} is listed twice", carrier.file);
                return Err(self.fail(one.file.range.clone(), cause, "keep one of the two"));
            }
            carriers.push(carrier);
        }
        Ok(carriers)
    }

    fn carrier(&self, raw: &RawCarrier) -> Result<Carrier, Fail> {
        let file = self.path(&raw.file)?;
        if file.is_root() {
            return Err(self.fail(
                raw.file.range.clone(),
                "a carrier is a file",
                "name the file that carries the version",
            ));
        }
        let (carries, place) = match (&raw.key, &raw.regex) {
            (Some(key), Some(_)) => {
                return Err(self.fail(
                    key.range.clone(),
                    "a carrier has a key or a regex, not both",
                    "make two carriers of it",
                ));
            }
            (Some(key), None) => (Carries::Key(self.key(key)?), Some(key.value.clone())),
            (None, Some(regex)) => (Carries::Matches(self.regex(regex)?), Some(regex.value.clone())),
            (None, None) => (Carries::Whole, None),
        };
        let value = match &raw.value {
            Some(value) => self.template(value)?,
            None => self.default_template("{version}")?,
        };
        Ok(Carrier { file, carries, value, place, at: self.at(&raw.file.range) })
    }

    fn regex(&self, raw: &Text) -> Result<Regex, Fail> {
        let error = |cause: String| {
            self.fail(raw.range.clone(), cause, "write it as (?P<version>[0-9]+\\.[0-9]+\\.[0-9]+)")
        };
        let regex = Regex::new(&raw.value).map_err(|cause| {
            let cause = cause.to_string();
            let last = cause.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            error(format!("the regex can't be read: {last}"))
        })?;
        if !regex.capture_names().flatten().any(|name| name == "version") {
            return Err(error("the regex has no group named `version`".to_owned()));
        }
        Ok(regex)
    }

    fn changelog(&self, raw: &RawChangelog) -> Result<ChangelogConfig, Fail> {
        let at = raw.path.as_ref().and_then(|path| self.at(&path.range));
        let path = match &raw.path {
            Some(text) => {
                let path = self.path(text)?;
                let template =
                    self.template(&Spanned { value: path.as_str().to_owned(), range: text.range.clone() })?;
                if ["{version}", "{patch}"].iter().any(|field| text.value.contains(field)) {
                    let cause = "a changelog is kept for a minor line, or for all of them";
                    return Err(self.fail(
                        text.range.clone(),
                        cause,
                        "use {major} and {minor}, or no placeholder",
                    ));
                }
                template
            }
            None => self.default_template("docs/CHANGELOG/CHANGELOG-{major}.{minor}.md")?,
        };
        let format = match &raw.format {
            Some(format) => self.path(format)?,
            None => default_format(&path),
        };
        Ok(ChangelogConfig {
            format_at: raw.format.as_ref().and_then(|format| self.at(&format.range)),
            path,
            format,
            on: raw.on.unwrap_or_default(),
            order: raw.order.unwrap_or_default(),
            prereleases: raw.prereleases.unwrap_or_default(),
            at,
        })
    }

    fn branches(&self, raw: RawBranches) -> Result<Branches, Fail> {
        let release = match &raw.release {
            Some(text) => {
                let template = self.template(text)?;
                let sample = MinorLine { major: 1, minor: 2 };
                if template.line_in(&template.fill_line(sample)) != Some(sample)
                    || text.value.contains("{patch}")
                {
                    let cause = "a release branch stands for a minor line, so its name needs {major} and {minor}, and only these";
                    return Err(self.fail(text.range.clone(), cause, "for example: release-{major}.{minor}"));
                }
                self.must_name_a_ref(text, &template.fill_line(sample), "release-{major}.{minor}")?;
                template
            }
            None => self.default_template("release-{major}.{minor}")?,
        };
        Ok(Branches { release, ignore: self.globs(raw.ignore)? })
    }

    fn tags(&self, raw: RawTags) -> Result<Tags, Fail> {
        let release = match &raw.release {
            Some(text) => {
                let template = self.template(text)?;
                let sample = semver::Version::new(1, 2, 3);
                if template.version_in(&template.fill(&sample)) != Some(sample) {
                    let cause = "a release tag stands for one version, so its name needs {version}";
                    return Err(self.fail(text.range.clone(), cause, "for example: v{version}"));
                }
                self.must_name_a_ref(text, &template.fill(&semver::Version::new(1, 2, 3)), "v{version}")?;
                template
            }
            None => self.default_template("v{version}")?,
        };
        Ok(Tags {
            release,
            ignore: self.globs(raw.ignore)?,
            prereleases_from: raw.prereleases_from.unwrap_or_default(),
            signed: raw.signed.unwrap_or_default(),
        })
    }

    fn index(&self, raw: RawIndex) -> Result<Index, Fail> {
        let folder = |text: &Text| self.path(text);
        let default = |text: &str| RepoPath::parse(text).map_err(|error| Fail::new(error.to_string()));
        Ok(Index {
            branch_at: raw.branch.as_ref().and_then(|branch| self.at(&branch.range)),
            branch: raw.branch.map_or(Ok("gh-pages".to_owned()), |branch| self.ref_name(branch))?,
            path: raw.path.as_ref().map_or_else(|| default("index.yaml"), folder)?,
            archives: match &raw.archives {
                Some(Toggle::Off) => None,
                Some(Toggle::On(archives)) => Some(self.path(archives)?),
                None => Some(default("charts")?),
            },
            url: raw.url.map(|url| self.url(url)).transpose()?,
        })
    }

    /// The commits of the chart index on a branch of sources would be in every checkout of it.
    fn index_branch(&self, config: &Config) -> Result<(), Fail> {
        let branch = &config.index.branch;
        let Some(at) = &config.index.branch_at else { return Ok(()) };
        let what = if config.default_branch.as_ref() == Some(branch) {
            "the default branch"
        } else if config.branches.release.line_in(branch).is_some() {
            "a release branch"
        } else {
            return Ok(());
        };
        let cause = format!("the chart index can't be on {branch}, which is {what}");
        Err(self.fail(at.range.clone(), cause, "give it a branch of its own: gh-pages"))
    }

    fn url(&self, raw: Text) -> Result<String, Fail> {
        if !raw.value.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()) {
            let cause = format!("`{}` is no URL", raw.value);
            return Err(self.fail(raw.range, cause, "for example: https://example.github.io/project"));
        }
        if let Some(why) = unfit_as_base(&raw.value) {
            let cause = format!("`{}` can't stand in the chart index: {why}", without_password(&raw.value));
            return Err(self.fail(raw.range, cause, "for example: https://example.github.io/project"));
        }
        Ok(raw.value.trim_end_matches('/').to_owned())
    }

    fn exception(&self, raw: RawException) -> Result<Exception, Fail> {
        let until = raw.until.map(|until| {
            Date::parse(&until.value).ok_or_else(|| {
                self.fail(until.range, format!("`{}` is no day", until.value), "write it as YYYY-MM-DD")
            })
        });
        Ok(Exception {
            rule: raw.rule.0,
            at: self.at(&raw.on.range),
            on: self.not_empty(raw.on)?,
            reason: self.not_empty(raw.reason)?,
            until: until.transpose()?,
        })
    }

    fn version(&self, raw: &Text) -> Result<semver::Version, Fail> {
        parse_version(strip_v(&raw.value)).ok_or_else(|| {
            self.fail(
                raw.range.clone(),
                format!("`{}` is no version", raw.value),
                "write it as 1.2.3 or v1.2.3",
            )
        })
    }

    fn ref_name(&self, raw: Text) -> Result<String, Fail> {
        let bad = |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
        let full = raw.value.starts_with("refs/");
        if full || raw.value.contains(bad) || raw.value.starts_with(['-', '/']) || raw.value.contains("..") {
            return Err(self.fail(
                raw.range,
                format!("`{}` is no short name of a branch or remote", raw.value),
                "for example: main",
            ));
        }
        self.not_empty(raw)
    }

    fn not_empty(&self, raw: Text) -> Result<String, Fail> {
        if raw.value.trim().is_empty() {
            return Err(self.fail(raw.range, "nothing stands here", "write a value, or leave the key out"));
        }
        Ok(raw.value)
    }

    fn path(&self, raw: &Text) -> Result<RepoPath, Fail> {
        if raw.value.is_empty() {
            return Err(self.fail(
                raw.range.clone(),
                "nothing stands here",
                "write a path relative to the repository's root",
            ));
        }
        let path = RepoPath::parse(&raw.value).map_err(|error| {
            self.fail(raw.range.clone(), error.to_string(), "every path is inside the repository")
        })?;
        if path.parts().any(|part| part.eq_ignore_ascii_case(".git")) {
            let cause = "the path leads into git's own folder, which is no part of the project";
            return Err(self.fail(raw.range.clone(), cause, "name a file of the project"));
        }
        Ok(path)
    }

    fn key(&self, raw: &Text) -> Result<Vec<Step>, Fail> {
        key_path(&raw.value).ok_or_else(|| {
            self.fail(
                raw.range.clone(),
                format!("`{}` is no key", raw.value),
                "write it as image.tag or images[0].tag",
            )
        })
    }

    fn template(&self, raw: &Text) -> Result<Template, Fail> {
        if raw.value.is_empty() {
            return Err(self.fail(raw.range.clone(), "nothing stands here", "for example: \"v{version}\""));
        }
        Template::parse(&raw.value)
            .map_err(|error| self.fail(raw.range.clone(), error.to_string(), "for example: \"v{version}\""))
    }

    /// A template that no ref can fit would turn every rule on refs off.
    fn must_name_a_ref(&self, text: &Text, name: &str, example: &str) -> Result<(), Fail> {
        let cause = if !is_ref_name(name) {
            format!("no branch or tag can be named so: {name}")
        } else if text.value.contains("}{") {
            "where two numbers meet, nobody can tell which digit is whose".to_owned()
        } else {
            return Ok(());
        };
        Err(self.fail(text.range.clone(), cause, &format!("for example: {example}")))
    }

    fn default_template(&self, text: &str) -> Result<Template, Fail> {
        self.template(&Spanned { value: text.to_owned(), range: 0..0 })
    }

    fn globs(&self, raw: Option<Vec<Text>>) -> Result<Vec<Glob>, Fail> {
        raw.unwrap_or_default().iter().map(|glob| self.glob(glob)).collect()
    }

    fn glob(&self, raw: &Text) -> Result<Glob, Fail> {
        Glob::parse(&raw.value).map_err(|error| {
            self.fail(
                raw.range.clone(),
                format!("the glob can't be read: {error}"),
                "`*` stays inside a name, `**` crosses `/`",
            )
        })
    }
}

/// Where a project keeps its format sample: beside its changelogs, for version 0.0.0.
fn default_format(path: &Template) -> RepoPath {
    let beside = path.as_str().replace("{major}.{minor}", "0.0.0");
    let sample = if path.has_fields() && beside.contains("0.0.0") {
        beside
    } else {
        "docs/CHANGELOG/CHANGELOG-0.0.0.md".to_owned()
    };
    RepoPath::parse(&sample).unwrap_or_default()
}
