//! `bump`: the version in the charts and in what carries it, and not a byte more.

use crate::chart::{CHART, VALUES, brought, edit, project, status, unstaged};
use crate::dry_then_real;
use crate::support::{Scratch, script};

/// The version that the chart has on disk.
fn version(scratch: &Scratch) -> String {
    let text = scratch.read(CHART);
    text.lines().find_map(|line| line.strip_prefix("version: ")).unwrap().to_owned()
}

#[test]
fn the_words_and_what_they_make_of_a_version() {
    let scratch = project();
    let steps = [
        ("1.0.0", "patch", "1.0.1"),
        ("1.0.1", "minor", "1.1.0"),
        ("1.1.0", "major", "2.0.0"),
        ("2.0.0", "2.1.0-rc.1", "2.1.0-rc.1"),
        ("2.1.0-rc.1", "rc", "2.1.0-rc.2"),
        ("2.1.0-rc.2", "patch", "2.1.0"),
        ("2.1.0", "v2.1.1-rc.9", "2.1.1-rc.9"),
        ("2.1.1-rc.9", "rc", "2.1.1-rc.10"),
        ("2.1.1-rc.10", "final", "2.1.1"),
        ("2.1.1", "2.2.0-alpha.1", "2.2.0-alpha.1"),
        ("2.2.0-alpha.1", "minor", "2.2.0"),
        ("2.2.0", "2.2.1-rc.0", "2.2.1-rc.0"),
        ("2.2.1-rc.0", "minor", "2.3.0"),
        ("2.3.0", "3.0.0-rc.1", "3.0.0-rc.1"),
        ("3.0.0-rc.1", "major", "3.0.0"),
        ("3.0.0", "3.1.0-rc.1", "3.1.0-rc.1"),
        ("3.1.0-rc.1", "major", "4.0.0"),
    ];
    for (from, word, to) in steps {
        assert_eq!(version(&scratch), from);
        scratch.relguard(["bump", word]).exits(0);
        assert_eq!(version(&scratch), to, "{word} of {from}");
        assert!(scratch.read(VALUES).contains(&format!("  tag: v{to}\n")), "{}", scratch.read(VALUES));
    }
}

#[test]
fn no_other_byte_changes() {
    let scratch = project();
    scratch.write(".relguard.yaml", "carriers:\n  - {file: VERSION, value: \"v{version}\"}\n");
    scratch.write("VERSION", "v1.0.0");
    edit(&scratch, CHART, "\n# what it deploys\n", "\r\n# what it deploys\r\n");
    edit(
        &scratch,
        CHART,
        "appVersion: \"1.0.0\"\n",
        "appVersion: '1.0.0' # kept\ndependencies:\n  - {name: b, version: 1.0.0, repository: \"\"}\n",
    );
    scratch.commit("a carrier");
    dry_then_real(&scratch, &["bump", "minor"]);
    let changed = unstaged(&scratch);
    let wanted = "a/VERSION b/VERSION\n-v1.0.0\n\\ No newline at end of file\n+v1.1.0\n\\ No newline at end of file\n\
        a/charts/app/Chart.yaml b/charts/app/Chart.yaml\n-version: 1.0.0\n+version: 1.1.0\n\
        -appVersion: '1.0.0' # kept\n+appVersion: '1.1.0' # kept\n\
        a/charts/app/values.yaml b/charts/app/values.yaml\n-  tag: v1.0.0\n+  tag: v1.1.0\n";
    assert_eq!(changed, wanted);
    // Again: nothing is left to do.
    let ran = scratch.relguard(["bump", "1.1.0"]).exits(0);
    assert_eq!(ran.stdout, "already done: everything carries 1.1.0\n");
    assert_eq!(unstaged(&scratch), wanted);
}

#[test]
fn every_chart_gets_the_version() {
    let scratch = project();
    scratch.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: \"1.0.0\"\nappVersion: 1.0.0\n");
    scratch.commit("another chart");
    scratch.relguard(["bump", "patch"]).exits(0);
    assert_eq!(
        scratch.read("charts/b/Chart.yaml"),
        "apiVersion: v2\nname: b\nversion: \"1.0.1\"\nappVersion: 1.0.1\n"
    );
    assert_eq!(version(&scratch), "1.0.1");
}

#[test]
fn a_commit_passes_the_hook_with_its_section_begun() {
    let scratch = project();
    scratch.relguard(["install"]).exits(0);
    dry_then_real(&scratch, &["bump", "minor", "--commit"]);
    assert_eq!(status(&scratch), "");
    assert_eq!(scratch.git(["log", "-1", "--format=%s"]).stdout, "chore: set the version to 1.1.0\n");
    let files = brought(&scratch, "HEAD");
    let names: Vec<&str> = files.lines().filter(|line| line.starts_with("a/")).collect();
    let (chart, values) = (format!("a/{CHART} b/{CHART}"), format!("a/{VALUES} b/{VALUES}"));
    assert_eq!(
        names,
        [chart.as_str(), &values, "a/docs/CHANGELOG/CHANGELOG-1.1.md b/docs/CHANGELOG/CHANGELOG-1.1.md"]
    );
    scratch.relguard(["check"]).exits(0);
    // Without --commit only the version is set; the section is the next step's.
    scratch.relguard(["bump", "2.0.0"]).exits(0);
    assert_eq!(status(&scratch), format!(" M {CHART}\n M {VALUES}\n"));
}

