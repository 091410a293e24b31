use std::fs;
use std::path::{Path, PathBuf};

use crate::chart::{CHART, edit, project};
use crate::support::{Ran, Scratch, files_below, script};
use crate::{RELGUARD, run_in};

/// A project, and the bare repository that it pushes to.
fn served() -> (Scratch, PathBuf) {
    let scratch = project();
    let bare = scratch.outside("origin.git");
    run_in(
        &scratch,
        scratch.path(),
        "git",
        &["init", "--quiet", "--bare", "--initial-branch=master", "--template=", bare.to_str().unwrap()],
    )
    .exits(0);
    scratch.git(["remote", "add", "origin", "../origin.git"]);
    scratch.git(["push", "--quiet", "origin", "master"]);
    (scratch, bare)
}

fn install(scratch: &Scratch, bare: &Path) -> Ran {
    run_in(scratch, bare, RELGUARD, &["install"]).exits(0)
}

#[track_caller]
fn refused_by(ran: Ran, rule: &str) {
    let ran = ran.exits(1);
    assert!(ran.stderr.contains(&format!("error[{rule}]")), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_push_is_judged_whole_or_not_at_all() {
    let (scratch, bare) = served();
    script(&bare.join("hooks/post-receive"), "#!/bin/sh\n");
    let before = files_below(&bare.join("hooks"));
    let ran = install(&scratch, &bare);
    assert!(ran.stdout.contains("hooks/pre-receive") && !ran.stdout.contains("update"), "{}", ran.stdout);
    let ran = install(&scratch, &bare);
    assert!(ran.stdout.contains("is installed already"), "{}", ran.stdout);
    scratch.git(["tag", "v1.0.0"]);
    refused_by(scratch.try_git(["push", "origin", "v1.0.0", "HEAD:refs/heads/topic"]), "tag/branch");
    let refs = run_in(&scratch, &bare, "git", &["for-each-ref", "--format=%(refname)"]).stdout;
    assert_eq!(refs, "refs/heads/master\n");
    // The branch comes behind its tag, in one push.
    scratch.git(["push", "--quiet", "origin", "v1.0.0", "HEAD:refs/heads/release-1.0"]);
    refused_by(scratch.try_git(["push", "origin", "--delete", "v1.0.0"]), "tag/immutable");
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"0.9.0\"");
    scratch.commit("a mistake");
    refused_by(scratch.try_git(["push", "origin", "HEAD:release-1.0"]), "chart/app-version");
    // There is no way past it.
    refused_by(scratch.try_git(["push", "--no-verify", "origin", "HEAD:release-1.0"]), "chart/app-version");
    let ran = run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert!(ran.stdout.contains("removed "), "{}", ran.stdout);
    assert_eq!(files_below(&bare.join("hooks")), before);
    let ran = run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert!(ran.stdout.contains("nothing to remove"), "{}", ran.stdout);
    scratch.git(["push", "--quiet", "origin", "HEAD:release-1.0"]);
}

#[test]
fn the_first_push_into_an_empty_repository() {
    let scratch = project();
    let bare = scratch.outside("new.git");
    run_in(&scratch, scratch.path(), "git", &["init", "--quiet", "--bare", bare.to_str().unwrap()]).exits(0);
    install(&scratch, &bare);
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"0.9.0\"");
    scratch.commit("a mistake");
    let ran = scratch.git(["push", "../new.git", "master"]);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "{}", ran.stderr);
}

#[test]
fn the_hook_before_gets_the_same_input_and_may_refuse() {
    let (scratch, bare) = served();
    let hook = bare.join("hooks/pre-receive");
    let theirs = format!(
        "#!/bin/sh\nprintf '<%s>' \"$#\" \"$GIT_DIR\"\ncat >'{0}'\ngrep -q forbidden '{0}' && exit 3\nexit 0\n",
        scratch.outside("note").display()
    );
    script(&hook, &theirs);
    install(&scratch, &bare);
    let head = scratch.git(["rev-parse", "HEAD"]).stdout.trim().to_owned();
    scratch.git(["push", "--quiet", "origin", "HEAD:refs/heads/topic"]);
    let zero = "0".repeat(40);
    let note = || fs::read_to_string(scratch.outside("note")).unwrap();
    assert_eq!(note(), format!("{zero} {head} refs/heads/topic\n"));
    scratch.try_git(["push", "origin", "HEAD:refs/heads/forbidden"]).exits(1);
    refused_by(scratch.try_git(["push", "origin", "HEAD:refs/tags/v1"]), "tag/name");
    assert_eq!(note(), format!("{zero} {head} refs/tags/v1\n"));
    run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), theirs);
    assert_eq!(fs::read_dir(bare.join("hooks")).unwrap().count(), 1);
}

/// What Gitea and Forgejo write: each file of the folder gets the input.
const RUNNER: &str = "#!/bin/sh\ndata=$(cat)\nexitcodes=\"\"\nhookname=$(basename $0)\n\
    for hook in ${GIT_DIR}/hooks/${hookname}.d/*; do\n  test -x \"${hook}\" && test -f \"${hook}\" || continue\n  \
    echo \"${data}\" | \"${hook}\"\n  exitcodes=\"${exitcodes} $?\"\ndone\n\
    for i in ${exitcodes}; do\n  [ ${i} -eq 0 ] || exit ${i}\ndone\n";

