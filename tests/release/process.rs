//! The whole process, in a clone and on a server that guards itself: 1.0.0, then 1.1.0-rc.1 and 1.1.0, then 1.0.1 on
//! the older line. Every git command that acts fails once, before it did its work or after it, and the release
//! is gone on with: what is published in the end must be the same, to the object.

use std::path::Path;

use crate::chart::{self, CHART, edit, status};
use crate::support::{Ran, Scratch, run, script};
use crate::{guarded, published};

/// How often a release may be gone on with before the test gives up.
const TRIES: usize = 40;

/// When a command fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Never,
    Before,
    After,
}

/// A git in front of the real one on PATH, in which each command that acts fails when it is seen first.
fn failing_git(scratch: &Scratch, failing: Failing) -> std::path::PathBuf {
    let folder = scratch.outside("failing");
    let act = match failing {
        Failing::Never => return folder,
        Failing::Before => ":",
        Failing::After => "git \"$@\"",
    };
    let text = format!(
        "#!/bin/sh\n\
         PATH=${{PATH#*:}}\n\
         for arg; do case $arg in -c|core.*|advice.*|index.*|--literal-pathspecs) ;; *) break ;; esac; done\n\
         case $arg in add|commit|commit-tree|update-ref|switch|branch|tag|push|fetch) ;; *) exec git \"$@\" ;; esac\n\
         if grep -qxF -e \"$*\" '{seen}' 2>/dev/null; then exec git \"$@\"; fi\n\
         printf '%s\\n' \"$*\" >>'{seen}'\n\
         {act}\n\
         echo 'the line is dead' >&2\n\
         exit 1\n",
        seen = scratch.outside("seen").display(),
    );
    script(&folder.join("git"), &text);
    folder
}

/// Runs a release on until it is done, or a person's turn.
#[track_caller]
fn go_on(scratch: &Scratch, failing: &Path, version: &str) -> Ran {
    let path = format!("{}:{}", failing.display(), std::env::var("PATH").unwrap());
    for _ in 0..TRIES {
        let mut command = scratch.relguard_command(&["release", version, "--run"]);
        command.env("PATH", &path).env("SOURCE_DATE_EPOCH", "1767225600");
        let ran = run(command);
        if ran.status == 0 {
            return ran;
        }
        assert_eq!(ran.status, 2, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr.contains("the line is dead") || ran.stderr.contains("can't be asked"),
            "{}",
            ran.stderr
        );
    }
    panic!("{version} is not released after {TRIES} tries");
}

/// What a person does on the forge: a branch is merged into another one.
fn merge(scratch: &Scratch, from: &str, into: &str) {
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.git(["push", "--quiet", "origin", &format!("origin/{from}:refs/heads/{into}")]);
    scratch.git(["push", "--quiet", "origin", "--delete", from]);
}

/// A change that is merged into a branch.
fn change(scratch: &Scratch, branch: &str, file: &str, message: &str) {
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.git(["checkout", "--quiet", "--detach", &format!("origin/{branch}")]);
    scratch.write(file, format!("{message}\n"));
    scratch.commit(message);
    scratch.git(["push", "--quiet", "origin", &format!("HEAD:refs/heads/{branch}")]);
}

#[track_caller]
fn stages(ran: &Ran, wanted: &[&str]) {
    let stages = ran.stdout.lines().skip_while(|line| !line.starts_with("release ")).skip(1);
    let found: Vec<String> =
        stages.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(found, wanted, "{}", ran.stdout);
}

const ALL_DONE: [&str; 4] = ["done prepare", "done branch", "done tag", "done publish"];

