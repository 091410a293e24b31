//! `relguard audit`

use anyhow::Result;

use super::args::{AuditArgs, Common};
use super::console::Console;
use super::{Status, forced_config};
use crate::domain::{Fail, order, parse_version, strip_v};
use crate::engine::{Inspection, Judge};
use crate::finding::Finding;
use crate::git::Repo;

/// Judges the whole history and prints what was found.
pub(super) fn run(args: &AuditArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let since = args.since.as_deref().map(|text| {
        parse_version(strip_v(text)).ok_or_else(|| {
            Fail::new(format!("--since {text} is no version")).help("write it as in --since v1.2.0")
        })
    });
    let config = judging.standing_config()?;
    let (inspection, passed_over) = Inspection::audit(&repo, config, since.transpose()?.as_ref())?;
    let governing = inspection.governing();
    if !passed_over.is_empty() {
        console.detail(&format!("passing over {} older refs", passed_over.len()));
    }
    let mut report = inspection.run(&judging)?;
    report.findings.extend(Inspection::unused_exceptions(&governing, &report, &passed_over));
    order::sort_by(&mut report.findings, Finding::order);
    console.report(&report, common.format);
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}
