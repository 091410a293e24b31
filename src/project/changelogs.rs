use std::sync::Arc;

use anyhow::Result;

use super::{Project, Scope, load};
use crate::config::{ChangelogConfig, Config, Prereleases};
use crate::document::changelog::{Changelog, Form, Release};
use crate::document::{Broken, Parsed};
use crate::domain::{Forge, RepoPath, SourceText, Template, Version};
use crate::finding::Location;
use crate::git::Repo;
use crate::source::{Snapshot, Stat};

/// The changelogs of a state.
#[derive(Debug)]
pub struct ChangelogFacts {
    /// The release that has to have a section; `None` where the state has no version.
    pub release: Option<ReleaseFacts>,
    /// The files in the changelog's folder whose names start as the template does, by path.
    pub files: Vec<ChangelogFile>,
    /// The form of new sections; an error where the config names a sample that is not usable.
    pub form: Parsed<Form>,
}

/// What the changelog has to hold.
#[derive(Debug)]
pub struct ReleaseFacts {
    /// The release, and the one before it.
    pub release: Release,
    /// Where the version stands.
    pub at: Option<Location>,
    /// The file of its minor line.
    pub path: RepoPath,
    /// Whether it may go without a section: a prerelease, where the config says so.
    pub optional: bool,
}

/// A file in the changelog's folder.
#[derive(Debug)]
pub struct ChangelogFile {
    /// Its path.
    pub path: RepoPath,
    /// Whether its name fits the template.
    pub fits: bool,
    /// Its content.
    pub content: Parsed<Arc<Changelog>>,
}

impl ChangelogFacts {
    /// The file that has to hold the release; `None` where it is missing.
    pub fn file_of(&self, release: &ReleaseFacts) -> Option<&ChangelogFile> {
        self.files.iter().find(|file| file.path == release.path)
    }

    /// The file that has to hold the release, where it can be read.
    pub fn log_of(&self, release: &ReleaseFacts) -> Option<&Arc<Changelog>> {
        self.file_of(release)?.content.as_ref().ok()
    }

    /// The changelogs that have the right name and can be read.
    pub fn logs(&self) -> impl Iterator<Item = (&ChangelogFile, &Arc<Changelog>)> {
        self.files
            .iter()
            .filter(|file| file.fits)
            .filter_map(|file| Some((file, file.content.as_ref().ok()?)))
    }
}

/// Reads the changelogs of a state; `None` where they are not judged in it.
pub(super) fn read(
    files: &dyn Snapshot,
    config: &Config,
    project: &Project,
    scope: Scope<'_>,
) -> Result<Option<ChangelogFacts>> {
    let Some(changelog) = config.changelog.as_ref().filter(|_| !scope.without_changelog) else {
        return Ok(None);
    };
    let mut found = list(files, changelog)?;
    let (form, own) = read_form(files, changelog, || release_page(config, scope.repo))?;
    let version = project.version();
    let release = version.map(|(version, at)| -> Result<ReleaseFacts> {
        let path = RepoPath::parse(&changelog.path.fill(&version))?;
        let optional = !version.pre.is_empty() && changelog.prereleases == Prereleases::Optional;
        if found.iter().all(|file| file.path != path) {
            // A listing shows nothing behind a link that can't be followed.
            found.extend(read_file(path.clone(), true, load(files, &path)?));
        }
        let log = found.iter().find(|file| file.path == path).and_then(|file| file.content.as_ref().ok());
        let release = known_release(&version, log, config, scope.repo)?;
        Ok(ReleaseFacts { release, at, path, optional })
    });
    let files = found.into_iter().filter(|file| Some(&file.path) != own.as_ref()).collect();
    Ok(Some(ChangelogFacts { release: release.transpose()?, files, form }))
}

