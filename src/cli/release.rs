//! `relguard release`

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::args::{Common, Format, ReleaseArgs};
use super::console::Console;
use super::process::{ActionOut, act, form};
use super::{Status, forced_config};
use crate::domain::text::visible;
use crate::domain::{Fail, Version};
use crate::engine::{Judge, Report};
use crate::finding::Finding;
use crate::git::Repo;
use crate::release::{
    Action, Plan, Process, Stage, fetch, judged_there, must_be_named, must_sign, process, suppose,
    version_argument,
};
use crate::report::{Tool, escape_text, json_findings};

/// More rounds than a release has steps; each is found anew from what the one before left.
const ROUNDS: usize = 20;

#[derive(Serialize)]
struct ProcessOut<'a, F: Serialize> {
    schema_version: u32,
    tool: Tool,
    step: &'static str,
    version: String,
    dry_run: bool,
    /// Whether the rules refuse the next step.
    refused: bool,
    stages: Vec<StageOut<'a>>,
    actions: &'a [ActionOut],
    notes: &'a [String],
    findings: F,
}

#[derive(Serialize)]
struct StageOut<'a> {
    stage: &'static str,
    state: &'static str,
    text: &'a str,
}

impl<'a> StageOut<'a> {
    fn of(stage: &'a Stage) -> Self {
        Self { stage: stage.name, state: stage.state.name(), text: &stage.words }
    }
}

/// What a run comes to.
struct Outcome {
    /// Where the release stands; before a dry run, which changes nothing.
    standing: Process,
    /// What was done, or would be.
    actions: Vec<ActionOut>,
    /// What the rules find in its steps.
    report: Option<Report>,
    /// Whether a rule refused a step: one that was asked before it, or through a hook.
    refused: bool,
}

/// Shows where a release stands; with `--run` it goes on to the next step that needs a person, with `--dry-run` it
/// shows all that this would do.
pub(super) fn run(args: &ReleaseArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let form = form(common)?;
    let version = args.version.as_deref().map(version_argument).transpose()?;
    let mut outcome = match (args.step.dry_run, args.run) {
        (true, _) => foresee(version.as_ref(), common)?,
        (false, true) => go_on(version, common, console)?,
        (false, false) => {
            let repo = Repo::open()?;
            let mut standing = process(&Judge::new(&repo, forced_config(common)?), version.as_ref(), false)?;
            let report = standing.plan.take().map(|plan| plan.report);
            Outcome { standing, actions: Vec::new(), report, refused: false }
        }
    };
    outcome.refused |= outcome.report.as_ref().is_some_and(|report| report.fails(common.strict));
    if form == Format::Json {
        console.print(&render(&outcome, args.step.dry_run));
    } else {
        if let Some(report) = outcome.report.as_ref().filter(|report| !report.findings.is_empty()) {
            console.report(report, Format::Human);
        }
        console.note(&text(&outcome, args.step.dry_run));
    }
    Ok(if outcome.refused { Status::Failed } else { Status::Passed })
}

