"""Writes, for git fast-import, a chart project of a real one's size: 1,600 commits, 420 files, values of 19 KB."""

import sys

COMMITS = 1600


def write(text):
    sys.stdout.buffer.write(text.encode())


def commit(number, subject):
    time = 1_700_000_000 + number * 3600
    write(f"commit refs/heads/master\ncommitter Ada <ada@example.com> {time} +0000\ndata {len(subject)}\n{subject}\n")


def put(path, text):
    write(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")


def code(file, change):
    put(f"pkg/part{file % 20}/file-{file}.go", f"package part\n\n// Change {change}.\n" + "func Run() {}\n" * 20)


def values():
    yield "global:\n  imageTag: v2.8.2 # what all images carry\nimage:\n  tag: \"\"\n"
    for part in range(60):
        yield f"## @section Component {part}\n"
        for key in ("enabled", "tag", "replicas"):
            yield f"## @param component{part}.{key} What it asks for; see its page for all that follows.\n"
        yield f"component{part}:\n  enabled: true\n  tag: \"1.{part}.0\"\n  replicas: {part}\n"


commit(0, "Begin")
put("charts/demo/Chart.yaml", "apiVersion: v2\nname: demo\ndescription: A demo\nversion: 2.8.2\nappVersion: \"2.8.2\"\n")
put("charts/demo/values.yaml", "".join(values()))
put("docs/CHANGELOG/CHANGELOG-2.8.md", "# v2.8.2\n## Changelog since v2.8.1\n#### Bug Fixes\n- One.\n")
for part in range(57):
    put(f"charts/demo/templates/part-{part}.yaml", f"kind: ConfigMap\nmetadata:\n  name: demo-{part}\n")
for file in range(360):
    code(file, 0)
for number in range(1, COMMITS):
    commit(number, f"Change {number}")
    code(number % 360, number)
