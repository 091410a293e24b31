//! Charts, values files and changelogs that know where their versions stand, and heaps of bytes.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use relguard::config::Config;
use relguard::domain::RepoPath;
use relguard::engine::judge;
use relguard::finding::{Finding, Safety, Subject};
use relguard::fix::{Mended, converge};
use relguard::project::{Project, Scope};
use relguard::source::{MemoryFiles, Snapshot};
use serde_yaml::Value;

pub(crate) const LOG: &str = "docs/CHANGELOG/CHANGELOG-0.0.md";

/// A part of a line: text, or a place where a version stands.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Field { quote: &'static str, stands: Stands },
}

/// What stands in a place before a fix, and whether it has to become the new version.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stands {
    /// The new version, with this before it.
    New(&'static str),
    /// The old one, which the fix has to replace.
    Old(&'static str),
    /// Something that is no version of this chart.
    Other(&'static str),
}

pub(crate) type Line = Vec<Piece>;

pub(crate) trait Pieces {
    fn text(&self, new: &str, old: &str, mended: bool) -> String;
    fn lags(&self) -> bool;
}

impl Pieces for [Line] {
    fn text(&self, new: &str, old: &str, mended: bool) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.replace("OLD", old),
            Piece::Field { quote, stands } => {
                let text = match stands {
                    Stands::New(v) => format!("{v}{new}"),
                    Stands::Old(v) => format!("{v}{}", if mended { new } else { old }),
                    Stands::Other(text) => (*text).to_owned(),
                };
                format!("{quote}{text}{quote}")
            }
        };
        self.iter().map(|line| line.iter().map(piece).collect::<String>() + "\n").collect()
    }

    fn lags(&self) -> bool {
        self.iter().flatten().any(|piece| matches!(piece, Piece::Field { stands: Stands::Old(_), .. }))
    }
}

/// How a whole file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    bom: bool,
    crlf: bool,
    last_break: bool,
}

impl Arbitrary for Form {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any::<(bool, bool, bool)>().prop_map(|(bom, crlf, last_break)| Self { bom, crlf, last_break }).boxed()
    }
}

impl Form {
    pub(crate) fn with_last_break(self) -> Self {
        Self { last_break: true, ..self }
    }

    pub(crate) fn render(self, text: &str) -> String {
        let text = if self.last_break { text } else { text.strip_suffix('\n').unwrap_or(text) };
        let text = if self.crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        if self.bom { format!("\u{feff}{text}") } else { text }
    }
}

/// A version of the line 0.0, so that one changelog serves all.
pub(crate) fn version() -> impl Strategy<Value = String> {
    let more = select(vec!["", "", "", "-rc.1", "-alpha", "-rc.1.x-y", "+build.5", "-0.3.7+meta"]);
    (0u32..200, more).prop_map(|(patch, more)| format!("0.0.{patch}{more}"))
}

fn field(stands: Vec<Stands>) -> impl Strategy<Value = Piece> {
    (select(vec!["", "'", "\""]), select(stands)).prop_map(|(quote, stands)| Piece::Field { quote, stands })
}

fn comment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        1 => "[ ]{1,3}# [ -~äé値🚀]{0,20}".prop_map(|text| text.replace("OLD", "")),
        1 => Just("   # was OLD, version: OLD".to_owned()),
    ]
}

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

/// Lines that name versions which are nobody's business.
fn decoys(block: &'static [&'static str]) -> impl Strategy<Value = Vec<Vec<Line>>> {
    let block =
        block.iter().map(|block| block.split('\n').map(|line| vec![text(line)]).collect::<Vec<Line>>());
    proptest::sample::subsequence(block.collect::<Vec<_>>(), 0..=4)
}

const CHART_DECOYS: &[&str] = &[
    "dependencies:\n  - name: b\n    version: OLD\n    repository: https://example.org # version: OLD",
    "annotations:\n  version: OLD\n  appVersion: 'OLD'\n  note: |\n    version: OLD\n    appVersion: OLD",
    "# version: OLD\n# appVersion: \"OLD\"",
    "description: \"version: OLD\"",
    "keywords: [version, 'OLD', OLD]",
    "kubeVersion: '>=1.18'\n\n",
];

const VALUES_DECOYS: &[&str] = &[
    "sidecar:\n  image:\n    tag: OLD\n    version: vOLD",
    "images:\n  - tag: OLD\n    version: 'OLD'\n  - {tag: vOLD, image: {tag: OLD}}",
    "dep: {version: OLD, tag: \"OLD\", global: {imageTag: OLD}}",
    "text: |\n  version: OLD\n  image:\n    tag: OLD",
    "folded: >-\n  image.tag OLD",
    "# image:\n#   tag: OLD",
    "\"image.tag\": OLD",
    "Version: OLD",
    "nothing:\n\nempty: {}\nalso: []",
    "long: \"a\n  version: OLD\"",
];

