//! How the programs are linked: a hook's time is for a good part the time that it takes to start.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]
#![expect(clippy::disallowed_methods, reason = "this is how cargo tells")]

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if (target("OS").as_str(), target("ENV").as_str()) == ("linux", "gnu") {
        // What unwinds the stack, from gcc's archive: else it is a shared library to find, map and relocate,
        // for a backtrace that is hardly ever printed.
        println!("cargo::rustc-link-lib=gcc_eh");
        // At a fixed address nothing has to be relocated: 12,000 pointers, which take 300 KB of the file and
        // a copy of every page that holds one. Stack, heap and libraries lie at random as before.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
