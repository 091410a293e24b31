//! A server that speaks git's protocol on the loopback, and a project to push to it.
#![allow(unreachable_pub, reason = "the tests of this crate use it")]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::support::{Ran, Scratch, isolated, run, script};

/// A bare repository behind `git daemon`, with the hook, and the clone that pushes to it.
pub struct Server {
    pub client: Scratch,
    _daemon: Daemon,
}

/// Hands each connection to a `git daemon` of its own, so that no port has to be guessed and nothing waited for.
struct Daemon {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server without any ref.
    pub fn empty() -> Self {
        let client = Scratch::new();
        let bare = client.outside("server.git");
        client.git([
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=master",
            "--template=",
            bare.to_str().unwrap(),
        ]);
        let hook = bare.join("hooks/pre-receive");
        let text = format!("#!/bin/sh\nexec '{}' hook pre-receive\n", env!("CARGO_BIN_EXE_relguard"));
        script(&hook, &text);
        let daemon = Daemon::start(client.outside(""));
        client.git(["remote", "add", "origin", &format!("git://{}/server.git", daemon.address)]);
        Self { client, _daemon: daemon }
    }

    /// A server with a project that has released 1.0.0. Its branch release-1.0 is ready for 1.0.1, and
    /// master is ready for 1.1.0.
    pub fn with_releases() -> Self {
        let server = Self::empty();
        server.release("1.0.0", "Release 1.0.0");
        server.client.git(["branch", "release-1.0"]);
        server.client.git(["tag", "v1.0.0"]);
        server.push(["--quiet", "origin", "master", "release-1.0", "v1.0.0"]).exits(0);
        server.client.git(["checkout", "--quiet", "release-1.0"]);
        server.release("1.0.1", "Release 1.0.1");
        server.client.git(["checkout", "--quiet", "master"]);
        server.release("1.1.0", "Release 1.1.0");
        server.push(["--quiet", "origin", "master", "release-1.0"]).exits(0);
        server
    }

    /// The bare repository's folder.
    pub fn bare(&self) -> PathBuf {
        self.client.outside("server.git")
    }

    /// Replaces the hook's text after `#!/bin/sh`.
    pub fn set_hook(&self, name: &str, text: &str) {
        script(&self.bare().join("hooks").join(name), &format!("#!/bin/sh\n{text}\n"));
    }

    /// Commits a version of the project on the branch that is checked out: chart, values, changelog.
    pub fn release(&self, version: &str, message: &str) -> String {
        let client = &self.client;
        client.write("charts/app/Chart.yaml", chart(version, version));
        client.write("charts/app/values.yaml", format!("image:\n  tag: v{version}\n"));
        let line = version.split('-').next().unwrap().rsplit_once('.').unwrap().0;
        let log = format!("docs/CHANGELOG/CHANGELOG-{line}.md");
        let before = std::fs::read_to_string(client.path().join(&log)).unwrap_or_default();
        client.write(&log, format!("# v{version}\n\n- What {message} brings.\n\n{before}"));
        client.commit(message)
    }

    /// Commits a file on the branch that is checked out.
    pub fn commit(&self, path: &str, text: &str) -> String {
        self.client.write(path, text);
        self.client.commit(&format!("Change {path}"))
    }

    /// `git push` from the client.
    pub fn push<const N: usize>(&self, args: [&str; N]) -> Ran {
        let mut command = isolated("git", &self.client.outside(""));
        command.arg("push").args(args).current_dir(self.client.path());
        run(command)
    }

    /// Every ref of the server with the object that it names.
    pub fn refs(&self) -> String {
        self.client.git(["ls-remote", "--quiet", self.bare().to_str().unwrap()]).stdout
    }

    /// Pushes what must be refused for a rule. No ref may change by it.
    #[track_caller]
    pub fn refuses<const N: usize>(&self, rule: &str, args: [&str; N]) -> Ran {
        let before = self.refs();
        let ran = self.push(args);
        assert_ne!(ran.status, 0, "{args:?} got in:\n{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("remote: error[{rule}]: ")), "{args:?}: {}", ran.stderr);
        assert_eq!(self.refs(), before, "{args:?} was refused, and changed refs");
        ran
    }

    /// Pushes what must be refused because it can't be judged. No ref may change by it.
    #[track_caller]
    pub fn can_not_judge<const N: usize>(&self, cause: &str, args: [&str; N]) -> Ran {
        let before = self.refs();
        let ran = self.push(args);
        assert_ne!(ran.status, 0, "{args:?} got in:\n{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("remote: error: {cause}")), "{args:?}: {}", ran.stderr);
        assert_eq!(self.refs(), before, "{args:?} was refused, and changed refs");
        ran
    }

    /// Pushes what must get in.
    #[track_caller]
    pub fn takes<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.push(args).exits(0)
    }
}

/// The text of a Chart.yaml.
pub fn chart(version: &str, app_version: &str) -> String {
    format!("apiVersion: v2\nname: app\nversion: {version}\nappVersion: \"{app_version}\"\n")
}

impl Daemon {
    fn start(base: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let end = |stream: TcpStream| Stdio::from(OwnedFd::from(stream));
                let mut command = isolated("git", &base);
                command.args(["daemon", "--inetd", "--export-all", "--enable=receive-pack"]);
                command.arg(format!("--base-path={}", base.display())).stderr(Stdio::null());
                command.stdin(end(stream.try_clone().unwrap())).stdout(end(stream));
                command.spawn().unwrap().wait().unwrap();
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
