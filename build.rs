//! What is packed into the programs, and how they are linked: a hook's time is for a good part the time that it takes to
//! start, and a hook manager keeps a copy of the program.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]
#![expect(clippy::disallowed_methods, reason = "this is how cargo tells, and how a linker is tried")]

use std::env::{var, var_os};
use std::fs::{self, File};
use std::io::{self, Error};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Texts that are part of the program, and the folders of such.
const EMBEDDED: [&str; 4] = ["docs/relguard.schema.json", "docs/rules", "hooks", "src/release/workflows"];

/// Leaves out what a stack is unwound by: a release ends at a panic, and its errors carry no backtrace.
const NO_UNWINDING: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame .gcc_except_table .gcc_except_table.*) } } INSERT AFTER .rodata;\n";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| Error::other("cargo names no OUT_DIR"))?;
    let mut packed = ZlibEncoder::new(File::create(out.join("embedded"))?, Compression::best());
    for path in EMBEDDED {
        println!("cargo::rerun-if-changed={path}");
        pack(path, &mut packed)?;
    }
    packed.finish()?;
    link(&out);
    Ok(())
}

/// Packs a file, or all of a folder: its path and its text, a NUL behind each.
fn pack(path: &str, packed: &mut impl io::Write) -> io::Result<()> {
    if !fs::metadata(path)?.is_dir() {
        return write!(packed, "{path}\0{}\0", fs::read_to_string(path)?);
    }
    let names: io::Result<Vec<_>> = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect();
    let mut names = names?;
    names.sort();
    names.iter().try_for_each(|name| pack(&format!("{path}/{}", name.to_string_lossy()), packed))
}

fn link(out: &Path) {
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
    if var("PROFILE").is_ok_and(|profile| profile == "release") {
        let script = out.join("no-unwinding.ld");
        let is_written = fs::write(&script, NO_UNWINDING).is_ok();
        let script = is_written.then(|| format!("-Wl,-T,{}", script.display()));
        // Of functions, of constants and of the ends of texts that came out the same, one is kept.
        let same = ["-Wl,--icf=all", "-Wl,--ignore-data-address-equality", "-Wl,-O2"];
        for argument in script.into_iter().chain(same.map(str::to_owned)) {
            arguments.push(argument);
            if !links(out, &arguments) {
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
