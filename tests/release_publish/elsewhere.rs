//! Publishing in another repository.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use crate::support::{run, script};
use crate::{Project, archive};

/// A bare repository for the chart index, as a path.
fn charts(project: &Project) -> String {
    let path = project.scratch.outside("charts.git").to_str().unwrap().to_owned();
    project.scratch.git(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", &path]);
    path
}

fn log(project: &Project, repo: &str) -> String {
    project.git(["-C", repo, "log", "--format=%s", "gh-pages"]).replace('\n', "; ")
}

#[test]
fn the_index_may_be_in_another_repository() {
    let project = Project::new();
    let repo = charts(&project);
    let before = (project.refs(), project.git(["count-objects"]));
    let one = project.archive("app", "1.0.0");
    let ran = project.publish(&[&one, "--repo", &repo]).exits(0);
    assert!(ran.stdout.ends_with(&format!("done: push gh-pages to {repo}\n")), "{}", ran.stdout);
    assert_eq!(log(&project, &repo), "Publish app 1.0.0");
    let ran = project.publish(&[&one, "--repo", &repo]).exits(0);
    assert!(ran.stdout.contains("already done: app 1.0.0"), "{}", ran.stdout);
    // A relative path, and another archive beside it.
    project.publish(&[&one, &project.archive("app", "1.1.0"), "--repo", "../charts.git"]).exits(0);
    assert_eq!(log(&project, &repo), "Publish app 1.1.0; Publish app 1.0.0");
    assert_eq!(project.git(["-C", &repo, "ls-tree", "-r", "--name-only", "gh-pages"]).lines().count(), 3);
    project.scratch.git(["-C", &repo, "fsck", "--strict"]);
    assert_eq!((project.refs(), project.git(["count-objects"])), before);
}

#[test]
fn a_changed_tree_of_ones_own_refuses() {
    let project = Project::new();
    let repo = charts(&project);
    project.scratch.write("README.md", "changed\n");
    let path = project.archive("app", "1.0.0");
    project.refuses(2, "`relguard publish` needs a clean working tree", &[&path, "--repo", &repo]);
    assert_eq!(project.scratch.try_git(["-C", &repo, "log", "gh-pages"]).status, 128);
}

#[test]
fn it_may_be_the_default_branch_there() {
    let project = Project::new();
    let repo = charts(&project);
    let config = project.put("charts.yaml", b"index: { branch: main, archives: . }\n");
    let path = project.archive("app", "1.0.0");
    project.publish(&[&path, "--repo", &repo, "--config", &config]).exits(0);
    assert_eq!(project.git(["-C", &repo, "log", "--format=%s", "main"]), "Publish app 1.0.0");
}

#[test]
fn another_archive_is_refused_there_as_well() {
    let project = Project::new();
    let repo = charts(&project);
    project.publish(&[&project.archive("app", "1.0.0"), "--repo", &repo]).exits(0);
    let other =
        project.put("app-1.0.0.tgz", &archive::files(&[("app/Chart.yaml", "name: app\nversion: 1.0.0\n")]));
    project.refuses(1, "error[index/digest]", &[&other, "--repo", &repo]);
    assert_eq!(log(&project, &repo), "Publish app 1.0.0");
    project.publish(&[&project.archive("app", "1.1.0"), "--repo", &repo, "--dry-run"]).exits(0);
    assert_eq!(log(&project, &repo), "Publish app 1.0.0");
}

#[test]
fn no_project_has_to_be_at_hand() {
    let project = Project::new();
    let repo = charts(&project);
    let path = project.archive("app", "1.0.0");
    let mut command = project.scratch.relguard_command(&["publish", &path, "--repo", &repo]);
    command.current_dir(project.scratch.outside(""));
    run(command).exits(0);
    assert_eq!(log(&project, &repo), "Publish app 1.0.0");
}

#[test]
fn a_branch_that_is_checked_out_there_stays_as_it_is() {
    let project = Project::new();
    let repo = project.scratch.outside("other").to_str().unwrap().to_owned();
    project.scratch.git(["init", "--quiet", "--template=", "--initial-branch=gh-pages", &repo]);
    project.scratch.git(["-C", &repo, "commit", "--quiet", "--allow-empty", "-m", "Pages"]);
    let ran = project.publish(&[&project.archive("app", "1.0.0"), "--repo", &repo]).exits(2);
    assert!(ran.stderr.contains("refusing to update checked out branch"), "{}", ran.stderr);
    assert_eq!(log(&project, &repo), "Pages");
}

#[test]
fn a_repository_that_is_not_there_is_an_error() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    for place in ["../none.git", "file:///none/none.git", "--upload-pack=touch x"] {
        let place = format!("--repo={place}");
        project.refuses(2, "can't be asked what it has", &[&path, &place]);
    }
}

/// A web server that answers nothing but 403, and what it was asked with: the `Authorization` of each request.
fn forbidding(requests: usize) -> (String, std::thread::JoinHandle<Vec<String>>) {
    answering(requests, |_| "403 Forbidden\r\n")
}

/// A web server that answers each request by its `Authorization`, and what that was.
fn answering(
    requests: usize,
    answer: fn(&str) -> &'static str,
) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for stream in listener.incoming().map(Result::unwrap).take(requests) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let header = head.iter().find_map(|line| line.strip_prefix("Authorization: "));
            let header = header.unwrap_or_default().to_owned();
            let mut stream = stream;
            let answer = answer(&header);
            write!(stream, "HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            seen.push(header);
        }
        seen
    });
    (address.to_string(), server)
}