#[test]
fn a_commit_that_failed_is_made_by_the_next_run() {
    let scratch = project();
    let hook = scratch.path().join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n");
    let ran = scratch.relguard(["bump", "patch", "--commit"]).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("not on a Friday"), "{}", ran.stderr);
    assert_eq!(version(&scratch), "1.0.1");
    std::fs::remove_file(hook).unwrap();
    let ran = scratch.relguard(["bump", "patch", "--commit"]).exits(0);
    assert!(ran.stdout.starts_with("already done: the files carry 1.0.1\ndone: commit "), "{}", ran.stdout);
    assert_eq!(status(&scratch), "");
    assert_eq!(version(&scratch), "1.0.1");
    assert_eq!(scratch.git(["rev-list", "--count", "HEAD"]).stdout, "2\n");
}

#[test]
fn files_that_were_written_and_not_all_are_gone_on_with() {
    let scratch = project();
    scratch.relguard(["bump", "minor"]).exits(0);
    // Cut off before all of them were there, the new changelog among them.
    scratch.git(["checkout", "--quiet", "--", VALUES]);
    let ran = scratch.relguard(["bump", "minor", "--commit"]).exits(0);
    assert!(ran.stdout.contains("CHANGELOG-1.1.md"), "{}", ran.stdout);
    assert_eq!((version(&scratch).as_str(), status(&scratch).as_str()), ("1.1.0", ""));
    // All of them, and the new one not added yet.
    scratch.git(["reset", "--quiet", "--soft", "HEAD~1"]);
    scratch.git(["reset", "--quiet"]);
    let ran = scratch.relguard(["bump", "minor", "--commit"]).exits(0);
    assert!(ran.stdout.starts_with("already done: the files carry 1.1.0"), "{}", ran.stdout);
    assert_eq!((version(&scratch).as_str(), status(&scratch).as_str()), ("1.1.0", ""));
    scratch.relguard(["check"]).exits(0);
}

#[test]
fn what_the_projects_own_hook_adds_goes_with_the_commit() {
    let scratch = project();
    let hook = scratch.path().join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\ngrep version: charts/app/Chart.yaml >NOTES && git add NOTES\n");
    scratch.relguard(["bump", "minor", "--commit"]).exits(0);
    assert_eq!(status(&scratch), "");
    assert_eq!(scratch.git(["show", "HEAD:NOTES"]).stdout, "version: 1.1.0\n");
}

#[test]
fn what_is_not_committed_yet_is_never_swept_along() {
    let scratch = project();
    edit(&scratch, "README.md", "An app.", "My app.");
    let ran = scratch.relguard(["bump", "patch", "--commit"]).exits(2);
    assert!(
        ran.stderr.contains("needs a clean working tree, and these files are changed: README.md"),
        "{}",
        ran.stderr
    );
    assert_eq!(version(&scratch), "1.0.0");
    // It edits on top of it.
    scratch.relguard(["bump", "patch"]).exits(0);
    assert_eq!(version(&scratch), "1.0.1");
    let ran = scratch.relguard(["bump", "patch", "--commit"]).exits(2);
    assert!(ran.stderr.contains("clean working tree"), "{}", ran.stderr);
    // What lies beside the tracked files is no part of it.
    scratch.git(["checkout", "--quiet", "--", "."]);
    scratch.write("notes.txt", "mine\n");
    scratch.relguard(["bump", "patch", "--commit"]).exits(0);
    assert_eq!(status(&scratch), "?? notes.txt\n");
}

