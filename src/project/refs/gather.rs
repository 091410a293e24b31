use std::rc::Rc;

use anyhow::Result;

use super::{
    Base, Before, Behind, BranchFacts, DefaultBranch, Event, Line, Lost, Meaning, Place, RefFacts, RefName,
    RefView, Signature, TagFacts, default_branch, names,
};
use crate::config::{Config, PrereleasesFrom};
use crate::domain::{MinorLine, Oid, OidMap, SortedMap, Version, order};
use crate::git::{Distance, History, Node, Peeled, Reach, RefUpdate, Repo};

/// So many misplaced commits are looked for on other release branches.
const FEW: usize = 16;

/// For so many it is said how far they are off.
const SOME: usize = 100;

/// What is asked of the refs.
#[derive(Debug)]
pub struct Asked {
    /// The refs as they stand.
    pub before: RefView,
    /// The refs as a push leaves them; without a push the same.
    pub after: RefView,
    /// The refs to judge, and what happens to each.
    pub refs: Vec<(RefName, Event)>,
    /// Whether signatures are to be verified.
    pub verify: bool,
}

/// Gathers the facts, in one walk of the history for all questions.
pub fn gather(repo: &Repo, config: &Config, asked: &Asked) -> Result<RefFacts> {
    let default = default_of(config, asked);
    let mut gathering = Gathering {
        repo,
        config,
        asked,
        history: History::open(repo)?,
        lines: lines(config, &asked.after),
        finals: None,
        default,
        default_reach: None,
        default_line: None,
        homes: OidMap::default(),
        measured: 0,
    };
    let mut branches = Vec::new();
    // There may be thousands.
    let mut tags = Vec::with_capacity(asked.refs.len());
    for (name, event) in &asked.refs {
        match name {
            RefName::Branch(name) => branches.push(gathering.branch(name, *event)?),
            RefName::Tag(name) => tags.push(gathering.tag(name, *event)?),
        }
    }
    gathering.place(&mut tags)?;
    Ok(RefFacts { default: gathering.default, lines: gathering.lines, branches, tags })
}

struct Gathering<'a> {
    repo: &'a Repo,
    config: &'a Config,
    asked: &'a Asked,
    history: History<'a>,
    lines: SortedMap<MinorLine, Line>,
    /// The final releases with their tags, once one of them was missed under its plain name.
    finals: Option<SortedMap<Version, (String, Oid)>>,
    default: Option<DefaultBranch>,
    /// The release branches of misplaced commits, once asked.
    homes: OidMap<Option<String>>,
    /// How many misplaced commits were measured.
    measured: usize,
    /// What the default branch reaches, once that was asked.
    default_reach: Option<Reach>,
    /// The lines of first parents that are known to lead to the default branch, once that was asked.
    default_line: Option<Reach>,
}

/// A tag of a release, by its place among those that are judged, and the commit that it names.
struct Tagged {
    at: usize,
    version: Version,
    commit: Oid,
    node: Node,
}

fn default_of(config: &Config, asked: &Asked) -> Option<DefaultBranch> {
    let name = default_branch(config.default_branch.as_deref(), &asked.before, &asked.after)?;
    let views = [&asked.before, &asked.after];
    let mut tips: Vec<Oid> = views.iter().filter_map(|view| view.branches.get(name)?.judged()).collect();
    tips.dedup();
    Some(DefaultBranch { name: name.to_owned(), tips })
}

/// The final releases with their tags. Build metadata makes no other release of one.
fn finals(config: &Config, view: &RefView) -> SortedMap<Version, (String, Oid)> {
    let of_release = |(name, object): &(Rc<str>, Oid)| match names::tag(config, name) {
        Meaning::Release(version) if version.pre.is_empty() => {
            let version = Version::new(version.major, version.minor, version.patch);
            Some((version, (name.to_string(), *object)))
        }
        _ => None,
    };
    // The plain tag comes before one with build metadata, and stays.
    view.tags.iter().rev().filter_map(of_release).collect()
}

