//! How the programs are linked: a hook's time is for a good part the time that it takes to start, and a hook manager keeps
//! a copy of the program.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]
#![expect(clippy::disallowed_methods, reason = "this is how cargo tells, and how a linker is tried")]

use std::env::{var, var_os};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Leaves out what a stack is unwound by: a release ends at a panic, and its errors carry no backtrace.
const NO_UNWINDING: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame .gcc_except_table .gcc_except_table.*) } } INSERT AFTER .rodata;\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") != "linux" {
        return;
    }
    let mut arguments = Vec::new();
    if target("ENV") == "gnu" {
        // What unwinds the stack, from gcc's archive: else it is a shared library to find, map and relocate,
        // for a backtrace that is hardly ever printed.
        println!("cargo::rustc-link-lib=gcc_eh");
        // At a fixed address nothing has to be relocated: 12,000 pointers, which take 300 KB of the file and
        // a copy of every page that holds one. Stack, heap and libraries lie at random as before.
        arguments.push("-no-pie".to_owned());
    }
    if let Some(out) = var_os("OUT_DIR").map(PathBuf::from)
        && var("PROFILE").is_ok_and(|profile| profile == "release")
    {
        let script = out.join("no-unwinding.ld");
        let is_written = fs::write(&script, NO_UNWINDING).is_ok();
        // Of functions that came out the same, one is kept.
        let wanted =
            [is_written.then(|| format!("-Wl,-T,{}", script.display())), Some("-Wl,--icf=all".to_owned())];
        for argument in wanted.into_iter().flatten() {
            arguments.push(argument);
            if !links(&out, &arguments) {
                arguments.pop();
            }
        }
    }
    for argument in arguments {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// Whether the linker in use takes these arguments, and makes a program of them that runs: not every linker knows all.
fn links(out: &Path, arguments: &[String]) -> bool {
    let (source, program) = (out.join("empty.rs"), out.join("empty"));
    let (Some(rustc), Ok(target), Ok(())) =
        (var_os("RUSTC"), var("TARGET"), fs::write(&source, "fn main() {}\n"))
    else {
        return false;
    };
    let mut command = Command::new(rustc);
    command.args(["--target", &target, "-Cpanic=abort", "-o"]).arg(&program).arg(&source);
    command.args(arguments.iter().map(|argument| format!("-Clink-arg={argument}")));
    if let Some(linker) = var_os("RUSTC_LINKER") {
        command.arg(format!("-Clinker={}", linker.display()));
    }
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    command.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    [command, Command::new(program)].iter_mut().all(|command| {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}
