//! By which config a server judges.

use crate::server::Server;

const WEAK: &str =
    "rules: { tag/branch: off, tag/version: off, changelog/section: off, changelog/file: off }\n";

#[test]
fn a_push_can_not_weaken_its_own_judge() {
    let server = Server::with_releases();
    let git = &server.client;
    // In the same push, on the tagged commit, and on the default branch.
    git.git(["checkout", "--quiet", "-b", "weak", "master"]);
    server.commit(".relguard.yaml", WEAK);
    server.refuses("tag/branch", ["origin", "weak:refs/tags/v1.1.0"]);
    server.refuses("tag/branch", ["origin", "weak:refs/heads/master", "weak:refs/tags/v1.1.0"]);
    // In the push before, on the release branch.
    git.git(["checkout", "--quiet", "release-1.0"]);
    server.commit(".relguard.yaml", WEAK);
    server.takes(["origin", "release-1.0"]);
    server.refuses("tag/version", ["origin", "release-1.0:refs/tags/v1.0.7"]);
}

#[test]
fn a_pinned_config_stands_above_the_default_branchs() {
    let server = Server::with_releases();
    let bare = server.bare();
    std::fs::write(bare.join("gate.yaml"), "{}\n").unwrap();
    server.client.git(["-C", bare.to_str().unwrap(), "config", "relguard.config", "gate.yaml"]);
    server.commit(".relguard.yaml", WEAK);
    server.takes(["origin", "master"]);
    server.refuses("tag/branch", ["origin", "master:refs/tags/v1.1.0"]);
    std::fs::remove_file(bare.join("gate.yaml")).unwrap();
    server.can_not_judge("the config ", ["origin", "release-1.0:refs/tags/v1.0.1"]);
}

#[test]
fn a_broken_config_does_not_get_in_and_one_that_is_there_can_be_repaired() {
    let server = Server::with_releases();
    let git = &server.client;
    let bare = server.bare();
    let good = git.git(["rev-parse", "master"]).stdout.trim().to_owned();
    server.commit(".relguard.yaml", "tagz: {}\n");
    server.can_not_judge("the config of branch master: .relguard.yaml:1:1: ", ["origin", "master"]);
    // It got in some other way.
    git.git(["push", "--quiet", bare.to_str().unwrap(), "master:refs/heads/side"]).exits(0);
    git.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/master", "master"]).exits(0);
    git.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/master", "refs/heads/side"]).exits(0);
    server.can_not_judge(
        "the config of branch master: .relguard.yaml:1:1: ",
        ["origin", "release-1.0:refs/tags/v1.0.1"],
    );
    server.commit("x", "still broken");
    server.can_not_judge("the config of branch master: .relguard.yaml:1:1: ", ["origin", "master"]);
    server.commit(".relguard.yaml", "rules: {}\n");
    // The repair comes alone.
    server.can_not_judge(
        "the config of branch master: .relguard.yaml:1:1: ",
        ["origin", "master", "release-1.0:refs/tags/v1.0.1"],
    );
    server.refuses("branch/rewrite", ["--force", "origin", &format!("{good}:refs/heads/master")]);
    server.takes(["origin", "master"]);
    server.takes(["origin", "release-1.0:refs/tags/v1.0.1"]);
}

#[test]
fn the_default_branch_is_what_the_servers_head_names() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.takes(["origin", "master:refs/heads/trunk"]);
    server.client.git(["-C", bare.to_str().unwrap(), "symbolic-ref", "HEAD", "refs/heads/trunk"]);
    server.takes(["origin", "--delete", "master"]);
    server.refuses("branch/rewrite", ["origin", "--delete", "trunk"]);
}

#[test]
fn who_makes_the_branch_that_head_names_does_not_become_the_judge() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.client.git(["-C", bare.to_str().unwrap(), "branch", "-m", "master", "main"]);
    server.client.git(["-C", bare.to_str().unwrap(), "symbolic-ref", "HEAD", "refs/heads/master"]);
    server.refuses("branch/rewrite", ["--force", "origin", "master~1:main"]);
    server.can_not_judge(
        "the default branch is main, and this push would make it master",
        ["origin", "master"],
    );
    server.refuses("branch/rewrite", ["origin", "master", ":refs/heads/main"]);
    server.commit(".relguard.yaml", "rules: { tag/immutable: off }\n");
    server.can_not_judge("the default branch is main", ["origin", "master"]);
    server.refuses("tag/immutable", ["origin", "--delete", "v1.0.0"]);
}

