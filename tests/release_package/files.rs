//! Which files of a chart's folder go into its archive, and with which bytes.

use std::os::unix::fs::symlink;

use crate::support::Scratch;
use crate::{cannot, chart, content, names, package, refused};

#[test]
fn helmignore_is_read_as_helm_reads_it() {
    let scratch = chart::project();
    let odd = [
        "*.md",
        "/docs/",
        "a?c",
        "[x-z]*",
        "\\!bang",
        "tests/",
        "  spaced  ",
        "# comment",
        "files/*/deep",
        "!*",
    ];
    // The last one would leave out everything: it goes.
    scratch.write("charts/app/.helmignore", odd[..9].join("\n"));
    let files = [
        "README.md",
        "docs/a",
        "sub/docs/a",
        "abc",
        "abbc",
        "x1",
        "w1",
        "!bang",
        "bang",
        "sub/tests/a",
        "spaced",
        "comment",
        "files/a/deep",
        "files/a/b/deep",
        "files/deep",
        "sub/README.md",
    ];
    for file in files {
        scratch.write(&format!("charts/app/{file}"), "x");
    }
    scratch.write("charts/app/templates/.hidden", "x").write("charts/app/templates/_help.tpl", "x");
    scratch.commit("Files");
    package(&scratch).exits(0);
    let expected = [
        "Chart.yaml",
        "values.yaml",
        "templates/_help.tpl",
        ".helmignore",
        "abbc",
        "bang",
        "comment",
        "files/a/b/deep",
        "files/deep",
        "sub/docs/a",
        "w1",
    ];
    assert_eq!(names(&scratch.outside("out/app-1.0.0.tgz")), expected.map(|name| format!("app/{name}")));
}

#[test]
fn links_are_followed_within_the_repository() {
    let scratch = chart::project();
    scratch.write("shared/a.yaml", "a\n").write("shared/deep/b.yaml", "b\n");
    std::fs::create_dir(scratch.path().join("charts/app/files")).unwrap();
    symlink("../../shared", scratch.path().join("charts/app/all")).unwrap();
    symlink("../../../shared/a.yaml", scratch.path().join("charts/app/files/one")).unwrap();
    scratch.commit("Links");
    package(&scratch).exits(0);
    let archive = scratch.outside("out/app-1.0.0.tgz");
    let expected = ["Chart.yaml", "values.yaml", "all/a.yaml", "all/deep/b.yaml", "files/one"];
    assert_eq!(names(&archive), expected.map(|name| format!("app/{name}")));
    assert_eq!(content(&archive, "app/all/deep/b.yaml"), "b\n");
    assert_eq!(content(&archive, "app/files/one"), "a\n");
    std::fs::remove_dir_all(scratch.outside("out")).unwrap();
    symlink("/etc/hostname", scratch.path().join("charts/app/files/secret")).unwrap();
    scratch.commit("A secret");
    refused(&scratch, &[], "/etc/hostname is outside the repository");
    scratch.write(".relguard.yaml", "rules: {chart/packageable: off}\n");
    scratch.commit("Off");
    cannot(&scratch, &[], "charts/app/files/secret can't be packaged");
}

#[test]
fn files_are_as_they_are_committed() {
    let scratch = chart::project();
    scratch.write("charts/app/crlf.txt", "a\r\nb\r\n").write("charts/app/marked.txt", "\u{feff}a");
    scratch.write("charts/app/empty", "").write("charts/app/bytes", [0_u8, 159, 146, 150]);
    let long = format!("{}/{}", "deep/".repeat(60).trim_end_matches('/'), "x".repeat(120));
    scratch.write(&format!("charts/app/{long}"), "long\n").write("charts/app/größe", "é\n");
    scratch.commit("Files");
    package(&scratch).exits(0);
    let archive = scratch.outside("out/app-1.0.0.tgz");
    assert_eq!(content(&archive, "app/crlf.txt"), "a\r\nb\r\n");
    // Helm takes a byte-order mark off every file.
    assert_eq!(content(&archive, "app/marked.txt"), "a");
    assert_eq!(content(&archive, "app/empty"), "");
    assert_eq!(content(&archive, &format!("app/{long}")), "long\n");
    assert_eq!(content(&archive, "app/größe"), "é\n");
}

