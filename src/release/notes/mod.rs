//! `notes`: what a release's page on the forge says.

mod images;

use std::fmt::Write as _;

use anyhow::Result;

use super::{tagged, version};
use crate::config::{Config, On};
use crate::document::changelog::{Changelog, Section, is_link_target};
use crate::domain::{Fail, Forge, Revision, Version, order, parse_version};
use crate::engine::{Judge, Judged, Report, judge};
use crate::finding::Subject;
use crate::git::Repo;
use crate::project::{Chart, Project, Scope};
use crate::source::{CommitFiles, Snapshot};

/// The rules that say whether there is anything to say.
const NEEDED: [&str; 3] = ["changelog/file", "changelog/section", "changelog/content"];

/// What a release's page says.
#[derive(Debug)]
pub struct Notes {
    /// The release.
    pub version: Version,
    /// The page, in Markdown.
    pub text: String,
    /// What the rules find in the section; an error refuses it.
    pub report: Report,
}

/// A release, and the files that are read for it.
struct Described<'a> {
    repo: &'a Repo,
    config: &'a Config,
    files: &'a dyn Snapshot,
    version: &'a Version,
    tag: &'a str,
    forge: Option<Forge>,
}

/// Describes a release: from its tag where that is made, else from the files on disk.
pub fn notes(judging: &Judge<'_>, named: Option<&str>) -> Result<Notes> {
    let repo = judging.repo();
    let standing = judging.standing_config()?;
    let version = match named {
        Some(named) => super::bump::version_argument(named)?,
        None => version::asked(None, &judging.worktree()?, &standing, repo)?,
    };
    let tag = standing.tags.release.fill(&version);
    let Some(object) = repo.find_ref(&format!("refs/tags/{tag}"))? else {
        return describe(repo, &standing, (&version, &tag), &judging.worktree()?);
    };
    let commit = tagged::commit_of_release(repo, &tag, object)?;
    let subject = Subject::tag(&tag, Some(commit));
    let config = judging.config_at(commit, &subject)?.unwrap_or(standing);
    describe(repo, &config, (&version, &tag), &CommitFiles::new(repo, commit, subject))
}

fn describe(
    repo: &Repo,
    config: &Config,
    (version, tag): (&Version, &str),
    files: &dyn Snapshot,
) -> Result<Notes> {
    let forge = repo.web_address(&config.remote).map(|web| Forge::of(&web));
    let described = Described { repo, config, files, version, tag, forge };
    let default = match config.changelog.as_ref().map(|changelog| changelog.on) {
        Some(On::DefaultBranch) => repo.default_branch(config.default_branch.as_deref(), &config.remote),
        Some(On::ReleaseBranch) | None => None,
    };
    let elsewhere = default.filter(|_| files.subject().commit.is_some()).map(|(name, commit)| {
        let subject = Subject::branch(&name, Some(commit));
        (name, CommitFiles::new(repo, commit, subject))
    });
    let changelog = elsewhere.as_ref().map(|(_, files)| files as &dyn Snapshot);
    let scope = Scope { repo: Some(repo), tag: Some(version), changelog, ..Scope::default() };
    let project = Project::read(files, config, scope)?;
    let mut findings = judge(&project, config);
    findings.retain(|finding| NEEDED.contains(&finding.rule) && finding.is_error());
    let branch = elsewhere.as_ref().map(|(name, _)| name.as_str());
    let text = match &config.changelog {
        Some(_) => described.text(&project, branch)?,
        None => described.text_without_section(&project)?,
    };
    let report = Report { scope: "ref", findings, judged: Judged::charts(project.charts.len()) };
    Ok(Notes { version: version.clone(), text, report })
}

