//! Judging branches and tags: in an audit, by name, and as a push changes them.

use std::rc::Rc;

use anyhow::Result;

use super::state::{At, no_default};
use super::{Judge, Report, State, exceptions, judge, judge_branch, judge_tag, soften};
use crate::config::{Config, Level};
use crate::domain::text::nearest;
use crate::domain::{Fail, Oid, Version};
use crate::finding::{Finding, Severity, Subject};
use crate::git::{ObjectKind, RefUpdate, Repo};
use crate::project::OnBranch;
use crate::project::refs::{
    Asked, Base, Before, BranchFacts, Event, Lost, Meaning, Place, RefFacts, RefName, RefView, TagFacts,
    default_branch, gather, names,
};
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

/// Refs to judge, and by what.
pub struct Inspection {
    /// What reports call it.
    pub scope: &'static str,
    /// The config whose branches, tags and exceptions hold.
    pub governing: Rc<Config>,
    /// Whether the rest comes from each commit's own config.
    pub own_config: bool,
    /// Whether the files of refs that are no release's are judged too.
    pub every_ref: bool,
    /// The refs.
    pub asked: Asked,
    /// The base to compare with that was asked for; without it the old tip of a branch that moves.
    pub against: Option<Oid>,
    /// Whether what that base has counts as there before, as what a branch's old tip has always does.
    pub adopts: bool,
    /// Whether nothing found may weigh more than a warning.
    pub lenient: bool,
}

impl Inspection {
    /// An audit of everything that was ever released.
    pub fn audit(repo: &Repo, config: Config, since: Option<&Version>) -> Result<(Self, Vec<RefName>)> {
        let view = RefView::of_repository(repo, &config.remote)?;
        let default_names = default_names(repo, &config);
        let Some(default) = default_branch(&default_names, &view, &view) else {
            return Err(match &config.default_branch {
                Some(name) => no_such_default(name),
                None => no_default("an audit judges it"),
            }
            .into());
        };
        let of_release =
            |name: &&String| name.as_str() == default || names::branch(&config, name) != Meaning::Other;
        let branches = view.branches.keys().filter(of_release).cloned().map(RefName::Branch);
        let version_like = |name: &&String| names::tag(&config, name) != Meaning::Other;
        let tags = view.tags.keys().filter(version_like).cloned().map(RefName::Tag);
        let mut refs: Vec<RefName> = branches.chain(tags).collect();
        let since = since.or(config.since.as_ref()).cloned();
        let mut passed_over = Vec::new();
        if let Some(since) = since {
            let age = super::since::Age::of(repo, &config, &view, since)?;
            (refs, passed_over) = age.split(&view, refs, default)?;
        }
        let asked = Asked::standing(view, refs, default_names);
        let inspection = Self {
            scope: "audit",
            governing: Rc::new(config),
            own_config: false,
            every_ref: false,
            asked,
            against: None,
            adopts: false,
            lenient: false,
        };
        Ok((inspection, passed_over))
    }

    /// One branch or tag, as it stands.
    pub fn of_ref(
        judging: &Judge<'_>,
        name: RefName,
        scope: &'static str,
        governing: Config,
    ) -> Result<Self> {
        let view = RefView::of_repository(judging.repo(), &governing.remote)?;
        let default_names = default_names(judging.repo(), &governing);
        let asked = Asked::standing(view, vec![name], default_names);
        let governing = Rc::new(governing);
        let (every_ref, adopts) = (true, false);
        Ok(Self {
            scope,
            governing,
            own_config: true,
            every_ref,
            asked,
            against: None,
            adopts,
            lenient: false,
        })
    }

    /// What updates do to the refs that `before` shows. `known` are the names that the default branch may
    /// have where the config names none.
    pub fn of_updates(
        before: RefView,
        updates: &[RefUpdate],
        known: Vec<String>,
        scope: &'static str,
        governing: Config,
    ) -> Self {
        let default_names = governing.default_branch.clone().map_or(known, |name| vec![name]);
        let asked = Asked::updates(before, updates, default_names);
        let (governing, own_config, every_ref) = (Rc::new(governing), false, false);
        let (against, adopts, lenient) = (None, false, false);
        Self { scope, governing, own_config, every_ref, asked, against, adopts, lenient }
    }

