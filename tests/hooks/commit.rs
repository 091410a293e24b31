use crate::chart::{self, CHART, LOG, VALUES, bump, edit, project};
use crate::support::{Scratch, isolated, run};
use crate::{RELGUARD, refused, run_in, stage_a_mistake};

fn guarded() -> Scratch {
    let scratch = project();
    scratch.relguard(["install"]).exits(0);
    scratch
}

/// Writes what 1.0.1 asks for beside Chart.yaml's version.
fn complete(scratch: &Scratch) {
    edit(scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"1.0.1\"");
    edit(scratch, VALUES, "v1.0.0", "v1.0.1");
    edit(scratch, LOG, "# v1.0.0", "# v1.0.1\n\n- Better.\n\n# v1.0.0");
}

#[test]
fn a_release_is_committed_whole_or_not_at_all() {
    let scratch = guarded();
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
    refused(scratch.try_git(["commit", "--all", "-m", "x"]));
    refused(scratch.try_git(["commit", "-m", "x", CHART]));
    complete(&scratch);
    let ran = scratch.git(["commit", "--all", "--quiet", "-m", "x"]);
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
}

#[test]
fn the_branch_of_the_chart_index_has_no_charts() {
    let scratch = guarded();
    scratch.git(["switch", "--quiet", "--orphan", "gh-pages"]);
    scratch.write("index.html", "<p>Charts</p>\n");
    scratch.git(["add", "index.html"]);
    scratch.git(["commit", "--quiet", "-m", "Pages"]);
    scratch.write("index.yaml", "apiVersion: v1\nentries: {}\n");
    scratch.git(["add", "index.yaml"]);
    let ran = scratch.git(["commit", "--quiet", "-m", "An index"]);
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
    // Any other without a chart is refused as before.
    scratch.git(["switch", "--quiet", "--orphan", "pages"]);
    scratch.write("index.html", "<p>Charts</p>\n");
    scratch.git(["add", "index.html"]);
    let ran = scratch.try_git(["commit", "-m", "Pages"]).exits(1);
    assert!(ran.stderr.contains("error[chart/version]: no chart found"), "{}", ran.stderr);
}

#[test]
fn the_index_counts_and_not_the_files_on_disk() {
    let scratch = guarded();
    stage_a_mistake(&scratch);
    complete(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
    scratch.git(["add", "--all"]);
    edit(&scratch, VALUES, "v1.0.1", "v9.9.9");
    scratch.git(["commit", "--quiet", "-m", "x"]);
    assert_eq!(chart::status(&scratch), format!(" M {VALUES}\n"));
}

#[test]
fn a_commit_of_a_file_is_judged_without_what_else_is_staged() {
    let scratch = guarded();
    bump(&scratch, "1.0.1");
    complete(&scratch);
    scratch.git(["add", "--all"]);
    let ran = scratch.try_git(["commit", "-m", "x", CHART, LOG]).exits(1);
    assert!(ran.stderr.contains("error[chart/values-sync]"), "{}", ran.stderr);
    scratch.git(["commit", "--quiet", "-m", "x", "charts", LOG]);
}

#[test]
fn an_index_that_is_partly_staged() {
    let scratch = guarded();
    bump(&scratch, "1.0.1");
    complete(&scratch);
    scratch.git(["add", "docs", VALUES]);
    // Of Chart.yaml only the first of two hunks, as `git add -p` does.
    let patch = "--- a/charts/app/Chart.yaml\n+++ b/charts/app/Chart.yaml\n@@ -4 +4 @@\n-version: 1.0.0\n+version: 1.0.1\n";
    scratch.write("../patch", patch);
    scratch.git(["apply", "--cached", "--unidiff-zero", "../patch"]);
    refused(scratch.try_git(["commit", "-m", "x"]));
    scratch.git(["add", CHART]);
    scratch.git(["commit", "--quiet", "-m", "x"]);
}

#[test]
fn amend_and_from_a_subfolder() {
    let scratch = guarded();
    edit(&scratch, "README.md", "An app.", "The app.");
    scratch.git(["commit", "--quiet", "--all", "-m", "good"]);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "--amend", "--no-edit"]));
    refused(run_in(&scratch, scratch.path().join("charts/app"), "git", &["commit", "-m", "x"]));
    refused(run_in(&scratch, scratch.path().join("docs"), "git", &["commit", "-a", "-m", "x"]));
}

#[test]
fn where_the_environment_names_the_repository() {
    let scratch = guarded();
    stage_a_mistake(&scratch);
    for (folder, worktree) in [(scratch.outside(""), true), (scratch.path(), false)] {
        let mut command = isolated("git", &scratch.outside(""));
        command.args(["commit", "-m", "x"]).env("GIT_DIR", scratch.path().join(".git")).current_dir(folder);
        if worktree {
            command.env("GIT_WORK_TREE", scratch.path());
        }
        refused(run(command));
    }
}

