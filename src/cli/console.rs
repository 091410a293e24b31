use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;

use super::args::{Color, Common, Format};
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::engine::Report;
use crate::git::environment;
use crate::report::{Detail, Width, github, human, json, junit, markdown, sarif};
use crate::source::write;

/// Both output streams, and how to write to them. Standard output is held back until the command has
/// succeeded, so that one which could not judge prints nothing there.
pub(super) struct Console {
    choice: ColorChoice,
    output: Option<PathBuf>,
    quiet: bool,
    verbose: bool,
    progress: bool,
    /// Whether each line is read for commands, as GitHub's runner does.
    runner: bool,
    held: String,
    /// A file that grows by what stands beside it, once the command has succeeded.
    summary: Option<(PathBuf, String)>,
}

/// What is printed where no terminal says how wide it is.
const DEFAULT_WIDTH: usize = 100;

const BOLD_RED: &str = "\x1b[1;31m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

impl Console {
    pub(super) fn new(common: &Common) -> Self {
        let choice = match common.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            choice,
            output: common.output.clone(),
            quiet: common.quiet,
            verbose: common.verbose,
            progress: !common.quiet && !common.no_progress,
            runner: environment::variable("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            held: String::new(),
            summary: None,
        }
    }

    /// Prints a report.
    pub(super) fn report(&mut self, report: &Report, format: Format) {
        let detail = if self.quiet { Detail::Findings } else { Detail::Full };
        let text = match format {
            Format::Human => human(report, Width(self.columns()), detail),
            Format::Json => json(report),
            // Its commands are meant for the runner.
            Format::Github => return self.held.push_str(&github(report)),
            Format::Markdown => markdown(report),
            Format::Sarif => sarif(report),
            Format::Junit => junit(report),
        };
        self.print(&text);
    }

    /// Prints a report to standard error, where standard output is for something else.
    pub(super) fn report_aside(&mut self, report: &Report) {
        let detail = if self.quiet { Detail::Findings } else { Detail::Full };
        self.complain(&human(report, Width(DEFAULT_WIDTH), detail));
    }

    /// Prints to standard output, or to the file of `--output`, once the command has succeeded. GitHub's
    /// runner finds no command in it.
    pub(super) fn print(&mut self, text: &str) {
        let text = if self.output.is_none() { self.harmless(text) } else { Cow::Borrowed(text) };
        self.held.push_str(&text);
    }

    /// Has a report appended to a job's summary, as Markdown.
    pub(super) fn summarise(&mut self, report: &Report, file: &str) {
        self.summary = Some((PathBuf::from(file), markdown(report)));
    }

    /// Prints what `--quiet` does not want to know.
    pub(super) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// Says on standard error what `--quiet` does not want to know, where standard output is for something else.
    pub(super) fn aside(&mut self, text: &str) {
        if !self.quiet {
            self.complain(&format!("{}\n", visible(text)));
        }
    }

    /// Says something that only `--verbose` wants to know.
    pub(super) fn detail(&mut self, text: &str) {
        if self.verbose {
            self.complain(&format!("{text}\n"));
        }
    }

    /// Says on a terminal what is done now, where that may take a while.
    pub(super) fn progress(&mut self, text: &str) {
        if self.progress && io::stderr().is_terminal() {
            self.complain(&format!("{text} ...\n"));
        }
    }

    /// Refuses what can't be written to, before anything is done that it was to tell of.
    pub(super) fn must_take_output(&self) -> Result<()> {
        self.output.as_deref().map_or(Ok(()), try_out)
    }

