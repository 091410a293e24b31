//! Two maintainers on one release: what each of them is told is true, and the commands in it do what they say.

use crate::chart::status;
use crate::support::{Ran, Scratch, isolated, run, script};
use crate::{guarded, is_published, server};

/// A project whose 1.0.0 is released, with a change since, and the clone of a second maintainer.
fn two_maintainers() -> (Scratch, String) {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let theirs = clone(&scratch);
    (scratch, theirs)
}

fn clone(scratch: &Scratch) -> String {
    let folder = scratch.outside("second").to_str().unwrap().to_owned();
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["clone", "--quiet", server(scratch).to_str().unwrap(), &folder]);
    run(command).exits(0);
    folder
}

/// What the second maintainer runs.
fn second(scratch: &Scratch, folder: &str, args: &[&str]) -> Ran {
    let mut command = scratch.relguard_command(&[&["-C", folder], args].concat());
    command.env("GIT_COMMITTER_NAME", "Second").env("GIT_COMMITTER_DATE", "1767225700 +0000");
    run(command)
}

/// Runs relguard with a git that runs a script right before it pushes.
fn run_meanwhile(scratch: &Scratch, args: &[&str], meanwhile: &str) -> Ran {
    let (bin, once) = (scratch.outside("bin"), scratch.outside("once"));
    let text = format!(
        "#!/bin/sh\nPATH=${{PATH#*:}}\ncase \" $* \" in *' push --quiet '*)\n  if mkdir '{}' 2>/dev/null; then\n    \
         (unset GIT_DIR GIT_WORK_TREE; {meanwhile}) >/dev/null 2>&1 || exit 9\n  fi\n;; esac\nexec git \"$@\"\n",
        once.display()
    );
    script(&bin.join("git"), &text);
    let mut command = scratch.relguard_command(args);
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    run(command)
}

/// The command that a line of a text ends in, run in the first clone.
#[track_caller]
fn obey(scratch: &Scratch, text: &str, begins: &str) {
    let line = text.lines().find(|line| line.contains(begins)).unwrap_or_else(|| panic!("{begins}: {text}"));
    let command = line[line.find(begins).unwrap()..].split(", then ").next().unwrap();
    let mut shell = isolated("sh", &scratch.outside(""));
    shell.args(["-c", command]).current_dir(scratch.path());
    run(shell).exits(0);
}

#[test]
fn what_is_prepared_elsewhere_is_fetched_as_advised() {
    for narrow in [false, true] {
        let (scratch, theirs) = two_maintainers();
        if narrow {
            let spec = "+refs/heads/master:refs/remotes/origin/master";
            scratch.git(["config", "--replace-all", "remote.origin.fetch", spec]);
        }
        second(&scratch, &theirs, &["release", "1.1.0", "--run"]).exits(0);
        let ran = scratch.relguard(["release", "1.1.0"]).exits(0);
        assert!(ran.stdout.contains("waiting  prepare  prepare-1.1.0 is on origin and not here: git "));
        let command = if narrow { "git remote set-branches" } else { "git fetch --prune origin" };
        obey(&scratch, &ran.stdout, command);
        let ran = scratch.relguard(["release", "1.1.0"]).exits(0);
        assert!(ran.stdout.contains("done     prepare  prepare-1.1.0 has the version"), "{}", ran.stdout);
        assert!(ran.stdout.contains("waiting  merge"), "{}", ran.stdout);
    }
}

#[test]
fn what_is_begun_elsewhere_is_gone_on_with_as_advised() {
    // A second remote has a branch of that name as well, so that git does not know which one is meant by it.
    let (scratch, theirs) = two_maintainers();
    second(&scratch, &theirs, &["release", "1.1.0", "--run"]).exits(0);
    for args in
        [&["reset", "--quiet", "--hard", "HEAD~"][..], &["push", "--quiet", "--force", "origin", "HEAD"]]
    {
        let mut git = isolated("git", &scratch.outside(""));
        git.args(["-C", &theirs]).args(args);
        run(git).exits(0);
    }
    scratch.git(["remote", "add", "fork", &theirs]);
    scratch.git(["fetch", "--quiet", "fork"]);
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    assert!(ran.stdout.contains("waiting  prepare  prepare-1.1.0 is begun on origin; "), "{}", ran.stdout);
    obey(&scratch, &ran.stdout, "git switch");
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    assert!(ran.stdout.contains("done     prepare"), "{}", ran.stdout);
    assert_eq!(
        scratch.git(["rev-parse", "HEAD~"]).stdout,
        scratch.git(["-C", &theirs, "rev-parse", "HEAD"]).stdout
    );
}

