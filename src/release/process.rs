//! `release`: where a release stands, found from the repository and its remote, and the step that comes next.

mod foresight;
mod prepare;
mod publish;

use anyhow::Result;

use super::branch::{self, branch};
use super::bump::BumpTo;
use super::plan::{Action, Plan, PushedRef};
use super::published::Published;
use super::tag::{self, TagOptions, tag};
use super::version::named_or_carried;
use super::{changelog, remote};
use crate::config::{On, PrereleasesFrom};
use crate::domain::{Fail, MinorLine, Oid, SortedMap, Version};
use crate::engine::{Judge, Report};
use crate::git::RefUpdate;
pub use foresight::{Foresight, Hindrance, ROUNDS, add_findings, add_notes, endless, hindrance, stops_here};
use prepare::Preparation;

/// Where a release stands.
#[derive(Debug)]
pub struct Process {
    /// The release.
    pub version: Version,
    /// Its steps, in order.
    pub stages: Vec<Stage>,
    /// What a person should know before going on, each in a line.
    pub notes: Vec<String>,
    /// What relguard would do next, or what the rules say of a step that is done wrong; `None` where it is a person's
    /// turn, or everything is done.
    pub plan: Option<Plan>,
    /// Whether relguard has more to do behind `plan` before it is a person's turn.
    pub goes_on: bool,
}

/// One step of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name: `prepare`, `merge`, `branch`, `tag`, `publish`.
    pub name: &'static str,
    /// How far it is.
    pub state: State,
    /// What it is, in one line.
    pub words: String,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is done.
    Done,
    /// It comes next, and relguard can do it.
    Next,
    /// It comes next, and a person or the pipeline has to do it.
    Waiting,
    /// It comes later.
    Later,
}

impl Process {
    /// The name of the stage that comes next.
    pub fn next(&self) -> Option<&'static str> {
        self.stages.iter().find(|stage| stage.state == State::Next).map(|stage| stage.name)
    }
}

impl State {
    /// Its name in JSON and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Next => "next",
            Self::Waiting => "waiting",
            Self::Later => "later",
        }
    }
}

/// All that the steps are found from.
struct Release<'a> {
    judging: &'a Judge<'a>,
    published: Published<'a>,
    version: Version,
    /// The release branch of its line.
    branch: String,
    /// What the remote said of the refs that matter.
    asked: SortedMap<String, Oid>,
}

/// Finds where a release stands, else the one of the charts on disk.
///
/// What comes next is planned only where it is to be done: planning refuses what the step itself would refuse.
pub fn process(judging: &Judge<'_>, version: Option<&Version>, planned: bool) -> Result<Process> {
    let release = Release::read(judging, version)?;
    let mut stages = Stages { planned, ..Stages::default() };
    release.prepare(&mut stages)?;
    release.cut(&mut stages)?;
    release.tag(&mut stages)?;
    release.publish(&mut stages)?;
    let notes = release.untold()?.into_iter().chain(release.published.fork_note()?).collect();
    let Stages { all, plan, goes_on, .. } = stages;
    Ok(Process { version: release.version, stages: all, notes, plan, goes_on })
}

/// Plans to fetch what is published; nothing without a remote. An error where what is pushed goes elsewhere.
pub fn fetch(judging: &Judge<'_>) -> Result<Plan> {
    let remote = remote::of(judging.repo(), &judging.standing_config()?)?;
    remote.as_ref().map_or(Ok(()), |remote| remote::must_come_back(judging.repo(), remote))?;
    let mut plan = Plan::new("release", "fetch what is published".to_owned());
    plan.actions.extend(remote.map(|remote| Action::Fetch { remote }));
    Ok(plan)
}

/// What a server that judges pushes by the project's rules would say of those of a plan. They are supposed to be done
/// already.
fn judged_there(judging: &Judge<'_>, plan: &Plan) -> Result<Report> {
    let mut updates = Vec::new();
    for action in &plan.actions {
        let Action::Push { refs, .. } = action else { continue };
        for PushedRef { from, to, old } in refs {
            let new = judging.repo().find_ref(from)?;
            updates.push(RefUpdate { name: to.clone(), old: *old, new });
        }
    }
    Published::read(judging)?.judge_there(&updates)
}

/// A failure and its way out in one line.
fn in_a_line(fail: &Fail) -> String {
    format!("{fail}{}", fail.way_out().map(|help| format!("; {help}")).unwrap_or_default())
}

/// The steps as they are found: the first one that is not done has its plan.
#[derive(Default)]
struct Stages {
    all: Vec<Stage>,
    plan: Option<Plan>,
    planned: bool,
    open: bool,
    /// Whether one of ours comes behind the one that is next, before one of a person's.
    goes_on: bool,
    /// Whether one of a person's was met.
    waits: bool,
}

