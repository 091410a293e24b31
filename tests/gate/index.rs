//! Pushes of the chart index's branch.

use crate::archive;
use crate::server::Server;
use crate::support::{Ran, run};

/// A path with its new bytes; without them the file is removed.
type File<'a> = (&'a str, Option<&'a [u8]>);

/// A server whose project has published 1.0.0, by a client that publishes.
fn published() -> Server {
    let server = Server::with_releases();
    publish(&server, "1.0.0", &["--push"]).exits(0);
    server
}

/// Publishes an archive of the chart by relguard.
fn publish(server: &Server, version: &str, args: &[&str]) -> Ran {
    let file = server.client.outside(&format!("app-{version}.tgz"));
    std::fs::write(&file, archive::chart("app", version)).unwrap();
    let args = [&["publish", file.to_str().unwrap()], args].concat();
    run(server.client.relguard_command(&args))
}

/// Commits files on the branch of the chart index, beside what is there, and returns to master.
fn commit(server: &Server, files: &[File<'_>]) {
    server.client.git(["checkout", "--quiet", "gh-pages"]);
    for (path, bytes) in files {
        match bytes {
            Some(bytes) => {
                server.client.write(path, bytes);
            }
            None => {
                server.client.git(["rm", "--quiet", path]);
            }
        }
    }
    server.client.commit("By hand");
    server.client.git(["checkout", "--quiet", "master"]);
}

#[test]
fn what_is_published_gets_in() {
    let server = published();
    publish(&server, "1.1.0", &["--push"]).exits(0);
    // Pages may have other files, and a history that begins anew.
    commit(&server, &[("README.md", Some(b"Pages.\n"))]);
    server.takes(["origin", "gh-pages"]);
    server.client.git(["checkout", "--quiet", "--orphan", "anew", "gh-pages"]);
    server.client.commit("Anew");
    server.takes(["--force", "origin", "anew:gh-pages"]);
    let ran = server.takes(["origin", "anew:refs/heads/other-pages"]);
    assert!(!ran.stderr.contains("index/"), "{}", ran.stderr);
    server.takes(["origin", "--delete", "other-pages"]);
}

#[test]
fn what_is_published_stays() {
    let server = published();
    let index = server.client.git(["show", "gh-pages:index.yaml"]).stdout;
    server.refuses("index/digest", ["origin", "--delete", "gh-pages"]);
    server.refuses("index/digest", ["--force", "origin", "master:gh-pages"]);
    let other = archive::files(&[("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n")]);
    let digest = archive::sha256(&archive::chart("app", "1.0.0"));
    let rewritten = index.replace(&digest, &archive::sha256(&other));
    let client = &server.client;
    let (path, none) = ("charts/app-1.0.0.tgz", b"apiVersion: v1\nentries: {}\n");
    let broken = format!("{index}\n\t- x\n");
    let changes: [(&str, &[File<'_>]); 6] = [
        ("the archive is replaced", &[(path, Some(&other))]),
        ("its digest too", &[(path, Some(&other)), ("index.yaml", Some(rewritten.as_bytes()))]),
        ("the archive is deleted", &[(path, None)]),
        ("the index is deleted", &[("index.yaml", None)]),
        ("the entry is deleted", &[("index.yaml", Some(none))]),
        ("the index is broken", &[("index.yaml", Some(broken.as_bytes()))]),
    ];
    for (what, files) in changes {
        let before = client.git(["rev-parse", "gh-pages"]).stdout.trim().to_owned();
        commit(&server, files);
        let ran = server.refuses("index/digest", ["origin", "gh-pages"]);
        assert!(ran.stderr.contains("gh-pages"), "{what}: {}", ran.stderr);
        // In one push with others as well.
        server.refuses("index/digest", ["origin", "gh-pages", "master:refs/heads/topic"]);
        client.git(["branch", "--quiet", "--force", "gh-pages", &before]);
    }
}

#[test]
fn what_is_new_is_what_it_says() {
    let server = published();
    let index = server.client.git(["show", "gh-pages:index.yaml"]).stdout;
    let (bytes, digest) = (archive::chart("app", "1.1.1"), archive::sha256(&archive::chart("app", "1.1.1")));
    let entry =
        format!("  app:\n  - digest: {digest}\n    urls: [charts/app-1.1.0.tgz]\n    version: 1.1.0\n");
    let listed = index.replace("  app:\n", &entry);
    let files = [("charts/app-1.1.0.tgz", Some(bytes.as_slice())), ("index.yaml", Some(listed.as_bytes()))];
    commit(&server, &files);
    server.refuses("index/archive", ["origin", "gh-pages"]);
    commit(&server, &[("index.yaml", Some(index.as_bytes()))]);
    server.refuses("index/archive", ["origin", "gh-pages"]);
}

#[test]
fn a_push_that_weakens_the_rule_is_judged_by_it() {
    let server = published();
    server.commit(".relguard.yaml", "index: { branch: elsewhere }\nrules: { index/digest: off }\n");
    server.refuses("index/digest", ["origin", "master", ":gh-pages"]);
    server.takes(["origin", "master"]);
    server.takes(["origin", "--delete", "gh-pages"]);
}

#[test]
fn what_is_published_comes_from_where_it_did() {
    let server = published();
    publish(&server, "1.1.0", &["--push"]).exits(0);
    let client = &server.client;
    let index = client.git(["show", "gh-pages:index.yaml"]).stdout;
    let (url, evil) = ("    - charts/app-1.0.0.tgz\n", "https://evil.example/charts/app-1.0.0.tgz");
    let all_evil = index.replace("- charts/", "- https://evil.example/charts/");
    let with = |lines: &str| index.replace(url, lines);
    for changed in [
        with(&format!("    - {evil}\n")),
        with(&format!("    - {evil}\n{url}")),
        with("    - //evil.example/charts/app-1.0.0.tgz\n"),
        with("    - charts/app-1.1.0.tgz\n"),
        index.replace(&format!("    urls:\n{url}"), "    urls: []\n"),
        all_evil,
    ] {
        assert_ne!(changed, index);
        let before = client.git(["rev-parse", "gh-pages"]).stdout.trim().to_owned();
        commit(&server, &[("index.yaml", Some(changed.as_bytes()))]);
        let ran = server.refuses("index/digest", ["origin", "gh-pages"]);
        assert!(ran.stderr.contains("app 1.0.0 is published at charts/app-1.0.0.tgz"), "{}", ran.stderr);
        client.git(["branch", "--quiet", "--force", "gh-pages", &before]);
    }
    // A mirror may follow.
    let mirrored = with(&format!("{url}    - https://mirror.example/app-1.0.0.tgz\n"));
    commit(&server, &[("index.yaml", Some(mirrored.as_bytes()))]);
    server.takes(["origin", "gh-pages"]);
}

#[test]
fn what_is_published_moves_with_the_config() {
    let server = published();
    let index = server.client.git(["show", "gh-pages:index.yaml"]).stdout;
    let mut addresses = Vec::new();
    for base in ["https://example.github.io/app", "https://charts.example.org"] {
        let moved = index.replace("- charts/", &format!("- {base}/charts/"));
        let before = server.client.git(["rev-parse", "gh-pages"]).stdout.trim().to_owned();
        commit(&server, &[("index.yaml", Some(moved.as_bytes()))]);
        server.refuses("index/digest", ["origin", "gh-pages"]);
        server.client.git(["branch", "--quiet", "--force", "gh-pages", &before]);
        server.commit(".relguard.yaml", &format!("index: {{ url: \"{base}\" }}\n"));
        server.takes(["origin", "master"]);
        commit(&server, &[("index.yaml", Some(moved.as_bytes()))]);
        server.takes(["origin", "gh-pages"]);
        addresses.push(moved);
    }
    // And back where it is not: that is no longer the config's.
    commit(&server, &[("index.yaml", Some(addresses[0].as_bytes()))]);
    server.refuses("index/digest", ["origin", "gh-pages"]);
    commit(&server, &[("index.yaml", Some(index.as_bytes()))]);
    server.takes(["origin", "gh-pages"]);
}

#[test]
fn an_archive_without_a_digest_is_guarded_by_its_bytes() {
    let server = published();
    let index = server.client.git(["show", "gh-pages:index.yaml"]).stdout;
    let digest = archive::sha256(&archive::chart("app", "1.0.0"));
    let bare = index.replace(&format!("    digest: {digest}\n"), "");
    assert_ne!(bare, index);
    // Of before the gate.
    commit(&server, &[("index.yaml", Some(bare.as_bytes()))]);
    server.commit(".relguard.yaml", "rules: { index/digest: off }\n");
    server.takes(["origin", "master"]);
    server.takes(["origin", "gh-pages"]);
    server.commit(".relguard.yaml", "{}\n");
    server.takes(["origin", "master"]);
    let other = archive::files(&[("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n")]);
    let matching = index.replace(&digest, &archive::sha256(&other));
    let path = "charts/app-1.0.0.tgz";
    commit(&server, &[(path, Some(&other)), ("index.yaml", Some(matching.as_bytes()))]);
    let ran = server.refuses("index/digest", ["origin", "gh-pages"]);
    assert!(ran.stderr.contains("which is published, and would be replaced"), "{}", ran.stderr);
    // The digest of what is there may come.
    let bytes = archive::chart("app", "1.0.0");
    commit(&server, &[(path, Some(&bytes)), ("index.yaml", Some(index.as_bytes()))]);
    server.takes(["origin", "gh-pages"]);
}
