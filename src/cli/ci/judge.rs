use anyhow::Result;

use super::about::{About, Run};
use crate::config::Config;
use crate::domain::text::visible;
use crate::domain::{Fail, Oid};
use crate::engine::{Change, Inspection, Judge, Occasion, Report};
use crate::finding::Subject;
use crate::git::{History, RefUpdate};
use crate::project::refs::{Asked, Event, Meaning, RefName, RefView, default_branch, names};

/// Judges what one CI run is about.
pub(super) struct Gate<'a> {
    pub(super) judging: &'a Judge<'a>,
    /// The remote whose branches are what is published.
    pub(super) remote: &'a str,
    /// How this CI is asked for a whole history.
    pub(super) deepen: &'static str,
    /// The default branch's name, where the forge says it.
    pub(super) default_branch: Option<String>,
    /// The base that the command line names, and the branch that it is, if it is one.
    pub(super) base: Option<(Oid, Option<String>)>,
}

/// The config that is not for the judged commit to say, and whose it is.
struct Governing {
    config: Config,
    /// The default branch; `None` where the clone has none.
    default: Option<String>,
}

/// The refs before and after what happened.
struct Views {
    before: RefView,
    after: RefView,
}

impl Gate<'_> {
    /// Judges it.
    pub(super) fn judge(&self, run: Run) -> Result<Report> {
        match run.about {
            About::Ref { name, event, objects } => self.judge_ref(name, event, &objects),
            About::Change { name, commits, target, bases } => {
                self.judge_change(&name, &commits, target, &bases)
            }
        }
    }

    /// What the clone knows, and what the forge says of its default branch.
    fn view(&self) -> Result<RefView> {
        let mut view = RefView::of_repository(self.judging.repo(), self.remote)?;
        view.heads.splice(0..0, self.default_branch.clone());
        Ok(view)
    }

    fn judge_ref(&self, name: RefName, event: Event, objects: &[Oid]) -> Result<Report> {
        let view = self.view()?;
        let object = match event {
            Event::Deleted { .. } => None,
            _ => Some(self.object(&view, &name, objects)?),
        };
        let mut views = views(view, &name, event, object);
        let commit = object.filter(|_| matches!(name, RefName::Branch(_)));
        let governing = self.governing(&mut views, object)?;
        if let (RefName::Branch(branch), Some(commit)) = (&name, commit)
            && is_topic(&governing, branch, event)
        {
            let subject = Subject::branch(branch, Some(commit));
            let base = self.base_of_topic(&governing, &views, commit)?;
            return Change { subject, commit, base, onto: None, governing: governing.config }
                .run(self.judging, "ci");
        }
        if let (Event::Moved { from }, Some(_), None) = (event, commit, &self.base) {
            self.must_have(from, "where the branch stood before this push")?;
        }
        if governing.default.is_none() {
            return Err(self.no_default(&name).into());
        }
        let against = match (&self.base, commit) {
            (Some((base, _)), Some(commit)) => self.merge_base(commit, &[*base])?,
            (Some((base, _)), None) => Some(*base),
            (None, _) => None,
        };
        let Views { before, after } = views;
        let asked = Asked { before, after, refs: vec![(name, event)], verify: false };
        Inspection::new(Occasion::Ci, asked, governing.config).against(against).run(self.judging)
    }

    fn judge_change(
        &self,
        name: &str,
        commits: &[Oid],
        target: Option<String>,
        bases: &[Oid],
    ) -> Result<Report> {
        let repo = self.judging.repo();
        let view = self.view()?;
        let of_target = target.as_ref().and_then(|name| view.branches.get(name));
        let mut tips = match &self.base {
            Some((base, _)) => vec![*base],
            None => of_target
                .map(|tips| tips.all())
                .unwrap_or_default()
                .into_iter()
                .chain(bases.iter().copied())
                .collect(),
        };
        let commit = self.commit_of_change(name, commits, &tips)?;
        tips.retain(|tip| repo.has_object(*tip));
        let onto = self.base.as_ref().and_then(|(_, branch)| branch.clone()).or(target);
        let mut views = Views { before: view.clone(), after: view };
        let governing = self.governing(&mut views, Some(commit))?;
        let base = match &onto {
            Some(onto) if tips.is_empty() => return Err(self.no_base(onto).into()),
            None if tips.is_empty() => self.base_of_topic(&governing, &views, commit)?,
            _ => self.merge_base(commit, &tips)?,
        };
        let governing = governing.config;
        Change { subject: Subject::commit(name, commit), commit, base, onto, governing }
            .run(self.judging, "ci")
    }

    /// The commit of a change: what is checked out, where the forge knows it; else one that it names and the
    /// clone has; else what is checked out, if that is not just the branch that the change goes to.
    fn commit_of_change(&self, name: &str, commits: &[Oid], tips: &[Oid]) -> Result<Oid> {
        let repo = self.judging.repo();
        let head = repo.head()?.commit;
        if let Some(head) = head.filter(|head| commits.contains(head)) {
            return Ok(head);
        }
        if let Some(there) = commits.iter().find(|commit| repo.has_object(**commit)) {
            return Ok(*there);
        }
        head.filter(|head| !tips.contains(head)).ok_or_else(|| {
            Fail::new(format!(
                "the clone has no commit of {}: what is checked out is the branch that it goes to",
                visible(name)
            ))
            .help("check out the change (for actions/checkout: ref: refs/pull/NUMBER/merge), or fetch it")
            .into()
        })
    }

    /// What a ref names: ids from the forge, as far as the clone has them, else what the clone itself says.
    /// A checkout may have put a plain tag where the forge has an annotated one, or the other way round:
    /// of two for one commit the annotated one counts.
    fn object(&self, view: &RefView, name: &RefName, objects: &[Oid]) -> Result<Oid> {
        let repo = self.judging.repo();
        let given = objects.iter().copied().find(|id| repo.has_object(*id));
        let (kind, short, known) = match name {
            RefName::Branch(name) => ("branch", name, view.branches.get(name).and_then(|tips| tips.judged())),
            RefName::Tag(name) => ("tag", name, view.tags.get(name.as_str()).copied()),
        };
        match (given, known, name) {
            (Some(given), Some(known), RefName::Tag(_)) => {
                let (one, other) = (repo.peel(given)?, repo.peel(known)?);
                Ok(if one.id == other.id && other.own_name.is_some() { known } else { given })
            }
            (Some(given), _, RefName::Branch(_)) => Ok(repo.peel(given)?.id),
            (Some(given), ..) => Ok(given),
            (None, Some(known), _) if objects.is_empty() => Ok(known),
            (None, ..) => {
                let short = visible(short);
                let what = objects.first().map_or_else(
                    || format!("the {kind} {short} is not in this clone"),
                    |id| format!("the commit {} of the {kind} {short} is not in this clone", id.short()),
                );
                Err(Fail::new(what)
                    .help(format!("fetch it: git fetch --tags origin (in CI: {})", self.deepen))
                    .into())
            }
        }
    }

    /// The default branch's config, as the forge or the clone names that branch. Where the clone has none, the
    /// commit's own: then only files are judged.
    fn governing(&self, views: &mut Views, commit: Option<Oid>) -> Result<Governing> {
        let repo = self.judging.repo();
        let is_there = |views: &Views, name: &str| {
            views.after.branches.contains_key(name) || views.before.branches.contains_key(name)
        };
        if default_branch(None, &views.before, &views.after).is_none() {
            let own = match commit.map(|commit| repo.peel(commit)).transpose()? {
                Some(commit) => self.judging.config_at(commit.id, &Subject::commit("HEAD", commit.id))?,
                None => None,
            };
            let config = own.map_or_else(Config::built_in, Ok)?;
            match config.default_branch.clone().filter(|name| is_there(views, name)) {
                Some(name) => [&mut views.before, &mut views.after]
                    .into_iter()
                    .for_each(|view| view.heads = vec![name.clone()]),
                None => return Ok(Governing { config, default: None }),
            }
        }
        let config = self.judging.published_config(&views.before, &views.after)?;
        let configured = config.default_branch.clone().filter(|name| views.after.branches.contains_key(name));
        let known = || default_branch(None, &views.before, &views.after).map(str::to_owned);
        let default = configured.or_else(known);
        // One that is configured and not there is told so where a ref is judged by it.
        let default_branch = config.default_branch.clone().or_else(|| default.clone());
        let config = Config { default_branch, remote: self.remote.to_owned(), ..config };
        Ok(Governing { config, default })
    }

    /// Where a topic branch left the default branch, where the clone shows that.
    fn base_of_topic(&self, governing: &Governing, views: &Views, commit: Oid) -> Result<Option<Oid>> {
        if let Some((base, _)) = &self.base {
            return self.merge_base(commit, &[*base]);
        }
        let default = governing.default.as_ref().and_then(|name| views.after.branches.get(name));
        let Some(tips) = default.map(|tips| tips.all()) else { return Ok(None) };
        let found = self.merge_base(commit, &tips);
        if self.judging.repo().is_shallow() { Ok(found.ok().flatten()) } else { found }
    }

    fn merge_base(&self, commit: Oid, others: &[Oid]) -> Result<Option<Oid>> {
        History::open(self.judging.repo())?.merge_base(commit, others)
    }

    fn must_have(&self, commit: Oid, what: &str) -> Result<(), Fail> {
        let repo = self.judging.repo();
        if repo.has_object(commit) || !repo.is_shallow() {
            return Ok(());
        }
        Err(Fail::new(format!(
            "the clone's history is cut short: it lacks {}, {what}, with which this run compares",
            commit.short()
        ))
        .help(format!("fetch all of it: git fetch --unshallow --tags (in CI: {})", self.deepen)))
    }

    fn no_base(&self, target: &str) -> Fail {
        Fail::new(format!("the clone does not have {}, with which this change compares", visible(target)))
            .help(format!(
                "fetch it with its history: git fetch --unshallow --tags origin (in CI: {})",
                self.deepen
            ))
    }

    fn no_default(&self, name: &RefName) -> Fail {
        let (RefName::Branch(name) | RefName::Tag(name)) = name;
        Fail::new(format!(
            "the clone has no default branch: its config and its history are what {} is judged by",
            visible(name)
        ))
        .help(format!("fetch all branches and tags (in CI: {})", self.deepen))
    }
}

/// Whether a branch releases nothing, so that only its files count. One that is misnamed is told so when
/// it is made; after that work on it is work like any other. The chart index has no charts to judge.
fn is_topic(governing: &Governing, name: &str, event: Event) -> bool {
    let is_index = name == governing.config.index.branch;
    let meaning = match names::branch(&governing.config, name) {
        Meaning::Other => true,
        Meaning::Misnamed(_) => matches!(event, Event::Moved { .. }),
        Meaning::Release(_) => false,
    };
    meaning && !is_index && governing.default.as_deref() != Some(name)
}

fn views(view: RefView, name: &RefName, event: Event, object: Option<Oid>) -> Views {
    let full = match name {
        RefName::Branch(name) => format!("refs/heads/{name}"),
        RefName::Tag(name) => format!("refs/tags/{name}"),
    };
    let old = event.from().filter(|from| *from != Oid::ZERO);
    let updates = [RefUpdate { name: full, old, new: object }];
    let after = view.after(&updates);
    let before = match event {
        Event::Stands => after.clone(),
        Event::Deleted { .. } if old.is_none() => view,
        _ => view.before(&updates),
    };
    Views { before, after }
}
