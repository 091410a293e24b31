//! Which commit is packaged.

use std::rc::Rc;

use anyhow::Result;

use super::super::preflight;
use crate::config::Config;
use crate::domain::{Fail, Oid, Version};
use crate::engine::{Judge, Which, find_ref};
use crate::finding::Subject;
use crate::git::{ObjectKind, Repo};
use crate::project::refs::{RefName, RefView};
use crate::source::CommitFiles;

/// The commit that is packaged, and what it is called.
pub(super) struct Picked {
    pub(super) commit: Oid,
    subject: Subject,
    /// The tag's short name, where it is one.
    tag: Option<String>,
}

impl Picked {
    /// The commit of a tag, of a branch as `check --ref` judges it, or of any revision; without one what is
    /// checked out, with no change on top of it.
    pub(super) fn find(judging: &Judge<'_>, rev: Option<&str>) -> Result<Self> {
        let repo = judging.repo();
        let Some(rev) = rev else { return checked_out(repo) };
        let config = judging.standing_config()?;
        match find_ref(repo, &config.remote, rev) {
            Ok(RefName::Tag(name)) => tagged(repo, name),
            Ok(RefName::Branch(name)) => {
                let view = RefView::of_repository(repo, &config.remote)?;
                let tip = view.branches.get(&name).and_then(|tips| tips.judged());
                let commit = tip.map_or_else(|| repo.commit(rev), Ok)?;
                Ok(Self { commit, subject: Subject::branch(&name, Some(commit)), tag: None })
            }
            Err(no_ref) => match repo.commit(rev) {
                // What git resolves to a branch or a tag was asked for above: then it is two things.
                Ok(_) if repo.find_ref(&format!("refs/tags/{rev}"))?.is_some() => Err(no_ref),
                Ok(commit) => Ok(Self { commit, subject: Subject::commit(rev, commit), tag: None }),
                Err(_) if !looks_like_id(rev) => Err(no_ref),
                Err(no_commit) => Err(no_commit),
            },
        }
    }

    pub(super) fn files<'repo>(&self, repo: &'repo Repo) -> CommitFiles<'repo> {
        CommitFiles::new(repo, self.commit, self.subject.clone())
    }

    /// The config that the commit is judged by.
    pub(super) fn config(&self, judging: &Judge<'_>) -> Result<Rc<Config>> {
        Ok(judging.state(&Which::Rev(self.commit.to_string()), None)?.config)
    }

    /// The version that the tag releases.
    pub(super) fn version(&self, config: &Config) -> Option<Version> {
        config.tags.release.version_in(self.tag.as_deref()?)
    }

    /// What it is called: `v1.2.0 (abc1234)`.
    pub(super) fn words(&self) -> String {
        let short = self.commit.short();
        let name = &self.subject.name;
        if short.starts_with(name.as_str()) || name.starts_with(&short) {
            short
        } else {
            format!("{name} ({short})")
        }
    }
}

fn checked_out(repo: &Repo) -> Result<Picked> {
    if repo.is_bare() {
        return Err(Fail::new("the repository is bare: nothing is checked out in it")
            .help("name what to package: relguard package --ref v1.2.0")
            .into());
    }
    preflight::must_be_clean(repo, "package")?;
    let Some(commit) = repo.head()?.commit else {
        return Err(Fail::new("there is no commit yet, and an archive is made from one")
            .help("commit the chart first")
            .into());
    };
    Ok(Picked { commit, subject: Subject::commit("HEAD", commit), tag: None })
}

fn tagged(repo: &Repo, name: String) -> Result<Picked> {
    let object = repo.find_ref(&format!("refs/tags/{name}"))?;
    let target = object.map(|object| repo.peel(object)).transpose()?;
    let commit = target.filter(|target| target.kind == ObjectKind::Commit).map(|target| target.id);
    let Some(commit) = commit else {
        return Err(Fail::new(format!("the tag {name} names no commit, so there is nothing to package"))
            .help("`git cat-file -t` says what a tag names")
            .into());
    };
    Ok(Picked { commit, subject: Subject::tag(&name, Some(commit)), tag: Some(name) })
}

/// Whether a text may be the beginning of a commit's id.
fn looks_like_id(text: &str) -> bool {
    text.len() >= 4 && text.chars().all(|c| c.is_ascii_hexdigit())
}
