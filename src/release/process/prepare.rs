//! What a release needs before it can be cut or tagged: its version and its section, written on a branch of
//! their own for somebody to merge.

use anyhow::Result;

use super::{Release, Stages};
use crate::domain::{Fail, Oid, RepoPath, Version};
use crate::engine::judge;
use crate::finding::{Finding, Subject};
use crate::git::History;
use crate::project::{Project, Scope};
use crate::release::bump::{BumpTo, bump};
use crate::release::changelog::{Asked, WRITE_CHANGELOG, changelog};
use crate::release::plan::{Action, Plan, PushedRef};
use crate::release::preflight;
use crate::release::remote::fetch_help;
use crate::release::version::carried;
use crate::source::CommitFiles;

/// A release that is to be prepared.
pub(super) struct Preparation<'a> {
    pub(super) release: &'a Release<'a>,
    /// The branch that it is to be merged into, and its tip.
    pub(super) place: (&'a str, Oid),
    /// The branch that it is prepared on.
    pub(super) branch: String,
    /// Whether the charts need its version.
    pub(super) wants_version: bool,
    /// Whether the changelog needs its section.
    pub(super) wants_section: bool,
}

/// What comes next in a preparation.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The branch is checked out, made from a commit where it is not there.
    Switch(Option<Oid>),
    /// The version is set.
    Version,
    /// The section is written.
    Section,
    /// The branch is pushed.
    Push {
        /// Where the remote has it.
        old: Option<Oid>,
    },
    /// The remote has it, and this clone does not know what.
    Unknown,
    /// Somebody began it: the remote has what is not here.
    Theirs(Oid),
    /// Nothing: it can be merged.
    Ready {
        /// What the remote has, where the branch here is another.
        instead: Option<Oid>,
    },
}

/// The branch that a release is prepared on.
pub(super) fn branch_for(version: &Version) -> String {
    format!("prepare-{version}")
}

/// The branch for its section alone, where the changelog is kept elsewhere.
pub(super) fn changelog_branch_for(version: &Version) -> String {
    format!("prepare-{version}-changelog")
}

impl Release<'_> {
    fn project_at(&self, commit: Oid) -> Result<Project> {
        let files = CommitFiles::new(self.published.repo(), commit, Subject::commit(&commit.short(), commit));
        let scope = Scope { repo: Some(self.published.repo()), tag: Some(&self.version), ..Scope::default() };
        Project::read(&files, &self.published.config, scope)
    }

    /// Refuses to release nothing: the project has charts, and there are none.
    pub(super) fn must_have_charts(&self, (place, commit): (&str, Oid)) -> Result<()> {
        let (repo, config) = (self.published.repo(), &self.published.config);
        let files = CommitFiles::new(repo, commit, Subject::commit(&commit.short(), commit));
        if config.charts.is_none() || !carried(&files, config, repo)?.is_nothing() {
            return Ok(());
        }
        Err(Fail::new(format!("no chart was found on {place}, so there is nothing to release"))
            .help(
                "relguard check says where it was looked for; a project without charts says so: `charts: []`",
            )
            .into())
    }

    /// Whether a chart has another version at a commit.
    pub(super) fn lacks_version(&self, commit: Oid) -> Result<bool> {
        let (repo, config) = (self.published.repo(), &self.published.config);
        let files = CommitFiles::new(repo, commit, Subject::commit(&commit.short(), commit));
        Ok(!config.charts.is_none() && !carried(&files, config, repo)?.is_all(&self.version))
    }

    /// Whether a tag there would lack its section in the changelog.
    pub(super) fn lacks_section(&self, commit: Oid) -> Result<bool> {
        let of_changelog = |finding: &Finding| finding.rule.starts_with("changelog/") && finding.is_error();
        Ok(judge(&self.project_at(commit)?, &self.published.config).iter().any(of_changelog))
    }
}

