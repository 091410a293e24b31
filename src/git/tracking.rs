//! Where a clone keeps the branches of a remote: below `refs/remotes/NAME/`, unless `remote.NAME.fetch` says
//! another place.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;

use super::{Git, Repo};
use crate::domain::{Oid, SortedMap};

/// What the full name of a branch begins with.
const BRANCHES: &str = "refs/heads/";

/// Where the refs of each remote are kept, as it is when it is first asked for.
pub(super) type TrackedRemotes = RefCell<SortedMap<String, Rc<Tracking>>>;

/// Where the refs of a remote are kept.
pub(super) struct Tracking {
    maps: Vec<Map>,
}

/// A refspec: a name there, and the same one here. Either has one `*` at most, and both have it or none.
struct Map {
    there: String,
    here: String,
}

impl Repo {
    /// The branches of a remote as this clone knows them, by short name.
    pub fn remote_branches(&self, remote: &str) -> Result<SortedMap<String, Oid>> {
        let mut found = SortedMap::new();
        for map in &self.tracking(remote).maps {
            let Some(prefix) = map.place_of_branches() else { continue };
            // Refs are listed by the folder.
            let folder = prefix.rfind('/').and_then(|end| prefix.get(..=end)).unwrap_or_default();
            for (rest, tip) in self.list_refs(folder)?.iter() {
                let there = map.there(&format!("{folder}{rest}"));
                let name = there.as_deref().and_then(|name| name.strip_prefix(BRANCHES));
                if let Some(name) = name.filter(|name| *name != "HEAD") {
                    found.insert(name.to_owned(), *tip);
                }
            }
        }
        Ok(found)
    }

    /// The tip of one branch of a remote as this clone knows it.
    pub fn remote_branch(&self, remote: &str, name: &str) -> Option<Oid> {
        let there = format!("{BRANCHES}{name}");
        let tracking = self.tracking(remote);
        tracking.maps.iter().find_map(|map| self.find_ref(&map.here(&there)?).ok().flatten())
    }

    /// Fetches what a remote has: its new commits and tags; what it no longer has goes here as well.
    pub fn fetch(&self, remote: &str) -> Result<()> {
        self.run_fetch(&Git::new(self), remote, &[])
    }

    /// The fetch, with more options.
    pub(super) fn run_fetch(&self, git: &Git<'_>, remote: &str, options: &[&str]) -> Result<()> {
        let more = self.refspecs_to_fetch(remote);
        let mut args = vec!["fetch", "--prune", "--no-prune-tags"];
        args.extend(options);
        args.extend(["--", remote]);
        args.extend(more.iter().map(String::as_str));
        git.output(&args).map(drop)
    }

    /// The refspecs that a fetch has to name. A clone of a single branch would never hear of the others: there the
    /// usual one goes with its own, all of them, so that none of theirs is taken for what is no longer there.
    fn refspecs_to_fetch(&self, remote: &str) -> Vec<String> {
        let all = format!("{BRANCHES}*");
        let Some(here) = self.tracked(remote, &all).filter(|_| !self.is_fetched(remote, &all)) else {
            return Vec::new();
        };
        let mut specs = self.fetched(remote);
        specs.push(format!("+{all}:{here}"));
        specs
    }

    /// Whether a plain `git fetch` keeps a ref of a remote here, by its full name there.
    pub fn is_fetched(&self, remote: &str, name: &str) -> bool {
        let specs = self.fetched(remote);
        specs.iter().filter_map(|spec| Map::parse(spec)).any(|map| map.here(name).is_some())
    }

    /// Keeps what a remote took for a branch; git itself does that where its refspecs name the branch.
    pub fn keep_pushed(&self, remote: &str, name: &str, at: Oid) -> Result<()> {
        if !self.has_remote(remote) || self.is_fetched(remote, name) {
            return Ok(());
        }
        let Some(here) = self.tracked(remote, name) else { return Ok(()) };
        Git::new(self).output(&["update-ref", "-m", "update by push", &here, &at.to_string()]).map(drop)
    }

    /// What a ref of a remote is called here; `None` where this clone keeps none of that name. Tags keep theirs.
    pub fn tracked(&self, remote: &str, name: &str) -> Option<String> {
        self.tracking(remote).maps.iter().find_map(|map| map.here(name))
    }

