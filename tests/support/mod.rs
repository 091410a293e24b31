//! Scratch repositories, and the programs that judge them: relguard itself and git, cut off from the
//! user's config, locale, time zone and network.
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests make the files that they judge by, run programs, and fail by a panic"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use assert_fs::TempDir;

/// A folder of its own with a git repository in it.
pub struct Scratch {
    dir: TempDir,
}

/// What a program did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Scratch {
    /// An empty repository on the branch `master`.
    pub fn new() -> Self {
        static TEMPLATE: OnceLock<Scratch> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let scratch = Self { dir: TempDir::new().unwrap() };
            fs::create_dir(scratch.path()).unwrap();
            scratch.git(["init", "--quiet", "--initial-branch=master", "--template="]);
            scratch
        });
        // What git made once is copied: hundreds of cases begin here.
        let scratch = Self { dir: TempDir::new().unwrap() };
        for entry in walkdir::WalkDir::new(template.path()).into_iter().map(Result::unwrap) {
            let to = scratch.path().join(entry.path().strip_prefix(template.path()).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir(to).unwrap();
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
        scratch
    }

    /// The repository's folder.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    /// A folder beside the repository, for homes, remotes and whatever else.
    pub fn outside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
        self
    }

    /// Reads a file of the repository as text.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Commits everything that is there, without hooks, and returns the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--no-verify", "-m", message]);
        self.git(["rev-parse", "HEAD"]).stdout.trim().to_owned()
    }

    /// Runs git, which must succeed.
    pub fn git<const N: usize>(&self, args: [&str; N]) -> Ran {
        let ran = self.try_git(args);
        assert_eq!(ran.status, 0, "git {args:?}: {}{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs git.
    pub fn try_git<const N: usize>(&self, args: [&str; N]) -> Ran {
        let mut command = isolated("git", self.dir.path());
        command.args(args).current_dir(self.path());
        run(command)
    }

    /// Runs relguard.
    pub fn relguard<const N: usize>(&self, args: [&str; N]) -> Ran {
        run(self.relguard_command(&args))
    }

    /// relguard in this repository, to be changed before it is run with `run`.
    pub fn relguard_command(&self, args: &[&str]) -> Command {
        let mut command = isolated(env!("CARGO_BIN_EXE_relguard"), self.dir.path());
        command.args(args).current_dir(self.path());
        command
    }

    /// What relguard prints as JSON.
    pub fn json<const N: usize>(&self, args: [&str; N]) -> serde_json::Value {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        let ran = run(self.relguard_command(&all));
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
    }

    /// Every file of the working tree with its bytes, `.git` left out.
    pub fn files(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        files_below(&self.path())
    }
}

impl Ran {
    /// Asserts the exit status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// A program that knows nothing of who runs it.
pub fn isolated(program: &str, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for kept in ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "SystemRoot"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
        .env("HOME", home)
        .env("GIT_CONFIG_GLOBAL", home.join("gitconfig"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CEILING_DIRECTORIES", home)
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
        .envs([("GIT_COMMITTER_NAME", "C"), ("GIT_COMMITTER_EMAIL", "c@example.org")])
        .envs([("GIT_AUTHOR_DATE", "1767225600 +0000"), ("GIT_COMMITTER_DATE", "1767225600 +0000")]);
    command
}

/// Writes a program. Another process writes it: while a test of this one forks, the file would be open in the
/// child as well, and the system runs no file that somebody writes.
pub fn script(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "umask 022; rm -f \"$1\"; cat >\"$1\"; chmod 755 \"$1\"", "sh"]).arg(file);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{} can't be written", file.display());
}

/// Copies a program, for the same reason through another process.
pub fn copy_program(from: &str, to: &Path) {
    assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success(), "{}", to.display());
}

/// Runs a program to its end, with nothing to read.
pub fn run(mut command: Command) -> Ran {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { status: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}

/// Every file below a folder with its bytes, `.git` left out; a symbolic link has its target's path.
pub fn files_below(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let walk = walkdir::WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    walk.map(Result::unwrap)
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            let bytes = if entry.path_is_symlink() {
                fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(entry.path()).unwrap()
            };
            (name, bytes)
        })
        .collect()
}

/// Copies a folder's files into another one.
pub fn copy_into(from: &Path, to: &Path) {
    for (name, bytes) in files_below(from) {
        let file = to.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}
