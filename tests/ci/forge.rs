//! A repository on a forge, and the clones that its CI makes.
#![allow(unreachable_pub, reason = "the test crate's own")]
#![allow(clippy::disallowed_methods, reason = "tests write the files that a forge writes, and run git")]

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::chart;
use crate::support::{Ran, Scratch, isolated, run};

pub const ZERO: &str = "0000000000000000000000000000000000000000";

/// A project whose 1.0.0 is released: `master`, `release-1.0`, `v1.0.0`, all of it pushed. The scratch
/// repository is a maintainer's clone.
pub struct Forge {
    pub dev: Scratch,
}

impl Forge {
    pub fn new() -> Self {
        let forge = Self { dev: chart::project() };
        let url = forge.url();
        forge.dev.git(["init", "--quiet", "--bare", "--initial-branch=master", &url]);
        forge.dev.git(["remote", "add", "origin", &url]);
        forge.dev.git(["branch", "release-1.0"]);
        forge.dev.git(["tag", "-a", "v1.0.0", "-m", "1.0.0"]);
        forge.push(&["master", "release-1.0", "v1.0.0"]);
        forge
    }

    fn url(&self) -> String {
        self.dev.outside("forge.git").to_str().unwrap().to_owned()
    }

    /// Pushes refs, by force where they are not there to be moved on.
    pub fn push(&self, refs: &[&str]) {
        let mut command = isolated("git", &self.dev.outside(""));
        command.current_dir(self.dev.path()).args(["push", "--quiet", "--force", "origin"]).args(refs);
        let ran = run(command);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
    }

    /// The commit that a revision names, or the object where it is a tag's.
    pub fn id(&self, rev: &str) -> String {
        self.dev.git(["rev-parse", rev]).stdout.trim().to_owned()
    }

    /// Switches to a branch, made at a revision where that is given.
    pub fn switch(&self, branch: &str, at: Option<&str>) -> &Self {
        match at {
            Some(at) => self.dev.git(["checkout", "--quiet", "-B", branch, at]),
            None => self.dev.git(["checkout", "--quiet", branch]),
        };
        self
    }

    /// Commits the next version with everything that belongs to it.
    pub fn release(&self, version: &str) -> String {
        self.bump(version);
        let line = version.rsplit_once('.').unwrap().0;
        let log = format!("docs/CHANGELOG/CHANGELOG-{line}.md");
        let before = fs::read_to_string(self.dev.path().join(&log)).unwrap_or_default();
        self.dev.write(&log, format!("# v{version}\n\n- Something new.\n\n{before}"));
        self.dev.commit(&format!("Release {version}"))
    }

    /// Sets the version everywhere but in the changelog, without a commit.
    pub fn bump(&self, version: &str) {
        let set = |path: &str, key: &str, value: &str| {
            let text = self.dev.read(path);
            let line = |line: &str| match line.trim_start().strip_prefix(key) {
                Some(_) => format!("{}{key} {value}\n", &line[..line.len() - line.trim_start().len()]),
                None => format!("{line}\n"),
            };
            self.dev.write(path, text.lines().map(line).collect::<String>());
        };
        set(chart::CHART, "version:", version);
        set(chart::CHART, "appVersion:", &format!("\"{version}\""));
        set(chart::VALUES, "tag:", &format!("v{version}"));
    }

    /// A clone as actions/checkout makes it with `fetch-depth: 0`: all branches of the remote, all tags, and
    /// HEAD at one commit. `fetch` are more refspecs, as for a pull request.
    pub fn checkout(&self, commit: &str, fetch: &[&str]) -> Checkout<'_> {
        let all = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        self.fetched(commit, &[&all[..], fetch].concat(), &[])
    }

    /// The same without any option: one commit, by one refspec.
    pub fn shallow(&self, commit: &str, refspec: &str) -> Checkout<'_> {
        self.fetched(commit, &[refspec], &["--no-tags", "--depth=1"])
    }

    fn fetched(&self, commit: &str, refspecs: &[&str], options: &[&str]) -> Checkout<'_> {
        let folder = self.dev.outside("checkout");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let checkout = Checkout { forge: self, folder, variables: Vec::new() };
        checkout.git(&["init", "--quiet", "--initial-branch=main"]);
        checkout.git(&["remote", "add", "origin", &format!("file://{}", self.url())]);
        checkout.git(&[&["fetch", "--quiet"], options, &["origin"], refspecs].concat());
        checkout.git(&["checkout", "--quiet", "--detach", commit]);
        checkout
    }
}

/// A clone that a CI made, and the variables that it sets.
pub struct Checkout<'a> {
    forge: &'a Forge,
    pub folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Checkout<'_> {
    pub fn git(&self, args: &[&str]) -> Ran {
        let mut command = isolated("git", &self.forge.dev.outside(""));
        command.current_dir(&self.folder).args(args);
        let ran = run(command);
        assert_eq!(ran.status, 0, "git {args:?}: {}", ran.stderr);
        ran
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// What GitHub Actions sets for every event, and its file.
    pub fn github(self, name: &str, at: (&str, &str), mut event: Value) -> Self {
        let file = self.forge.dev.outside("event.json");
        event["repository"] = json!({"default_branch": "master", "full_name": "example/app"});
        fs::write(&file, serde_json::to_vec(&event).unwrap()).unwrap();
        self.with("GITHUB_ACTIONS", "true")
            .with("CI", "true")
            .with("GITHUB_EVENT_NAME", name)
            .with("GITHUB_REF", at.0)
            .with("GITHUB_SHA", at.1)
            .with("GITHUB_EVENT_PATH", file.to_str().unwrap())
    }

    /// A push as GitHub tells of it.
    pub fn pushed(self, name: &str, before: &str, after: &str) -> Self {
        let event = json!({
            "ref": name, "before": before, "after": after,
            "created": before == ZERO, "deleted": false, "forced": false,
        });
        self.github("push", (name, after), event)
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        let mut all = vec!["-C", self.folder.to_str().unwrap(), "ci"];
        all.extend(args);
        let mut command = self.forge.dev.relguard_command(&all);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        run(command)
    }

    /// The findings, each as `error rule subject: message`, and the exit status.
    pub fn findings(&self, args: &[&str]) -> (i32, Vec<String>) {
        let ran = self.run(&[args, &["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error} (status {}): {}{}", ran.status, ran.stdout, ran.stderr));
        assert_eq!(report["scope"], "ci");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = |finding: &Value| {
            format!(
                "{} {} {} {}: {}",
                text(&finding["severity"]),
                text(&finding["rule"]),
                text(&finding["subject"]["kind"]),
                text(&finding["subject"]["name"]),
                text(&finding["message"])
            )
        };
        (ran.status, report["findings"].as_array().unwrap().iter().map(line).collect())
    }

    #[track_caller]
    pub fn finds(&self, args: &[&str], status: i32, wanted: &[&str]) {
        let (ended, found) = self.findings(args);
        let fits = found.len() == wanted.len()
            && found.iter().zip(wanted).all(|(found, wanted)| found.starts_with(wanted));
        assert!(fits && ended == status, "status {ended}, found {found:#?}, wanted {status} {wanted:#?}");
    }

    /// That there is no judgement, nothing on standard output, and all of the texts on standard error.
    #[track_caller]
    pub fn refuses(&self, args: &[&str], texts: &[&str]) {
        let ran = self.run(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        for text in texts {
            assert!(ran.stderr.contains(text), "{text:?} is not in:\n{}", ran.stderr);
        }
    }
}
