//! Adding entries: lines are put between the lines that are there, and no other byte changes but the time
//! in `generated`.

use std::cmp::Reverse;
use std::ops::Range;

use super::{ChartIndex, Held, IndexChart, verify};
use crate::document::yaml::{plain_or_quoted, quoted};
use crate::domain::text::BOM;
use crate::domain::{Fail, SortedMap, Version, order, parse_version, strip_v};

/// An entry to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The chart's name.
    pub chart: String,
    /// Its version.
    pub version: String,
    /// Its keys and values, as lines of YAML without indentation.
    pub lines: String,
}

/// Bytes that are replaced.
pub(super) struct Change {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// How the lines of entries are indented.
#[derive(Debug, Clone, Copy)]
struct Indent {
    key: usize,
    dash: usize,
}

/// A chart index of these entries alone.
pub fn new_index(entries: &[NewEntry], generated: &str) -> String {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    text.push_str(&charts_block(&by_chart(entries), Indent { key: 2, dash: 2 }, "\n"));
    text.extend(["generated: ", &quoted(generated), "\n"]);
    text
}

impl ChartIndex {
    /// The file with entries added, each before the lower versions of its chart, the charts by name.
    /// `generated` is the time of it all, as Helm writes it. An error where the file is written in a way
    /// that takes no lines: in braces, or so that the result would not read as it should.
    pub fn with(&self, entries: &[NewEntry], generated: &str) -> Result<String, Fail> {
        let text = &self.source.text;
        let mut changes = self.changes(entries)?;
        if let Some((range, plain)) = &self.top.generated {
            let text = if *plain { generated.to_owned() } else { quoted(generated) };
            changes.push(Change { range: range.clone(), text });
        }
        order::sort_by_key(&mut changes, |change| (change.range.start, change.range.end));
        let mut after = String::with_capacity(text.len() + 1024 * entries.len());
        let mut at = 0;
        for change in &changes {
            let before = text.get(at..change.range.start).ok_or_else(|| self.odd("two changes meet"))?;
            after.extend([before, &change.text]);
            at = change.range.end;
        }
        after.push_str(text.get(at..).unwrap_or_default());
        verify::verify(self, entries, &changes, &after).map_err(|why| self.odd(&why))?;
        Ok(after)
    }

    fn changes(&self, entries: &[NewEntry]) -> Result<Vec<Change>, Fail> {
        let new = by_chart(entries);
        let eol = self.source.line_break();
        let mut changes = Vec::new();
        if self.top.flow {
            return Err(self.odd("it is written in braces"));
        }
        if let Some(first) = self.top.first.filter(|_| !self.top.has_api_version) {
            changes.push(Change { range: first..first, text: format!("apiVersion: v1{eol}") });
        }
        let indent = self.indent()?;
        match &self.top.entries {
            None => changes.push(self.whole_entries(&new, indent)),
            Some((_, Held::Nothing(range))) => {
                let block = charts_block(&new, indent, eol);
                changes.push(self.fill(range, &block)?);
            }
            Some((_, Held::Braces)) => return Err(self.odd("its entries are written in braces")),
            Some((_, Held::Lines)) => {
                for (chart, versions) in &new {
                    match self.charts.iter().find(|known| known.name == *chart) {
                        Some(known) => self.add_versions(known, versions, indent, &mut changes)?,
                        None => changes.push(self.add_chart(chart, versions, indent)?),
                    }
                }
            }
        }
        Ok(merged(changes))
    }

