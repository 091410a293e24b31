use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use super::{apply, verify};
use crate::domain::{Fail, RepoPath};
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::source::{MemoryFiles, Snapshot, Stat, read, resolve};

/// More rounds than a chain of fixes has that follow from one another. Fixes that have to wait for
/// each other need one more round each.
const LONGEST_CHAIN: usize = 10;

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The rule that offered it.
    pub rule: &'static str,
    /// What it did.
    pub title: String,
    /// The files that it changed.
    pub paths: Vec<RepoPath>,
}

/// What fixing comes to: nothing is written yet.
#[derive(Debug)]
pub struct Mended {
    /// The new bytes of each file that changes, by the path where they really lie.
    pub files: BTreeMap<RepoPath, Vec<u8>>,
    /// The bytes that these were made from; a file that is new has none.
    pub before: BTreeMap<RepoPath, Vec<u8>>,
    /// The fixes, in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// What is found afterwards.
    pub findings: Vec<Finding>,
}

/// Applies what fixes there are, judges again, and so on until none is left. `wanted` says which
/// fixes may be applied.
pub fn converge(
    files: &dyn Snapshot,
    judge: &dyn Fn(&dyn Snapshot) -> Result<Vec<Finding>>,
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) -> Result<Mended> {
    let mut mended = MemoryFiles::over(files);
    let mut applied = Vec::new();
    let mut seen = BTreeSet::new();
    let mut rounds = 0..LONGEST_CHAIN;
    // A state that was there before, or no end of new ones: two rules undo each other.
    while rounds.next().is_some() && seen.insert(mended.files().clone()) {
        let findings = judge(&mended)?;
        if applied.is_empty() {
            rounds.end += findings.len();
        }
        let chosen = choose(&mended, &findings, wanted)?;
        if chosen.fixes.is_empty() {
            let (files, before) = mended.into_files();
            return Ok(Mended { files, before, applied, findings });
        }
        for (path, edits) in chosen.edits {
            let before = text_at(&mended, &path)?;
            let after = apply(&before, &edits.iter().collect::<Vec<_>>())
                .with_context(|| format!("{path} can't be fixed"))?;
            verify::verify(&path, &before, &after, &edits)?;
            mended.insert(path, after.into_bytes());
        }
        applied.extend(chosen.fixes);
    }
    let last: BTreeSet<_> = applied.iter().rev().take(4).map(|applied| applied.rule).collect();
    let rules = last.into_iter().collect::<Vec<_>>().join(" and ");
    Err(Fail::new(format!("the fixes of {rules} undo each other; nothing was written"))
        .help("the config asks for two things that can't both be: see the values it names")
        .into())
}

/// Whether fixing may apply a fix: a safe one always, another one if unsafe ones are wanted too.
pub(super) fn permitted(fix: &Fix, unsafe_too: bool) -> bool {
    fix.safety == Safety::Safe || unsafe_too
}

struct Chosen {
    /// By file, in the order of their places.
    edits: BTreeMap<RepoPath, Vec<Edit>>,
    fixes: Vec<Applied>,
}

/// The fixes of one round: each whole, safe ones first; one that touches what another one touches
/// waits for the next round.
fn choose(
    files: &dyn Snapshot,
    findings: &[Finding],
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) -> Result<Chosen> {
    let mut chosen = Chosen { edits: BTreeMap::new(), fixes: Vec::new() };
    let offered = |safety: Safety| {
        findings.iter().filter(|finding| finding.excepted.is_none()).filter_map(move |finding| {
            let fix = finding.fix.as_ref().filter(|fix| fix.safety == safety && wanted(finding, fix))?;
            Some((finding.rule, fix))
        })
    };
    for (rule, fix) in offered(Safety::Safe).chain(offered(Safety::Unsafe)) {
        // An unsafe fix may settle what others follow from: it goes alone.
        if fix.safety == Safety::Unsafe && !chosen.fixes.is_empty() {
            break;
        }
        let mut edits = Vec::new();
        for edit in &fix.edits {
            let path = real_path(files, &edit.path)?;
            edits.push(Edit { path, ..edit.clone() });
        }
        let clashes = edits.iter().any(|edit| {
            let others = chosen.edits.get(&edit.path).map(Vec::as_slice).unwrap_or_default();
            // They touch nowhere, so that of those that begin before its end the last one ends last.
            let before_end = others.partition_point(|other| other.range.start <= edit.range.end);
            let last = others.get(..before_end).and_then(<[Edit]>::last);
            last.is_some_and(|other| other != edit && touches(other, edit))
        });
        if clashes {
            continue;
        }
        let paths = edits.iter().map(|edit| edit.path.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        chosen.fixes.push(Applied { rule, title: fix.title.clone(), paths });
        for edit in edits {
            let others = chosen.edits.entry(edit.path.clone()).or_default();
            others.insert(others.partition_point(|other| other.range.start <= edit.range.start), edit);
        }
    }
    Ok(chosen)
}

fn touches(a: &Edit, b: &Edit) -> bool {
    a.range.start <= b.range.end && b.range.start <= a.range.end
}

/// Where the bytes of a path lie, symbolic links followed, so that a link stays one. What is not
/// there yet is made in the real folder.
pub(super) fn real_path(files: &dyn Snapshot, path: &RepoPath) -> Result<RepoPath> {
    let mut at = path.clone();
    loop {
        match resolve(files, &at)? {
            Ok(Some((real, _))) if at == *path => return Ok(real),
            Ok(Some((folder, Stat::Folder))) => {
                return Ok(folder.child(path.below(&at).unwrap_or_default()));
            }
            Ok(Some(_)) => {
                return Err(Fail::new(format!("{path} can't be made: {at} is no folder"))
                    .help("move what stands there out of the way")
                    .into());
            }
            Ok(None) => at = at.parent(),
            // Reading it says why.
            Err(_) => return Ok(path.clone()),
        }
    }
}

fn text_at(files: &dyn Snapshot, path: &RepoPath) -> Result<String> {
    match read(files, path)? {
        Ok(Some(file)) => String::from_utf8(file.bytes).with_context(|| format!("{path} is not UTF-8")),
        Ok(None) => Ok(String::new()),
        Err(why) => Err(Fail::new(format!("{path} can't be read: {why}")).help(why.way_out()).into()),
    }
}