    /// Judges them all.
    pub fn run(mut self, judging: &Judge<'_>) -> Result<Report> {
        self.must_have_default()?;
        self.leave_out_others();
        let mut report = Report { scope: self.scope, findings: Vec::new(), judged: Judged::default() };
        if self.asked.refs.is_empty() {
            return Ok(report);
        }
        self.asked.verify = self.wants_signed_tags(judging)?;
        let facts = gather(judging.repo(), &self.governing, &self.asked)?;
        for branch in &facts.branches {
            self.judge_branch(judging, branch, &facts, &mut report)?;
        }
        for tag in &facts.tags {
            self.judge_tag(judging, tag, &facts, &mut report)?;
        }
        if self.lenient {
            report.findings.iter_mut().for_each(|finding| finding.severity = Severity::Warning);
        }
        report.findings.sort_by(Finding::order);
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

    /// A default branch that the config names has to be where updates go: else nothing would guard it.
    fn must_have_default(&self) -> Result<()> {
        let Asked { before, after, refs, .. } = &self.asked;
        let updates = refs.iter().any(|(_, event)| *event != Event::Stands);
        let Some(name) = self.governing.default_branch.as_ref().filter(|_| updates) else { return Ok(()) };
        if before.branches.is_empty()
            || before.branches.contains_key(name)
            || after.branches.contains_key(name)
        {
            return Ok(());
        }
        Err(no_such_default(name).into())
    }

    /// Leaves out the refs that no rule is about: then they cost nothing.
    fn leave_out_others(&mut self) {
        // An audit asks for no others.
        if self.every_ref || self.scope == "audit" {
            return;
        }
        let (config, defaults) = (&self.governing, &self.asked.default_names);
        self.asked.refs.retain(|(name, _)| match name {
            RefName::Branch(name) => defaults.contains(name) || names::branch(config, name) != Meaning::Other,
            RefName::Tag(name) => names::tag(config, name) != Meaning::Other,
        });
    }

    /// Whether any of the tags has to be signed, by the config that it is judged by.
    fn wants_signed_tags(&self, judging: &Judge<'_>) -> Result<bool> {
        if self.governing.wants_signed_tags() || !self.own_config {
            return Ok(self.governing.wants_signed_tags());
        }
        for (name, _) in &self.asked.refs {
            let RefName::Tag(name) = name else { continue };
            let Some(object) = self.asked.after.tags.get(name) else { continue };
            let target = judging.repo().peel(*object)?;
            if target.kind != ObjectKind::Commit {
                continue;
            }
            let files = CommitFiles::new(judging.repo(), target.id, Subject::tag(name, Some(target.id)));
            if self.config_of(judging, Some(&files))?.wants_signed_tags() {
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
        report: &mut Report,
    ) -> Result<()> {
        let subject = Subject::branch(&branch.name, branch.commit);
        let files = branch.commit.map(|commit| CommitFiles::new(judging.repo(), commit, subject));
        let config = self.config_of(judging, files.as_ref())?;
        if branch.base == Some(Base::NoDefault) && is_judged(&config, "branch/base") {
            return Err(match &self.governing.default_branch {
                Some(name) => no_such_default(name),
                None => no_default(&format!("{} has to be cut from it", branch.name)),
            }
            .into());
        }
        must_see(&config, "branch/base", &branch.name, branch.base == Some(Base::Unseen))?;
        must_see(&config, "branch/rewrite", &branch.name, branch.lost == Some(Lost::Unseen))?;
        report.judged.branches += 1;
        let found = judge_branch(branch, facts, &config);
        let is_misnamed = matches!(branch.meaning, Meaning::Misnamed(_)) && !branch.is_default;
        report.findings.extend(found);
        let Some(files) = files.filter(|_| !is_misnamed) else { return Ok(()) };
        let at = match branch.line() {
            Some(line) => At::Branch(OnBranch { name: branch.name.clone(), line, checked_out: false }),
            None if branch.is_default => At::OtherBranch,
            None if self.every_ref => At::Nowhere,
            None => return Ok(()),
        };
        let old = branch.event.from().filter(|old| judging.repo().has_object(*old));
        let base = self.against.or(old);
        let state = judging.at_ref(files, base, (at, None), config)?;
        let mut found = self.content(&state, report)?;
        let known = if self.adopts { base } else { old };
        if let Some(known) = known.filter(|_| found.iter().any(Finding::is_error)) {
            soften(&mut found, &state.findings_at(known)?);
        }
        report.findings.extend(found);
        Ok(())
    }

    fn judge_tag(
        &self,
        judging: &Judge<'_>,
        tag: &TagFacts,
        facts: &RefFacts,
        report: &mut Report,
    ) -> Result<()> {
        report.judged.tags += 1;
        let commit = tag.commit();
        let subject = Subject::tag(&tag.name, commit);
        let files = commit.map(|commit| CommitFiles::new(judging.repo(), commit, subject));
        let config = self.config_of(judging, files.as_ref())?;
        must_see(&config, "tag/branch", &tag.name, tag.place == Some(Place::Unseen))?;
        must_see(&config, "tag/sequence", &tag.name, tag.before == Some(Before::Unseen))?;
        let mut found = judge_tag(tag, facts, &config);
        // A tag that is wrong in itself has that one finding; but only an error may hide others.
        let alone = if commit.is_none() && tag.target.is_some() { "tag/branch" } else { "tag/name" };
        let stops = found.iter().any(|finding| finding.rule == alone && finding.is_error());
        if stops {
            found.retain(|finding| finding.rule == alone);
        }
        report.findings.append(&mut found);
        let at = match tag.version() {
            Some(version) => At::Tag(version.clone()),
            None if self.every_ref && tag.meaning == Meaning::Other => At::Nowhere,
            None => return Ok(()),
        };
        let unnamed = matches!(at, At::Nowhere) || !is_judged(&config, "tag/branch");
        if files.is_none() && tag.target.is_some() && unnamed {
            return Err(Fail::new(format!("{} names no commit, so there is nothing to judge", tag.name))
                .help("`git cat-file -t` says what a tag names")
                .into());
        }
        let Some(files) = files.filter(|_| !stops) else { return Ok(()) };
        let default = facts.default.as_ref().and_then(|default| default.tips.last().copied());
        let state = judging.at_ref(files, self.against, (at, default), config)?;
        let found = self.content(&state, report)?;
        report.findings.extend(found);
        Ok(())
    }

    /// The findings in the files of a ref's commit.
    fn content(&self, state: &State<'_>, report: &mut Report) -> Result<Vec<Finding>> {
        let project = state.project()?;
        // What was released before there was a chart is no reason to end an audit.
        if self.scope != "audit" {
            state.must_have_charts(&project)?;
        }
        report.judged.charts = report.judged.charts.max(project.charts.len());
        Ok(judge(&project, &state.config))
    }

    fn config_of(&self, judging: &Judge<'_>, files: Option<&CommitFiles<'_>>) -> Result<Rc<Config>> {
        match files.filter(|_| self.own_config) {
            Some(files) => {
                let own = judging.own_config(files)?;
                // Of updates the governing one is the default branch's already, as it has to be repaired by some.
                let without = own.is_none() && !judging.is_forced() && self.scope != "ref";
                let own = if without { Some(Config::clone(&self.governing)) } else { own };
                judging.config(own, Some(&self.governing)).map(Rc::new)
            }
            None => Ok(Rc::clone(&self.governing)),
        }
    }
}

fn is_judged(config: &Config, rule: &str) -> bool {
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

/// The default branch that the config names is not there.
pub fn no_such_default(name: &str) -> Fail {
    Fail::new(format!("the default branch {name} of .relguard.yaml does not exist"))
        .help("correct `default-branch`, or bring the branch: git fetch origin, on a server git push")
}

/// The names that the default branch may have, the likeliest first.
fn default_names(repo: &Repo, config: &Config) -> Vec<String> {
    match &config.default_branch {
        Some(name) => vec![name.clone()],
        None => repo.default_branch_names(&config.remote),
    }
}

/// The branch or tag that a name means: a short one, or a full one where both are there.
pub fn find_ref(repo: &Repo, config: &Config, name: &str) -> Result<RefName> {
    let view = RefView::of_repository(repo, &config.remote)?;
    let short = name.strip_prefix(&format!("refs/remotes/{}/", config.remote)).map(str::to_owned);
    let full = RefName::of_full(name).or(short.map(RefName::Branch));
    let there = |name: &RefName| match name {
        RefName::Branch(name) => view.branches.contains_key(name),
        RefName::Tag(name) => view.tags.contains_key(name),
    };
    let meant = full.map_or_else(
        || vec![RefName::Branch(name.to_owned()), RefName::Tag(name.to_owned())],
        |full| vec![full],
    );
    let mut found = meant.into_iter().filter(there);
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(Fail::new(format!("{name} is a branch and a tag"))
            .help(format!("write which one: refs/heads/{name} or refs/tags/{name}"))
            .into()),
        (None, _) => {
            let known = view.branches.keys().chain(view.tags.keys()).map(String::as_str);
            let near = nearest(name, known).map(|near| format!("did you mean `{near}`? "));
            Err(Fail::new(format!("there is no branch or tag {name}"))
                .help(format!(
                    "{}`git branch --all` and `git tag` list them; fetch missing ones: git fetch --tags",
                    near.unwrap_or_default()
                ))
                .into())
        }
    }
}
