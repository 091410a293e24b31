//! Where an audit begins.

use anyhow::Result;

use crate::config::Config;
use crate::domain::{Fail, MinorLine, Oid, Version};
use crate::git::{History, ObjectKind, Reach, Repo};
use crate::project::refs::{Meaning, RefName, RefView, names};

/// What is older than a release: refs of a lower version or line, and refs whose commit that release has.
pub(super) struct Age<'a> {
    repo: &'a Repo,
    config: &'a Config,
    since: Version,
    commit: Oid,
    history: History<'a>,
    before: Reach,
}

impl<'a> Age<'a> {
    pub(super) fn of(repo: &'a Repo, config: &'a Config, view: &RefView, since: Version) -> Result<Self> {
        let tag = config.tags.release.fill(&since);
        let Some(object) = view.tags.get(tag.as_str()) else {
            return Err(Fail::new(format!("the audit is to begin at {since}, but there is no tag {tag}"))
                .help("name a release that was made (--since, or `since` in .relguard.yaml), or fetch its tag: git fetch --tags")
                .into());
        };
        let target = repo.peel(*object)?;
        if target.kind != ObjectKind::Commit {
            return Err(Fail::new(format!(
                "the audit is to begin at {tag}, which names {}, not a commit",
                target.kind.words()
            ))
            .help("name a release whose tag names a commit")
            .into());
        }
        let commit = target.id;
        let mut history = History::open(repo)?;
        let before = history.all(&[commit])?;
        Ok(Self { repo, config, since, commit, history, before })
    }

    /// The refs to judge, and those to pass over. The default branch is always judged, and so is the
    /// release itself.
    pub(super) fn split(
        mut self,
        view: &RefView,
        refs: Vec<RefName>,
        default: &str,
    ) -> Result<(Vec<RefName>, Vec<RefName>)> {
        let (mut judged, mut passed_over) = (Vec::new(), Vec::new());
        for name in refs {
            let older = match &name {
                RefName::Branch(branch) if branch == default => false,
                RefName::Branch(branch) => self.is_older_branch(view, branch),
                RefName::Tag(tag) => self.is_older_tag(view, tag)?,
            };
            if older { passed_over.push(name) } else { judged.push(name) }
        }
        Ok((judged, passed_over))
    }

    fn is_older_branch(&mut self, view: &RefView, name: &str) -> bool {
        let lower = match names::branch(self.config, name) {
            Meaning::Release(line) => line < MinorLine::from(&self.since),
            _ => names::leading_numbers(name)
                .is_some_and(|version| MinorLine::from(&version) < MinorLine::from(&self.since)),
        };
        lower || view.branches.get(name).and_then(|tips| tips.judged()).is_some_and(|tip| self.is_before(tip))
    }

    /// Whether a tag is passed over.
    pub(super) fn is_older_tag(&mut self, view: &RefView, name: &str) -> Result<bool> {
        let version = match names::tag(self.config, name) {
            Meaning::Release(version) => Some(version),
            _ => names::leading_numbers(name),
        };
        if version.as_ref() == Some(&self.since) {
            return Ok(false);
        }
        if version.is_some_and(|version| version.cmp_precedence(&self.since).is_lt()) {
            return Ok(true);
        }
        let Some(object) = view.tags.get(name) else { return Ok(false) };
        Ok(self.repo.commit_of(*object)?.is_some_and(|commit| self.is_before(commit)))
    }

    /// Whether a commit comes before the release's own.
    fn is_before(&mut self, commit: Oid) -> bool {
        let node = self.history.node(commit);
        commit != self.commit && self.before.has(node)
    }
}
