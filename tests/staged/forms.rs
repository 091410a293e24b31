//! Files and indexes of every form.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::chart::{CHART, LOG, VALUES, bump, edit, in_index, project, staged, status, unstaged};
use crate::support::{Scratch, run, script};
use crate::{MENDED, bumped};

#[test]
fn line_ends_are_those_of_each_place() {
    let scratch = project();
    scratch.write(".gitattributes", "* text=auto eol=crlf\n");
    for path in [CHART, VALUES, LOG] {
        scratch.write(path, scratch.read(path).replace('\n', "\r\n"));
    }
    scratch.commit("CRLF on disk");
    assert!(!in_index(&scratch, CHART).contains('\r'));
    edit(&scratch, CHART, "\nversion: 1.0.0\r", "\nversion: 1.0.1\r");
    scratch.git(["add", CHART]);
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    let open = unstaged(&scratch);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), open);
    for path in [CHART, VALUES, LOG] {
        let text = scratch.read(path);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{path}: {text:?}");
    }
}

#[test]
fn the_executable_bit_stays() {
    let scratch = project();
    fs::set_permissions(scratch.path().join(VALUES), fs::Permissions::from_mode(0o755)).unwrap();
    scratch.commit("an executable file");
    bump(&scratch, "1.0.1");
    scratch.git(["add", CHART]);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), "");
}

#[test]
fn a_mode_that_is_not_staged_stays_unstaged() {
    let scratch = bumped();
    fs::set_permissions(scratch.path().join(VALUES), fs::Permissions::from_mode(0o755)).unwrap();
    let open = unstaged(&scratch);
    assert!(open.contains("new mode 100755"), "{open}");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), open);
}

#[test]
fn a_link_stays_one_and_its_target_is_mended() {
    let scratch = project();
    scratch.git(["mv", VALUES, "shared.yaml"]);
    symlink("../../shared.yaml", scratch.path().join(VALUES)).unwrap();
    scratch.commit("values by a link");
    bump(&scratch, "1.0.1");
    scratch.git(["add", CHART]);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(status(&scratch), format!("M  {CHART}\nM  {LOG}\nM  shared.yaml\n"));
    assert!(in_index(&scratch, "shared.yaml").contains("tag: v1.0.1"));
    assert_eq!(unstaged(&scratch), "");
}

#[test]
fn a_file_that_became_a_link_on_disk_is_not_staged_as_one() {
    let scratch = bumped();
    let values = scratch.path().join(VALUES);
    fs::rename(&values, scratch.path().join("shared.yaml")).unwrap();
    symlink("../../shared.yaml", &values).unwrap();
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert!(values.is_symlink());
}

#[test]
fn a_split_index_is_mended_from_any_folder() {
    let scratch = bumped();
    scratch.git(["config", "core.splitIndex", "true"]);
    scratch.git(["update-index", "--split-index"]);
    scratch.relguard(["-C", "charts/app", "fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), "");
    scratch.git(["fsck", "--strict"]);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_mended_in_the_index_alone() {
    for sparse_index in ["--no-sparse-index", "--sparse-index"] {
        let scratch = bumped();
        scratch.git(["sparse-checkout", "set", "--cone", sparse_index, "charts"]);
        assert!(!scratch.path().join("docs").exists());
        scratch.relguard(["fix", "--staged"]).exits(0);
        assert_eq!(staged(&scratch), MENDED, "{sparse_index}");
        assert_eq!(unstaged(&scratch), "", "{sparse_index}");
        assert!(!scratch.path().join("docs").exists());
        scratch.git(["commit", "--quiet", "-m", "Release 1.0.1"]);
        scratch.git(["sparse-checkout", "disable"]);
        assert!(scratch.read(LOG).starts_with("# v1.0.1\n"));
    }
}

#[test]
fn a_file_that_is_assumed_unchanged_stays_so() {
    let scratch = bumped();
    scratch.git(["update-index", "--assume-unchanged", VALUES]);
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert_eq!(staged(&scratch), MENDED);
    assert_eq!(unstaged(&scratch), "");
    assert!(scratch.read(VALUES).contains("replicas: 2\n"));
    assert!(scratch.read(VALUES).contains("tag: v1.0.1\n"));
}

#[test]
fn the_index_that_the_environment_names_is_mended() {
    let scratch = bumped();
    let other = scratch.outside("other-index");
    fs::copy(scratch.path().join(".git/index"), &other).unwrap();
    let own = staged(&scratch);
    let mut command = scratch.relguard_command(&["fix", "--staged"]);
    command.env("GIT_INDEX_FILE", &other);
    run(command).exits(0);
    assert_eq!(staged(&scratch), own);
    let mut command = crate::support::isolated("git", &scratch.outside(""));
    command.args(["show", &format!(":{VALUES}")]).current_dir(scratch.path()).env("GIT_INDEX_FILE", &other);
    assert!(run(command).exits(0).stdout.contains("tag: v1.0.1"));
}

#[test]
fn before_the_first_commit() {
    let scratch = Scratch::new();
    crate::chart::fill(&scratch);
    bump(&scratch, "1.0.1");
    scratch.git(["add", "charts", "docs"]);
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    let open = unstaged(&scratch);
    scratch.relguard(["fix", "--staged"]);
    assert!(in_index(&scratch, CHART).contains("appVersion: \"1.0.1\""));
    assert_eq!(unstaged(&scratch), open);
    assert!(status(&scratch).contains("?? README.md"), "{}", status(&scratch));
}

#[test]
fn a_relative_index_begins_at_the_top_wherever_the_hook_went() {
    let scratch = project();
    bump(&scratch, "1.1.0");
    scratch.git(["add", "--all"]);
    fs::create_dir(scratch.path().join("sub")).unwrap();
    let mut command = scratch.relguard_command(&["hook", "pre-commit", "--fix"]);
    command.current_dir(scratch.path().join("sub")).env("GIT_INDEX_FILE", ".git/index");
    run(command).exits(0);
    assert!(in_index(&scratch, VALUES).contains("tag: v1.1.0"));
}

#[test]
fn no_program_of_the_repositorys_config_is_run() {
    let scratch = project();
    let (program, ran) = (scratch.outside("fsmonitor"), scratch.outside("ran"));
    script(&program, &format!("#!/bin/sh\ntouch '{}'\n", ran.display()));
    scratch.git(["update-index", "--split-index"]);
    bump(&scratch, "1.1.0");
    scratch.git(["add", "--all"]);
    scratch.git(["config", "core.fsmonitor", program.to_str().unwrap()]);
    scratch.relguard(["check", "--staged"]).exits(1);
    scratch.relguard(["fix", "--staged"]).exits(0);
    assert!(!ran.exists());
}
