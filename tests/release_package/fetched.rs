//! The charts that `helm dependency build` puts into the working tree, where no commit has them.

use std::fs;

use serde_json::json;
use tar::EntryType;

use crate::dependencies::{archive, named, with};
use crate::support::{Scratch, run};
use crate::{content, names, package, refused};

const ASKED: &str = "{name: redis, version: ^1, repository: 'https://charts.example.org'}";
const ARCHIVE: &str = "charts/app/charts/redis-1.4.0.tgz";
const LOCK: &str = "charts/app/Chart.lock";
const TAKEN: &str = "app/charts/redis/Chart.yaml";

fn hex(bytes: impl AsRef<[u8]>) -> String {
    relguard::document::hex_sha256(bytes.as_ref())
}

/// The lock file that Helm makes for `ASKED`, where the repository has these versions.
fn lock(versions: &[&str]) -> String {
    let from = "https://charts.example.org";
    let entry = |version: &&str| format!(r#"{{"name":"redis","version":"{version}","repository":"{from}"}}"#);
    let list: Vec<String> = versions.iter().map(entry).collect();
    let digest = hex(format!("[[{}],[{}]]", entry(&"^1"), list.join(",")));
    let entry = |version| format!("- {{name: redis, repository: {from}, version: {version}}}\n");
    let none = if versions.is_empty() { " []" } else { "" };
    let list: String = versions.iter().map(entry).collect();
    format!("dependencies:{none}\n{list}digest: sha256:{digest}\ngenerated: \"2026-01-01T00:00:00Z\"\n")
}

fn redis(version: &str) -> Vec<u8> {
    archive(&[
        ("redis/Chart.yaml", EntryType::Regular, &named("redis", version)),
        ("redis/templates/a.yaml", EntryType::Regular, "a: 1\n"),
    ])
}

/// A project whose lock file has redis 1.4.0, which no commit has.
fn locked() -> Scratch {
    let scratch = with(ASKED);
    scratch.write(LOCK, lock(&["1.4.0"])).write(".gitignore", "*.tgz\n");
    scratch.commit("Redis");
    scratch.git(["tag", "v1.0.0"]);
    scratch
}

fn made(scratch: &Scratch) -> std::path::PathBuf {
    scratch.outside("out/app-1.0.0.tgz")
}

#[test]
fn what_the_lock_file_names_is_taken_from_the_working_tree() {
    let scratch = locked();
    scratch.write(ARCHIVE, redis("1.4.0"));
    let said = format!(
        "note: the dependency redis 1.4.0 is taken from the working tree: {ARCHIVE} (sha256 {})\n",
        hex(redis("1.4.0"))
    );
    for rev in [&[][..], &["--ref", "v1.0.0"], &["--dry-run"], &["--strict"]] {
        let out = scratch.outside("out");
        let args = [&["package", "-d", out.to_str().unwrap()], rev].concat();
        let ran = run(scratch.relguard_command(&args)).exits(0);
        assert_eq!(ran.stderr, said, "{rev:?}");
    }
    assert_eq!(content(&made(&scratch), TAKEN), named("redis", "1.4.0"));
    assert_eq!(content(&made(&scratch), "app/charts/redis/templates/a.yaml"), "a: 1\n");
    assert_eq!(run(scratch.relguard_command(&["package", "-q", "--dry-run"])).exits(0).stderr, "");
    let plan = scratch.json(["package", "--ref", "v1.0.0", "-d", "../out"]);
    let fetched =
        json!([{"name": "redis", "version": "1.4.0", "path": ARCHIVE, "sha256": hex(redis("1.4.0"))}]);
    assert_eq!((&plan["archives"][0]["fetched"], &plan["findings"]), (&fetched, &json!([])));
}

#[test]
fn the_same_chart_makes_the_same_bytes_however_it_was_packed() {
    let scratch = locked();
    scratch.write(ARCHIVE, redis("1.4.0"));
    package(&scratch).exits(0);
    let fetched = fs::read(made(&scratch)).unwrap();
    // Unpacked and packed anew, and then as a part of the commit: nothing of who packed it is in the result.
    let other = archive(&[
        ("redis/templates/a.yaml", EntryType::Regular, "a: 1\n"),
        ("redis/", EntryType::Directory, ""),
        ("redis/Chart.yaml", EntryType::Regular, &named("redis", "1.4.0")),
    ]);
    scratch.write(ARCHIVE, other);
    package(&scratch).exits(0);
    assert_eq!(fs::read(made(&scratch)).unwrap(), fetched);
    scratch.git(["add", "--force", ARCHIVE]);
    scratch.commit("Vendor it");
    package(&scratch).exits(0);
    assert_eq!(fs::read(made(&scratch)).unwrap(), fetched);
}

#[test]
fn nothing_else_of_the_working_tree_is_taken() {
    let scratch = locked();
    let missing = "error[chart/packageable]: the dependency redis is not in charts/, and the working tree has no \
                   charts/app/charts/redis-1.4.0.tgz";
    let help = "run `helm dependency build charts/app`, which gets it from https://charts.example.org, then this again";
    refused(&scratch, &[], missing);
    refused(&scratch, &[], help);
    let plan = scratch.json(["package"]);
    let absent =
        json!([{"chart": "charts/app", "name": "redis", "repository": "https://charts.example.org"}]);
    assert_eq!((&plan["refused"], &plan["missing"]), (&json!(true), &absent));
    scratch.write("charts/app/charts/redis-1.5.0.tgz", redis("1.5.0"));
    scratch.write("charts/app/charts/redis/Chart.yaml", named("redis", "1.4.0"));
    refused(&scratch, &["--ref", "v1.0.0"], missing);

    let of_disk = |what: &str| format!("and {ARCHIVE} of the working tree can't be taken: {what}");
    scratch.write(ARCHIVE, redis("1.5.0"));
    refused(&scratch, &[], &of_disk("it holds redis 1.5.0, and 1.4.0 is asked for"));
    scratch.write(ARCHIVE, archive(&[("other/Chart.yaml", EntryType::Regular, &named("other", "1.4.0"))]));
    refused(&scratch, &[], &of_disk("it holds other 1.4.0"));
    scratch.write(ARCHIVE, &redis("1.4.0")[..60]);
    refused(&scratch, &[], &of_disk(&format!("{ARCHIVE} is no chart's archive: it is cut off")));
    scratch.write(ARCHIVE, vec![0; 5 * 1024 * 1024 + 1]);
    refused(&scratch, &[], &of_disk("it has over 5 MiB"));
    fs::remove_file(scratch.path().join(ARCHIVE)).unwrap();
    std::os::unix::fs::symlink(scratch.outside("redis.tgz"), scratch.path().join(ARCHIVE)).unwrap();
    refused(&scratch, &[], &of_disk("its symbolic link can't be followed"));

    // A wanted archive brings no other one with it.
    fs::remove_file(scratch.path().join(ARCHIVE)).unwrap();
    scratch.write(ARCHIVE, redis("1.4.0"));
    scratch.write("charts/app/charts/more-1.0.0.tgz", redis("1.0.0"));
    scratch.write("charts/app/charts/redis-1.4.0.tgz.prov", "signed").write("charts/app/notes", "x");
    package(&scratch).exits(0);
    let expected = ["Chart.yaml", "Chart.lock", "values.yaml", "charts/redis/Chart.yaml"]
        .map(|name| format!("app/{name}"));
    assert_eq!(names(&made(&scratch))[..4], expected);
    assert_eq!(names(&made(&scratch)).len(), 5);
}

#[test]
fn an_archive_is_taken_under_whatever_name_its_url_ends_in() {
    let scratch = locked();
    let folder = "charts/app/charts";
    scratch.write(&format!("{folder}/cut-off.tgz"), &redis("1.4.0")[..40]);
    scratch.write(&format!("{folder}/other.tgz"), redis("1.5.0"));
    // Helm keeps these names too, and packs none of them.
    for name in ["download", "redis-1.4.0.tar.gz", "_redis.tgz"] {
        let path = format!("{folder}/{name}");
        scratch.write(&path, redis("1.4.0"));
        refused(&scratch, &[], &format!("and Helm packs none that is named as {path} of the working tree"));
        refused(&scratch, &[], &format!("rename it: mv {path} {ARCHIVE}"));
        fs::remove_file(scratch.path().join(path)).unwrap();
    }
    scratch.write(&format!("{folder}/chart.tgz"), redis("1.4.0"));
    let ran = package(&scratch).exits(0);
    let said = format!("redis 1.4.0 is taken from the working tree: {folder}/chart.tgz (sha256 ");
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    let bytes = fs::read(made(&scratch)).unwrap();
    // By the name that says it, the same chart makes the same bytes.
    fs::rename(scratch.path().join(folder).join("chart.tgz"), scratch.path().join(ARCHIVE)).unwrap();
    package(&scratch).exits(0);
    assert_eq!(fs::read(made(&scratch)).unwrap(), bytes);
    fs::rename(scratch.path().join(ARCHIVE), scratch.path().join(folder).join("a.tgz")).unwrap();
    scratch.write(&format!("{folder}/b.tgz"), redis("1.4.0"));
    fs::remove_dir_all(scratch.outside("out")).unwrap();
    refused(&scratch, &[], &format!("{folder}/a.tgz and {folder}/b.tgz of the working tree both hold 1.4.0"));
}

#[test]
fn one_exact_version_says_as_much_as_a_lock_file() {
    let scratch = with(&ASKED.replace("^1", "1.4.0"));
    scratch.write(".gitignore", "*.tgz\n");
    scratch.commit("Redis");
    refused(&scratch, &[], &format!("and the working tree has no {ARCHIVE}"));
    scratch.write(ARCHIVE, redis("1.5.0"));
    refused(&scratch, &[], "it holds redis 1.5.0, and 1.4.0 is asked for");
    scratch.write(ARCHIVE, redis("1.4.0"));
    let out = scratch.outside("out");
    run(scratch.relguard_command(&["package", "-d", out.to_str().unwrap()])).exits(0);
    assert_eq!(content(&made(&scratch), TAKEN), named("redis", "1.4.0"));
    let without_patch = with(&ASKED.replace("^1", "'1.4'"));
    without_patch.commit("Redis");
    refused(&without_patch, &[], "without a lock file nothing says which version to take");
}

#[test]
fn without_a_lock_file_that_fits_nothing_says_what_to_take() {
    let lock_file = "commit the lock file that `helm dependency update charts/app` makes; then run `helm dependency build";
    let cases = [
        (None, "and without a lock file nothing says which version to take"),
        (Some(lock(&["1.4.0"]).replace("sha256:", "sha256:0")), "and Chart.lock is stale"),
        (Some(lock(&["2.0.0"])), "and the version 2.0.0 of Chart.lock is not what is asked for"),
        (Some(lock(&["1.4.0", "1.5.0"])), "and Chart.lock has it in several versions"),
        (Some(lock(&[])), "and Chart.lock does not have it"),
    ];
    for (lock, said) in cases {
        let scratch = with(ASKED);
        scratch.commit("Redis");
        if let Some(lock) = lock {
            scratch.write(LOCK, lock);
            scratch.commit("Locked");
        } else {
            // Helm made one, and it is not committed.
            scratch.write(LOCK, self::lock(&["1.4.0"]));
        }
        for version in ["1.4.0", "1.5.0", "2.0.0"] {
            scratch.write(&format!("charts/app/charts/redis-{version}.tgz"), redis(version));
        }
        refused(&scratch, &[], said);
        let one = "in the archive one would lie over the other: ask for one version";
        refused(&scratch, &[], if said.ends_with("several versions") { one } else { lock_file });
    }
}

#[test]
fn what_helmignore_leaves_out_is_not_taken() {
    let scratch = locked();
    scratch.write("charts/app/.helmignore", "/charts/*-1.4.0.tgz\n");
    scratch.commit("Leave it out");
    scratch.write(ARCHIVE, redis("1.4.0"));
    refused(&scratch, &[], "`/charts/*-1.4.0.tgz` of .helmignore leaves it out");
}

#[test]
fn a_bare_repository_has_nothing_to_take_it_from() {
    let scratch = locked();
    scratch.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let mut command = scratch.relguard_command(&["package", "--ref", "v1.0.0"]);
    command.current_dir(scratch.outside("bare.git"));
    let ran = run(command).exits(1);
    let said =
        "the dependency redis is not in charts/, and a bare repository has no working tree to take it from";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn what_a_repository_says_is_shown_harmless() {
    let scratch = with("{name: redis, version: ^1, repository: \"https://charts.example.org/\\e[31m\"}");
    scratch.write(".relguard.yaml", "rules: {chart/packageable: off}\n");
    scratch.commit("Redis");
    refused(&scratch, &[], "which gets it from https://charts.example.org/\\u{1b}[31m, then this again");
}