    /// Adds the versions of a chart that is there.
    fn add_versions(
        &self,
        chart: &IndexChart,
        versions: &[&NewEntry],
        indent: Indent,
        changes: &mut Vec<Change>,
    ) -> Result<(), Fail> {
        let eol = self.source.line_break();
        match &chart.held {
            Held::Braces => {
                return Err(self.odd(&format!("the entries of {} are written in brackets", chart.name)));
            }
            Held::Nothing(range) => {
                let block: String = versions.iter().map(|new| item(new, indent.dash, eol)).collect();
                changes.push(self.fill(range, &block)?);
                return Ok(());
            }
            Held::Lines => {}
        }
        let dash = match chart.entries.first() {
            Some(entry) => self.dash_of(entry.range.start)?,
            None => indent.dash,
        };
        for new in versions {
            let version = precedence(&new.version);
            let lower = |text: &str| precedence(text) < version;
            let next =
                chart.entries.iter().find(|entry| entry.version.as_ref().is_none_or(|it| lower(&it.text)));
            let at = match next {
                Some(entry) => {
                    self.dash_of(entry.range.start)?;
                    self.above_comments(entry.range.start, chart.key.end)
                }
                None => self.line_end(chart.end),
            };
            changes.push(self.lines_at(at, &item(new, dash, eol)));
        }
        Ok(())
    }

    /// Adds a chart with its versions.
    fn add_chart(&self, name: &str, versions: &[&NewEntry], indent: Indent) -> Result<Change, Fail> {
        let next = self.charts.iter().find(|chart| chart.name.as_str() > name);
        let at = match next {
            Some(chart) => {
                let floor = self.top.entries.as_ref().map_or(0, |(key, _)| *key);
                self.line_indent(chart.key.start)?;
                self.above_comments(chart.key.start, floor)
            }
            None => self.line_end(self.charts.last().map_or(self.top.end, |chart| chart.end)),
        };
        let block = chart_block(name, versions, indent, self.source.line_break());
        Ok(self.lines_at(at, &block))
    }

    /// The key `entries` with all that is in it, for a file that has none.
    fn whole_entries(&self, new: &SortedMap<&str, Vec<&NewEntry>>, indent: Indent) -> Change {
        let eol = self.source.line_break();
        let head = if self.top.first.is_none() { format!("apiVersion: v1{eol}") } else { String::new() };
        let block = format!("{head}entries:{eol}{}", charts_block(new, indent, eol));
        let end = if self.top.first.is_none() { self.source.text.len() } else { self.line_end(self.top.end) };
        self.lines_at(end, &block)
    }

    /// How entries are indented here; where there are none, as Helm does.
    fn indent(&self) -> Result<Indent, Fail> {
        let Some(first) = self.charts.first() else { return Ok(Indent { key: 2, dash: 2 }) };
        let key = match self.top.entries {
            Some((_, Held::Lines)) => self.line_indent(first.key.start)?,
            _ => 2,
        };
        let lined = self.charts.iter().filter(|chart| chart.held == Held::Lines);
        let mut known = lined.filter_map(|chart| chart.entries.first());
        let dash = known.next().and_then(|entry| self.dash_of(entry.range.start).ok());
        Ok(Indent { key, dash: dash.unwrap_or(key) })
    }

    /// Puts lines in the place of nothing, behind its key.
    fn fill(&self, range: &Range<usize>, block: &str) -> Result<Change, Fail> {
        let text = &self.source.text;
        let start = if range.is_empty() {
            // Nothing stands right behind its key, and the colon has yet to come.
            let rest = text.get(range.start..).unwrap_or_default();
            let colon = rest.find(':').filter(|at| rest.get(..*at).is_some_and(|gap| gap.trim().is_empty()));
            range.start + colon.ok_or_else(|| self.odd("a key has no value, and no colon"))? + 1
        } else {
            text.get(..range.start).unwrap_or_default().trim_end_matches(' ').len()
        };
        let eol = self.source.line_break();
        let block = block.strip_suffix(eol).unwrap_or(block);
        let end = range.end.max(start);
        let rest = text.get(end..).unwrap_or_default();
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        // What stands behind, a comment, keeps its distance.
        let end = if rest.get(gap..).is_none_or(|rest| rest.is_empty() || rest.starts_with(['\r', '\n'])) {
            end + gap
        } else {
            end
        };
        Ok(Change { range: start..end, text: format!("{eol}{block}") })
    }

    /// Lines at the beginning of a line, or at the end of a file whose last line is open.
    fn lines_at(&self, at: usize, block: &str) -> Change {
        let eol = self.source.line_break();
        let before = self.source.text.get(..at).unwrap_or_default();
        let open = !before.trim_start_matches(BOM).is_empty() && !before.ends_with('\n');
        let text = if open {
            format!("{eol}{}", block.strip_suffix(eol).unwrap_or(block))
        } else {
            block.to_owned()
        };
        Change { range: at..at, text }
    }