#[test]
fn who_loses_the_race_for_the_preparation_takes_the_other_one() {
    let (scratch, theirs) = two_maintainers();
    second(&scratch, &theirs, &["release", "1.1.0", "--run"]).exits(0);
    // It is there when the push comes, and was not when it was planned.
    let tip = scratch.git(["-C", &theirs, "rev-parse", "HEAD"]).stdout;
    let (bare, tip) = (server(&scratch).to_str().unwrap().to_owned(), tip.trim());
    scratch.git(["-C", &bare, "update-ref", "-d", "refs/heads/prepare-1.1.0"]);
    let meanwhile = format!("git -C {bare} update-ref refs/heads/prepare-1.1.0 {tip}");
    let ran = run_meanwhile(&scratch, &["release", "1.1.0", "--run"], &meanwhile).exits(2);
    let said =
        format!("somebody else pushed prepare-1.1.0 to origin meanwhile, which has it at {} now", &tip[..7]);
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    assert!(ran.stderr.contains("(stale info)"), "{}", ran.stderr);
    obey(&scratch, &ran.stderr, "git fetch --prune origin");
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    assert!(
        ran.stdout
            .contains("the one here is another; theirs takes its place, and the place of commits that it alone has, by: git"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("waiting  merge"), "{}", ran.stdout);
    obey(&scratch, &ran.stdout, "git switch");
    assert_eq!(scratch.git(["rev-parse", "HEAD"]).stdout.trim(), tip);
    assert_eq!(
        (status(&scratch).as_str(), scratch.git(["branch", "--show-current"]).stdout.as_str()),
        ("", "prepare-1.1.0\n")
    );
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    assert!(!ran.stdout.contains("another"), "{}", ran.stdout);
}

#[test]
fn who_loses_the_race_with_an_unready_one_may_go_on_with_it() {
    let (scratch, theirs) = two_maintainers();
    second(&scratch, &theirs, &["release", "1.1.0", "--run"]).exits(0);
    scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    scratch.git(["switch", "--quiet", "--create", "prepare-1.1.0"]);
    scratch.relguard(["bump", "1.1.0", "--commit"]).exits(0);
    let half = scratch.git(["-C", &theirs, "rev-parse", "HEAD~"]).stdout;
    let bare = server(&scratch).to_str().unwrap().to_owned();
    scratch.git(["-C", &bare, "update-ref", "refs/heads/prepare-1.1.0", half.trim()]);
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    let said = "to go on with theirs, and without the commits that the one here alone has: git switch";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    obey(&scratch, &ran.stdout, "git switch");
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    assert!(ran.stdout.contains("done     prepare"), "{}", ran.stdout);
}

#[test]
fn who_loses_the_race_for_the_tag_or_the_branch_is_told_what_to_do() {
    let scratch = guarded();
    let theirs = clone(&scratch);
    second(&scratch, &theirs, &["branch", "--push"]).exits(0);
    let bare = server(&scratch).to_str().unwrap().to_owned();
    scratch.git(["-C", &bare, "update-ref", "-d", "refs/heads/release-1.0"]);
    let push = format!("git -C {bare} update-ref refs/heads/release-1.0 refs/heads/master~");
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let ran = run_meanwhile(&scratch, &["branch", "--push"], &push).exits(2);
    assert!(ran.stderr.contains("somebody else pushed release-1.0 to origin meanwhile"), "{}", ran.stderr);
    obey(&scratch, &ran.stderr, "git fetch --prune origin");
    assert!(
        scratch.relguard(["branch", "--push"]).exits(0).stdout.contains("already done: release-1.0 is in")
    );

    // The tag of the other one is another object.
    second(&scratch, &theirs, &["tag", "1.0.0"]).exits(0);
    std::fs::remove_dir(scratch.outside("once")).unwrap();
    let push = format!("git -C {bare} fetch --quiet {theirs} tag v1.0.0");
    let ran = run_meanwhile(&scratch, &["tag", "1.0.0", "--push"], &push).exits(2);
    assert!(ran.stderr.contains("somebody else pushed v1.0.0 to origin meanwhile"), "{}", ran.stderr);
    assert!(ran.stderr.contains("help: run the same command again\n"), "{}", ran.stderr);
    let ran = scratch.relguard(["tag", "1.0.0", "--push"]).exits(2);
    obey(&scratch, &ran.stderr, "git tag -d v1.0.0 && git fetch origin tag v1.0.0");
    let ran = scratch.relguard(["tag", "1.0.0", "--push"]).exits(0);
    assert_eq!(ran.stdout, "already done: v1.0.0 is on origin\n");
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn who_loses_the_race_for_the_chart_index_publishes_behind_it() {
    let scratch = crate::foreseen::with_index();
    scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    let archive = |version: &str| {
        let path = scratch.outside(&format!("app-{version}.tgz"));
        std::fs::write(&path, crate::archive::chart("app", version)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (ours, other) = (archive("1.0.1"), archive("1.0.2"));
    let theirs = clone(&scratch);
    let relguard = env!("CARGO_BIN_EXE_relguard");
    let push = format!("cd {theirs} && {relguard} publish {other} --push");
    let ran = run_meanwhile(&scratch, &["publish", &ours, "--push"], &push).exits(2);
    assert!(ran.stderr.contains("somebody else pushed gh-pages to origin meanwhile"), "{}", ran.stderr);
    obey(&scratch, &ran.stderr, "git fetch --prune origin");
    scratch.relguard(["publish", &ours, "--push"]).exits(0);
    scratch.git(["fetch", "--quiet", "origin"]);
    let index = scratch.git(["show", "origin/gh-pages:index.yaml"]).stdout;
    for version in ["1.0.0", "1.0.1", "1.0.2"] {
        assert!(index.contains(&format!("charts/app-{version}.tgz")), "{index}");
    }
    assert_eq!(status(&scratch), "");
}

#[test]
fn a_push_that_failed_asks_nobody_for_a_password_again() {
    let scratch = guarded();
    let (asked, bin) = (scratch.outside("asked"), scratch.outside("bin"));
    let text = format!(
        "#!/bin/sh\nPATH=${{PATH#*:}}\ncase \" $* \" in\n*' push --quiet '*) : >'{0}'; echo 'fatal: Authentication failed' >&2; exit 128 ;;\n\
         *' ls-remote '*) test ! -e '{0}' || echo \"$GIT_TERMINAL_PROMPT,$GIT_ASKPASS\" >>'{0}' ;;\nesac\nexec git \"$@\"\n",
        asked.display()
    );
    script(&bin.join("git"), &text);
    let mut command = scratch.relguard_command(&["branch", "--push"]);
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    command.env("GIT_TERMINAL_PROMPT", "1").env("GIT_ASKPASS", "/nowhere/askpass");
    let ran = run(command).exits(2);
    assert!(ran.stderr.contains("Authentication failed"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(asked).unwrap(), "0,\n");
}
