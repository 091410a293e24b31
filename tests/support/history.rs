//! A history made from a script, and what relguard says of it; tests/rules/README.md describes the commands.
//!
//! Everything is written through libgit2: no process is started but relguard itself.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use git2::build::TreeUpdateBuilder;
use git2::{Commit, FileMode, ObjectType, Oid, Repository, Signature, Time, Tree};
use serde_json::Value;

use crate::archive;
use crate::support::{Ran, Scratch, run};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A server's repository, for the hooks that run in one.
const SERVER: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// A clone's repository. Its gpg takes a signature that says so for a good one.
const CLONE: &str = concat!(
    "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    "[remote \"origin\"]\n\turl = https://example.org/demo.git\n",
    "[gpg]\n\tprogram = ",
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/gpg\n"
);

/// A history that grows by commands.
struct History {
    scratch: Scratch,
    repo: Repository,
    /// `.relguard.yaml` as the commits that follow have it.
    config: String,
    commits: Vec<Oid>,
    tag_objects: Vec<(String, Oid)>,
    /// The digests of the charts' archives, in the order in which they were made.
    archives: Vec<String>,
    pushed: Vec<Update>,
}

struct Update {
    name: String,
    old: Oid,
    new: Oid,
}

/// Follows a script to its end and returns what relguard said in its last line.
pub(crate) fn play(script: &str) -> Result<String> {
    let scratch = Scratch::new();
    let repo = Repository::open(scratch.path())?;
    let (config, commits, tag_objects, pushed) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    let mut history = History { scratch, repo, config, commits, tag_objects, archives: Vec::new(), pushed };
    for line in script.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(what) = line.strip_prefix("run ") {
            return history.run(what);
        }
        history.follow(line).map_err(|error| format!("{line}: {error}"))?;
    }
    Err("the script has no line `run`".into())
}