/// Carries out one step after the other, each found anew from what the one before left.
fn go_on(mut version: Option<Version>, common: &Common, console: &mut Console) -> Result<Outcome> {
    let repo = Repo::open()?;
    let fetched = fetch(&Judge::new(&repo, forced_config(common)?))?;
    act(&repo, &fetched, &[], console)?;
    let mut actions: Vec<ActionOut> = ActionOut::of_stage(&fetched, None, true).collect();
    let (mut report, mut notes, mut last, mut is_foreseen) = (None, Vec::new(), Vec::new(), false);
    for _ in 0..ROUNDS {
        let repo = Repo::open()?;
        let judging = Judge::new(&repo, forced_config(common)?);
        let mut standing =
            process(&judging, version.as_ref(), true).map_err(|error| after(error, &actions, "done"))?;
        // Once the tag is made nothing is found of what it goes without.
        let found = standing.notes.iter().chain(standing.plan.iter().flat_map(|plan| &plan.notes));
        let new: Vec<String> = found.filter(|note| !notes.contains(*note)).cloned().collect();
        if standing.next() == Some("tag") {
            for note in &new {
                console.aside(&format!("note: {note}"));
            }
        }
        notes.extend(new);
        standing.notes.clone_from(&notes);
        let Some(plan) = standing.plan.take() else {
            return Ok(Outcome { standing, actions, report, refused: false });
        };
        let ends = plan.is_refused(common.strict) || plan.actions.is_empty();
        if !ends {
            if plan.actions == last {
                return Err(without_effect(&plan));
            }
            must_be_named(&repo, &plan, true).map_err(|error| after(error, &actions, "done"))?;
            // What is published stays: it waits for all that this run is to do.
            if standing.goes_on
                && !std::mem::replace(&mut is_foreseen, true)
                && let Some((refused, found)) = refusal(&plan, &standing, common)?
            {
                standing.notes.push(format!("nothing was done, as `{refused}` would be refused"));
                return Ok(Outcome { standing, actions, report: Some(found), refused: true });
            }
            let acted = act(&repo, &plan, &actions, console)?;
            actions.extend(ActionOut::of_stage(&plan, standing.next(), true).take(acted));
            if acted < plan.actions.len() {
                add(&mut report, plan.report);
                return Ok(Outcome { standing, actions, report, refused: true });
            }
        }
        last = plan.actions;
        add(&mut report, plan.report);
        if ends {
            return Ok(Outcome { standing, actions, report, refused: false });
        }
        version = Some(standing.version);
    }
    Err(endless())
}

/// What the rules would refuse of a plan and the steps behind it, up to one that needs a person, with what they find
/// there; an error where one could not be done.
fn refusal(plan: &Plan, standing: &Process, common: &Common) -> Result<Option<(String, Report)>> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let mut foresight = Foresight::new(&judging, "nothing was done; planned before it", common);
    if foresight.step(plan, standing.next())? {
        foresight.steps_after(&standing.version)?;
    }
    let Foresight { refused, report, planned, .. } = &mut foresight;
    if let Some(found) = refused.take().zip(report.take()) {
        return Ok(Some(found));
    }
    must_sign(&repo, planned).map_err(|error| foresight.stopped(error))?;
    Ok(None)
}

/// Plans one step after the other, each on what the ones before it would leave, and does nothing.
fn foresee(version: Option<&Version>, common: &Common) -> Result<Outcome> {
    let repo = Repo::open()?;
    let fetched = fetch(&Judge::new(&repo, forced_config(common)?))?;
    suppose(&repo, &fetched)?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let mut standing = process(&judging, version, true)?;
    let mut foresight = Foresight::new(&judging, "planned before it", common);
    foresight.actions.extend(ActionOut::of_stage(&fetched, None, false));
    if let Some(plan) = standing.plan.take()
        && foresight.step(&plan, standing.next())?
    {
        foresight.steps_after(&standing.version)?;
    }
    let Foresight { actions, report, notes, .. } = foresight;
    standing.notes.extend(notes);
    Ok(Outcome { standing, actions, report, refused: false })
}

/// What the steps of a release would do, each planned on what the ones before it would leave.
struct Foresight<'a> {
    judging: &'a Judge<'a>,
    /// Whether warnings refuse as well.
    strict: bool,
    /// What an error says of the actions that stand before it.
    how: &'static str,
    actions: Vec<ActionOut>,
    planned: Vec<Action>,
    notes: Vec<String>,
    /// What the rules find in the steps.
    report: Option<Report>,
    /// The step that they refuse, by its title.
    refused: Option<String>,
}

