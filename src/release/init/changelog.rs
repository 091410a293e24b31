//! Where the project keeps its changelog, and in what form.

use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;

use super::found::{Fact, Part, counted, quoted};
use super::past::{Past, Release};
use crate::document::changelog::{Changelog, Order};
use crate::domain::{MinorLine, Oid, RepoPath, SortedMap, SortedSet, SourceText, Template, Version, order};
use crate::git::{Mode, Tree};

/// So many of the newest releases decide.
const NEWEST: usize = 10;

/// So deep a changelog is looked for.
const DEPTH: usize = 4;

const DEFAULT: &str = "docs/CHANGELOG/CHANGELOG-{major}.{minor}.md";

/// How many releases have a section in the files of one template.
struct Score {
    template: String,
    /// At the tagged commit.
    at_tag: usize,
    /// On the default branch.
    at_tip: usize,
}

/// The versions that a file has sections for, by the id of its bytes.
#[derive(Default)]
struct Sections(SortedMap<Oid, Rc<SortedSet<Version>>>);

/// Finds the changelog.
pub(super) fn find(history: &Past<'_>) -> Result<Part> {
    let mut part = Part::default();
    let (templates, single) = templates(history)?;
    if history.releases.is_empty() {
        return Ok(without_releases(history, &templates));
    }
    let asked: Vec<&Release> = history.releases.iter().take(NEWEST).collect();
    let mut sections = Sections::default();
    let tip = history.tip_tree();
    let mut best: Option<Score> = None;
    for template in templates {
        let score = sections.score(history, tip.as_ref(), &template, &asked)?;
        let most = |score: &Score| score.at_tag.max(score.at_tip);
        if best.as_ref().is_none_or(|best| most(&score) > most(best)) {
            best = Some(score);
        }
    }
    let Some(best) = best.filter(|best| best.at_tag.max(best.at_tip) * 2 >= asked.len()) else {
        let evidence = match single {
            Some(path) => {
                format!("each release has a file of its own, as {path}, which relguard does not judge")
            }
            None => format!(
                "no changelog has a section for most of the newest {}",
                counted(asked.len(), "release")
            ),
        };
        part.fact(Fact::of("changelog", "changelog", "none", evidence));
        part.line(0, "changelog: false");
        return Ok(part);
    };
    let mut inner = Part::default();
    place(&mut inner, &best, asked.len());
    form(
        history,
        &mut inner,
        &best.template,
        asked.first().map(|release| MinorLine::from(&release.version)),
    )?;
    prereleases(history, &mut sections, &best, &mut inner)?;
    part.append(inner.below("changelog"));
    Ok(part)
}

/// The templates of the files that may be changelogs, and a file that is about one release alone.
fn templates(history: &Past<'_>) -> Result<(Vec<String>, Option<RepoPath>)> {
    let mut paths: SortedSet<RepoPath> = history.paths.iter().filter(|path| is_log(path)).cloned().collect();
    if let Some(newest) = history.releases.first() {
        let entries = history.repo.tree(newest.commit).walk(&RepoPath::default(), DEPTH)?;
        let files = entries.into_iter().filter(|entry| entry.mode == Mode::File).map(|entry| entry.path);
        paths.extend(files.filter(is_log));
    }
    let releases = || history.releases.iter().chain(&history.prereleases);
    let lines: SortedSet<MinorLine> = releases().map(|release| MinorLine::from(&release.version)).collect();
    let mut single = None;
    let mut found = SortedSet::new();
    for path in paths.into_iter().filter(|path| !path.as_str().contains(['{', '}'])) {
        if releases().any(|release| path.as_str().contains(&release.version.to_string())) {
            single = Some(path);
            continue;
        }
        let template = lines.iter().rev().find_map(|line| of_line(path.as_str(), *line));
        found.insert(template.unwrap_or_else(|| path.as_str().to_owned()));
    }
    // The file of no line at all is the likelier the nearer it lies.
    let mut found: Vec<String> = found.into_iter().collect();
    order::sort_by_key(&mut found, |path| path.matches('/').count());
    Ok((found, single))
}

