use roxmltree::{Document, Node};

use crate::{check, findings, hostile, in_order, number, shown, text};

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or_else(|| panic!("{name}: {node:?}"))
}

/// What stands in the one element of that name.
fn inner<'a>(node: Node<'a, 'a>, name: &'static str) -> &'a str {
    children(node, name).next().and_then(|child| child.text()).unwrap_or_default()
}

#[test]
fn a_finding_is_a_test_that_fails_for_an_error() {
    let scratch = hostile();
    let (findings, xml) = (findings(&scratch), check(&scratch, "junit").exits(1).stdout);
    let document = Document::parse(&xml).unwrap();
    let suites: Vec<_> = children(document.root_element(), "testsuite").collect();
    let names: Vec<_> = suites.iter().map(|suite| attribute(*suite, "name")).collect();
    assert_eq!(names, ["working tree", "branch release-1.1"]);
    let mut left = findings.iter();
    for suite in suites {
        let cases: Vec<_> = children(suite, "testcase").collect();
        assert_eq!(attribute(suite, "tests"), cases.len().to_string());
        let failed = cases.iter().filter(|case| children(**case, "failure").count() > 0).count();
        assert_eq!(attribute(suite, "failures"), failed.to_string());
        let output = inner(suite, "system-out");
        for case in cases {
            let finding = left.next().unwrap();
            let (rule, message) = (text(finding, "rule"), text(finding, "message"));
            assert_eq!(attribute(case, "classname"), rule);
            let location = &finding["location"];
            let path = shown(text(location, "path"));
            let place = format!("{path}:{}:{}", number(location, "line"), number(location, "column"));
            assert_eq!(attribute(case, "name"), format!("{place}: {message}"));
            let counts = finding["severity"] == "error" && finding["excepted"].is_null();
            let failure = children(case, "failure").next();
            assert_eq!(failure.is_some(), counts, "{xml}");
            if let Some(failure) = failure {
                assert_eq!(attribute(failure, "type"), rule);
                assert_eq!(attribute(failure, "message"), message);
            }
            let said = failure.map_or(output, |failure| failure.text().unwrap());
            assert!(said.contains(&format!("[{rule}]: {place}: {message}\n")), "{said}");
            for text in [&finding["help"], &finding["excepted"]] {
                assert!(said.contains(text.as_str().unwrap_or_default()), "{said}");
            }
        }
    }
    assert!(left.next().is_none());
}

#[test]
fn a_run_without_findings_is_one_test_that_passes() {
    let xml = check(&in_order(), "junit").exits(0).stdout;
    let document = Document::parse(&xml).unwrap();
    let suites: Vec<_> = children(document.root_element(), "testsuite").collect();
    let [suite] = suites.as_slice() else { panic!("{xml}") };
    assert_eq!((attribute(*suite, "tests"), attribute(*suite, "failures")), ("1", "0"));
    let case = children(*suite, "testcase").next().unwrap();
    assert_eq!(attribute(case, "name"), "1 chart checked, nothing found");
    assert_eq!(case.children().count(), 0);
}

#[test]
fn characters_that_xml_does_not_know_are_escaped() {
    let scratch = in_order();
    let chart = "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: \"\\uffff\\ufffe\\x01\\x85\\ufdd0\"\n";
    scratch.write("charts/a/Chart.yaml", chart);
    let xml = check(&scratch, "junit").exits(1).stdout;
    assert!(xml.contains("\\u{ffff}\\u{fffe}\\u{1}\\u{85}\u{fdd0}"), "{xml}");
    Document::parse(&xml).unwrap();
}
