//! `cargo relguard …`: the same as `relguard …`.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo names the subcommand again as the first argument.
    let args = std::env::args_os().skip(1).enumerate();
    let rest = args.filter(|(at, arg)| *at > 0 || arg != "relguard").map(|(_, arg)| arg);
    relguard::cli::run(std::iter::once(OsString::from("cargo relguard")).chain(rest))
}