/// Whether a file is called as changelogs are, or lies in a folder that is.
fn is_log(path: &RepoPath) -> bool {
    let words = ["changelog", "changes", "history", "release-notes", "release_notes", "releasenotes"];
    let is = |name: &str| words.iter().any(|word| name.to_ascii_lowercase().starts_with(word));
    let foreign =
        path.parts().any(|part| matches!(part, "vendor" | "node_modules" | "third_party" | "testdata"));
    is_markdown(path)
        && !foreign
        && path.parts().count() <= DEPTH
        && (is(path.file_name()) || is(path.parent().file_name()))
}

fn is_markdown(path: &RepoPath) -> bool {
    path.file_name().rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("md"))
}

/// A path with the minor line in it left open.
fn of_line(path: &str, line: MinorLine) -> Option<String> {
    let text = line.to_string();
    let (at, _) = path.match_indices(&text).find(|(at, _)| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let before = path.get(..*at).and_then(|before| before.chars().next_back());
        let mut after = path.get(at + text.len()..).unwrap_or_default().chars();
        let next = after.next();
        !(digit(before) || before == Some('.') || digit(next) || (next == Some('.') && digit(after.next())))
    })?;
    Some(format!("{}{{major}}.{{minor}}{}", path.get(..at)?, path.get(at + text.len()..)?))
}

impl Sections {
    fn score(
        &mut self,
        history: &Past<'_>,
        tip: Option<&Tree<'_>>,
        template: &str,
        releases: &[&Release],
    ) -> Result<Score> {
        let parsed = Template::parse(template)?;
        let mut score = Score { template: template.to_owned(), at_tag: 0, at_tip: 0 };
        for release in releases {
            let path = RepoPath::parse(&parsed.fill_line(MinorLine::from(&release.version)))?;
            let tree = history.repo.tree(release.commit);
            score.at_tag += usize::from(self.has(history, &tree, &path, &release.version)?);
            if let Some(tip) = tip {
                score.at_tip += usize::from(self.has(history, tip, &path, &release.version)?);
            }
        }
        Ok(score)
    }

    fn has(
        &mut self,
        history: &Past<'_>,
        tree: &Tree<'_>,
        path: &RepoPath,
        version: &Version,
    ) -> Result<bool> {
        let Some(entry) =
            tree.entry(path)?.filter(|entry| matches!(entry.mode, Mode::File | Mode::Executable))
        else {
            return Ok(false);
        };
        let versions = match self.0.get(&entry.id) {
            Some(versions) => Rc::clone(versions),
            None => {
                let log = log_of(history, entry.id, path)?;
                let sections = log.iter().flat_map(Changelog::sections);
                let versions = Rc::new(sections.map(|section| section.version.clone()).collect());
                self.0.insert(entry.id, Rc::clone(&versions));
                versions
            }
        };
        Ok(versions.contains(version))
    }
}

fn log_of(history: &Past<'_>, blob: Oid, path: &RepoPath) -> Result<Option<Changelog>> {
    let bytes = history.repo.blob(blob, crate::source::SIZE_LIMIT)?.unwrap_or_default();
    let text = String::from_utf8(bytes).ok();
    Ok(text.map(|text| Changelog::parse(&Arc::new(SourceText::new(path.clone(), text)))))
}

/// The lines for the path and the branch that a section has to be on.
fn place(part: &mut Part, best: &Score, asked: usize) {
    let on_default = best.at_tip > best.at_tag;
    let kept = best.at_tag.max(best.at_tip);
    let evidence = format!("a section for {kept} of the newest {}", counted(asked, "release"));
    if best.template == DEFAULT {
        part.note(Fact::of("changelog", "changelog.path", best.template.as_str(), evidence));
    } else {
        part.fact(Fact::of("changelog", "changelog.path", best.template.as_str(), evidence));
        part.line(0, &format!("path: {}", quoted(&best.template)));
    }
    if on_default {
        let evidence =
            format!("{} sections are on the default branch, {} at their tags", best.at_tip, best.at_tag);
        part.fact(Fact::of("changelog's place", "changelog.on", "default-branch", evidence));
        part.line(0, "on: default-branch");
    }
}

