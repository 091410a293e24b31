//! The one door to what the process is started with: git, hook managers and CI systems hand over in variables
//! what a run is about.
#![expect(clippy::disallowed_methods, reason = "this is the one door to the environment")]

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// A variable's value, which need be no text; `None` where it is not set.
pub fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// A variable's text; `None` where it is not set, empty, or not UTF-8.
pub fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// All variables whose names are UTF-8.
pub fn variables() -> impl Iterator<Item = (String, OsString)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
}

/// The current folder; `None` where it is gone.
pub fn current_dir() -> Option<PathBuf> {
    env::current_dir().ok()
}

/// The program that runs; `None` where the system does not say.
pub fn program() -> Option<PathBuf> {
    env::current_exe().ok()
}