/// The release before one is asked of the tags only where the section has to be written.
fn known_release(
    version: &Version,
    log: Option<&Arc<Changelog>>,
    config: &Config,
    repo: Option<&Repo>,
) -> Result<Release> {
    let mut known: Vec<Version> = log
        .map(|log| log.sections().iter().map(|section| section.version.clone()).collect())
        .unwrap_or_default();
    let written = known.contains(version);
    if let Some(repo) = repo.filter(|_| !written) {
        let tags = repo.list_refs("refs/tags/")?;
        let ignored = |name: &str| config.tags.ignore.iter().any(|glob| glob.matches(name));
        let releases = tags.keys().filter(|name| !ignored(name));
        known.extend(releases.filter_map(|name| config.tags.release.version_in(name)));
    }
    Ok(Release::after(version, &known))
}

/// The files in the changelog's folder whose names start with the letters that the template starts with.
/// Where a field is in the folder's name, every folder of such a name is one.
fn list(files: &dyn Snapshot, config: &ChangelogConfig) -> Result<Vec<ChangelogFile>> {
    let template = &config.path;
    if !template.has_fields() {
        let path = RepoPath::parse(template.as_str())?;
        let content = load(files, &path)?;
        return Ok(read_file(path, true, content).into_iter().collect());
    }
    let (folder, name) = template.as_str().rsplit_once('/').unwrap_or(("", template.as_str()));
    let folder = Template::parse(folder)?;
    let letters: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
    let root = template.literal_prefix().rsplit_once('/').map_or("", |(root, _)| root);
    let depth = template.as_str().matches('/').count() + 1 - RepoPath::parse(root)?.parts().count();
    let mut found = Vec::new();
    for (path, stat) in files.walk(&RepoPath::parse(root)?, depth)? {
        let head = path.file_name().get(..letters.len()).unwrap_or_default();
        let alike = !letters.is_empty() && head.eq_ignore_ascii_case(&letters);
        let fits = template.fits(path.as_str());
        if fits || (alike && stat != Stat::Folder && folder.fits(path.parent().as_str())) {
            found.extend(read_file(path.clone(), fits, load(files, &path)?));
        }
    }
    Ok(found)
}

fn read_file(path: RepoPath, fits: bool, content: Parsed<Option<Arc<SourceText>>>) -> Option<ChangelogFile> {
    let content = match content {
        Ok(Some(source)) => Ok(Arc::new(Changelog::parse(&source))),
        Ok(None) => return None,
        Err(broken) => Err(broken),
    };
    Some(ChangelogFile { path, fits, content })
}

/// The form of new sections, and the sample's path where the project keeps one.
fn read_form(
    files: &dyn Snapshot,
    config: &ChangelogConfig,
    release_page: impl Fn() -> Option<String>,
) -> Result<(Parsed<Form>, Option<RepoPath>)> {
    let sample = load(files, &config.format)?;
    let unusable = |cause: &str, help: &str| Broken {
        location: config.format_at.clone().unwrap_or_else(|| Location::file(&config.format)),
        cause: format!("the format sample {} {cause}", config.format),
        help: Some(help.to_owned()),
    };
    let form = match sample {
        Ok(Some(source)) => Form::of_sample(&Changelog::parse(&source))
            .ok_or_else(|| unusable("has no section for 0.0.0", "write one as every section should look")),
        Ok(None) if config.format_at.is_some() => {
            Err(unusable("is missing", "restore it, or take `format` out of the config"))
        }
        Ok(None) => return Ok((Ok(Form::built_in(release_page().as_deref())), None)),
        Err(broken) => {
            Err(unusable(&format!("can't be read: {}", broken.cause), &broken.help.unwrap_or_default()))
        }
    };
    Ok((form, Some(config.format.clone())))
}

/// Where the forge shows the release of v0.0.0.
fn release_page(config: &Config, repo: Option<&Repo>) -> Option<String> {
    let forge = Forge::of(&repo?.web_address(&config.remote)?);
    Some(forge.release_page(&config.tags.release.fill(&Version::new(0, 0, 0))))
}
