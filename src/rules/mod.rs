//! The rules: one file a rule, under the folder of its group. This is the one list of them.
//!
//! A rule is data and a pure function over facts that were gathered before it. It sees no file, no
//! repository and no terminal.

mod branch;
mod changelog;
mod chart;
mod findings;
mod index;
mod tag;

use crate::config::Config;
use crate::domain::embedded;
use crate::finding::Severity;
use crate::project::Project;
use crate::project::chart_index::IndexFacts;
use crate::project::refs::{BranchFacts, RefFacts, TagFacts};

pub use findings::{Draft, Findings};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// What is known of it without running it.
    pub meta: RuleMeta,
    /// What it does.
    pub check: Check,
}

/// What a rule judges, and how.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The files of any state.
    Files(fn(&Project, &Config, &mut Findings<'_>)),
    /// A branch.
    Branch(fn(&BranchFacts, &RefFacts, &Config, &mut Findings<'_>)),
    /// A tag.
    Tag(fn(&TagFacts, &RefFacts, &Config, &mut Findings<'_>)),
    /// The chart index.
    Index(fn(&IndexFacts, &Config, &mut Findings<'_>)),
}

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct RuleMeta {
    /// `group/name`.
    pub id: &'static str,
    /// How much its findings weigh, where neither the finding nor the config says otherwise; `None`: it is
    /// off until the config asks for it, and then an error.
    pub severity: Option<Severity>,
    /// Whether it can offer a fix.
    pub fix: Fixable,
    /// What is wrong when it speaks, in one line.
    pub summary: &'static str,
}

impl RuleMeta {
    /// Its page, in Markdown.
    pub fn page(&self) -> &'static str {
        embedded(&format!("docs/rules/{}.md", self.id))
    }
}

/// Whether a rule's findings can be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixable {
    /// Never.
    No,
    /// Only with `--unsafe`.
    Unsafe,
    /// Some of them, or some of them only with `--unsafe`.
    Sometimes,
}

macro_rules! registry {
    ($($group:ident { $($name:ident),+ $(,)? })+) => {
        /// Every rule, by group.
        pub static RULES: &[&Rule] = &[$($(&$group::$name::RULE),+),+];

        #[cfg(test)]
        mod registered {
            $(mod $group {
                $(mod $name {
                    use crate::rules::{$group, tests};

                    #[test]
                    fn is_whole() {
                        tests::assert_whole(&$group::$name::RULE);
                    }
                })+
            })+
        }
    };
}

registry! {
    chart { version, app_version, values_sync, carrier_sync, one_version, version_order, packageable }
    changelog { file, section, content, name, order, toc }
    branch { name, version, base, rewrite }
    tag { name, branch, version, tip, sequence, immutable, signed }
    index { entry, digest, archive }
}

/// The rule with an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.meta.id == id)
}

impl Fixable {
    /// As lists of rules say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Unsafe => "unsafe",
            Self::Sometimes => "yes",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Fixable, RULES, Rule};
    use crate::domain::RULE_IDS;

    /// A rule has a known id, a page in five parts, a case in which it speaks and one in which it is
    /// silent, and says truly whether it offers fixes.
    pub(super) fn assert_whole(rule: &Rule) {
        let id = rule.meta.id;
        assert!(RULE_IDS.contains(&id), "{id} is not part of the public interface");
        let page = rule.meta.page();
        assert!(page.starts_with(&format!("# {id}\n")), "the page of {id} has another title");
        let mut rest = page;
        for part in ["What it checks", "Why it matters", "Example", "Fix", "Configuration"] {
            let heading = format!("\n## {part}\n");
            rest = rest.split_once(&heading).unwrap_or_else(|| panic!("the page of {id} lacks `{part}`")).1;
        }
        let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules").join(id);
        let read = |case: &Path| std::fs::read_to_string(case.join("expected.txt")).unwrap_or_default();
        let found: Vec<String> = std::fs::read_dir(&cases)
            .unwrap_or_else(|_| panic!("{id} has no cases in tests/rules/{id}"))
            .map(|case| read(&case.unwrap().path()))
            .collect();
        let speaks = |text: &String| text.contains(&format!("[{id}]"));
        assert!(found.iter().any(speaks), "{id} has no case in which it speaks");
        assert!(found.iter().any(|text| !speaks(text)), "{id} has no case in which it is silent");
        let mends = found.iter().any(|text| text.contains(&format!("fix {id} ")));
        assert_eq!(
            mends,
            rule.meta.fix != Fixable::No,
            "{id} says something else of its fixes than its cases show"
        );
    }

    #[test]
    fn ids_are_there_once_and_in_the_order_of_the_interface() {
        let ids: Vec<_> = RULES.iter().map(|rule| rule.meta.id).collect();
        let known: Vec<_> = RULE_IDS.iter().copied().filter(|id| ids.contains(id)).collect();
        assert_eq!(ids, known);
    }
}
