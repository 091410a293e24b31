//! The other files that carried the version of every release: as a whole, at a key, or in a line.

use std::sync::Arc;

use anyhow::Result;
use regex::Regex;

use super::charts::Charts;
use super::found::{Fact, Part, counted, quoted};
use super::past::{Past, places, run, template_of};
use super::{keys, lines};
use crate::document::carrier::{Carries, read};
use crate::document::yaml::key_path;
use crate::domain::{RepoPath, SortedSet, SourceText, Template, Version, order, parse_version, strip_v};

/// In so many releases, the newest, a file has to carry the version.
const FEWEST: usize = 3;

/// A file over this size, in bytes, is no place where somebody keeps a version by hand.
const LARGE: usize = 256 * 1024;

/// So many places of one file are named.
const PLACES: usize = 4;

/// Files that name versions by their nature: lists of dependencies, of releases, of what was built.
const OTHERS: [&str; 9] = [
    "go.mod",
    "go.sum",
    "Chart.lock",
    "Chart.yaml",
    "requirements.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    ".release-please-manifest.json",
];

/// Folders of other people's files.
const FOREIGN: [&str; 5] = ["vendor", "third_party", "node_modules", "testdata", "_output"];

/// A place that carries the version.
pub(super) struct Place {
    /// How a config names it.
    pub(super) carries: Carries,
    /// The key or the pattern; `None`: the whole file.
    pub(super) text: Option<String>,
    /// What stands there.
    pub(super) value: String,
}

/// A release as the carriers' files are held against it.
struct Held {
    /// The versions that may stand in them: the tag's, and the chart's.
    versions: Vec<Version>,
    /// The file there.
    source: Option<Arc<SourceText>>,
}

/// Finds the carriers.
pub(super) fn find(history: &Past<'_>, charts: &Charts) -> Result<Part> {
    let mut part = Part::default();
    if charts.none || history.releases.len() < 2 {
        return Ok(part);
    }
    let leading = charts.own.first();
    let now = leading.and_then(|chart| chart.now.as_ref()).map(|(version, _)| strip_v(version).to_owned());
    for path in candidates(history, charts)? {
        let mut held = Vec::new();
        for (at, release) in history.releases.iter().enumerate() {
            let chart = leading.and_then(|chart| chart.versions.get(at)?.as_ref());
            let chart = chart.and_then(|(version, _)| parse_version(strip_v(version)));
            let mut versions = vec![release.version.clone()];
            versions.extend(chart);
            held.push(Held { versions, source: history.text(release, &path)? });
        }
        of_file(&path, &held, history.text_at_tip(&path)?.zip(now.as_deref()).as_ref(), &mut part)?;
    }
    Ok(part.below("carriers"))
}

/// The files that were other ones in each of the newest releases, and hold the newest one's version.
fn candidates(history: &Past<'_>, charts: &Charts) -> Result<Vec<RepoPath>> {
    let mut changed: Option<Vec<RepoPath>> = None;
    let pairs = history.releases.iter().zip(history.releases.iter().skip(1)).take(FEWEST - 1);
    for (newer, older) in pairs {
        let older = history.repo.tree(older.commit);
        let modified = history.repo.tree(newer.commit).modified(&older)?;
        changed = Some(match changed {
            // A file that came in between is looked at closely.
            Some(before) => {
                let mut both = Vec::new();
                for path in before {
                    if modified.contains(&path) || older.entry(&path)?.is_none() {
                        both.push(path);
                    }
                }
                both
            }
            None => modified.into_iter().collect(),
        });
    }
    let Some(newest) = history.releases.first() else { return Ok(Vec::new()) };
    let version = newest.version.to_string();
    let mut found = Vec::new();
    for path in changed.unwrap_or_default().into_iter().filter(|path| may_carry(path, charts)) {
        let text = history.text(newest, &path)?;
        if text.is_some_and(|text| text.text.len() <= LARGE && !places(&text.text, &version).is_empty()) {
            found.push(path);
        }
    }
    order::sort(&mut found);
    Ok(found)
}

/// Whether a file may carry the version by somebody's hand. The charts' own are looked at for themselves.
fn may_carry(path: &RepoPath, charts: &Charts) -> bool {
    let name = path.file_name();
    let lower = path.as_str().to_ascii_lowercase();
    let is_log = ["changelog", "changes", "history", "release-notes", "release_notes", "releasenotes"]
        .iter()
        .any(|word| lower.contains(word));
    let in_chart = charts.own.iter().any(|chart| {
        let inner = path.below(&chart.dir);
        inner.is_some_and(|inner| !inner.contains('/') && inner.starts_with("values"))
    });
    !is_log && !in_chart && !OTHERS.contains(&name) && !path.parts().any(|part| FOREIGN.contains(&part))
}

