//! How the programs are linked: a hook's time is for a good part the time that it takes to start.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if (target("OS").as_str(), target("ENV").as_str()) == ("linux", "gnu") {
        // What unwinds the stack, from gcc's archive: else it is a shared library to find, map and relocate,
        // for a backtrace that is hardly ever printed.
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}
