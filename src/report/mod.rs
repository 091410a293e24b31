//! Reports: one file a format; a report goes in, text comes out.

mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
mod words;

pub use github::render as github;
pub use human::{Detail, Width, render as human};
pub use json::{Tool, escape_text, findings as json_findings, render as json};
pub use junit::render as junit;
pub use markdown::render as markdown;
pub use sarif::render as sarif;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Oid;
    use crate::engine::{Judged, Report};
    use crate::finding::{Finding, Severity, Subject, SubjectKind};

    #[test]
    fn a_finding_about_a_ref_needs_no_file() {
        let commit = Some(Oid::new([0x12; 20]));
        let finding = Finding {
            rule: "branch/version",
            severity: Severity::Error,
            message: "it is wrong".to_owned(),
            help: Some("mend it".to_owned()),
            subject: Subject { kind: SubjectKind::Tag, name: "v1.0|\u{202e}".to_owned(), commit },
            location: None,
            related: Vec::new(),
            fix: None,
            excepted: None,
        };
        let report = Report { scope: "ref", findings: vec![finding], judged: Judged::charts(1) };
        let note = r"note: tag v1.0|\u{202e} (1212121)";
        let command = format!("::error title=branch/version::it is wrong%0A{note}%0Ahelp: mend it\n");
        assert_eq!(github(&report), command);
        assert!(
            markdown(&report).contains("\n### Tag v1.0\\|\\\\u{202e} (1212121)\n"),
            "{}",
            markdown(&report)
        );
        assert!(junit(&report).contains(r#"name="tag v1.0|\u{202e}""#), "{}", junit(&report));
        let log: serde_json::Value = serde_json::from_str(&sarif(&report)).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0];
        let wanted = serde_json::json!([{"name": r"v1.0|\u{202e}", "kind": "tag"}]);
        assert_eq!(place["logicalLocations"], wanted);
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], ".relguard.yaml");
    }
}
