//! `relguard release`

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::args::{Common, Format, ReleaseArgs};
use super::console::Console;
use super::process::{ActionOut, act, done, form, planned};
use super::{Status, forced_config};
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{Process, Stage, fetch, process, version_argument};
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
    actions: Vec<ActionOut>,
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

/// Shows where a release stands; with `--run` it goes on to the next step that needs a person.
pub(super) fn run(args: &ReleaseArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let form = form(common)?;
    let mut version = args.version.as_deref().map(version_argument).transpose()?;
    let acts = args.run && !args.step.dry_run;
    let (mut actions, mut notes) = (Vec::new(), Vec::new());
    if acts {
        let repo = Repo::open()?;
        act(&repo, &fetch(&Judge::new(&repo, forced_config(common)?))?, &[], console)?;
    }
    for _ in 0..ROUNDS {
        let repo = Repo::open()?;
        let judging = Judge::new(&repo, forced_config(common)?);
        let mut now =
            process(&judging, version.as_ref(), args.run).map_err(|error| after(error, &actions))?;
        version = Some(now.version.clone());
        notes.extend(now.plan.iter().flat_map(|plan| plan.notes.clone()));
        now.notes.extend(notes.iter().cloned());
        let Some(plan) =
            now.plan.as_ref().filter(|plan| !plan.is_refused(common.strict) && !plan.actions.is_empty())
        else {
            return Ok(show(&now, actions, (args.step.dry_run, form), common, console));
        };
        if !acts {
            actions.extend(planned(plan));
            return Ok(show(&now, actions, (args.step.dry_run, form), common, console));
        }
        act(&repo, plan, &actions, console)?;
        actions.extend(done(plan));
    }
    Err(Fail::new(format!("the release is not done after {ROUNDS} steps, which is more than it has"))
        .help("please report it, with what `relguard release` shows: https://github.com/relguard/relguard/issues")
        .into())
}

/// An error that came behind what this run has done.
fn after(error: anyhow::Error, actions: &[ActionOut]) -> anyhow::Error {
    if actions.is_empty() {
        return error;
    }
    let done: Vec<&str> = actions.iter().map(ActionOut::text).collect();
    error.context(format!("the release stops here (done: {})", done.join("; ")))
}

fn show(
    now: &Process,
    actions: Vec<ActionOut>,
    (dry_run, form): (bool, Format),
    common: &Common,
    console: &mut Console,
) -> Status {
    let refused = now.plan.as_ref().is_some_and(|plan| plan.is_refused(common.strict));
    let report = now.plan.as_ref().map(|plan| &plan.report).filter(|report| !report.findings.is_empty());
    if form == Format::Json {
        console.print(&escape_text(&ProcessOut {
            schema_version: 1,
            tool: Tool::this(),
            step: "release",
            version: now.version.to_string(),
            dry_run,
            refused,
            stages: now.stages.iter().map(StageOut::of).collect(),
            actions,
            notes: &now.notes,
            findings: json_findings(report.map(|report| report.findings.as_slice()).unwrap_or_default()),
        }));
    } else {
        if let Some(report) = report {
            console.report(report, Format::Human);
        }
        console.note(&text(now, &actions));
    }
    if refused { Status::Failed } else { Status::Passed }
}

fn text(now: &Process, actions: &[ActionOut]) -> String {
    let mut text: String = actions.iter().map(ActionOut::line).collect();
    for note in &now.notes {
        let _ = writeln!(text, "note: {}", visible(note));
    }
    let _ = writeln!(text, "release {}", now.version);
    for stage in &now.stages {
        let _ = writeln!(text, "  {:<8} {:<8} {}", stage.state.name(), stage.name, visible(&stage.words));
    }
    text
}
