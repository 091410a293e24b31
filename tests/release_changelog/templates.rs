//! `--template`: a project's own form of the section.

use crate::history::Play;

const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.1.md";

const TEMPLATE: &str = "\
## [{{ version }}]({{ url }}/releases/tag/{{ tag }}) - {{ date }}
{% if previous %}

[All changes]({{ url }}/compare/{{ previous_tag }}...{{ tag }}) since {{ previous }}
{% endif %}
{% for kind in kinds %}

### {{ kind.title }}

{% for entry in kind.entries %}
- {% if entry.scope %}{{ entry.scope }}: {% endif %}{{ entry.text }}{% if entry.pr %} (#{{ entry.pr }}){% else %} ({{ entry.hash }}){% endif %} by {{ entry.authors | join(\" and \") }}
{% endfor %}
{% endfor %}

### Thanks

{% for name in contributors %}
- {{ name }}
{% endfor %}
";

fn project() -> Play {
    let mut play = Play::new();
    play.follow(
        "commit feat: begin\ntag v1.0.0\ncommit fix(api): the fault (#1)\ncommit feat!: [x](y) (#2)\ncommit chore: a chore",
    );
    play.scratch.write("template.md", TEMPLATE);
    play
}

#[test]
fn a_template_makes_the_section() {
    let play = project();
    let id = play.scratch.git(["rev-parse", "HEAD"]).stdout;
    let ran = play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md", "--stdout"]).exits(0);
    let (head, rest) = ran.stdout.split_once('\n').unwrap();
    let (link, date) = head.split_once(" - ").unwrap();
    assert_eq!(link, "## [1.1.0](https://github.com/o/r/releases/tag/v1.1.0)");
    assert_eq!((date.len(), date.matches('-').count()), (10, 2), "{date}");
    assert_eq!(
        rest,
        format!(
            "\n[All changes](https://github.com/o/r/compare/v1.0.0...v1.1.0) since 1.0.0\n\n\
             ### Breaking Changes\n\n- \\[x\\](y) (#2) by A\n\n### Bug Fixes\n\n- api: the fault (#1) by A\n\n\
             ### Others\n\n- A chore ({}) by A\n\n### Thanks\n\n- A\n",
            &id[..7]
        )
    );
    play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md"]).exits(0);
    assert_eq!(play.scratch.read(LOG), ran.stdout);
    let again = play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md"]).exits(0);
    assert!(again.stdout.starts_with("already done"), "{}", again.stdout);
}

#[test]
fn a_section_that_is_there_gets_its_items() {
    let mut play = project();
    let mine = "# v1.1.0\n\nBy hand.\n\n## Fixed\n\n- Another one\n";
    play.scratch.write(LOG, mine);
    play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md"]).exits(0);
    let text = play.scratch.read(LOG);
    for line in ["\nBy hand.\n", "\n- Another one\n- api: the fault (#1) by A\n", "- \\[x\\](y) (#2) by A\n"]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    play.follow("commit fix: more (#9)");
    play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md"]).exits(0);
    let more = play.scratch.read(LOG);
    assert_eq!(more.replace("- More (#9) by A\n", ""), text);
    assert_ne!(more, text);
}

#[test]
fn the_tags_day_is_a_released_sections() {
    let mut play = project();
    play.follow("tag v1.1.0");
    play.scratch.write("template.md", "# {{ tag }} ({{ date }})\n");
    let ran = play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md", "--stdout"]).exits(0);
    assert_eq!(ran.stdout, "# v1.1.0 (2026-01-01)\n");
}

#[test]
fn a_bad_template_is_an_error_with_its_place() {
    let play = project();
    for (template, words) in [
        ("# {{ tag }}\n\n{% for kind in kinds %}\n", "template.md:3"),
        ("# {{ tag }}\n{{ verison }}\n", "template.md:2"),
        ("# {{ tag }}\n{{ kinds[0].nothing.at_all }}\n", "template.md:2"),
        ("# {{ tag | nosuch }}\n", "template.md:1"),
        ("## Changes\n", "makes no section for 1.1.0"),
        ("# {{ tag }}\n\n# v0.1.0\n", "makes no section for 1.1.0"),
        ("Text\n\n# {{ tag }}\n", "makes no section for 1.1.0"),
        ("", "makes no section for 1.1.0"),
    ] {
        play.scratch.write("template.md", template);
        let before = play.scratch.files();
        let ran = play.scratch.relguard(["changelog", "1.1.0", "--template", "template.md"]).exits(2);
        assert!(ran.stderr.contains(words) && ran.stdout.is_empty(), "{template}: {}", ran.stderr);
        assert_eq!(play.scratch.files(), before);
    }
    play.scratch.write("template.md", b"\xff");
    for file in ["template.md", "nowhere.md", "docs"] {
        let ran = play.scratch.relguard(["changelog", "1.1.0", "--template", file]).exits(2);
        assert!(ran.stderr.contains(&format!("the template {file} can't be read")), "{}", ran.stderr);
    }
}
