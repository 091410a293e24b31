//! Judging branches and tags: in an audit, by name, and as a push changes them.

use std::rc::Rc;

use anyhow::Result;

use super::configs::Configs;
use super::governing::lacks_default;
use super::state::At;
use super::{Judge, Report, State, exceptions, judge, judge_branch, judge_tag, must_have_default, soften};
use crate::config::{Config, Level};
use crate::domain::{Fail, Oid, Version, order};
use crate::finding::{Finding, Severity, Subject};
use crate::git::{RefUpdate, Repo};
use crate::project::chart_index::Released;
use crate::project::refs::{
    Asked, Base, Before, BranchFacts, Event, Lost, Meaning, Place, RefFacts, RefName, RefView, TagFacts,
    default_branch, gather, names,
};
use crate::project::{OnBranch, Project};
use crate::source::CommitFiles;

/// How much was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Judged {
    /// Charts of the state; with refs the most that any of them has.
    pub charts: usize,
    /// Branches.
    pub branches: usize,
    /// Tags.
    pub tags: usize,
}

impl Judged {
    /// The charts of one state.
    pub fn charts(charts: usize) -> Self {
        Self { charts, ..Self::default() }
    }
}

/// When refs are judged: that says which of them count, whose config judges, and what weighs less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Everything that was ever released, by one config.
    Audit,
    /// A ref that was asked for by name.
    Ref,
    /// What a step of the process is about to make.
    Plan,
    /// What a CI run is about.
    Ci,
    /// A push before it leaves.
    PrePush,
    /// A push as the server gets it.
    PreReceive,
    /// One ref of a push as the server gets it.
    Update,
}

impl Occasion {
    /// What reports call it.
    fn scope(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Ref | Self::Plan => "ref",
            Self::Ci => "ci",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// Whether a state's own config judges it: on a server that would let a push choose its judge, and an
    /// audit judges by one measure.
    fn asks_own_config(self) -> bool {
        matches!(self, Self::Ref | Self::Plan | Self::Ci | Self::PrePush)
    }

    /// Whether a ref was asked for, so that its files are judged even where it is no release's.
    fn asks_any_ref(self) -> bool {
        matches!(self, Self::Ref | Self::Ci)
    }

    /// Whether the governing config is the default branch's.
    fn is_governed_by_default(self) -> bool {
        self != Self::Ref
    }
}

/// Refs to judge, and by what.
pub struct Inspection {
    pub(super) occasion: Occasion,
    /// The config whose branches, tags and exceptions hold.
    pub(super) governing: Rc<Config>,
    /// The refs.
    pub(super) asked: Asked,
    /// The base to compare with that was asked for; without it the old tip of a branch that moves.
    against: Option<Oid>,
    /// Whether it is the first push of all: it is judged by its own config, and nothing found weighs more
    /// than a warning.
    first: bool,
    configs: Configs,
    /// The release that an audit begins at.
    pub(super) since: Option<Version>,
}

/// What was found so far.
pub(super) struct Found {
    pub(super) report: Report,
    /// The charts of the releases that were judged.
    pub(super) released: Vec<Released>,
}

impl Inspection {
    /// Some refs, on an occasion.
    pub fn new(occasion: Occasion, asked: Asked, governing: Config) -> Self {
        Self {
            occasion,
            governing: Rc::new(governing),
            asked,
            against: None,
            first: false,
            configs: Configs::default(),
            since: None,
        }
    }