/// The lines for the order of sections and for the format sample.
fn form(history: &Past<'_>, part: &mut Part, template: &str, line: Option<MinorLine>) -> Result<()> {
    let parsed = Template::parse(template)?;
    let files: Vec<&RepoPath> = history.paths.iter().filter(|path| parsed.fits(path.as_str())).collect();
    let mut orders: SortedMap<bool, usize> = SortedMap::new();
    for path in &files {
        let Some(log) = history.text_at_tip(path)?.map(|source| Changelog::parse(&source)) else { continue };
        if log.top_sections().count() > 1 {
            *orders.get_or_default(log.order() == Some(Order::OldestFirst)) += 1;
        }
    }
    let count = |oldest| orders.get(&oldest).copied().unwrap_or_default();
    if count(true) > count(false) {
        let evidence = format!("so in {} of {}", count(true), counted(count(true) + count(false), "file"));
        part.fact(Fact::of("order of sections", "changelog.order", "oldest-first", evidence));
        part.line(0, "order: oldest-first");
    }
    let usual = template.replace("{major}.{minor}", "0.0.0");
    let folder =
        line.map(|line| RepoPath::parse(&parsed.fill_line(line))).transpose()?.unwrap_or_default().parent();
    let none = Version::new(0, 0, 0);
    for path in history.paths.iter().filter(|path| path.parent() == folder && is_markdown(path)) {
        let Some(source) = history.text_at_tip(path)? else { continue };
        if files.contains(&path) || Changelog::parse(&source).sections_of(&none).is_empty() {
            continue;
        }
        if path.as_str() == usual && template.contains("{minor}") {
            part.note(Fact::of(
                "format sample",
                "changelog.format",
                path.as_str(),
                "it has a section for 0.0.0",
            ));
        } else {
            part.fact(Fact::of(
                "format sample",
                "changelog.format",
                path.as_str(),
                "it has a section for 0.0.0",
            ));
            part.line(0, &format!("format: {}", quoted(path.as_str())));
        }
        break;
    }
    Ok(())
}

/// The line for prereleases that go without a section.
fn prereleases(history: &Past<'_>, sections: &mut Sections, best: &Score, part: &mut Part) -> Result<()> {
    let asked: Vec<&Release> = history.prereleases.iter().take(NEWEST).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let score = sections.score(history, history.tip_tree().as_ref(), &best.template, &asked)?;
    let kept = if best.at_tip > best.at_tag { score.at_tip } else { score.at_tag };
    if kept < asked.len() {
        let evidence = format!("{kept} of the newest {} have a section", counted(asked.len(), "prerelease"));
        part.fact(Fact::of("sections of prereleases", "changelog.prereleases", "optional", evidence));
        part.line(0, "prereleases: optional");
    }
    Ok(())
}

/// A project that has released nothing yet: its changelog, where there is one, else the process's own.
fn without_releases(history: &Past<'_>, templates: &[String]) -> Part {
    let mut part = Part::default();
    let folder = DEFAULT.rsplit_once('/').map_or("", |(folder, _)| folder);
    let has_default = history.paths.iter().any(|path| path.parent().as_str() == folder);
    let root = templates.iter().find(|path| !path.contains('/')).filter(|_| !has_default);
    match root {
        Some(path) => {
            part.fact(Fact::of(
                "changelog",
                "changelog.path",
                path.as_str(),
                "the file is there, with no release yet",
            ));
            part.line(0, &format!("path: {}", quoted(path)));
            part.below("changelog")
        }
        None => {
            part.note(Fact::of("changelog", "changelog.path", DEFAULT, "nothing is released yet"));
            part
        }
    }
}
