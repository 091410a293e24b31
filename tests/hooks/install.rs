use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::chart::{self, project};
use crate::support::{Scratch, copy_program, files_below, isolated, run, script};
use crate::{RELGUARD, refused, run_in, stage_a_mistake};

#[test]
fn in_a_plain_clone() {
    let scratch = project();
    let git_dir = scratch.path().join(".git");
    fs::create_dir_all(git_dir.join("hooks")).unwrap();
    let state = || (files_below(&git_dir.join("hooks")), fs::read(git_dir.join("config")).unwrap());
    let before = state();
    let ran = scratch.relguard(["install"]).exits(0);
    assert_eq!(ran.stdout.matches("installed ").count(), 3, "{}", ran.stdout);
    let installed = state();
    let ran = scratch.relguard(["install"]).exits(0);
    assert_eq!(ran.stdout.matches("is installed already").count(), 3, "{}", ran.stdout);
    assert_eq!(state(), installed);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
    scratch.relguard(["uninstall"]).exits(0);
    assert_eq!(state(), before);
    scratch.git(["commit", "--quiet", "-m", "x"]);
    let ran = scratch.relguard(["uninstall"]).exits(0);
    assert_eq!(ran.stdout.matches("nothing to remove").count(), 3, "{}", ran.stdout);
}

#[test]
fn from_a_subfolder_and_before_the_first_commit() {
    let scratch = Scratch::new();
    chart::fill(&scratch);
    run_in(&scratch, scratch.path().join("charts/app"), RELGUARD, &["install"]).exits(0);
    chart::bump(&scratch, "1.0.1");
    scratch.git(["add", "--all"]);
    refused(scratch.try_git(["commit", "-m", "x"]));
}

