//! What a run of a release would do: each step planned on what the ones before it would leave, so that none is begun
//! that the rules would end half-way.

use anyhow::Result;

use super::{Process, in_a_line, judged_there, process};
use crate::domain::{Fail, Version, order};
use crate::engine::{Judge, Report};
use crate::finding::Finding;
use crate::release::plan::{Action, Plan};
use crate::release::preflight::must_sign;
use crate::release::suppose::suppose;

/// More rounds than a release has steps; each is found anew from what the one before left.
pub const ROUNDS: usize = 20;

/// The last step, which the project's pipeline may do in a way that is not known here.
const LAST: &str = "publish";

/// What the steps of a release would do, each planned on what the ones before it would leave.
pub struct Foresight<'a> {
    judging: &'a Judge<'a>,
    /// Whether warnings refuse as well.
    strict: bool,
    /// The actions, each with the stage that it belongs to.
    pub actions: Vec<(Option<&'static str>, Action)>,
    /// What a person should know before, each in a line.
    pub notes: Vec<String>,
    /// What the rules find in the steps.
    pub report: Option<Report>,
    refused: Option<Refused>,
    /// Why the last step could not be done.
    failed: Option<anyhow::Error>,
}

/// A step that the rules refuse.
struct Refused {
    title: String,
    stage: Option<&'static str>,
    /// What they find first.
    why: String,
}

/// What a run would meet that should be known before anything is published.
pub enum Hindrance {
    /// The rules refuse a step, by its title, for what they find in all up to it.
    Refused(String, Report),
    /// The last step alone would be refused or fail, and why, in a line: the run can begin.
    Last(String),
}

impl<'a> Foresight<'a> {
    /// Nothing is foreseen yet; in a repository that supposes, or is about to.
    pub fn new(judging: &'a Judge<'a>, strict: bool) -> Self {
        let (actions, notes) = (Vec::new(), Vec::new());
        Self { judging, strict, actions, notes, report: None, refused: None, failed: None }
    }

    /// Follows a release from a step on, up to one that is refused or needs a person. An error where a step could not
    /// be done; `how` says in it what came of the actions before.
    pub fn follow(&mut self, plan: &Plan, standing: &Process, how: &str) -> Result<()> {
        self.start(plan, standing, how)?;
        self.failed.take().map_or(Ok(()), Err)
    }

    /// The same; what the last step fails with is kept.
    fn start(&mut self, plan: &Plan, standing: &Process, how: &str) -> Result<()> {
        if !self.step(plan, standing.next())? {
            return Ok(());
        }
        let version = &standing.version;
        for _ in 0..ROUNDS {
            match self.step_after(version) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => {
                    let is_last =
                        process(self.judging, Some(version), false).is_ok_and(|it| it.next() == Some(LAST));
                    let error = self.stopped(error, how);
                    if is_last {
                        self.failed = Some(error);
                        return Ok(());
                    }
                    return Err(error);
                }
            }
        }
        Err(endless())
    }

    fn step_after(&mut self, version: &Version) -> Result<bool> {
        let standing = process(self.judging, Some(version), true)?;
        standing.plan.as_ref().map_or(Ok(false), |plan| self.step(plan, standing.next()))
    }

    /// Supposes that a step is done; whether there may be one behind it.
    fn step(&mut self, plan: &Plan, stage: Option<&'static str>) -> Result<bool> {
        let repo = self.judging.repo();
        add_notes(&mut self.notes, &plan.notes);
        let mut refusal = plan.is_refused(self.strict).then(|| first(&plan.report));
        if refusal.is_none() && !plan.actions.is_empty() {
            self.actions.extend(plan.actions.iter().map(|action| (stage, action.clone())));
            suppose(repo, plan)?;
            let there = judged_there(self.judging, plan)?;
            refusal = there.fails(self.strict).then(|| first(&there));
            add_findings(&mut self.report, there);
        }
        add_findings(&mut self.report, plan.report.clone());
        let goes_on = refusal.is_none() && !plan.actions.is_empty();
        self.refused = refusal.map(|why| Refused { title: plan.title.clone(), stage, why });
        Ok(goes_on)
    }

    fn stopped(&self, error: anyhow::Error, how: &str) -> anyhow::Error {
        let texts: Vec<String> = self.actions.iter().map(|(_, action)| action.words()).collect();
        stops_here(error, &texts, how)
    }
}

/// What stands in the way of a plan and of the steps behind it, up to one that needs a person; an error where one of
/// them could not be done, or not be signed. The last step is no reason not to tag: the project's pipeline may do it.
pub fn hindrance(
    judging: &Judge<'_>,
    plan: &Plan,
    standing: &Process,
    strict: bool,
) -> Result<Option<Hindrance>> {
    let how = "nothing was published; planned before it";
    let mut foresight = Foresight::new(judging, strict);
    foresight.start(plan, standing, how)?;
    let last = match (foresight.refused.take(), foresight.report.take()) {
        (Some(refused), Some(report)) if refused.stage != Some(LAST) => {
            return Ok(Some(Hindrance::Refused(refused.title, report)));
        }
        (Some(refused), _) => Some(refused.why),
        (None, _) => foresight.failed.as_ref().map(|error| {
            let fail = error.chain().find_map(|cause| cause.downcast_ref::<Fail>()).map(in_a_line);
            fail.unwrap_or_else(|| error.root_cause().to_string())
        }),
    };
    let actions: Vec<Action> = foresight.actions.iter().map(|(_, action)| action.clone()).collect();
    must_sign(judging.repo(), &actions).map_err(|error| foresight.stopped(error, how))?;
    Ok(last.map(|why| {
        Hindrance::Last(format!("{} will be tagged, and this run can't publish it: {why}", standing.version))
    }))
}

/// What a report that refuses says first.
fn first(report: &Report) -> String {
    let found = report.findings.iter().find(|finding| finding.is_error()).or(report.findings.first());
    found.map(|finding| finding.message.clone()).unwrap_or_default()
}

/// Adds what is not among the notes yet: one is found in each step that it is about.
pub fn add_notes(notes: &mut Vec<String>, more: &[String]) {
    for note in more {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
}

/// Adds what the rules find in one more step, in the order of reports; what was found of the same state before is
/// said once.
pub fn add_findings(report: &mut Option<Report>, step: Report) {
    match report {
        None => *report = Some(step),
        Some(report) => {
            let mut new = step.findings;
            new.retain(|finding| !report.findings.iter().any(|known| is_same(known, finding)));
            report.findings.append(&mut new);
            order::sort_by(&mut report.findings, Finding::order);
        }
    }
}

/// Whether two steps found the same; a ref may have gone on between them.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let about = |finding: &Finding| (finding.subject.kind, finding.subject.name.clone());
    one.words() == other.words() && about(one) == about(other)
}

/// An error that came behind what a run has done, or would have: `texts`, each an order.
pub fn stops_here(error: anyhow::Error, texts: &[String], how: &str) -> anyhow::Error {
    if texts.is_empty() {
        return error;
    }
    error.context(format!("the release stops here ({how}: {})", texts.join("; ")))
}

/// A release that is not at its end after so many rounds as it never has.
pub fn endless() -> anyhow::Error {
    Fail::new(format!("the release is not done after {ROUNDS} steps, which is more than it has"))
        .help("please report it, with what `relguard release` shows: https://github.com/relguard/relguard/issues")
        .into()
}
