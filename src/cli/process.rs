//! What the steps of the process have in common: the plan is judged, shown, and carried out.

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Status;
use super::args::{Common, Format};
use super::console::Console;
use super::diff::unified;
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::git::Repo;
use crate::release::{Action, NewFile, Plan, execute, must_be_named};
use crate::report::{Tool, escape_text, json_findings};
use crate::rules;

#[derive(Serialize)]
struct PlanOut<'a, F: Serialize> {
    schema_version: u32,
    tool: Tool,
    step: &'static str,
    title: &'a str,
    dry_run: bool,
    /// Whether the rules refuse it.
    refused: bool,
    actions: Vec<ActionOut>,
    already_done: &'a [String],
    next: &'a [String],
    findings: F,
    #[serde(flatten)]
    details: &'a Map<String, Value>,
}

/// How a plan is shown.
#[derive(Default)]
pub(super) struct Showing {
    /// Whether it is only shown.
    pub(super) dry_run: bool,
    /// What the step has to tell in JSON beside the plan.
    pub(super) details: Map<String, Value>,
    /// What stands alone on the standard output, for people and for scripts, in place of the plan's own lines.
    pub(super) alone: Option<String>,
}

/// What a step did, or would do.
#[derive(Serialize)]
pub(super) struct ActionOut {
    action: &'static str,
    text: String,
    done: bool,
    /// The stage of a release that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
}

impl ActionOut {
    fn of(action: &Action, done: bool) -> Self {
        Self { action: action.name(), text: action.words(), done, stage: None }
    }

    /// What was done for a stage of a release, or would be.
    pub(super) fn of_stage(stage: Option<&'static str>, action: &Action, done: bool) -> Self {
        Self { stage, ..Self::of(action, done) }
    }

    /// The stage of a release that it belongs to.
    pub(super) fn stage(&self) -> Option<&'static str> {
        self.stage
    }

    /// What it is, as an order.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// As people read it.
    pub(super) fn line(&self) -> String {
        format!("{}{}\n", if self.done { "done: " } else { "would " }, visible(&self.text))
    }
}

/// How a step is shown: to people, or as JSON.
pub(super) fn form(common: &Common) -> Result<Format> {
    match common.format {
        Format::Json | Format::Human => Ok(common.format),
        // The others are forms of findings.
        _ => Err(Fail::new("a step of the process has no such format")
            .help("--format takes human or json here")
            .into()),
    }
}

/// Shows a plan, or carries it out and shows what was done.
pub(super) fn carry_out(
    repo: &Repo,
    plan: &Plan,
    dry_run: bool,
    common: &Common,
    console: &mut Console,
) -> Result<Status> {
    carry_out_with(repo, plan, &Showing { dry_run, ..Showing::default() }, common, console)
}

/// The same for a plan that has more to show.
pub(super) fn carry_out_with(
    repo: &Repo,
    plan: &Plan,
    showing: &Showing,
    common: &Common,
    console: &mut Console,
) -> Result<Status> {
    let form = form(common)?;
    let mut refused = plan.is_refused(common.strict);
    let mut acted = 0;
    if !refused {
        must_be_named(repo, plan, false)?;
    }
    if !refused && !showing.dry_run {
        acted = act(repo, plan, &[], console)?;
        refused = acted < plan.actions.len();
    }
    match (form, showing.alone.as_ref().filter(|_| !refused)) {
        (Format::Json, _) => console.print(&render(plan, refused, acted, showing)),
        (_, None) => {
            if !plan.report.findings.is_empty() {
                console.report(&plan.report, Format::Human);
            }
            console.note(&text(plan, refused, showing.dry_run));
        }
        (_, Some(alone)) => {
            if !plan.report.findings.is_empty() {
                console.report_aside(&plan.report);
            }
            plan.notes.iter().for_each(|note| console.aside(&format!("note: {note}")));
            plan.done.iter().for_each(|done| console.detail(&visible(&format!("already done: {done}"))));
            console.print(alone);
        }
    }
    Ok(if refused { Status::Failed } else { Status::Passed })
}

/// Carries out a plan; how many of its actions were done. These are all of them, unless a rule refused one through a
/// hook that git ran: that is told. What was done before an action that fails is named with it, `earlier` plans
/// included.
pub(super) fn act(repo: &Repo, plan: &Plan, earlier: &[ActionOut], console: &mut Console) -> Result<usize> {
    for (at, action) in plan.actions.iter().enumerate() {
        console.progress(&action.words());
        let done = execute(repo, action).with_context(|| {
            let now = plan.actions.iter().take(at).map(Action::words);
            let done: Vec<String> = earlier.iter().map(|action| action.text.clone()).chain(now).collect();
            let before = if done.is_empty() {
                "nothing was done".to_owned()
            } else {
                format!("done: {}", done.join("; "))
            };
            format!("`{}` failed ({before})", action.words())
        });
        match done {
            Ok(()) => {}
            Err(error) if is_refusal(&error) => {
                console.fail(&error);
                return Ok(at);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(plan.actions.len())
}

/// Whether git tells of a rule that refuses: a finding at error level, from a hook of relguard here or there.
fn is_refusal(error: &anyhow::Error) -> bool {
    let said = error.chain().find_map(|cause| cause.downcast_ref::<Fail>()?.quote()).unwrap_or_default();
    said.lines().any(|line| {
        let line = line.strip_prefix("remote: ").unwrap_or(line);
        let rule = line.strip_prefix("error[").and_then(|rest| rest.split_once("]: "));
        rule.is_some_and(|(rule, _)| rules::find(rule).is_some())
    })
}

fn text(plan: &Plan, refused: bool, dry_run: bool) -> String {
    let line = |mark: &str, words: &str| format!("{mark}{}\n", visible(words));
    if refused {
        return line("refused: ", &plan.title);
    }
    let mut text: String = plan.notes.iter().map(|note| line("note: ", note)).collect();
    text.extend(plan.done.iter().map(|done| line("already done: ", done)));
    text.extend(plan.actions.iter().map(|action| ActionOut::of(action, !dry_run).line()));
    text.extend(plan.hints.iter().map(|hint| line("next: ", hint)));
    if dry_run {
        text.extend(plan.actions.iter().map(diff));
    }
    text
}

/// A unified diff of the files that an action writes.
fn diff(action: &Action) -> String {
    let Action::WriteFiles(files) = action else { return String::new() };
    let file = |file: &NewFile| {
        let before = file.before.as_ref().map(|bytes| String::from_utf8_lossy(bytes));
        unified(file.path.as_str(), before.as_deref(), &String::from_utf8_lossy(&file.bytes))
    };
    files.iter().map(file).collect()
}

fn render(plan: &Plan, refused: bool, acted: usize, showing: &Showing) -> String {
    let actions = plan.actions.iter().enumerate();
    escape_text(&PlanOut {
        schema_version: 1,
        tool: Tool::this(),
        step: plan.step,
        title: &plan.title,
        dry_run: showing.dry_run,
        refused,
        actions: actions.map(|(at, action)| ActionOut::of(action, at < acted)).collect(),
        already_done: &plan.done,
        next: &plan.hints,
        findings: json_findings(&plan.report.findings),
        details: &showing.details,
    })
}
