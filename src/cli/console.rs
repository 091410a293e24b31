use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use anyhow::Result;

use super::args::{Color, Common, Format};
use crate::domain::Fail;
use crate::domain::text::visible;
use crate::engine::Report;
use crate::report::{Width, human, json};
use crate::source::write;

/// Both output streams, and how to write to them.
pub(super) struct Console {
    choice: ColorChoice,
    output: Option<PathBuf>,
    quiet: bool,
    verbose: bool,
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
        Self { choice, output: common.output.clone(), quiet: common.quiet, verbose: common.verbose }
    }

    /// Prints a report, or writes it to the file of `--output`.
    pub(super) fn report(&mut self, report: &Report, format: Format) -> Result<()> {
        let text = match format {
            Format::Json => json(report),
            Format::Human if self.quiet && report.findings.is_empty() => String::new(),
            Format::Human => human(report, width()),
        };
        match self.output.clone() {
            Some(path) => {
                let plain = anstream::adapter::strip_str(&text).to_string();
                write::replace(&path, std::fs::read(&path).ok(), plain.as_bytes())
            }
            None => self.print(&text),
        }
    }

    /// Prints to standard output. A reader that went away is no error of ours.
    pub(super) fn print(&mut self, text: &str) -> Result<()> {
        let mut out = AutoStream::new(io::stdout().lock(), self.choice);
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Fail::new(format!("standard output can't be written: {error}")).into())
            }
            _ => Ok(()),
        }
    }

    /// Says something that only `--verbose` wants to know.
    pub(super) fn detail(&mut self, text: &str) {
        if self.verbose {
            self.complain(&format!("{text}\n"));
        }
    }

    /// Prints why there is no judgement: thing, place, cause, way out.
    pub(super) fn fail(&mut self, error: &anyhow::Error) {
        let chain: Vec<String> =
            error.chain().map(|cause| visible(&cause.to_string()).into_owned()).collect();
        let help = error.chain().find_map(|cause| cause.downcast_ref::<Fail>()?.way_out().map(str::to_owned));
        let mut text = format!("{BOLD_RED}error{RESET}: {}\n", chain.join(": "));
        if let Some(help) = help {
            text.push_str(&format!("  = {CYAN}help{RESET}: {}\n", visible(&help)));
        }
        self.complain(&text);
    }

    fn complain(&mut self, text: &str) {
        let mut err = AutoStream::new(io::stderr().lock(), self.choice);
        // There is nowhere left to say that this failed.
        let _ = err.write_all(text.as_bytes());
    }
}

fn width() -> Width {
    let measured = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    Width(measured.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0).max(20)))
}