fn shuffled(lines: Vec<Vec<Line>>) -> impl Strategy<Value = Vec<Line>> {
    Just(lines).prop_shuffle().prop_map(|blocks| blocks.into_iter().flatten().collect())
}

/// A Chart.yaml whose version is the new one and whose appVersion may be the old one.
pub(crate) fn chart() -> impl Strategy<Value = Vec<Line>> {
    let line = |key: &'static str, stands: Vec<Stands>| {
        (field(stands), comment())
            .prop_map(move |(field, comment)| vec![vec![text(key), field, Piece::Text(comment)]])
    };
    let version = line("version: ", vec![Stands::New("")]);
    let app = line("appVersion:   ", vec![Stands::Old(""), Stands::Old(""), Stands::New("")]);
    (version, app, decoys(CHART_DECOYS)).prop_flat_map(|(version, app, mut rest)| {
        rest.extend([version, app, vec![vec![text("apiVersion: v2")]], vec![vec![text("name: a")]]]);
        shuffled(rest)
    })
}

fn tag() -> impl Strategy<Value = Piece> {
    field(vec![
        Stands::Old(""),
        Stands::Old("v"),
        Stands::New(""),
        Stands::New("v"),
        Stands::Other("latest"),
        Stands::Other("9.9.9"),
        Stands::Other("stable-OLD"),
    ])
}

/// A block of a values file: the key path in one of the ways to write it.
fn block(above: &'static str, key: &'static str) -> impl Strategy<Value = Vec<Line>> {
    (tag(), comment(), 0..6).prop_map(move |(tag, comment, way)| {
        let end = Piece::Text(comment);
        let name = |rest: &str| Piece::Text(format!("{above}:{rest}"));
        match way {
            0 => vec![vec![name(" {a: b, "), text(key), text(": "), tag, text("}"), end]],
            1 => vec![
                vec![name(" {")],
                vec![text("  # OLD")],
                vec![text("  \""), text(key), text("\": "), tag, text(", z: OLD")],
                vec![text("}"), end],
            ],
            2 => vec![
                vec![Piece::Text(format!("common-{above}:"))],
                vec![Piece::Text(format!("  v: &{above} ")), tag, end],
                vec![name("")],
                vec![text("  "), text(key), Piece::Text(format!(": *{above} # alias"))],
            ],
            3 => {
                vec![vec![name("")], vec![text("    "), text(key), text(":")], vec![text("      "), tag, end]]
            }
            4 => vec![
                vec![Piece::Text(format!("? {above}"))],
                vec![text(": "), text(key), text(": "), tag, end],
            ],
            _ => vec![
                vec![name("  # OLD")],
                vec![text("  repository: a/b:OLD")],
                vec![text("  "), text(key), text(": "), tag, end],
                vec![text("  digest: ''")],
            ],
        }
    })
}

/// A values file whose version keys may hold the old version.
pub(crate) fn values() -> impl Strategy<Value = Vec<Line>> {
    let top = (tag(), comment())
        .prop_map(|(tag, comment)| vec![vec![text("version: "), tag, Piece::Text(comment)]]);
    let option = proptest::option::weighted::<BoxedStrategy<Vec<Line>>>;
    let blocks = (
        option(0.8, block("image", "tag").boxed()),
        option(0.5, block("global", "imageTag").boxed()),
        option(0.3, top.boxed()),
        decoys(VALUES_DECOYS),
    );
    blocks.prop_flat_map(|(image, global, top, mut rest)| {
        rest.extend([image, global, top].into_iter().flatten());
        shuffled(rest)
    })
}

/// A change somewhere in a text.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    at: prop::sample::Index,
    remove: usize,
    insert: String,
}

pub(crate) fn damage() -> impl Strategy<Value = Damage> {
    let insert = prop_oneof![
        select(TOKENS.to_vec()).prop_map(str::to_owned),
        "\\PC{0,3}",
        vec(select(TOKENS.to_vec()), 0..4).prop_map(|tokens| tokens.concat()),
    ];
    (any::<prop::sample::Index>(), 0usize..12, insert).prop_map(|(at, remove, insert)| Damage {
        at,
        remove,
        insert,
    })
}

impl Damage {
    pub(crate) fn apply(&self, text: &mut String) {
        let chars: Vec<char> = text.chars().collect();
        let at = self.at.index(chars.len() + 1);
        let rest = chars.iter().skip(at + self.remove);
        *text = chars.iter().take(at).copied().chain(self.insert.chars()).chain(rest.copied()).collect();
    }
}