    /// Hands out what was printed. A reader that went away is no error of ours.
    pub(super) fn finish(&mut self) -> Result<()> {
        if let Some((file, text)) = self.summary.take() {
            append(&file, &text)?;
        }
        let text = std::mem::take(&mut self.held);
        if let Some(path) = &self.output {
            let plain = anstream::adapter::strip_str(&text).to_string();
            return put(path, plain.as_bytes());
        }
        // What holds nothing but text needs no looking through for what steers a terminal.
        let plain = text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~' | 0x80..));
        let choice = if plain { ColorChoice::AlwaysAnsi } else { self.choice };
        let mut out = AutoStream::new(io::stdout().lock(), choice);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Fail::new(format!("standard output can't be written: {error}"))
                    .help("the system's message says what is in the way")
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// Prints why there is no judgement: thing, place, cause, way out.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let chain: Vec<String> =
            error.chain().map(|cause| visible(&cause.to_string()).into_owned()).collect();
        let named = error.chain().find_map(|cause| cause.downcast_ref::<Fail>()?.way_out());
        let of_system = || {
            error.chain().find_map(|cause| Some(write::way_out(cause.downcast_ref::<io::Error>()?.kind())))
        };
        let help = named.or_else(of_system);
        let mut text = format!("{BOLD_RED}error{RESET}: {}\n", chain.join(": "));
        let said = error.chain().find_map(|cause| cause.downcast_ref::<Fail>()?.quote());
        for line in said.into_iter().flat_map(str::lines) {
            text = format!("{text}  | {}\n", visible(line.trim_end()));
        }
        if let Some(help) = help {
            text = format!("{text}  = {CYAN}help{RESET}: {}\n", visible(help));
        }
        self.complain(&text);
    }

    fn complain(&mut self, text: &str) {
        let text = self.harmless(text);
        let mut err = AutoStream::new(io::stderr().lock(), self.choice);
        // There is nowhere left to say that this failed.
        let _ = err.write_all(text.as_bytes());
    }

    fn harmless<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.runner { harmless(text) } else { Cow::Borrowed(text) }
    }

    /// How many columns the reader of standard output has.
    pub(super) fn columns(&self) -> usize {
        let shown = self.output.is_none() && io::stdout().is_terminal();
        let measured = shown.then(terminal_size::terminal_size).flatten();
        measured.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).max(20))
    }
}

/// A text in which GitHub's runner finds no command: it takes a line that begins with `::`, and one
/// that holds `##[` anywhere. `\u0023` is the same character to a reader of JSON. The `::: file` of an
/// excerpt stays: no command's name begins with a colon.
fn harmless(text: &str) -> Cow<'_, str> {
    let begins = |line: &str| {
        let line = line.trim_start();
        line.starts_with("::") && !line.starts_with("::: ")
    };
    if !text.contains("##[") && !text.lines().any(begins) {
        return Cow::Borrowed(text);
    }
    let line = |line: &str| {
        let line = line.replace("##[", "#\\u0023[");
        if begins(&line) { line.replacen("::", ":\\u003a", 1) } else { line }
    };
    Cow::Owned(text.split_inclusive('\n').map(line).collect())
}

/// Refuses a file for `--output` that can't be written; a device or a pipe is not tried.
fn try_out(path: &Path) -> Result<()> {
    let there = path.metadata().ok();
    if there.as_ref().is_some_and(|meta| !meta.is_file()) {
        return Ok(());
    }
    let path = if there.is_some() { path.canonicalize()? } else { path.to_owned() };
    // Made ready, and not put in place.
    write::Batch::default().replace(&path, there.map(|_| Vec::new()), b"")
}

/// Writes the file of `--output`: a plain file whole or not at all, anything else (a device, a pipe) as
/// the stream that it is.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |error: io::Error| {
        Fail::new(format!("{} can't be written: {error}", path.display()))
            .help("--output takes a file's path")
    };
    match path.metadata() {
        Ok(meta) if !meta.is_file() => {
            let stream = OpenOptions::new().write(true).open(path);
            Ok(stream.and_then(|mut stream| stream.write_all(bytes)).map_err(fail)?)
        }
        // A link stays; what it leads to is replaced.
        Ok(_) => {
            let path = path.canonicalize().map_err(fail)?;
            let before = std::fs::read(&path).map_err(fail)?;
            write::replace(&path, Some(before), bytes)
        }
        Err(_) => write::replace(path, None, bytes),
    }
}

/// Appends to the file of a job's summary, which may hold what other steps said.
fn append(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        Fail::new(format!("the job's summary {} can't be written: {error}", path.display()))
            .help("GITHUB_STEP_SUMMARY names its file; unset it to go without")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command_of_the_runner() {
        assert_eq!(harmless("a ::x\n  b\n"), "a ::x\n  b\n");
        assert_eq!(harmless("a\n  ::error::x ::\n"), "a\n  :\\u003aerror::x ::\n");
        assert_eq!(harmless(" ::: a:1:1\n"), " ::: a:1:1\n");
        assert_eq!(harmless("24 | x: ##[add-mask]x\n"), "24 | x: #\\u0023[add-mask]x\n");
    }
}
