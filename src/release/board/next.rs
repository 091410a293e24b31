use super::{Gathering, Tip};
use crate::config::PrereleasesFrom;
use crate::domain::{MinorLine, Version};

/// The next step of the process for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Which step that is.
    pub step: Step,
    /// The same in words.
    pub words: String,
}

/// The steps of the process, as programs read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing is to be done.
    None,
    /// The chart gets the next version.
    Bump,
    /// The version's section is written.
    Changelog,
    /// The release branch is cut.
    Branch,
    /// What the default branch has is merged into the release branch.
    Merge,
    /// The release is tagged.
    Tag,
    /// The chart is put into the chart index.
    Publish,
    /// What can't be judged is mended.
    Mend,
}

/// How far a release branch is ahead of its line's newest tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    /// There is no tag.
    Untagged,
    /// So many commits; `None` where there are too many to count.
    By(Option<usize>),
    /// The branch does not have the tagged commit.
    Apart,
}

impl Next {
    /// The next step of a line that has no branch.
    pub(super) fn closed() -> Self {
        Self::new(Step::None, "released; it has no branch".to_owned())
    }

    fn new(step: Step, words: String) -> Self {
        Self { step, words }
    }
}

impl Step {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bump => "bump",
            Self::Changelog => "changelog",
            Self::Branch => "branch",
            Self::Merge => "merge",
            Self::Tag => "tag",
            Self::Publish => "publish",
            Self::Mend => "mend",
        }
    }
}

/// What the default branch needs for the coming line.
pub(super) fn of_default(tip: &Tip, line: Option<MinorLine>, board: &Gathering<'_>) -> Next {
    let name = &tip.name;
    let (Some(version), Some(line)) = (&tip.version, line) else {
        if board.config.charts.is_none() {
            return Next::new(Step::Branch, next_line(name, board));
        }
        return mend(name);
    };
    if board.is_tagged(version) {
        return Next::new(Step::Bump, format!("{version} is out; bump {name} when the next one begins"));
    }
    if tip.changelog == Some(false) {
        return Next::new(Step::Changelog, format!("write the changelog of {version} on {name}"));
    }
    let branch = board.config.branches.release.fill_line(line);
    let anywhere = !version.pre.is_empty() && board.config.tags.prereleases_from == PrereleasesFrom::Any;
    match board.view.branches.contains_key(&branch) {
        true => Next::new(Step::None, format!("{version} goes on in {branch}")),
        false if anywhere => Next::new(Step::Tag, tag(version, name, board)),
        false => Next::new(Step::Branch, format!("cut {branch} from {name}")),
    }
}

/// Where no chart says which line is coming, a person does.
fn next_line(default: &str, board: &Gathering<'_>) -> String {
    let newest = board.lines().into_keys().next_back();
    let next = newest.map(|line| MinorLine { minor: line.minor.saturating_add(1), ..line });
    let Some(next) = next else {
        return format!("name the first line, and cut its branch from {default}: relguard branch X.Y");
    };
    let branch = board.config.branches.release.fill_line(next);
    format!(
        "when the next line begins, cut its branch from {default}, be it {branch}: relguard branch {next}"
    )
}

/// What a release branch needs for its next release.
pub(super) fn of_line(tip: &Tip, line: MinorLine, ahead: Ahead, board: &Gathering<'_>) -> Next {
    let name = &tip.name;
    let Some(version) = &tip.version else {
        return if board.config.charts.is_none() {
            without_chart(name, line, ahead, board)
        } else {
            mend(name)
        };
    };
    if MinorLine::from(version) != line {
        return Next::new(
            Step::Bump,
            format!("set a version {line}.x on {name}: {version} is of another line"),
        );
    }
    match board.newest(line) {
        Some(newest) if newest.version > *version => {
            let words = format!("bump {name} to {}: {} is out", after(&newest.version), newest.name);
            Next::new(Step::Bump, words)
        }
        _ if !board.is_tagged(version) => untagged(tip, version, board),
        _ => tagged(tip, version, ahead, board),
    }
}

