//! The `relguard` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    relguard::cli::run(std::env::args_os())
}
