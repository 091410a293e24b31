//! Findings that the project knows of and lives with.

use crate::config::{Config, Exception};
use crate::domain::Date;
use crate::finding::{Finding, Related, Severity, Subject};
use crate::rules::find;

/// The rules that speak of updates alone: in an audit nothing can match them.
const OF_UPDATES: [&str; 3] = ["branch/rewrite", "tag/immutable", "tag/tip"];

/// Marks the findings that are excepted today. One whose exception has ended says so.
pub(super) fn mark(findings: &mut [Finding], config: &Config) {
    if !config.exceptions.is_empty() {
        mark_on(findings, config, Date::today());
    }
}

fn mark_on(findings: &mut [Finding], config: &Config, today: Date) {
    for exception in &config.exceptions {
        let stands = exception.until.is_none_or(|until| today <= until);
        for finding in findings.iter_mut().filter(|finding| covers(exception, finding)) {
            if stands {
                finding.excepted = Some(exception.reason.clone());
            } else if let Some(location) = exception.at.clone() {
                let message = "the exception for it has ended".to_owned();
                finding.related.push(Related { message, location });
            }
        }
    }
}

/// Warnings of the exceptions that no finding needs. `passed_over` tells the names of refs that were not
/// looked at, of which nothing is known.
pub(super) fn unused(
    findings: &[Finding],
    config: &Config,
    passed_over: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let idle = config.exceptions.iter().filter(|exception| {
        let speaks_here = find(exception.rule).is_some() && !OF_UPDATES.contains(&exception.rule);
        let is_ref = !["worktree", "index"].contains(&exception.on.as_str());
        speaks_here
            && is_ref
            && !passed_over(&exception.on)
            && !findings.iter().any(|finding| covers(exception, finding))
    });
    idle.map(|exception| Finding {
        rule: exception.rule,
        severity: Severity::Warning,
        message: format!("the exception for {} on {} matches nothing", exception.rule, exception.on),
        help: Some("take it out of the config".to_owned()),
        subject: Subject::worktree(),
        location: exception.at.clone(),
        related: Vec::new(),
        fix: None,
        excepted: None,
    })
    .collect()
}

fn covers(exception: &Exception, finding: &Finding) -> bool {
    finding.rule == exception.rule && finding.subject.name == exception.on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_holds_to_the_end_of_its_day() {
        let mut config = Config::built_in().unwrap();
        config.exceptions.push(Exception {
            rule: "branch/version",
            on: "release-1.0".into(),
            reason: "known".into(),
            until: Date::parse("2027-01-01"),
            at: None,
        });
        let excepted = |day: &str| {
            let mut findings = [Finding {
                rule: "branch/version",
                severity: Severity::Error,
                message: "x".into(),
                help: None,
                subject: Subject::branch("release-1.0", None),
                location: None,
                related: Vec::new(),
                fix: None,
                excepted: None,
            }];
            mark_on(&mut findings, &config, Date::parse(day).unwrap());
            findings[0].excepted.clone()
        };
        assert_eq!(excepted("2027-01-01").as_deref(), Some("known"));
        assert_eq!(excepted("2027-01-02"), None);
    }
}