impl Stages {
    fn done(&mut self, name: &'static str, words: String) {
        self.all.push(Stage { name, state: State::Done, words });
    }

    /// A step that relguard does, by a plan. What comes after one that is not done is later.
    fn ours(&mut self, name: &'static str, words: String, plan: impl FnOnce() -> Result<Plan>) -> Result<()> {
        let state = self.next(State::Next);
        if state == State::Next && self.planned {
            self.plan = Some(plan()?);
        }
        self.goes_on |= state == State::Later && !self.waits;
        self.all.push(Stage { name, state, words });
        Ok(())
    }

    /// A step that a person does, or the pipeline.
    fn theirs(&mut self, name: &'static str, words: String) {
        let state = self.next(State::Waiting);
        self.all.push(Stage { name, state, words });
    }

    /// A step of relguard's that something in this clone may be in the way of, as `in_the_way` finds. Where plans are
    /// made, the plan refuses with the same words; where none is, it is a person's turn, and those stand in its place.
    fn ours_unless(
        &mut self,
        name: &'static str,
        words: String,
        in_the_way: Result<()>,
        plan: impl FnOnce() -> Result<Plan>,
    ) -> Result<()> {
        let error = match in_the_way {
            Err(error) if !self.planned => error.downcast::<Fail>()?,
            _ => return self.ours(name, words, plan),
        };
        self.theirs(name, in_a_line(&error));
        Ok(())
    }

    /// A step that is done wrong and can't be taken back: what the rules say of it is shown in any case.
    fn wrong(&mut self, name: &'static str, words: String, found: Plan) {
        let state = self.next(State::Waiting);
        if state == State::Waiting {
            self.plan = Some(found);
        }
        self.all.push(Stage { name, state, words });
    }

    /// The state of a step that is not done.
    fn next(&mut self, state: State) -> State {
        self.waits |= state == State::Waiting;
        if std::mem::replace(&mut self.open, true) { State::Later } else { state }
    }
}

impl<'a> Release<'a> {
    fn read(judging: &'a Judge<'a>, version: Option<&Version>) -> Result<Self> {
        let version = named_or_carried(judging, version)?;
        let published = Published::read(judging)?;
        let branch = published.config.branches.release.fill_line(MinorLine::from(&version));
        let tag = published.tag_of(&version)?;
        let prepared = [prepare::branch_for(&version), prepare::changelog_branch_for(&version)];
        let names = [&branch, &published.default, &prepared[0], &prepared[1]]
            .map(|name| format!("refs/heads/{name}"));
        let tag = format!("refs/tags/{tag}");
        let names: Vec<&str> = names.iter().chain([&tag]).map(String::as_str).collect();
        published.must_keep(&[&branch, &published.default])?;
        let asked = published.ask(&names)?;
        published.must_be_fresh(&branch, &asked)?;
        published.must_be_fresh(&published.default, &asked)?;
        Ok(Self { judging, published, version, branch, asked })
    }

    /// The branch that it is released from: its line's, and before that is cut the default one.
    fn place(&self) -> (&str, Oid) {
        match self.published.tip(&self.branch) {
            Some(tip) => (&self.branch, tip),
            None => (&self.published.default, self.published.default_tip),
        }
    }

    /// The tag's object as it is published; without a remote as it is here.
    fn tag_object(&self) -> Result<Option<Oid>> {
        let name = format!("refs/tags/{}", self.published.config.tags.release.fill(&self.version));
        match self.published.remote {
            Some(_) => Ok(self.asked.get(&name).copied()),
            None => self.published.repo().find_ref(&name),
        }
    }

    /// Whether it is a prerelease that is tagged on the default branch.
    fn is_on_default(&self) -> bool {
        let anywhere = self.published.config.tags.prereleases_from == PrereleasesFrom::Any;
        anywhere && !self.version.pre.is_empty() && self.published.tip(&self.branch).is_none()
    }

    fn is_tagged(&self) -> Result<bool> {
        Ok(self.tag_object()?.is_some())
    }

