//! The git program, for what must honour the user's own git: writing the index, reading the index
//! formats that libgit2 lacks.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::Repo;
use crate::domain::{Fail, Oid};

/// The git program, run on one repository.
pub struct Git {
    index_file: Option<std::path::PathBuf>,
}

impl Git {
    /// Git on the repository that the environment and the current folder name, as `Repo::open` did.
    pub fn new(_repo: &Repo) -> Self {
        Self { index_file: None }
    }

    /// The same on another index file.
    #[must_use]
    pub fn with_index(mut self, file: &std::path::Path) -> Self {
        self.index_file = Some(file.to_owned());
        self
    }

    /// What git prints on its standard output.
    pub fn output(&self, args: &[&str]) -> Result<Vec<u8>> {
        self.feed(args, b"")
    }

    /// The same, with bytes for its standard input.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>> {
        let mut command = command("git");
        command.env("GIT_NO_REPLACE_OBJECTS", "1").args(args);
        if let Some(file) = &self.index_file {
            command.env("GIT_INDEX_FILE", file);
        }
        run(command, input)
    }
}

/// Runs a program to its end and returns its standard output; a failure carries what it said.
pub fn run(mut command: Command, input: &[u8]) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("{name} can't be run"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading says why by its status.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().with_context(|| format!("{name} was cut off"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Fail::new(format!("{name} failed ({}): {}", output.status, said.trim())).into())
}

/// The id that git gives to a blob with these bytes.
pub fn blob_id(bytes: &[u8]) -> Option<Oid> {
    git2::Oid::hash_object(git2::ObjectType::Blob, bytes).ok().map(super::oid)
}

#[expect(clippy::disallowed_methods, reason = "this is the one door to other programs")]
fn command(program: &str) -> Command {
    Command::new(program)
}