impl History {
    fn follow(&mut self, line: &str) -> Result<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["commit", branch, version] => self.release(branch, version)?,
            ["file", branch, path, ..] => {
                let text = words.get(3..).filter(|text| !text.is_empty()).map(|text| text.join(" "));
                let text = text.map(|text| self.with_digests(&text.replace("\\n", "\n")).into_bytes());
                self.commit(branch, &[(path, text)], None)?;
            }
            ["pack", branch, path, name, version] => {
                let bytes = archive::chart(name, version);
                self.archives.push(archive::sha256(&bytes));
                self.commit(branch, &[(path, Some(bytes))], None)?;
            }
            ["list", branch, ..] => {
                let index = self.index(branch, words.get(2..).unwrap_or_default());
                self.commit(branch, &[("index.yaml", Some(index.into_bytes()))], None)?;
            }
            ["merge", branch, rev] => self.commit(branch, &[], Some(rev))?,
            ["branch", name, rev] => self.point(&full(name), self.id(rev)?)?,
            ["remote", name, rev] => self.point(&format!("refs/remotes/origin/{name}"), self.id(rev)?)?,
            ["ref", name, rev] => self.point(name, self.id(rev)?)?,
            ["tag", name, rev] => self.point(&format!("refs/tags/{name}"), self.id(rev)?)?,
            ["annotate", name, rev] => self.annotate(name, rev, name, "")?,
            ["annotate", name, rev, own] => self.annotate(name, rev, own, "")?,
            ["sign", name, rev, quality] => self.annotate(name, rev, name, &signature(quality))?,
            ["delete", name] => self.repo.find_reference(name)?.delete()?,
            ["config", ..] => {
                self.config.extend([line.strip_prefix("config ").unwrap_or_default(), "\n"]);
            }
            ["push", name, old, new] => {
                let (old, new) = (self.update_id(old)?, self.update_id(new)?);
                self.pushed.push(Update { name: name.to_owned(), old, new });
            }
            _ => return Err("there is no such command".into()),
        }
        Ok(())
    }

    /// A commit with a release's files: chart, values, changelog.
    fn release(&mut self, branch: &str, version: &str) -> Result<()> {
        let chart = format!("apiVersion: v2\nname: demo\nversion: {version}\nappVersion: \"{version}\"\n");
        let values = format!("image:\n  tag: v{version}\n");
        let mut numbers = version.split('.');
        let line = numbers.next().into_iter().chain(numbers.next()).collect::<Vec<_>>().join(".");
        let log = format!("docs/CHANGELOG/CHANGELOG-{line}.md");
        let before = self.read(branch, &log).map(|text| format!("\n{text}")).unwrap_or_default();
        let files = [
            ("charts/demo/Chart.yaml", Some(chart.into_bytes())),
            ("charts/demo/values.yaml", Some(values.into_bytes())),
            (log.as_str(), Some(format!("# v{version}\n\n- A change.\n{before}").into_bytes())),
        ];
        self.commit(branch, &files, None)
    }

    /// A commit on a branch, which begins with it where it is not there. A file without a text is removed.
    fn commit(
        &mut self,
        branch: &str,
        files: &[(&str, Option<Vec<u8>>)],
        merged: Option<&str>,
    ) -> Result<()> {
        let tip = self.tip(branch);
        let mut update = TreeUpdateBuilder::new();
        let config = (".relguard.yaml", Some(self.config.clone().into_bytes()));
        let config = (!self.config.is_empty()).then_some(config);
        for (path, text) in files.iter().chain(&config) {
            match text {
                Some(text) => {
                    update.upsert(*path, self.repo.blob(text)?, FileMode::Blob);
                }
                None => {
                    update.remove(*path);
                }
            }
        }
        let base = tip.as_ref().map_or_else(|| self.empty(), |tip| Ok(tip.tree()?))?;
        let tree = self.repo.find_tree(update.create_updated(&self.repo, &base)?)?;
        let other =
            merged.map(|rev| self.id(rev).and_then(|id| Ok(self.repo.find_commit(id)?))).transpose()?;
        let parents: Vec<&Commit<'_>> = tip.iter().chain(&other).collect();
        let message = format!("Change {}", self.commits.len() + 1);
        let id = self.repo.commit(None, &author()?, &author()?, &message, &tree, &parents)?;
        self.point(&full(branch), id)?;
        drop((tip, other, base, tree));
        self.commits.push(id);
        Ok(())
    }

    fn annotate(&mut self, name: &str, rev: &str, own: &str, signature: &str) -> Result<()> {
        let target = self.repo.find_object(self.id(rev)?, None)?;
        let kind = target.kind().unwrap_or(ObjectType::Any).str();
        let tag = format!(
            "object {}\ntype {kind}\ntag {own}\ntagger A <a@example.org> 1767225600 +0000\n\nText\n{signature}",
            target.id()
        );
        let id = self.repo.odb()?.write(ObjectType::Tag, tag.as_bytes())?;
        drop(target);
        self.tag_objects.push((name.to_owned(), id));
        self.point(&format!("refs/tags/{name}"), id)
    }

    /// The chart index that lists archives of the branch: `charts/demo-1.0.0.tgz` as demo 1.0.0.
    fn index(&self, branch: &str, paths: &[&str]) -> String {
        let mut index = "apiVersion: v1\nentries:\n  demo:\n".to_owned();
        for path in paths {
            let version = path.split_once("demo-").and_then(|(_, rest)| rest.strip_suffix(".tgz"));
            let digest = self.bytes(branch, path).map(|bytes| archive::sha256(&bytes)).unwrap_or_default();
            let version = version.unwrap_or_default();
            index.extend(["  - digest: ", &digest, "\n    urls: [", path, "]\n    version: ", version]);
            index.push_str("\n    name: demo\n");
        }
        index
    }

    /// The text with the digest of the script's first archive for `%1`.
    fn with_digests(&self, text: &str) -> String {
        let digests = self.archives.iter().zip(1..);
        digests.fold(text.to_owned(), |text, (digest, number)| text.replace(&format!("%{number}"), digest))
    }

    fn empty(&self) -> Result<Tree<'_>> {
        Ok(self.repo.find_tree(self.repo.treebuilder(None)?.write()?)?)
    }

    fn tip(&self, branch: &str) -> Option<Commit<'_>> {
        self.repo.find_reference(&full(branch)).ok()?.peel_to_commit().ok()
    }

    fn read(&self, branch: &str, path: &str) -> Option<String> {
        String::from_utf8(self.bytes(branch, path)?).ok()
    }

    fn bytes(&self, branch: &str, path: &str) -> Option<Vec<u8>> {
        let entry = self.tip(branch)?.tree().ok()?.get_path(path.as_ref()).ok()?;
        let blob = self.repo.find_blob(entry.id()).ok()?;
        Some(blob.content().to_vec())
    }

    fn point(&self, name: &str, id: Oid) -> Result<()> {
        self.repo.reference(name, id, true, "")?;
        Ok(())
    }

    /// What a revision names; `@3` is the third commit of the script.
    fn id(&self, rev: &str) -> Result<Oid> {
        let Some(rest) = rev.strip_prefix('@') else { return Ok(self.repo.revparse_single(rev)?.id()) };
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, path) = rest.split_at(end);
        let commit = self.commits.get(number.parse::<usize>()? - 1).ok_or("there is no such commit")?;
        Ok(self.repo.revparse_single(&format!("{commit}{path}"))?.id())
    }

    fn update_id(&self, rev: &str) -> Result<Oid> {
        match rev {
            "-" => Ok(Oid::ZERO_SHA1),
            // Of an object that is not there.
            _ if rev.len() == 40 => Ok(rev.parse()?),
            _ => self.id(rev),
        }
    }

    fn run(&self, what: &str) -> Result<String> {
        let lines = |new: &dyn Fn(&Update) -> String| self.pushed.iter().map(new).collect::<String>();
        match what {
            "hook pre-push" => {
                let line = |it: &Update| format!("refs/heads/x {} {} {}\n", it.new, it.name, it.old);
                self.judge(&["hook", "pre-push", "origin", "https://example.org/demo.git"], &lines(&line))
            }
            "hook pre-push by a manager" => {
                let it = self.pushed.first().ok_or("nothing is pushed")?;
                let (branch, to) = (("REMOTE_BRANCH", it.name.clone()), ("TO_REF", it.new.to_string()));
                let variables = [("REMOTE_NAME", "origin".to_owned()), branch, to];
                self.judge_in(&["hook", "pre-push"], "", &variables)
            }
            "hook pre-receive" => {
                let line = |it: &Update| format!("{} {} {}\n", it.old, it.new, it.name);
                self.judge(&["hook", "pre-receive"], &lines(&line))
            }
            "hook update" => {
                let mut said = String::new();
                for it in &self.pushed {
                    let (old, new) = (it.old.to_string(), it.new.to_string());
                    let found = self.judge(&["hook", "update", &it.name, &old, &new], "")?;
                    // What is refused does not come in.
                    if found.is_empty() {
                        self.point(&it.name, it.new)?;
                    }
                    said.push_str(&found);
                }
                Ok(said)
            }
            _ => self.judge(&what.split(' ').collect::<Vec<_>>(), ""),
        }
    }

    fn judge(&self, args: &[&str], input: &str) -> Result<String> {
        self.judge_in(args, input, &[])
    }

    /// What relguard finds, a line a finding, or why it can't judge.
    fn judge_in(&self, args: &[&str], input: &str, manager: &[(&str, String)]) -> Result<String> {
        let is_server = matches!(args, ["hook", "pre-receive" | "update", ..]);
        let folder = self.scratch.path().join(".git");
        fs::write(folder.join("config"), if is_server { SERVER } else { CLONE })?;
        let mut command = self.scratch.relguard_command(&[&["--format", "json"], args].concat());
        if is_server {
            command.current_dir(folder).env("GIT_DIR", ".");
        }
        command.envs(manager.iter().map(|(name, value)| (format!("PRE_COMMIT_{name}"), value)));
        let ran = feed(command, input)?;
        if ran.status == 2 {
            let said = ran.stderr.lines().next().unwrap_or_default();
            let silent = if ran.stdout.is_empty() { "" } else { "and yet prints: " };
            return Ok(self.labelled(&format!("cannot judge: {silent}{said}\n")));
        }
        let report: Value = serde_json::from_str(&ran.stdout)
            .map_err(|error| format!("{error}: {}{}", ran.stdout, ran.stderr))?;
        let findings = report["findings"].as_array().ok_or("there are no findings")?;
        let errors = findings.iter().filter(|it| it["severity"] == "error" && it["excepted"].is_null());
        if (ran.status == 1) != (errors.count() > 0) {
            return Err(format!("exit status {} with {findings:#?}", ran.status).into());
        }
        let mut commits = findings.iter().filter_map(|it| it["subject"]["commit"].as_str());
        if let Some(other) = commits.find(|id| self.commits.iter().all(|it| it.to_string() != *id)) {
            return Err(format!("{other} is called a commit").into());
        }
        Ok(self.labelled(&findings.iter().map(line).collect::<String>()))
    }

    /// The same with `@3` for the id of the third commit, and `@v1.0.0` for that of a tag object.
    fn labelled(&self, text: &str) -> String {
        let commits = self.commits.iter().zip(1..).map(|(id, number)| (id, format!("@{number}")));
        let digests = self.archives.iter().zip(1..).map(|(digest, number)| (digest, format!("%{number}")));
        let text = &digests.fold(text.to_owned(), |text, (digest, label)| {
            let short = digest.get(..DIGEST).unwrap_or_default();
            text.replace(digest, &label).replace(&format!("{short}…"), &label)
        });
        let tags = self.tag_objects.iter().map(|(name, id)| (id, format!("@{name}")));
        commits.chain(tags).fold(text.to_owned(), |text, (id, label)| {
            let id = id.to_string();
            let short = id.get(..SHORT).unwrap_or_default();
            text.replace(&id, &label).replace(short, &label)
        })
    }
}

