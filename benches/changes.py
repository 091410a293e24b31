"""Writes, for git fast-import, 10,000 commits behind v1.0.0: squashed, merged pull requests, or with a release line."""

import sys

COMMITS = 10_000
KIND = sys.argv[1]
TYPES = ("feat", "fix", "docs", "chore", "refactor", "build(deps)", "fix(scheduler)", "Update")


def write(text):
    sys.stdout.buffer.write(text.encode())


def commit(branch, number, message, mark, parents=()):
    who = f"Ada {number % 80} <ada{number % 80}@example.com> {1_700_000_000 + number * 3600} +0000"
    write(f"commit refs/heads/{branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n{message}\n")
    for word, parent in zip(("from", "merge"), parents):
        write(f"{word} :{parent}\n")


def change(number):
    text = f"package part\n\n// Change {number}.\n" + "func Run() {}\n" * 20
    write(f"M 100644 inline pkg/part{number % 20}/file-{number % 360}.go\ndata {len(text)}\n{text}\n")


def message(number, request=""):
    subject = f"{TYPES[number % len(TYPES)]}: change the part {number} of what is there{request}"
    return subject + f"\n\nWhat it does, and why, in a line or two.\n\nSigned-off-by: Ada {number % 80} <ada@example.com>\n"


commit("master", 0, "Begin\n", 1)
change(0)
write("reset refs/tags/v1.0.0\nfrom :1\n\n")
tip, mark = 1, 1
if KIND == "merged":
    for number in range(1, COMMITS // 2 + 1):
        commit("topic", number, message(number), mark + 1, (tip,))
        change(number)
        title = f"Merge pull request #{number} from ada/topic\n\nfix: the change {number}\n"
        commit("master", number, title, mark + 2, (tip, mark + 1))
        change(number)
        tip = mark = mark + 2
else:
    for number in range(1, COMMITS + 1):
        mark += 1
        commit("master", number, message(number, f" (#{number})"), mark, (tip,))
        change(number)
        tip = mark
if KIND == "picked":
    # Each fiftieth change by its number, and a commit of the line alone: that one is looked for by what it does.
    tip = 1
    for number in range(50, COMMITS + 1, 50):
        mark += 1
        commit("release-1.0", number, message(number, f" (#{number}) (#{number + 90_000})"), mark, (tip,))
        change(number)
        tip = mark
    mark += 1
    commit("release-1.0", COMMITS, "Of the line alone\n", mark, (tip,))
    change(1)
    write(f"reset refs/tags/v1.0.1\nfrom :{mark}\n\n")