#[test]
fn a_default_branch_that_is_misspelled_guards_nothing_and_is_refused() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.commit(".relguard.yaml", "default-branch: mastre\n");
    server.can_not_judge("the default branch mastre of .relguard.yaml does not exist", ["origin", "master"]);
    std::fs::write(bare.join("gate.yaml"), "default-branch: mastre\n").unwrap();
    server.client.git(["-C", bare.to_str().unwrap(), "config", "relguard.config", "gate.yaml"]);
    server.can_not_judge("the default branch mastre", ["--force", "origin", "master~2:master"]);
    server.can_not_judge("the default branch mastre", ["origin", "--delete", "release-1.0"]);
}

#[test]
fn a_push_to_a_symbolic_ref_changes_the_one_behind_it() {
    let server = Server::with_releases();
    let bare = server.bare();
    let link = |name: &str, to: &str| {
        server.client.git(["-C", bare.to_str().unwrap(), "symbolic-ref", name, to]);
    };
    link("refs/heads/main", "refs/heads/master");
    link("refs/heads/stable", "refs/heads/release-1.0");
    link("refs/tags/latest", "refs/tags/v1.0.0");
    server.refuses("branch/rewrite", ["--force", "origin", "master~1:main"]);
    server.refuses("branch/rewrite", ["--force", "origin", "release-1.0~1:stable"]);
    server.refuses("tag/immutable", ["--force", "origin", "release-1.0:refs/tags/latest"]);
    server.refuses("branch/rewrite", ["origin", ":main"]);
    link("HEAD", "refs/heads/main");
    server.refuses("branch/rewrite", ["--force", "origin", "master~1:master"]);
}

#[test]
fn a_pinned_config_lets_no_broken_one_in() {
    let server = Server::with_releases();
    let bare = server.bare();
    std::fs::write(bare.join("gate.yaml"), "{}\n").unwrap();
    server.client.git(["-C", bare.to_str().unwrap(), "config", "relguard.config", "gate.yaml"]);
    server.commit(".relguard.yaml", "tagz: {}\n");
    server.can_not_judge("the config of branch master: .relguard.yaml:1:1: ", ["origin", "master"]);
    // One that is there already stops nothing that leaves it alone: the pinned one judges.
    server.client.git(["push", "--quiet", bare.to_str().unwrap(), "master:refs/heads/side"]).exits(0);
    server.client.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/master", "refs/heads/side"]);
    server.takes(["origin", "release-1.0:refs/tags/v1.0.1"]);
    server.refuses("tag/branch", ["origin", "master:refs/tags/v1.1.0"]);
}

#[test]
fn an_exception_for_a_name_hides_nothing_else() {
    let server = Server::with_releases();
    server.commit(".relguard.yaml", "exceptions: [{ rule: tag/name, on: v1.0.6, reason: made so }]\n");
    server.takes(["origin", "master"]);
    server.client.git(["tag", "-a", "-m", "x", "v1.0.5", "release-1.0"]);
    server.refuses("tag/version", ["origin", "v1.0.5:refs/tags/v1.0.6"]);
    server.commit(
        ".relguard.yaml",
        "exceptions:\n  - { rule: tag/name, on: v1.0.0, reason: x }\n  - { rule: tag/branch, on: v1.0.0, reason: x }\n",
    );
    server.takes(["origin", "master"]);
    server.refuses("tag/immutable", ["--force", "origin", "v1.0.5:refs/tags/v1.0.0"]);
    server.refuses("tag/immutable", ["--force", "origin", "master^{tree}:refs/tags/v1.0.0"]);
}

#[test]
fn update_judges_one_ref_at_a_time() {
    let server = Server::with_releases();
    let bare = server.bare();
    std::fs::remove_file(bare.join("hooks/pre-receive")).unwrap();
    let relguard = env!("CARGO_BIN_EXE_relguard");
    server.set_hook("update", &format!("exec '{relguard}' hook update \"$@\""));
    server.refuses("tag/branch", ["origin", "master:refs/tags/v1.1.0"]);
    server.takes(["origin", "release-1.0:refs/tags/v1.0.1"]);
    server.refuses("tag/immutable", ["origin", "--delete", "v1.0.1"]);
}
