//! The project's charts: where they lie, whether they carry the tags' versions, and what else in them does.

use anyhow::Result;

use super::found::{Fact, Part, counted, quoted};
use super::past::{Past, chart_versions, template_of};
use super::values;
use crate::domain::{RepoPath, Version, order, parse_version, strip_v};

/// Folders in which charts are not the project's own.
const NOT_OWN: [&str; 10] = [
    "testdata",
    "test",
    "tests",
    "e2e",
    "vendor",
    "third_party",
    "node_modules",
    "example",
    "examples",
    "fixtures",
];

/// So many of the newest releases decide.
const NEWEST: usize = 10;

/// A chart as the releases had it.
pub(super) struct ChartPast {
    /// Its folder.
    pub(super) dir: RepoPath,
    /// For each release, the newest first, `version` and `appVersion`; `None` where it was not there.
    pub(super) versions: Vec<Option<(String, Option<String>)>>,
    /// `version` and `appVersion` on the default branch.
    pub(super) now: Option<(String, Option<String>)>,
}

/// What was found of the charts.
pub(super) struct Charts {
    /// The config's lines.
    pub(super) part: Part,
    /// The charts that carry the project's version.
    pub(super) own: Vec<ChartPast>,
    /// Whether the tag alone carries the version.
    pub(super) none: bool,
}

/// Finds the charts.
pub(super) fn find(history: &Past<'_>) -> Result<Charts> {
    let mut all = Vec::new();
    for dir in folders(history) {
        let path = dir.child("Chart.yaml");
        let read =
            history.releases.iter().map(|release| Ok(chart_versions(history.text(release, &path)?.as_ref())));
        let versions = read.collect::<Result<Vec<_>>>()?;
        let now = chart_versions(history.text_at_tip(&path)?.as_ref());
        all.push(ChartPast { dir, versions, now });
    }
    let mut part = Part::default();
    if all.is_empty() {
        part.fact(Fact::of("charts", "charts", "none", "there is no Chart.yaml"));
        part.line(0, "charts: []");
        return Ok(Charts { part, own: Vec::new(), none: true });
    }
    let released: Vec<&Version> = history.releases.iter().map(|release| &release.version).collect();
    let any_known = all.iter().any(|chart| chart.versions.iter().any(Option::is_some));
    let (own, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|chart| !any_known || chart.is_own(&released));
    if own.is_empty() {
        no_own(&mut part, &others, &released);
        return Ok(Charts { part, own, none: true });
    }
    let (own, others) = with_new(own, others);
    let part = write(history, &own, &others, &released)?;
    Ok(Charts { part, own, none: false })
}

/// The folders of charts on the default branch; charts in charts, and those of tests and examples, left out.
fn folders(history: &Past<'_>) -> Vec<RepoPath> {
    let mut found: Vec<RepoPath> = Vec::new();
    let mut dirs: Vec<RepoPath> = history
        .paths
        .iter()
        .filter(|path| path.file_name() == "Chart.yaml")
        .map(RepoPath::parent)
        .filter(|dir| !dir.parts().any(|part| NOT_OWN.contains(&part)))
        .collect();
    order::sort_by_key(&mut dirs, |dir| dir.parts().count());
    for dir in dirs {
        if !found.iter().any(|outer| dir.below(outer).is_some()) {
            found.push(dir);
        }
    }
    order::sort(&mut found);
    found
}

impl ChartPast {
    /// Whether its version is the project's: in most of the newest releases that have it, it was the tag's.
    fn is_own(&self, released: &[&Version]) -> bool {
        let known = self.kept(released).take(NEWEST).collect::<Vec<_>>();
        let equal = known.iter().filter(|equal| **equal).count();
        equal > 0 && equal * 2 >= known.len()
    }

    /// For each release that has the chart, the newest first, whether its version is the tag's.
    fn kept<'a>(&'a self, released: &'a [&Version]) -> impl Iterator<Item = bool> + 'a {
        let pairs = self.versions.iter().zip(released);
        pairs.filter_map(|(chart, release)| {
            chart.as_ref().map(|(version, _)| parse_version(strip_v(version)).as_ref() == Some(release))
        })
    }

    /// `12 of 12 releases`.
    fn evidence(&self, released: &[&Version]) -> String {
        let kept: Vec<bool> = self.kept(released).collect();
        let equal = kept.iter().filter(|equal| **equal).count();
        format!("version is the tag's in {} of {}", equal, counted(kept.len(), "release"))
    }

    /// What `appVersion` is made of in the releases: a template, or `None` where it is none of the version.
    fn app_version(&self) -> Option<String> {
        let known: Vec<_> = self.versions.iter().flatten().take(NEWEST).collect();
        let template =
            |(version, app): &&(String, Option<String>)| template_of(app.as_deref()?, strip_v(version));
        let newest = known.iter().find_map(&template)?;
        let fits = known.iter().filter(|both| template(both).as_ref() == Some(&newest)).count();
        (fits * 2 >= known.len()).then_some(newest)
    }
}