/// The branch carries a version that is to be released.
fn untagged(tip: &Tip, version: &Version, board: &Gathering<'_>) -> Next {
    let name = &tip.name;
    if tip.changelog != Some(false) {
        return Next::new(Step::Tag, tag(version, name, board));
    }
    let default = board.default.as_ref();
    match default.filter(|default| default.sections.contains(version)) {
        Some(_) => Next::new(Step::Merge, format!("merge the changelog of {version} into {name}")),
        None => {
            let place = default.map_or(name, |default| &default.name);
            Next::new(Step::Changelog, format!("write the changelog of {version} on {place}"))
        }
    }
}

/// The branch carries a version that is released: what is waiting for the next one?
fn tagged(tip: &Tip, version: &Version, ahead: Ahead, board: &Gathering<'_>) -> Next {
    let name = &tip.name;
    let own = board.config.tags.release.fill(version);
    if ahead == Ahead::Apart {
        return Next::new(Step::Merge, format!("merge {own} into {name}, which lacks it"));
    }
    let follows = |other: &&Version| {
        MinorLine::from(*other) == MinorLine::from(version) && **other > *version && !board.is_tagged(other)
    };
    let default = board.default.as_ref();
    if let Some(coming) = default.and_then(|default| default.version.as_ref()).filter(follows) {
        return Next::new(Step::Merge, format!("merge {coming} into {name}"));
    }
    if let Some(coming) = default.and_then(|default| default.sections.iter().find(follows)) {
        return Next::new(Step::Merge, format!("merge the changelog of {coming} into {name}"));
    }
    if !version.pre.is_empty() {
        let last = after(version);
        return Next::new(Step::Bump, format!("{own} is out; bump {name} to {last} when it is ready"));
    }
    if board.lacks(version, tip) {
        let words = format!("publish the chart of {version}: {} lacks it", board.config.index.branch);
        return Next::new(Step::Publish, words);
    }
    waiting(version, ahead)
}

/// The tags alone carry the versions.
fn without_chart(name: &str, line: MinorLine, ahead: Ahead, board: &Gathering<'_>) -> Next {
    match (board.newest(line), ahead) {
        (None, _) => {
            let first = Version::new(line.major, line.minor, 0);
            Next::new(Step::Tag, tag(&first, name, board))
        }
        (Some(newest), Ahead::Apart) => {
            Next::new(Step::Merge, format!("merge {} into {name}, which lacks it", newest.name))
        }
        (Some(newest), ahead) => waiting(&newest.version, ahead),
    }
}

/// Whether something is waiting for the release after one.
fn waiting(version: &Version, ahead: Ahead) -> Next {
    let next = after(version);
    match ahead {
        Ahead::By(Some(1)) => Next::new(Step::Bump, format!("released; one commit waits for {next}")),
        Ahead::By(Some(count)) if count > 0 => {
            Next::new(Step::Bump, format!("released; {count} commits wait for {next}"))
        }
        Ahead::By(None) => Next::new(Step::Bump, format!("released; many commits wait for {next}")),
        _ => Next::new(Step::None, "released; nothing to do".to_owned()),
    }
}

fn tag(version: &Version, branch: &str, board: &Gathering<'_>) -> String {
    format!("tag {} at {branch}", board.config.tags.release.fill(version))
}

fn mend(branch: &str) -> Next {
    Next::new(Step::Mend, format!("set its chart right: relguard check --ref {branch}"))
}

/// The release after one: a prerelease's own final one, else the next z.
fn after(version: &Version) -> Version {
    let patch = if version.pre.is_empty() { version.patch + 1 } else { version.patch };
    Version::new(version.major, version.minor, patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_after_one() {
        let after = |text: &str| after(&Version::parse(text).unwrap()).to_string();
        assert_eq!(after("1.2.3"), "1.2.4");
        assert_eq!(after("1.2.0-rc.1"), "1.2.0");
    }
}