#[test]
fn a_folder_in_the_hooks_place_is_no_hook_to_chain() {
    let (scratch, bare) = served();
    fs::create_dir_all(bare.join("hooks/pre-receive")).unwrap();
    let ran = run_in(&scratch, &bare, RELGUARD, &["install"]).exits(2);
    assert!(ran.stderr.contains("hooks/pre-receive is a folder, and no hook"), "{}", ran.stderr);
    assert!(bare.join("hooks/pre-receive").is_dir());
}

#[test]
fn in_the_folder_that_gitea_and_forgejo_run() {
    let (scratch, bare) = served();
    script(&bare.join("hooks/pre-receive"), RUNNER);
    script(&bare.join("hooks/pre-receive.d/gitea"), "#!/bin/sh\ncat >/dev/null\necho gitea\n");
    let before = files_below(&bare.join("hooks"));
    install(&scratch, &bare);
    let ran = install(&scratch, &bare);
    assert!(ran.stdout.contains("hooks/pre-receive.d/relguard is installed already"), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(bare.join("hooks/pre-receive")).unwrap(), RUNNER);
    let ran = scratch.try_git(["push", "origin", "HEAD:refs/tags/v1"]);
    assert!(ran.stderr.contains("remote: gitea"), "{}", ran.stderr);
    refused_by(ran, "tag/name");
    scratch.git(["push", "--quiet", "origin", "HEAD:refs/heads/topic"]);
    run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert_eq!(files_below(&bare.join("hooks")), before);
    // A file of that name that is somebody else's stays.
    script(&bare.join("hooks/pre-receive.d/relguard"), "#!/bin/sh\n");
    let ran = run_in(&scratch, &bare, RELGUARD, &["install"]).exits(2);
    assert!(ran.stderr.contains("is there already") && ran.stderr.contains("help"), "{}", ran.stderr);
}

/// A folder of that name alone is run by nobody.
#[test]
fn a_folder_that_nothing_runs_is_no_place_for_a_hook() {
    let (scratch, bare) = served();
    script(&bare.join("hooks/pre-receive.d/left-over"), "#!/bin/sh\nexit 1\n");
    for there in [None, Some("#!/bin/sh\nexit 0\n")] {
        if let Some(text) = there {
            script(&bare.join("hooks/pre-receive"), text);
        }
        let before = files_below(&bare.join("hooks"));
        install(&scratch, &bare);
        refused_by(scratch.try_git(["push", "origin", "HEAD:refs/tags/v1"]), "tag/name");
        scratch.git(["push", "--quiet", "origin", "HEAD:refs/heads/topic"]);
        scratch.git(["push", "--quiet", "origin", "--delete", "topic"]);
        run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
        assert_eq!(files_below(&bare.join("hooks")), before);
    }
}

#[test]
fn in_gitlabs_folder() {
    let (scratch, bare) = served();
    fs::create_dir(bare.join("custom_hooks")).unwrap();
    install(&scratch, &bare);
    let hook = bare.join("custom_hooks/pre-receive.d/relguard");
    assert!(hook.exists() && !bare.join("hooks/pre-receive").exists());
    install(&scratch, &bare);
    // GitLab runs it with the repository in the environment; git does here.
    script(
        &bare.join("hooks/pre-receive"),
        "#!/bin/sh\nexec \"$GIT_DIR/custom_hooks/pre-receive.d/relguard\"\n",
    );
    refused_by(scratch.try_git(["push", "origin", "HEAD:refs/tags/v1"]), "tag/name");
    run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert!(!hook.exists() && !bare.join("custom_hooks/pre-receive.d").exists());
    assert!(bare.join("custom_hooks").exists() && bare.join("hooks/pre-receive").exists());
}

#[test]
fn in_a_folder_that_the_servers_repositories_share() {
    let (scratch, bare) = served();
    scratch.git(["config", "--global", "core.hooksPath", "~/shared"]);
    let other = scratch.outside("other.git");
    run_in(&scratch, scratch.path(), "git", &["clone", "--quiet", "--bare", ".", other.to_str().unwrap()])
        .exits(0);
    install(&scratch, &bare);
    assert!(scratch.outside("shared/pre-receive").exists());
    refused_by(scratch.try_git(["push", "origin", "HEAD:refs/tags/v1"]), "tag/name");
    scratch.git(["push", "--quiet", "../other.git", "HEAD:refs/tags/v1"]);
    run_in(&scratch, &bare, RELGUARD, &["uninstall"]).exits(0);
    assert!(!scratch.outside("shared/pre-receive").exists());
}

#[test]
fn a_config_that_the_server_pins() {
    let (scratch, bare) = served();
    install(&scratch, &bare);
    fs::write(bare.join("gate.yaml"), "tags:\n  release: \"r{version}\"\n").unwrap();
    run_in(&scratch, &bare, "git", &["config", "relguard.config", "gate.yaml"]).exits(0);
    refused_by(
        scratch.try_git(["push", "origin", "HEAD:refs/tags/v1.0.0", "HEAD:refs/heads/release-1.0"]),
        "tag/name",
    );
    // What a push brings does not change it.
    scratch.write(".relguard.yaml", "rules: {tag/name: off}\n");
    scratch.commit("another judge");
    scratch.git(["push", "--quiet", "origin", "HEAD:refs/heads/release-1.0", "HEAD:master"]);
    refused_by(scratch.try_git(["push", "origin", "HEAD:refs/tags/v1.0.0"]), "tag/name");
    scratch.git(["push", "--quiet", "origin", "HEAD:refs/tags/r1.0.0"]);
}
