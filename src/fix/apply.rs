use std::fmt;

use crate::domain::order;
use crate::finding::Edit;

/// Why edits can't be applied to a text.
#[derive(Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// Two of them want the same bytes.
    Overlap,
    /// One of them lies outside the text, or inside a character.
    OutOfText,
}

/// The text with the edits applied; bytes outside them stay as they are. Edits that are the same count once.
pub fn apply(text: &str, edits: &[&Edit]) -> Result<String, ApplyError> {
    let mut edits = edits.to_vec();
    order::sort_by(&mut edits, |a, b| {
        (a.range.start, a.range.end, &a.replacement).cmp(&(b.range.start, b.range.end, &b.replacement))
    });
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut last_start = None;
    for edit in edits {
        // Two insertions at one place would have no order.
        if edit.range.start < at || last_start == Some(edit.range.start) {
            return Err(ApplyError::Overlap);
        }
        last_start = Some(edit.range.start);
        out.push_str(text.get(at..edit.range.start).ok_or(ApplyError::OutOfText)?);
        text.get(edit.range.clone()).ok_or(ApplyError::OutOfText)?;
        out.push_str(&edit.replacement);
        at = edit.range.end;
    }
    out.push_str(text.get(at..).ok_or(ApplyError::OutOfText)?);
    Ok(out)
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overlap => "two fixes want to change the same place",
            Self::OutOfText => "a fix points outside the file",
        })
    }
}

impl std::error::Error for ApplyError {}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use crate::domain::RepoPath;

    fn edit(range: Range<usize>, replacement: &str) -> Edit {
        Edit { path: RepoPath::default(), range, replacement: replacement.into() }
    }

    #[test]
    fn edits_are_applied_in_the_order_of_the_text() {
        let (a, b) = (edit(4..5, "Z"), edit(0..1, "XX"));
        assert_eq!(apply("abcdef", &[&a, &b, &a]).unwrap(), "XXbcdZf");
    }

    #[test]
    fn what_can_not_be_applied_is_refused() {
        assert_eq!(apply("abc", &[&edit(0..2, "x"), &edit(1..3, "y")]), Err(ApplyError::Overlap));
        assert_eq!(apply("abc", &[&edit(1..1, "x"), &edit(1..1, "y")]), Err(ApplyError::Overlap));
        assert_eq!(apply("é", &[&edit(1..2, "x")]), Err(ApplyError::OutOfText));
        assert_eq!(apply("abc", &[&edit(3..4, "x")]), Err(ApplyError::OutOfText));
    }
}
