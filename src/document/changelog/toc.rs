use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::anchor::{anchor, percent_encoded, split_id};
use crate::document::markdown::Outline;
use crate::domain::text::line_break;

const START: &str = "<!-- START doctoc";
const END: &str = "<!-- END doctoc";
/// How deep a heading of the sixth level is below one of the first.
const DEEPEST: usize = 5;
/// What doctoc indents a level by, where it is not told otherwise.
const TWO_SPACES: &str = "  ";

/// The list that doctoc keeps between its two comments.
/// Its form: <https://github.com/thlorenz/doctoc>.
#[derive(Debug)]
pub struct Toc {
    /// The bytes of the list, or the empty range where it has to go.
    pub range: Range<usize>,
    /// What it lists.
    pub entries: Vec<Entry>,
    /// What there is to list: the headings below it.
    pub expected: Vec<Entry>,
    marker: char,
    /// What one level is indented by.
    indent: String,
    /// The depth down to which headings are listed.
    deepest: usize,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How deep it is indented, from 0.
    pub depth: usize,
    /// The heading's text.
    pub title: String,
}

impl Toc {
    pub(super) fn find(text: &str, outline: &Outline) -> Option<Self> {
        let comment = |mark: &str, from: usize| {
            let mut blocks = outline.html.iter().filter(|block| block.start >= from);
            blocks.find(|block| {
                text.get((*block).clone()).is_some_and(|block| block.trim_start().starts_with(mark))
            })
        };
        let start = comment(START, 0)?.start;
        let inner = start + text.get(start..)?.find('\n')? + 1;
        let end = comment(END, inner)?.start;
        let below = outline.headings.iter().filter(|heading| heading.range.start > end);
        let below = below.filter(|heading| !heading.shown.is_empty());
        let top = below.clone().map(|heading| heading.level).min().unwrap_or(1);
        let expected =
            below.map(|heading| Entry { depth: heading.level - top, title: heading.shown.clone() }).collect();
        let mut toc = Self {
            range: end..end,
            entries: Vec::new(),
            expected,
            marker: '-',
            indent: TWO_SPACES.to_owned(),
            deepest: 0,
        };
        toc.read_list(text, inner..end);
        toc.deepest = toc.shown_depth();
        Some(toc)
    }

    /// Whether it lists the headings there are, at least down to the level it shows.
    pub fn is_current(&self) -> bool {
        let comparable = |entry: &Entry| (entry.depth, comparable(&entry.title));
        let listed: Vec<_> = self.entries.iter().map(comparable).collect();
        listed == self.wanted().map(comparable).collect::<Vec<_>>()
    }

    /// The first heading that is not listed, or the first entry that is no heading.
    pub fn first_difference(&self) -> Option<&str> {
        let (listed, wanted) = (titles(&self.entries), titles(self.wanted()));
        let missing = self.wanted().map(|entry| entry.title.as_str()).find(|title| !listed.contains(title));
        let extra =
            || self.entries.iter().map(|entry| entry.title.as_str()).find(|title| !wanted.contains(title));
        missing.or_else(extra)
    }

    /// The list as doctoc writes it for the headings there are, in the bytes of `range`.
    pub fn render(&self, text: &str) -> String {
        let line_break = line_break(text);
        let mut seen: HashMap<String, usize> = HashMap::new();
        let lines = self.wanted().map(|entry| {
            let (title, id) = split_id(&entry.title);
            let mut anchor = id.map_or_else(|| anchor(title), str::to_owned);
            let count = seen.entry(anchor.clone()).or_default();
            if id.is_none() && *count > 0 {
                anchor = format!("{anchor}-{count}");
            }
            *count += 1;
            let indent = self.indent.repeat(entry.depth);
            format!("{indent}{} [{title}](#{})", self.marker, percent_encoded(&anchor))
        });
        let list = lines.collect::<Vec<_>>().join(line_break);
        if !self.range.is_empty() {
            return list;
        }
        let before = text.get(..self.range.start).unwrap_or_default();
        let gap = if before.ends_with("\n\n") || before.ends_with("\n\r\n") { "" } else { line_break };
        format!("{gap}{list}{line_break}{line_break}")
    }

    /// What has to be listed: down to the deepest level that the list shows, or all.
    fn wanted(&self) -> impl Iterator<Item = &Entry> {
        self.expected.iter().filter(|entry| entry.depth <= self.deepest)
    }

