# shellcheck shell=bash
# The examples of docs/ci.md as files.

# examples DIR: writes each YAML block whose first line is a comment with a path to that path.
examples() {
  python3 - "$ROOT/docs/ci.md" "$1" <<'PY'
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
blocks = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
assert len(blocks) == text.count("```yaml"), "a block says not in its first line which file it is"
for path, block in blocks:
    file = pathlib.Path(sys.argv[2], path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block, encoding="utf-8")
PY
}
