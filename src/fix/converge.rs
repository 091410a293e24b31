use anyhow::{Context as _, Result};

use super::{apply, verify};
use crate::domain::{Fail, RepoPath, SortedMap, SortedSet};
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
    pub files: SortedMap<RepoPath, Vec<u8>>,
    /// The bytes that these were made from; a file that is new has none.
    pub before: SortedMap<RepoPath, Vec<u8>>,
    /// The fixes, in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// What is found afterwards.
    pub findings: Vec<Finding>,
    /// The rules whose fixes were left out, as they would never come to rest. Their findings are left,
    /// without a fix.
    pub left_out: SortedSet<&'static str>,
}

impl Mended {
    /// The same; an error where the fixes of a rule had to be left out.
    pub fn whole(self) -> Result<Self> {
        if self.left_out.is_empty() { Ok(self) } else { Err(undone(&self.left_out).into()) }
    }
}

/// Applies what fixes there are, judges again, and so on until none is left. `wanted` says which
/// fixes may be applied. A rule whose fixes undo themselves holds up no other: they are left out. It is an
/// error where those of several rules undo each other.
pub fn converge(
    files: &dyn Snapshot,
    judge: &dyn Fn(&dyn Snapshot) -> Result<Vec<Finding>>,
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) -> Result<Mended> {
    let mut left_out = SortedSet::new();
    loop {
        let still = |finding: &Finding, fix: &Fix| !left_out.contains(finding.rule) && wanted(finding, fix);
        let restless = match attempt(files, judge, &still)? {
            Attempt::Done(mut mended) => {
                for finding in mended.findings.iter_mut().filter(|finding| left_out.contains(finding.rule)) {
                    if finding.fix.take_if(|_| finding.excepted.is_none()).is_some() {
                        finding.help = Some(BY_HAND.to_owned());
                    }
                }
                mended.left_out = left_out;
                return Ok(mended);
            }
            Attempt::Restless(rules) => rules,
        };
        if restless.len() != 1 {
            return Err(undone(&restless).into());
        }
        left_out.extend(restless);
    }
}

const BY_HAND: &str = "mend it by hand: its fix was left out, as it leaves the same finding; please report \
    it, with the file: https://github.com/relguard/relguard/issues";

fn undone(rules: &SortedSet<&'static str>) -> Fail {
    let rules = rules.iter().copied().collect::<Vec<_>>().join(" and ");
    Fail::new(format!("the fixes of {rules} undo each other; nothing was written")).help(
        "mend by hand what one of them finds; if no config asks for two things that can't both be, please \
         report it, with the files: https://github.com/relguard/relguard/issues",
    )
}

