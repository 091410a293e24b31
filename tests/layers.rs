//! The house's order: what a module may use, who may name git2, and how long a file may grow.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module uses only modules before it.
const ORDER: &[&str] = &[
    "domain", "finding", "git", "source", "document", "config", "project", "rules", "engine", "fix",
    "report", "release", "hook", "cli",
];

/// What rules see: facts, and neither files nor repositories.
const RULES_SEE: &[&str] = &["domain", "finding", "document", "project", "config"];

/// No file is longer, in lines.
const LONGEST: usize = 500;

/// A source file: its path below src, the module it belongs to, its text.
struct Source {
    path: String,
    module: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let read = |file: &PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        Source { path, module, text: fs::read_to_string(file).unwrap() }
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The modules of the crate that a text names as `crate::module` or in `crate::{…}`, comments left out.
fn used(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => found.extend(top_names(list)),
            None => found.extend(name(after)),
        }
    }
    found
}

/// The first names in the items of `{a::b, c::{d, e}}`.
fn top_names(list: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut item = String::new();
    let mut names = Vec::new();
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(name(std::mem::take(&mut item).trim())),
            _ => {}
        }
        if depth == 0 && c != ',' {
            item.push(c);
        }
    }
    names.extend(name(item.trim()));
    names
}

fn name(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(text.len());
    Some(text[..end].to_owned()).filter(|name| !name.is_empty())
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let place = |module: &str| ORDER.iter().position(|known| *known == module);
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| !matches!(source.module.as_str(), "main" | "lib" | "bin"))
    {
        let Some(own) = place(&source.module) else {
            violations
                .push(format!("src/{}: the module {} has no place in the order", source.path, source.module));
            continue;
        };
        for module in used(&source.text) {
            match place(&module) {
                Some(other) if other <= own => {}
                Some(_) => {
                    violations.push(format!("src/{} uses {module}, which comes after it", source.path));
                }
                None => {
                    violations.push(format!("src/{} uses crate::{module}, which has no place", source.path));
                }
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn rules_see_facts_alone() {
    let mut violations = Vec::new();
    for source in sources().iter().filter(|source| source.module == "rules") {
        let others = used(&source.text).into_iter().filter(|module| module != "rules");
        for module in others.filter(|module| !RULES_SEE.contains(&module.as_str())) {
            violations.push(format!("src/{} uses {module}", source.path));
        }
        let code = source.text.split("#[cfg(test)]").next().unwrap();
        for effect in ["std::fs", "std::process", "std::env", "std::io", "std::net"] {
            if code.contains(effect) {
                violations.push(format!("src/{} names {effect}", source.path));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn git2_is_named_in_one_place() {
    let elsewhere =
        sources().into_iter().filter(|source| source.module != "git" && source.text.contains("git2"));
    assert_none(&elsewhere.map(|source| format!("src/{} names git2", source.path)).collect::<Vec<_>>());
}

#[test]
fn the_program_itself_is_short() {
    let main = sources().into_iter().find(|source| source.path == "main.rs").unwrap();
    assert!(main.text.lines().count() <= 50);
}

#[test]
fn no_file_is_long() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect(&root.join(folder), &mut files);
    }
    let long = files.iter().filter_map(|file| {
        let lines = fs::read_to_string(file).unwrap().lines().count();
        (lines > LONGEST).then(|| format!("{} has {lines} lines", file.strip_prefix(root).unwrap().display()))
    });
    assert_none(&long.collect::<Vec<_>>());
}

#[test]
fn names_are_found_in_every_form_of_use() {
    let text = "use crate::a::B;\n// use crate::no;\nuse crate::{b::{C, D}, d_e, e::F as G};\nfn f() -> crate::g::H {}\n";
    let found: Vec<_> = used(text).into_iter().collect();
    assert_eq!(found, ["a", "b", "d_e", "e", "g"]);
}
