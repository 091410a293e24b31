//! `cargo relguard …`: the same as `relguard …`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo names the subcommand again as the first argument.
    let mut args = std::env::args_os();
    let program = args.next();
    let rest = args.enumerate().filter(|(at, arg)| *at > 0 || arg != "relguard").map(|(_, arg)| arg);
    relguard::cli::run(program.into_iter().chain(rest))
}
