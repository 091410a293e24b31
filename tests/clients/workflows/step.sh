# shellcheck shell=bash
# Runs the release workflow's scripts as the forge runs them.

# step JOB NAME: runs a step's script, as `bash -e -o pipefail`; its own environment is what the caller exports.
step() {
  python3 - "$1" "$2" <<'PY' >step.sh
import sys

import yaml

jobs = yaml.safe_load(open("work/.github/workflows/relguard-release.yml", encoding="utf-8"))["jobs"]
(script,) = [step["run"] for step in jobs[sys.argv[1]]["steps"] if step["name"] == sys.argv[2]]
print(script)
PY
  bash --noprofile --norc -e -o pipefail step.sh
}
