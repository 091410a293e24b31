use std::fmt;

use super::{MinorLine, Version, parse_version};

/// A text with `{version}`, `{major}`, `{minor}`, `{patch}` in it, such as `release-{major}.{minor}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Version,
    Major,
    Minor,
    Patch,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateError {
    /// `{name}` is none of the four.
    UnknownField(String),
    /// A `{` without its `}`.
    Unclosed,
}

/// What the fields stood for in a text that fits.
#[derive(Debug, Clone, Default)]
struct Captures {
    version: Option<Version>,
    numbers: [Option<u64>; 3],
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Field(match name {
                "version" => Field::Version,
                "major" => Field::Major,
                "minor" => Field::Minor,
                "patch" => Field::Patch,
                other => return Err(TemplateError::UnknownField(other.to_owned())),
            }));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The text for a version.
    pub fn fill(&self, version: &Version) -> String {
        self.fill_with(|field| match field {
            Field::Version => version.to_string(),
            Field::Major => version.major.to_string(),
            Field::Minor => version.minor.to_string(),
            Field::Patch => version.patch.to_string(),
        })
    }

    /// The text for a version that may not be SemVer: `{version}` takes the text as it is;
    /// `None` where another field is needed and the text has no such number.
    pub fn fill_text(&self, version: &str) -> Option<String> {
        if let Some(version) = parse_version(version) {
            return Some(self.fill(&version));
        }
        let only_version =
            self.parts.iter().all(|part| matches!(part, Part::Literal(_) | Part::Field(Field::Version)));
        only_version.then(|| self.fill_with(|_| version.to_owned()))
    }

    /// The text for a minor line; `{version}` and `{patch}` become `x`.
    pub fn fill_line(&self, line: MinorLine) -> String {
        self.fill_with(|field| match field {
            Field::Major => line.major.to_string(),
            Field::Minor => line.minor.to_string(),
            Field::Version | Field::Patch => "x".to_owned(),
        })
    }

    /// The version that fills the template to exactly this text. Without `{version}` it needs all
    /// three numbers.
    pub fn version_in(&self, text: &str) -> Option<Version> {
        let captures = self.capture(text)?;
        captures.version.or(match captures.numbers {
            [Some(major), Some(minor), Some(patch)] => Some(Version::new(major, minor, patch)),
            _ => None,
        })
    }

    /// The minor line whose text this is.
    pub fn line_in(&self, text: &str) -> Option<MinorLine> {
        let captures = self.capture(text)?;
        match (captures.version, captures.numbers) {
            (Some(version), _) => Some(MinorLine::from(&version)),
            (None, [Some(major), Some(minor), _]) => Some(MinorLine { major, minor }),
            _ => None,
        }
    }

    /// Whether the text is what some version fills it to.
    pub fn fits(&self, text: &str) -> bool {
        self.capture(text).is_some()
    }

    /// Whether texts of two minor lines differ.
    pub fn tells_lines_apart(&self) -> bool {
        let has = |field| self.parts.contains(&Part::Field(field));
        has(Field::Version) || has(Field::Minor)
    }

    /// Whether it holds any field at all.
    pub fn has_fields(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Field(_)))
    }

    /// The text before the first field.
    pub fn literal_prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn fill_with(&self, value: impl Fn(Field) -> String) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Field(field) => filled.push_str(&value(*field)),
            }
        }
        filled
    }

    fn capture(&self, text: &str) -> Option<Captures> {
        match_parts(&self.parts, text, Captures::default()).filter(Captures::agree)
    }
}

impl Captures {
    fn agree(&self) -> bool {
        let Some(version) = &self.version else { return true };
        let numbers = [version.major, version.minor, version.patch];
        self.numbers.iter().zip(numbers).all(|(seen, number)| seen.is_none_or(|seen| seen == number))
    }

    /// The same with what a field stands for besides; `None` where that is no value of it, or not the one before.
    fn with(&self, field: Field, text: &str) -> Option<Self> {
        let at = match field {
            Field::Version => {
                let version = parse_version(text)?;
                let fits = self.version.as_ref().is_none_or(|before| *before == version);
                return fits.then(|| Self { version: Some(version), numbers: self.numbers });
            }
            Field::Major => 0,
            Field::Minor => 1,
            Field::Patch => 2,
        };
        let number = canonical_number(text)?;
        let mut captures = self.clone();
        let before = captures.numbers.get_mut(at)?.replace(number);
        before.is_none_or(|before| before == number).then_some(captures)
    }
}

/// Matches all of `text`, taking the longest text for each field that lets the rest match.
fn match_parts(parts: &[Part], text: &str, captures: Captures) -> Option<Captures> {
    let Some((part, rest)) = parts.split_first() else {
        return text.is_empty().then_some(captures);
    };
    let field = match part {
        Part::Literal(literal) => return match_parts(rest, text.strip_prefix(literal.as_str())?, captures),
        Part::Field(field) => *field,
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let longest = if field == Field::Version { text.len() } else { digits };
    // What comes last takes all that is left: most templates end in a field, and most texts are no fit.
    let shortest = if rest.is_empty() { text.len() } else { 1 };
    (shortest..=longest).rev().find_map(|end| {
        let (head, tail) = text.split_at_checked(end)?;
        match_parts(rest, tail, captures.with(field, head)?)
    })
}

fn canonical_number(text: &str) -> Option<u64> {
    let is_canonical = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| is_canonical)
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField(name) => write!(
                f,
                "there is no placeholder {{{name}}}; there are {{version}}, {{major}}, {{minor}}, {{patch}}"
            ),
            Self::Unclosed => f.write_str("a `{` has no `}`"),
        }
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn fills_and_finds_versions() {
        let tag = template("v{version}");
        let version = Version::parse("1.2.3-rc.1+b").unwrap();
        assert_eq!(tag.fill(&version), "v1.2.3-rc.1+b");
        assert_eq!(tag.version_in("v1.2.3-rc.1+b"), Some(version));
        for text in ["1.2.3", "v1.2", "v01.2.3", "v1.2.3.4", "V1.2.3"] {
            assert_eq!(tag.version_in(text), None, "{text}");
        }
    }

    #[test]
    fn finds_lines_with_canonical_numbers_only() {
        let branch = template("release-{major}.{minor}");
        assert_eq!(branch.line_in("release-2.10"), Some(MinorLine { major: 2, minor: 10 }));
        assert_eq!(branch.line_in("release-2.08"), None);
        assert_eq!(branch.line_in("release-2.8.1"), None);
    }

    #[test]
    fn repeated_fields_must_agree() {
        let path = template("{major}/{major}.{minor}/{version}");
        assert!(path.fits("1/1.2/1.2.3"));
        assert!(!path.fits("1/2.2/2.2.3"));
        assert!(!path.fits("1/1.2/1.3.0"));
    }

    #[test]
    fn a_version_that_is_not_semver_fills_version_alone() {
        assert_eq!(template("v{version}").fill_text("1.10").as_deref(), Some("v1.10"));
        assert_eq!(template("{major}").fill_text("1.10"), None);
    }

    #[test]
    fn errors_name_the_placeholder() {
        assert_eq!(Template::parse("v{verison}"), Err(TemplateError::UnknownField("verison".into())));
        assert_eq!(Template::parse("v{version"), Err(TemplateError::Unclosed));
    }
}
