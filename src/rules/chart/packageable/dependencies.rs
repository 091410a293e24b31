//! Whether the charts that a chart takes in will be in its package.

use crate::document::Value;
use crate::document::chart::ChartFile;
use crate::document::dependencies::{Dependency, KEY, dependencies, is_alias};
use crate::document::yaml::{Step, Yaml};
use crate::domain::range::{LooseVersion, VersionRange};
use crate::domain::{PathError, RepoPath, SortedMap, SortedSet, Version, parse_version};
use crate::finding::Location;
use crate::project::{ChartName, Local, Package};
use crate::rules::{Draft, Findings};

use super::place_of;

pub(super) fn check(package: &Package, chart: &ChartFile, findings: &mut Findings<'_>) {
    let asked = package.asks(chart);
    let wanted = dependencies(asked);
    let mut known: SortedMap<&str, &Value> = SortedMap::new();
    let (mut sought, mut refused) = (SortedSet::new(), SortedSet::new());
    let mut versions: SortedMap<&str, (&Value, Version)> = SortedMap::new();
    for dependency in &wanted {
        let (Some(name), Some(known_as)) = (&dependency.name, dependency.known_as()) else {
            findings.add(nameless(dependency));
            continue;
        };
        if let Some(alias) = dependency.alias.as_ref().filter(|alias| !is_alias(&alias.text)) {
            findings.add(alias_refused(name, alias));
        }
        match known.get(known_as.text.as_str()) {
            Some(first) => findings.add(known_twice(known_as, first)),
            None => drop(known.insert(&known_as.text, known_as)),
        }
        let repository = dependency.repository.as_ref().map(|repository| &repository.text);
        if let Some(version) = dependency.version.as_ref().and_then(|version| parse_version(&version.text)) {
            // What two ranges ask for may be one chart.
            match versions.get(name.text.as_str()) {
                Some((first, other)) if *other != version => findings.add(over_each_other(name, first)),
                _ => drop(versions.insert(&name.text, (name, version))),
            }
        }
        if sought.insert((&name.text, repository))
            && let Some(draft) =
                missing(package, dependency, name).or_else(|| unfit(package, dependency, name))
        {
            findings.add(draft);
            refused.insert(name.text.as_str());
        }
    }
    for (entry, there) in package.moved_on(chart) {
        // Once it is there as it is asked for, the lock file is made anew anyway.
        let draft = moved_on(&entry, there).filter(|_| !refused.contains(there.name.as_str()));
        if let Some(draft) = draft {
            findings.add(draft);
        }
    }
    if let Some(lock) = package.lock.as_ref().filter(|_| package.lock_fits(chart) == Some(false)) {
        findings.add(stale(asked, &wanted, lock));
    }
}

/// What keeps a dependency out of the package.
fn missing(package: &Package, dependency: &Dependency, name: &Value) -> Option<Draft> {
    let built = format!("charts/{}-0.0.0.tgz", name.text);
    let mut places: Vec<&str> = package.vendored(&name.text).collect();
    let is_there = !places.is_empty();
    if !is_there && dependency.repository.is_some() {
        // `helm dependency build` will put it there.
        places.push(&built);
    }
    let lost: Option<Vec<_>> = places.iter().map(|path| package.left_out(path)).collect();
    match lost.as_deref() {
        Some([lost, ..]) => return Some(left_out(name, lost.rule, package)),
        None if is_there => return None,
        _ => {}
    }
    let Some(repository) = &dependency.repository else { return Some(nowhere(name)) };
    match dependency.local_path().map(|path| package.local.get(path)) {
        None => Some(not_vendored(dependency, name, repository, package)),
        Some(Some(Local::Missing { path, absence })) => {
            Some(not_there(name, repository, path, absence.as_deref()))
        }
        Some(Some(Local::Outside(error))) => Some(outside(name, repository, *error)),
        Some(Some(Local::Broken(why))) => Some(broken(name, repository, why)),
        Some(Some(Local::There { chart, .. })) if chart.name != name.text => {
            Some(misnamed(name, repository, &chart.name))
        }
        Some(Some(Local::There { lacks, .. })) if !lacks.is_empty() => Some(unbuilt(name, repository, lacks)),
        Some(Some(Local::There { .. } | Local::Closed) | None) => None,
    }
}

