use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::events::Events;
use super::{Kind, Node, NodeId, Style, Yaml};
use crate::document::{Broken, Parsed};
use crate::domain::{SortedMap, SourceText};

/// What aliases may expand to; a real values file has a few thousand nodes.
const EXPANSION_LIMIT: u64 = 1_000_000;

/// Mappings with fewer keys than this are most of them.
const FEW_KEYS: usize = 12;

/// Reads the one YAML document of a file.
pub fn parse(source: &Arc<SourceText>) -> Parsed<Yaml> {
    // The parser says what is wrong, if anything is.
    build(source, Events::plain(source)).or_else(|_| build(source, Events::new(source)))
}

fn build(source: &Arc<SourceText>, mut events: Events<'_>) -> Parsed<Yaml> {
    let mut builder = Builder::new(source);
    while let Some((event, range)) = events.advance()? {
        builder.event(event, range)?;
    }
    Ok(builder.finish())
}

struct Builder {
    source: Arc<SourceText>,
    nodes: Vec<Node>,
    /// How many nodes each anchored node stands for once aliases are expanded, itself included.
    weights: SortedMap<usize, u64>,
    /// How many nodes the document has so far once aliases are expanded.
    expanded: u64,
    open: Vec<Open>,
    anchors: SortedMap<usize, NodeId>,
    root: Option<NodeId>,
}

/// A collection whose end was not seen yet.
struct Open {
    id: NodeId,
    /// Whether it is written with braces or brackets.
    flow: bool,
    key: Option<NodeId>,
    seen: HashSet<String>,
    /// What the document expanded to before it, itself not included.
    before: u64,
}

