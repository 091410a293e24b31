//! The text of a file, as the YAML parser reads it.

use granit_parser::input::{SkipTabs, WhitespaceResult};
use granit_parser::{BorrowedInput, ErrorKind, Input, Options, Parser, StrInput};

/// Begins to read a text. Comments are checked and passed over.
pub(super) fn parser(text: &str) -> Parser<'_, Text<'_>> {
    // Another crate may have the parser built so that it tells of comments.
    let mut options = Options::default();
    options.emit_comments = false;
    Parser::with_options(Text { whole: text, begin: 0, rest: StrInput::new(text) }, options)
}

/// The parser's own input, but for comments: they are most of a usual values file, and it takes them character
/// by character.
pub(super) struct Text<'a> {
    whole: &'a str,
    /// The byte at which `rest` begins.
    begin: usize,
    rest: StrInput<'a>,
}

impl Text<'_> {
    fn here(&self) -> usize {
        self.begin + self.rest.byte_offset().unwrap_or_default()
    }
}

/// Methods that are left to the parser's own input.
macro_rules! as_it_is {
    ($(fn $name:ident(&self $(, $argument:ident: $kind:ty)*) -> $result:ty;)*) => {
        $(#[inline] fn $name(&self $(, $argument: $kind)*) -> $result { self.rest.$name($($argument),*) })*
    };
    ($(fn $name:ident(&mut self $(, $argument:ident: $kind:ty)*) -> $result:ty;)*) => {
        $(#[inline] fn $name(&mut self $(, $argument: $kind)*) -> $result { self.rest.$name($($argument),*) })*
    };
}

impl Input for Text<'_> {
    fn skip_while_non_breakz(&mut self) -> usize {
        let here = self.here();
        let rest = self.whole.as_bytes().get(here..).unwrap_or_default();
        let plain = rest.iter().take_while(|byte| matches!(byte, b'\t' | b' '..=b'~')).count();
        let lookahead = self.rest.buflen();
        self.begin = here + plain;
        // What was passed over is ASCII, so that this is a character's first byte.
        self.rest = StrInput::new(self.whole.get(self.begin..).unwrap_or_default());
        self.rest.lookahead(lookahead);
        plain + self.rest.skip_while_non_breakz()
    }

    #[inline]
    fn byte_offset(&self) -> Option<usize> {
        Some(self.here())
    }

    #[inline]
    fn slice_bytes(&self, start: usize, end: usize) -> Option<&str> {
        self.whole.get(start..end)
    }

    as_it_is! {
        fn buflen(&self) -> usize;
        fn bufmaxlen(&self) -> usize;
        fn peek(&self) -> char;
        fn peek_nth(&self, n: usize) -> char;
        fn next_2_are(&self, first: char, second: char) -> bool;
        fn next_3_are(&self, first: char, second: char, third: char) -> bool;
        fn next_is_document_indicator(&self) -> bool;
        fn next_is_document_start(&self) -> bool;
        fn next_is_document_end(&self) -> bool;
        fn next_is_blank_or_break(&self) -> bool;
        fn next_is_blank_or_breakz(&self) -> bool;
        fn next_is_blank(&self) -> bool;
        fn next_is_break(&self) -> bool;
        fn next_is_breakz(&self) -> bool;
        fn next_is_z(&self) -> bool;
        fn next_is_flow(&self) -> bool;
        fn next_is_digit(&self) -> bool;
        fn next_is_alpha(&self) -> bool;
    }

    as_it_is! {
        fn lookahead(&mut self, count: usize) -> ();
        fn raw_read_ch(&mut self) -> char;
        fn raw_read_non_breakz_ch(&mut self) -> Option<char>;
        fn skip(&mut self) -> ();
        fn skip_n(&mut self, count: usize) -> ();
        fn skip_ws_to_eol(&mut self, tabs: SkipTabs) -> (usize, Result<WhitespaceResult, ErrorKind>);
        fn skip_ws_to_eol_blanks(&mut self, tabs: SkipTabs) -> (usize, WhitespaceResult);
        fn skip_while_blank(&mut self) -> usize;
        fn fetch_while_is_alpha(&mut self, out: &mut String) -> usize;
        fn fetch_while_is_yaml_non_space(&mut self, out: &mut String) -> usize;
        fn fetch_block_scalar_line(&mut self, out: &mut String) -> usize;
        fn take_quoted_scalar_ascii_chunk(&mut self, single: bool) -> &str;
        fn take_quoted_scalar_chunk(&mut self, single: bool) -> (&str, usize);
        fn fetch_plain_scalar_chunk(&mut self, out: &mut String, count: usize, flow: bool) -> (bool, usize);
        fn skip_plain_scalar_chunk(&mut self, count: usize, flow: bool) -> (bool, usize);
    }
}

impl<'a> BorrowedInput<'a> for Text<'a> {
    #[inline]
    fn slice_borrowed(&self, start: usize, end: usize) -> Option<&'a str> {
        self.whole.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All events with their places, up to the first error.
    fn events<'a>(parser: Parser<'a, impl BorrowedInput<'a>>) -> Vec<String> {
        parser.map(|event| format!("{event:?}")).collect()
    }

    fn assert_same(text: &str) {
        assert_eq!(events(parser(text)), events(Parser::new_from_str(text)), "{text:?}");
    }

    #[test]
    fn odd_comments_are_read_as_the_parser_reads_them() {
        for text in [
            "#",
            "# only",
            "a: 1 # bcd\r\n#\tx\r\nc: 2\r\n",
            "a: 1 # ä, then é\n# 中文 and more\nb: \"#\" #é",
            "a: 1 # a control \u{1}\n",
            "a: 1 # \u{85} \u{2028} x\nb: 2",
            "a: 1 # nul \0 here\n",
            "a: 1#no comment\nb: [1, #é\n 2] # x",
            "a: | # of a block\n  # text\n  b\n # behind it\nc: 1",
            "- # first\n  a\n-\t# second \u{7f}\n  b\n",
        ] {
            assert_same(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_the_parser_reads_it(text in "([a:\\-\"'|>#é\\[\\]{}&*! \t]|\r?\n|# [b-dé\u{1}]{1,4}){0,30}") {
            assert_same(&text);
        }
    }
}