/// What is wrong with the version of a dependency that is there.
fn unfit(package: &Package, dependency: &Dependency, name: &Value) -> Option<Draft> {
    let vendored: Vec<&ChartName> =
        package.vendored(&name.text).filter_map(|path| package.charts.get(path)?.as_ref().ok()).collect();
    let is_vendored = package.vendored(&name.text).next().is_some();
    let local = dependency.local_path().and_then(|path| package.local.get(path));
    let Some(range) = &dependency.version else {
        return (!is_vendored && dependency.repository.is_some()).then(|| no_range(name));
    };
    let Some(parsed) = VersionRange::parse(&range.text) else {
        return Some(bad_range(name, range).warning_if(is_vendored));
    };
    let outside = |chart: &&ChartName| {
        LooseVersion::parse(&chart.version).is_none_or(|version| !parsed.contains(&version))
    };
    match local {
        Some(Local::There { chart, .. }) if !is_vendored => {
            Some(chart).filter(outside).map(|chart| out_of_range(name, range, chart))
        }
        _ => {
            vendored.into_iter().find(outside).map(|chart| out_of_range(name, range, chart).warning_if(true))
        }
    }
}

fn nameless(dependency: &Dependency) -> Draft {
    Draft::new("a dependency has no name")
        .at(dependency.location.clone())
        .help("write the name that the chart has in its own Chart.yaml")
}

fn alias_refused(name: &Value, alias: &Value) -> Draft {
    Draft::new(format!(
        "the alias {} of the dependency {} has characters that Helm refuses",
        alias.text, name.text
    ))
    .at(alias.location.clone())
    .help("an alias takes letters, digits, `-` and `_`")
}

fn known_twice(known_as: &Value, first: &Value) -> Draft {
    Draft::new(format!("two dependencies go by the name {}", known_as.text))
        .at(known_as.location.clone())
        .related("the first one", Some(first.location.clone()))
        .help("give one of them an alias of its own")
}

fn over_each_other(name: &Value, first: &Value) -> Draft {
    let words = format!("two versions of {} are asked for, and Helm packs both into charts/{0}", name.text);
    Draft::new(words)
        .at(name.location.clone())
        .related("the other one", Some(first.location.clone()))
        .help("in the archive one lies over the other, whatever their aliases: ask for one version, or give one of the charts another name")
}

fn left_out(name: &Value, rule: &str, package: &Package) -> Draft {
    Draft::new(format!("`{rule}` leaves the dependency {} out of the package", name.text))
        .related("the dependency", Some(name.location.clone()))
        .help("helm package then fails, as it is not in charts/: take the rule out, or narrow it")
        .at(place_of(rule, package.helmignore.as_ref()))
}

fn nowhere(name: &Value) -> Draft {
    Draft::new(format!("the dependency {} has no repository and is not in charts/", name.text))
        .at(name.location.clone())
        .help(format!("put the chart into charts/{}, or write its repository", name.text))
}

fn not_vendored(dependency: &Dependency, name: &Value, repository: &Value, package: &Package) -> Draft {
    let is_exact = dependency.version.as_ref().is_some_and(|version| parse_version(&version.text).is_some());
    let instead = package.misnamed(&name.text);
    let instead = instead.map(|(path, chart)| format!(": {path} holds {} {}", chart.name, chart.version));
    let help = if instead.is_some() {
        "take that archive away; `helm dependency update` brings the right one"
    } else if is_exact || package.lock.is_some() {
        "the pipeline must run `helm dependency build` before it packages"
    } else {
        "commit the lock file that `helm dependency update` makes, which says what to take; the pipeline must run \
         `helm dependency build` before it packages"
    };
    Draft::new(format!("the dependency {} is not in charts/{}", name.text, instead.unwrap_or_default()))
        .at(name.location.clone())
        .related("where it comes from", Some(repository.location.clone()))
        .help(help)
        .warning_if(true)
}

