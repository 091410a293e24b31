//! Puts the section of a release into its file.

use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::present::Present;
use super::{Asked, Draft, News, entries, render, template};
use crate::config::Config;
use crate::document::changelog::{Addition, Changelog, Form, Section, Share, inline};
use crate::domain::{Fail, Forge, RepoPath, SortedMap, Version};
use crate::engine::judge;
use crate::finding::{Edit, Finding, Fix, Severity};
use crate::fix;
use crate::git::Repo;
use crate::project::{Project, Scope};
use crate::release::plan::NewFile;
use crate::source::{self, MemoryFiles, Snapshot};

/// What is written, and where.
pub(super) struct Target<'a> {
    pub(super) repo: &'a Repo,
    pub(super) disk: &'a dyn Snapshot,
    pub(super) config: &'a Config,
    pub(super) version: &'a Version,
    pub(super) asked: &'a Asked<'a>,
    pub(super) news: &'a News,
}

/// What the file becomes.
pub(super) fn write(target: &Target<'_>) -> Result<Draft> {
    let before = target.project(target.disk)?;
    let present = target.section_in(&before).map(|(log, section)| target.present(log, section));
    let present = present.filter(|_| !target.asked.replace).unwrap_or_default();
    let made =
        target.asked.template.map(|template| template.render(target.context(&present), target.version));
    let made = made.transpose()?;
    let mut files = MemoryFiles::over(target.disk);
    if target.asked.replace
        && let Some(edit) = target.replacement(&before, made.as_ref())
    {
        target.apply(&mut files, &[edit])?;
    }
    target.insert(&mut files, made.as_ref())?;
    let project = target.project(&files)?;
    let Some((log, section)) = target.section_in(&project) else {
        let findings = judge(&project, target.config);
        return target.draft(&files, &project, findings);
    };
    let additions = match &made {
        Some(made) => template::untold(made, &target.present(log, section)),
        None => target.additions(&present, &project),
    };
    // The headings first, each with its first item: the table of contents is done while the file is small.
    let headings = target.add(&mut files, &project, &additions, Share::First)?;
    target.refresh_toc(&mut files)?;
    let with_headings = target.project(&files)?;
    target.add(&mut files, &with_headings, &additions, Share::Rest)?;
    let project = target.project(&files)?;
    target.verify(&project, log, (&additions, headings))?;
    let findings = judge(&project, target.config);
    target.draft(&files, &project, findings)
}

/// How many entries the section does not have yet; where there is none, nobody is told anything.
pub(super) fn untold(target: &Target<'_>) -> Result<usize> {
    let project = target.project(target.disk)?;
    let present = target.section_in(&project).map(|(log, section)| target.present(log, section));
    Ok(present.map_or(0, |present| target.untold(&present).0.len()))
}

fn form(project: &Project) -> Option<Form> {
    project.changelog.as_ref()?.form.as_ref().ok().cloned()
}

