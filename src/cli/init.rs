//! `relguard init`

use std::borrow::Cow;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::json;

use super::Status;
use super::args::{Common, Format, InitArgs};
use super::console::Console;
use super::process::{Showing, carry_out_with};
use crate::config::CONFIG_FILE;
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::git::Repo;
use crate::release::{Action, Fact, Plan, init};

const BOLD: &str = "\x1b[1m";
const RESET: &str = "\x1b[0m";

/// Writes a config that fits the repository, and says what it was found by.
pub(super) fn run(args: &InitArgs, common: &Common, console: &mut Console) -> Result<Status> {
    if common.config.is_some() {
        return Err(Fail::new("init makes the config, so it takes none").help("leave out --config").into());
    }
    let repo = Repo::open()?;
    let dry_run = args.step.dry_run;
    console.progress("reading the history");
    let made = init(&repo, dry_run, args.workflows.is_some())?;
    let facts: Vec<_> = made.facts.iter().map(fact).collect();
    let texts = files(&made.plan);
    let shown: Vec<_> = texts.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect();
    let details = json!({ "found": facts, "config": made.config, "files": shown });
    let details = details.as_object().cloned().unwrap_or_default();
    let alone = made.config.as_deref().filter(|_| dry_run);
    let alone = alone.map(|config| preview(config, &texts, &made.plan, common.quiet));
    if alone.is_none() && common.format == Format::Human {
        console.note(&found(&made.facts));
    }
    carry_out_with(&repo, &made.plan, &Showing { dry_run, details, alone }, common, console)
}

/// The config as it would be written, so that it can be compared with another one; what else there is to say follows
/// in comments.
fn preview(config: &str, texts: &[(&str, Cow<'_, str>)], plan: &Plan, quiet: bool) -> String {
    let mut text = config.to_owned();
    if quiet {
        return text;
    }
    let would = plan.actions.iter().map(|action| format!("would {}", action.words()));
    text.push('\n');
    for line in would.chain(plan.done.iter().map(|done| format!("already done: {done}"))) {
        let _ = writeln!(text, "# {}", visible(&line));
    }
    for hint in &plan.hints {
        let _ = writeln!(text, "# next: {}", visible(hint));
    }
    for (path, other) in texts.iter().filter(|(path, _)| *path != CONFIG_FILE) {
        let _ = write!(text, "---\n# {path}\n\n{other}");
    }
    text
}

/// The files that a plan writes, each with its text.
fn files(plan: &Plan) -> Vec<(&str, Cow<'_, str>)> {
    let written = plan.actions.iter().filter_map(|action| match action {
        Action::WriteFiles(files) => Some(files),
        _ => None,
    });
    written.flatten().map(|file| (file.path.as_str(), String::from_utf8_lossy(&file.bytes))).collect()
}

fn fact(fact: &Fact) -> serde_json::Value {
    json!({
        "about": fact.about,
        "key": fact.key,
        "value": fact.value,
        "evidence": fact.evidence,
        "written": fact.written,
    })
}

fn found(facts: &[Fact]) -> String {
    let mut text = String::new();
    for fact in facts {
        let [value, evidence] = [&fact.value, &fact.evidence].map(|text| visible(text));
        let _ = writeln!(text, "{BOLD}{}{RESET}: {value}\n    {evidence}", fact.about);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
