use crate::chart::{CHART, LOG, VALUES, edit, project, status};
use crate::support::Scratch;

/// Two branches from one commit, the second of which has a mistake in its history.
fn branches() -> Scratch {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "-b", "topic"]);
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: 0.9.0");
    scratch.commit("a mistake");
    scratch.git(["checkout", "--quiet", "master"]);
    edit(&scratch, "README.md", "An app.", "The app.");
    scratch.commit("meanwhile");
    scratch.relguard(["install"]).exits(0);
    scratch
}

#[test]
fn what_a_parent_has_is_not_new() {
    let scratch = branches();
    let ran = scratch.git(["merge", "--no-edit", "topic"]);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "{}{}", ran.stdout, ran.stderr);
    // The same brought by a commit of one parent is.
    let scratch = branches();
    scratch.git(["merge", "--squash", "topic"]);
    let ran = scratch.try_git(["commit", "-m", "x"]).exits(1);
    assert!(ran.stderr.contains("error[chart/app-version]"), "{}", ran.stderr);
}

#[test]
fn what_only_the_merge_makes_is_refused() {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "-b", "topic"]);
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"1.0.1\"");
    edit(&scratch, CHART, "\nversion: 1.0.0", "\nversion: 1.0.1");
    edit(&scratch, VALUES, "v1.0.0", "v1.0.1");
    edit(&scratch, LOG, "# v1.0.0", "# v1.0.1\n\n- Better.\n\n# v1.0.0");
    scratch.commit("Release 1.0.1");
    scratch.git(["checkout", "--quiet", "master"]);
    scratch.write(
        "charts/second/Chart.yaml",
        "apiVersion: v2\nname: second\nversion: 1.0.0\nappVersion: 1.0.0\n",
    );
    scratch.commit("a second chart");
    scratch.relguard(["install"]).exits(0);
    let ran = scratch.try_git(["merge", "--no-edit", "topic"]);
    assert_ne!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("error[chart/one-version]"), "{}{}", ran.stdout, ran.stderr);
    scratch.git(["merge", "--abort"]);
    scratch.git(["merge", "--no-edit", "--no-verify", "topic"]);
}

#[test]
fn a_merge_that_is_concluded_by_hand() {
    let scratch = branches();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: 1.0.0 # pinned");
    scratch.git(["commit", "--quiet", "--all", "-m", "a conflict"]);
    assert_eq!(scratch.try_git(["merge", "topic"]).status, 1);
    assert!(status(&scratch).contains("UU "), "{}", status(&scratch));
    // While the conflict stands, git itself refuses; the hook says where it is.
    let ran = scratch.relguard(["hook", "pre-commit"]).exits(1);
    assert!(ran.stdout.contains("unresolved merge conflict"), "{}", ran.stdout);
    scratch.git(["checkout", "--quiet", "--ours", CHART]);
    edit(&scratch, CHART, "appVersion: 1.0.0 # pinned", "appVersion: 0.8.0");
    scratch.git(["add", CHART]);
    let ran = scratch.try_git(["commit", "--no-edit"]).exits(1);
    assert!(
        ran.stderr.contains("error[chart/app-version]: appVersion is 0.8.0"),
        "neither has this one: {}",
        ran.stderr
    );
    edit(&scratch, CHART, "appVersion: 0.8.0", "appVersion: 0.9.0");
    scratch.git(["add", CHART]);
    let ran = scratch.git(["commit", "--no-edit"]);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "topic has this one: {}", ran.stderr);
}

#[test]
fn a_merge_in_which_nothing_is_touched_shows_what_is_there() {
    let scratch = branches();
    scratch.git(["merge", "--no-commit", "--strategy=ours", "topic"]);
    scratch.git(["commit", "--quiet", "--no-edit"]);
}

#[test]
fn a_cherry_pick_is_judged_where_git_asks() {
    let scratch = branches();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: 1.0.0 # pinned");
    scratch.git(["commit", "--quiet", "--all", "-m", "a conflict"]);
    assert_eq!(scratch.try_git(["cherry-pick", "topic"]).status, 1);
    scratch.git(["checkout", "--quiet", "--theirs", CHART]);
    scratch.git(["add", CHART]);
    let ran = scratch.try_git(["cherry-pick", "--continue", "--no-edit"]);
    assert_ne!(ran.status, 0);
    assert!(ran.stderr.contains("error[chart/app-version]"), "{}", ran.stderr);
    edit(&scratch, CHART, "appVersion: 0.9.0", "appVersion: 1.0.0 # picked");
    scratch.git(["add", CHART]);
    scratch.git(["cherry-pick", "--continue", "--no-edit"]);
}
