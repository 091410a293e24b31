//! `chart/carrier-sync`

use super::what_to_write;
use crate::config::Config;
use crate::document::carrier::Carried;
use crate::document::chart::Field;
use crate::finding::{Fix, Location, Severity};
use crate::project::{CarrierFile, Chart, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/carrier-sync",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "a file that the config lists carries another version than the chart",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let version = project.leading_chart().and_then(Chart::version);
    for carrier in &project.carriers {
        match &carrier.found {
            Err(broken) => findings
                .add(Draft::unreadable(broken, "correct the file, or take the carrier out of the config")),
            Ok(None) => findings.add(file_missing(carrier)),
            Ok(Some(places)) if places.is_empty() => findings.add(place_missing(carrier)),
            Ok(Some(places)) => {
                let Some(version) = &version else { continue };
                let Some(expected) = carrier.config.value.fill_text(&version.value.text) else { continue };
                for place in places.iter().filter(|place| place.value.text != expected) {
                    let edit = place.set(&expected).filter(|_| project.is_settled());
                    let title = format!("set {} to {expected}", name(carrier));
                    let fix = edit.map(|edit| Fix::safe(title, vec![edit]));
                    let help = what_to_write(&expected, &version.value.text, project.is_settled());
                    findings.add(differs(carrier, place, version).help(help).fix(fix));
                }
            }
        }
    }
}

/// The carrier in a finding's words.
fn name(carrier: &CarrierFile) -> String {
    match &carrier.config.place {
        Some(place) => format!("{place} of {}", carrier.config.file),
        None => carrier.config.file.to_string(),
    }
}

fn differs(carrier: &CarrierFile, place: &Carried, version: &Field) -> Draft {
    let text = match place.value.text.split_once('\n') {
        Some((first, _)) => format!("{} …", first.trim_end()),
        None if place.value.text.is_empty() => "empty".to_owned(),
        None => place.value.text.clone(),
    };
    Draft::new(format!("{} is {text}, but version is {}", name(carrier), version.value.text))
        .at(place.value.location.clone())
        .related("the chart's version", Some(version.value.location.clone()))
        .related("the config asks for it", carrier.config.at.clone())
}

fn file_missing(carrier: &CarrierFile) -> Draft {
    let draft = Draft::new(format!(
        "{} is missing: the config says that it carries the version",
        carrier.config.file
    ));
    draft.at(place_in_config(carrier)).help("add the file, or take the carrier out of the config")
}

fn place_missing(carrier: &CarrierFile) -> Draft {
    let what = carrier.config.place.as_deref().unwrap_or("the version");
    let draft = Draft::new(format!(
        "{} has no {what}, which the config says carries the version",
        carrier.config.file
    ));
    draft
        .at(Location::file(&carrier.config.file))
        .related("the config asks for it", carrier.config.at.clone())
        .help("correct the key or the regex in the config, or the file")
}

fn place_in_config(carrier: &CarrierFile) -> Location {
    carrier.config.at.clone().unwrap_or_else(|| Location::file(&carrier.config.file))
}
