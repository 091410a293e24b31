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
use crate::git::Repo;
use crate::release::{
    Action, Foresight, Hindrance, Plan, Process, ROUNDS, Stage, add_findings, add_notes, endless, fetch,
    hindrance, must_be_named, process, stops_here, suppose, version_argument,
};
use crate::report::{Tool, escape_text, json_findings};

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
    let mut actions: Vec<ActionOut> =
        fetched.actions.iter().map(|action| ActionOut::of_stage(None, action, true)).collect();
    let (mut report, mut notes, mut last, mut is_begun) = (None, Vec::new(), Vec::new(), false);
    for _ in 0..ROUNDS {
        let repo = Repo::open()?;
        let judging = Judge::new(&repo, forced_config(common)?);
        let mut standing =
            process(&judging, version.as_ref(), true).map_err(|error| after(error, &actions))?;
        // Once the tag is made nothing is found of what it goes without.
        let known = notes.len();
        add_notes(&mut notes, &standing.notes);
        add_notes(&mut notes, standing.plan.as_ref().map_or(&[], |plan| &plan.notes));
        if standing.next() == Some("tag") {
            tell(console, &notes, known);
        }
        let Some(plan) = standing.plan.take() else {
            standing.notes = notes;
            return Ok(Outcome { standing, actions, report, refused: false });
        };
        let ends = plan.is_refused(common.strict) || plan.actions.is_empty();
        if !ends {
            if plan.actions == last {
                return Err(without_effect(&plan));
            }
            // What is published stays: it waits for all that this run is to do.
            if !std::mem::replace(&mut is_begun, true) {
                must_be_named(&repo, &plan, true).map_err(|error| after(error, &actions))?;
                let known = notes.len();
                if let Some((refused, found)) = refusal(&plan, &standing, &mut notes, common)? {
                    notes.push(format!("nothing was published, as `{refused}` would be refused"));
                    standing.notes = notes;
                    return Ok(Outcome { standing, actions, report: Some(found), refused: true });
                }
                tell(console, &notes, known);
            }
            let acted = act(&repo, &plan, &actions, console)?;
            let done = plan.actions.iter().take(acted);
            actions.extend(done.map(|action| ActionOut::of_stage(standing.next(), action, true)));
            if acted < plan.actions.len() {
                add_findings(&mut report, plan.report);
                standing.notes = notes;
                return Ok(Outcome { standing, actions, report, refused: true });
            }
        }
        last = plan.actions;
        add_findings(&mut report, plan.report);
        if ends {
            standing.notes = notes;
            return Ok(Outcome { standing, actions, report, refused: false });
        }
        version = Some(standing.version);
    }
    Err(endless())
}

/// What the rules would refuse of a plan and the steps behind it that the run goes on to, with what they find there; an
/// error where one could not be done. A note where that is no reason not to begin.
fn refusal(
    plan: &Plan,
    standing: &Process,
    notes: &mut Vec<String>,
    common: &Common,
) -> Result<Option<(String, Report)>> {
    if !standing.goes_on {
        return Ok(None);
    }
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    match hindrance(&judging, plan, standing, common.strict)? {
        Some(Hindrance::Refused(title, report)) => return Ok(Some((title, report))),
        Some(Hindrance::Last(note)) => add_notes(notes, &[note]),
        None => {}
    }
    Ok(None)
}

/// Tells the notes that are new since so many, while something can still be done about them.
fn tell(console: &mut Console, notes: &[String], known: usize) {
    notes.iter().skip(known).for_each(|note| console.aside(&format!("note: {note}")));
}

/// Plans one step after the other, each on what the ones before it would leave, and does nothing.
fn foresee(version: Option<&Version>, common: &Common) -> Result<Outcome> {
    let repo = Repo::open()?;
    let fetched = fetch(&Judge::new(&repo, forced_config(common)?))?;
    suppose(&repo, &fetched)?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let mut standing = process(&judging, version, true)?;
    let mut foresight = Foresight::new(&judging, common.strict);
    foresight.actions.extend(fetched.actions.into_iter().map(|action| (None, action)));
    if let Some(plan) = standing.plan.take() {
        if !plan.is_refused(common.strict) {
            must_be_named(&repo, &plan, true)?;
        }
        foresight.follow(&plan, &standing, "planned before it")?;
    }
    let Foresight { actions, report, notes, .. } = foresight;
    add_notes(&mut standing.notes, &notes);
    let actions = actions.iter().map(|(stage, action)| ActionOut::of_stage(*stage, action, false)).collect();
    Ok(Outcome { standing, actions, report, refused: false })
}

/// What was done is to be done once more: a push went to another repository, or the server took it back.
fn without_effect(plan: &Plan) -> anyhow::Error {
    let texts: Vec<String> = plan.actions.iter().map(Action::words).collect();
    Fail::new(format!("`{}` was done, and nothing of it shows in what is published", texts.join("; ")))
        .help("git remote -v says where git pushes to; git ls-remote says what is there")
        .into()
}

/// An error that came behind what this run has done.
fn after(error: anyhow::Error, actions: &[ActionOut]) -> anyhow::Error {
    let texts: Vec<String> = actions.iter().map(|action| action.text().to_owned()).collect();
    stops_here(error, &texts, "done")
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
