//! The same commit gives the same bytes, whoever packages it, where and when.

use std::fs;

use crate::support::{Scratch, isolated, run};
use crate::{entries, package};

/// A chart of every kind of file, committed at a fixed time.
fn project() -> Scratch {
    let scratch = Scratch::new();
    let chart = "# a comment\nversion: 1.2.3\nname: demo\napiVersion: v2\nappVersion: 1.2.3\ndescription: >-\n  A demo\n  \
                 of packaging\nunknown: dropped\ndeprecated: false\ndependencies:\n- {name: common, version: 0.x, \
                 repository: \"file://../../libs/common\"}\n";
    scratch.write("charts/demo/Chart.yaml", chart);
    scratch.write("charts/demo/values.yaml", "image:\n  tag: v1.2.3\n");
    scratch.write("charts/demo/values.schema.json", "{}\n");
    scratch.write("charts/demo/templates/a.yaml", "a: {{ .Values.a }}\n".repeat(50));
    scratch.write("charts/demo/templates/NOTES.txt", "Thanks.\n");
    scratch.write("charts/demo/crds/b.yaml", "b: 1\n");
    scratch.write("charts/demo/files/z-a", "1\n").write("charts/demo/files/z/b", "2\n");
    scratch.write("charts/demo/README.md", "# demo\n").write("charts/demo/LICENSE", "free\n");
    scratch.write("libs/common/Chart.yaml", "apiVersion: v2\nname: common\nversion: 0.1.0\ntype: library\n");
    scratch.write("libs/common/templates/_help.tpl", "{{/* help */}}\n");
    scratch.commit("demo 1.2.3");
    scratch
}

const SHA256: &str = "b689ff73e44d67c5e6317175b4981d7d72f55f9358a30471b51c911f59461abf";

#[test]
fn an_archive_never_changes() {
    let scratch = project();
    let ran = package(&scratch).exits(0);
    let path = scratch.outside("out/demo-1.2.3.tgz");
    // Whoever has this archive published must get the same one from every later relguard.
    assert_eq!(ran.stdout, format!("{SHA256}  {}\n", path.display()));
    let sum = fs::read_to_string(scratch.outside("out/demo-1.2.3.tgz.sha256")).unwrap();
    assert_eq!(sum, format!("{SHA256}  demo-1.2.3.tgz\n"));
    let mut check = isolated("sha256sum", &scratch.outside(""));
    check.args(["--check", "--strict", "demo-1.2.3.tgz.sha256"]).current_dir(scratch.outside("out"));
    run(check).exits(0);
    let names: Vec<String> = entries(&path).into_iter().map(|(name, _)| name).collect();
    let expected = [
        "demo/Chart.yaml",
        "demo/values.yaml",
        "demo/values.schema.json",
        "demo/templates/NOTES.txt",
        "demo/templates/a.yaml",
        "demo/LICENSE",
        "demo/README.md",
        "demo/crds/b.yaml",
        "demo/files/z/b",
        "demo/files/z-a",
        "demo/charts/common/Chart.yaml",
        "demo/charts/common/templates/_help.tpl",
    ];
    assert_eq!(names, expected);
    let chart = "apiVersion: v2\nappVersion: 1.2.3\ndependencies:\n- name: common\n  repository: file://../../libs/common\n  \
                 version: 0.x\ndescription: A demo of packaging\nname: demo\nversion: 1.2.3\n";
    assert_eq!(entries(&path)[0].1, chart);
}

#[test]
fn other_clones_users_clocks_and_zones_give_the_same_bytes() {
    let scratch = project();
    package(&scratch).exits(0);
    let first = fs::read(scratch.outside("out/demo-1.2.3.tgz")).unwrap();
    // A clone of somebody else's, elsewhere, with other times on disk, in other places of the object store.
    let clone = scratch.outside("deep/er/clone");
    scratch.git(["gc", "--quiet", "--aggressive"]);
    scratch.git(["clone", "--quiet", "--no-local", ".", clone.to_str().unwrap()]);
    let mut touch = isolated("sh", &scratch.outside(""));
    touch.args(["-c", "find . -name .git -prune -o -type f -exec touch -d 2001-01-01 {} + ; chmod 600 charts/demo/README.md"]);
    run({
        touch.current_dir(&clone);
        touch
    })
    .exits(0);
    let program = env!("CARGO_BIN_EXE_relguard");
    let mut other = isolated("sh", &scratch.outside("other-home"));
    other.args(["-c", "umask 077; exec \"$@\"", "sh", program, "package", "--ref", "HEAD", "-d", "../out"]);
    other.current_dir(&clone).env("TZ", "Asia/Tokyo").env("LC_ALL", "de_DE.UTF-8").env("USER", "eve");
    other.env("SOURCE_DATE_EPOCH", "1");
    run(other).exits(0);
    assert_eq!(fs::read(scratch.outside("deep/er/out/demo-1.2.3.tgz")).unwrap(), first);
    // The bare repository has the same.
    let bare = scratch.outside("bare.git");
    scratch.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let mut third =
        scratch.relguard_command(&["-C", bare.to_str().unwrap(), "package", "--ref", "master", "-d", "out"]);
    third.current_dir(scratch.outside(""));
    run(third).exits(0);
    assert_eq!(fs::read(bare.join("out/demo-1.2.3.tgz")).unwrap(), first);
}

#[test]
fn another_commit_of_the_same_files_has_its_own_time() {
    let scratch = project();
    package(&scratch).exits(0);
    let mut commit = isolated("git", &scratch.outside(""));
    commit.args(["commit", "--quiet", "--amend", "--no-edit", "--no-verify"]).current_dir(scratch.path());
    commit.env("GIT_COMMITTER_DATE", "1767225601 +0200");
    run(commit).exits(0);
    let ran = scratch.json(["package", "-d", "../later"]);
    assert_ne!(ran["archives"][0]["sha256"], SHA256);
}
