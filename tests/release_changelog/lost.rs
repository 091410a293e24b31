//! Whatever a section holds: nothing that a person wrote is lost, and a second run changes nothing. Whatever a
//! commit says: it is text.

use std::sync::OnceLock;

use proptest::prelude::*;
use pulldown_cmark::{Event, Parser, Tag};
use relguard::document::changelog::{Changelog, inline, is_placeholder};
use relguard::domain::{RepoPath, SourceText};

use crate::history::Play;

const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.0.md";

fn project() -> &'static Play {
    static PLAY: OnceLock<Play> = OnceLock::new();
    PLAY.get_or_init(|| {
        let mut play = Play::new();
        play.follow(
            "commit feat: begin\ntag v1.0.0\ncommit fix: the fault (#1)\ncommit feat!: a feature (#2)\n\
             commit docs: pages\ncommit chore: a chore (#4)",
        );
        play
    })
}

/// How many cases are tried: `PROPTEST_CASES`, where that is set.
#[expect(clippy::disallowed_methods, reason = "a test may be asked for more")]
fn cases(number: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(number), failure_persistence: None, ..ProptestConfig::default() }
}

/// Lines that a person may write.
const LINES: &[&str] = &[
    "",
    "Words.",
    "- an item",
    "* another [#77](https://x.y/pull/77)",
    "  more of it",
    "    - deeper",
    "1. a number",
    "## Features",
    "## Bug Fixes",
    "### Others",
    "#### API",
    "## What is known",
    "None.",
    "- TBD",
    "> quoted",
    "```",
    "~~~",
    "<!-- a comment -->",
    "<!--",
    "-->",
    "<details>",
    "</details>",
    "---",
    "===",
    "| a | b |",
    "|---|---|",
    "[x]: https://x.y",
    "## Contributors",
    "- Somebody, Somebody Else",
    "\u{a0}",
    "\tcode",
    "> ## Features",
    "- ## Bug Fixes",
    "  - nested",
    "    more of what is nested",
    "\t- behind a tab",
    "-\ta tab behind it",
    "- ",
    "*",
    "* * *",
    "+ a plus",
    "1) a number",
    "- [ ] to do",
    "Features",
    "Bug Fixes",
    "#",
    "## ",
    "##Features",
    " ## Others ##",
    "<!-- begun",
    "done -->",
    "- <!-- in an item",
    "<script>",
    "</script>",
    "<pre>",
    "<div>",
    "<b>bold",
    "<?php",
    "<![CDATA[",
    "- ```",
    "  ```",
    "````",
    "[ref]:",
    "[ref][x]",
    "[a link](",
    "a break\\",
    "two spaces  ",
    "| a |",
    "&nbsp;",
    "\u{feff}",
    "\u{2028}",
    "\u{b}",
    "\u{c}",
];

/// One of them, or anything.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![10 => proptest::sample::select(LINES).prop_map(|line| (*line).to_owned()), 1 => "\\PC{0,20}"]
}

fn section() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(line(), 0..12)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_a_person_wrote_stays(mine in section(), below in section(), end in "\n?", crlf in any::<bool>()) {
        let play = project();
        let mut before = format!("# v1.0.1\n{}\n# v1.0.0\n{}{end}", mine.join("\n"), below.join("\n"));
        if crlf {
            before = before.replace('\n', "\r\n");
        }
        play.scratch.write(LOG, &before);
        let ran = play.scratch.relguard(["changelog", "1.0.1"]);
        let after = play.scratch.read(LOG);
        if ran.status != 0 {
            prop_assert_eq!(&after, &before, "{}", ran.stdout + &ran.stderr);
            return Ok(());
        }
        let mut lines = after.split_inclusive('\n');
        for line in before.split_inclusive('\n').filter(|line| !is_placeholder(line)) {
            let same = |other: &str| other == line || other.trim_end_matches(['\r', '\n']) == line;
            prop_assert!(lines.any(same), "{line:?} is lost in\n{after}");
        }
        let versions = |text: &str| {
            let log = Changelog::parse(&std::sync::Arc::new(SourceText::new(RepoPath::default(), text)));
            log.sections().iter().map(|section| section.version.to_string()).collect::<Vec<_>>()
        };
        prop_assert_eq!(versions(&after), versions(&before));
        let again = play.scratch.relguard(["changelog", "1.0.1"]);
        prop_assert_eq!(again.status, 0, "{}", again.stderr);
        prop_assert_eq!(play.scratch.read(LOG), after, "{}", again.stdout);
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn a_text_is_shown_as_it_was_written(text in "[-a-z0-9 #*_`<>\\[\\]()!&;$@|~.:/\\\\+=]{1,40}") {
        let wanted = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown = String::new();
        let made = format!("- {} (x)", inline(&text, false));
        for event in Parser::new(&made) {
            match event {
                Event::Text(text) | Event::Code(text) => shown.push_str(&text),
                Event::Start(Tag::List(None) | Tag::Item) | Event::End(_) => {}
                other => prop_assert!(false, "{other:?} in {made:?}"),
            }
        }
        // Code has lost its marks, and who is called has become code.
        let bare = |text: &str| text.replace(['`', ' '], "");
        prop_assert_eq!(bare(&shown), bare(&format!("{wanted}(x)")), "{}", made);
    }
}