    /// An audit of everything that was ever released, with the refs that are too old for it.
    pub fn audit(repo: &Repo, config: Config, since: Option<&Version>) -> Result<(Self, Vec<RefName>)> {
        let view = RefView::of_repository(repo, &config.remote)?;
        let Some(default) = view.default_branch(config.default_branch.as_deref()) else {
            return Err(lacks_default(&config, "an audit judges it").into());
        };
        let of_release =
            |name: &&String| name.as_str() == default || names::branch(&config, name) != Meaning::Other;
        let branches = view.branches.keys().filter(of_release).cloned().map(RefName::Branch);
        let version_like = |name: &&Rc<str>| names::tag(&config, name) != Meaning::Other;
        let tags = view.tags.keys().filter(version_like).map(|name| RefName::Tag(name.to_string()));
        let mut refs: Vec<RefName> = branches.chain(tags).collect();
        let since = since.or(config.since.as_ref()).cloned();
        let mut passed_over = Vec::new();
        if let Some(since) = since.clone() {
            let age = super::since::Age::of(repo, &config, &view, since)?;
            (refs, passed_over) = age.split(&view, refs, default)?;
        }
        let audit = Self::new(Occasion::Audit, Asked::standing(view, refs), config);
        Ok((Self { since, ..audit }, passed_over))
    }

    /// One branch or tag, as it stands.
    pub fn of_ref(judging: &Judge<'_>, name: RefName, governing: Config) -> Result<Self> {
        let view = RefView::of_repository(judging.repo(), &governing.remote)?;
        Ok(Self::new(Occasion::Ref, Asked::standing(view, vec![name]), governing))
    }

    /// What updates would do if they were made now to the refs that are published; what a run before this one
    /// made of them already does not count.
    pub fn of_planned(published: &RefView, updates: &[RefUpdate], governing: Config) -> Self {
        Self::of_updates(Occasion::Plan, published.before(updates), updates, governing)
    }

    /// What updates do to the refs that `before` shows.
    pub fn of_updates(occasion: Occasion, before: RefView, updates: &[RefUpdate], governing: Config) -> Self {
        Self::new(occasion, Asked::updates(before, updates), governing)
    }

    /// The same, compared with a commit.
    #[must_use]
    pub fn against(self, base: Option<Oid>) -> Self {
        Self { against: base, ..self }
    }

    /// The same as the first push of all, or not.
    #[must_use]
    pub fn as_first(self, first: bool) -> Self {
        Self { first, ..self }
    }

    /// The config whose branches, tags and exceptions hold.
    pub fn governing(&self) -> Rc<Config> {
        Rc::clone(&self.governing)
    }

    /// Judges them all.
    pub fn run(mut self, judging: &Judge<'_>) -> Result<Report> {
        self.must_have_default()?;
        let index = self.index_event()?;
        self.leave_out_others(index.is_some());
        let report = Report { scope: self.occasion.scope(), findings: Vec::new(), judged: Judged::default() };
        let mut found = Found { report, released: Vec::new() };
        if !self.asked.refs.is_empty() {
            self.asked.verify = self.wants_signed_tags(judging)?;
            let facts = gather(judging.repo(), &self.governing, &self.asked)?;
            for branch in &facts.branches {
                self.judge_branch(judging, branch, &facts, &mut found)?;
            }
            for tag in &facts.tags {
                self.judge_tag(judging, tag, &facts, &mut found)?;
            }
        }
        if let Some(event) = index {
            self.judge_index(judging.repo(), event, &mut found)?;
        }
        let Found { mut report, .. } = found;
        if self.first {
            report.findings.iter_mut().for_each(|finding| finding.severity = Severity::Warning);
        }
        order::sort_by(&mut report.findings, Finding::order);
        Ok(report)
    }

    /// Warnings of exceptions that nothing needs.
    pub fn unused_exceptions(config: &Config, report: &Report, passed_over: &[RefName]) -> Vec<Finding> {
        let is_passed_over = |on: &str| {
            passed_over
                .iter()
                .any(|name| matches!(name, RefName::Branch(name) | RefName::Tag(name) if name == on))
        };
        exceptions::unused(&report.findings, config, is_passed_over)
    }

    /// A default branch that the config names has to be there: else nothing would guard it. Where none is
    /// named, a rule that needs one says so. Only what comes first of all finds no branch yet.
    fn must_have_default(&self) -> Result<()> {
        let Asked { before, after, refs, .. } = &self.asked;
        let stands = refs.iter().any(|(_, event)| *event == Event::Stands);
        if stands || !before.branches.is_empty() {
            must_have_default(&self.governing, &[before, after])?;
        }
        Ok(())
    }

