//! The hooks of a bare repository, to which others push.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::hooks::{By, Guard, mentions, shim};
use super::{Item, Patient};
use crate::hook::HookName;
use crate::hook::install::{BEFORE, beside, holds_shim, is_executable, runs_folder, server_places};
use crate::hook::receive::{PINNED, pinned};

const WHY: &str = "whatever is pushed is taken without a judgement; a pushed tag starts the release";

pub(super) fn look(patient: &Patient<'_>, items: &mut Vec<Item>) -> Result<Vec<Guard>> {
    let [gitlab, own, each] = server_places(patient.repo);
    let at = [&gitlab, &own, &each].into_iter().find(|path| holds_shim(path)).unwrap_or(&own);
    let mut guard =
        Guard { hook: HookName::PreReceive, path: patient.shown(at), by: Vec::new(), guarded: false };
    match fs::read(at) {
        Ok(text) => {
            guard.by.push(By::of(&text));
            guard.by.splice(0..0, fs::read(beside(at, BEFORE)).ok().map(|text| By::of(&text)));
            guard.guarded = judges(patient, at, &text, items);
        }
        Err(_) => items.push(missing(patient, &own).at(&guard.path, None)),
    }
    if guard.guarded && *at == each {
        guard.guarded = runs_folder(&own);
        if !guard.guarded {
            let message =
                format!("nothing runs what lies in {}", patient.shown(each.parent().unwrap_or(&each)));
            let help =
                "have the forge write its hooks anew, or call the folder's files from hooks/pre-receive";
            items.push(Item::hole("server-not-run", message, WHY).at(patient.shown(&own), None).help(help));
        }
    }
    config(patient, items)?;
    Ok(vec![guard])
}

/// Whether the hook at a path has relguard judge.
fn judges(patient: &Patient<'_>, path: &Path, text: &[u8], items: &mut Vec<Item>) -> bool {
    let place = patient.shown(path);
    if !is_executable(path) {
        let help = format!("chmod +x '{}'", path.display());
        let item = Item::hole("hook-not-executable", "the pre-receive hook is not executable", WHY);
        items.push(item.at(place, None).help(help));
        return false;
    }
    if By::of(text) == By::Relguard {
        return shim(patient, HookName::PreReceive, path, items);
    }
    if mentions(&String::from_utf8_lossy(text)) {
        return true;
    }
    items.push(
        Item::hole("hook-other", "the pre-receive hook is not relguard's", WHY)
            .at(place, None)
            .help("relguard install: it calls the hook that is there"),
    );
    false
}

fn missing(patient: &Patient<'_>, own: &Path) -> Item {
    let update = own.with_file_name(HookName::Update.file_name());
    let in_update = [update.clone(), update.with_extension("d").join("relguard")]
        .iter()
        .any(|path| fs::read_to_string(path).is_ok_and(|text| mentions(&text)));
    if in_update {
        return Item::hole(
            "server-update-only",
            format!("relguard judges in {} alone, and not in pre-receive", patient.shown(&update)),
            "update sees one ref at a time: it can't see a branch that comes behind its tag in one push",
        )
        .help("relguard install puts in pre-receive, which sees the whole push; then take update out");
    }
    Item::hole("hook-missing", "there is no pre-receive hook", WHY).help("relguard install")
}

/// Which config judges, and who may change it.
fn config(patient: &Patient<'_>, items: &mut Vec<Item>) -> Result<()> {
    match pinned(patient.repo) {
        Ok(Some(_)) => {}
        Ok(None) => items.push(
            Item::note(
                "server-config",
                format!("the default branch's own .relguard.yaml judges: {PINNED} is not set"),
                "whoever may push to the default branch can weaken the gate for the next push",
            )
            .help(format!("git config {PINNED} FILE pins a config that no push can change")),
        ),
        Err(error) => items.push(
            Item::hole(
                "server-config",
                format!("the config that {PINNED} names can't be used: {error:#}"),
                "every push is refused",
            )
            .help(format!("mend that file, or: git config --unset {PINNED}")),
        ),
    }
    let branches = patient.repo.list_refs("refs/heads/")?;
    let configured = patient.config.default_branch.as_deref();
    if !branches.is_empty() && patient.repo.default_branch(configured, &patient.config.remote).is_none() {
        items.push(
            Item::warning(
                "remote-head",
                "the repository has no default branch: HEAD names one that does not exist",
                "a new release branch has nothing that it can be cut from, and is refused",
            )
            .help("git symbolic-ref HEAD refs/heads/NAME, or `default-branch` in .relguard.yaml"),
        );
    }
    Ok(())
}
