//! What a server's hook may be called with, and what may be wrong with its repository.

use std::io::Write as _;
use std::process::Stdio;

use crate::server::Server;
use crate::support::{Ran, isolated};

/// Runs a hook in the bare repository with some standard input.
fn hook(server: &Server, args: &[&str], input: &[u8]) -> Ran {
    let mut command = isolated(env!("CARGO_BIN_EXE_relguard"), &server.client.outside(""));
    command.arg("hook").args(args).current_dir(server.bare());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[track_caller]
fn can_not_judge(ran: Ran, cause: &str) {
    let ran = ran.exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(cause), "{}", ran.stderr);
    assert!(ran.stderr.contains("= help: "), "{}", ran.stderr);
}

#[test]
fn garbage_on_the_standard_input() {
    let server = Server::with_releases();
    let (id, zero) = ("a".repeat(40), "0".repeat(40));
    can_not_judge(hook(&server, &["pre-receive"], b""), "the standard input is empty");
    for input in ["x\n", "\n\n", &format!("{zero} {id}\n"), "\u{0}\u{0}"] {
        can_not_judge(hook(&server, &["pre-receive"], input.as_bytes()), "line 1 of the standard input");
        can_not_judge(
            hook(&server, &["pre-push", "origin", "url"], input.as_bytes()),
            "line 1 of the standard input",
        );
    }
    can_not_judge(hook(&server, &["pre-push"], b""), "nothing says what is pushed");
    can_not_judge(hook(&server, &["update"], b""), "takes a ref");
    can_not_judge(hook(&server, &["update", "refs/heads/x", "y", "z"], b""), "takes a ref");
}

#[test]
fn an_object_that_is_not_there() {
    let server = Server::with_releases();
    let (id, zero) = ("a".repeat(40), "0".repeat(40));
    for name in ["refs/tags/v1.0.1", "refs/heads/release-1.1", "refs/heads/master"] {
        let input = format!("{zero} {id} {name}\n");
        can_not_judge(hook(&server, &["pre-receive"], input.as_bytes()), &id);
    }
}

#[test]
fn a_server_whose_default_branch_does_not_exist() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.client.git(["-C", bare.to_str().unwrap(), "symbolic-ref", "HEAD", "refs/heads/nowhere"]);
    server.client.git(["-C", bare.to_str().unwrap(), "branch", "-m", "master", "elsewhere"]);
    // A tag needs none; a new release branch does.
    server.takes(["origin", "release-1.0:refs/tags/v1.0.1"]);
    server.can_not_judge("there is no default branch", ["origin", "master:refs/heads/release-1.1"]);
}

#[test]
fn a_corrupt_pack() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.client.git(["-C", bare.to_str().unwrap(), "repack", "-adq"]);
    let packs = std::fs::read_dir(bare.join("objects/pack")).unwrap().map(|entry| entry.unwrap().path());
    let pack = packs.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let end = bytes.len() - 20;
    bytes[12..end].fill(0xff);
    std::fs::remove_file(&pack).unwrap();
    std::fs::write(&pack, bytes).unwrap();
    let tip = server.client.git(["rev-parse", "release-1.0"]).stdout;
    let input = format!("{} {} refs/tags/v1.0.1\n", "0".repeat(40), tip.trim());
    can_not_judge(hook(&server, &["pre-receive"], input.as_bytes()), "object");
}

#[test]
fn names_that_are_not_utf8() {
    let server = Server::with_releases();
    let tip = server.client.git(["rev-parse", "release-1.0"]).stdout;
    let mut input = format!("{} {} refs/tags/v1.0.1", "0".repeat(40), tip.trim()).into_bytes();
    input.extend(b"\xff\xfe\n");
    let ran = hook(&server, &["pre-receive"], &input).exits(1);
    assert!(
        ran.stdout.contains("error[tag/name]") || ran.stderr.contains("error[tag/name]"),
        "{}",
        ran.stdout
    );
}
