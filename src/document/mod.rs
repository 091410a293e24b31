//! Parsed files that know the byte span of every field a rule may name.

pub mod archive;
pub mod carrier;
pub mod changelog;
pub mod chart;
pub mod chart_index;
pub mod dependencies;
pub mod helmignore;
mod json;
pub mod markdown;
pub mod metadata;
pub mod packed;
pub mod rewritten;
mod toml;
pub mod yaml;

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::domain::{Fail, RepoPath, SourceText};
use crate::finding::Location;
use crate::source::{File, Unreadable};

/// A file that can't be used, with the place and the cause.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Where the trouble is.
    pub location: Location,
    /// What the trouble is, in one line.
    pub cause: String,
    /// What to do about it, in one line.
    pub help: Option<String>,
}

/// What became of a file that a rule needs.
pub type Parsed<T> = Result<T, Broken>;

/// A value in a file: its text and its place.
#[derive(Debug, Clone)]
pub struct Value {
    /// The text that the value stands for: quotes and escapes resolved, numbers as written.
    pub text: String,
    /// Where it stands.
    pub location: Location,
}

impl Broken {
    /// A file that gave no bytes.
    pub fn unreadable(path: &RepoPath, why: &Unreadable) -> Self {
        Self { location: Location::file(path), cause: why.to_string(), help: Some(why.way_out().to_owned()) }
    }

    /// Trouble at a place of a file.
    pub fn at(source: &Arc<SourceText>, range: Range<usize>, cause: impl Into<String>) -> Self {
        Self { location: Location::new(source, range), cause: cause.into(), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The SHA-256 of bytes, in hex.
pub fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl From<Broken> for Fail {
    fn from(broken: Broken) -> Self {
        let start = broken.location.start();
        let place = format!("{}:{}:{}", broken.location.path(), start.line, start.column);
        let fail = Self::new(format!("{place}: {}", broken.cause));
        match broken.help {
            Some(help) => fail.help(help),
            None => fail,
        }
    }
}

/// Whether a file is JSON, where its keys do not matter.
pub fn check_json(source: &Arc<SourceText>) -> Parsed<()> {
    json::find(source, &[]).map(drop)
}

/// The text of a file, which must be UTF-8.
pub fn text_of(path: &RepoPath, file: File) -> Parsed<Arc<SourceText>> {
    match String::from_utf8(file.bytes) {
        Ok(text) => Ok(Arc::new(SourceText::new(path.clone(), text))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let source = Arc::new(SourceText::new(path.clone(), text));
            let bad = error.as_bytes().get(at).copied().unwrap_or_default();
            Err(Broken::at(&source, at..at + '\u{fffd}'.len_utf8(), format!("byte {bad:#04x} is not UTF-8"))
                .help("save the file as UTF-8"))
        }
    }
}
