//! `relguard rules`, `explain`

use anyhow::Result;
use serde::Serialize;

use super::Status;
use super::args::{Common, Format};
use super::console::Console;
use crate::domain::Fail;
use crate::domain::text::nearest;
use crate::finding::Severity;
use crate::report::escape_text;
use crate::rules::{RULES, Rule, find};

#[derive(Serialize)]
struct RuleOut {
    id: &'static str,
    severity: &'static str,
    fix: &'static str,
    summary: &'static str,
}

/// Lists the rules.
pub(super) fn list(common: &Common, console: &mut Console) -> Result<Status> {
    let rows: Vec<RuleOut> = RULES.iter().map(|rule| row(rule)).collect();
    let text = match common.format {
        Format::Json => escape_text(&rows),
        Format::Human => {
            let lines = rows.iter().map(|rule| {
                format!("{:<22} {:<8} {:<7} {}\n", rule.id, rule.severity, rule.fix, rule.summary)
            });
            format!(
                "{:<22} {:<8} {:<7} finding when\n{}",
                "rule",
                "severity",
                "fix",
                lines.collect::<String>()
            )
        }
        // The others are forms of findings.
        _ => {
            return Err(Fail::new("the list of rules has no such format")
                .help("--format takes human or json here")
                .into());
        }
    };
    console.print(&text);
    Ok(Status::Passed)
}

/// Prints a rule's page.
pub(super) fn explain(id: &str, console: &mut Console) -> Result<Status> {
    let Some(rule) = find(id) else {
        let near = nearest(id, RULES.iter().map(|rule| rule.meta.id));
        let help =
            near.map_or("`relguard rules` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Fail::new(format!("there is no rule `{id}`")).help(help).into());
    };
    console.print(rule.meta.page());
    Ok(Status::Passed)
}

fn row(rule: &Rule) -> RuleOut {
    let severity = match rule.meta.severity {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        None => "off",
    };
    RuleOut { id: rule.meta.id, severity, fix: rule.meta.fix.words(), summary: rule.meta.summary }
}