#[test]
fn a_pointer_of_git_lfs_is_not_packaged_for_the_file() {
    let scratch = chart::project();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1\nsize 12345\n";
    scratch.write("charts/app/files/model.bin", pointer);
    scratch.commit("LFS");
    cannot(&scratch, &[], "charts/app/files/model.bin can't be packaged: it is kept in Git LFS");
}

#[test]
fn a_submodule_is_not_left_out_in_silence() {
    let scratch = chart::project();
    let head = scratch.git(["rev-parse", "HEAD"]).stdout;
    let entry = format!("160000,{},charts/app/files/sub", head.trim());
    scratch.git(["update-index", "--add", "--cacheinfo", &entry]);
    scratch.git(["commit", "--quiet", "-m", "A submodule"]);
    std::fs::create_dir_all(scratch.path().join("charts/app/files/sub")).unwrap();
    cannot(&scratch, &["--ref", "HEAD"], "charts/app/files/sub can't be packaged: it is a submodule");
    scratch.write("charts/app/.helmignore", "files/sub/\n");
    scratch.git(["add", "charts/app/.helmignore"]);
    scratch.git(["commit", "--quiet", "-m", "Leave it out"]);
    scratch.relguard(["package", "--ref", "HEAD", "-d", "../out"]).exits(0);
}

#[test]
fn a_lock_and_requirements_are_where_helm_has_them() {
    let lock = "# by hand\ngenerated: 2026-01-02T03:04:05.60Z\ndigest: sha256:ab\ndependencies:\n- version: 1\n  name: x\n  repository: ''\n";
    let scratch = of_v1();
    scratch.write("charts/app/requirements.lock", lock).write("charts/app/Chart.lock", lock);
    scratch.commit("v1");
    package(&scratch).exits(0);
    let archive = scratch.outside("out/app-1.0.0.tgz");
    let expected = ["Chart.yaml", "requirements.lock", "requirements.yaml", "charts/x/Chart.yaml"];
    assert_eq!(names(&archive), expected.map(|name| format!("app/{name}")));
    assert_eq!(
        content(&archive, "app/Chart.yaml"),
        "apiVersion: v1\nappVersion: 1.0.0\nname: app\nversion: 1.0.0\n"
    );
    assert_eq!(content(&archive, "app/requirements.lock"), lock);

    std::fs::remove_dir_all(scratch.outside("out")).unwrap();
    let v2 = scratch.read(chart::CHART).replace("v1", "v2");
    scratch.write(chart::CHART, v2);
    scratch.commit("v2");
    package(&scratch).exits(0);
    let expected = ["Chart.yaml", "Chart.lock", "charts/x/Chart.yaml"];
    assert_eq!(names(&archive), expected.map(|name| format!("app/{name}")));
    let written = "dependencies:\n- name: x\n  repository: \"\"\n  version: \"1\"\ndigest: sha256:ab\ngenerated: \"2026-01-02T03:04:05.6Z\"\n";
    assert_eq!(content(&archive, "app/Chart.lock"), written);
    let chart = "apiVersion: v2\nappVersion: 1.0.0\ndependencies:\n- name: x\n  repository: \"\"\n  version: 1.x\nname: app\nversion: 1.0.0\n";
    assert_eq!(content(&archive, "app/Chart.yaml"), chart);
}

fn of_v1() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(chart::CHART, "apiVersion: v1\nname: app\nversion: 1.0.0\nappVersion: 1.0.0\n");
    scratch.write("charts/app/requirements.yaml", "dependencies:\n- name: x\n  version: 1.x\n");
    scratch.write("charts/app/charts/x/Chart.yaml", "apiVersion: v1\nname: x\nversion: 1.0.0\n");
    scratch
}

#[test]
fn a_name_that_is_no_text_is_not_left_out_in_silence() {
    use std::os::unix::ffi::OsStrExt as _;
    let scratch = chart::project();
    let folder = scratch.path().join("charts/app/files/deep");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "x").unwrap();
    scratch.commit("Latin-1");
    cannot(&scratch, &[], "charts/app can't be packaged: the name of a file in it is not UTF-8: caf");
}