/// How many digits of an id relguard prints.
const SHORT: usize = 7;

/// How many digits of a digest relguard prints.
const DIGEST: usize = 12;

/// A finding with its subject, its help and what else is known of it.
fn line(finding: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (at, subject) = (&finding["location"], &finding["subject"]);
    let place = at["path"].as_str().map(|path| format!(" {path}:{}:{}", at["line"], at["column"]));
    let mut line = format!(
        "{}[{}] {} {}{}: {}\n",
        text(&finding["severity"]),
        text(&finding["rule"]),
        text(&subject["kind"]),
        text(&subject["name"]),
        place.unwrap_or_default(),
        text(&finding["message"])
    );
    for (what, value) in [("help", &finding["help"]), ("excepted", &finding["excepted"])] {
        line.extend(value.as_str().map(|value| format!("  {what}: {value}\n")));
    }
    line
}

fn feed(mut command: Command, input: &str) -> Result<Ran> {
    if input.is_empty() {
        return Ok(run(command));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    child.stdin.take().ok_or("no standard input")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    Ok(Ran { status: output.status.code().unwrap_or(-1), stdout, stderr })
}

fn signature(quality: &str) -> String {
    format!("-----BEGIN PGP SIGNATURE-----\n\n{quality}\n-----END PGP SIGNATURE-----\n")
}

fn full(branch: &str) -> String {
    if branch.starts_with("refs/") { branch.to_owned() } else { format!("refs/heads/{branch}") }
}

fn author() -> Result<Signature<'static>> {
    Ok(Signature::new("A", "a@example.org", &Time::new(1_767_225_600, 0))?)
}