    /// The branch that a remote's HEAD names, as far as this clone knows.
    pub fn remote_head(&self, remote: &str) -> Option<String> {
        let tracking = self.tracking(remote);
        let maps = &tracking.maps;
        let heads = maps.iter().filter_map(|map| map.here(&format!("{BRANCHES}HEAD")));
        let usual = format!("refs/remotes/{remote}/HEAD");
        let targets = std::iter::once(usual).chain(heads).filter_map(|head| self.ref_store().symbolic(&head));
        let mut names = targets.filter_map(|to| maps.iter().find_map(|map| map.there(&to)));
        names.find_map(|name| name.strip_prefix(BRANCHES).map(str::to_owned))
    }

    fn tracking(&self, remote: &str) -> Rc<Tracking> {
        if let Some(known) = self.tracked.borrow().get(remote) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.read_tracking(remote));
        self.tracked.borrow_mut().insert(remote.to_owned(), Rc::clone(&found));
        found
    }

    fn read_tracking(&self, remote: &str) -> Tracking {
        let usual = Map { there: format!("{BRANCHES}*"), here: format!("refs/remotes/{remote}/*") };
        let mut maps: Vec<Map> = self.fetched(remote).iter().filter_map(|spec| Map::parse(spec)).collect();
        maps.retain(|map| map.place_of_branches().is_some());
        // What a CI fetches by other words than those of the config lies in the usual place all the same.
        let is_usual = maps.iter().all(|map| usual.here(&map.there).as_ref() == Some(&map.here));
        Tracking { maps: if is_usual { vec![usual] } else { maps } }
    }

    /// The refspecs that a fetch goes by.
    fn fetched(&self, remote: &str) -> Vec<String> {
        let mut found = Vec::new();
        let config = self.inner.config().ok();
        let lines =
            config.as_ref().and_then(|config| config.multivar(&format!("remote.{remote}.fetch"), None).ok());
        if let Some(lines) = lines {
            // One that can't be read is as good as none.
            let _ = lines.for_each(|line| found.extend(line.value().ok().map(str::to_owned)));
        }
        found
    }
}

impl Map {
    /// A refspec that keeps what it fetches; `None` for any other.
    fn parse(spec: &str) -> Option<Self> {
        let (there, here) = spec.strip_prefix('+').unwrap_or(spec).split_once(':')?;
        let stars = |name: &str| name.matches('*').count();
        let fits = here.starts_with("refs/") && stars(there) == stars(here) && stars(there) < 2;
        fits.then(|| Self { there: there.to_owned(), here: here.to_owned() })
    }

    /// What a name there is called here.
    fn here(&self, there: &str) -> Option<String> {
        moved(&self.there, &self.here, there)
    }

    /// What a name here is called there.
    fn there(&self, here: &str) -> Option<String> {
        moved(&self.here, &self.there, here)
    }

    /// What all names here begin with that are of branches there; `None` where it is about none.
    fn place_of_branches(&self) -> Option<String> {
        let stars = self.there.split_once('*').zip(self.here.split_once('*'));
        let Some(((there, _), (here, _))) = stars else {
            return self.there.starts_with(BRANCHES).then(|| self.here.clone());
        };
        match BRANCHES.strip_prefix(there) {
            Some(rest) => Some(format!("{here}{rest}")),
            None => there.starts_with(BRANCHES).then(|| here.to_owned()),
        }
    }
}

/// A name that fits a pattern, as it is by another one.
fn moved(from: &str, to: &str, name: &str) -> Option<String> {
    match (from.split_once('*'), to.split_once('*')) {
        (Some((head, tail)), Some((new_head, new_tail))) => {
            let star = name.strip_prefix(head)?.strip_suffix(tail)?;
            Some(format!("{new_head}{star}{new_tail}"))
        }
        _ => (name == from).then(|| to.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refspec_maps_branches_both_ways() {
        let map = Map::parse("+refs/heads/*:refs/mirror/*").unwrap();
        assert_eq!(map.here("refs/heads/release-1.0").as_deref(), Some("refs/mirror/release-1.0"));
        assert_eq!(map.there("refs/mirror/a/b").as_deref(), Some("refs/heads/a/b"));
        assert_eq!(map.place_of_branches().as_deref(), Some("refs/mirror/"));
        for (spec, place) in [
            ("refs/*:refs/all/*", Some("refs/all/heads/")),
            ("+refs/heads/release-*:refs/remotes/o/release-*", Some("refs/remotes/o/release-")),
            ("refs/heads/main:refs/remotes/o/main", Some("refs/remotes/o/main")),
            ("+refs/tags/*:refs/tags/*", None),
        ] {
            assert_eq!(Map::parse(spec).unwrap().place_of_branches().as_deref(), place, "{spec}");
        }
        for spec in ["^refs/heads/x", "refs/heads/main", "refs/heads/*:refs/x", "a:b", ""] {
            assert!(Map::parse(spec).is_none(), "{spec}");
        }
    }
}