    /// Its version and its section are where they have to be.
    fn prepare(&self, stages: &mut Stages) -> Result<()> {
        let (place, version) = (self.place(), &self.version);
        let default = (self.published.default.as_str(), self.published.default_tip);
        let log = self.log_place();
        let tagged = self.is_tagged()?;
        if !tagged {
            self.must_have_charts(place)?;
        }
        let wants_version = !tagged && self.lacks_version(place.1)?;
        let wants_section = !tagged && self.lacks_section(log.1)?;
        if !wants_version && !wants_section {
            // A branch may have gone on since, and a tag may have been made elsewhere.
            let words = if tagged && self.lacks_version(place.1)? {
                format!("{version} is tagged: there is nothing left to prepare")
            } else {
                format!("{} carries {version} and all that belongs to it", place.0)
            };
            stages.done("prepare", words);
            return Ok(());
        }
        self.must_not_go_back(place)?;
        if place != default && !self.lacks_version(default.1)? && !self.lacks_section(default.1)? {
            stages.done("prepare", format!("{} carries {version}", default.0));
            stages.theirs("merge", format!("merge {version} from {} into {}", default.0, place.0));
            return Ok(());
        }
        let branch = prepare::branch_for(version);
        if log == place {
            return Preparation { release: self, place, branch, wants_version, wants_section }.stages(stages);
        }
        if wants_version {
            Preparation { release: self, place, branch, wants_version, wants_section: false }
                .stages(stages)?;
        }
        if wants_section {
            let branch = prepare::changelog_branch_for(version);
            let parts =
                Preparation { release: self, place: log, branch, wants_version: false, wants_section };
            parts.stages(stages)?;
        }
        Ok(())
    }

    /// Refuses to give a branch an older version than it has.
    fn must_not_go_back(&self, (place, tip): (&str, Oid)) -> Result<()> {
        let Some(now) = self.published.version_at(tip)?.filter(|now| *now > self.version) else {
            return Ok(());
        };
        let (version, branch) = (&self.version, &self.branch);
        let fail = Fail::new(format!("{place} carries {now} already: it does not go back to {version}"));
        Err(if place == self.published.default {
            fail.help(format!(
                "release it from its own branch: push the commit of {place} that its line begins at as {branch}"
            ))
        } else {
            fail.help(format!("release a version after {now}"))
        }
        .into())
    }

    fn cut(&self, stages: &mut Stages) -> Result<()> {
        let (name, default) = (&self.branch, &self.published.default);
        if self.published.tip(name).is_some() {
            let place = self.published.remote.as_deref().unwrap_or("this repository");
            stages.done("branch", format!("{name} is in {place}"));
            return Ok(());
        }
        if self.is_tagged()? || self.is_on_default() {
            stages.done("branch", format!("{} is tagged without {name}", self.version));
            return Ok(());
        }
        let line = MinorLine::from(&self.version);
        let has_remote = self.published.remote.is_some();
        let in_the_way = branch::must_fit(&self.published, name);
        stages.ours_unless("branch", format!("cut {name} from {default}"), in_the_way, || {
            branch(self.judging, Some(line), has_remote)
        })
    }

    fn tag(&self, stages: &mut Stages) -> Result<()> {
        let name = self.published.config.tags.release.fill(&self.version);
        let options = TagOptions { push: self.published.remote.is_some(), sign: None };
        let plan = || tag(self.judging, Some(&self.version), options);
        if self.is_tagged()? {
            let place = self.published.remote.as_deref().unwrap_or("this repository");
            let plan = plan()?;
            if plan.report.errors() > 0 {
                let to = if self.version.pre.is_empty() { BumpTo::Patch } else { BumpTo::Rc };
                let next = to.after(&self.version).or_else(|_| BumpTo::Patch.after(&self.version))?;
                let words =
                    format!("{name} is in {place}, and is wrong; a published tag stays: release {next}");
                stages.wrong("tag", words, plan);
                return Ok(());
            }
            stages.done("tag", format!("{name} is in {place}"));
            return Ok(());
        }
        let on = if self.is_on_default() { &self.published.default } else { &self.branch };
        let in_the_way = tag::must_fit(&self.published, &name, (on, self.place().1));
        stages.ours_unless("tag", format!("tag {name} on {on}"), in_the_way, plan)
    }

    /// What came onto the branch after its section was written: a release goes out without telling of it.
    fn untold(&self) -> Result<Option<String>> {
        let (place, tip) = self.place();
        let (config, version, kept) = (&self.published.config, &self.version, self.log_place().1);
        if config.changelog.is_none() || self.is_tagged()? || self.lacks_section(kept)? {
            return Ok(None);
        }
        let count = changelog::untold(self.published.repo(), config, version, (place, tip), kept)?;
        let changes = if count == 1 { "1 change is" } else { &format!("{count} changes are") };
        Ok((count > 0).then(|| {
            format!("{changes} in {version} that its section does not tell: relguard changelog {version}")
        }))
    }

    /// The branch that its section has to be on.
    fn log_place(&self) -> (&str, Oid) {
        match &self.published.config.changelog {
            Some(changelog) if changelog.on == On::DefaultBranch => {
                (&self.published.default, self.published.default_tip)
            }
            _ => self.place(),
        }
    }
}
