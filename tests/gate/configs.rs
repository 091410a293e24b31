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
    server.can_not_judge(".relguard.yaml:1:1: ", ["origin", "master"]);
    // It got in some other way.
    git.git(["push", "--quiet", bare.to_str().unwrap(), "master:refs/heads/side"]).exits(0);
    git.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/master", "master"]).exits(0);
    git.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/master", "refs/heads/side"]).exits(0);
    server.can_not_judge(".relguard.yaml:1:1: ", ["origin", "release-1.0:refs/tags/v1.0.1"]);
    server.commit("x", "still broken");
    server.can_not_judge(".relguard.yaml:1:1: ", ["origin", "master"]);
    server.commit(".relguard.yaml", "rules: {}\n");
    // The repair comes alone.
    server.can_not_judge(".relguard.yaml:1:1: ", ["origin", "master", "release-1.0:refs/tags/v1.0.1"]);
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