impl Preparation<'_> {
    /// The preparation itself, and the merge that a person does.
    pub(super) fn stages(&self, stages: &mut Stages) -> Result<()> {
        let (version, branch, place) = (&self.release.version, &self.branch, self.place.0);
        let what = match (self.wants_version, self.wants_section) {
            (true, true) => "the version and the changelog",
            (true, false) => "the version",
            _ => "the changelog",
        };
        let merge = match &self.release.published.remote {
            Some(remote) => format!("open a pull request of {branch} into {place} on {remote}, and merge it"),
            None => format!("merge {branch} into {place}"),
        };
        match self.next()? {
            Next::Ready { instead: None } => {
                stages.done("prepare", format!("{branch} has {what} of {version}"));
            }
            Next::Ready { instead: Some(there) } => stages.done(
                "prepare",
                format!(
                    "{branch} has {what} of {version} on {}, and the one here is another; theirs takes its place, and the \
                     place of commits that it alone has, by: {}",
                    self.remote(),
                    self.take(there, "--force-create")
                ),
            ),
            Next::Unknown => stages.theirs(
                "prepare",
                format!(
                    "{branch} is on {} and not here: {}",
                    self.remote(),
                    fetch_help(self.release.published.repo(), self.remote(), branch)
                ),
            ),
            Next::Theirs(there) => stages.theirs("prepare", self.theirs(there)?),
            next => {
                // Of the same step more is to be done until the branch is pushed.
                stages.goes_on |= !stages.open && !matches!(next, Next::Push { .. });
                stages
                    .ours("prepare", format!("write {what} of {version} on {branch}"), || self.plan(next))?;
            }
        }
        stages.theirs("merge", merge);
        Ok(())
    }

    /// What is said of a branch that somebody began elsewhere.
    fn theirs(&self, there: Oid) -> Result<String> {
        let (branch, remote) = (&self.branch, self.remote());
        let is_here = self.release.published.repo().find_ref(&format!("refs/heads/{branch}"))?.is_some();
        Ok(if is_here {
            let take = self.take(there, "--force-create");
            format!(
                "{branch} is begun on {remote}, and the one here is another; to go on with theirs, and without the commits \
                 that the one here alone has: {take}"
            )
        } else {
            let take = self.take(there, "--create");
            format!("{branch} is begun on {remote}; go on with it there, or here: {take}")
        })
    }

    /// The command that checks out what the remote has. By its name alone git finds it in a clone of one remote that
    /// keeps all of its branches.
    fn take(&self, there: Oid, how: &str) -> String {
        let (repo, remote, branch) = (self.release.published.repo(), self.remote(), &self.branch);
        let known = repo.tracked(remote, &format!("refs/heads/{branch}"));
        let known = known.filter(|name| repo.find_ref(name).is_ok_and(|at| at == Some(there)));
        let from = known.map_or_else(
            || there.to_string(),
            |name| name.strip_prefix("refs/remotes/").unwrap_or(&name).to_owned(),
        );
        format!("git switch --no-track {how} {branch} {from}")
    }

    fn remote(&self) -> &str {
        self.release.published.remote.as_deref().unwrap_or_default()
    }

    /// What comes next until the branch is there with all that is needed.
    fn next(&self) -> Result<Next> {
        let (repo, branch) = (self.release.published.repo(), &self.branch);
        let full = format!("refs/heads/{branch}");
        let local = repo.find_ref(&full)?;
        let there = self.release.asked.get(&full).copied();
        let has = |one: Option<Oid>, other: Oid| match one {
            Some(one) => Ok(History::open(repo)?.reaches(one, other)? == Some(true)),
            None => anyhow::Ok(false),
        };
        if let Some(there) = there {
            if !repo.has_object(there) {
                return Ok(Next::Unknown);
            }
            if !has(local, there)? {
                let instead = local.map(|local| has(Some(there), local)).transpose()?;
                let instead = instead.and_then(|is_older| (!is_older).then_some(there));
                return Ok(if self.is_ready(there)? { Next::Ready { instead } } else { Next::Theirs(there) });
            }
        }
        let Some(local) = local else { return Ok(Next::Switch(Some(self.place.1))) };
        if self.is_ready(local)? {
            let is_done = there == Some(local) || self.release.published.remote.is_none();
            return Ok(if is_done { Next::Ready { instead: None } } else { Next::Push { old: there } });
        }
        let (place, tip) = self.place;
        if !has(Some(local), tip)? {
            return Err(Fail::new(format!(
                "{branch} is here at {}, and lacks what {place} has",
                local.short()
            ))
            .help(format!("merge {place} into it; or let it be made anew: git branch -D {branch}"))
            .into());
        }
        Ok(if repo.head()?.branch.as_ref() != Some(branch) {
            Next::Switch(None)
        } else if self.wants_version && self.release.lacks_version(local)? {
            Next::Version
        } else {
            Next::Section
        })
    }

    fn plan(&self, next: Next) -> Result<Plan> {
        if self.release.published.repo().is_bare() && !matches!(next, Next::Push { .. }) {
            return Err(Fail::new(format!(
                "the repository is bare: {} can't be prepared without a working tree",
                self.release.version
            ))
            .help("run it in a clone: git clone")
            .into());
        }
        match next {
            Next::Version => bump(self.release.judging, &BumpTo::Exactly(self.release.version.clone()), true),
            Next::Section => self.changelog(),
            Next::Push { old } => Ok(self.push(old)),
            Next::Switch(at) => self.switch(at),
            Next::Unknown | Next::Theirs(_) | Next::Ready { .. } => Ok(Plan::new("prepare", String::new())),
        }
    }

    fn is_ready(&self, commit: Oid) -> Result<bool> {
        Ok((!self.wants_version || !self.release.lacks_version(commit)?)
            && (!self.wants_section || !self.release.lacks_section(commit)?))
    }

    fn switch(&self, at: Option<Oid>) -> Result<Plan> {
        let branch = self.branch.clone();
        let repo = self.release.published.repo();
        preflight::must_be_clean(repo, "release --run")?;
        let local = repo.find_ref(&format!("refs/heads/{branch}"))?;
        if let Some(commit) = at.or(local) {
            preflight::must_switch(repo, &branch, (commit, at.is_some()))?;
        }
        let mut plan = Plan::new("prepare", format!("prepare {} on {branch}", self.release.version));
        plan.actions.push(Action::Switch { branch, at });
        Ok(plan)
    }

    fn push(&self, old: Option<Oid>) -> Plan {
        let mut plan = Plan::new("prepare", format!("push {}", self.branch));
        let full = format!("refs/heads/{}", self.branch);
        let refs = vec![PushedRef { from: full.clone(), to: full, old }];
        let remote = self.release.published.remote.clone();
        plan.actions.extend(remote.map(|remote| Action::Push { remote, refs }));
        plan
    }

    /// The section, and its commit: also of one that a run before this one wrote and did not commit.
    fn changelog(&self) -> Result<Plan> {
        let version = &self.release.version;
        let repo = self.release.published.repo();
        preflight::must_be_idle(repo, "release --run")?;
        let named = version.to_string();
        let asked = Asked { version: Some(&named), ..Asked::default() };
        let mut plan = changelog(self.release.judging, &asked)?.plan;
        let mut paths: Vec<RepoPath> = plan.actions.iter().flat_map(Action::written).cloned().collect();
        // A run before this one may have been cut off between the file and its commit.
        let own = self.changelog_path();
        for changed in preflight::changed_or_new(repo, &own.iter().collect::<Vec<_>>())? {
            match own.as_ref().filter(|own| own.as_str() == changed) {
                Some(own) if paths.contains(own) => {}
                Some(own) => paths.push(own.clone()),
                None => preflight::must_be_clean(repo, "release --run")?,
            }
        }
        if paths.is_empty() {
            return Err(Fail::new(format!(
                "nothing is known to have changed for {version}, so its section says nothing"
            ))
            .help(format!(
                "on the branch {branch}, made from {place} where it is not there: write {file} a section for {version}, \
                 commit it, then run the same command again",
                branch = self.branch,
                place = self.place.0,
                file = own.map_or("into the changelog".to_owned(), |own| format!("into {own}")),
            ))
            .into());
        }
        plan.actions.push(Action::Commit { paths, message: format!("{WRITE_CHANGELOG}{version}\n") });
        Ok(plan)
    }

    fn changelog_path(&self) -> Option<RepoPath> {
        let changelog = self.release.published.config.changelog.as_ref()?;
        RepoPath::parse(&changelog.path.fill(&self.release.version)).ok()
    }
}
