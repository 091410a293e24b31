//! The generated parts of the book: the command reference, the config's reference and schema, the
//! table of rules. A stale one fails; `RELGUARD_WRITE_DOCS=1 cargo test --test docs` writes them anew.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use relguard::finding::Severity;
use relguard::rules::RULES;
use serde_json::Value;

const GENERATED: &str = "<!-- Written by `just docs`; changes made here are lost. -->\n";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// Holds a page of the book against what it should be, or writes it.
#[expect(clippy::disallowed_methods, reason = "the book is written here, when that is asked for")]
fn hold(name: &str, wanted: &str) {
    let file = docs().join(name);
    if std::env::var_os("RELGUARD_WRITE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&file, wanted).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    let diff = similar::TextDiff::from_lines(found.as_str(), wanted);
    let diff = diff.unified_diff().header("as it is", "as it should be").to_string();
    assert!(found == wanted, "docs/{name} is stale; `just docs` writes it anew\n{diff}");
}

#[test]
fn the_command_reference_is_current() {
    let mut root = relguard::cli::command().term_width(100);
    root.build();
    let mut page = format!("# Commands\n\n{GENERATED}");
    section(&mut page, &root, "relguard", 2);
    let own = root.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set());
    for command in own {
        section(&mut page, command, &format!("relguard {}", command.get_name()), 2);
    }
    hold("cli.md", &page);
}

/// A command's part of the reference; options of every command stand in the first part alone.
fn section(page: &mut String, command: &Command, name: &str, level: usize) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    writeln!(page, "\n{} {name}\n{}", "#".repeat(level), sentence(&about)).unwrap();
    let usage = command.clone().render_usage().to_string();
    writeln!(page, "\n```text\n{}\n```", usage.trim_start_matches("Usage: ")).unwrap();
    let is_root = name == "relguard";
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set() && (is_root || !arg.is_global_set()));
    let rows: String = shown
        .filter(|arg| is_root || !matches!(arg.get_id().as_str(), "help" | "version"))
        .map(row)
        .collect();
    if !rows.is_empty() {
        let title = if is_root { "option of every command" } else { "argument" };
        write!(page, "\n| {title} | meaning |\n|---|---|\n{rows}").unwrap();
    }
    if let Some(after) = command.get_after_help() {
        writeln!(page, "\n```text\n{}\n```", after.to_string().trim_end()).unwrap();
    }
}

fn row(arg: &Arg) -> String {
    let mut names: Vec<String> = Vec::new();
    names.extend(arg.get_short().map(|short| format!("-{short}")));
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    let takes_value = arg.get_action().takes_values();
    let value = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<String>();
    let shown = match (names.is_empty(), takes_value) {
        (true, _) => value,
        (false, true) => format!("{} {value}", names.join(", ")),
        (false, false) => names.join(", "),
    };
    let mut meaning = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<_> = arg
        .get_possible_values()
        .iter()
        .filter(|_| takes_value)
        .map(|choice| format!("`{}`", choice.get_name()))
        .collect();
    if !choices.is_empty() {
        write!(meaning, ": {}", choices.join(", ")).unwrap();
    }
    if let ([default], true) = (arg.get_default_values(), takes_value) {
        write!(meaning, " [default: `{}`]", default.to_string_lossy()).unwrap();
    }
    format!("| `{shown}` | {} |\n", cell(&meaning))
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

#[test]
fn the_schema_is_current() {
    hold("relguard.schema.json", &relguard::report::escape_text(&relguard::config::json_schema()));
}

#[test]
fn the_config_reference_is_current() {
    let schema = relguard::config::json_schema();
    let mut page = format!("# Config reference\n\n{GENERATED}\n");
    page.push_str("Every key of `.relguard.yaml`; [config.md](config.md) explains them, with examples.\n\n");
    page.push_str("| key | type | default | meaning |\n|---|---|---|---|\n");
    keys(&mut page, &schema, &schema, "");
    hold("config-reference.md", &page);
}

/// A row for each key below a schema, in the order of their definition.
fn keys(page: &mut String, schema: &Value, object: &Value, prefix: &str) {
    if let Some(level) = object["properties"].get(RULES[0].meta.id) {
        let (name, kind) = (format!("{prefix}GROUP/NAME"), kind(schema, level));
        return writeln!(page, "| `{name}` | {kind} | the rule's own | The severity of that rule. |")
            .unwrap();
    }
    let needed = object["required"].as_array().cloned().unwrap_or_default();
    for (key, property) in object["properties"].as_object().into_iter().flatten() {
        let name = format!("{prefix}{key}");
        let default = if needed.contains(&Value::from(key.as_str())) {
            "(needed)".to_owned()
        } else {
            default_of(property)
        };
        let (meaning, kind) = (meaning(property), kind(schema, property));
        writeln!(page, "| `{name}` | {} | {} | {} |", cell(&kind), cell(&default), cell(&meaning)).unwrap();
        let (inner, below) = match property.get("items") {
            Some(items) => (resolve(schema, items), format!("{name}[].")),
            None => (object_of(schema, property), format!("{name}.")),
        };
        keys(page, schema, inner, &below);
    }
}

fn description(property: &Value) -> String {
    property["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// The default is told in the description, behind the last `Default:` or `Else`.
fn split(property: &Value) -> (String, Option<String>) {
    let text = description(property);
    match text.split_once(" Default: ").or_else(|| text.split_once(" Else ")) {
        Some((meaning, default)) => (meaning.to_owned(), Some(default.trim_end_matches('.').to_owned())),
        None => (text, None),
    }
}

fn meaning(property: &Value) -> String {
    split(property).0
}

fn default_of(property: &Value) -> String {
    split(property).1.unwrap_or_else(|| "none".to_owned())
}

fn resolve<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(path) => schema.pointer(path.trim_start_matches('#')).unwrap(),
        None => part,
    }
}

/// The mapping that a key takes, where it takes one.
fn object_of<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let resolved = resolve(schema, property);
    let choices = resolved["anyOf"].as_array().into_iter().flatten();
    let object =
        choices.map(|choice| object_of(schema, choice)).find(|choice| choice["properties"].is_object());
    object.unwrap_or(resolved)
}

