//! `index/entry`

use crate::config::Config;
use crate::document::chart_index::{ChartIndex, IndexEntry};
use crate::domain::SortedMap;
use crate::finding::{Location, Severity};
use crate::project::chart_index::{EntryFacts, IndexFacts, Released};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "index/entry",
        severity: Some(Severity::Warning),
        fix: Fixable::No,
        summary: "a released version is not in the chart index, or is there twice",
    },
    check: Check::Index(check),
};

fn check(facts: &IndexFacts, config: &Config, findings: &mut Findings<'_>) {
    let Some(releases) = &facts.releases else { return };
    let index = match &facts.index {
        Some(Ok(index)) => index,
        Some(Err(broken)) => {
            let advice = "correct it, or make the chart index anew: helm repo index";
            return findings.add(Draft::unreadable(broken, advice).error_if(true));
        }
        // A branch of that name may hold nothing but web pages.
        None => return findings.add(missing_file(facts).error_if(config.index.branch_at.is_some())),
    };
    if !index.has_api_version() {
        findings.add(without_api_version(index).error_if(true));
    }
    for (chart, entry) in index.entries() {
        if let Some(why) = entry.passed_over() {
            findings.add(passed_over(chart, &why).at(index.at(entry.place())));
        }
    }
    for entry in &facts.nowhere {
        findings.add(nowhere(entry));
    }
    if releases.is_empty() {
        return;
    }
    let listed = index.entries().filter_map(|(chart, entry)| Some(((chart, entry.semver()?), entry)));
    let listed = SortedMap::grouped(listed);
    for release in releases {
        match listed.get(&(release.chart.as_str(), release.version.clone())).map(Vec::as_slice) {
            None => findings.add(missing(release, index)),
            Some([_]) => {}
            Some(entries) => findings.add(twice(release, entries, index)),
        }
    }
}

fn missing_file(facts: &IndexFacts) -> Draft {
    Draft::new(format!("the chart index {} is not on {}", facts.path, facts.branch))
        .at(Location::file(&facts.path))
        .help("`relguard publish` makes it; another place is named in .relguard.yaml (index: branch, path)")
}

fn without_api_version(index: &ChartIndex) -> Draft {
    let path = &index.source().path;
    Draft::new(format!("{path} can't be read: it has no apiVersion, and Helm loads no index without one"))
        .at(Location::file(path))
        .help("write `apiVersion: v1` at its top; `relguard publish` does")
}

fn passed_over(chart: &str, why: &str) -> Draft {
    Draft::new(format!("Helm passes over an entry of {chart}: {why}"))
        .help("correct the entry; nobody can install what it stands for")
}

fn nowhere(entry: &EntryFacts) -> Draft {
    let EntryFacts { chart, version, at, .. } = entry;
    Draft::new(format!("{chart} {version} is in the chart index without a URL, and nobody can install it"))
        .at(at.clone())
        .help("write where its archive is: `urls: [charts/NAME-VERSION.tgz]`, or an address")
}

fn missing(release: &Released, index: &ChartIndex) -> Draft {
    let Released { tag, version, chart } = release;
    let of_chart = index.charts().iter().find(|known| known.name == *chart);
    let at = of_chart.map_or_else(|| Location::file(&index.source().path), |known| index.at(&known.key));
    Draft::new(format!("{chart} {version} is released as {tag}, and the chart index lacks it")).at(at).help(
        format!("publish it: relguard package --ref {tag}, then relguard publish {chart}-{version}.tgz"),
    )
}

fn twice(release: &Released, entries: &[&IndexEntry], index: &ChartIndex) -> Draft {
    let Released { version, chart, .. } = release;
    let mut places = entries.iter().map(|entry| index.at(entry.place()));
    let first = places.next();
    let times = match entries.len() {
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    };
    Draft::new(format!("{chart} {version} is in the chart index {times}"))
        .at(places.next())
        .related("it is here first", first)
        .help("keep the entry whose digest is that of the archive, and take the other out")
}
