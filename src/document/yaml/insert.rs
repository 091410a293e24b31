use std::ops::Range;

use super::scalar::plain_or_quoted;
use super::{Kind, NodeId, Step, Yaml};
use crate::domain::text::BOM;

impl Yaml {
    /// The edit that adds a key which is not there: into the innermost block mapping of its path that
    /// is, in lines of its own above the first key. `None` where that mapping is written in braces, is
    /// shared through an alias, or a part of the path is no key.
    pub fn insert(&self, path: &[Step], value: &str) -> Option<(Range<usize>, String)> {
        let Some(root) = self.root().filter(|root| !self.is_null(*root)) else {
            let end = self.source().text.len();
            return Some((end..end, self.lines("", path, value)?));
        };
        let (parent, missing) = self.innermost(root, path)?;
        let (first, _) = self.entries(parent).first()?;
        let start = self.node(*first).range.start;
        let line = self.source().text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let indent = self.source().text.get(line..start)?;
        let blank = indent.trim_start_matches(BOM);
        if !blank.chars().all(|c| c == ' ') {
            return None;
        }
        let at = start - blank.len();
        Some((at..at, self.lines(blank, missing, value)?))
    }

    /// The innermost block mapping on a path, and the steps of the path that it lacks.
    fn innermost<'p>(&self, root: NodeId, path: &'p [Step]) -> Option<(NodeId, &'p [Step])> {
        let mut at = root;
        let mut missing = path;
        while let Some((Step::Key(key), rest)) = missing.split_first() {
            let Some((_, value)) = self.own_entry(at, key) else { break };
            at = value;
            missing = rest;
        }
        let block = matches!(&self.node(at).kind, Kind::Mapping { flow: false, .. });
        (block && !missing.is_empty()).then_some((at, missing))
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
            out.push_str(&format!("{indent}{deeper}{}:{value}{line_break}", plain_or_quoted(key)));
        }
        Some(out)
    }
}