/// The process from the first release on; what is published in the end.
fn drive(failing: Failing) -> String {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: {url: https://charts.example.org}\n");
    scratch.commit("say where the charts are");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let git = failing_git(&scratch, failing);
    let release = |version: &str| {
        // What is foreseen is what is done.
        let foreseen = (failing == Failing::Never).then(|| crate::foreseen::foreseen(&scratch, version));
        let ran = go_on(&scratch, &git, version);
        if let Some(foreseen) = foreseen {
            assert_eq!(crate::foreseen::lines(&ran, "done: "), foreseen);
        }
        ran
    };

    stages(&release("1.0.0"), &ALL_DONE);
    assert_eq!(status(&scratch), "");

    change(&scratch, "master", "a.txt", "feat: the first thing (#1)");
    let waiting = release("1.1.0-rc.1");
    stages(&waiting, &["done prepare", "waiting merge", "later branch", "later tag", "later publish"]);
    assert!(waiting.stdout.contains("open a pull request of prepare-1.1.0-rc.1 into master on origin"));
    assert_eq!(
        (scratch.git(["branch", "--show-current"]).stdout.as_str(), status(&scratch).as_str()),
        ("prepare-1.1.0-rc.1\n", "")
    );
    let log = scratch.read(chart::NEW_LOG);
    assert!(log.contains("The first thing (#1)"), "{log}");
    merge(&scratch, "prepare-1.1.0-rc.1", "master");
    stages(&release("1.1.0-rc.1"), &ALL_DONE);

    change(&scratch, "release-1.1", "b.txt", "fix: the second thing (#2)");
    stages(
        &release("v1.1.0"),
        &["done prepare", "waiting merge", "done branch", "later tag", "later publish"],
    );
    merge(&scratch, "prepare-1.1.0", "release-1.1");
    stages(&release("1.1.0"), &ALL_DONE);
    let log = scratch.git(["show", &format!("v1.1.0:{}", chart::NEW_LOG)]).stdout;
    let section = log.split("# v1.1.0-rc.1\n").next().unwrap();
    assert!(section.contains("The second thing (#2)"), "{log}");

    let master = scratch.git(["rev-parse", "origin/master"]).stdout;
    change(&scratch, "release-1.0", "b.txt", "fix: the second thing (#2)");
    stages(
        &release("1.0.1"),
        &["done prepare", "waiting merge", "done branch", "later tag", "later publish"],
    );
    merge(&scratch, "prepare-1.0.1", "release-1.0");
    stages(&release("1.0.1"), &ALL_DONE);
    // The default branch does not go back.
    assert_eq!(scratch.git(["rev-parse", "origin/master"]).stdout, master);
    assert!(
        scratch.git(["show", &format!("origin/master:{CHART}")]).stdout.contains("\nversion: 1.1.0-rc.1\n")
    );

    let audit = scratch.relguard(["audit", "--strict"]).exits(0);
    assert!(audit.stdout.contains("nothing found"), "{}", audit.stdout);
    published(&scratch)
}

#[test]
fn four_releases_and_every_command_fails_once() {
    let smooth = drive(Failing::Never);
    let names: Vec<&str> = smooth.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        names,
        [
            "refs/heads/gh-pages",
            "refs/heads/master",
            "refs/heads/release-1.0",
            "refs/heads/release-1.1",
            "refs/tags/v1.0.0",
            "refs/tags/v1.0.1",
            "refs/tags/v1.1.0",
            "refs/tags/v1.1.0-rc.1",
        ]
    );
    assert_eq!(drive(Failing::Before), smooth);
    assert_eq!(drive(Failing::After), smooth);
}

#[test]
fn where_it_stands_is_only_shown_without_run() {
    let scratch = guarded();
    let before = (published(&scratch), scratch.git(["show-ref"]).stdout);
    for args in
        [&["release"][..], &["release", "--run", "--dry-run"], &["release", "1.0.0", "--format", "json"]]
    {
        let ran = run(scratch.relguard_command(args)).exits(0);
        assert!(ran.stdout.contains("cut release-1.0 from master"), "{}", ran.stdout);
    }
    assert_eq!((published(&scratch), scratch.git(["show-ref"]).stdout), before);
    let plan = scratch.json(["release"]);
    let stages: Vec<_> =
        plan["stages"].as_array().unwrap().iter().map(|stage| (&stage["stage"], &stage["state"])).collect();
    let wanted = serde_json::json!([["prepare", "done"], ["branch", "next"], ["tag", "later"]]);
    assert_eq!(serde_json::json!(stages), wanted);
}

#[test]
fn the_default_branch_never_goes_back() {
    let scratch = guarded();
    // It may be looked at with a tree that is not clean.
    edit(&scratch, "README.md", "An app.", "My app.");
    scratch.relguard(["release", "1.1.0"]).exits(0);
    scratch.git(["checkout", "--quiet", "README.md"]);
    for version in ["0.9.0", "0.9.1", "1.0.0-rc.1"] {
        let ran = scratch.relguard(["release", version, "--run"]).exits(2);
        assert!(
            ran.stderr.contains(&format!("master carries 1.0.0 already: it does not go back to {version}")),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_the_rules_refuse_ends_it() {
    let scratch = guarded();
    edit(&scratch, CHART, "\nversion: 1.0.0\n", "\nversion: 1.0.0\nicon: [\n");
    scratch.commit("break the chart");
    crate::open(&scratch);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "master"]);
    crate::accept(&scratch);
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(1);
    assert!(ran.stdout.contains("error[chart/version]"), "{}", ran.stdout);
}

#[test]
fn what_is_changed_and_not_committed_stays_where_it_is() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    edit(&scratch, "README.md", "An app.", "My app.");
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(2);
    assert!(ran.stderr.contains("`relguard release --run` needs a clean working tree"), "{}", ran.stderr);
    assert_eq!(scratch.git(["branch", "--show-current"]).stdout, "master\n");
}