/// Charts that no release has yet go with the others where they carry the same version.
fn with_new(mut own: Vec<ChartPast>, others: Vec<ChartPast>) -> (Vec<ChartPast>, Vec<ChartPast>) {
    let now = own.iter().find_map(|chart| chart.now.as_ref().map(|(version, _)| version.clone()));
    let is_new = |chart: &ChartPast| {
        chart.versions.iter().all(Option::is_none)
            && now.is_some()
            && chart.now.as_ref().map(|(version, _)| version) == now.as_ref()
    };
    let (new, others) = others.into_iter().partition(is_new);
    own.extend::<Vec<_>>(new);
    order::sort_by(&mut own, |a, b| a.dir.cmp(&b.dir));
    (own, others)
}

fn no_own(part: &mut Part, others: &[ChartPast], released: &[&Version]) {
    let shown = others.iter().take(3).map(|chart| {
        let known = chart.kept(released).count();
        let newest = chart.versions.iter().flatten().next().or(chart.now.as_ref());
        let version = newest.map_or("unknown", |(version, _)| version);
        format!("{} is {version} at the newest of {}", chart.dir, counted(known, "release"))
    });
    let more = if others.len() > 3 { format!(", and {} more", others.len() - 3) } else { String::new() };
    let evidence = format!("no chart's version is the tag's: {}{more}", shown.collect::<Vec<_>>().join(", "));
    part.fact(Fact::of("charts", "charts", "none that carries the tags' version", evidence));
    part.line(0, "charts: []");
}

/// A list of the charts, unless the default finds the same ones and holds for each.
fn write(history: &Past<'_>, own: &[ChartPast], others: &[ChartPast], released: &[&Version]) -> Result<Part> {
    let in_default = |chart: &ChartPast| chart.dir.parent().as_str() == "charts";
    let same = own.iter().all(in_default) && !others.iter().any(in_default);
    let mut list = Part::default();
    let mut needs_list = !same;
    for chart in own {
        let has_past = chart.versions.iter().any(Option::is_some);
        let evidence = if has_past { chart.evidence(released) } else { "in no release yet".to_owned() };
        let mut one = Part::default();
        one.line(
            0,
            &format!("- path: {}", quoted(if chart.dir.is_root() { "." } else { chart.dir.as_str() })),
        );
        needs_list |= app_version(chart, has_past, &mut one);
        let values = values::find(history, chart)?;
        needs_list |= values.needs_lines;
        one.append(values.part);
        list.comment(0, &evidence);
        let dir = if chart.dir.is_root() { "." } else { chart.dir.as_str() };
        list.note(Fact::of("chart", "charts", dir, evidence));
        list.append(one);
    }
    if !needs_list {
        return Ok(list.without_lines());
    }
    list.facts.iter_mut().filter(|fact| fact.key == "charts").for_each(|fact| fact.written = true);
    Ok(list.below("charts"))
}

/// What is said of a chart's `appVersion` that no release has shown: the process holds, whatever it is now.
fn without_past(chart: &ChartPast) -> String {
    let now = chart.now.as_ref().and_then(|(version, app)| Some((strip_v(version), app.as_deref()?)));
    match now.filter(|(version, app)| version != app) {
        Some((version, app)) => {
            // Which of the two is right is plain only where the version is the higher.
            let pair = parse_version(version).zip(parse_version(app));
            let leads = pair.is_some_and(|(version, app)| version.cmp_precedence(&app).is_ge());
            let unsafe_too = if leads { "" } else { " --unsafe" };
            format!(
                "as the process says, and no release says otherwise; it is {app} now, version is {version}: \
                 relguard fix{unsafe_too} sets it"
            )
        }
        None => "the chart's version".to_owned(),
    }
}

/// The line for `appVersion`; whether it needs one.
fn app_version(chart: &ChartPast, has_past: bool, part: &mut Part) -> bool {
    if !has_past {
        part.note(Fact::of("appVersion", "charts[].app-version", "{version}", without_past(chart)));
        return false;
    }
    let both = chart.versions.iter().flatten().count();
    match chart.app_version().as_deref() {
        Some("{version}") => {
            part.note(Fact::of("appVersion", "charts[].app-version", "{version}", "the chart's version"));
            false
        }
        Some(template) => {
            let evidence = format!("appVersion at {}", counted(both, "release"));
            part.keyed(Fact::of("appVersion", "charts[].app-version", template, &evidence));
            part.line(1, &format!("app-version: {}", quoted(template)));
            true
        }
        None => {
            let newest = chart.versions.iter().flatten().next().or(chart.now.as_ref());
            let newest = newest.and_then(|(_, app)| app.as_deref()).unwrap_or("missing");
            let evidence =
                format!("appVersion is not the version in most releases; it is {newest} in the newest");
            part.keyed(Fact::of("appVersion", "charts[].app-version", "false", &evidence));
            part.line(1, "app-version: false");
            true
        }
    }
}
