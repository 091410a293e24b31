//! What the parser stumbled over, in words that say what to write instead.

use granit_parser::ErrorKind;

/// The cause and the way out.
pub(super) fn in_words(kind: &ErrorKind) -> (String, &'static str) {
    use ErrorKind as Kind;
    let (cause, help) = match kind {
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabAtBlockScalarStart
        | Kind::TabInPlainScalar => ("a tab stands where YAML takes spaces only", "indent with spaces"),
        Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::UnclosedFlowCollection { .. }
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::ExpectedFlowMappingSeparator => {
            ("a bracket or brace is not closed, or a comma is missing", "close it, or write the comma")
        }
        Kind::MisplacedFlowCollectionEnd | Kind::MismatchedFlowCollectionEnd { .. } => {
            ("a bracket or brace is closed that was not opened", "remove it, or open it")
        }
        Kind::UnclosedQuotedScalar
        | Kind::DocumentIndicatorInQuotedScalar
        | Kind::InvalidQuotedScalarIndent => {
            ("a quote is not closed, or the lines in it are not indented", "close it, or indent them")
        }
        Kind::UnknownQuotedScalarEscape | Kind::InvalidQuotedScalarHexEscape | Kind::InvalidUnicodeEscape => {
            ("there is no such escape in double quotes", "write a backslash twice, or use single quotes")
        }
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            ("something stands behind a closed quote", "put all of the value into the quotes")
        }
        Kind::UnknownAnchor => ("the alias names no anchor above it", "define `&name` above `*name`"),
        Kind::RecursionLimitExceeded => ("it is nested too deeply", "take levels out of it"),
        Kind::MappingValueNotAllowed
        | Kind::MappingKeyNotAllowed
        | Kind::InvalidColonPlacement
        | Kind::InvalidMappingValueWhitespace => {
            ("a `:` stands where no key can be", "put the value in quotes, or correct the indentation")
        }
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            ("a `:` is missing behind the key", "write `key: value`")
        }
        Kind::InvalidIndentation
        | Kind::ExpectedBlockMappingKey
        | Kind::ExpectedBlockSequenceEntry
        | Kind::InvalidBlockScalarIndent
        | Kind::InvalidFlowScalarIndent
        | Kind::BlockSequenceEntryNotAllowed => {
            ("the indentation fits none of the lines above", "indent it like its neighbours")
        }
        Kind::UnexpectedCharacter { character } => {
            let cause = format!("a value can't begin with `{character}` here");
            return (cause, "put the value in quotes");
        }
        Kind::CommentNotSeparated | Kind::CommentInterceptedScalar => {
            ("a comment stands where none can be", "put a space before `#`, or the value in quotes")
        }
        Kind::BomInsideDocument => ("a byte-order mark stands inside the file", "remove it"),
        _ => ("it is no YAML from here on", "the file must be one YAML document"),
    };
    (cause.to_owned(), help)
}