/// What a key takes, in words.
fn kind(schema: &Value, property: &Value) -> String {
    let resolved = resolve(schema, property);
    let one = |key: &str| resolved[key].as_array().map(|choices| any(schema, choices));
    if let Some(words) = one("anyOf").or_else(|| one("oneOf")) {
        return words;
    }
    if let Some(constant) = resolved.get("const") {
        return format!("`{}`", constant.as_str().map_or_else(|| constant.to_string(), str::to_owned));
    }
    let name = match &resolved["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    };
    match name {
        Some("array") => format!(
            "list of {}",
            kind(schema, &resolved["items"]).replace("mapping", "mappings").replace("text", "texts")
        ),
        Some("string") => "text".to_owned(),
        Some("boolean") => "`true`, `false`".to_owned(),
        Some("object") => "mapping".to_owned(),
        _ => panic!("a type without a word: {resolved}"),
    }
}

fn any(schema: &Value, choices: &[Value]) -> String {
    let shown = choices.iter().filter(|choice| choice["type"] != "null");
    shown.map(|choice| kind(schema, choice)).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_table_of_rules_is_current() {
    let mut page = format!("# Rules\n\n{GENERATED}\n");
    page.push_str("`relguard rules` prints this list, `relguard explain RULE` a rule's page.\n\n");
    page.push_str("| rule | severity | fix | finding when |\n|---|---|---|---|\n");
    for rule in RULES {
        let severity = match rule.meta.severity {
            Some(Severity::Error) => "error",
            Some(Severity::Warning) => "warning",
            None => "off",
        };
        let (id, fix, summary) = (rule.meta.id, rule.meta.fix.words(), cell(rule.meta.summary));
        writeln!(page, "| [{id}]({id}.md) | {severity} | {fix} | {summary} |").unwrap();
    }
    hold("rules/README.md", &page);
}

/// Every page that is served is in the book, and every page in the book is served.
#[test]
fn every_rules_page_is_in_the_registry() {
    let mut pages = Vec::new();
    for group in fs::read_dir(docs().join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        for page in fs::read_dir(&group).unwrap().map(|entry| entry.unwrap().path()) {
            let name = page.strip_prefix(docs().join("rules")).unwrap().with_extension("");
            pages.push(name.to_str().unwrap().replace('\\', "/"));
        }
    }
    let mut known: Vec<_> = RULES.iter().map(|rule| rule.meta.id).collect();
    pages.sort();
    known.sort_unstable();
    assert_eq!(pages, known);
}

/// No link of the book leads to nothing.
#[test]
fn every_link_between_pages_leads_somewhere() {
    let pages = walkdir::WalkDir::new(docs()).into_iter().map(Result::unwrap);
    let mut dead = Vec::new();
    for page in pages.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(page.path()).unwrap();
        for target in
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        {
            let file = target.split('#').next().unwrap();
            if file.contains("://") || file.is_empty() || file.contains(' ') {
                continue;
            }
            if !page.path().parent().unwrap().join(file).exists() {
                dead.push(format!("{}: {target}", page.path().display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