impl Builder {
    fn new(source: &Arc<SourceText>) -> Self {
        Self {
            source: Arc::clone(source),
            nodes: Vec::new(),
            weights: SortedMap::new(),
            expanded: 0,
            open: Vec::new(),
            anchors: SortedMap::new(),
            root: None,
        }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Parsed<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let style = style_of(style);
                // What is empty in the file is reported as `~`, which the file does not hold.
                let absent = range.is_empty() && style == Style::Plain;
                let as_written = absent || self.source.text.get(range.clone()) == Some(text.as_ref());
                let decoded = (!as_written).then(|| text.into_owned());
                self.add(
                    Node {
                        kind: Kind::Scalar { decoded, style },
                        range,
                        tag: tag_of(tag),
                        anchored: anchor > 0,
                    },
                    anchor,
                )?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let flow = style == StructureStyle::Flow;
                let kind = Kind::Mapping { entries: Vec::new(), flow };
                let id = self.add(Node { kind, range, tag: tag_of(tag), anchored: anchor > 0 }, anchor)?;
                self.open.push(self.opened(id, flow));
            }
            Event::SequenceStart(style, anchor, tag) => {
                let node =
                    Node { kind: Kind::Sequence(Vec::new()), range, tag: tag_of(tag), anchored: anchor > 0 };
                let id = self.add(node, anchor)?;
                self.open.push(self.opened(id, style == StructureStyle::Flow));
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                let inside = target.is_none_or(|target| self.open.iter().any(|open| open.id == target));
                match target {
                    Some(target) if !inside => {
                        self.add(Node { kind: Kind::Alias(target), range, tag: None, anchored: false }, 0)?;
                    }
                    _ => return Err(Broken::at(&self.source, range, "an alias stands inside what it names")),
                }
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(range.end),
            _ => {}
        }
        Ok(())
    }

    fn opened(&self, id: NodeId, flow: bool) -> Open {
        Open { id, flow, key: None, seen: HashSet::new(), before: self.expanded - 1 }
    }

    fn add(&mut self, node: Node, anchor: usize) -> Parsed<NodeId> {
        let id = NodeId(self.nodes.len());
        let weight = match node.kind {
            Kind::Alias(to) => self.weights.get(&to.0).copied().unwrap_or(1),
            _ => 1,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, id);
            self.weights.insert(id.0, 1);
        }
        self.expanded = self.expanded.saturating_add(weight);
        if weight > 1 && self.expanded > EXPANSION_LIMIT {
            return Err(Broken::at(&self.source, node.range, "its aliases stand for over a million values")
                .help("write the values out, or use fewer aliases of aliases"));
        }
        self.nodes.push(node);
        self.attach(id)?;
        Ok(id)
    }

    /// Makes a node the next part of the collection that is open.
    fn attach(&mut self, id: NodeId) -> Parsed<()> {
        let Some(mut open) = self.open.pop() else {
            self.root.get_or_insert(id);
            return Ok(());
        };
        let key = open.key;
        match self.nodes.get_mut(open.id.0).map(|node| &mut node.kind) {
            Some(Kind::Sequence(items)) => items.push(id),
            Some(Kind::Mapping { entries, .. }) => match key {
                Some(key) => {
                    entries.push((key, id));
                    open.key = None;
                }
                None => {
                    open.key = Some(id);
                    self.check_key(&mut open, id)?;
                }
            },
            _ => {}
        }
        self.open.push(open);
        Ok(())
    }

    fn check_key(&self, open: &mut Open, id: NodeId) -> Parsed<()> {
        let Some(text) = self.text(id).filter(|text| *text != "<<") else { return Ok(()) };
        let entries = match self.nodes.get(open.id.0).map(|mapping| &mapping.kind) {
            Some(Kind::Mapping { entries, .. }) => entries.as_slice(),
            _ => &[],
        };
        // Looking through a few keys is cheaper than hashing them.
        let is_new = if entries.len() < FEW_KEYS {
            !entries.iter().any(|(key, _)| self.text(*key) == Some(text))
        } else {
            if open.seen.is_empty() {
                open.seen.extend(entries.iter().filter_map(|(key, _)| self.text(*key)).map(str::to_owned));
            }
            open.seen.insert(text.to_owned())
        };
        if is_new {
            return Ok(());
        }
        let first = entries.iter().map(|(key, _)| *key).find(|key| self.text(*key) == Some(text));
        let start = |id: NodeId| self.nodes.get(id.0).map_or(0..0, |node| node.range.clone());
        let line = self.source.position(first.map_or(0, |key| start(key).start)).line;
        Err(Broken::at(&self.source, start(id), format!("key `{text}` is there twice, first in line {line}"))
            .help("keep one of the two"))
    }

    fn text(&self, id: NodeId) -> Option<&str> {
        let node = self.nodes.get(id.0)?;
        match &node.kind {
            Kind::Scalar { decoded: Some(text), .. } => Some(text),
            Kind::Scalar { decoded: None, .. } => self.source.text.get(node.range.clone()),
            _ => None,
        }
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        if let Some(weight) = self.weights.get_mut(&open.id.0) {
            *weight = self.expanded - open.before;
        }
        let last = self.nodes.last().map_or(end, |node| node.range.end);
        if let Some(node) = self.nodes.get_mut(open.id.0) {
            node.range.end = if open.flow { end } else { last.max(node.range.start) };
        }
    }

    fn finish(self) -> Yaml {
        Yaml { source: self.source, nodes: self.nodes, root: self.root }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        ScalarStyle::Plain => Style::Plain,
    }
}

fn tag_of(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| format!("{}{}", tag.handle(), tag.suffix()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RepoPath;

    #[test]
    fn the_tree_is_the_same_by_lines_and_by_the_parser() {
        for text in [
            "a:\n- {}\n",
            "a:\n- [b]\n- c\nd:\n",
            "a:\n  - b: {}\n    c: [] # d\n  - 'e'\nf: g\n",
            "a: {}\nb: |\n  c\nd:\n  e: \"f\"\n",
        ] {
            let source = Arc::new(SourceText::new(RepoPath::parse("values.yaml").unwrap(), text));
            let [lines, parser] = [Events::plain(&source), Events::new(&source)]
                .map(|events| format!("{:?}", build(&source, events).unwrap().nodes));
            assert_eq!(lines, parser, "{text:?}");
        }
    }
}
