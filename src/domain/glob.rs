use std::fmt;

use glob::{MatchOptions, Pattern};

/// A glob in which `*` and `?` do not cross `/`, and `**` does.
#[derive(Clone)]
pub struct Glob {
    pattern: String,
    matcher: Pattern,
}

/// Why a text is no glob, in one line.
#[derive(Debug)]
pub struct GlobError(String);

impl Glob {
    /// Compiles a pattern.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        Pattern::new(pattern)
            .map(|matcher| Self { pattern: pattern.to_owned(), matcher })
            .map_err(|error| GlobError(error.msg.to_owned()))
    }

    /// Whether the whole text fits.
    pub fn matches(&self, text: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        self.matcher.matches_with(text, options)
    }

    /// Whether the pattern can fit only its own text.
    pub fn is_literal(&self) -> bool {
        !self.pattern.contains(['*', '?', '['])
    }

    /// The folders before the first wildcard, without a trailing `/`; where a search has to begin.
    pub fn literal_folder(&self) -> &str {
        let end = self.pattern.find(['*', '?', '[']).unwrap_or(self.pattern.len());
        let head = self.pattern.get(..end).unwrap_or_default();
        head.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// How many folders below `literal_folder` a match can lie; `None` where `**` leaves that open.
    pub fn depth(&self) -> Option<usize> {
        let rest = self.pattern.get(self.literal_folder().len()..).unwrap_or_default();
        (!rest.contains("**")).then(|| rest.trim_matches('/').split('/').count())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.pattern)
    }
}

impl fmt::Display for GlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GlobError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_folder() {
        let glob = Glob::parse("charts/*").unwrap();
        assert!(glob.matches("charts/hami"));
        assert!(!glob.matches("charts/hami/sub"));
        assert_eq!((glob.literal_folder(), glob.depth()), ("charts", Some(1)));
        let below = Glob::parse("api/**").unwrap();
        assert!(below.matches("api/v1") && below.matches("api/v1/x") && !below.matches("apis/v1"));
        let deep = Glob::parse("**/chart").unwrap();
        assert!(deep.matches("a/b/chart"));
        assert_eq!((deep.literal_folder(), deep.depth()), ("", None));
    }
}