impl<'a> Foresight<'a> {
    fn new(judging: &'a Judge<'a>, how: &'static str, common: &Common) -> Self {
        let (actions, planned, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { judging, strict: common.strict, how, actions, planned, notes, report: None, refused: None }
    }

    /// Supposes that a step is done; whether there may be one behind it.
    fn step(&mut self, plan: &Plan, stage: Option<&'static str>) -> Result<bool> {
        let repo = self.judging.repo();
        self.notes.extend(plan.notes.iter().cloned());
        let mut is_refused = plan.is_refused(self.strict);
        let mut goes_on = !is_refused && !plan.actions.is_empty();
        if goes_on {
            must_be_named(repo, plan, true)?;
            self.actions.extend(ActionOut::of_stage(plan, stage, false));
            self.planned.extend(plan.actions.iter().cloned());
            suppose(repo, plan)?;
            let there = judged_there(self.judging, plan)?;
            is_refused = there.fails(self.strict);
            goes_on = !is_refused;
            add(&mut self.report, there);
        }
        add(&mut self.report, plan.report.clone());
        self.refused = is_refused.then(|| plan.title.clone());
        Ok(goes_on)
    }

    fn steps_after(&mut self, version: &Version) -> Result<()> {
        for _ in 0..ROUNDS {
            let standing = process(self.judging, Some(version), true).map_err(|error| self.stopped(error))?;
            let Some(plan) = &standing.plan else { return Ok(()) };
            if !self.step(plan, standing.next())? {
                return Ok(());
            }
        }
        Err(endless())
    }

    fn stopped(&self, error: anyhow::Error) -> anyhow::Error {
        after(error, &self.actions, self.how)
    }
}

/// Adds what the rules find in one more step, in the order of reports; what was found of the same state before is
/// said once.
fn add(report: &mut Option<Report>, step: Report) {
    match report {
        None => *report = Some(step),
        Some(report) => {
            let mut new = step.findings;
            new.retain(|finding| !report.findings.iter().any(|known| is_same(known, finding)));
            report.findings.append(&mut new);
            report.findings.sort_by(Finding::order);
        }
    }
}

/// Whether two steps found the same; a ref may have gone on between them.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let about = |finding: &Finding| (finding.subject.kind, finding.subject.name.clone());
    one.words() == other.words() && about(one) == about(other)
}

/// What was done is to be done once more: a push went to another repository, or the server took it back.
fn without_effect(plan: &Plan) -> anyhow::Error {
    let texts: Vec<String> = plan.actions.iter().map(Action::words).collect();
    Fail::new(format!("`{}` was done, and nothing of it shows in what is published", texts.join("; ")))
        .help("git remote -v says where git pushes to; git ls-remote says what is there")
        .into()
}

fn endless() -> anyhow::Error {
    Fail::new(format!("the release is not done after {ROUNDS} steps, which is more than it has"))
        .help("please report it, with what `relguard release` shows: https://github.com/relguard/relguard/issues")
        .into()
}

/// An error that came behind what this run has done, or would have.
fn after(error: anyhow::Error, actions: &[ActionOut], how: &str) -> anyhow::Error {
    if actions.is_empty() {
        return error;
    }
    let texts: Vec<&str> = actions.iter().map(ActionOut::text).collect();
    error.context(format!("the release stops here ({how}: {})", texts.join("; ")))
}

fn render(outcome: &Outcome, dry_run: bool) -> String {
    let Outcome { standing, actions, report, refused } = outcome;
    escape_text(&ProcessOut {
        schema_version: 1,
        tool: Tool::this(),
        step: "release",
        version: standing.version.to_string(),
        dry_run,
        refused: *refused,
        stages: standing.stages.iter().map(StageOut::of).collect(),
        actions,
        notes: &standing.notes,
        findings: json_findings(report.as_ref().map(|report| report.findings.as_slice()).unwrap_or_default()),
    })
}

/// What was done comes first; what would be done stands below the stage that it belongs to.
fn text(outcome: &Outcome, dry_run: bool) -> String {
    let Outcome { standing, actions, .. } = outcome;
    let above = actions.iter().filter(|action| !dry_run || action.stage().is_none());
    let mut text: String = above.map(ActionOut::line).collect();
    for note in &standing.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    let _ = writeln!(text, "release {}", standing.version);
    for stage in &standing.stages {
        let _ = writeln!(text, "  {:<8} {:<8} {}", stage.state.name(), stage.name, visible(&stage.words));
        for action in actions.iter().filter(|action| dry_run && action.stage() == Some(stage.name)) {
            let _ = write!(text, "{:20}{}", "", action.line());
        }
    }
    text
}