#[test]
fn a_git_directory_that_lies_elsewhere() {
    let scratch = project();
    let git_dir = scratch.outside("elsewhere");
    std::fs::rename(scratch.path().join(".git"), &git_dir).unwrap();
    let with = |program: &str, args: &[&str]| {
        let mut command = isolated(program, &scratch.outside(""));
        command.args(args).env("GIT_DIR", &git_dir).current_dir(scratch.path());
        run(command)
    };
    with(RELGUARD, &["check"]).exits(0);
    with(RELGUARD, &["install"]).exits(0);
    assert!(git_dir.join("hooks/pre-commit").exists());
    bump(&scratch, "1.0.1");
    refused(with("git", &["commit", "--all", "-m", "x"]));
    with(RELGUARD, &["fix"]).exits(0);
    with("git", &["commit", "--all", "--quiet", "-m", "x"]).exits(0);
}

#[test]
fn a_commit_that_touches_nothing_is_passed_in_silence() {
    let scratch = project();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"9.9.9\"");
    scratch.commit("a mistake from before");
    scratch.relguard(["install"]).exits(0);
    // On disk there is worse, and it plays no part.
    scratch.write(VALUES, "[nonsense");
    scratch.write("README.md", "Another.\n");
    scratch.git(["add", "README.md"]);
    let ran = scratch.relguard(["hook", "pre-commit"]).exits(0);
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
    let report = scratch.json(["hook", "pre-commit"]);
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0));
    let ran = scratch.git(["commit", "--quiet", "-m", "x"]);
    assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()));
}

#[test]
fn what_was_there_before_is_a_warning_and_what_comes_is_an_error() {
    let scratch = project();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"0.9.0\"");
    scratch.commit("a mistake from before");
    scratch.relguard(["install"]).exits(0);
    edit(&scratch, CHART, "an app", "the app");
    let ran = scratch.git(["commit", "--all", "-m", "x"]);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "{}", ran.stderr);
    edit(&scratch, VALUES, "v1.0.0", "v0.9.0");
    let ran = scratch.try_git(["commit", "--all", "-m", "x"]).exits(1);
    assert!(ran.stderr.contains("error[chart/values-sync]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "{}", ran.stderr);
    scratch.git(["checkout", "--quiet", "HEAD", VALUES]);
    edit(&scratch, CHART, "appVersion: \"0.9.0\"", "appVersion: \"0.8.0\"");
    refused(scratch.try_git(["commit", "--all", "-m", "x"]));
    scratch.git(["commit", "--all", "--no-verify", "--quiet", "-m", "x"]);
}

#[test]
fn the_config_of_the_index_judges() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "rules: { chart/app-version: off, changelog/section: off }\n");
    bump(&scratch, "1.0.1");
    edit(&scratch, VALUES, "v1.0.0", "v1.0.1");
    scratch.git(["add", CHART, VALUES]);
    refused(scratch.try_git(["commit", "-m", "x"]));
    scratch.git(["add", ".relguard.yaml"]);
    scratch.git(["commit", "--quiet", "-m", "x"]);
}

#[test]
fn a_broken_config_is_refused_and_repairing_it_is_not() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "chart: []\n");
    scratch.git(["add", ".relguard.yaml"]);
    let ran = scratch.relguard(["hook", "pre-commit"]).exits(2);
    assert!(ran.stderr.contains(".relguard.yaml:1:1"), "{}", ran.stderr);
    scratch.try_git(["commit", "-m", "x"]).exits(1);
    scratch.git(["commit", "--quiet", "--no-verify", "-m", "x"]);
    scratch.write(".relguard.yaml", "rules: {}\n");
    scratch.git(["commit", "--quiet", "--all", "-m", "repaired"]);
}

#[test]
fn a_broken_config_can_be_taken_out() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "chart: []\n");
    scratch.git(["add", ".relguard.yaml"]);
    scratch.git(["commit", "--quiet", "--no-verify", "-m", "x"]);
    scratch.git(["rm", "--quiet", ".relguard.yaml"]);
    scratch.git(["commit", "--quiet", "-m", "taken out"]);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
}

#[test]
fn a_commit_does_not_bring_its_own_exceptions() {
    let scratch = guarded();
    scratch.git(["checkout", "--quiet", "-b", "topic"]);
    stage_a_mistake(&scratch);
    let config = "default-branch: topic\nexceptions: [{rule: chart/app-version, on: index, reason: mine}]\n";
    scratch.write(".relguard.yaml", config);
    scratch.git(["add", ".relguard.yaml"]);
    refused(scratch.try_git(["commit", "-m", "x"]));
}