fn of_file(
    path: &RepoPath,
    held: &[Held],
    now: Option<&(Arc<SourceText>, &str)>,
    part: &mut Part,
) -> Result<()> {
    let Some(newest) = held.first().and_then(|held| Some((held.source.as_ref()?, held.versions.first()?)))
    else {
        return Ok(());
    };
    let known = held.iter().filter(|held| held.source.is_some()).count();
    let mut covered: SortedSet<usize> = SortedSet::new();
    let mut noted = false;
    for place in proposals(newest.0, newest.1, held)?.into_iter().take(PLACES) {
        let template = Template::parse(&place.value)?;
        let kept = kept(held, &place.carries, &template);
        let new: Vec<usize> = starts(newest.0, &place.carries);
        if kept < known.min(FEWEST) || kept < 2 || new.iter().all(|at| covered.contains(at)) {
            continue;
        }
        covered.extend(new);
        let Some((now, version)) = now else { continue };
        let evidence = format!("in {kept} of {}", counted(known, "release"));
        let about = match &place.text {
            Some(text) => format!("{path} at {text} is {}", place.value),
            None => format!("{path} is {}", place.value),
        };
        let wanted = template.fill_text(version);
        let there: Vec<String> = texts(now, &place.carries);
        if there.is_empty() || there.iter().any(|text| Some(text) != wanted.as_ref()) {
            // One note a file: the places of one mostly go together.
            if !noted {
                let found = there.first().map_or("nothing there", String::as_str);
                let why = format!(
                    "{evidence}, but {found} on the default branch, so that not every state can be held to it"
                );
                part.note(Fact::of("carrier", "carriers", about, why));
                noted = true;
            }
            continue;
        }
        part.fact(Fact::of("carrier", "carriers", about, evidence));
        part.line(0, &line(path, &place));
    }
    Ok(())
}

/// A carrier as the config writes it.
fn line(path: &RepoPath, place: &Place) -> String {
    let mut line = format!("- {{ file: {}", quoted(path.as_str()));
    match (&place.carries, &place.text) {
        (Carries::Key(_), Some(key)) => line.extend([", key: ", &quoted(key)]),
        (_, Some(regex)) => line.extend([", regex: '", &regex.replace('\'', "''"), "'"]),
        (_, None) => {}
    }
    if place.value != "{version}" {
        line.extend([", value: ", &quoted(&place.value)]);
    }
    line + " }"
}

/// The places of the newest release's file that may be the ones, the plainest first.
fn proposals(source: &Arc<SourceText>, version: &Version, held: &[Held]) -> Result<Vec<Place>> {
    let version = version.to_string();
    let whole = source.text.trim();
    if !whole.contains('\n')
        && let Some(value) = template_of(whole, &version).filter(|_| whole.len() <= version.len() + 40)
    {
        return Ok(vec![Place { carries: Carries::Whole, text: None, value }]);
    }
    let mut found = Vec::new();
    for (key, text) in keys::of(source) {
        let Some(value) = template_of(&text, &version) else { continue };
        let place =
            key_path(&key).map(|steps| Place { carries: Carries::Key(steps), text: Some(key), value });
        found.extend(place);
    }
    // A file with the version at every turn is made by a program, or named better by a pattern.
    if !found.is_empty() && found.len() <= PLACES {
        return Ok(found);
    }
    let verified = |pattern: &str| -> usize {
        let Ok(regex) = Regex::new(pattern) else { return 0 };
        Template::parse("{version}").map_or(0, |form| kept(held, &Carries::Matches(regex), &form))
    };
    let mut found = Vec::new();
    for pattern in lines::patterns(&source.text, &version, &verified) {
        let carries = Carries::Matches(Regex::new(&pattern)?);
        found.push(Place { carries, text: Some(pattern), value: "{version}".to_owned() });
    }
    Ok(found)
}

/// In how many of the newest releases in a row a place carries the version.
fn kept(held: &[Held], carries: &Carries, form: &Template) -> usize {
    run(held.iter().map(|held| {
        let texts = texts(held.source.as_ref()?, carries);
        let is = |version: &Version| texts.iter().all(|text| *text == form.fill(version));
        Some(!texts.is_empty() && held.versions.iter().any(is))
    }))
}

fn texts(source: &Arc<SourceText>, carries: &Carries) -> Vec<String> {
    read(source, carries).unwrap_or_default().into_iter().map(|carried| carried.value.text).collect()
}

fn starts(source: &Arc<SourceText>, carries: &Carries) -> Vec<usize> {
    let found = read(source, carries).unwrap_or_default();
    found.into_iter().map(|carried| carried.value.location.range.start).collect()
}
