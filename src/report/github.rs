//! The commands of `--format github`: a line each, which GitHub's runner shows at the place in a change.

use crate::domain::text::visible;
use crate::engine::Report;
use crate::finding::{Finding, Location, Severity};

use super::words::notes;

/// The report as workflow commands; a run without findings prints none.
pub fn render(report: &Report) -> String {
    report.findings.iter().map(command).collect()
}

fn command(finding: &Finding) -> String {
    let name = match (&finding.excepted, finding.severity) {
        (Some(_), _) => "notice",
        (None, Severity::Error) => "error",
        (None, Severity::Warning) => "warning",
    };
    let mut properties = finding.location.as_ref().map(place).unwrap_or_default();
    properties.push(("title", finding.rule.to_owned()));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let mut lines = vec![visible(&finding.message).into_owned()];
    lines.extend(notes(finding));
    format!("::{name} {}::{}\n", properties.join(","), data(&lines.join("\n")))
}

/// The runner takes columns only where the range ends in the line in which it begins.
fn place(location: &Location) -> Vec<(&'static str, String)> {
    let (start, end) = (location.start(), location.end());
    let mut properties = vec![
        ("file", visible(location.path().as_str()).into_owned()),
        ("line", start.line.to_string()),
        ("endLine", end.line.to_string()),
    ];
    if start.line == end.line {
        let columns = [("col", start.column.to_string()), ("endColumn", end.column.to_string())];
        properties.extend(columns);
    }
    properties
}

/// A command's text: what would end the line is written as the runner reads it back. `##[` begins a
/// command of the runner's older form wherever it stands, and has no such way; it is shown as an escape.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace("##[", "#\\u0023[")
}

/// A property's value, which a colon or a comma would end as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_value_or_begins_a_command() {
        assert_eq!(data("100%\r\n%0A::error::x, ##[group]"), "100%25%0D%0A%250A::error::x, #\\u0023[group]");
        assert_eq!(property("a,b:c%3A\n"), "a%2Cb%3Ac%253A%0A");
    }
}
