//! Pull requests under GitHub Actions: their merge, their head, a queue of them.

use serde_json::{Value, json};

use crate::forge::{Checkout, Forge};

/// A pull request from `topic`, as the forge keeps it: its head, and the merge that CI checks out.
struct Request {
    head: String,
    base: String,
    merge: String,
    target: String,
}

impl Request {
    /// Opens one from the branch that is checked out.
    fn open(forge: &Forge, target: &str) -> Self {
        let (head, base) = (forge.id("HEAD"), forge.id(target));
        forge.dev.git(["checkout", "--quiet", "--detach", target]);
        forge.dev.git(["merge", "--quiet", "--no-ff", "-m", "Merge", &head]);
        let merge = forge.id("HEAD");
        forge.push(&[&format!("{head}:refs/pull/7/head"), &format!("{merge}:refs/pull/7/merge")]);
        Self { head, base, merge, target: target.to_owned() }
    }

    fn event(&self) -> Value {
        json!({"action": "synchronize", "number": 7, "pull_request": {
            "base": {"ref": self.target, "sha": self.base}, "head": {"ref": "topic", "sha": self.head},
            "merge_commit_sha": self.merge,
        }})
    }

    /// The run of `pull_request_target`, in a clone.
    fn for_target<'a>(&self, checkout: Checkout<'a>) -> Checkout<'a> {
        let checkout =
            checkout.github("pull_request_target", ("refs/heads/master", &self.base), self.event());
        checkout.with("GITHUB_BASE_REF", "master")
    }

    /// The run of `pull_request`, with a commit checked out.
    fn run<'a>(&self, forge: &'a Forge, commit: &str) -> Checkout<'a> {
        let fetch = format!("+{commit}:refs/remotes/pull/7/merge");
        let checkout = forge.checkout(commit, &[&fetch]);
        checkout
            .github("pull_request", ("refs/pull/7/merge", &self.merge), self.event())
            .with("GITHUB_BASE_REF", &self.target)
            .with("GITHUB_HEAD_REF", "topic")
    }
}

#[test]
fn only_what_it_brings_is_an_error() {
    let forge = Forge::new();
    forge.dev.write("charts/app/values.yaml", "image:\n  tag: v0.9.0\n");
    forge.dev.commit("Something old");
    forge.push(&["master"]);
    forge.switch("topic", Some("master"));
    forge.dev.write("README.md", "A better text.\n");
    forge.dev.commit("Say more");
    let request = Request::open(&forge, "master");
    for commit in [&request.merge, &request.head] {
        request.run(&forge, commit).finds(&[], 0, &["warning chart/values-sync commit refs/pull/7/merge: "]);
    }
    // The target goes on; what it brought since is not of this request.
    forge.switch("master", None);
    forge.dev.write("docs/CHANGELOG/CHANGELOG-1.0.md", "# v1.0.0\n\nTODO\n# v1.0.0\n\nTwice.\n");
    forge.dev.commit("Twice");
    forge.push(&["master"]);
    forge.switch("topic", None);
    let later = Request::open(&forge, "master");
    let stale = Request { base: request.base, ..later };
    let (status, found) = stale.run(&forge, &stale.merge).findings(&[]);
    assert!(status == 0 && found.iter().all(|line| line.starts_with("warning ")), "{found:#?}");
}

#[test]
fn one_for_a_release_branch_is_judged_for_its_line() {
    let forge = Forge::new();
    forge.switch("topic", Some("release-1.0"));
    forge.release("1.1.0");
    let request = Request::open(&forge, "release-1.0");
    let wanted =
        "error branch/version branch release-1.0: version is 1.1.0, but release-1.0 is the branch of 1.0.x";
    request.run(&forge, &request.merge).finds(&[], 1, &[wanted]);
    let request = Request::open(&forge, "master");
    request.run(&forge, &request.merge).finds(&[], 0, &[]);

    // The branch itself is wrong already: then that is not of this request.
    forge.push(&[&format!("{}:refs/heads/release-1.0", request.head)]);
    forge.switch("release-1.0", Some(&request.head));
    forge.switch("topic", Some("release-1.0"));
    forge.dev.write("README.md", "More.\n");
    forge.dev.commit("More");
    let request = Request::open(&forge, "release-1.0");
    request.run(&forge, &request.merge).finds(&[], 0, &["warning branch/version branch release-1.0: "]);
}

