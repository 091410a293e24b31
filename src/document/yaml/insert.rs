use std::ops::Range;

use super::scalar::plain_or_quoted;
use super::{Kind, NodeId, Step, Yaml};
use crate::domain::text::BOM;

impl Yaml {
    /// The edit that adds a key which is not there: into the innermost mapping of its path that is, in
    /// lines of its own above the first key, or into empty braces. `None` where the braces hold something,
    /// where an anchor or an alias shares the mapping, or a part of the path is no key.
    pub fn insert(&self, path: &[Step], value: &str) -> Option<(Range<usize>, String)> {
        let Some(root) = self.root().filter(|root| !self.is_null(*root)) else {
            return self.append(path, value);
        };
        let (parent, missing) = self.innermost(root, path)?;
        let braces = self.node(parent).range.start;
        let first = match &self.node(parent).kind {
            Kind::Mapping { flow: false, entries } => entries.first()?.0,
            Kind::Mapping { flow: true, entries } if entries.is_empty() => {
                return Some((braces + 1..braces + 1, in_braces(missing, value)?));
            }
            _ => return None,
        };
        let start = self.node(first).range.start;
        let line = self.source().text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let indent = self.source().text.get(line..start)?;
        let blank = indent.trim_start_matches(BOM);
        if !blank.chars().all(|c| c == ' ') {
            return None;
        }
        let at = start - blank.len();
        Some((at..at, self.lines(blank, missing, value)?))
    }

    /// Whether a path leads to its end without a merge key, and without an alias before the end: then what
    /// stands there stands nowhere else.
    pub fn is_own(&self, path: &[Step]) -> bool {
        let own = |at: NodeId, step: &Step| match step {
            Step::Key(key) => self.own_entry(at, key).map(|(_, value)| value),
            Step::Item(item) => match &self.node(at).kind {
                Kind::Sequence(items) => items.get(*item).copied(),
                _ => None,
            },
        };
        self.root().and_then(|root| path.iter().try_fold(root, own)).is_some()
    }

    /// The edit that adds a key to a document which holds nothing.
    fn append(&self, path: &[Step], value: &str) -> Option<(Range<usize>, String)> {
        let text = self.source().text.as_str();
        let written = self.root().is_some_and(|root| !self.node(root).range.is_empty());
        if written || text.lines().any(|line| line.starts_with("...")) {
            return None;
        }
        let open = !text.trim_start_matches(BOM).is_empty() && !text.ends_with('\n');
        let line_break = if open { self.source().line_break() } else { "" };
        Some((text.len()..text.len(), format!("{line_break}{}", self.lines("", path, value)?)))
    }

    /// The innermost mapping on a path, and the steps of the path that it lacks.
    fn innermost<'p>(&self, root: NodeId, path: &'p [Step]) -> Option<(NodeId, &'p [Step])> {
        let mut at = root;
        let mut missing = path;
        while !self.node(at).anchored
            && let Some((Step::Key(key), rest)) = missing.split_first()
            && let Some((_, value)) = self.own_entry(at, key)
        {
            at = value;
            missing = rest;
        }
        (!self.node(at).anchored && !missing.is_empty()).then_some((at, missing))
    }

    fn own_entry(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let Kind::Mapping { entries, .. } = &self.node(mapping).kind else { return None };
        entries.iter().copied().find(|(name, _)| self.text(*name) == Some(key))
    }

    fn lines(&self, indent: &str, path: &[Step], value: &str) -> Option<String> {
        let line_break = self.source().line_break();
        let mut out = String::new();
        for (depth, step) in path.iter().enumerate() {
            let Step::Key(key) = step else { return None };
            let last = depth + 1 == path.len();
            let value = if last { format!(" {}", plain_or_quoted(value)) } else { String::new() };
            let deeper = "  ".repeat(depth);
            out.extend([indent, &deeper, &plain_or_quoted(key), ":", &value, line_break]);
        }
        Some(out)
    }
}

/// A key as it is written between braces.
fn in_braces(path: &[Step], value: &str) -> Option<String> {
    let (Step::Key(key), rest) = path.split_first()? else { return None };
    let value = match rest {
        [] => plain_or_quoted(value),
        _ => format!("{{{}}}", in_braces(rest, value)?),
    };
    Some(format!("{}: {value}", plain_or_quoted(key)))
}
