//! The git program, for what must honour the user's own git: writing the index, reading the index
//! formats that libgit2 lacks, and where the hooks are.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::{Repo, environment};
use crate::domain::text::without_password;
use crate::domain::{Fail, Oid, SortedMap};

/// So many bytes are read at once.
const PIECE: usize = 64 * 1024;

/// Where git looks for objects besides.
const ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// The git program, run on one repository, at the top of its working tree.
pub struct Git<'repo> {
    repo: &'repo Repo,
    index_file: Option<PathBuf>,
    /// Whether new objects go to those that are only supposed.
    supposing: bool,
    /// Whether nobody is asked for a password.
    unattended: bool,
}

impl<'repo> Git<'repo> {
    /// Git on the repository that was opened, wherever relguard was started.
    pub fn new(repo: &'repo Repo) -> Self {
        let of_another = repo.surroundings.without.contains(&"GIT_INDEX_FILE");
        let index_file = repo.index_of_environment().filter(|_| !of_another);
        Self { repo, index_file, supposing: false, unattended: false }
    }

    /// The same, which fails where it would ask a person for a user name or a password.
    #[must_use]
    fn unattended(mut self) -> Self {
        self.unattended = true;
        self
    }

    /// The same, its new objects kept with those that are only supposed.
    #[must_use]
    pub(super) fn supposing(mut self) -> Self {
        self.supposing = true;
        self
    }

    /// The same on another index file.
    #[must_use]
    pub fn with_index(mut self, file: &Path) -> Self {
        self.index_file = Some(file.to_owned());
        self
    }

    /// What git prints on its standard output.
    pub fn output(&self, args: &[&str]) -> Result<Vec<u8>> {
        self.feed(args, b"")
    }

    /// The same, with bytes for its standard input.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>> {
        run(self.command(args)?, input)
    }

    /// The same, handed over piece by piece while git prints it.
    pub fn read(&self, args: &[&str], input: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<()> {
        run_reading(self.command(args)?, input, take)
    }

    fn command(&self, args: &[&str]) -> Result<Command> {
        let mut command = command("git");
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "/dev/null")
            // Nobody waits for a line: what git prints comes in large pieces.
            .env("GIT_FLUSH", "0")
            .env("GIT_DIR", absolute(self.repo.git_dir())?);
        repo_variables(&mut command, self.repo);
        if self.unattended {
            // An empty one also stands before `core.askPass` and the one of ssh.
            command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "").env("SSH_ASKPASS", "");
        }
        if let Some(objects) = self.repo.supposed_objects() {
            let known = environment::variable(ALTERNATES).unwrap_or_default();
            let known: Vec<PathBuf> = std::env::split_paths(&known).collect();
            let besides = if self.supposing {
                command.env("GIT_OBJECT_DIRECTORY", objects);
                self.repo.own_objects()?
            } else {
                objects
            };
            command.env(ALTERNATES, std::env::join_paths(std::iter::once(besides).chain(known))?);
        }
        // What is judged may name a program there, and nothing that is asked here needs it.
        command.args(["-c", "core.fsmonitor=false", "-c", "advice.graftFileDeprecated=false"]).args(args);
        if let Some(top) = self.repo.workdir() {
            command.current_dir(top).env("GIT_WORK_TREE", absolute(top)?);
        }
        if let Some(file) = &self.index_file {
            command.env("GIT_INDEX_FILE", absolute(file)?);
        }
        Ok(command)
    }
}

/// What a repository of our own takes from the environment and puts into it.
fn repo_variables(command: &mut Command, repo: &Repo) {
    for name in repo.surroundings.without {
        command.env_remove(name);
    }
    command.envs(repo.surroundings.variables());
}

impl Repo {
    /// Has git verify the signature of a tag object, with the keys that it is set up to trust; else what it
    /// says against it. An error where git can't be run at all.
    pub fn verify_tag(&self, tag: Oid) -> Result<Result<(), String>> {
        if self.supposes_tag(tag) {
            return Ok(Ok(()));
        }
        match Git::new(self).output(&["verify-tag", &tag.to_string()]) {
            Ok(_) => Ok(Ok(())),
            Err(error) => match error.downcast_ref::<Fail>().filter(|fail| fail.way_out().is_none()) {
                Some(said) => Ok(Err(last_line(&said.to_string()))),
                None => Err(error),
            },
        }
    }
}

