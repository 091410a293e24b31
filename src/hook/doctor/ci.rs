//! What the project's CI does: whether it judges, and whether it makes release branches of its own.

use anyhow::Result;

use super::hooks::mentions;
use super::{Item, Patient};
use crate::domain::RepoPath;
use crate::finding::Subject;
use crate::project::ci::ci_files;
use crate::source::{CommitFiles, Snapshot, Worktree, read};

pub(super) fn look(patient: &Patient<'_>, items: &mut Vec<Item>) -> Result<()> {
    let files: Box<dyn Snapshot + '_> = match Worktree::new(patient.repo) {
        Some(files) => Box::new(files),
        None => {
            let configured = patient.config.default_branch.as_deref();
            let default = patient.repo.default_branch(configured, &patient.config.remote);
            let Some((name, tip)) = default else { return Ok(()) };
            Box::new(CommitFiles::new(patient.repo, tip, Subject::branch(&name, Some(tip))))
        }
    };
    let mut judged = false;
    let hooks = read(files.as_ref(), &RepoPath::parse(".pre-commit-config.yaml")?)?.ok().flatten();
    let in_framework = hooks.is_some_and(|file| mentions(&String::from_utf8_lossy(&file.bytes)));
    for file in ci_files(files.as_ref())? {
        let text = &file.text;
        judged |= mentions(text);
        judged |= in_framework && ["pre-commit", "prek"].iter().any(|name| text.contains(name));
        let line = cut_line(text, patient.config.branches.release.literal_prefix());
        if let Some(line) = line.filter(|_| file.is_started_by_tags()) {
            items.push(cuts_branch().at(file.path.as_str().to_owned(), Some(line)));
        }
    }
    if !judged {
        let why = "a push that passed no hook of ours, or --no-verify, is seen by nobody";
        items.push(
            Item::note("ci-missing", "no CI file here runs relguard", why)
                .help("run `relguard check` in CI for pull requests, release branches and tags"),
        );
    }
    Ok(())
}

fn cuts_branch() -> Item {
    Item::warning(
        "ci-cuts-branch",
        "a workflow that a tag starts makes the release branch itself",
        "the branch is then cut from whatever was tagged, and no rule can ask where the tag was made",
    )
    .help("cut the release branch from the default branch first, then tag its newest commit")
}

/// The first line, counted from 1, with a command that makes a branch whose name starts with `prefix`.
fn cut_line(text: &str, prefix: &str) -> Option<usize> {
    if prefix.is_empty() {
        return None;
    }
    let names = variables(text, prefix);
    let is_release = |word: &str| {
        let word = word.trim_start_matches('+').trim_start_matches("refs/heads/");
        word.starts_with(prefix) || names.iter().any(|name| refers_to(word, name))
    };
    let mut command = String::new();
    let mut first = 1;
    for (line, number) in text.lines().zip(1..) {
        if command.is_empty() {
            first = number;
        }
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        command.push_str(line.strip_suffix('\\').unwrap_or(line));
        if line.ends_with('\\') {
            command.push(' ');
            continue;
        }
        let mut parts = command.split(['&', ';', '|']);
        if parts.any(|part| makes_branch(part, &is_release)) {
            return Some(first);
        }
        command.clear();
    }
    None
}

/// The names that a file gives to a release branch's name: `NAME=release-…`, `NAME: release-…`.
fn variables<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    let named = |line: &'a str| {
        let (name, value) = line.split_once(['=', ':'])?;
        let name = name.rsplit([' ', '"', '\'']).find(|word| !word.is_empty())?;
        let value = value.trim_start_matches([' ', '"', '\'']);
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && value.starts_with(prefix)).then_some(name)
    };
    text.lines().filter_map(named).collect()
}

/// Whether a word is the value of a variable, in a shell's or a workflow's way of writing.
fn refers_to(word: &str, name: &str) -> bool {
    let rest = word.strip_prefix('$').map(|word| word.trim_start_matches('{').trim_end_matches('}'));
    rest == Some(name) || ["env.", "outputs."].iter().any(|of| word.ends_with(&format!("{of}{name}")))
}

fn makes_branch(command: &str, is_release: &impl Fn(&str) -> bool) -> bool {
    let words: Vec<&str> = command
        .split([' ', '\t', ',', '(', ')', '`'])
        .map(|word| word.trim_matches(['"', '\'', '{', '}']))
        .filter(|word| !word.is_empty())
        .collect();
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let names = || words.iter().any(|word| is_release(word));
    let in_api = words.iter().any(|word| word.contains("createRef") || word.ends_with("git/refs"));
    if in_api
        && words.iter().any(|word| {
            word.split('=')
                .next_back()
                .is_some_and(|word| word.starts_with("refs/heads/") && is_release(word))
        })
    {
        return true;
    }
    let git = words.iter().position(|word| *word == "git");
    let rest = git.and_then(|at| words.get(at + 1..)).unwrap_or_default();
    // Options of git itself come before the command, some with a word of their own.
    match rest
        .iter()
        .find(|word| matches!(**word, "branch" | "checkout" | "switch" | "push" | "worktree" | "update-ref"))
    {
        Some(&"branch") => {
            !any(&[
                "-d",
                "-D",
                "--delete",
                "--list",
                "-l",
                "-a",
                "-r",
                "--contains",
                "--merged",
                "--no-merged",
            ]) && names()
        }
        Some(&("checkout" | "worktree")) => any(&["-b", "-B", "--orphan"]) && names(),
        Some(&"switch") => any(&["-c", "-C", "--create", "--force-create", "--orphan"]) && names(),
        Some(&"update-ref") => !any(&["-d"]) && names(),
        Some(&"push") => {
            let to = |word: &&str| match word.split_once(':') {
                Some((from, to)) => !from.trim_start_matches('+').is_empty() && is_release(to),
                None => is_release(word),
            };
            !any(&["-d", "--delete"]) && rest.iter().any(to)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_make_a_release_branch() {
        for text in [
            "git branch release-1.2",
            "        run: git branch \"release-${MINOR}\" \"$GITHUB_SHA\"",
            "git -C work checkout -b 'release-1.2' v1.2.0",
            "git switch -c release-${X}",
            "git push origin HEAD:refs/heads/release-1.2",
            "git push -u origin release-$X",
            "git fetch && git push origin +HEAD:release-1.2",
            "BRANCH=release-$X\ngit push origin \"HEAD:${BRANCH}\"",
            "  BRANCH: release-1.2\n  run: git push origin HEAD:${{ env.BRANCH }}",
            "gh api repos/o/r/git/refs -f ref=refs/heads/release-1.2 -f sha=x",
            "git push origin \\\n  HEAD:release-1.2",
        ] {
            assert!(cut_line(text, "release-").is_some(), "{text}");
        }
        for text in [
            "# git branch release-1.2",
            "git branch --list 'release-*'",
            "git branch -r --contains v1.2.0 | grep release-",
            "git checkout release-1.2",
            "git push origin :release-1.2",
            "git push origin --delete release-1.2",
            "git push origin v1.2.0",
            "name: release-notes",
            "git branch topic",
        ] {
            assert_eq!(cut_line(text, "release-"), None, "{text}");
        }
        assert_eq!(cut_line("a\n# b\ngit branch \\\n  release-1.2\n", "release-"), Some(3));
        assert_eq!(cut_line("git branch 1.2", ""), None);
    }
}