const TOKENS: &[&str] = &[
    "version",
    "appVersion",
    "image",
    "tag",
    "global",
    "imageTag",
    "name: a",
    ": ",
    ":",
    "\n",
    "\r\n",
    "\n  ",
    "\n- ",
    "- ",
    "? ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "'",
    "|",
    ">",
    "|-\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!x ",
    "#",
    " # ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    " ",
    "\u{feff}",
    "é",
    "\u{2028}",
    "\u{85}",
    "\u{1b}[31m",
    "\u{9b}",
    "\u{202e}",
    "\0",
    "~",
    "null",
    "1.2.3",
    "v1.2.3",
    "1.10",
    "0x1",
    "2026-01-02",
    "# 1.2.3\n",
    "## [v1.2.3] - x\n",
    "===\n",
    "---\n",
    "```\n",
    "<!-- ",
    " -->",
    "<!-- START doctoc -->\n",
    "<!-- END doctoc -->\n",
    "- [a](#a)\n",
    "    ",
    "> ",
    "\\",
    "@",
    "%",
    "charts",
    "carriers",
    "rules",
    "off",
    "changelog",
    "{version}",
    "[package]\n",
    " = ",
    "\"a\": ",
    "\u{10ffff}",
];

/// Bytes: any, or words that readers know, in any order.
pub(crate) fn heap() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..60),
        6 => vec(select(TOKENS.to_vec()), 0..30).prop_map(|tokens| tokens.concat().into_bytes()),
        1 => (0usize..3, 1usize..300).prop_map(|(kind, depth)| ["[", "{a: ", "- "][kind].repeat(depth).into_bytes()),
        1 => (vec(select(TOKENS.to_vec()), 0..20), any::<u8>(), any::<prop::sample::Index>()).prop_map(|(tokens, byte, at)| {
            let mut bytes = tokens.concat().into_bytes();
            bytes.insert(at.index(bytes.len() + 1), byte);
            bytes
        }),
    ]
}

/// Any document.
pub(crate) fn document() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        "[a-z]{1,8}",
        "[ -~]{0,20}",
        "[ -~äé値🚀\n]{0,30}",
        select(vec!["yes", "1.10", "~", "", "null", "0x1F", "1e3", "- a", "a: b", "# c", "v1.2.3", "1.2.3"])
            .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        4 => words.prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i32>().prop_map(|number| Value::Number(number.into())),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Sequence),
            prop::collection::btree_map("[a-zA-Z][a-z0-9.-]{0,8}|[ -~]{1,8}", inner, 0..5).prop_map(
                |entries| {
                    // `<<` merges; what it merges is not a key of the mapping itself.
                    let entries = entries.into_iter().filter(|(key, _)| key != "<<");
                    Value::Mapping(entries.map(|(key, value)| (Value::String(key), value)).collect())
                }
            ),
        ]
    })
}

/// The lines of a changelog.
pub(crate) fn changelog_lines() -> impl Strategy<Value = Vec<String>> {
    let section = version().prop_flat_map(|version| {
        select(vec![
            "# v{}",
            "## {}",
            "## [{}] - 2026-01-02",
            "### v{}: name",
            "{}\n---",
            "v{}\n===",
            "    # {}",
            "```\n# {}\n```",
            "<!--\n# {}\n-->",
        ])
        .prop_map(move |form| form.replace("{}", &version))
    });
    let line = prop_oneof![
        3 => section,
        2 => "[ -~é]{0,30}",
        1 => select(vec!["", "- item", "* item\n  more", "> quote", "# Changelog", "1. one", "| a | b |\n|---|---|", "<details>", "\t", "***", "[v]: https://example.org"]).prop_map(str::to_owned),
    ];
    vec(line, 0..14)
}

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

/// A changelog that has what a release needs.
pub(crate) fn log_of(version: &str) -> String {
    format!("# Changelog\n\n## v{version}\n\n- what changed\n")
}

fn findings_in(files: &dyn Snapshot) -> anyhow::Result<Vec<Finding>> {
    let config = Config::built_in()?;
    Ok(judge(&Project::read(files, &config, Scope::default())?, &config))
}

/// What is found in files.
pub(crate) fn judged(files: &[(&str, Vec<u8>)]) -> Result<Vec<Finding>, TestCaseError> {
    let mut memory = MemoryFiles::empty(Subject::worktree());
    for (name, bytes) in files {
        memory.insert(path(name), bytes.clone());
    }
    findings_in(&memory).map_err(|error| TestCaseError::fail(format!("{error:#}")))
}

/// The files after fixing.
pub(crate) fn fixed(
    files: &[(&str, String)],
    unsafe_too: bool,
) -> Result<BTreeMap<String, String>, TestCaseError> {
    let mut memory = MemoryFiles::empty(Subject::worktree());
    for (name, text) in files {
        memory.insert(path(name), text.clone().into_bytes());
    }
    let wanted = |_: &Finding, fix: &relguard::finding::Fix| unsafe_too || fix.safety == Safety::Safe;
    let mended = converge(&memory, &findings_in, &wanted).and_then(Mended::whole).map_err(|error| {
        let help =
            error.chain().filter_map(|cause| cause.downcast_ref::<relguard::domain::Fail>()?.way_out());
        TestCaseError::fail(format!("{error:#}; {:?}", help.collect::<Vec<_>>()))
    })?;
    let mut all: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
    for (path, bytes) in mended.files {
        all.insert(path.as_str().to_owned(), String::from_utf8(bytes).unwrap());
    }
    Ok(all)
}
