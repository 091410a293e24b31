//! Judging the chart index: in an audit, and as a push changes its branch.

use anyhow::Result;

use super::inspection::{Found, is_judged, released};
use super::since::Age;
use super::{Inspection, Occasion, judge_index};
use crate::config::Config;
use crate::domain::Fail;
use crate::finding::Subject;
use crate::git::Repo;
use crate::project::chart_index::{IndexAsked, Released, gather};
use crate::project::refs::{Event, Meaning, RefName, names};
use crate::project::{Project, Scope};
use crate::rules::{Check, RULES};
use crate::source::CommitFiles;

impl Inspection {
    /// What happens to the branch of the chart index; `None` where it is not to be judged. An audit needs the
    /// branch that the config names.
    pub(super) fn index_event(&self) -> Result<Option<Event>, Fail> {
        let config = &self.governing;
        let mut rules = RULES.iter().filter(|rule| matches!(rule.check, Check::Index(_)));
        if !rules.any(|rule| is_judged(config, rule.meta.id)) {
            return Ok(None);
        }
        if self.occasion != Occasion::Audit {
            let is_index =
                |name: &RefName| matches!(name, RefName::Branch(name) if *name == config.index.branch);
            return Ok(self.asked.refs.iter().find(|(name, _)| is_index(name)).map(|(_, event)| *event));
        }
        let is_there = self.asked.after.branches.contains_key(&config.index.branch);
        if !is_there && config.index.branch_at.is_some() {
            return Err(no_such_branch(config));
        }
        Ok(is_there.then_some(Event::Stands))
    }

    /// Judges the chart index.
    pub(super) fn judge_index(&self, repo: &Repo, event: Event, found: &mut Found) -> Result<()> {
        let config = &self.governing;
        let name = &config.index.branch;
        if let Event::Moved { from } = event
            && !repo.has_object(from)
        {
            return Err(Fail::new(format!(
                "{name} is published at {}, which this clone does not have: what is taken from it can't be seen",
                from.short()
            ))
            .help(format!("git fetch {} {name}; in a shallow clone git fetch --unshallow", config.remote))
            .into());
        }
        let releases = match self.occasion {
            Occasion::Audit => Some(std::mem::take(&mut found.released)),
            Occasion::Ref => Some(self.releases(repo)?),
            _ => None,
        };
        // An audit counts the branches of releases.
        if self.occasion != Occasion::Audit {
            found.report.judged.branches += 1;
        }
        let asked = IndexAsked {
            event,
            commit: self.asked.after.branches.get(name).and_then(|tips| tips.judged()),
            since: self.since.as_ref(),
            releases,
        };
        let facts = gather(repo, config, asked)?;
        found.report.findings.extend(judge_index(&facts, config));
        Ok(())
    }

    /// The charts of all releases, as an audit finds them.
    fn releases(&self, repo: &Repo) -> Result<Vec<Released>> {
        let (mut found, view, config) = (Vec::new(), &self.asked.after, &self.governing);
        let since = config.since.clone();
        let mut age = since.map(|since| Age::of(repo, config, view, since)).transpose()?;
        for (name, object) in view.tags.iter() {
            let Meaning::Release(version) = names::tag(config, name) else { continue };
            if age.as_mut().map_or(Ok(false), |age| age.is_older_tag(view, name))? {
                continue;
            }
            let Some(commit) = repo.commit_of(*object)? else { continue };
            let files = CommitFiles::new(repo, commit, Subject::tag(name, Some(commit)));
            let scope =
                Scope { repo: Some(repo), tag: Some(&version), without_changelog: true, ..Scope::default() };
            found.extend(released(&Project::read(&files, &self.governing, scope)?));
        }
        Ok(found)
    }
}

fn no_such_branch(config: &Config) -> Fail {
    let (name, remote) = (&config.index.branch, &config.remote);
    Fail::new(format!("the chart index's branch {name} of .relguard.yaml does not exist")).help(format!(
        "correct `index.branch`, or fetch the branch: git fetch {remote} {name}:refs/remotes/{remote}/{name}; \
         `relguard publish` makes it"
    ))
}
