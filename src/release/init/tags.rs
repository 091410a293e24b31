//! What the release tags have in common besides their names: where they sit, and whether they are signed.

use anyhow::Result;

use super::found::{Fact, Part, counted};
use super::names::Names;
use super::past::{Past, Release};
use crate::config::Config;
use crate::project::refs::{Asked, Place, RefName, gather};

/// So many of the newest tags decide.
const NEWEST: usize = 10;

/// Adds to the tags' part where prereleases sit, and whether tags are signed. `config` is the one found so far.
pub(super) fn find(history: &Past<'_>, names: &Names, config: &Config, part: &mut Part) -> Result<()> {
    let newest: Vec<&Release> = history.prereleases.iter().take(NEWEST).collect();
    if let Some((default, _)) = names.default.as_ref().filter(|_| !newest.is_empty()) {
        let refs = newest.iter().map(|release| RefName::Tag(release.tag.clone())).collect();
        let asked = Asked::standing(names.view.clone(), refs);
        let facts = gather(history.repo, config, &asked)?;
        let on_default = facts.tags.iter().filter(|tag| match &tag.place {
            Some(Place::NoBranch { on } | Place::Apart { on, .. }) => on.as_ref() == Some(default),
            _ => false,
        });
        let on_default = on_default.count();
        if on_default > 0 {
            let evidence = format!(
                "{on_default} of the newest {} are on {default} and on no release branch of theirs",
                counted(newest.len(), "prerelease")
            );
            part.fact(Fact::of("place of prereleases", "tags.prereleases-from", "any", evidence));
            part.line(0, "prereleases-from: any");
        }
    }
    signed(history, part)
}

fn signed(history: &Past<'_>, part: &mut Part) -> Result<()> {
    let newest: Vec<&Release> = history.releases.iter().take(NEWEST).collect();
    let (mut with, mut valid) = (0, 0);
    for release in &newest {
        if !history.repo.has_signature(release.object)? {
            continue;
        }
        with += 1;
        // Without their keys here none can be verified: one question tells.
        if valid + 1 == with && history.repo.verify_tag(release.object)?.is_ok() {
            valid += 1;
        }
    }
    if with == 0 {
        return Ok(());
    }
    let count = counted(newest.len(), "release");
    if with == newest.len() && valid == with {
        let evidence = format!("the newest {count} have valid signatures");
        part.fact(Fact::of("signatures", "tags.signed", "true", evidence));
        part.line(0, "signed: true");
    } else {
        let why = if valid < with { "not all can be verified with the keys at hand" } else { "not all are" };
        let evidence = format!(
            "{with} of the newest {count} are signed, but {why}; `tags: {{ signed: true }}` asks for it"
        );
        part.note(Fact::of("signatures", "tags.signed", "false", evidence));
    }
    Ok(())
}