    /// Leaves out the refs that no rule is about: then they cost nothing. The chart index has no charts to
    /// judge.
    fn leave_out_others(&mut self, judges_index: bool) {
        // An audit asks for no others.
        if self.occasion == Occasion::Audit {
            return;
        }
        let (config, Asked { before, after, .. }) = (&self.governing, &self.asked);
        let default = default_branch(config.default_branch.as_deref(), before, after).map(str::to_owned);
        let any = self.occasion.asks_any_ref();
        let aside = self.occasion == Occasion::Ci || judges_index;
        let is_index = |name: &str| aside && *name == config.index.branch;
        self.asked.refs.retain(|(name, _)| match name {
            RefName::Branch(name) => {
                let is_asked = any && !is_index(name);
                is_asked || default.as_ref() == Some(name) || names::branch(config, name) != Meaning::Other
            }
            RefName::Tag(name) => any || names::tag(config, name) != Meaning::Other,
        });
    }

    /// Whether a state's own config judges it.
    fn asks_own_config(&self, judging: &Judge<'_>) -> bool {
        (self.occasion.asks_own_config() || self.first) && !judging.is_forced()
    }

    /// Whether any of the tags has to be signed, by the config that it is judged by.
    fn wants_signed_tags(&self, judging: &Judge<'_>) -> Result<bool> {
        if self.governing.wants_signed_tags() || !self.asks_own_config(judging) {
            return Ok(self.governing.wants_signed_tags());
        }
        for (name, _) in &self.asked.refs {
            let RefName::Tag(name) = name else { continue };
            let Some(object) = self.asked.after.tags.get(name.as_str()) else { continue };
            let commit = judging.repo().commit_of(*object)?;
            if commit.is_some() && self.config_of(judging, &Subject::tag(name, commit))?.wants_signed_tags() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn judge_branch(
        &self,
        judging: &Judge<'_>,
        branch: &BranchFacts,
        facts: &RefFacts,
        out: &mut Found,
    ) -> Result<()> {
        let subject = Subject::branch(&branch.name, branch.commit);
        let config = self.config_of(judging, &subject)?;
        let files = branch.commit.map(|commit| CommitFiles::new(judging.repo(), commit, subject));
        if branch.base == Some(Base::NoDefault) && is_judged(&config, "branch/base") {
            let why = format!("{} has to be cut from it", branch.name);
            return Err(lacks_default(&self.governing, &why).into());
        }
        must_see(&config, "branch/base", &branch.name, branch.base == Some(Base::Unseen))?;
        must_see(&config, "branch/rewrite", &branch.name, branch.lost == Some(Lost::Unseen))?;
        out.report.judged.branches += 1;
        let found = judge_branch(branch, facts, &config);
        let is_misnamed = matches!(branch.meaning, Meaning::Misnamed(_)) && !branch.is_default;
        out.report.findings.extend(found);
        let Some(files) = files.filter(|_| !is_misnamed && config.judges_files()) else { return Ok(()) };
        let at = match branch.line() {
            Some(line) => At::Branch(OnBranch { name: branch.name.clone(), line, checked_out: false }),
            None if branch.is_default => At::OtherBranch,
            None if self.occasion.asks_any_ref() => At::Nowhere,
            None => return Ok(()),
        };
        let old = branch.event.from().filter(|old| judging.repo().has_object(*old));
        let base = self.against.or(old);
        let state = judging.at_ref(files, base, (at, None), config)?;
        let mut found = self.content(&state, out)?;
        let known = if self.occasion == Occasion::Ci { base } else { old };
        if let Some(known) = known.filter(|_| found.iter().any(Finding::is_error)) {
            soften(&mut found, &state.findings_at(known)?);
        }
        out.report.findings.extend(found);
        Ok(())
    }

    fn judge_tag(
        &self,
        judging: &Judge<'_>,
        tag: &TagFacts,
        facts: &RefFacts,
        out: &mut Found,
    ) -> Result<()> {
        out.report.judged.tags += 1;
        let commit = tag.commit();
        let subject = Subject::tag(&tag.name, commit);
        let config = self.config_of(judging, &subject)?;
        let files = commit.map(|commit| CommitFiles::new(judging.repo(), commit, subject));
        if tag.place == Some(Place::NoDefault) && is_judged(&config, "tag/branch") {
            let why = format!("{} may be on it instead of its release branch", tag.name);
            return Err(lacks_default(&self.governing, &why).into());
        }
        must_see(&config, "tag/branch", &tag.name, tag.place == Some(Place::Unseen))?;
        must_see(&config, "tag/sequence", &tag.name, tag.before == Some(Before::Unseen))?;
        let mut found = judge_tag(tag, facts, &config);
        // A tag that is wrong in itself has that one finding; but only an error may hide others.
        let alone = if commit.is_none() && tag.target.is_some() { "tag/branch" } else { "tag/name" };
        let stops = found.iter().any(|finding| finding.rule == alone && finding.is_error());
        if stops {
            found.retain(|finding| finding.rule == alone);
        }
        out.report.findings.append(&mut found);
        let at = match tag.version() {
            Some(version) => At::Tag(version.clone()),
            None if self.occasion.asks_any_ref() && tag.meaning == Meaning::Other => At::Nowhere,
            None => return Ok(()),
        };
        let unnamed = matches!(at, At::Nowhere) || !is_judged(&config, "tag/branch");
        if files.is_none() && tag.target.is_some() && unnamed {
            return Err(Fail::new(format!("{} names no commit, so there is nothing to judge", tag.name))
                .help("`git cat-file -t` says what a tag names")
                .into());
        }
        let Some(files) = files.filter(|_| !stops && config.judges_files()) else { return Ok(()) };
        let default = facts.default.as_ref().and_then(|default| default.tips.last().copied());
        let state = judging.at_ref(files, self.against, (at, default), config)?;
        let found = self.content(&state, out)?;
        out.report.findings.extend(found);
        Ok(())
    }

    /// The findings in the files of a ref's commit.
    fn content(&self, state: &State<'_>, out: &mut Found) -> Result<Vec<Finding>> {
        let project = state.project()?;
        // What was released before there was a chart is no reason to end an audit.
        if self.occasion != Occasion::Audit {
            state.must_have_charts(&project)?;
        }
        out.report.judged.charts = out.report.judged.charts.max(project.charts.len());
        out.released.extend(released(&project));
        Ok(judge(&project, &state.config))
    }

    /// The config that a ref is judged by, as its commit and the occasion have it.
    fn config_of(&self, judging: &Judge<'_>, subject: &Subject) -> Result<Rc<Config>> {
        let Some(commit) = subject.commit.filter(|_| self.asks_own_config(judging)) else {
            return Ok(Rc::clone(&self.governing));
        };
        // The default branch's own may be broken, and has to be repaired by some push.
        let otherwise = Some(&self.governing).filter(|_| self.occasion.is_governed_by_default());
        self.configs.of(judging, (commit, subject.clone()), &self.governing, otherwise)
    }
}

/// The charts of a release.
pub(super) fn released(project: &Project) -> Vec<Released> {
    let Some(version) = &project.tag else { return Vec::new() };
    let names = project.charts.iter().filter_map(|chart| chart.file.as_ref().ok()?.field("name"));
    let of_chart =
        |chart: String| Released { tag: project.subject.name.clone(), version: version.clone(), chart };
    names.map(|name| of_chart(name.value.text)).collect()
}

pub(super) fn is_judged(config: &Config, rule: &str) -> bool {
    config.level(rule) != Some(Level::Off)
}

/// Refuses to judge a ref by a rule that needs history which a shallow clone lacks.
fn must_see(config: &Config, rule: &str, name: &str, unseen: bool) -> Result<()> {
    if unseen && is_judged(config, rule) {
        return Err(Fail::new(format!(
            "the clone's history is cut short, too early for {rule} to judge {name}"
        ))
        .help("git fetch --unshallow --tags (in CI: fetch-depth: 0)")
        .into());
    }
    Ok(())
}