#[test]
fn somebody_elses_preparation_is_not_overwritten() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    crate::somebody_pushes(&scratch, "master", "c.txt");
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.git(["push", "--quiet", "origin", "origin/master:refs/heads/prepare-1.1.0"]);
    let before = published(&scratch);
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    stages(&ran, &["waiting prepare", "later merge", "later branch", "later tag"]);
    assert_eq!(published(&scratch), before);
}

#[test]
fn what_is_tagged_here_and_elsewhere_stays_as_it_is() {
    let scratch = guarded();
    // A tag that moves, as those of actions do, and one that is not published yet.
    scratch.git(["tag", "latest"]);
    scratch.git(["push", "--quiet", "origin", "latest"]);
    crate::somebody_pushes(&scratch, "master", "c.txt");
    scratch.git(["fetch", "--quiet", "origin", "master"]);
    scratch.git(["push", "--quiet", "--force", "origin", "origin/master:refs/tags/latest"]);
    scratch.git(["tag", "--annotate", "--message=mine", "v0.9.9"]);
    scratch.git(["config", "fetch.pruneTags", "true"]);
    scratch.git(["config", "push.followTags", "true"]);
    let latest = scratch.git(["rev-parse", "latest"]).stdout;
    scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    assert_eq!(scratch.git(["rev-parse", "latest"]).stdout, latest);
    scratch.git(["rev-parse", "--verify", "v0.9.9"]);
    assert!(!crate::is_published(&scratch, "refs/tags/v0.9.9"));
    assert!(crate::is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn what_was_done_before_a_failure_is_told() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    change(&scratch, "master", "a.txt", "feat: the first thing (#1)");
    crate::refuse(&scratch);
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(2);
    let told = "`push prepare-1.1.0 to origin` failed (done: fetch origin; make the branch prepare-1.1.0 at ";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("; commit "), "{}", ran.stderr);
}

#[test]
fn grafts_hide_no_change() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    for name in ["one", "two", "three"] {
        scratch.write(name, name);
        scratch.commit(&format!("feat: thing {name}"));
    }
    let all = scratch.relguard(["changelog", "1.1.0", "--stdout"]).exits(0).stdout;
    assert!(all.contains("Thing one") && all.contains("Thing two"), "{all}");
    let ids = scratch.git(["rev-parse", "HEAD", "v1.0.0^{commit}"]).stdout.replace('\n', " ");
    scratch.write(".git/info/grafts", format!("{}\n", ids.trim()));
    assert_eq!(scratch.relguard(["changelog", "1.1.0", "--stdout"]).exits(0).stdout, all);
}

#[test]
fn a_tag_that_somebody_made_elsewhere_is_held_against_the_rules() {
    let scratch = guarded();
    scratch.relguard(["branch", "--push"]).exits(0);
    crate::open(&scratch);
    scratch.write("a.txt", "never merged");
    scratch.commit("never merged");
    scratch.git(["tag", "--annotate", "--message=x", "v1.0.0"]);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "v1.0.0"]);
    crate::accept(&scratch);
    for args in [&["tag"][..], &["release"], &["release", "--run"], &["release", "--dry-run"]] {
        let ran = run(scratch.relguard_command(&[args, &["1.0.0"]].concat())).exits(1);
        assert!(ran.stdout.contains("error[tag/branch]"), "{args:?}: {}", ran.stdout);
        if args[0] == "release" {
            // A published tag never moves, so that it is no step to be done.
            stages(&ran, &["done prepare", "done branch", "waiting tag"]);
            assert!(
                ran.stdout.contains("and is wrong; a published tag stays: release 1.0.1\n"),
                "{}",
                ran.stdout
            );
        }
    }
}

#[test]
fn a_line_does_not_go_back_and_nothing_is_begun() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    change(&scratch, "release-1.0", "a.txt", "fix: something (#1)");
    let ran = scratch.relguard(["release", "1.0.0-rc.3", "--run"]).exits(2);
    let said = "release-1.0 carries 1.0.0 already: it does not go back to 1.0.0-rc.3";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!scratch.git(["branch"]).stdout.contains("prepare"));
}

