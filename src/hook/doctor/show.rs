//! What was seen, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Diagnosis, Item, Level};
use crate::domain::text::visible;
use crate::report::{Tool, escape_text};

/// The version of the JSON form. It changes when a reader of the old one would go wrong.
const SCHEMA_VERSION: u32 = 1;

const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Hole => "hole",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    fn color(self) -> &'static str {
        match self {
            Self::Hole => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[1;32m",
        }
    }
}

/// What was seen, for people; `quiet` leaves out all but holes and warnings.
pub fn human(diagnosis: &Diagnosis, quiet: bool) -> String {
    let mut text = String::new();
    if !quiet {
        text.push_str(&hooks(diagnosis));
    }
    for item in diagnosis.items.iter().filter(|item| !quiet || item.level != Level::Note) {
        text.push_str(&shown(item));
    }
    if !quiet {
        let count = |level| counted(diagnosis.count(level), level);
        let counts = [Level::Hole, Level::Warning, Level::Note].map(count);
        let _ = writeln!(text, "{}", counts.join(", "));
    }
    text
}

fn counted(count: usize, level: Level) -> String {
    let number = if count == 0 { "no".to_owned() } else { count.to_string() };
    let plural = if count == 1 { "" } else { "s" };
    format!("{number} {}{plural}", level.word())
}

fn hooks(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for guard in &diagnosis.hooks {
        let by: Vec<_> = guard.by.iter().map(|by| by.name()).collect();
        let by = if by.is_empty() { "no hook".to_owned() } else { by.join(", then ") };
        let state = if guard.guarded { "guarded" } else { "UNGUARDED" };
        let (name, path) = (guard.hook.file_name(), visible(&guard.path));
        let _ = writeln!(text, "{name:<17} {state:<10} {by} ({path})");
    }
    text.push('\n');
    text
}

fn shown(item: &Item) -> String {
    let (color, word) = (item.level.color(), item.level.word());
    let mut text = format!("{color}{word}[{}]{RESET}: {}\n", item.id, visible(&item.message));
    if let Some((path, line)) = &item.place {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let _ = writeln!(text, "  {CYAN}-->{RESET} {}{line}", visible(path));
    }
    let _ = writeln!(text, "  = {CYAN}why{RESET}: {}", visible(&item.why));
    if let Some(help) = &item.help {
        let _ = writeln!(text, "  = {CYAN}help{RESET}: {}", visible(help));
    }
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    scope: &'static str,
    hooks: Vec<HookOut<'a>>,
    items: Vec<ItemOut<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct HookOut<'a> {
    name: &'static str,
    path: &'a str,
    by: Vec<&'static str>,
    guarded: bool,
}

#[derive(Serialize)]
struct ItemOut<'a> {
    id: &'static str,
    level: &'static str,
    message: &'a str,
    place: Option<PlaceOut<'a>>,
    why: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct PlaceOut<'a> {
    path: &'a str,
    line: Option<usize>,
}

#[derive(Serialize)]
struct Summary {
    holes: usize,
    warnings: usize,
    notes: usize,
}

/// What was seen, for programs.
pub fn json(diagnosis: &Diagnosis) -> String {
    let hooks = diagnosis.hooks.iter().map(|guard| HookOut {
        name: guard.hook.file_name(),
        path: &guard.path,
        by: guard.by.iter().map(|by| by.name()).collect(),
        guarded: guard.guarded,
    });
    let items = diagnosis.items.iter().map(|item| ItemOut {
        id: item.id,
        level: item.level.word(),
        message: &item.message,
        place: item.place.as_ref().map(|(path, line)| PlaceOut { path, line: *line }),
        why: &item.why,
        help: item.help.as_deref(),
    });
    escape_text(&Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        scope: "doctor",
        hooks: hooks.collect(),
        items: items.collect(),
        summary: Summary {
            holes: diagnosis.count(Level::Hole),
            warnings: diagnosis.count(Level::Warning),
            notes: diagnosis.count(Level::Note),
        },
    })
}