impl Repo {
    /// What a remote says that refs name now, by their full names; those that it does not have are left out.
    /// An error where it can't be asked.
    pub fn ask_remote(&self, remote: &str, names: &[&str]) -> Result<SortedMap<String, Oid>> {
        let mut found = match self.heard(remote, names) {
            Some(found) => found,
            None => list_remote(&Git::new(self), remote, names)?,
        };
        found.retain(|name, _| names.contains(&name.as_str()));
        self.hear(remote, names, &found);
        self.with_pushed(remote, names, &mut found);
        Ok(found)
    }

    /// The same after git failed there: it is asked once more, and no person is, who was asked for a password just now.
    pub fn ask_remote_again(&self, remote: &str, names: &[&str]) -> Result<SortedMap<String, Oid>> {
        let mut found = list_remote(&Git::new(self).unattended(), remote, names)?;
        found.retain(|name, _| names.contains(&name.as_str()));
        Ok(found)
    }
}

/// The refs of a remote whose names end in one of these; without any all of them.
pub(super) fn list_remote(git: &Git<'_>, remote: &str, names: &[&str]) -> Result<SortedMap<String, Oid>> {
    let mut args = vec!["ls-remote", "--quiet", "--refs", "--", remote];
    args.extend(names);
    let said = git.output(&args).map_err(|error| {
        Fail::new(format!("{remote} can't be asked what it has")).said(said_by_git(&error)).help(format!(
            "`git ls-remote {remote}` shows the same; mend the connection or your access to it"
        ))
    })?;
    let line = |line: &[u8]| {
        let (id, name) = std::str::from_utf8(line).ok()?.split_once('\t')?;
        Some((name.to_owned(), Oid::from_hex(id.as_bytes())?))
    };
    Ok(said.split(|byte| *byte == b'\n').filter_map(line).collect())
}

/// What git said when it failed.
pub fn said_by_git(error: &anyhow::Error) -> String {
    let quoted = error.downcast_ref::<Fail>().and_then(Fail::quote).map(str::to_owned);
    quoted.unwrap_or_else(|| error.to_string())
}

/// What git said last, which is what it makes of it all.
fn last_line(said: &str) -> String {
    let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    let line = line.split_once("): ").map_or(line, |(_, line)| line);
    let line = line.strip_prefix("error: ").unwrap_or(line);
    if line.is_empty() { "git does not say why".to_owned() } else { line.to_owned() }
}

/// Runs a program to its end and returns its standard output; a failure carries what it said.
pub fn run(command: Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    run_reading(command, input, &mut |piece| output.extend_from_slice(piece))?;
    Ok(output)
}

/// The same, its standard output handed over piece by piece.
fn run_reading(mut command: Command, input: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        Fail::new(format!("{name} can't be run: {error}")).help(format!("install {name}, and put it on PATH"))
    })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (read, said) = std::thread::scope(|scope| {
        // A program may print before it has read all; one that ends without reading says why by its status.
        if let Some(mut stdin) = stdin.filter(|_| !input.is_empty()) {
            scope.spawn(move || stdin.write_all(input));
        }
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            let read = stderr.map_or(Ok(0), |mut stderr| stderr.read_to_end(&mut said));
            read.map(|_| said)
        });
        let read = stdout.map_or(Ok(()), |stdout| read_all(stdout, take));
        (read, said.join())
    });
    let status = child.wait().with_context(|| format!("{name} was cut off"))?;
    read.with_context(|| format!("{name} was cut off"))?;
    if status.success() {
        return Ok(());
    }
    let said = said.ok().and_then(std::io::Result::ok).unwrap_or_default();
    let said = without_password(String::from_utf8_lossy(&said).trim()).into_owned();
    // Behind what ended it there may be advice.
    let begins = |word: &'static str| said.lines().rfind(|line| line.starts_with(word));
    let is_told = |line: &&str| !line.trim().is_empty() && !line.starts_with("hint: ");
    let ended = begins("fatal: ").or_else(|| begins("error: ")).or_else(|| said.lines().rfind(is_told));
    let fail = Fail::new(format!("{name} failed ({status}): {}", ended.unwrap_or("it did not say why")));
    Err(if ended.is_some_and(|last| last.len() < said.len()) { fail.said(said) } else { fail }.into())
}

fn read_all(mut from: impl std::io::Read, take: &mut dyn FnMut(&[u8])) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => take(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The id that git gives to a blob with these bytes.
pub fn blob_id(bytes: &[u8]) -> Option<Oid> {
    git2::Oid::hash_object(git2::ObjectType::Blob, bytes).ok().map(super::oid)
}

#[expect(clippy::disallowed_methods, reason = "this is the one door to other programs")]
fn command(program: &str) -> Command {
    Command::new(program)
}
