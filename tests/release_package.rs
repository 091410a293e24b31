//! `relguard package`, from outside: the archives of a commit's charts, read back by the tar reader, and what
//! is refused. What helm makes of the same charts is compared in `tests/clients/package`.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests make the repositories that they judge by, and fail by a panic"
)]

#[path = "support/chart.rs"]
mod chart;
#[path = "release_package/dependencies.rs"]
mod dependencies;
#[path = "release_package/destination.rs"]
mod destination;
#[path = "release_package/fetched.rs"]
mod fetched;
#[path = "release_package/files.rs"]
mod files;
#[path = "release_package/refs.rs"]
mod refs;
#[path = "release_package/same_bytes.rs"]
mod same_bytes;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use support::{Ran, Scratch};

/// The files of an archive with their bytes, in order; every one of them has to be a plain file that says
/// nothing of who made it.
fn entries(archive: &Path) -> Vec<(String, String)> {
    let bytes = fs::read(archive).unwrap();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let header = entry.header().clone();
        assert!(header.entry_type().is_file());
        assert_eq!((header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0o644, 0, 0));
        assert_eq!((header.username(), header.groupname()), (Ok(Some("")), Ok(Some(""))));
        assert_eq!(header.mtime().unwrap(), 1_767_225_600);
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, String::from_utf8_lossy(&bytes).into_owned())
    };
    tar.entries().unwrap().map(read).collect()
}

/// The names alone.
fn names(archive: &Path) -> Vec<String> {
    entries(archive).into_iter().map(|(name, _)| name).collect()
}

/// What a file of the archive holds.
fn content(archive: &Path, name: &str) -> String {
    let all: BTreeMap<String, String> = entries(archive).into_iter().collect();
    all.get(name).unwrap_or_else(|| panic!("{name} is not among {:?}", all.keys())).clone()
}

/// What is checked out, packaged into `out` beside the repository.
fn package(scratch: &Scratch) -> Ran {
    let out = scratch.outside("out");
    scratch.relguard(["package", "-d", out.to_str().unwrap()])
}

/// Says what is refused, with nothing on standard output, and writes nothing.
#[track_caller]
fn cannot(scratch: &Scratch, args: &[&str], said: &str) {
    let out = scratch.outside("out");
    let args = [&["package", "-d", out.to_str().unwrap()], args].concat();
    let ran = support::run(scratch.relguard_command(&args)).exits(2);
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(ran.stderr.contains("= help: "), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert!(!out.exists());
}

/// A rule refuses what is checked out, with these words, and nothing is written.
#[track_caller]
fn refused(scratch: &Scratch, args: &[&str], said: &str) {
    let out = scratch.outside("out");
    let args = [&["package", "-d", out.to_str().unwrap()], args].concat();
    let ran = support::run(scratch.relguard_command(&args)).exits(1);
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nrefused: package "), "{}", ran.stdout);
    assert!(!out.exists());
}