impl Target<'_> {
    fn present(&self, log: &Changelog, section: &Section) -> Present {
        Present::read(log, section, Forge::marks_of(self.news.forge.as_ref()))
    }

    /// The facts of a state, as far as the changelog goes, for the release that is asked for.
    fn project(&self, files: &dyn Snapshot) -> Result<Project> {
        let scope = Scope { repo: Some(self.repo), tag: Some(self.version), ..Scope::default() };
        let mut project = Project::read(files, self.config, scope)?;
        let release = project.changelog.as_mut().and_then(|facts| facts.release.as_mut());
        if let Some(release) = release {
            // It is asked for.
            release.optional = false;
            let begins_elsewhere =
                self.news.range.start.as_ref().is_some_and(|start| start.version.is_none());
            if !begins_elsewhere {
                release.release.previous = self.news.previous().cloned();
            }
        }
        Ok(project)
    }

    /// The release's only section, and the changelog that holds it.
    fn section_in<'p>(&self, project: &'p Project) -> Option<(&'p Arc<Changelog>, &'p Section)> {
        let facts = project.changelog.as_ref()?;
        let log = facts.log_of(facts.release.as_ref()?)?;
        match log.sections_of(self.version)[..] {
            [section] => Some((log, section)),
            _ => None,
        }
    }

    /// The section written anew, in place of what stands there.
    fn replacement(&self, project: &Project, made: Option<&Changelog>) -> Option<Edit> {
        let (log, section) = self.section_in(project)?;
        let facts = project.changelog.as_ref()?;
        let form = with_made(facts.form.as_ref().ok()?, made);
        let text = form.section_for(&facts.release.as_ref()?.release, log);
        let range = section.heading.start..log.end_of(section);
        Some(Edit { path: log.source().path.clone(), range, replacement: text })
    }

    /// Makes the file, or the section in it, as the rules' fixes do.
    fn insert(&self, files: &mut MemoryFiles<'_>, made: Option<&Changelog>) -> Result<()> {
        let judged = |files: &dyn Snapshot| -> Result<Vec<Finding>> {
            let mut project = self.project(files)?;
            if let Some(Ok(form)) = project.changelog.as_mut().map(|facts| facts.form.as_mut()) {
                *form = with_made(form, made);
            }
            Ok(judge(&project, self.config))
        };
        let wanted =
            |finding: &Finding, _: &Fix| matches!(finding.rule, "changelog/file" | "changelog/section");
        take(files, fix::converge(files, &judged, &wanted)?.whole()?.files);
        Ok(())
    }

    /// Adds a share of the items to the section; how many headings came with them.
    fn add(
        &self,
        files: &mut MemoryFiles<'_>,
        project: &Project,
        additions: &[Addition],
        share: Share,
    ) -> Result<usize> {
        let Some(((log, section), form)) = self.section_in(project).zip(form(project)) else { return Ok(0) };
        let edits = log.add(section, additions, &form, share);
        if !edits.is_empty() {
            self.apply(files, &edits)?;
        }
        Ok(new_headings(&edits))
    }

    /// Has the rule mend the table of contents.
    fn refresh_toc(&self, files: &mut MemoryFiles<'_>) -> Result<()> {
        let path = self.path()?;
        let judged = |files: &dyn Snapshot| Ok(judge(&self.project(files)?, self.config));
        let wanted = |finding: &Finding, fix: &Fix| {
            finding.rule == "changelog/toc" && fix.edits.iter().all(|edit| edit.path == path)
        };
        take(files, fix::converge(files, &judged, &wanted)?.files);
        Ok(())
    }

    /// Where the release's section belongs.
    fn path(&self) -> Result<RepoPath> {
        let template = self.config.changelog.as_ref().map(|changelog| changelog.path.fill(self.version));
        Ok(RepoPath::parse(&template.unwrap_or_default())?)
    }

    fn apply(&self, files: &mut MemoryFiles<'_>, edits: &[Edit]) -> Result<()> {
        let path = self.path()?;
        let Ok(Some(file)) = source::read(files, &path)? else { return Ok(()) };
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        let edits: Vec<&Edit> = edits.iter().collect();
        let text = fix::apply(&text, &edits).with_context(|| format!("{path} can't be changed"))?;
        files.insert(file.path, text.into_bytes());
        Ok(())
    }

    /// What is added to the section: what it does not tell yet.
    fn additions(&self, present: &Present, project: &Project) -> Vec<Addition> {
        let here = self.section_in(project).and_then(|(log, section)| log.kinds_in(section).next());
        let flat = here.is_none() && form(project).is_none_or(|form| form.kinds().is_empty());
        let (entries, contributors) = self.untold(present);
        render::additions(&entries, &contributors, self.news.forge.as_ref(), flat)
    }

    /// The entries and the contributors that the section does not name yet.
    fn untold(&self, present: &Present) -> (Vec<Rc<entries::Entry>>, Vec<String>) {
        let untold = self.news.entries.iter().filter(|entry| !present.has(entry)).cloned().collect();
        let names = self.news.contributors.iter().filter(|name| !present.has_name(name)).cloned();
        (entries::without_doubles(entries::with_joined_updates(untold)), names.collect())
    }

    fn context(&self, present: &Present) -> minijinja::Value {
        let news = self.news;
        let (entries, contributors) = self.untold(present);
        let about = template::About {
            version: self.version.to_string(),
            tag: news.tag.clone(),
            previous: news.previous().map(Version::to_string),
            previous_tag: news.range.start.as_ref().map(|start| start.name.clone()),
            date: news.date.to_string(),
            url: news.forge.as_ref().map(|forge| forge.web().to_owned()),
            contributors: contributors.iter().map(|name| inline(name, false)).collect(),
        };
        template::context(about, &entries, news.forge.as_ref())
    }

    /// Refuses where what was added is no list: below a code block or a comment that is not closed it would be
    /// part of that.
    fn verify(
        &self,
        project: &Project,
        before: &Changelog,
        (additions, headings): (&[Addition], usize),
    ) -> Result<()> {
        let Some((log, _)) = self.section_in(project) else { return Err(self.unreadable(before).into()) };
        let versions = |log: &Changelog| {
            log.sections().iter().map(|section| section.version.clone()).collect::<Vec<_>>()
        };
        let read: Vec<&str> = log.items().collect();
        let mut at = 0;
        // The items of an addition stand behind each other.
        let mut is_read = |line: &str| {
            let is_it = |other: &&str| *other == line;
            let next = read.get(at).filter(|other| is_it(other)).map(|_| at);
            let found = next.or_else(|| read.iter().position(is_it));
            at = found.map_or(at, |found| found + 1);
            found.is_some()
        };
        let mut first_lines =
            additions.iter().flat_map(|addition| &addition.items).filter_map(|item| item.lines().next());
        let made = log.headings().len() == before.headings().len() + headings;
        if made && versions(log) == versions(before) && first_lines.all(|line| is_read(line.trim())) {
            return Ok(());
        }
        Err(self.unreadable(before).into())
    }

    fn unreadable(&self, log: &Changelog) -> Fail {
        let line =
            log.sections_of(self.version).first().map_or(1, |section| log.location(section).start().line);
        Fail::new(format!(
            "nothing can be added to the section for {} ({}:{line}): what is added would be part of a code block, \
             a comment or HTML there",
            self.version,
            log.source().path
        ))
        .help("close what is open in it (``` or -->), and put an empty line behind HTML")
    }

    /// The section as it stands in the end, what the rules find, and the file's bytes.
    fn draft(&self, files: &MemoryFiles<'_>, project: &Project, mut findings: Vec<Finding>) -> Result<Draft> {
        findings.retain(|finding| finding.rule.starts_with("changelog/"));
        let before = judge(&self.project(self.disk)?, self.config);
        for finding in &mut findings {
            let own = matches!(finding.rule, "changelog/file" | "changelog/section");
            let old = before.iter().any(|other| other.words() == finding.words());
            let unwritten = finding.rule == "changelog/content" && self.config.level(finding.rule).is_none();
            if unwritten || (old && !own) {
                finding.severity = Severity::Warning;
            }
        }
        let section = self.section_in(project).map(|(log, section)| {
            let range = section.range.start..log.end_of(section);
            log.source().text.get(range).unwrap_or_default().to_owned()
        });
        let path = self.path()?;
        let after = source::read(files, &path)?.ok().flatten();
        let old = source::read(self.disk, &path)?.ok().flatten().map(|file| file.bytes);
        let changed = after.filter(|after| Some(&after.bytes) != old.as_ref());
        let file = changed.map(|after| NewFile { path: after.path, before: old, bytes: after.bytes });
        Ok(Draft { section: section.unwrap_or_default(), findings, charts: project.charts.len(), file })
    }
}

/// How many headings some edits bring.
fn new_headings(edits: &[Edit]) -> usize {
    edits.iter().flat_map(|edit| edit.replacement.lines()).filter(|line| line.starts_with('#')).count()
}

/// The form in which the section is the one that a template made.
fn with_made(form: &Form, made: Option<&Changelog>) -> Form {
    let section = made.and_then(|made| Some((made.source().text.clone(), made.sections().first()?.level)));
    section.map_or_else(|| form.clone(), |(text, level)| form.with_section(text, level))
}

fn take(files: &mut MemoryFiles<'_>, new: SortedMap<RepoPath, Vec<u8>>) {
    for (path, bytes) in new {
        files.insert(path, bytes);
    }
}
