//! Unified diffs, as `git apply` takes them.

use std::ops::Range;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{DiffOp, DiffTag};

use crate::domain::text::visible;

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// The diff of one file, which was not there where `before` is `None`; nothing where it stays the same.
pub(super) fn unified(path: &str, before: Option<&str>, after: &str) -> String {
    let old: Vec<&str> = before.unwrap_or_default().split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let hunks: String = hunks(&old, &new).iter().map(|ops| hunk(ops, &old, &new)).collect();
    if hunks.is_empty() {
        return hunks;
    }
    let path = visible(path);
    let from = before.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    format!("--- {from}\n+++ b/{path}\n{hunks}")
}

fn hunks(old: &[&str], new: &[&str]) -> Vec<Vec<DiffOp>> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    // By its own name, one algorithm is linked in; by a value that names it, all six would be.
    let Ok(()) = myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    hook.into_inner().into_inner().into_grouped_ops(CONTEXT)
}

fn hunk(ops: &[DiffOp], old: &[&str], new: &[&str]) -> String {
    let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return String::new() };
    let gone = extent(first.old_range().start..last.old_range().end);
    let come = extent(first.new_range().start..last.new_range().end);
    let mut out = format!("@@ -{gone} +{come} @@\n");
    for op in ops {
        let (tag, gone, come) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            lines(&mut out, ' ', old.get(gone));
        } else {
            lines(&mut out, '-', old.get(gone));
            lines(&mut out, '+', new.get(come));
        }
    }
    out
}

/// Where a hunk's lines stand, as a header says it: no lines stand behind the one before them.
fn extent(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn lines(out: &mut String, tag: char, lines: Option<&[&str]>) {
    for line in lines.unwrap_or_default() {
        out.push(tag);
        out.push_str(&printable(line));
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// A line in which nothing steers a terminal; tabs and its break stay, so that the diff can be applied.
fn printable(line: &str) -> String {
    let body = line.trim_end_matches(['\r', '\n']);
    let shown: Vec<_> = body.split('\t').map(visible).collect();
    shown.join("\t") + line.get(body.len()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_can_not_steer_a_terminal() {
        assert_eq!(printable("a\tb\u{1b}[31m\r\n"), "a\tb\\u{1b}[31m\r\n");
        assert_eq!(printable("\u{202e}\n"), "\\u{202e}\n");
    }

    #[test]
    fn hunks_are_apart_where_their_lines_are() {
        let before = (1..=20).map(|line| line.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        let after = before.replace("\n2\n", "\ntwo\nmore\n").replace("\n19\n", "\n");
        let expected = "--- a/f\n+++ b/f\n@@ -1,5 +1,6 @@\n 1\n-2\n+two\n+more\n 3\n 4\n 5\n\
                        @@ -16,5 +17,4 @@\n 16\n 17\n 18\n-19\n 20\n";
        assert_eq!(unified("f", Some(&before), &after), expected);
        assert_eq!(unified("f", Some(&before), &before), "");
    }

    #[test]
    fn files_may_be_new_or_lack_a_last_line_break() {
        assert_eq!(unified("f", None, "a\n"), "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n");
        let expected = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n";
        assert_eq!(unified("f", Some("a"), "b\n"), expected);
    }
}
