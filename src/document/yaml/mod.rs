//! YAML with the byte range of every node.
//!
//! One document is read into a flat tree. Aliases are kept as such, so a file can't blow up in
//! memory; one whose aliases would expand past a million nodes is refused, as Helm's own reader does.

mod build;
mod de;
mod events;
pub mod go;
mod input;
mod insert;
mod quick;
mod scalar;
mod stream;
mod trouble;

use std::ops::Range;
use std::sync::Arc;

use super::{Broken, Parsed};
use crate::domain::SourceText;

pub use build::parse;
pub use de::{Spanned, deserialize};
pub use scalar::{Style, is_beyond_json, plain_or_quoted, quoted};
pub use stream::{Scalar, Stream, Token};

/// The number of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(usize);

/// A YAML document.
#[derive(Debug)]
pub struct Yaml {
    source: Arc<SourceText>,
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

/// A node: what it is and the bytes it takes, anchor and tag not included.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the file. A block collection has no end of its own: its range ends with its last entry.
    pub range: Range<usize>,
    /// Whether `!!str` or a tag of the project's own forces its type.
    pub tag: Option<String>,
    /// Whether it has an anchor, so that aliases may stand for it.
    pub anchored: bool,
}

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    /// A scalar: the text it stands for, and how it is written.
    Scalar {
        /// The text that it stands for, where that is not what is written; `Yaml::text` knows both.
        decoded: Option<String>,
        /// How it is written.
        style: Style,
    },
    /// Keys and values, in order.
    Mapping {
        /// The entries.
        entries: Vec<(NodeId, NodeId)>,
        /// Whether it is written with braces.
        flow: bool,
    },
    /// Items, in order.
    Sequence(Vec<NodeId>),
    /// `*name`, standing for another node.
    Alias(NodeId),
}

/// What stands at a key.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// The node as written there: an alias where there is one.
    pub written: NodeId,
    /// The node it stands for.
    pub node: NodeId,
}

/// A step of a key path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An item of a sequence, from 0.
    Item(usize),
}

impl Yaml {
    /// The file it was read from.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// The top node; `None` where the document is empty.
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    /// A node of this tree.
    #[expect(clippy::indexing_slicing, reason = "ids are made by the builder, for nodes that are there")]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The node itself, aliases followed.
    pub fn follow(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            Kind::Alias(to) => to,
            _ => id,
        }
    }

    /// What stands at a key path from the top, aliases and merge keys followed; `None` where a step
    /// is not there.
    pub fn find(&self, path: &[Step]) -> Option<Found> {
        let root = self.root?;
        let mut found = Found { written: root, node: self.follow(root) };
        for step in path {
            let written = match (step, &self.node(found.node).kind) {
                (Step::Key(key), Kind::Mapping { .. }) => self.value_of(found.node, key)?,
                (Step::Item(at), Kind::Sequence(items)) => *items.get(*at)?,
                _ => return None,
            };
            found = Found { written, node: self.follow(written) };
        }
        Some(found)
    }

    /// The value at one key of a mapping, merge keys (`<<`) followed; the node as written.
    pub fn value_of(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        self.entry_of(mapping, key).map(|(_, value)| value)
    }

    /// The key and the value of an entry of a mapping, merge keys (`<<`) followed.
    pub fn entry_of(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        let Kind::Mapping { entries, .. } = &self.node(mapping).kind else { return None };
        let own = entries.iter().find(|(name, _)| self.text(*name) == Some(key));
        if let Some(entry) = own {
            return Some(*entry);
        }
        let merged = entries.iter().filter(|(name, _)| self.text(*name) == Some("<<"));
        merged.map(|(_, value)| self.follow(*value)).find_map(|from| match &self.node(from).kind {
            Kind::Sequence(items) => items.iter().find_map(|item| self.entry_of(self.follow(*item), key)),
            _ => self.entry_of(from, key),
        })
    }

    /// A scalar's text; `None` for collections.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        let node = self.node(self.follow(id));
        match &node.kind {
            Kind::Scalar { decoded: Some(text), .. } => Some(text),
            Kind::Scalar { decoded: None, .. } => self.source.text.get(node.range.clone()),
            _ => None,
        }
    }

    /// The first number for which Helm reads nothing of the file, as JSON has no word for it.
    pub fn beyond_json(&self) -> Option<NodeId> {
        (0..self.nodes.len()).map(NodeId).find(|id| {
            let plain = matches!(self.node(*id).kind, Kind::Scalar { style: Style::Plain, .. });
            plain && self.text(*id).is_some_and(is_beyond_json)
        })
    }

    /// The entries of a mapping; empty for other nodes.
    pub fn entries(&self, id: NodeId) -> &[(NodeId, NodeId)] {
        match &self.node(self.follow(id)).kind {
            Kind::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; empty for other nodes.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(self.follow(id)).kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The document's mapping, which every file of a chart is; `None` where the document is empty.
    pub fn top_mapping(&self) -> Parsed<Option<NodeId>> {
        let Some(root) = self.root else { return Ok(None) };
        let node = self.node(root);
        match &node.kind {
            Kind::Mapping { .. } => Ok(Some(root)),
            _ if self.is_null(root) => Ok(None),
            _ => Err(Broken::at(&self.source, node.range.clone(), "keys and values are expected here")
                .help("write `key: value` lines")),
        }
    }
}

/// Parses a dotted key path: `global.imageTag`, `images[0].tag`; `\.` is a dot inside a key.
/// `None` where a part is empty or an index is no number.
pub fn key_path(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?),
            '.' => steps.push(Step::Key(non_empty(&mut key)?)),
            '[' => {
                if !key.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                }
                let digits: String = std::iter::from_fn(|| chars.next_if(char::is_ascii_digit)).collect();
                chars.next_if_eq(&']')?;
                steps.push(Step::Item(digits.parse().ok()?));
                // Behind an index stands another one, or a dot and a key.
                if chars.next_if_eq(&'.').is_some() {
                    chars.peek().filter(|c| !matches!(c, '.' | '['))?;
                } else if chars.peek().is_some_and(|c| *c != '[') {
                    return None;
                }
            }
            c => key.push(c),
        }
    }
    if !key.is_empty() {
        steps.push(Step::Key(key));
    } else if text.is_empty() || text.ends_with('.') {
        return None;
    }
    Some(steps)
}

fn non_empty(key: &mut String) -> Option<String> {
    Some(std::mem::take(key)).filter(|key| !key.is_empty())
}
