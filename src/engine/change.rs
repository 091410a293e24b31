use std::rc::Rc;

use anyhow::Result;

use super::state::At;
use super::{Judge, Judged, Report, judge, soften};
use crate::config::Config;
use crate::domain::{Oid, order};
use crate::finding::{Finding, Subject};
use crate::project::OnBranch;
use crate::project::refs::{Meaning, names};
use crate::source::CommitFiles;

/// A commit on its way to a branch: of a pull request, or of a topic branch.
pub struct Change {
    /// What reports call it.
    pub subject: Subject,
    /// The commit.
    pub commit: Oid,
    /// Where it left the branch that it goes to: what is wrong there already is a warning.
    pub base: Option<Oid>,
    /// The branch that it goes to, where that is known: on a release branch its line counts.
    pub onto: Option<String>,
    /// The config whose branches, tags and exceptions hold.
    pub governing: Config,
}

impl Change {
    /// Judges its files.
    pub fn run(self, judging: &Judge<'_>, scope: &'static str) -> Result<Report> {
        let files = CommitFiles::new(judging.repo(), self.commit, self.subject);
        let config = judging.config(judging.own_config(&files)?, Some(&self.governing))?;
        let at = match self.onto.map(|name| (names::branch(&config, &name), name)) {
            Some((Meaning::Release(line), name)) => At::Branch(OnBranch { name, line, checked_out: false }),
            Some((_, name)) if Some(&name) == judging.default_name(&config).as_ref() => At::Default,
            _ => At::Nowhere,
        };
        let state = judging.at_ref(files, self.base, (at, None), Rc::new(config))?;
        let project = state.project()?;
        let mut findings = judge(&project, &state.config);
        if let Some(base) = self.base.filter(|_| findings.iter().any(Finding::is_error)) {
            soften(&mut findings, &state.findings_at(base)?);
        }
        order::sort_by(&mut findings, Finding::order);
        Ok(Report { scope, findings, judged: Judged::charts(project.charts.len()) })
    }
}
