//! The last step of a release: its charts in the chart index.

use std::path::Path;

use anyhow::Result;

use super::{Release, Stages};
use crate::document::chart_index::ChartIndex;
use crate::domain::{Oid, RepoPath};
use crate::finding::Subject;
use crate::project::chart_index::index_at;
use crate::project::ci::ci_files;
use crate::project::{Chart, Project, Scope};
use crate::release::package::{Made, make};
use crate::release::plan::Plan;
use crate::release::publish::publish_made;
use crate::source::CommitFiles;

/// What stands in a step that publishes charts: in a chart index, but for the last one.
const PUBLISHERS: [&str; 4] = ["relguard publish", "helm repo index", "chart-releaser", "helm push"];

impl Release<'_> {
    /// Its charts are in the chart index, where the project has one.
    pub(super) fn publish(&self, stages: &mut Stages) -> Result<()> {
        let config = &self.published.config;
        let index = &config.index;
        let tip = self.published.tip(&index.branch);
        let has_index = tip.is_some() || index.branch_at.is_some() || index.url.is_some();
        if config.charts.is_none() {
            return Ok(());
        }
        let (version, branch) = (&self.version, &index.branch);
        let tagged = self.tagged_commit()?;
        if has_index {
            self.published.must_keep(&[branch])?;
        }
        if let Some(commit) = tagged
            && self.is_listed(commit, tip)?
        {
            stages.done("publish", format!("{version} is in the chart index on {branch}"));
            return Ok(());
        }
        let at_tag = tagged.unwrap_or(self.place().1);
        // The first release of a pipeline makes the chart index; what it pushes to a registry is not seen from here.
        let publishers =
            PUBLISHERS.strip_suffix(&["helm push"]).filter(|_| !has_index).unwrap_or(&PUBLISHERS);
        if let Some(workflow) = self.publisher(at_tag, publishers)? {
            let tag = config.tags.release.fill(version);
            let url = if has_index { "" } else { "--url BASE " };
            let words = format!(
                "{workflow} publishes {version}; where it failed: relguard package --ref {tag} -d dist && \
                 relguard publish {url}dist/*.tgz --push"
            );
            stages.theirs("publish", words);
            return Ok(());
        }
        if !has_index {
            return Ok(());
        }
        if index.archives.is_none() {
            let tag = config.tags.release.fill(version);
            let url = if index.url.is_none() { "--url BASE " } else { "" };
            let words = format!(
                "put the archives where {branch} says they lie: relguard package --ref {tag} -d dist; then relguard \
                 publish {url}dist/*.tgz --push"
            );
            stages.theirs("publish", words);
            return Ok(());
        }
        let words = format!("package {version} and publish it on {branch}");
        stages.ours("publish", words, || self.publish_plan())
    }

    /// The commit of its tag, where that is published and known here.
    fn tagged_commit(&self) -> Result<Option<Oid>> {
        let repo = self.published.repo();
        let object = self.tag_object()?.filter(|object| repo.has_object(*object));
        Ok(object.map(|object| repo.commit_of(object)).transpose()?.flatten())
    }

    /// Whether the chart index has all charts of a commit.
    fn is_listed(&self, commit: Oid, tip: Option<Oid>) -> Result<bool> {
        let (repo, config) = (self.published.repo(), &self.published.config);
        let Some(tip) = tip else { return Ok(false) };
        let Some(Ok(index)) = index_at(repo, tip, &config.index.path)? else { return Ok(false) };
        let files = CommitFiles::new(repo, commit, Subject::commit(&commit.short(), commit));
        let scope = Scope { repo: Some(repo), without_changelog: true, ..Scope::default() };
        let project = Project::read(&files, config, scope)?;
        let version = self.version.to_string();
        // Of a tag on another version's commit nothing is published.
        let is_its = |chart: &Chart| chart.version().is_none_or(|field| field.value.text == version);
        Ok(project.charts.iter().all(|chart| is_its(chart) && lists(&index, chart)))
    }

    /// The file of CI that publishes charts when a tag is pushed, or a release made.
    fn publisher(&self, commit: Oid, publishers: &[&str]) -> Result<Option<RepoPath>> {
        let files = CommitFiles::new(self.published.repo(), commit, Subject::commit(&commit.short(), commit));
        let mut known = ci_files(&files)?.into_iter();
        Ok(known.find(|file| file.is_started_by_tags() && file.runs(publishers)).map(|file| file.path))
    }

    fn publish_plan(&self) -> Result<Plan> {
        let tag = self.published.config.tags.release.fill(&self.version);
        let Made { plan, archives, .. } = make(self.judging, Some(&tag), Path::new(""), &mut |_| {})?;
        if plan.report.errors() > 0 {
            return Ok(plan);
        }
        let archives =
            archives.into_iter().map(|(made, bytes)| (made.path.display().to_string(), bytes)).collect();
        let publish = publish_made(self.published.repo(), &self.published.config, archives)?;
        Ok(Plan { notes: plan.notes, ..publish })
    }
}

/// Whether the chart index has a chart's version.
fn lists(index: &ChartIndex, chart: &Chart) -> bool {
    let file = chart.file.as_ref().ok();
    let text = |name: &str| file.and_then(|file| file.field(name)).map(|field| field.value.text);
    let (name, version) = (text("name"), text("version"));
    index.entries().any(|(chart, entry)| {
        Some(chart) == name.as_deref() && entry.version.as_ref().map(|text| &text.text) == version.as_ref()
    })
}