#[test]
fn a_preparation_that_is_out_of_date_is_not_gone_on_with() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.git(["branch", "prepare-1.1.0"]);
    change(&scratch, "master", "a.txt", "feat: the first thing (#1)");
    let ran = scratch.relguard(["release", "1.1.0", "--run"]).exits(2);
    assert!(ran.stderr.contains("prepare-1.1.0 is here at "), "{}", ran.stderr);
    assert!(ran.stderr.contains("and lacks what master has"), "{}", ran.stderr);
}

#[test]
fn what_is_taken_back_reads_as_such() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.git(["commit", "--quiet", "--allow-empty", "--no-verify", "-m", "revert: feat: shiny (#50)"]);
    let section = scratch.relguard(["changelog", "1.1.0", "--stdout"]).exits(0).stdout;
    assert!(section.contains("- Revert feat: shiny (#50)"), "{section}");
}

#[test]
fn what_its_section_does_not_tell_is_said_by_every_run() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    change(&scratch, "master", "a.txt", "feat: the first thing (#1)");
    scratch.relguard(["release", "1.1.0", "--run"]).exits(0);
    scratch.git(["push", "--quiet", "origin", "prepare-1.1.0:master"]);
    change(&scratch, "master", "b.txt", "feat: late (#2)");
    let note = "1 change is in 1.1.0 that its section does not tell: relguard changelog 1.1.0";
    for args in
        [&["release", "1.1.0"][..], &["release", "1.1.0", "--dry-run"], &["release", "1.1.0", "--run"]]
    {
        let ran = run(scratch.relguard_command(&[args, &["--format", "json"]].concat())).exits(0);
        let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(plan["notes"], serde_json::json!([note]), "{args:?}");
    }
    assert!(crate::is_published(&scratch, "refs/tags/v1.1.0"));
}

#[test]
fn a_candidate_that_needs_no_section_is_not_said_to_lack_one() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "changelog: {prereleases: optional}\n");
    scratch.commit("feat: candidates have no section (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch.relguard(["bump", "1.1.0-rc.1", "--commit"]).exits(0);
    scratch.git(["reset", "--quiet", "--soft", "HEAD~"]);
    scratch.git(["reset", "--quiet", "--", "docs"]);
    scratch.git(["clean", "--force", "--quiet", "docs"]);
    scratch.git(["commit", "--quiet", "-m", "chore: set the version to 1.1.0-rc.1"]);
    scratch.git(["push", "--quiet", "origin", "master"]);
    let ran = scratch.relguard(["release", "1.1.0-rc.1", "--run"]).exits(0);
    stages(&ran, &["done prepare", "done branch", "done tag"]);
    assert!(!ran.stdout.contains("note:") && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn nothing_is_no_release() {
    for config in ["", "charts: [{path: charts/nope}]\n"] {
        let scratch = guarded();
        crate::open(&scratch);
        scratch.write(".relguard.yaml", config);
        if config.is_empty() {
            scratch.git(["rm", "--quiet", "-r", "charts"]);
        }
        scratch.git(["add", "--all"]);
        scratch.git(["commit", "--quiet", "--no-verify", "-m", "feat: nothing"]);
        scratch.git(["push", "--quiet", "--no-verify", "origin", "master"]);
        crate::accept(&scratch);
        let before = published(&scratch);
        for more in [&[][..], &["--run"], &["--dry-run"]] {
            let ran = run(scratch.relguard_command(&[&["release", "1.1.0"], more].concat())).exits(2);
            assert!(ran.stderr.contains("no chart was found on master"), "{}", ran.stderr);
            assert_eq!(ran.stdout, "");
        }
        assert_eq!(published(&scratch), before);
        assert!(!scratch.git(["branch"]).stdout.contains("prepare"));
    }
}

#[test]
fn nothing_is_prepared_in_a_bare_repository() {
    let scratch = guarded();
    let bare = crate::server(&scratch);
    let release = |version: &str| {
        let args = ["-C", bare.to_str().unwrap(), "release", version, "--run"];
        run(scratch.relguard_command(&args))
    };
    let ran = release("1.1.0").exits(2);
    assert!(ran.stderr.contains("the repository is bare: 1.1.0 can't be prepared"), "{}", ran.stderr);
    // What needs no files is done there as well.
    stages(&release("1.0.0").exits(0), &["done prepare", "done branch", "done tag"]);
}