    /// The end of the line that holds the last byte of what ends at an offset, its line break included.
    pub(super) fn line_end(&self, end: usize) -> usize {
        let text = &self.source.text;
        if end > 0 && text.as_bytes().get(end - 1) == Some(&b'\n') {
            return end;
        }
        text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| end + at + 1)
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.source.text.get(..at).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// The beginning of the line of an offset, or of the comments right above it, but not above `floor`.
    fn above_comments(&self, at: usize, floor: usize) -> usize {
        let mut start = self.line_start(at);
        while start > 0 {
            let above = self.line_start(start - 1);
            let line = self.source.text.get(above..start).unwrap_or_default();
            if above <= floor || !line.trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }

    /// How far a key is indented that stands alone in its line.
    fn line_indent(&self, at: usize) -> Result<usize, Fail> {
        let before = self.source.text.get(self.line_start(at)..at).unwrap_or_default();
        let before = before.trim_start_matches(BOM);
        if before.bytes().all(|byte| byte == b' ') {
            return Ok(before.len());
        }
        Err(self.odd("a chart's name does not stand in a line of its own"))
    }

    /// How far the dash of an entry is indented whose first key stands behind it.
    fn dash_of(&self, at: usize) -> Result<usize, Fail> {
        let before = self.source.text.get(self.line_start(at)..at).unwrap_or_default();
        let dash = before.trim_end_matches(' ').strip_suffix('-');
        match dash.filter(|dash| dash.bytes().all(|byte| byte == b' ')) {
            Some(dash) => Ok(dash.len()),
            None => Err(self.odd("an entry does not begin with `- ` and its first key")),
        }
    }

    fn odd(&self, why: &str) -> Fail {
        let path = &self.source.path;
        Fail::new(format!("the chart index {path} can't be added to: {why}; nothing was changed"))
            .help("write it as Helm does: helm repo index --merge of it makes it anew")
    }
}

/// The new entries by chart, the newest version of each first.
fn by_chart(entries: &[NewEntry]) -> SortedMap<&str, Vec<&NewEntry>> {
    let mut charts = SortedMap::grouped(entries.iter().map(|entry| (entry.chart.as_str(), entry)));
    for versions in charts.values_mut() {
        order::sort_by_key(versions, |entry| Reverse(precedence(&entry.version)));
    }
    charts
}

/// A version as Helm orders them: what is no version comes last. `1.2` is 1.2.0.
fn precedence(text: &str) -> Option<Version> {
    let plain = strip_v(text);
    let mut version = [plain.to_owned(), format!("{plain}.0"), format!("{plain}.0.0")]
        .iter()
        .find_map(|it| parse_version(it))?;
    version.build = semver::BuildMetadata::EMPTY;
    Some(version)
}

/// Changes at one place become one, in their order.
fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for change in changes {
        let same = |known: &&mut Change| change.range.is_empty() && known.range == change.range;
        match all.iter_mut().find(same) {
            Some(known) => known.text.push_str(&change.text),
            None => all.push(change),
        }
    }
    all
}

fn charts_block(charts: &SortedMap<&str, Vec<&NewEntry>>, indent: Indent, eol: &str) -> String {
    charts.iter().map(|(name, versions)| chart_block(name, versions, indent, eol)).collect()
}

fn chart_block(name: &str, versions: &[&NewEntry], indent: Indent, eol: &str) -> String {
    let mut block = format!("{:1$}{2}:{eol}", "", indent.key, plain_or_quoted(name));
    block.extend(versions.iter().map(|new| item(new, indent.dash, eol)));
    block
}

/// An entry as an item of a list.
fn item(new: &NewEntry, dash: usize, eol: &str) -> String {
    let mut block = String::new();
    for (line, number) in new.lines.lines().zip(0..) {
        let mark = if number == 0 { "- " } else { "  " };
        if !line.is_empty() {
            block.extend([&" ".repeat(dash), mark, line]);
        }
        block.push_str(eol);
    }
    block
}
