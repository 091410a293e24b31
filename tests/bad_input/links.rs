//! Symbolic links: followed inside the repository, where they stay links; never out of it, nor into `.git`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{Scratch, run};
use crate::{CHART, LOG, MENDED, VALUES, finds, mends, project, refuses};

/// Puts a link in a file's place.
fn link(scratch: &Scratch, path: &str, target: impl AsRef<Path>) {
    let file = scratch.path().join(path);
    let _ = fs::remove_file(&file);
    let _ = fs::remove_dir_all(&file);
    symlink(target, file).unwrap();
}

#[test]
fn a_link_that_leads_nowhere_is_a_finding() {
    let scratch = project();
    let outside = scratch.outside("secret.yaml");
    fs::write(&outside, "image:\n  tag: v1.2.2\n").unwrap();
    let absolute = outside.to_str().unwrap().to_owned();
    let targets = [
        (absolute.as_str(), "is outside the repository"),
        ("../../../secret.yaml", "leaves the repository's root"),
        ("nothing.yaml", "charts/a/nothing.yaml, where it leads, is missing"),
        ("nothing/../values.yaml", "charts/a/nothing, where it leads, is missing"),
        ("values.yaml", "it leads in circles"),
        ("../../.git/config", "it lies in git's own folder"),
        ("../../.GIT/config", "it lies in git's own folder"),
    ];
    for (target, cause) in targets {
        link(&scratch, VALUES, target);
        let says = ["chart/values-sync", VALUES, cause, "= help: "];
        finds(&scratch, &["check"], &says);
        mends(&scratch, &["fix"], 1, &MENDED[..1]);
        scratch.git(["add", "--all"]);
        finds(&scratch, &["check", "--staged"], &says);
        mends(&scratch, &["fix", "--staged", "--unsafe"], 1, &[]);
        let commit = scratch.commit("link");
        finds(&scratch, &["check", "--rev", &commit], &says);
        scratch.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    }
    assert_eq!(fs::read_to_string(outside).unwrap(), "image:\n  tag: v1.2.2\n");
    for path in [CHART, LOG, ".relguard.yaml"] {
        let scratch = project();
        link(&scratch, path, "/dev/zero");
        let status = if path == ".relguard.yaml" { 2 } else { 1 };
        refuses(&scratch, &["check"], status, &[path, "/dev/zero is outside the repository"]);
    }
}

#[test]
fn a_changelog_behind_a_link_out_of_the_repository_is_unreadable_and_the_rest_is_mended() {
    let scratch = project();
    fs::create_dir(scratch.outside("book")).unwrap();
    scratch.write("SAMPLE.md", "# v0.0.0\n");
    scratch.write(
        ".relguard.yaml",
        "changelog: {path: 'docs/CHANGELOG/CHANGELOG-{major}.{minor}.md', format: SAMPLE.md}\n",
    );
    link(&scratch, "docs", scratch.outside("book"));
    let says = [LOG, "can't be read", "is outside the repository", "= help: "];
    finds(&scratch, &["check"], &says);
    mends(&scratch, &["fix"], 1, &MENDED);
    assert_eq!(fs::read_dir(scratch.outside("book")).unwrap().count(), 0);
}

#[test]
fn a_link_inside_is_followed_and_stays_one() {
    let scratch = project();
    scratch.write("shared/values.yaml", "image:\n  tag: v1.2.2\n");
    link(&scratch, VALUES, "../../shared/values.yaml");
    scratch.commit("link");
    let mended = [MENDED[0], ("shared/values.yaml", "v1.2.2", "v1.2.3")];
    mends(&scratch, &["fix"], 0, &mended);
    scratch.git(["reset", "--quiet", "--hard"]);
    mends(&scratch, &["fix", "--staged"], 0, &mended);
    assert_eq!(scratch.git(["diff", "--name-only"]).stdout, "");
    assert_eq!(
        scratch.git(["diff", "--cached", "--name-only"]).stdout,
        format!("{CHART}\nshared/values.yaml\n")
    );
    assert!(scratch.path().join(VALUES).is_symlink());
}