impl Described<'_> {
    /// The page; `branch` is where the changelog is kept, if not with the release.
    fn text(&self, project: &Project, branch: Option<&str>) -> Result<String> {
        let facts = project.changelog.as_ref();
        let Some((release, log)) = facts.and_then(|facts| {
            let release = facts.release.as_ref()?;
            Some((release, facts.log_of(release)?))
        }) else {
            return Ok(String::new());
        };
        let [section] = log.sections_of(self.version)[..] else { return Ok(String::new()) };
        let mut text = said(log, section);
        let path = release.path.as_str();
        let at = branch.map_or(Revision::Tag(self.tag), Revision::Branch);
        let anchor = log.anchor_of(section);
        let name = release.path.file_name();
        let link = match &self.forge {
            Some(forge) => format!("[{name}]({}#{anchor})", forge.file_page(at, path)),
            None => format!("{path}#{anchor}"),
        };
        let _ = write!(text, "\n\n**Changelog:** {link}\n");
        text.push_str(&self.use_of(project)?);
        Ok(text)
    }

    /// The page of a project that keeps no changelog. An error where the version is that of no tag and no chart:
    /// there is no section to tell a release from a slip.
    fn text_without_section(&self, project: &Project) -> Result<String> {
        let is_tagged = self.files.subject().commit.is_some();
        if !is_tagged && !project.charts.is_empty() && !project.charts.iter().any(|it| self.is_of_release(it))
        {
            return Err(Fail::new(format!(
                "there is no tag {}, and no chart here is of that version",
                self.tag
            ))
            .help("name a release's version, or set it first: relguard bump VERSION")
            .into());
        }
        let text = self.use_of(project)?;
        Ok(match text.trim_start() {
            "" => format!("Release {}.\n", self.tag),
            text => text.to_owned(),
        })
    }

    /// How to install the charts, and the images.
    fn use_of(&self, project: &Project) -> Result<String> {
        Ok(self.install(project).unwrap_or_default() + &self.images(project)?)
    }

    /// How to install the charts, where it is known where they are published.
    fn install(&self, project: &Project) -> Option<String> {
        let version = self.version.to_string();
        let charts = project.charts.iter().filter_map(|chart| {
            let file = chart.file.as_ref().ok().filter(|file| !file.is_library())?;
            Some(file.field("name")?.value.text)
        });
        let charts: Vec<String> = charts.filter(|name| is_word(name)).collect();
        let first = charts.first()?;
        let url = self.index_url()?;
        let mut lines = String::new();
        if let Some(url) = url.strip_prefix("oci://") {
            for chart in &charts {
                let _ = writeln!(lines, "helm install {chart} oci://{url}/{chart} --version {version}");
            }
        } else {
            let own = self.forge.as_ref().and_then(|forge| forge.web().rsplit('/').next());
            let repo =
                own.map(str::to_lowercase).filter(|name| is_word(name)).unwrap_or_else(|| first.clone());
            let _ = writeln!(lines, "helm repo add {repo} {url}\nhelm repo update {repo}");
            for chart in &charts {
                let _ = writeln!(lines, "helm install {chart} {repo}/{chart} --version {version}");
            }
        }
        Some(format!("\n## Install\n```sh\n{lines}```\n"))
    }

    /// Where the chart index is: as the config says, else on the project's own pages, where it has that branch.
    fn index_url(&self) -> Option<String> {
        let index = &self.config.index;
        let published = || self.repo.remote_branch(&self.config.remote, &index.branch);
        let own = || self.repo.find_ref(&format!("refs/heads/{}", index.branch)).ok().flatten();
        let pages = || self.forge.as_ref()?.pages().filter(|_| published().or_else(own).is_some());
        // Where archives lie elsewhere, the address is theirs, not the chart index's.
        let is_of_index = |url: &String| index.archives.is_some() || url.starts_with("oci://");
        let base = index.url.clone().filter(is_of_index).or_else(pages)?;
        let base = base.trim_end_matches('/');
        let folder = index.path.parent();
        Some(if folder.is_root() { base.to_owned() } else { format!("{base}/{}", folder.as_str()) })
    }

    fn images(&self, project: &Project) -> Result<String> {
        let mut all: Vec<String> = Vec::new();
        for chart in project.charts.iter().filter(|chart| self.is_of_release(chart)) {
            all.extend(images::images(self.files, chart, self.version)?);
        }
        order::sort(&mut all);
        all.dedup();
        if all.is_empty() {
            return Ok(String::new());
        }
        let lines = all.iter().fold(String::new(), |text, image| text + &format!("- `{image}`\n"));
        Ok(format!("\n## Images\n{lines}"))
    }

    fn is_of_release(&self, chart: &Chart) -> bool {
        let version = chart.version().and_then(|field| parse_version(&field.value.text));
        version.as_ref() == Some(self.version)
    }
}

/// What a section says, without its own heading; with the targets of the links in it that stand elsewhere in
/// the file.
fn said(log: &Changelog, section: &Section) -> String {
    let text = &log.source().text;
    let said = text.get(section.heading.end..log.end_of(section)).unwrap_or_default();
    let said = said.replace("\r\n", "\n");
    let mut said = said.trim().to_owned();
    let targets = text.lines().map(str::trim).filter(|line| is_link_target(line));
    let used: Vec<&str> = targets
        .filter(|line| line.split_once("]:").is_some_and(|(label, _)| said.contains(&format!("{label}]"))))
        .filter(|line| !said.contains(*line))
        .collect();
    if !used.is_empty() {
        let _ = write!(said, "\n\n{}", used.join("\n"));
    }
    said
}

/// Whether a name can stand in a line of a shell as it is.
fn is_word(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !name.starts_with('-')
}
