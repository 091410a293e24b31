//! Each file in `cases/` is a history, what is asked of it, and what relguard prints; its README has the words.

use std::fs;
use std::path::Path;

use crate::support::{Scratch, isolated, run};

/// A short form, so that cases are short.
const SAMPLE: &str =
    "# v0.0.0 (since v0.0.0)\n## Features\nNone.\n\n## Bug Fixes\nNone.\n\n## Others\nNone.\n";

/// A repository that follows a script.
pub(crate) struct Play {
    pub(crate) scratch: Scratch,
    /// The commits that the script made, in order.
    commits: Vec<String>,
    author: (String, String),
}

impl Play {
    pub(crate) fn new() -> Self {
        let scratch = Scratch::new();
        scratch.git(["remote", "add", "origin", "https://github.com/o/r.git"]);
        scratch.write("docs/CHANGELOG/CHANGELOG-0.0.0.md", SAMPLE);
        Self { scratch, commits: Vec::new(), author: ("A".into(), "a@example.org".into()) }
    }

    /// Follows a script; what its lines `run` print.
    pub(crate) fn follow(&mut self, script: &str) -> String {
        let lines = script.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
        lines.filter_map(|line| self.step(line)).collect()
    }

    fn step(&mut self, line: &str) -> Option<String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = self.filled(rest);
        match (word, rest.split(' ').collect::<Vec<_>>().as_slice()) {
            ("commit", _) => {
                let number = self.commits.len() + 1;
                self.scratch.write(&format!("files/{number}"), format!("{number}\n"));
                self.commit(&rest);
            }
            // Nothing but what was written.
            ("commit-written", _) => self.commit(&rest),
            ("write", [path, ..]) => {
                self.scratch.write(path, rest.split_once(' ').map_or("", |(_, text)| text));
            }
            ("as", _) => {
                let (name, email) = rest.trim_end_matches('>').split_once(" <").unwrap();
                self.author = (name.to_owned(), email.to_owned());
            }
            ("on", [branch]) => self.git(&["checkout", "--quiet", branch]),
            ("on", [branch, at]) => self.git(&["checkout", "--quiet", "-B", branch, at]),
            ("tag", [name]) => self.git(&["tag", name]),
            ("merge", [branch, ..]) => {
                let message = rest.split_once(' ').unwrap().1;
                self.git(&["merge", "--quiet", "--no-ff", "-m", message, branch]);
                self.note();
            }
            ("pick", args) => {
                self.git(&[&["cherry-pick"], args].concat());
                self.note();
            }
            // Picked, and committed as something of one's own.
            ("copy", [commit, ..]) => {
                self.git(&["cherry-pick", "--no-commit", commit]);
                self.commit(rest.split_once(' ').unwrap().1);
            }
            ("revert", [commit]) => {
                self.git(&["revert", "--no-edit", commit]);
                self.note();
            }
            ("git", args) => self.git(args),
            ("run", args) => return Some(self.run(args)),
            _ => panic!("there is no `{line}`"),
        }
        None
    }

    /// The text with `{3}` as the id of the third commit, `\n` as a line break and `\t` as a tab.
    fn filled(&self, text: &str) -> String {
        let text = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
        let ids = self.commits.iter().enumerate();
        ids.fold(text, |text, (at, id)| text.replace(&format!("{{{}}}", at + 1), id))
    }

    fn commit(&mut self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message]);
        self.note();
    }

    fn note(&mut self) {
        self.commits.push(self.scratch.git(["rev-parse", "HEAD"]).stdout.trim().to_owned());
    }

    fn git(&self, args: &[&str]) {
        let mut command = isolated("git", &self.scratch.outside(""));
        command.current_dir(self.scratch.path()).args(args);
        command.envs([("GIT_AUTHOR_NAME", &self.author.0), ("GIT_AUTHOR_EMAIL", &self.author.1)]);
        // Each commit is a minute younger than the one before it.
        let date = format!("{} +0000", 1_767_225_600 + 60 * self.commits.len());
        command.envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)]);
        let ran = run(command);
        assert_eq!(ran.status, 0, "git {args:?}: {}{}", ran.stdout, ran.stderr);
    }

    /// What relguard prints, with `{3}` for the third commit; of an error its first line.
    fn run(&self, args: &[&str]) -> String {
        let ran = run(self.scratch.relguard_command(args));
        let mut said = ran.stdout;
        if ran.status != 0 {
            let line = ran.stderr.lines().next().unwrap_or_default();
            said.extend([format!("exit {}\n", ran.status), format!("{line}\n")]);
        }
        let shorten = |text: String, (at, id): (usize, &String)| {
            text.replace(id.as_str(), &format!("{{{}}}", at + 1))
                .replace(&id[..7], &format!("{{{}}}", at + 1))
        };
        self.commits.iter().enumerate().fold(said, shorten)
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a person names the cases to try")]
fn histories_come_out_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/release_changelog/cases");
    let wanted = std::env::var("CASES").unwrap_or_default();
    let mut failed = Vec::new();
    let mut cases = 0;
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|extension| extension != "case") || !name.contains(&wanted) {
            continue;
        }
        cases += 1;
        let text = fs::read_to_string(&path).unwrap();
        let (script, expected) =
            text.split_once("\n====\n").unwrap_or_else(|| panic!("{name} expects nothing"));
        let said = Play::new().follow(script);
        if said != expected {
            failed.push(format!("--- {name} says\n{said}--- and should say\n{expected}"));
        }
    }
    assert!(cases > 0, "no case is called like {wanted}");
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