enum Attempt {
    Done(Mended),
    /// The rules whose fixes go round in a circle, or on without end.
    Restless(SortedSet<&'static str>),
}

fn attempt(
    files: &dyn Snapshot,
    judge: &dyn Fn(&dyn Snapshot) -> Result<Vec<Finding>>,
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) -> Result<Attempt> {
    let mut mended = MemoryFiles::over(files);
    let mut applied: Vec<Applied> = Vec::new();
    // How many fixes had been applied when a state was first there.
    let mut seen = SortedMap::new();
    let mut rounds = 0..LONGEST_CHAIN;
    let mut circle = 0;
    while rounds.next().is_some() {
        if let Some(first) = seen.insert(mended.files().clone(), applied.len()) {
            circle = first;
            break;
        }
        let findings = judge(&mended)?;
        if applied.is_empty() {
            rounds.end += findings.len();
        }
        let chosen = choose(&mended, &findings, wanted)?;
        if chosen.fixes.is_empty() {
            let (files, before) = mended.into_files();
            let left_out = SortedSet::new();
            return Ok(Attempt::Done(Mended { files, before, applied, findings, left_out }));
        }
        circle = applied.len();
        for (path, edits) in chosen.edits {
            let before = text_at(&mended, &path)?;
            let after = apply(&before, &edits.iter().collect::<Vec<_>>())
                .with_context(|| format!("{path} can't be fixed"))?;
            verify::verify(&path, &before, &after, &edits)?;
            mended.insert(path, after.into_bytes());
        }
        applied.extend(chosen.fixes);
    }
    Ok(Attempt::Restless(applied.iter().skip(circle).map(|applied| applied.rule).collect()))
}

/// Whether fixing may apply a fix: a safe one always, another one if unsafe ones are wanted too.
pub(super) fn permitted(fix: &Fix, unsafe_too: bool) -> bool {
    fix.safety == Safety::Safe || unsafe_too
}

struct Chosen {
    /// By file, in the order of their places.
    edits: SortedMap<RepoPath, Vec<Edit>>,
    fixes: Vec<Applied>,
}

/// The fixes of one round: each whole, safe ones first; one that touches what another one touches
/// waits for the next round.
fn choose(
    files: &dyn Snapshot,
    findings: &[Finding],
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) -> Result<Chosen> {
    let mut chosen = Chosen { edits: SortedMap::new(), fixes: Vec::new() };
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
        let paths: SortedSet<RepoPath> = edits.iter().map(|edit| edit.path.clone()).collect();
        chosen.fixes.push(Applied { rule, title: fix.title.clone(), paths: paths.into_iter().collect() });
        for edit in edits {
            let others = chosen.edits.get_or_default(edit.path.clone());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Severity, Subject};

    fn path() -> RepoPath {
        RepoPath::parse("a.txt").unwrap()
    }

    fn finding(rule: &'static str, range: std::ops::Range<usize>, replacement: &str) -> Finding {
        let edit = Edit { path: path(), range, replacement: replacement.to_owned() };
        Finding {
            rule,
            severity: Severity::Warning,
            message: rule.to_owned(),
            help: None,
            subject: Subject::worktree(),
            location: None,
            related: Vec::new(),
            fix: Some(Fix::safe(rule, vec![edit])),
            excepted: None,
        }
    }

    fn mend(text: &str, judge: &dyn Fn(&str) -> Vec<Finding>) -> Result<(String, Mended)> {
        let mut files = MemoryFiles::empty(Subject::worktree());
        files.insert(path(), text.as_bytes().to_vec());
        let mended = converge(&files, &|files| Ok(judge(&text_at(files, &path())?)), &|_, _| true)?;
        let bytes = mended.files.get(&path()).cloned().unwrap_or_else(|| text.as_bytes().to_vec());
        Ok((String::from_utf8(bytes).unwrap(), mended))
    }

    /// Mends the first letter to `b`, once.
    fn sound(text: &str) -> Option<Finding> {
        text.starts_with('a').then(|| finding("sound", 0..1, "b"))
    }

    #[test]
    fn a_rule_whose_fixes_do_not_come_to_rest_holds_up_no_other() {
        let same = |text: &str| Some(finding("same", 2..3, text.get(2..3)?));
        let flips = |text: &str| Some(finding("flips", 2..3, if text.ends_with('x') { "y" } else { "x" }));
        let grows = |text: &str| Some(finding("grows", 2..text.len(), &"x".repeat(text.len())));
        for kind in 0..3 {
            let judge = |text: &str| {
                let restless = [same(text), flips(text), grows(text)].into_iter().nth(kind).flatten();
                sound(text).into_iter().chain(restless).collect::<Vec<_>>()
            };
            let (text, mended) = mend("a x", &judge).unwrap();
            assert_eq!(text, "b x");
            assert_eq!(mended.applied.iter().map(|applied| applied.rule).collect::<Vec<_>>(), ["sound"]);
            let [left] = mended.findings.as_slice() else { panic!("{:?}", mended.findings) };
            assert!(left.fix.is_none() && left.help.as_deref() == Some(BY_HAND));
            assert_eq!(mended.left_out, SortedSet::from([left.rule]));
            assert!(mended.whole().is_err());
        }
    }

    #[test]
    fn rules_that_undo_each_other_are_named() {
        let judge = |text: &str| {
            let other = if text.ends_with('x') { ("one", "y") } else { ("other", "x") };
            sound(text).into_iter().chain([finding(other.0, 2..3, other.1)]).collect::<Vec<_>>()
        };
        let error = mend("a x", &judge).unwrap_err().to_string();
        assert_eq!(error, "the fixes of one and other undo each other; nothing was written");
    }
}
