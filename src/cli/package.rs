//! `relguard package`

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::args::{Common, PackageArgs};
use super::console::Console;
use super::process::{Showing, carry_out_with};
use super::{Status, forced_config};
use crate::domain::text::visible;
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{Absent, Fetched, Packaged, package};

/// Makes the archives of a commit's charts.
pub(super) fn run(args: &PackageArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let mut progress = |text: &str| console.progress(text);
    let made = package(&judging, args.rev.as_deref(), &args.destination, &mut progress)?;
    let dry_run = args.step.dry_run;
    let (name, list): (_, Vec<Value>) = if made.plan.is_refused(common.strict) {
        ("missing", made.missing.iter().map(absent).collect())
    } else {
        ("archives", made.archives.iter().map(details).collect())
    };
    let mut details = Map::new();
    details.insert(name.to_owned(), list.into());
    let showing = Showing { dry_run, details, alone: Some(lines(&made.archives, dry_run)) };
    carry_out_with(&repo, &made.plan, &showing, common, console)
}

fn details(made: &Packaged) -> Value {
    json!({
        "path": made.path.display().to_string(),
        "chart": made.chart,
        "name": made.name,
        "version": made.version,
        "commit": made.commit.to_string(),
        "files": made.files,
        "size": made.size,
        "sha256": made.sha256,
        "fetched": made.fetched.iter().map(of_disk).collect::<Vec<_>>(),
    })
}

fn absent(missing: &Absent) -> Value {
    json!({ "chart": missing.chart, "name": missing.name, "repository": missing.repository })
}

fn of_disk(fetched: &Fetched) -> Value {
    json!({
        "name": fetched.name,
        "version": fetched.version,
        "path": fetched.path.as_str(),
        "sha256": fetched.sha256,
    })
}

/// A line an archive, as `sha256sum` writes and checks them.
fn lines(archives: &[Packaged], dry_run: bool) -> String {
    let mut text = String::new();
    for made in archives {
        let path = made.path.display().to_string();
        let _ = write!(text, "{}  {}", made.sha256, visible(&path));
        if dry_run {
            let _ = write!(text, "  ({} files, {} bytes)", made.files, made.size);
        }
        text.push('\n');
    }
    text
}
