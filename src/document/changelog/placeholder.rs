/// Words that stand for text still to be written, letters and digits only.
const PLACEHOLDERS: [&str; 17] = [
    "none",
    "na",
    "notapplicable",
    "nothing",
    "nochange",
    "nochanges",
    "nonotablechanges",
    "tbd",
    "tobedone",
    "tobedetermined",
    "tba",
    "tobeannounced",
    "todo",
    "wip",
    "fixme",
    "placeholder",
    "comingsoon",
];

/// Whether a line says nothing: it has no words, or only stands for text still to be written.
pub fn is_placeholder(line: &str) -> bool {
    // The number of a list's item says nothing.
    let item = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = item.strip_prefix(['.', ')']).unwrap_or(line);
    let word: String = item.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    word.is_empty() || PLACEHOLDERS.contains(&word.as_str())
}

/// Whether a line only says where links of this name lead: `[1.2.3]: https://…`.
pub fn is_link_target(line: &str) -> bool {
    line.starts_with('[') && line.split_once("]:").is_some_and(|(name, _)| !name.contains(']'))
}
