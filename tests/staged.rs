//! What `fix --staged` and `hook pre-commit --fix` leave in the index and on disk, by git's own account.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests make the files that they judge by")]

#[path = "support/chart.rs"]
mod chart;
#[path = "staged/commits.rs"]
mod commits;
#[path = "staged/forms.rs"]
mod forms;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chart::{
    CHART, LOG, NEW_LOG, VALUES, bump, edit, git_state, in_index, project, staged, status, unstaged,
};
use support::Scratch;

/// What the commit of 1.0.1 has to bring.
const MENDED: &str = "\
a/charts/app/Chart.yaml b/charts/app/Chart.yaml
-version: 1.0.0
+version: 1.0.1
-appVersion: \"1.0.0\"
+appVersion: \"1.0.1\"
a/charts/app/values.yaml b/charts/app/values.yaml
-  tag: v1.0.0
+  tag: v1.0.1
a/docs/CHANGELOG/CHANGELOG-1.0.md b/docs/CHANGELOG/CHANGELOG-1.0.md
+# v1.0.1
+
+- None.
+
";

/// A project with 1.0.1 staged in Chart.yaml alone.
fn bumped() -> Scratch {
    let scratch = project();
    bump(&scratch, "1.0.1");
    scratch.git(["add", CHART]);
    scratch
}

#[test]
fn all_is_mended_where_all_is_staged() {
    let scratch = bumped();
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), "");
    let before = (git_state(&scratch), scratch.files());
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!((git_state(&scratch), scratch.files()), before, "a second run changes nothing");
}

#[test]
fn a_diff_writes_nothing() {
    let scratch = bumped();
    let before = (git_state(&scratch), scratch.files());
    scratch.relguard(["fix", "--staged", "--diff"]).exits(1);
    assert_eq!((git_state(&scratch), scratch.files()), before);
}

#[test]
fn unstaged_hunks_stay_unstaged() {
    let scratch = bumped();
    edit(&scratch, CHART, "an app", "the app");
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    edit(&scratch, LOG, "- The first one.", "- The very first one.");
    edit(&scratch, "README.md", "An app.", "The app.");
    let open = unstaged(&scratch);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), open);
}

#[test]
fn an_unstaged_change_of_the_line_that_is_mended_stays() {
    let scratch = bumped();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion:   '1.0.0' # mine");
    edit(&scratch, VALUES, "  tag: v1.0.0", "  tag: v1.0.0 # mine");
    edit(&scratch, LOG, "# v1.0.0", "# v1.0.0 (mine)");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    let open = "\
a/charts/app/Chart.yaml b/charts/app/Chart.yaml
-appVersion: \"1.0.1\"
+appVersion:   '1.0.1' # mine
a/charts/app/values.yaml b/charts/app/values.yaml
-  tag: v1.0.1
+  tag: v1.0.1 # mine
a/docs/CHANGELOG/CHANGELOG-1.0.md b/docs/CHANGELOG/CHANGELOG-1.0.md
-# v1.0.0
+# v1.0.0 (mine)
";
    assert_eq!(unstaged(&scratch), open);
}

#[test]
fn a_value_that_was_mended_by_hand_on_disk_is_left_alone() {
    let scratch = bumped();
    edit(&scratch, VALUES, "tag: v1.0.0", "tag: v1.0.1");
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: 1.0.1");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    let open =
        "a/charts/app/Chart.yaml b/charts/app/Chart.yaml\n-appVersion: \"1.0.1\"\n+appVersion: 1.0.1\n";
    assert_eq!(unstaged(&scratch), open);
}

#[test]
fn files_on_disk_that_are_a_release_ahead_keep_what_the_commit_brings() {
    let scratch = bumped();
    edit(&scratch, CHART, "\nversion: 1.0.1\n", "\nversion: 1.0.2\n");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert!(
        scratch.read(LOG).starts_with("# v1.0.2\n\n- None.\n\n# v1.0.1\n\n- None.\n\n# v1.0.0\n"),
        "{}",
        scratch.read(LOG)
    );
    assert!(!unstaged(&scratch).contains("-# v1.0.1"), "{}", unstaged(&scratch));
}