#[test]
fn what_is_about_branches_is_never_its_own_to_say() {
    let forge = Forge::new();
    forge.switch("topic", Some("release-1.0"));
    forge.dev.write(
        ".relguard.yaml",
        "branches: { release: 'r{major}.{minor}' }\nexceptions:\n  - { rule: branch/version, on: release-1.0, reason: mine }\n",
    );
    forge.release("1.1.0");
    let request = Request::open(&forge, "release-1.0");
    request.run(&forge, &request.merge).finds(&[], 1, &["error branch/version branch release-1.0: "]);
    // All else is: its charts and the weight of its rules.
    forge.switch("topic", None);
    forge.dev.write(".relguard.yaml", "rules: { branch/version: off }\n");
    forge.dev.commit("Turn it off");
    let request = Request::open(&forge, "release-1.0");
    request.run(&forge, &request.merge).finds(&[], 0, &[]);
    forge.switch("topic", None);
    forge.dev.write(".relguard.yaml", "rules: [\n");
    forge.dev.commit("Break it");
    let request = Request::open(&forge, "release-1.0");
    request.run(&forge, &request.merge).refuses(&[], &[".relguard.yaml:"]);
}

#[test]
fn a_lower_version_is_seen_by_the_merge_base() {
    let forge = Forge::new();
    forge.release("1.1.0");
    forge.push(&["master"]);
    forge.switch("topic", Some("master"));
    forge.bump("1.0.0");
    forge.dev.commit("Back");
    let request = Request::open(&forge, "master");
    request.run(&forge, &request.merge).finds(
        &[],
        0,
        &["warning chart/version-order commit refs/pull/7/merge: "],
    );
    // One that only lags behind its target is not lower than where it began.
    forge.switch("topic", Some("release-1.0"));
    forge.dev.write("README.md", "More.\n");
    forge.dev.commit("More");
    let request = Request::open(&forge, "master");
    request.run(&forge, &request.head).finds(&[], 0, &[]);
}

#[test]
fn where_the_targets_own_workflow_runs_the_head_has_to_be_there() {
    let forge = Forge::new();
    forge.switch("topic", Some("master"));
    forge.bump("1.0.1");
    forge.dev.commit("Forget the changelog");
    let request = Request::open(&forge, "master");
    let nothing = "what is checked out is the branch that it goes to";
    request
        .for_target(forge.checkout(&request.base, &[]))
        .refuses(&[], &[nothing, "ref: refs/pull/NUMBER/merge"]);
    // Fetched is enough: nothing of it has to be on disk.
    let fetched = forge.checkout(&request.base, &["+refs/pull/7/head:refs/remotes/pull/7/head"]);
    request.for_target(fetched).finds(&[], 1, &["error changelog/section commit refs/pull/7/head: "]);
    let merged = forge.checkout(&request.merge, &["+refs/pull/7/merge:refs/remotes/pull/7/merge"]);
    request.for_target(merged).finds(&[], 1, &["error changelog/section commit refs/pull/7/head: "]);
}

#[test]
fn one_commit_alone_has_no_base() {
    let forge = Forge::new();
    forge.switch("topic", Some("master"));
    forge.dev.write("README.md", "More.\n");
    forge.dev.commit("More");
    let request = Request::open(&forge, "master");
    let shallow = forge.shallow(&request.merge, &format!("+{}:refs/remotes/pull/7/merge", request.merge));
    let shallow = shallow
        .github("pull_request", ("refs/pull/7/merge", &request.merge), request.event())
        .with("GITHUB_BASE_REF", "master");
    shallow.refuses(&[], &["the clone does not have master", "fetch-depth: 0"]);
    shallow.git(&[
        "fetch",
        "--quiet",
        "--depth=1",
        "origin",
        "+refs/heads/master:refs/remotes/origin/master",
    ]);
    shallow.refuses(&[], &["cut short", "fetch-depth: 0"]);
    shallow.git(&["fetch", "--quiet", "--unshallow", "origin"]);
    shallow.finds(&[], 0, &[]);
}

#[test]
fn a_merge_group_is_compared_with_what_it_is_built_on() {
    let forge = Forge::new();
    forge.switch("topic", Some("release-1.0"));
    forge.bump("1.0.1");
    let first = forge.dev.commit("Another request before it, and the changelog forgotten");
    forge.dev.write("README.md", "More.\n");
    let group = forge.dev.commit("This one");
    let name = format!("refs/heads/gh-readonly-queue/release-1.0/pr-7-{first}");
    forge.push(&[&format!("{group}:{name}")]);
    let event = json!({"action": "checks_requested", "merge_group": {
        "head_sha": group, "head_ref": name, "base_sha": first, "base_ref": "refs/heads/release-1.0",
    }});
    let checkout = forge.checkout(&group, &[]).github("merge_group", (&name, &group), event);
    checkout.finds(&[], 0, &[&format!("warning changelog/section commit {name}: ")]);
    let event = json!({"merge_group": {"base_sha": first}});
    let checkout = forge.checkout(&group, &[]).github("merge_group", (&name, &group), event);
    checkout.refuses(&[], &["has no `base_ref`"]);
}