#[test]
fn a_commit_hook_sees_what_changes_behind_a_link() {
    let scratch = project();
    mends(&scratch, &["fix"], 0, &MENDED);
    fs::create_dir(scratch.path().join("shared")).unwrap();
    fs::rename(scratch.path().join(VALUES), scratch.path().join("shared/values.yaml")).unwrap();
    link(&scratch, VALUES, "../../shared/values.yaml");
    scratch.commit("link");
    scratch.write("shared/values.yaml", "image:\n  tag: v1.2.1\n");
    scratch.git(["add", "--all"]);
    refuses(&scratch, &["hook", "pre-commit"], 0, &["image.tag is v1.2.1, but version is 1.2.3"]);
}

#[test]
fn linked_folders_are_the_same_in_every_state() {
    for (folder, target) in
        [("charts", "helm"), ("charts/a", "../helm"), ("docs", "book"), ("docs/CHANGELOG", "../book")]
    {
        let scratch = project();
        let real = scratch.path().join(folder).parent().unwrap().join(target);
        fs::rename(scratch.path().join(folder), real).unwrap();
        link(&scratch, folder, target);
        scratch.commit("link");
        let found = |args: &[&str]| {
            let report =
                run(scratch.relguard_command(&[args, &["--format", "json"]].concat())).exits(1).stdout;
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["location"].clone())
                .collect::<Vec<_>>()
        };
        let on_disk = found(&["check"]);
        assert_eq!(on_disk.len(), 2, "{folder}: {on_disk:?}");
        assert_eq!(on_disk, found(&["check", "--staged"]), "{folder}");
        assert_eq!(on_disk, found(&["check", "--rev", "HEAD"]), "{folder}");
        run(scratch.relguard_command(&["fix"])).exits(0);
        assert!(scratch.path().join(folder).is_symlink());
    }
}

#[test]
fn a_changelog_is_made_behind_a_link() {
    let scratch = project();
    mends(&scratch, &["fix"], 0, &MENDED);
    fs::remove_dir_all(scratch.path().join("docs")).unwrap();
    fs::create_dir(scratch.path().join("book")).unwrap();
    link(&scratch, "docs", "book");
    run(scratch.relguard_command(&["fix"])).exits(0);
    assert!(scratch.read("book/CHANGELOG/CHANGELOG-1.2.md").contains("1.2.3"));
    assert!(scratch.path().join("docs").is_symlink());
}

#[test]
fn folders_outside_are_neither_read_nor_written() {
    for folder in ["charts", "charts/a", "docs", "docs/CHANGELOG"] {
        let scratch = project();
        let outside = scratch.outside("outside");
        fs::rename(scratch.path().join(folder), &outside).unwrap();
        let before = crate::support::files_below(&outside);
        link(&scratch, folder, &outside);
        finds(&scratch, &["check"], &["outside is outside the repository"]);
        run(scratch.relguard_command(&["fix", "--unsafe"]));
        crate::assert_same(&before, &crate::support::files_below(&outside));
        // Nor is anything made there.
        fs::remove_dir_all(&outside).unwrap();
        fs::create_dir(&outside).unwrap();
        run(scratch.relguard_command(&["fix", "--unsafe"]));
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }
}

#[test]
fn links_in_circles_among_a_charts_files_are_no_trouble() {
    let scratch = project();
    link(&scratch, "charts/loop", ".");
    link(&scratch, "charts/a/up", "../..");
    link(&scratch, "charts/a/self", "self");
    refuses(&scratch, &["check"], 1, &["appVersion is 1.2.2"]);
    scratch.git(["add", "--all"]);
    refuses(&scratch, &["check", "--staged"], 1, &["appVersion is 1.2.2"]);
}

#[test]
fn a_config_can_not_name_what_is_gits() {
    let scratch = project();
    let own = fs::read(scratch.path().join(".git/config")).unwrap();
    for config in [
        "carriers: [{ file: .git/config, regex: '(?P<version>bare = false)', value: 'v{version}' }]",
        "carriers: [{ file: .git/hooks/pre-commit, value: 'v{version}' }]",
        "changelog: { path: '.git/CHANGELOG-{major}.{minor}.md' }",
    ] {
        scratch.write(".relguard.yaml", format!("{config}\n"));
        refuses(&scratch, &["check"], run(scratch.relguard_command(&["check"])).status, &[]);
        let status = run(scratch.relguard_command(&["fix", "--unsafe"])).status;
        assert_ne!(status, 0, "{config}");
        assert_eq!(fs::read(scratch.path().join(".git/config")).unwrap(), own);
        assert!(!scratch.path().join(".git/hooks/pre-commit").exists());
        assert!(!scratch.path().join(".git/CHANGELOG-1.2.md").exists());
    }
}