#[test]
fn a_new_changelog_is_made_in_the_index_and_on_disk() {
    let scratch = project();
    bump(&scratch, "1.1.0");
    scratch.git(["add", CHART]);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(status(&scratch), format!("M  {CHART}\nM  {VALUES}\nA  {NEW_LOG}\n"));
    assert_eq!(in_index(&scratch, NEW_LOG), scratch.read(NEW_LOG));
    assert_eq!(unstaged(&scratch), "");
}

#[test]
fn a_new_changelog_is_on_disk_too_where_the_version_there_is_another() {
    let scratch = project();
    bump(&scratch, "1.1.0");
    scratch.git(["add", CHART]);
    edit(&scratch, CHART, "\nversion: 1.1.0\n", "\nversion: 1.2.0\n");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(in_index(&scratch, NEW_LOG), scratch.read(NEW_LOG));
    assert!(!scratch.path().join("docs/CHANGELOG/CHANGELOG-1.2.md").exists(), "nothing staged asks for it");
}

#[test]
fn an_untracked_changelog_is_not_hidden_by_a_stub() {
    for announced in [false, true] {
        let scratch = project();
        bump(&scratch, "1.1.0");
        scratch.git(["add", CHART]);
        scratch.write(NEW_LOG, "# v1.1.0\n\n- All that is new.\n");
        if announced {
            scratch.git(["add", "--intent-to-add", NEW_LOG]);
        }
        let ran = scratch.relguard(["fix", "--staged"]).exits(1);
        assert!(ran.stdout.contains(&format!("git add {NEW_LOG}")), "{}", ran.stdout);
        assert_eq!(scratch.read(NEW_LOG), "# v1.1.0\n\n- All that is new.\n");
        let new = if announced { " A" } else { "??" };
        let mut lines: Vec<_> = status(&scratch).lines().map(str::to_owned).collect();
        lines.sort();
        let mut wanted = vec![format!("M  {CHART}"), format!("M  {VALUES}"), format!("{new} {NEW_LOG}")];
        wanted.sort();
        assert_eq!(lines, wanted);
        let ran = scratch.relguard(["hook", "pre-commit", "--fix"]).exits(1);
        assert!(ran.stdout.contains(&format!("git add {NEW_LOG}")), "{}", ran.stdout);
        scratch.git(["add", NEW_LOG]);
        scratch.relguard(["hook", "pre-commit"]).exits(0);
    }
}

#[test]
fn files_that_are_gone_from_disk_stay_gone() {
    let scratch = bumped();
    for path in [VALUES, LOG] {
        fs::remove_file(scratch.path().join(path)).unwrap();
    }
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(status(&scratch), format!("M  {CHART}\nMD {VALUES}\nMD {LOG}\n"));
}

#[test]
fn only_what_is_staged_is_judged() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    let before = (git_state(&scratch), scratch.files());
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!((git_state(&scratch), scratch.files()), before, "the bump is not staged");
}

#[test]
fn a_write_that_fails_leaves_everything_as_it_was() {
    let scratch = bumped();
    let values = scratch.path().join(VALUES);
    fs::set_permissions(&values, fs::Permissions::from_mode(0o444)).unwrap();
    let before = (git_state(&scratch), scratch.files());
    let ran = scratch.relguard(["fix", "--staged"]).exits(2);
    assert!(ran.stderr.contains("values.yaml can't be written"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    assert_eq!((git_state(&scratch), scratch.files()), before);
}

#[test]
fn a_locked_index_leaves_everything_as_it_was() {
    let scratch = bumped();
    fs::write(scratch.path().join(".git/index.lock"), "").unwrap();
    let before = (git_state(&scratch), scratch.files());
    for args in [["fix", "--staged", "--quiet"], ["hook", "pre-commit", "--fix"]] {
        let ran = scratch.relguard(args).exits(2);
        assert!(ran.stderr.contains("index.lock is there; nothing was changed"), "{}", ran.stderr);
        assert!(ran.stderr.contains("another git command"), "{}", ran.stderr);
        assert_eq!((git_state(&scratch), scratch.files()), before);
    }
}

#[test]
fn a_config_that_is_broken_on_disk_only_does_not_stop_the_hook() {
    let scratch = bumped();
    scratch.write(".relguard.yaml", "nonsense: [\n");
    scratch.relguard(["hook", "pre-commit", "--fix"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), "");
}
