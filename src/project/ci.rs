//! The files of the project's CI: which there are, what starts them, and what their steps run.

use anyhow::Result;
use serde_yaml::Value;

use crate::domain::RepoPath;
use crate::source::{Snapshot, read};

/// Folders of workflows in GitHub's form.
const WORKFLOWS: [&str; 3] = [".github/workflows", ".gitea/workflows", ".forgejo/workflows"];

const GITLAB: &str = ".gitlab-ci.yml";

/// What other services run.
const OTHERS: [&str; 7] = [
    ".circleci/config.yml",
    ".woodpecker.yml",
    ".woodpecker.yaml",
    ".drone.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "Jenkinsfile",
];

/// The keys under which a file of CI has its commands, and the actions that it uses.
const STEPS: [&str; 5] = ["run", "uses", "script", "before_script", "after_script"];

/// A file of the project's CI.
#[derive(Debug)]
pub struct CiFile {
    /// Where it is.
    pub path: RepoPath,
    /// What it says; other bytes than UTF-8 replaced.
    pub text: String,
}

/// The files of the project's CI that can be read in a state, in the order of services and paths.
///
/// # Errors
/// Where the state can't be read.
pub fn ci_files(files: &dyn Snapshot) -> Result<Vec<CiFile>> {
    let mut found = Vec::new();
    for folder in WORKFLOWS {
        let paths = files.walk(&RepoPath::parse(folder)?, 1)?.into_iter().map(|(path, _)| path);
        for path in paths.filter(is_yaml) {
            found.extend(file_at(files, path)?);
        }
    }
    for path in [GITLAB].into_iter().chain(OTHERS) {
        found.extend(file_at(files, RepoPath::parse(path)?)?);
    }
    Ok(found)
}

fn is_yaml(path: &RepoPath) -> bool {
    [".yml", ".yaml"].iter().any(|ending| path.as_str().ends_with(ending))
}

fn file_at(files: &dyn Snapshot, path: RepoPath) -> Result<Option<CiFile>> {
    let file = read(files, &path)?.ok().flatten();
    Ok(file.map(|file| CiFile { path, text: String::from_utf8_lossy(&file.bytes).into_owned() }))
}

impl CiFile {
    /// Whether a tag or a release starts what the file describes.
    pub fn is_started_by_tags(&self) -> bool {
        if self.path.as_str() == GITLAB {
            let only = |line: &str| matches!(line.trim(), "- tags" | "only: tags" | "only: [tags]");
            return self.lines().any(|line| line.contains("CI_COMMIT_TAG") || only(line));
        }
        let Ok(workflow) = serde_yaml::from_str::<Value>(&self.text) else { return false };
        let bare = |event: &Value| event.as_str().is_some_and(|event| is_of_tags(event, None));
        match workflow.get("on") {
            Some(Value::Sequence(events)) => events.iter().any(bare),
            Some(Value::Mapping(events)) => events
                .iter()
                .any(|(event, filter)| event.as_str().is_some_and(|event| is_of_tags(event, Some(filter)))),
            Some(event) => bare(event),
            None => false,
        }
    }

    /// Whether a step holds one of these commands or actions, comments left out.
    pub fn runs(&self, commands: &[&str]) -> bool {
        let Ok(file) = serde_yaml::from_str::<Value>(&self.text) else { return false };
        holds(&file, false, commands)
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !is_comment(line))
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Whether one of the commands stands in a value, or below it; `is_step` says that its texts are those of a step.
fn holds(value: &Value, is_step: bool, commands: &[&str]) -> bool {
    match value {
        Value::String(text) if is_step => text
            .lines()
            .filter(|line| !is_comment(line))
            .any(|line| commands.iter().any(|command| line.contains(command))),
        Value::Sequence(values) => values.iter().any(|value| holds(value, is_step, commands)),
        Value::Mapping(values) => values.iter().any(|(key, value)| {
            let is_step = key.as_str().is_some_and(|key| STEPS.contains(&key));
            holds(value, is_step, commands)
        }),
        Value::Tagged(tagged) => holds(&tagged.value, is_step, commands),
        _ => false,
    }
}

/// Whether an event of GitHub's is about tags. A push without any filter is about all refs.
fn is_of_tags(event: &str, filter: Option<&Value>) -> bool {
    let has = |key: &str| filter.is_some_and(|filter| filter.get(key).is_some());
    match event {
        "push" => has("tags") || !["branches", "branches-ignore", "tags-ignore"].iter().any(|key| has(key)),
        "create" | "release" => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> CiFile {
        CiFile { path: RepoPath::parse(path).unwrap(), text: text.to_owned() }
    }

    fn github(text: &str) -> CiFile {
        file(".github/workflows/a.yml", text)
    }

    #[test]
    fn files_that_a_tag_starts() {
        for text in [
            "on:\n  push:\n    tags: ['v*']\n",
            "on: push",
            "on: [create]",
            "on:\n  release:\n    types: [published]\n",
            "on:\n  push:\n    branches: [master]\n    tags: [v*]\n",
            "\"on\":\n  push:\n",
        ] {
            assert!(github(text).is_started_by_tags(), "{text}");
        }
        for text in [
            "on: pull_request",
            "on:\n  push:\n    branches: [master]\n",
            "on: {workflow_dispatch: {}}",
            "[",
            "",
        ] {
            assert!(!github(text).is_started_by_tags(), "{text}");
        }
        let gitlab = |text: &str| file(GITLAB, text).is_started_by_tags();
        assert!(gitlab("a:\n  rules:\n    - if: $CI_COMMIT_TAG\n"));
        assert!(gitlab("a:\n  only:\n    - tags\n"));
        assert!(!gitlab("a:\n  script: x\n  # - if: $CI_COMMIT_TAG\n"));
    }

    #[test]
    fn what_steps_run() {
        let commands = &["helm push", "chart-releaser"];
        for text in [
            "jobs: {a: {steps: [{run: helm push a.tgz}]}}",
            "jobs:\n  a:\n    steps:\n      - run: |\n          set -x\n          helm push a.tgz\n",
            "jobs: {a: {steps: [{uses: helm/chart-releaser-action@v1}]}}",
            "a:\n  script:\n    - helm lint .\n    - helm push a.tgz\n",
            "a:\n  script:\n    - [helm lint ., helm push a.tgz]\n",
            "a:\n  before_script: [!reference [.x, script], helm push a.tgz]\n",
        ] {
            assert!(github(text).runs(commands), "{text}");
        }
        for text in [
            "name: helm push\njobs: {a: {steps: [{name: helm push, run: helm lint .}]}}",
            "# helm push\njobs: {a: {steps: [{run: helm lint . }]}} # helm push",
            "jobs:\n  a:\n    steps:\n      - run: |\n          # helm push a.tgz\n          helm lint .\n",
            "[",
        ] {
            assert!(!github(text).runs(commands), "{text}");
        }
    }
}
