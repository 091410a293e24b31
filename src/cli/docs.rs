//! `relguard schema`, `completions`, `man`

use std::path::Path;

use anyhow::{Context as _, Result};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Status;
use super::args::command;
use super::console::Console;
use crate::domain::text::nearest;
use crate::domain::{Fail, embedded};
use crate::source::write;

/// What `config::json_schema` gives, which a test holds it to: making it anew would link its maker in.
const SCHEMA: &str = "docs/relguard.schema.json";

/// Prints the JSON Schema of the config.
pub(super) fn schema(console: &mut Console) -> Status {
    console.print(embedded(SCHEMA));
    Status::Passed
}

/// Prints a shell's completions.
pub(super) fn completions(shell: Shell, console: &mut Console) -> Status {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "relguard", &mut text);
    console.print(&String::from_utf8_lossy(&text));
    Status::Passed
}

/// Prints the man page of a command, or writes all pages into a folder.
pub(super) fn man(name: Option<&str>, dir: Option<&Path>, console: &mut Console) -> Result<Status> {
    let mut root = command();
    root.build();
    if let Some(dir) = dir {
        for page in std::iter::once(&root).chain(root.get_subcommands()) {
            let path = dir.join(format!("{}.1", page.get_display_name().unwrap_or(page.get_name())));
            write::replace(&path, std::fs::read(&path).ok(), &render(page)?)?;
        }
        return Ok(Status::Passed);
    }
    let page = match name {
        Some(name) => root.find_subcommand(name).ok_or_else(|| {
            let near = nearest(name, root.get_subcommands().map(clap::Command::get_name));
            let help = near
                .map_or("`relguard help` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
            Fail::new(format!("there is no command `{name}`")).help(help)
        })?,
        None => &root,
    };
    console.print(&String::from_utf8_lossy(&render(page)?));
    Ok(Status::Passed)
}

fn render(page: &clap::Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(page.clone()).render(&mut text).context("the man page can't be made")?;
    Ok(text)
}
