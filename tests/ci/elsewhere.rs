//! Where no environment says what to judge: the command line does.

use crate::forge::Forge;

#[test]
fn a_ref_as_it_stands() {
    let forge = Forge::new();
    let tip = forge.switch("release-1.0", None).release("1.1.0");
    forge.push(&["release-1.0"]);
    let checkout = forge.checkout(&tip, &[]);
    let wanted = "branch/version branch release-1.0: ";
    for name in ["release-1.0", "refs/heads/release-1.0", "refs/remotes/origin/release-1.0"] {
        checkout.finds(&["--ref", name], 1, &[&format!("error {wanted}")]);
    }
    checkout.finds(&["--ref", "v1.0.0"], 0, &[]);
    // What was there at the base is only a warning.
    checkout.finds(&["--ref", "release-1.0", "--base", "v1.0.0"], 1, &[&format!("error {wanted}")]);
    checkout.finds(&["--ref", "release-1.0", "--base", &tip], 0, &[&format!("warning {wanted}")]);
    checkout.refuses(&["--ref", "release-1.x"], &["there is no branch or tag release-1.x"]);
    checkout.refuses(&["--ref", "master", "--base", "nowhere"], &["`nowhere` names no commit"]);
}

#[test]
fn what_is_checked_out_goes_onto_its_base() {
    let forge = Forge::new();
    let head = forge.switch("topic", Some("release-1.0")).release("1.1.0");
    forge.push(&["HEAD:refs/pull/4/head"]);
    let checkout = forge.checkout(&head, &["+refs/pull/4/head:refs/remotes/pull/4/merge"]);
    for name in ["HEAD", "refs/remotes/pull/4/merge"] {
        for base in ["release-1.0", "origin/release-1.0", "refs/remotes/origin/release-1.0"] {
            checkout.finds(
                &["--ref", name, "--base", base],
                1,
                &["error branch/version branch release-1.0: "],
            );
        }
        checkout.finds(&["--ref", name, "--base", "master"], 0, &[]);
        checkout.finds(&["--ref", name], 0, &[]);
    }
}

#[test]
fn the_command_line_overrides_the_environment() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let before = forge.switch("release-1.0", None).release("1.1.0");
    forge.dev.write("README.md", "More.\n");
    let after = forge.dev.commit("More");
    forge.push(&["release-1.0"]);
    let checkout = forge.checkout(&after, &[]).pushed("refs/heads/release-1.0", &before, &after);
    checkout.finds(&[], 0, &["warning branch/version branch release-1.0: "]);
    checkout.finds(&["--base", &tip], 1, &["error branch/version branch release-1.0: "]);
    checkout.finds(&["--ref", "v1.0.0"], 0, &[]);
    let ran = checkout.run(&["--verbose"]);
    assert!(ran.stderr.contains("judging the branch release-1.0 (moved)"), "{}", ran.stderr);
}

#[test]
fn without_anything_the_variables_are_named() {
    let forge = Forge::new();
    let checkout = forge.checkout(&forge.id("master"), &[]);
    let names = ["GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE", "relguard ci --ref REFNAME --base REV"];
    checkout.refuses(&[], &names);
    checkout.refuses(&["--format", "json"], &names);
}