fn lines(config: &Config, view: &RefView) -> SortedMap<MinorLine, Line> {
    let of_release = |(name, tips): &(String, super::Tips)| match names::branch(config, name) {
        Meaning::Release(line) => Some((line, Line { branch: name.clone(), tips: *tips })),
        _ => None,
    };
    view.branches.iter().filter_map(of_release).collect()
}

impl Gathering<'_> {
    fn branch(&mut self, name: &str, event: Event) -> Result<BranchFacts> {
        let meaning = names::branch(self.config, name);
        let is_default = self.default.as_ref().is_some_and(|default| default.name == name);
        let commit = self.asked.after.branches.get(name).and_then(|tips| tips.judged());
        let guarded = is_default || matches!(meaning, Meaning::Release(_));
        let base = match (&meaning, commit, event) {
            (Meaning::Release(_), Some(commit), Event::Created | Event::Stands) if !is_default => {
                Some(self.base(commit, event)?)
            }
            _ => None,
        };
        let lost = match (event, commit) {
            (Event::Moved { from }, Some(to)) if guarded => self.lost(from, to)?,
            (Event::Deleted { .. }, _) if guarded => Some(Lost::Some),
            _ => None,
        };
        Ok(BranchFacts { name: name.to_owned(), event, commit, is_default, meaning, base, lost })
    }

    fn base(&mut self, commit: Oid, event: Event) -> Result<Base> {
        let Some(default) = self.default.clone() else { return Ok(Base::NoDefault) };
        if event == Event::Stands {
            if self.joins_default(commit)? {
                return Ok(Base::Sound);
            }
            let reach = self.default_reach()?;
            let meets = self.history.meets(commit, &reach);
            self.default_reach = Some(reach);
            return Ok(match meets? {
                Some(true) => Base::Sound,
                Some(false) => Base::Unrelated,
                None => Base::Unseen,
            });
        }
        match self.reached(&default.tips, commit)? {
            Some(true) => return Ok(Base::Sound),
            Some(false) => {}
            None => return Ok(Base::Unseen),
        }
        let distance = self.history.distance(commit, &default.tips)?;
        Ok(if distance.base.is_none() && distance.ahead.is_some() {
            Base::Unrelated
        } else {
            Base::NotOnDefault(distance)
        })
    }

    /// What the default branch reaches, in this clone or on the remote; the caller puts it back.
    fn default_reach(&mut self) -> Result<Reach> {
        match self.default_reach.take() {
            Some(reach) => Ok(reach),
            None => self.history.all(&self.default_tips()),
        }
    }

    /// Whether a commit's line of first parents leads to the default branch's, as it mostly does: to see that
    /// takes a part of the history alone.
    fn joins_default(&mut self, commit: Oid) -> Result<bool> {
        let mut line = match self.default_line.take() {
            Some(line) => line,
            None => {
                let mut line = Reach::default();
                for tip in self.default_tips() {
                    self.history.joins(tip, &mut line, true)?;
                }
                line
            }
        };
        let joins = self.history.joins(commit, &mut line, false)?;
        self.default_line = Some(line);
        Ok(joins)
    }

    fn default_tips(&self) -> Vec<Oid> {
        let views = [&self.asked.before, &self.asked.after];
        let of_view = |view: &&RefView| Some(view.branches.get(&self.default.as_ref()?.name)?.all());
        views.iter().filter_map(of_view).flatten().collect()
    }

    /// Whether any of some tips is or reaches a commit; `None` where a shallow clone does not show it.
    fn reached(&mut self, tips: &[Oid], commit: Oid) -> Result<Option<bool>> {
        let mut all = Some(false);
        for tip in tips {
            match self.history.reaches(*tip, commit)? {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => all = None,
            }
        }
        Ok(all)
    }

    fn lost(&mut self, from: Oid, to: Oid) -> Result<Option<Lost>> {
        if !self.repo.has_object(from) {
            // A whole clone has what its branch is built on: what it lacks was taken away.
            return Ok(Some(if self.history.is_cut() { Lost::Unseen } else { Lost::Some }));
        }
        Ok(match self.history.reaches(to, from)? {
            Some(true) => None,
            Some(false) => Some(self.history.distance(from, &[to])?.ahead.map_or(Lost::Some, Lost::Commits)),
            None => Some(Lost::Unseen),
        })
    }

    fn tag(&mut self, name: &str, event: Event) -> Result<TagFacts> {
        let meaning = names::tag(self.config, name);
        let object = self.asked.after.tags.get(name).copied();
        let target = object.map(|object| self.history.peel(object)).transpose()?;
        let verify = self.asked.verify && matches!(meaning, Meaning::Release(_));
        let signature = match (&target, object) {
            (Some(target), Some(object)) if verify => Some(self.signature(target, object)?),
            _ => None,
        };
        let facts = TagFacts {
            name: name.to_owned(),
            event,
            meaning,
            target,
            place: None,
            behind: None,
            before: None,
            signature,
        };
        Ok(facts)
    }

    /// The tag of a final release and its object.
    fn release(&mut self, version: &Version) -> Option<(String, Oid)> {
        let name = self.config.tags.release.fill(version);
        let plain = self.asked.after.tags.get(name.as_str());
        if let Some(object) = plain.filter(|_| !names::is_ignored_tag(self.config, &name)) {
            return Some((name, *object));
        }
        let finals = self.finals.get_or_insert_with(|| finals(self.config, &self.asked.after));
        finals.get(version).cloned()
    }

    fn signature(&self, target: &Peeled, object: Oid) -> Result<Signature> {
        if target.own_name.is_none() {
            return Ok(Signature::Unannotated);
        }
        Ok(match self.repo.verify_tag(object)? {
            Ok(()) => Signature::Valid,
            Err(said) => Signature::Invalid(said),
        })
    }

    /// Finds the place of all tags, line by line: one walk from a line's branch for all of its tags.
    fn place(&mut self, tags: &mut [TagFacts]) -> Result<()> {
        let of_release = |(at, tag): (usize, &TagFacts)| {
            let (version, commit) = (tag.version()?.clone(), tag.commit()?);
            let node = self.history.node(commit);
            Some((MinorLine::from(&version), Tagged { at, version, commit, node }))
        };
        for (line, mut of_line) in SortedMap::grouped(tags.iter().enumerate().filter_map(of_release)) {
            order::sort_by(&mut of_line, |one, other| one.version.cmp(&other.version));
            let tips = self.lines.get(&line).map(|line| line.tips);
            let commits: Vec<Node> = of_line.iter().map(|tagged| tagged.node).collect();
            let reach = match tips {
                Some(tips) => self.history.reach(&tips.all(), &commits)?,
                None => Reach::default(),
            };
            for tagged in &of_line {
                let Some(tag) = tags.get_mut(tagged.at) else { continue };
                let on_branch = reach.has(tagged.node);
                tag.place = Some(self.place_of(tagged, on_branch)?);
                let tip = tips.and_then(super::Tips::judged).filter(|tip| *tip != tagged.commit);
                if let Some(tip) = tip.filter(|_| on_branch && tag.event == Event::Created) {
                    let commits = self.history.distance(tip, &[tagged.commit])?.ahead;
                    // It may be ahead of what is published.
                    tag.behind = Some(Behind { tip, commits }).filter(|behind| behind.commits != Some(0));
                }
                tag.before = self.before(tagged, &of_line)?;
            }
        }
        Ok(())
    }

    fn place_of(&mut self, tagged: &Tagged, on_branch: bool) -> Result<Place> {
        let Tagged { version, commit, node, .. } = tagged;
        let anywhere = !version.pre.is_empty() && self.config.tags.prereleases_from == PrereleasesFrom::Any;
        if on_branch {
            return Ok(Place::Sound);
        }
        if anywhere && self.default.is_none() {
            return Ok(Place::NoDefault);
        }
        let reach = self.default_reach()?;
        let on_default = reach.has(*node);
        self.default_reach = Some(reach);
        if anywhere && on_default {
            return Ok(Place::Sound);
        }
        if self.history.is_cut() {
            return Ok(Place::Unseen);
        }
        let on = match &self.default {
            Some(default) if on_default => Some(default.name.clone()),
            _ => self.release_branch_of(*commit)?,
        };
        Ok(match self.lines.get(&MinorLine::from(version)).map(|line| line.tips.all()) {
            Some(tips) => Place::Apart { distance: self.distance(*commit, &tips)?, on },
            None => Place::NoBranch { on },
        })
    }

    /// How far a misplaced commit is off. Measuring it is worth it for some commits only.
    fn distance(&mut self, commit: Oid, tips: &[Oid]) -> Result<Distance> {
        if self.measured >= SOME {
            return Ok(Distance { ahead: None, base: None });
        }
        self.measured += 1;
        self.history.distance(commit, tips)
    }

    /// The lowest release branch that has a commit. Asking all branches is worth it for a few commits only.
    fn release_branch_of(&mut self, commit: Oid) -> Result<Option<String>> {
        if let Some(known) = self.homes.get(&commit) {
            return Ok(known.clone());
        }
        if self.homes.len() >= FEW {
            return Ok(None);
        }
        let home = self.find_release_branch_of(commit)?;
        self.homes.insert(commit, home.clone());
        Ok(home)
    }

    fn find_release_branch_of(&mut self, commit: Oid) -> Result<Option<String>> {
        let lines: Vec<Line> = self.lines.values().cloned().collect();
        for line in lines {
            if self.reached(&line.tips.all(), commit)? == Some(true) {
                return Ok(Some(line.branch));
            }
        }
        Ok(None)
    }

    /// The release before a final z release; `of_line` are the line's that are judged, in order.
    fn before(&mut self, tagged: &Tagged, of_line: &[Tagged]) -> Result<Option<Before>> {
        let version = &tagged.version;
        let Some(patch) = version.patch.checked_sub(1).filter(|_| version.pre.is_empty()) else {
            return Ok(None);
        };
        let before = Version::new(version.major, version.minor, patch);
        let judged = of_line.binary_search_by(|other| other.version.cmp(&before)).ok();
        let (tag, target) = if let Some(judged) = judged.and_then(|at| of_line.get(at)) {
            (None, Some(judged.node))
        } else if let Some((tag, object)) = self.release(&before) {
            (Some(tag), self.history.peel(object)?.commit().map(|commit| self.history.node(commit)))
        } else {
            // A shallow clone mostly lacks tags, too.
            let cut = self.history.is_cut();
            return Ok(Some(if cut { Before::Unseen } else { Before::Missing { version: before } }));
        };
        let below = match target {
            Some(target) => self.history.leads_to(tagged.node, target)?,
            None => Some(false),
        };
        Ok(Some(match below {
            Some(true) => Before::Sound,
            Some(false) => {
                Before::Aside { tag: tag.unwrap_or_else(|| self.config.tags.release.fill(&before)) }
            }
            None => Before::Unseen,
        }))
    }
}

impl Asked {
    /// What updates do to a view.
    pub fn updates(before: RefView, updates: &[RefUpdate]) -> Self {
        let after = before.after(updates);
        let refs = updates.iter().filter_map(|update| {
            let event = match (update.old, update.new) {
                (None, _) => Event::Created,
                (Some(from), Some(_)) => Event::Moved { from },
                (Some(from), None) => Event::Deleted { from },
            };
            Some((RefName::of_full(&update.name)?, event))
        });
        let refs = refs.collect();
        Self { before, after, refs, verify: false }
    }

    /// Refs as they stand.
    pub fn standing(view: RefView, refs: Vec<RefName>) -> Self {
        let refs = refs.into_iter().map(|name| (name, Event::Stands)).collect();
        Self { before: view.clone(), after: view, refs, verify: false }
    }
}
