//! `relguard status`

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::args::{Common, Format};
use super::console::Console;
use super::{Status, forced_config};
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::engine::{Judge, must_have_default};
use crate::git::Repo;
use crate::project::refs::RefView;
use crate::release::board::{Board, Row, Step};
use crate::report::{Tool, escape_text};

const BOLD: &str = "\x1b[1m";
const YELLOW: &str = "\x1b[33m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

const TITLES: [&str; 6] = ["line", "branch", "tag", "chart", "changelog", "published"];

/// The narrowest column that the next step is told in, beside the others.
const NARROWEST: usize = 28;

#[derive(Serialize)]
struct BoardOut<'a> {
    schema_version: u32,
    tool: Tool,
    default_branch: Option<&'a str>,
    lines: Vec<RowOut<'a>>,
}

#[derive(Serialize)]
struct RowOut<'a> {
    line: Option<String>,
    branch: Option<&'a str>,
    is_default: bool,
    commit: Option<String>,
    tag: Option<&'a str>,
    chart: Option<&'a str>,
    changelog: Option<bool>,
    published: Option<String>,
    next: NextOut<'a>,
}

#[derive(Serialize)]
struct NextOut<'a> {
    step: &'static str,
    text: &'a str,
}

/// Prints the release board.
pub(super) fn run(common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let config = judging.standing_config()?;
    let view = RefView::of_repository(&repo, &config.remote)?;
    must_have_default(&config, &[&view])?;
    let default = view.default_branch(config.default_branch.as_deref()).map(str::to_owned);
    let board = Board::read(&repo, &config, default.as_deref())?;
    if board.rows.is_empty() {
        return Err(Fail::new(
            "there is no line to show: no default branch, no release branch, no version tag",
        )
        .help("name the branches in .relguard.yaml, or fetch them: git fetch --tags origin")
        .into());
    }
    let text = match common.format {
        Format::Json => escape_text(&out(&board, default.as_deref())),
        Format::Human => table(&board, console.columns()),
        // The others are forms of findings.
        _ => {
            return Err(Fail::new("the release board has no such format")
                .help("--format takes human or json here")
                .into());
        }
    };
    console.print(&text);
    Ok(Status::Passed)
}

fn out<'a>(board: &'a Board, default_branch: Option<&'a str>) -> BoardOut<'a> {
    let tool = Tool::this();
    let row = |row: &'a Row| RowOut {
        line: row.line.map(|line| line.to_string()),
        branch: row.branch.as_deref(),
        is_default: row.is_default,
        commit: row.tip.map(|tip| tip.to_string()),
        tag: row.tag.as_deref(),
        chart: row.chart.as_deref(),
        changelog: row.changelog,
        published: row.published.as_ref().map(ToString::to_string),
        next: NextOut { step: row.next.step.name(), text: &row.next.words },
    };
    BoardOut { schema_version: 1, tool, default_branch, lines: board.rows.iter().map(row).collect() }
}

/// A table where that fits, else a paragraph for each line.
fn table(board: &Board, width: usize) -> String {
    let cells: Vec<[String; 6]> = board.rows.iter().map(cells).collect();
    let mut widths = TITLES.map(str::len);
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let taken = widths.iter().map(|width| width + 2).sum::<usize>();
    let mut out = String::new();
    if taken + NARROWEST > width {
        for (row, cells) in board.rows.iter().zip(&cells) {
            paragraph(&mut out, row, cells, width);
        }
        return out;
    }
    let line = |cells: &[&str]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ")
    };
    let _ = writeln!(out, "{BOLD}{}  next{RESET}", line(&TITLES));
    for (row, cells) in board.rows.iter().zip(&cells) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let next = coloured(row, &wrapped(&visible(&row.next.words), width - taken, taken));
        let _ = writeln!(out, "{}  {next}", line(&cells));
    }
    out
}

fn cells(row: &Row) -> [String; 6] {
    let shown = |text: Option<String>| text.map_or("-".to_owned(), |text| visible(&text).into_owned());
    let changelog = row.changelog.map(|there| if there { "yes" } else { "no" }.to_owned());
    [
        shown(row.line.map(|line| line.to_string())),
        shown(row.branch.clone()),
        shown(row.tag.clone()),
        shown(row.chart.clone()),
        shown(changelog),
        shown(row.published.as_ref().map(ToString::to_string)),
    ]
}

/// A line of the board below itself, for narrow terminals.
fn paragraph(out: &mut String, row: &Row, cells: &[String; 6], width: usize) {
    const INDENT: usize = 2;
    let [line, branch, rest @ ..] = cells;
    let _ = writeln!(out, "{BOLD}{line}  {branch}{RESET}");
    let [_, _, titles @ ..] = TITLES;
    let facts: Vec<String> = titles.iter().zip(rest).map(|(title, cell)| format!("{title} {cell}")).collect();
    let room = width.saturating_sub(INDENT);
    let _ = writeln!(out, "  {}", wrapped(&facts.join(", "), room, INDENT));
    let _ = writeln!(out, "  {}", coloured(row, &wrapped(&visible(&row.next.words), room, INDENT)));
}

fn coloured(row: &Row, text: &str) -> String {
    let colour = if row.next.step == Step::None { DIM } else { YELLOW };
    format!("{colour}{text}{RESET}")
}

/// A text in lines of some width, all but the first one indented.
fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            let _ = write!(out, "\n{}", " ".repeat(indent));
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MinorLine;
    use crate::release::board::Next;

    #[test]
    fn a_narrow_terminal_gets_a_paragraph_for_each_line() {
        let next = Next { step: Step::Tag, words: "tag v1.0.1 at release-1.0".to_owned() };
        let row = Row {
            line: Some(MinorLine { major: 1, minor: 0 }),
            branch: Some("release-1.0".to_owned()),
            is_default: false,
            tip: None,
            tag: Some("v1.0.0".to_owned()),
            chart: Some("1.0.1\u{202e}".to_owned()),
            changelog: Some(true),
            published: None,
            next,
        };
        let shown = |width| {
            anstream::adapter::strip_str(&table(&Board { rows: vec![row.clone()] }, width)).to_string()
        };
        let wanted = "1.0  release-1.0\n  tag v1.0.0, chart 1.0.1\\u{202e},\n  changelog yes, published -\n  tag v1.0.1 at release-1.0\n";
        assert_eq!(shown(34), wanted);
        assert!(
            shown(100).starts_with("line  branch       tag     chart          changelog  published  next\n"),
            "{}",
            shown(100)
        );
    }

    #[test]
    fn a_text_is_wrapped_at_its_words() {
        assert_eq!(wrapped("tag v1.0.1 at release-1.0", 12, 2), "tag v1.0.1\n  at\n  release-1.0");
        assert_eq!(wrapped("released", 3, 2), "released");
    }
}