fn not_there(name: &Value, repository: &Value, path: &RepoPath, absence: Option<&str>) -> Draft {
    let help = "correct the path, which is read from the chart's folder, or add the chart";
    Draft::new(format!("the dependency {} is not at {path}", name.text))
        .at(repository.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help(absence.unwrap_or(help))
}

fn broken(name: &Value, repository: &Value, why: &str) -> Draft {
    Draft::new(format!("the dependency {} can't be built: {why}", name.text))
        .at(repository.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help("correct the chart there, or the path, which is read from the chart's folder")
}

fn misnamed(name: &Value, repository: &Value, found: &str) -> Draft {
    Draft::new(format!("the dependency {} is asked for, but the chart there is named {found}", name.text))
        .at(name.location.clone())
        .related("where it comes from", Some(repository.location.clone()))
        .help(format!("write `name: {found}`, and `alias: {}` where it has to go by that name", name.text))
}

fn unbuilt(name: &Value, repository: &Value, lacks: &[String]) -> Draft {
    let path = repository.text.trim_start_matches("file://");
    Draft::new(format!("the dependency {} lacks what it depends on itself: {}", name.text, lacks.join(", ")))
        .at(repository.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help(format!(
            "Helm packs {path} as it lies there and fetches nothing for it, so that the package goes without: commit \
             that below its charts/, as `helm dependency update` there puts it"
        ))
}

fn no_range(name: &Value) -> Draft {
    Draft::new(format!("the dependency {} has no version, and `helm dependency build` wants one", name.text))
        .at(name.location.clone())
        .help("write the range of versions that will do, as in `version: ^1.2.0`")
        .warning_if(true)
}

fn bad_range(name: &Value, range: &Value) -> Draft {
    Draft::new(format!("`{}` is no range of versions that Helm reads", range.text))
        .at(range.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help("write it as in `^1.2.0`, `>=1.2 <2` or `1.2.x || 2.x`")
}

fn out_of_range(name: &Value, range: &Value, chart: &ChartName) -> Draft {
    Draft::new(format!("the dependency {} is there in version {}, which is not in `{}`", name.text, chart.version, range.text))
        .at(range.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help("correct the range, or bring the version that is asked for; a prerelease has to be named, as in `>=1.2.0-0`")
}

fn outside(name: &Value, repository: &Value, error: PathError) -> Draft {
    let (what, help) = match error {
        PathError::BadCharacter => ("at no path that Helm can follow", "write `/` between folders"),
        PathError::Absolute | PathError::Leaves => (
            "outside the repository",
            "no other checkout has it there: write a path inside, or put the chart into charts/",
        ),
    };
    Draft::new(format!("the dependency {} is {what}: {}", name.text, repository.text))
        .at(repository.location.clone())
        .related("the dependency", Some(name.location.clone()))
        .help(help)
}

fn moved_on(entry: &Dependency, there: &ChartName) -> Option<Draft> {
    let (locked, from) = (entry.version.as_ref()?, entry.repository.as_ref()?);
    let lock = locked.location.path().file_name();
    let ChartName { name, version } = there;
    let words = format!(
        "{lock} is stale: it has {name} {}, and the chart at {} is {version}",
        locked.text, from.text
    );
    let help =
        "run `helm dependency update` and commit the file: `helm dependency build` fails on it as it is";
    Some(Draft::new(words).at(locked.location.clone()).help(help).warning_if(true))
}

fn stale(asked: &Yaml, wanted: &[Dependency], lock: &Yaml) -> Draft {
    let locked = dependencies(lock);
    let asking = asked.source().path.file_name();
    let name = |lacking: Option<&Dependency>| Some(lacking?.name.as_ref()?.text.clone());
    let has = |list: &[Dependency], wanted: &Dependency| {
        let name = wanted.name.as_ref().map(|name| &name.text);
        list.iter().any(|other| other.name.as_ref().map(|name| &name.text) == name)
    };
    let why = if let Some(new) = name(wanted.iter().find(|new| !has(&locked, new))) {
        format!("it lacks {new}, which {asking} asks for")
    } else if let Some(old) = name(locked.iter().find(|old| !has(wanted, old))) {
        format!("it has {old}, which {asking} does not ask for")
    } else {
        format!("the dependencies in {asking} changed after it was made")
    };
    let key = asked.root().and_then(|root| asked.entry_of(root, KEY));
    let key = key.map(|(key, _)| Location::new(asked.source(), asked.node(key).range.clone()));
    let help = if wanted.is_empty() {
        "remove the file: there is nothing to lock, and `helm dependency build` refuses it"
    } else {
        "run `helm dependency update` and commit the file: `helm dependency build` refuses it as it is"
    };
    let digest = lock.find(&[Step::Key("digest".to_owned())]);
    let digest = digest.map_or(0..0, |found| lock.node(found.node).range.clone());
    Draft::new(format!("{} is stale: {why}", lock.source().path.file_name()))
        .at(Location::new(lock.source(), digest))
        .related("what is asked for", key)
        .help(help)
        .warning_if(true)
}
