//! The kinds of changes, and the headings that stand for them.

/// What kind of change it is; in the order in which new headings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What users have to act on.
    Breaking,
    /// Something new.
    Feature,
    /// A fault less.
    Fix,
    /// A hole less.
    Security,
    /// The same, faster.
    Performance,
    /// What goes soon.
    Deprecation,
    /// What went.
    Removal,
    /// Documentation.
    Documentation,
    /// The same in better words.
    Refactoring,
    /// Tests.
    Tests,
    /// How it is built, and checked.
    Build,
    /// What it is made of.
    Dependencies,
    /// Whatever else.
    Other,
}

use Kind::{
    Breaking, Build, Dependencies, Deprecation, Documentation, Feature, Fix, Other, Performance, Refactoring,
    Removal, Security, Tests,
};

/// What headings of each kind are called: their words, in lower case.
const HEADINGS: [(Kind, &[&str]); 13] = [
    (
        Breaking,
        &[
            "breaking changes",
            "breaking change",
            "breaking",
            "backwards incompatible changes",
            "incompatible changes",
            "urgent upgrade notes",
            "upgrade notes",
            "action required",
        ],
    ),
    (
        Feature,
        &[
            "features",
            "feature",
            "new features",
            "new feature",
            "features enhancements",
            "features and enhancements",
            "features improvements",
            "enhancements",
            "enhancement",
            "added",
            "additions",
            "feat",
        ],
    ),
    (
        Fix,
        &[
            "bug fixes",
            "bug fix",
            "bugfixes",
            "bugfix",
            "fixes",
            "fixed",
            "fix",
            "bugs",
            "bug or regression",
            "bugs or regressions",
            "bug fixes and regressions",
        ],
    ),
    (Security, &["security", "security fixes"]),
    (Performance, &["performance", "performance improvements", "perf"]),
    (Deprecation, &["deprecation", "deprecations", "deprecated"]),
    (Removal, &["removal", "removals", "removed"]),
    (Documentation, &["documentation", "docs", "documentation changes"]),
    (Refactoring, &["refactoring", "refactor", "refactors", "code refactoring", "cleanup", "cleanups"]),
    (Tests, &["tests", "test", "testing"]),
    (Build, &["build", "build system", "ci", "continuous integration", "build and ci", "ci build"]),
    (Dependencies, &["dependencies", "dependency updates", "dependency upgrades", "dependency changes"]),
    (
        Other,
        &[
            "others",
            "other",
            "other changes",
            "changed",
            "changes",
            "miscellaneous",
            "misc",
            "chores",
            "chore",
            "maintenance",
            "other cleanup or flake",
            "other notable changes",
            "other bug cleanup or flake",
        ],
    ),
];

impl Kind {
    /// The kind that a heading stands for: `🐛 Bug Fixes` and `Fixed` are of one.
    pub fn of_heading(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let name = words.join(" ");
        HEADINGS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(kind, _)| *kind)
    }

    /// The kinds whose heading may hold it, the best first.
    pub fn places(self) -> &'static [Self] {
        match self {
            Breaking => &[Breaking],
            Feature => &[Feature],
            Fix => &[Fix],
            Security => &[Security, Fix],
            Performance => &[Performance, Other],
            Deprecation => &[Deprecation, Other],
            Removal => &[Removal, Other],
            Documentation => &[Documentation, Other],
            Refactoring => &[Refactoring, Other],
            Tests => &[Tests, Build, Other],
            Build => &[Build, Other],
            Dependencies => &[Dependencies, Other],
            Other => &[Other],
        }
    }

    /// The kind whose heading is made where there is none that may hold it.
    #[must_use]
    pub fn without_heading(self) -> Self {
        match self {
            Breaking | Feature | Fix => self,
            Security => Fix,
            _ => Other,
        }
    }

    /// What its heading is called where the section has none; `kept` for a section whose headings are those
    /// of keepachangelog.com.
    pub fn heading(self, kept: bool) -> &'static str {
        match (self.without_heading(), kept) {
            (Breaking, _) => "Breaking Changes",
            (Feature, false) => "Features",
            (Feature, true) => "Added",
            (Fix, false) => "Bug Fixes",
            (Fix, true) => "Fixed",
            (_, false) => "Others",
            (_, true) => "Changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_many_projects_are_known() {
        for (text, kind) in [
            ("Features", Feature),
            ("✨ New Features", Feature),
            ("🐛 Bug Fixes:", Fix),
            ("Bug or Regression", Fix),
            ("Fixed", Fix),
            ("Features & Enhancements", Feature),
            ("Other (Cleanup or Flake)", Other),
            ("**Documentation**", Documentation),
            ("⬆️ Dependencies", Dependencies),
        ] {
            assert_eq!(Kind::of_heading(text), Some(kind), "{text}");
        }
        for text in ["Changes by Kind", "Changelog since v1.0.0", "v1.0.0", "Downloads for v1.0.0", ""] {
            assert_eq!(Kind::of_heading(text), None, "{text}");
        }
    }
}
