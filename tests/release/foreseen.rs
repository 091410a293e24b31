//! `release --run --dry-run`: all that the run would do, up to the step that needs a person, planned on what the
//! steps before it would leave. What is foreseen must be what is done, and foreseeing changes nothing.

use serde_json::Value;

use crate::chart::{self, CHART, edit};
use crate::support::{Ran, Scratch, run};
use crate::{dry_then_real, guarded, published};

/// The actions of a plan with their stages.
fn actions(plan: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let actions = plan["actions"].as_array().unwrap().iter();
    actions.map(|action| (text(&action["stage"]), text(&action["action"]))).collect()
}

fn pairs<'a>(wanted: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
    wanted.iter().map(|(stage, action)| ((*stage).to_owned(), (*action).to_owned())).collect()
}

/// What a run foresees for a release, as it prints it to people.
pub(crate) fn foreseen(scratch: &Scratch, version: &str) -> Vec<String> {
    let mut command = scratch.relguard_command(&["release", version, "--run", "--dry-run"]);
    command.env("SOURCE_DATE_EPOCH", "1767225600");
    lines(&run(command).exits(0), "would ")
}

/// What a run tells that it did, or would do.
pub(crate) fn lines(ran: &Ran, mark: &str) -> Vec<String> {
    ran.stdout.lines().filter_map(|line| line.trim_start().strip_prefix(mark)).map(str::to_owned).collect()
}

pub(crate) fn with_index() -> Scratch {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: {url: https://charts.example.org}\n");
    scratch.commit("say where the charts are");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch
}

#[test]
fn a_whole_release_is_foreseen() {
    let scratch = with_index();
    let plan = dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    let wanted = [
        ("-", "fetch"),
        ("branch", "create-branch"),
        ("branch", "push"),
        ("tag", "create-tag"),
        ("tag", "push"),
        ("publish", "commit-to-branch"),
        ("publish", "push"),
    ];
    assert_eq!(actions(&plan), pairs(&wanted));
    let plan = dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    assert_eq!(actions(&plan), pairs(&wanted[..1]), "what is done already is not done again");
}

#[test]
fn a_preparation_is_foreseen_up_to_its_merge() {
    let scratch = with_index();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let plan = dry_then_real(&scratch, &["release", "1.1.0", "--run"]);
    let steps = [("-", "fetch")].into_iter().chain(
        ["switch", "write-files", "commit", "write-files", "commit", "push"].map(|it| ("prepare", it)),
    );
    assert_eq!(actions(&plan), pairs(&steps.collect::<Vec<_>>()));
    assert!(scratch.read(chart::NEW_LOG).contains("The first thing (#1)"));
}

#[test]
fn it_is_grouped_by_stage_and_needs_no_run() {
    let scratch = guarded();
    let ran = scratch.relguard(["release", "--dry-run"]).exits(0);
    let words: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    let wanted = [
        "would fetch",
        "note: 1",
        "release 1.0.0",
        "done prepare",
        "next branch",
        "would make",
        "would push",
        "later tag",
        "would make",
        "would push",
    ];
    assert_eq!(words, wanted, "{}", ran.stdout);
}

#[test]
fn a_preparation_that_was_cut_off_is_foreseen_from_where_it_is() {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    // The version was written, and not committed any more.
    scratch.git(["switch", "--quiet", "--create", "prepare-1.1.0"]);
    scratch.relguard(["bump", "1.1.0", "--commit"]).exits(0);
    scratch.git(["reset", "--quiet", "--soft", "HEAD~"]);
    let plan = dry_then_real(&scratch, &["release", "1.1.0", "--run"]);
    let steps = ["commit", "write-files", "commit", "push"].map(|step| ("prepare", step));
    assert_eq!(actions(&plan)[1..], pairs(&steps));
}

#[test]
fn signatures_are_left_to_git() {
    let scratch = with_index();
    scratch.write(".relguard.yaml", "tags: {signed: true}\nrules: {tag/signed: error}\n");
    scratch.commit("sign tags");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let ran = scratch.relguard(["release", "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("would make the signed tag v1.0.0 at "), "{}", ran.stdout);
    assert!(ran.stdout.contains("would push v1.0.0 to origin"), "{}", ran.stdout);
}

#[test]
fn what_a_later_step_would_refuse_is_said_before_anything_is_done() {
    let scratch = guarded();
    edit(&scratch, CHART, "\nversion: 1.0.0\n", "\nversion: 1.0.0\nicon: [\n");
    scratch.commit("break the chart");
    crate::open(&scratch);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "master", "master:release-1.0"]);
    crate::accept(&scratch);
    let before = published(&scratch);
    let ran = scratch.relguard(["release", "1.0.0", "--dry-run"]).exits(1);
    assert!(ran.stdout.contains("error[chart/version]"), "{}", ran.stdout);
    assert_eq!(published(&scratch), before);
}

#[test]
fn whose_name_it_is_made_in_is_asked_once_in_a_run() {
    let scratch = with_index();
    let (bin, asked) = (scratch.outside("bin"), scratch.outside("asked"));
    let text =
        format!("#!/bin/sh\necho \" $* \" >>'{}'\nPATH=${{PATH#*:}}\nexec git \"$@\"\n", asked.display());
    crate::support::script(&bin.join("git"), &text);
    for more in ["--dry-run", "--run"] {
        let mut command = scratch.relguard_command(&["release", "1.0.0", more]);
        command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
        run(command).exits(0);
        let told = std::fs::read_to_string(&asked).unwrap();
        // The author and the committer.
        assert_eq!(told.matches(" var ").count(), 2, "{more}: {told}");
        std::fs::remove_file(&asked).unwrap();
    }
}