#[test]
fn a_hook_of_an_older_relguard_is_brought_up_to_date() {
    let scratch = project();
    let hook = scratch.path().join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\n# relguard's git hook. An older one.\nexit 0\n");
    script(&hook.with_file_name("pre-commit.before-relguard"), "#!/bin/sh\nexit 0\n");
    let ran = scratch.relguard(["install"]).exits(0);
    assert!(ran.stdout.contains("updated "), "{}", ran.stdout);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
    scratch.relguard(["uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
}

#[test]
fn a_hook_that_git_would_pass_over_is_made_executable_again() {
    let scratch = project();
    scratch.relguard(["install"]).exits(0);
    let hook = scratch.path().join(".git/hooks/pre-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    scratch.relguard(["install"]).exits(0);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
}

#[test]
fn the_program_that_went_away_is_looked_for_and_missed() {
    let scratch = project();
    let program = scratch.outside("it's \"my\" $bin/relguard");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    copy_program(RELGUARD, &program);
    run_in(&scratch, scratch.path(), program.to_str().unwrap(), &["install"]).exits(0);
    stage_a_mistake(&scratch);
    refused(scratch.try_git(["commit", "-m", "x"]));
    // Moved to a folder on PATH.
    let folder = scratch.outside("on-path");
    fs::create_dir(&folder).unwrap();
    fs::rename(&program, folder.join("relguard")).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let commit = || {
        let mut command = isolated("git", &scratch.outside(""));
        command.args(["commit", "-m", "x"]).current_dir(scratch.path()).env("PATH", &path);
        run(command)
    };
    refused(commit());
    // Gone for good.
    fs::remove_dir_all(&folder).unwrap();
    let ran = commit().exits(1);
    assert!(ran.stderr.contains("the program is not"), "{}", ran.stderr);
    assert!(ran.stderr.contains("relguard install"), "{}", ran.stderr);
}

#[test]
fn core_hooks_path_of_the_clone() {
    for inside in [true, false] {
        for absolute in [true, false] {
            let scratch = project();
            let folder = if inside { scratch.path().join("my hooks") } else { scratch.outside("my hooks") };
            let relative = if inside { "my hooks" } else { "../my hooks" };
            let path = if absolute { folder.to_str().unwrap() } else { relative };
            scratch.git(["config", "core.hooksPath", path]);
            let config = scratch.read(".git/config");
            run_in(&scratch, scratch.path().join("charts"), RELGUARD, &["install"]).exits(0);
            assert!(folder.join("pre-commit").exists(), "{path}");
            assert!(!scratch.path().join(".git/hooks/pre-commit").exists());
            stage_a_mistake(&scratch);
            refused(scratch.try_git(["commit", "-m", "x"]));
            scratch.relguard(["uninstall"]).exits(0);
            assert!(files_below(&folder).is_empty(), "{path}");
            assert_eq!(scratch.read(".git/config").replace("[relguard]\n", ""), config);
        }
    }
}

#[test]
fn hooks_that_the_project_keeps_are_used_and_left_alone() {
    let scratch = project();
    for (name, text) in files_below(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks")) {
        script(&scratch.path().join("hooks").join(name), &String::from_utf8(text).unwrap());
    }
    scratch.commit("hooks");
    scratch.git(["config", "core.hooksPath", "hooks"]);
    let ran = scratch.relguard(["install"]).exits(0);
    assert!(ran.stdout.contains("runs the relguard on PATH"), "{}", ran.stdout);
    assert_eq!(chart::status(&scratch), "");
    stage_a_mistake(&scratch);
    let folder = scratch.outside("on-path");
    fs::create_dir(&folder).unwrap();
    symlink(RELGUARD, folder.join("relguard")).unwrap();
    let mut command = isolated("git", &scratch.outside(""));
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    command.args(["commit", "-m", "x"]).current_dir(scratch.path()).env("PATH", path);
    refused(run(command));
    let ran = scratch.relguard(["uninstall"]).exits(0);
    assert!(ran.stdout.contains("git config --unset core.hooksPath"), "{}", ran.stdout);
    assert!(!chart::status(&scratch).contains("hooks/"), "{}", chart::status(&scratch));
}

#[test]
fn a_folder_that_repositories_share_guards_those_that_asked() {
    let scratch = project();
    scratch.git(["config", "--global", "core.hooksPath", "~/shared"]);
    let shared = scratch.outside("shared");
    let theirs = "#!/bin/sh\necho theirs >&2\n";
    script(&shared.join("pre-commit"), theirs);
    let other = scratch.outside("other");
    run_in(&scratch, scratch.path(), "git", &["clone", "--quiet", ".", other.to_str().unwrap()]).exits(0);
    let in_other = |program: &str, args: &[&str]| run_in(&scratch, &other, program, args);
    stage_a_mistake(&scratch);
    fs::copy(scratch.path().join(chart::CHART), other.join(chart::CHART)).unwrap();
    let before = files_below(&shared);

    scratch.relguard(["install"]).exits(0);
    refused(scratch.try_git(["commit", "-m", "x"]));
    let ran = in_other("git", &["commit", "--all", "-m", "x"]).exits(0);
    assert!(ran.stderr.contains("theirs"), "the hook that was there serves all: {}", ran.stderr);
    in_other("git", &["reset", "--quiet", "--soft", "HEAD~"]).exits(0);

    in_other(RELGUARD, &["install"]).exits(0);
    refused(in_other("git", &["commit", "-m", "x"]));
    let ran = scratch.relguard(["uninstall"]).exits(0);
    assert!(ran.stdout.contains("stays for the other repositories"), "{}", ran.stdout);
    scratch.git(["commit", "--quiet", "-m", "x"]);
    refused(in_other("git", &["commit", "-m", "x"]));

    in_other(RELGUARD, &["uninstall"]).exits(0);
    assert_eq!(files_below(&shared), before, "the last one takes it out");
    assert_eq!(fs::metadata(shared.join("pre-commit")).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn linked_worktrees_share_the_hooks() {
    for own_config in [false, true] {
        let scratch = project();
        scratch.git(["worktree", "add", "--quiet", "../linked"]);
        if own_config {
            scratch.git(["config", "extensions.worktreeConfig", "true"]);
        }
        let linked = scratch.outside("linked");
        run_in(&scratch, &linked, RELGUARD, &["install"]).exits(0);
        stage_a_mistake(&scratch);
        refused(scratch.try_git(["commit", "-m", "x"]));
        fs::copy(scratch.path().join(chart::CHART), linked.join(chart::CHART)).unwrap();
        refused(run_in(&scratch, &linked, "git", &["commit", "--all", "-m", "x"]));
        scratch.relguard(["uninstall"]).exits(0);
        run_in(&scratch, &linked, "git", &["commit", "--quiet", "--all", "-m", "x"]).exits(0);
    }
}

#[test]
fn a_worktree_may_have_a_hooks_folder_of_its_own() {
    let scratch = project();
    scratch.git(["worktree", "add", "--quiet", "../linked"]);
    scratch.git(["config", "extensions.worktreeConfig", "true"]);
    let linked = scratch.outside("linked");
    run_in(&scratch, &linked, "git", &["config", "--worktree", "core.hooksPath", "own"]).exits(0);
    run_in(&scratch, &linked, RELGUARD, &["install"]).exits(0);
    assert!(linked.join("own/pre-commit").exists());
    assert!(!scratch.path().join(".git/hooks/pre-commit").exists());
    fs::write(
        linked.join(chart::CHART),
        scratch.read(chart::CHART).replace("\nversion: 1.0.0", "\nversion: 1.0.1"),
    )
    .unwrap();
    refused(run_in(&scratch, &linked, "git", &["commit", "--all", "-m", "x"]));
}

#[test]
fn in_a_submodule() {
    let scratch = Scratch::new();
    scratch.write("README.md", "the whole\n");
    scratch.commit("first");
    let part = project();
    let url = part.path();
    let args =
        ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url.to_str().unwrap(), "part"];
    scratch.git(args);
    let folder = scratch.path().join("part");
    run_in(&scratch, &folder, RELGUARD, &["install"]).exits(0);
    assert!(scratch.path().join(".git/modules/part/hooks/pre-commit").exists());
    assert!(!scratch.path().join(".git/hooks/pre-commit").exists());
    chart::bump(&part, "1.0.1");
    fs::copy(part.path().join(chart::CHART), folder.join(chart::CHART)).unwrap();
    refused(run_in(&scratch, &folder, "git", &["commit", "--all", "-m", "x"]));
    refused(run_in(&scratch, folder.join("charts"), "git", &["commit", "-m", "x", "app/Chart.yaml"]));
}

#[test]
fn a_worktree_of_a_bare_repository_is_a_clone() {
    let scratch = project();
    let bare = scratch.outside("bare.git");
    run_in(&scratch, scratch.path(), "git", &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()])
        .exits(0);
    run_in(&scratch, &bare, "git", &["worktree", "add", "--quiet", "../linked"]).exits(0);
    let linked = scratch.outside("linked");
    run_in(&scratch, &linked, RELGUARD, &["install"]).exits(0);
    assert!(bare.join("hooks/pre-commit").exists());
    assert!(!bare.join("hooks/pre-receive").exists());
}

#[test]
fn where_no_hook_can_be() {
    let scratch = project();
    let install = |path: &str, says: &str| {
        scratch.git(["config", "core.hooksPath", path]);
        let ran = scratch.relguard(["install"]).exits(2);
        assert!(ran.stderr.contains(says), "{path}: {}", ran.stderr);
    };
    install("/dev/null", "turns all hooks off");
    install("", "turns all hooks off");
    install(".husky/_", "add the line `relguard hook pre-commit` to .husky/pre-commit");
    install(".husky/_", "the line `relguard hook pre-push \"$@\"` to .husky/pre-push");
    install("README.md", "README.md can't be made");
}

#[test]
fn a_link_to_the_shipped_hook_stays_one() {
    let scratch = project();
    let hook = scratch.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    symlink(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/pre-commit"), &hook).unwrap();
    scratch.relguard(["install"]).exits(0);
    assert!(hook.is_symlink());
    assert!(!hook.with_file_name("pre-commit.before-relguard").exists());
    scratch.relguard(["uninstall"]).exits(0);
    assert!(!hook.exists());
}