/// Publishes to a server with some variables, and a git that tells of its arguments: what it said, and those.
fn publish_with(place: &str, variables: &[(&str, &str)]) -> (String, String) {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    let args = project.scratch.outside("args");
    let git = project.scratch.outside("bin/git");
    let real = std::env::var("PATH").unwrap();
    script(&git, &format!("#!/bin/sh\necho \"$*\" >>'{}'\nPATH='{real}' exec git \"$@\"\n", args.display()));
    let mut command = project.scratch.relguard_command(&["publish", &path, "--repo", place, "-v"]);
    command.env("PATH", format!("{}:{real}", git.parent().unwrap().display()));
    command.envs(variables.iter().copied());
    let ran = run(command).exits(2);
    assert_eq!(ran.stdout, "");
    (ran.stderr, std::fs::read_to_string(args).unwrap_or_default())
}

#[test]
fn a_token_is_shown_to_its_server_and_to_nobody_else() {
    let (address, server) = forbidding(1);
    let place = format!("http://{address}/charts.git");
    let (said, args) = publish_with(&place, &[("RELGUARD_TOKEN", "s3cr3t\n"), ("GITHUB_TOKEN", "0th3r")]);
    assert_eq!(server.join().unwrap(), ["Basic eC1hY2Nlc3MtdG9rZW46czNjcjN0"]);
    for text in [&said, &args] {
        assert!(!text.contains("s3cr3t") && !text.contains("eC1hY2Nlc3M"), "{text}");
    }
    assert!(args.contains("ls-remote"), "{args}");
    // One of GitHub's is for GitHub.
    let (address, server) = forbidding(1);
    publish_with(
        &format!("http://{address}/charts.git"),
        &[("GITHUB_TOKEN", "s3cr3t"), ("GH_TOKEN", "s3cr3t")],
    );
    assert_eq!(server.join().unwrap(), [""]);
    let (address, server) = forbidding(1);
    let url = format!("http://{address}");
    publish_with(&format!("{url}/charts.git"), &[("GITHUB_TOKEN", "s3cr3t"), ("GITHUB_SERVER_URL", &url)]);
    assert_eq!(server.join().unwrap(), ["Basic eC1hY2Nlc3MtdG9rZW46czNjcjN0"]);
    let (said, _) = publish_with("https://127.0.0.1:1/x", &[("RELGUARD_TOKEN", "a b")]);
    assert!(said.contains("RELGUARD_TOKEN holds no token"), "{said}");
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let (address, server) = forbidding(1);
    let place = format!("http://user:s3cr3t@{address}/charts.git");
    let (said, args) = publish_with(&place, &[]);
    drop(server.join().unwrap());
    for text in [&said, &args] {
        assert!(!text.contains("s3cr3t"), "{text}");
    }
    assert!(said.contains(&format!("http://***@{address}/charts.git")), "{said}");
}

/// What a server hears that asks for a password, when a project's own config holds a credential helper under a key, in
/// which `HOST` is the server's, and a remote besides.
fn heard_with_helper(key: &str, remote: &str) -> Vec<String> {
    let challenge = |header: &str| match header {
        "" => "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"charts\"\r\n",
        _ => "403 Forbidden\r\n",
    };
    let project = Project::new();
    let helper = "!f() { test \"$1\" = get && echo username=me && echo password=s3cr3t; }; f";
    let (address, server) = answering(2, challenge);
    // One of the user's that knows nothing is asked first, and is not lost.
    let (user, asked) = (project.scratch.outside("gitconfig"), project.scratch.outside("asked"));
    let users = format!("[credential]\n\thelper = \"!echo >'{}' #\"\n", asked.display());
    std::fs::write(user, users).unwrap();
    project.git(["config", &key.replace("HOST", &address), helper]);
    project.git(["remote", "add", "web", &remote.replace("HOST", &address)]);
    // What else the project's config holds is about its own remote.
    project.git(["config", "http.extraHeader", "Authorization: Basic b3RoZXI="]);
    let path = project.archive("app", "1.0.0");
    let place = format!("http://{address}/charts.git");
    let ran = project.publish(&[&path, "--repo", &place, "-v"]).exits(2);
    // A request that did not come is not waited for.
    while !server.is_finished() {
        let Ok(mut left) = std::net::TcpStream::connect(&address) else { break };
        left.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let _ = std::io::copy(&mut left, &mut std::io::sink());
    }
    assert!(asked.exists() && !ran.stderr.contains("s3cr3t"), "{}", ran.stderr);
    server.join().unwrap()
}

#[test]
fn the_projects_own_credential_helper_is_asked_for_its_servers() {
    for (key, remote) in [
        ("credential.http://HOST.helper", "https://git.example.org/app.git"),
        ("credential.helper", "http://HOST/app.git"),
        ("credential.helper", "http://me@HOST/app.git"),
    ] {
        assert_eq!(heard_with_helper(key, remote), ["", "Basic bWU6czNjcjN0"], "{key} {remote}");
    }
}

#[test]
fn no_other_server_is_shown_what_the_project_has_for_its_own() {
    for (key, remote) in [
        ("credential.helper", "https://git.example.org/app.git"),
        ("credential.helper", "https://HOST/app.git"),
        ("credential.helper", "http://HOST@git.example.org/app.git"),
        ("credential.helper", "http://127.0.0.1/app.git"),
        ("credential.http://127.0.0.1:1.helper", "http://127.0.0.1:1/app.git"),
    ] {
        assert_eq!(heard_with_helper(key, remote), ["", ""], "{key} {remote}");
    }
}