    /// The level at which the list ends on purpose: sections that are listed have deeper headings, and
    /// none of these is. A list of one level may be one that nobody filled yet.
    fn shown_depth(&self) -> usize {
        let shown = self.entries.iter().map(|entry| entry.depth).max().unwrap_or_default();
        // A level that no heading has any more is none that can be kept.
        let depths = self.expected.iter().map(|entry| entry.depth);
        let shown = depths.filter(|depth| *depth <= shown).max().unwrap_or_default();
        let listed = titles(&self.entries);
        let lists = |title: &str| listed.contains(title);
        let mut in_listed = false;
        let mut left_out = 0;
        for entry in &self.expected {
            match entry.depth {
                0 => in_listed = lists(&entry.title),
                depth if in_listed && depth > shown && lists(&entry.title) => return usize::MAX,
                depth if in_listed && depth > shown => left_out += 1,
                _ => {}
            }
        }
        if shown > 0 && left_out > 0 { shown } else { usize::MAX }
    }

    fn read_list(&mut self, text: &str, inner: Range<usize>) {
        let mut indents = Vec::new();
        let mut at = inner.start;
        let mut list: Option<Range<usize>> = None;
        for line in text.get(inner).unwrap_or_default().split_inclusive('\n') {
            let bare = line.trim_end();
            let entry = bare.trim_start();
            if let Some(title) = list_item(entry) {
                let end = at + bare.len();
                list = Some(list.map_or(at, |range| range.start)..end);
                self.marker = entry.chars().next().unwrap_or('-');
                indents.push((bare.strip_suffix(entry).unwrap_or_default(), title.to_owned()));
            }
            at += line.len();
        }
        self.indent = self.indent_of_a_level(&indents);
        let unit = self.indent.len();
        let entry = |(indent, title): (&str, String)| Entry { depth: indent.len() / unit, title };
        self.entries = indents.into_iter().map(entry).collect();
        if let Some(list) = list {
            self.range = list;
        }
    }

    /// What the list indents one level by. A level that was skipped is indented too, so that the smallest
    /// indent may be several levels: it is divided such that most entries are as deep as their headings.
    fn indent_of_a_level(&self, lines: &[(&str, String)]) -> String {
        let indents = lines.iter().map(|(indent, _)| *indent).filter(|indent| !indent.is_empty());
        let Some(smallest) = indents.min_by_key(|indent| indent.len()) else { return TWO_SPACES.to_owned() };
        let headings: HashSet<_> =
            self.expected.iter().map(|entry| (entry.depth, comparable(&entry.title))).collect();
        let first_depth = headings.iter().map(|(depth, _)| *depth).filter(|depth| *depth > 0).min();
        let as_deep = |unit: &str| {
            let deeper = lines.iter().filter(|(indent, _)| !indent.is_empty());
            let depths = deeper.filter(|(indent, _)| indent.len().is_multiple_of(unit.len()));
            depths
                .filter(|(indent, title)| headings.contains(&(indent.len() / unit.len(), comparable(title))))
                .count()
        };
        let units = (1..=DEEPEST).filter_map(|levels| Some((levels, divided(smallest, levels)?)));
        let judged =
            units.map(|(levels, unit)| ((as_deep(unit), Some(levels) == first_depth, Reverse(levels)), unit));
        let best = judged.max_by_key(|(fitness, _)| *fitness);
        // What fits no heading and no level is no indent that doctoc left there.
        best.filter(|((fitting, first, _), _)| *fitting > 0 || *first)
            .map_or(TWO_SPACES, |(_, unit)| unit)
            .to_owned()
    }
}

/// The indent of one level, where this one is that of several. A single space nests no list.
fn divided(indent: &str, levels: usize) -> Option<&str> {
    let unit = indent.get(..indent.len() / levels)?;
    let nests = levels == 1 || unit.len() > 1 || unit == "\t";
    (nests && unit.repeat(levels) == indent).then_some(unit)
}

/// Of a title, what no version of doctoc leaves out.
fn comparable(title: &str) -> String {
    let kept = split_id(title).0.chars().filter(|c| c.is_alphanumeric() || *c == '.');
    kept.flat_map(char::to_lowercase).collect()
}

fn titles<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> HashSet<&'a str> {
    entries.into_iter().map(|entry| entry.title.as_str()).collect()
}

