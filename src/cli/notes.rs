//! `relguard notes`

use anyhow::Result;
use serde::Serialize;

use super::args::{Common, Format, NotesArgs};
use super::console::Console;
use super::process::form;
use super::{Status, forced_config};
use crate::domain::text::visible_lines;
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::notes;
use crate::report::{Tool, escape_text, json_findings};

#[derive(Serialize)]
struct NotesOut<'a, F: Serialize> {
    schema_version: u32,
    tool: Tool,
    version: String,
    refused: bool,
    notes: Option<&'a str>,
    findings: F,
}

/// Prints a release's description.
pub(super) fn run(args: &NotesArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let format = form(common)?;
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let described = notes(&judging, args.version.as_deref())?;
    let refused = described.report.fails(common.strict);
    if format == Format::Json {
        console.print(&escape_text(&NotesOut {
            schema_version: 1,
            tool: Tool::this(),
            version: described.version.to_string(),
            refused,
            notes: Some(described.text.as_str()).filter(|_| !refused),
            findings: json_findings(&described.report.findings),
        }));
    } else if refused {
        console.report(&described.report, Format::Human);
    } else {
        console.print(&visible_lines(&described.text));
    }
    Ok(if refused { Status::Failed } else { Status::Passed })
}
