use std::collections::BTreeMap;

use crate::{assert_points_at_the_image_tag, check, findings, hostile, in_order, number, shown, text};

/// A workflow command, read as GitHub's runner reads a line.
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

fn read(line: &str) -> Command {
    let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap();
    let properties = properties.split(',').map(|property| property.split_once('=').unwrap());
    let unescaped = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let value = |text: &str| unescaped(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
    Command {
        name: name.to_owned(),
        properties: properties.map(|(key, text)| (key.to_owned(), value(text))).collect(),
        data: unescaped(data).replace("%25", "%"),
    }
}

#[test]
fn a_finding_is_a_command_at_its_place() {
    let scratch = hostile();
    let (findings, printed) = (findings(&scratch), check(&scratch, "github").exits(1).stdout);
    let commands: Vec<Command> = printed.lines().map(read).collect();
    assert_eq!(commands.len(), findings.len(), "{printed}");
    // It has no escape that the runner would read back.
    let apart = |text: &str| text.replace("##[", "#\\u0023[");
    for (command, finding) in commands.iter().zip(&findings) {
        let wanted = if finding["excepted"].is_null() { text(finding, "severity") } else { "notice" };
        assert_eq!(command.name, wanted);
        let property = |key: &str| command.properties.get(key).map(String::as_str);
        assert_eq!(property("title"), Some(text(finding, "rule")));
        let location = &finding["location"];
        assert_eq!(property("file"), Some(apart(&shown(text(location, "path"))).as_str()));
        let (line, end) = (number(location, "line"), number(location, "end_line"));
        assert_eq!(property("line"), Some(line.to_string().as_str()));
        assert_eq!(property("endLine"), Some(end.to_string().as_str()));
        for (key, of) in [("col", "column"), ("endColumn", "end_column")] {
            let column = (line == end).then(|| number(location, of).to_string());
            assert_eq!(property(key), column.as_deref(), "{printed}");
        }
        let mut lines = command.data.lines();
        assert_eq!(lines.next(), Some(apart(text(finding, "message")).as_str()));
        let help = finding["help"].as_str().unwrap_or_default();
        assert!(command.data.contains(&apart(help)), "{}", command.data);
        if finding["subject"]["kind"] == "branch" {
            assert_eq!(lines.next(), Some("note: branch release-1.1"));
        }
        if text(finding, "rule") == "chart/values-sync" {
            let column = |key: &str| property(key).unwrap().parse().unwrap();
            assert_points_at_the_image_tag(&scratch, line, [column("col"), column("endColumn")]);
        }
    }
}

#[test]
fn columns_are_told_only_of_one_line() {
    let scratch = in_order();
    let chart = scratch.read("charts/a/Chart.yaml").replace("appVersion: 1.0.0", "appVersion: \"1.0\n  .1\"");
    scratch.write("charts/a/Chart.yaml", chart);
    let printed = check(&scratch, "github").exits(1).stdout;
    let command = read(printed.trim_end());
    assert_ne!(command.properties["line"], command.properties["endLine"], "{printed}");
    assert!(!command.properties.contains_key("col") && !command.properties.contains_key("endColumn"));
}

#[test]
fn without_findings_there_is_nothing_to_command() {
    assert_eq!(check(&in_order(), "github").exits(0).stdout, "");
}
