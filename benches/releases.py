"""Writes, for git fast-import, a project that has released for long: COMMITS commits with merges as in real projects,
100 release branches, up to 5,000 tags (half of them annotated), and REFS refs that are none of a release's."""

import random
import sys

commits, refs = int(sys.argv[1]), int(sys.argv[2])
LINES = 100
PATCHES = max(1, min(5000, commits // 20) // LINES)
chance = random.Random(1)
mark = 0


def write(text):
    sys.stdout.buffer.write(text.encode())


def commit(branch, parents, files):
    """Commits on a branch and returns the commit's mark. The message is as long as people write them."""
    global mark
    mark += 1
    who = f"Ada <ada@example.com> {1_300_000_000 + mark * 300} +0000"
    text = f"fix: change number {mark}\n\nIt does what the last one did not.\n\nSigned-off-by: Ada <ada@example.com>\n"
    write(f"commit refs/heads/{branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\ndata {len(text)}\n{text}")
    for word, parent in zip(["from", "merge"], parents):
        write(f"{word} :{parent}\n")
    for path, content in files.items():
        write(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")
    return mark


def code():
    return {f"pkg/part{chance.randrange(20)}/file{chance.randrange(20)}.go": f"package part // {mark}\n"}


def release(line, patch):
    version = f"{line}.{patch}"
    sections = "".join(f"# v{line}.{past}\n\n- A change.\n\n" for past in range(patch, -1, -1))
    return {
        "charts/demo/Chart.yaml": f'apiVersion: v2\nname: demo\nversion: {version}\nappVersion: "{version}"\n',
        "charts/demo/values.yaml": f"image:\n  tag: v{version}\n",
        f"docs/CHANGELOG/CHANGELOG-{line}.md": sections,
    }


def develop(tip, count):
    """Some commits on the default branch: a third of them in short branches that are merged."""
    made = 0
    while made < count:
        if chance.random() < 0.3:
            side = tip
            for _ in range(chance.randint(1, 4)):
                side = commit("topic", [side], code())
                made += 1
            tip = commit("master", [tip, side], {})
        else:
            tip = commit("master", [tip], code())
        made += 1
    return tip


tip = commit("master", [], release("0.0", 0))
tags = []
for number in range(LINES):
    line = f"{1 + number // 10}.{number % 10}"
    tip = develop(tip, commits // LINES - PATCHES)
    tip = at = commit("master", [tip], release(line, 0))
    for patch in range(PATCHES):
        if patch:
            at = commit(f"release-{line}", [at], release(line, patch))
        tags.append((f"v{line}.{patch}", at))
    write(f"reset refs/heads/release-{line}\nfrom :{at}\n\n")
for number, (name, at) in enumerate(tags):
    if number % 2:
        write(f"tag {name}\nfrom :{at}\ntagger Ada <ada@example.com> 1700000000 +0000\ndata 0\n\n")
    else:
        write(f"reset refs/tags/{name}\nfrom :{at}\n\n")
for number in range(refs):
    write(f"reset refs/pull/{number}/head\nfrom :{chance.randint(1, mark)}\n\n")
