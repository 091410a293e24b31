//! The command line: one file a command. `console` owns both output streams.

mod args;
mod audit;
mod branch;
mod bump;
mod changelog;
mod check;
mod ci;
mod console;
mod diff;
mod docs;
mod doctor;
mod fix;
mod hooks;
mod init;
mod notes;
mod package;
mod process;
mod publish;
mod release;
mod rules;
mod status;
mod tag;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, FromArgMatches as _};

use crate::config::{self, Config};
use crate::domain::Fail;

use args::{Cli, Command, Common};
use console::Console;

pub use args::command;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Nothing at error level.
    Passed,
    /// At least one error, or a change that `fix --diff` shows.
    Failed,
}

/// Runs a command line to its end: 0 passed, 1 at least one error, 2 it could not judge.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(usage) => {
            // A reader that went away does not change what was asked.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { 2 } else { 0 });
        }
    };
    let mut console = Console::new(&cli.common);
    let done = execute(cli, &mut console).and_then(|status| console.finish().map(|()| status));
    match done {
        Ok(Status::Passed) => ExitCode::SUCCESS,
        Ok(Status::Failed) => ExitCode::from(1),
        Err(error) => {
            console.fail(&error);
            ExitCode::from(2)
        }
    }
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let args: Vec<OsString> = args.into_iter().collect();
    // Whatever is wrong is said by the whole command line, which knows all names.
    match args::command_called(&args).map(|command| matched(command, &args)) {
        Some(Ok(cli)) => Ok(cli),
        _ => matched(Cli::command(), &args),
    }
}

fn matched(command: clap::Command, args: &[OsString]) -> Result<Cli, clap::Error> {
    // Not taken apart at the end: it has thousands of parts, and the process ends soon.
    let mut command = ManuallyDrop::new(command);
    let mut matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

fn execute(cli: Cli, console: &mut Console) -> Result<Status> {
    let Cli { common, command } = cli;
    if let Some(dir) = &common.dir {
        enter(dir).map_err(|error| {
            Fail::new(format!("{} can't be entered: {error}", dir.display())).help("-C takes a folder's path")
        })?;
    }
    console.must_take_output()?;
    match command {
        Command::Check(args) if args.fix => fix::run(&args.into(), &common, console),
        Command::Check(args) => check::run(&args, &common, console),
        Command::Audit(args) => audit::run(&args, &common, console),
        Command::Status => status::run(&common, console),
        Command::Ci(args) => ci::run(&args, &common, console),
        Command::Fix(args) => fix::run(&args, &common, console),
        Command::Hook(args) => hooks::hook(&args, &common, console),
        Command::Init(args) => init::run(&args, &common, console),
        Command::Bump(args) => bump::run(&args, &common, console),
        Command::Branch(args) => branch::run(&args, &common, console),
        Command::Release(args) => release::run(&args, &common, console),
        Command::Tag(args) => tag::run(&args, &common, console),
        Command::Publish(args) => publish::run(&args, &common, console),
        Command::Notes(args) => notes::run(&args, &common, console),
        Command::Changelog(args) => changelog::run(&args, &common, console),
        Command::Package(args) => package::run(&args, &common, console),
        Command::Install => hooks::install(console),
        Command::Uninstall => hooks::uninstall(console),
        Command::Doctor => doctor::run(&common, console),
        Command::Rules => rules::list(&common, console),
        Command::Explain { rule } => rules::explain(&rule, console),
        Command::Schema => Ok(docs::schema(console)),
        Command::Completions { shell } => Ok(docs::completions(shell, console)),
        Command::Man { command, dir } => docs::man(command.as_deref(), dir.as_deref(), console),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that moves, before anything is opened")]
fn enter(dir: &std::path::Path) -> std::io::Result<()> {
    std::env::set_current_dir(dir)
}

/// The config of `--config`.
fn forced_config(common: &Common) -> Result<Option<Config>> {
    common.config.as_deref().map(config::from_file).transpose()
}
