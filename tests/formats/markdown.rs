use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{assert_points_at_the_image_tag, check, findings, hostile, in_order, number, shown, text};

/// The page as a reader sees it: headings, paragraphs and the cells of tables, a list each.
#[derive(Default)]
struct Page {
    headings: Vec<String>,
    paragraphs: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Reads a page as Markdown, asserting that it holds nothing but these. A character without a width, which
/// keeps GitHub from making links, is not seen.
fn read(page: &str) -> Page {
    let mut read = Page::default();
    let mut seen = String::new();
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) => seen.push_str(&text.replace('\u{200b}', "")),
            Event::InlineHtml(tag) if tag.as_ref() == "<br>" => seen.push('\n'),
            Event::Start(Tag::TableRow | Tag::TableHead) => read.rows.push(Vec::new()),
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::Table(_) | Tag::TableCell)
            | Event::End(TagEnd::TableRow | TagEnd::Table) => {}
            Event::End(TagEnd::Heading(_)) => read.headings.push(std::mem::take(&mut seen)),
            Event::End(TagEnd::Paragraph) => read.paragraphs.push(std::mem::take(&mut seen)),
            Event::End(TagEnd::TableHead) => {
                assert_eq!(read.rows.pop().unwrap(), ["severity", "rule", "place", "finding"]);
            }
            Event::End(TagEnd::TableCell) => {
                read.rows.last_mut().unwrap().push(std::mem::take(&mut seen));
            }
            other => panic!("{other:?} in\n{page}"),
        }
    }
    read
}

/// Backticks make code of what they enclose, so that a reader sees the text without them.
fn without_code(text: &str) -> String {
    text.replace('`', "")
}

#[test]
fn a_finding_is_a_row_of_its_states_table() {
    let scratch = hostile();
    let findings = findings(&scratch);
    let page = read(&check(&scratch, "markdown").exits(1).stdout);
    assert!(page.headings[0].starts_with("relguard: "), "{:?}", page.headings);
    assert_eq!(page.headings[1..], ["Working tree", "Branch release-1.1"]);
    let human = check(&scratch, "human").stdout;
    assert_eq!(page.paragraphs, [without_code(human.lines().last().unwrap())]);
    assert_eq!(page.rows.len(), findings.len());
    for (row, finding) in page.rows.iter().zip(&findings) {
        let [severity, rule, place, said] = row.as_slice() else { panic!("{row:?}") };
        let excepted = !finding["excepted"].is_null();
        assert_eq!(severity, if excepted { "accepted" } else { text(finding, "severity") });
        assert_eq!(rule, text(finding, "rule"));
        let location = &finding["location"];
        let (line, column) = (number(location, "line"), number(location, "column"));
        let path = shown(text(location, "path"));
        assert_eq!(without_code(place), without_code(&format!("{path}:{line}:{column}")));
        let said = without_code(said);
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some(without_code(text(finding, "message")).as_str()));
        let help = without_code(finding["help"].as_str().unwrap_or_default());
        assert!(said.contains(&help), "{said}");
        if let Some(reason) = finding["excepted"].as_str() {
            assert!(said.contains(&without_code(&format!("accepted: {reason}"))), "{said}");
        }
        if rule == "chart/values-sync" {
            assert_points_at_the_image_tag(&scratch, line, [column, column + "v1.2.2".len()]);
        }
    }
}

#[test]
fn a_page_without_findings_says_so() {
    let page = read(&check(&in_order(), "markdown").exits(0).stdout);
    assert_eq!(page.headings, ["relguard: nothing found"]);
    assert_eq!(page.paragraphs, ["1 chart checked, nothing found"]);
    assert!(page.rows.is_empty());
}

#[test]
fn more_than_a_summary_takes_is_counted() {
    let scratch = in_order();
    let charts = 60;
    // Each message holds the value; a few of them fill the page.
    for number in 0..charts {
        let text = format!(
            "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: \"{}\"\n",
            "x".repeat(1_000_000 / (charts / 2))
        );
        scratch.write(&format!("charts/c{number:02}/Chart.yaml"), text);
    }
    let printed = check(&scratch, "markdown").exits(1).stdout;
    assert!(printed.len() < 1 << 20, "{}", printed.len());
    let page = read(&printed);
    let left = charts - page.rows.len();
    assert!(left > 0 && !page.rows.is_empty(), "{left}");
    assert_eq!(page.paragraphs.last().unwrap(), &format!("{left} more are too many for this page."));
}