#[test]
fn what_is_refused_and_why() {
    let scratch = project();
    scratch.git(["tag", "v1.0.1"]);
    for (args, status, said) in [
        (["bump", "rc"], 2, "relguard bump 1.1.0-rc.1"),
        (["bump", "final"], 2, "1.0.0 is no prerelease"),
        (["bump", "1.18446744073709551616.0"], 2, "is no version"),
        (["bump", "1.2"], 2, "`1.2` is no version"),
        (["bump", "v01.2.3"], 2, "`v01.2.3` is no version"),
        (["bump", "mayor"], 2, "did you mean `major`?"),
        (["bump", "patch"], 2, "1.0.1 is released already: the tag v1.0.1 is there"),
    ] {
        let ran = scratch.relguard(args).exits(status);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        assert_eq!((ran.stdout.as_str(), version(&scratch).as_str()), ("", "1.0.0"));
    }
    scratch.relguard(["bump", "1.18446744073709551615.0"]).exits(0);
    let ran = scratch.relguard(["bump", "minor"]).exits(2);
    assert!(ran.stderr.contains("comes after 18446744073709551615"), "{}", ran.stderr);
    scratch.relguard(["bump", "1.2.0-alpha.x"]).exits(0);
    let ran = scratch.relguard(["bump", "rc"]).exits(2);
    assert!(ran.stderr.contains("relguard bump 1.2.0-rc.1"), "{}", ran.stderr);
    edit(&scratch, CHART, "\nversion: 1.2.0-alpha.x\n", "\nversion: soon\n");
    let ran = scratch.relguard(["bump", "patch"]).exits(2);
    assert!(ran.stderr.contains("the chart's version is not SemVer"), "{}", ran.stderr);
    scratch.relguard(["bump", "1.2.0"]).exits(0);
    assert_eq!(version(&scratch), "1.2.0");
}

#[test]
fn what_the_rules_refuse_is_not_written() {
    let scratch = project();
    scratch.git(["tag", "v1.0.0"]);
    // Lower than what is released.
    let ran = scratch.relguard(["bump", "0.9.0"]).exits(1);
    assert!(ran.stdout.contains("error[chart/version-order]"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("refused: set the version to 0.9.0\n"), "{}", ran.stdout);
    assert_eq!(status(&scratch), "");
    scratch.write(VALUES, "image:\n  tag: [\n");
    let before = scratch.files();
    let ran = scratch.relguard(["bump", "patch"]).exits(1);
    assert!(ran.stdout.contains("error[chart/values-sync]"), "{}", ran.stdout);
    scratch.write(CHART, "version: [\n");
    let ran = scratch.relguard(["bump", "1.2.0"]).exits(1);
    assert!(ran.stdout.contains("error[chart/version]"), "{}", ran.stdout);
    assert_eq!(scratch.read(VALUES).as_bytes(), before[VALUES]);
}

#[test]
fn in_the_middle_of_something_nothing_is_committed() {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "-b", "topic"]);
    edit(&scratch, "README.md", "An app.", "One app.");
    scratch.commit("one");
    scratch.git(["checkout", "--quiet", "master"]);
    edit(&scratch, "README.md", "An app.", "Another app.");
    scratch.commit("another");
    for operation in ["rebase", "merge", "cherry-pick"] {
        assert_ne!(scratch.try_git([operation, "topic"]).status, 0);
        let ran = scratch.relguard(["bump", "patch", "--commit"]).exits(2);
        let said = format!("can't run in the middle of a {operation}");
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
        scratch.git([operation, "--abort"]);
    }
}

#[test]
fn without_a_chart_there_is_nothing_to_bump() {
    let scratch = project();
    scratch.write(".relguard.yaml", "charts: []\n");
    let ran = scratch.relguard(["bump", "patch"]).exits(2);
    assert!(ran.stderr.contains("the tag alone carries the version"), "{}", ran.stderr);
    scratch.write(".relguard.yaml", "charts: [{path: deploy/*}]\n");
    let ran = scratch.relguard(["bump", "patch"]).exits(2);
    assert!(ran.stderr.contains("no chart was found"), "{}", ran.stderr);
}

#[test]
fn a_version_that_is_written_as_a_block() {
    let scratch = project();
    edit(&scratch, CHART, "\nversion: 1.0.0\n", "\nversion: >-\n  1.0.0\n");
    scratch.commit("fold it");
    for args in [&["bump", "1.1.0"][..], &["bump", "1.1.0", "--commit"]] {
        let ran = crate::support::run(scratch.relguard_command(args)).exits(2);
        assert!(ran.stderr.contains("the version in charts/app/Chart.yaml:"), "{}", ran.stderr);
        assert!(ran.stderr.contains("is written as a block"), "{}", ran.stderr);
    }
    assert_eq!(status(&scratch), "");
}

#[test]
fn a_file_of_the_users_own_is_not_committed() {
    let scratch = project();
    scratch.write("docs/CHANGELOG/CHANGELOG-1.1.md", "my draft\n");
    let ran = scratch.relguard(["bump", "1.1.0", "--commit"]).exits(2);
    assert!(ran.stderr.contains("CHANGELOG-1.1.md is there, and git does not track it"), "{}", ran.stderr);
    assert_eq!(version(&scratch), "1.0.0");
}

#[test]
fn what_a_run_left_that_was_killed_goes_with_the_next() {
    let scratch = project();
    // As it is when the machine stops between the new content and its place.
    let left = "charts/app/.relguard-new-Ab3xY9Ab3xY9";
    scratch.write(left, "version: 1.0.1\n");
    let file = std::fs::File::options().write(true).open(scratch.path().join(left)).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    scratch.relguard(["bump", "patch", "--commit"]).exits(0);
    assert_eq!(status(&scratch), "");
}
