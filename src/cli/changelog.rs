//! `relguard changelog`

use anyhow::Result;
use serde::Serialize;

use super::args::{ChangelogArgs, Common, Format};
use super::console::Console;
use super::process::{carry_out, form};
use super::{Status, forced_config};
use crate::domain::text::visible_lines;
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{Asked, Written, changelog, read_template};
use crate::report::{Tool, escape_text};

#[derive(Serialize)]
struct SectionOut<'a> {
    schema_version: u32,
    tool: Tool,
    version: String,
    section: &'a str,
}

/// Writes a release's section, shows what would change, or prints it.
pub(super) fn run(args: &ChangelogArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let format = form(common)?;
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let template = args.template.as_deref().map(read_template).transpose()?;
    let asked = Asked {
        version: args.version.as_deref(),
        from: args.from.as_deref(),
        replace: args.replace,
        template: template.as_ref(),
        only_shown: args.stdout,
    };
    console.progress("reading the commits");
    let written = changelog(&judging, &asked)?;
    if args.stdout && !written.plan.is_refused(common.strict) {
        written.plan.notes.iter().for_each(|note| console.aside(&format!("note: {note}")));
        print(&written, format, console);
        return Ok(Status::Passed);
    }
    carry_out(&repo, &written.plan, args.step.dry_run || args.stdout, common, console)
}

fn print(written: &Written, format: Format, console: &mut Console) {
    if format == Format::Json {
        console.print(&escape_text(&SectionOut {
            schema_version: 1,
            tool: Tool::this(),
            version: written.version.to_string(),
            section: &written.section,
        }));
    } else {
        console.print(&format!("{}\n", visible_lines(&written.section)));
    }
}