/// The link text of `- [text](#anchor)`.
fn list_item(line: &str) -> Option<&str> {
    let item = line.strip_prefix(['-', '*', '+'])?.trim_start().strip_prefix('[')?;
    item.rsplit_once("](#").map(|(title, _)| title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::markdown::outline;

    const HEAD: &str = "<!-- START doctoc generated -->\n**Table of Contents**\n\n";

    fn toc(list: &str, rest: &str) -> (String, Toc) {
        let text = format!("{HEAD}{list}\n<!-- END doctoc generated -->\n{rest}");
        let toc = Toc::find(&text, &outline(&text)).unwrap();
        (text, toc)
    }

    #[test]
    fn a_stale_list_is_written_anew_as_doctoc_does() {
        let (text, toc) = toc("- [v1.0.0](#v100)\n", "# v1.1.0\n## Fixes\n# v1.0.0\n## Fixes\n");
        assert!(!toc.is_current());
        assert_eq!(toc.first_difference(), Some("v1.1.0"));
        assert_eq!(
            toc.render(&text),
            "- [v1.1.0](#v110)\n  - [Fixes](#fixes)\n- [v1.0.0](#v100)\n  - [Fixes](#fixes-1)"
        );
        assert_eq!(text.get(toc.range.clone()), Some("- [v1.0.0](#v100)"));
    }

    #[test]
    fn a_list_of_fewer_levels_keeps_them() {
        let (_, limited) = toc("- [v1](#v1)\n  - [A](#a)\n", "# v1\n## A\n### B\n");
        assert!(limited.is_current());
        let (text, fresh) = toc("- [v1](#v1)\n  - [A](#a)\n", "# v2\n## A\n### B\n# v1\n## A\n");
        assert!(fresh.render(&text).contains("    - [B](#b)\n"), "no section that is listed has deeper ones");
        let (text, empty) = toc("", "# v1\n");
        assert!(!empty.is_current());
        assert_eq!(empty.render(&text), "- [v1](#v1)\n\n");
    }

    #[test]
    fn a_level_that_is_skipped_is_indented_as_doctoc_does() {
        // The lists are what doctoc 2.5.0 writes, at 2 and at 4 spaces a level.
        let forms = [
            ("# v1\n### A\n### B\n", "- [v1](#v1)\n    - [A](#a)\n    - [B](#b)"),
            ("# v1\n#### A\n", "- [v1](#v1)\n      - [A](#a)"),
            ("## v1\n#### A\n", "- [v1](#v1)\n    - [A](#a)"),
            ("### A\n# v1\n### B\n", "    - [A](#a)\n- [v1](#v1)\n    - [B](#b)"),
            ("# v1\n### A\n##### B\n", "- [v1](#v1)\n    - [A](#a)\n        - [B](#b)"),
            ("# v1\n### A\n# v0\n## B\n", "- [v1](#v1)\n    - [A](#a)\n- [v0](#v0)\n  - [B](#b)"),
        ];
        for (headings, list) in forms {
            for list in [list.to_owned(), list.replace("  ", "    ")] {
                let (text, current) = toc(&format!("{list}\n"), headings);
                assert!(current.is_current(), "{list}");
                assert_eq!(current.render(&text), list);
            }
            for stale in ["", "- [v1](#v1)\n", "- [v1](#v1)\n  - [A](#a)\n", "- [v1](#v1)\n    - [Z](#z)\n"] {
                let (text, stale) = toc(stale, headings);
                assert!(
                    toc(&format!("{}\n", stale.render(&text).trim_end()), headings).1.is_current(),
                    "{text}"
                );
            }
        }
    }

    /// Any headings under any list: what is written is current at the second time at the latest, where the
    /// first one had to find out how deep the list goes.
    #[test]
    fn a_list_written_anew_comes_to_rest() {
        let stale = [
            "",
            "- [T0](#t0)\n",
            "- [T0](#t0)\n  - [T1](#t1)\n",
            "- [Z](#z)\n    - [T0](#t0)\n",
            "   - [T1](#t1)\n",
        ];
        for number in 0..6_usize.pow(4) {
            let level = |at: u32| number / 6_usize.pow(at) % 6 + 1;
            let headings = [0, 1, 2, 3].map(|at| format!("{} T{}\n", "#".repeat(level(at)), at % 3)).concat();
            for list in stale {
                let mut list = list.to_owned();
                let mut rounds = 0..2;
                loop {
                    let (text, toc) = toc(&list, &headings);
                    if toc.is_current() {
                        break;
                    }
                    assert!(rounds.next().is_some(), "{text}");
                    list = format!("{}\n", toc.render(&text).trim_end());
                }
            }
        }
    }

    #[test]
    fn an_indent_that_fits_no_level_gives_way_to_that_of_doctoc() {
        let (text, stale) = toc("- [v1](#v1)\n    - [A](#a)\n", "# v1\n#### A\n");
        assert_eq!(stale.render(&text), "- [v1](#v1)\n      - [A](#a)");
    }

    #[test]
    fn a_level_that_only_the_list_has_is_not_kept() {
        let (text, stale) = toc("- [v1](#v1)\n  - [A](#a)\n", "# v1\n### B\n");
        assert_eq!(stale.render(&text), "- [v1](#v1)\n    - [B](#b)");
    }

    #[test]
    fn versions_that_differ_in_a_dot_differ() {
        assert!(!toc("- [v1.1.10](#v1110)\n", "# v1.11.0\n").1.is_current());
    }

    #[test]
    fn a_block_in_a_code_block_is_none() {
        let text = format!("```\n{HEAD}\n<!-- END doctoc generated -->\n```\n# v1\n");
        assert!(Toc::find(&text, &outline(&text)).is_none());
    }
}
