//! `relguard init`

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::json;

use super::Status;
use super::args::{Common, Format, InitArgs};
use super::console::Console;
use super::process::{Showing, carry_out_with};
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::git::Repo;
use crate::release::{Fact, init};

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
    let details = json!({ "found": facts, "config": made.config });
    let details = details.as_object().cloned().unwrap_or_default();
    // A dry run prints the file itself, for people to look at.
    let alone = made.config.as_deref().filter(|_| dry_run).map(|config| found(&made.facts) + config);
    if alone.is_none() && common.format == Format::Human {
        console.note(&found(&made.facts));
    }
    carry_out_with(&repo, &made.plan, &Showing { dry_run, details, alone }, common, console)
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
