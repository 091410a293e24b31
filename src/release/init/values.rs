//! The keys of a chart's values files that carried the version of every release.

use anyhow::Result;

use super::charts::ChartPast;
use super::found::{Fact, Part, counted, quoted};
use super::keys;
use super::past::{Past, Release, run, template_of};
use crate::domain::{RepoPath, SortedMap, Template, Version, parse_version, strip_v};

/// The keys that are judged without a config.
const DEFAULT: [&str; 3] = ["version", "global.imageTag", "image.tag"];

/// In so many releases, the newest, a key has to carry the version.
const FEWEST: usize = 3;

/// What was found of a chart's values.
pub(super) struct Values {
    /// The config's lines, below the chart's own.
    pub(super) part: Part,
    /// Whether the default keys are not enough.
    pub(super) needs_lines: bool,
}

/// A key that carries the version.
struct Key {
    file: String,
    path: String,
    template: String,
    evidence: String,
}

/// Finds the keys.
pub(super) fn find(history: &Past<'_>, chart: &ChartPast) -> Result<Values> {
    let mut part = Part::default();
    let mut found = Vec::new();
    let mut strangers = Vec::new();
    for path in files(history, &chart.dir) {
        let file = File::read(history, chart, &path)?;
        found.extend(file.carrying(&mut part)?);
        strangers.extend(file.strangers());
    }
    let is_default = |key: &Key| key.file == "values.yaml" && DEFAULT.contains(&key.path.as_str());
    let needs_lines = found.iter().any(|key| !is_default(key)) || !strangers.is_empty();
    for stranger in strangers {
        part.comment(1, &stranger);
        part.known(Fact::of("values", "charts[].values", "not the version's", stranger));
    }
    if needs_lines {
        part.line(1, if found.is_empty() { "values: []" } else { "values:" });
    }
    for key in found {
        let value = format!("{} of {} is {}", key.path, key.file, key.template);
        if !needs_lines {
            part.note(Fact::of("values", "charts[].values", value, key.evidence));
            continue;
        }
        part.comment(2, &key.evidence);
        let file =
            if key.file == "values.yaml" { String::new() } else { format!(", file: {}", quoted(&key.file)) };
        part.line(2, &format!("- {{ key: {}{file}, value: {} }}", quoted(&key.path), quoted(&key.template)));
        part.known(Fact::of("values", "charts[].values", value, key.evidence));
    }
    Ok(Values { part, needs_lines })
}

/// The values files in a chart's folder.
fn files(history: &Past<'_>, dir: &RepoPath) -> Vec<RepoPath> {
    let is_values = |path: &&RepoPath| {
        let name = path.file_name();
        path.parent() == *dir
            && name.starts_with("values")
            && matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml")))
    };
    history.paths.iter().filter(is_values).cloned().collect()
}

/// A values file as the releases had it.
struct File<'a> {
    name: String,
    /// For each release that has the chart, the newest first: its version, the chart's, and the keys.
    known: Vec<(&'a Release, Option<Version>, Keys)>,
    /// The keys on the default branch.
    now: Keys,
    /// The chart's version there.
    version_now: Option<String>,
}

type Keys = SortedMap<String, String>;

impl<'a> File<'a> {
    fn read(history: &'a Past<'_>, chart: &ChartPast, path: &RepoPath) -> Result<Self> {
        let mut known = Vec::new();
        for (release, versions) in history.releases.iter().zip(&chart.versions) {
            let Some((own, _)) = versions else { continue };
            let keys = history.text(release, path)?.map(|source| keys::of(&source)).unwrap_or_default();
            known.push((release, parse_version(strip_v(own)), keys.into_iter().collect()));
        }
        let now = history.text_at_tip(path)?.map(|source| keys::of(&source)).unwrap_or_default();
        let version_now = chart.now.as_ref().map(|(version, _)| strip_v(version).to_owned());
        Ok(Self { name: path.file_name().to_owned(), known, now: now.into_iter().collect(), version_now })
    }

    /// The keys that carried the version in the newest releases. One that does not on the default branch is
    /// only noted: it could not be asked of every state.
    fn carrying(&self, part: &mut Part) -> Result<Vec<Key>> {
        let mut found = Vec::new();
        let mut open: Vec<(&str, &str)> = Vec::new();
        let Some((newest, _, keys)) = self.known.first().filter(|_| self.known.len() > 1) else {
            return Ok(found);
        };
        for (key, text) in keys {
            let Some(template) = template_of(text, &newest.version.to_string()) else { continue };
            let filled = Template::parse(&template)?;
            let kept = run(self.known.iter().map(|known| Some(carries(known, key, &filled))));
            if kept < self.known.len().min(FEWEST) {
                continue;
            }
            let evidence = format!("in {} of {}", kept, counted(self.known.len(), "release"));
            let wanted = self.version_now.as_deref().and_then(|version| filled.fill_text(version));
            match self.now.get(key) {
                Some(text) if Some(text) != wanted.as_ref() => open.push((key, text)),
                None => {}
                Some(_) => {
                    found.push(Key { file: self.name.clone(), path: key.clone(), template, evidence });
                }
            }
        }
        if let Some((key, text)) = open.first() {
            let more = match open.len() {
                1 => String::new(),
                count => format!(" and {}", counted(count - 1, "more key")),
            };
            let about = format!("{key}{more} of {} carry the version of the newest releases", self.name);
            let why = format!("but {text} on the default branch, so that not every state can be held to it");
            part.note(Fact::of("values", "charts[].values", about, why));
        }
        Ok(found)
    }

    /// What the default keys hold that is a version, but never the project's.
    fn strangers(&self) -> Vec<String> {
        let Some((newest, _, keys)) = self.known.first().filter(|_| self.name == "values.yaml") else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for key in DEFAULT {
            let Some(text) = keys.get(key).filter(|text| is_version_like(text)) else { continue };
            let plain = ["{version}", "v{version}"].map(Template::parse);
            let ever =
                self.known.iter().any(|known| plain.iter().flatten().any(|form| carries(known, key, form)));
            if !ever {
                found.push(format!("{key} is {text} at {}: no version of this project", newest.tag));
            }
        }
        found
    }
}

/// Whether a key carried the version of a release, or that of its chart.
fn carries((release, own, keys): &(&Release, Option<Version>, Keys), key: &str, form: &Template) -> bool {
    let is = |version: &Version| keys.get(key) == Some(&form.fill(version));
    is(&release.version) || own.as_ref().is_some_and(is)
}

/// Whether a value begins as versions do: `v1.2`.
fn is_version_like(text: &str) -> bool {
    let mut parts = strip_v(text).split('.');
    let number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    parts.next().is_some_and(number) && parts.next().is_some_and(number)
}
