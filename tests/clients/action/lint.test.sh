#!/usr/bin/env bash
# The action and the examples of docs/ci.md are what the forges take, and nothing that comes from outside is run.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/action/examples.sh
source "$ROOT/tests/clients/action/examples.sh"
need check-jsonschema zizmor actionlint shellcheck python3
examples .
mkdir action
cp "$ROOT/action.yml" action/
# Its own digest is not known before the release that a digest names.
printf 'rules:\n  unpinned-uses:\n    config:\n      policies:\n        relguard/relguard: ref-pin\n        "*": hash-pin\n' >zizmor.yml

check-jsonschema --builtin-schema github-actions action/action.yml
check-jsonschema --builtin-schema github-workflows .github/workflows/*.yaml .gitea/workflows/*.yaml
check-jsonschema --builtin-schema gitlab-ci .gitlab-ci.yml
mkdir audited && cp .gitea/workflows/relguard.yaml audited/gitea.yaml && cp .github/workflows/*.yaml audited/
zizmor --offline --config zizmor.yml action/action.yml .github/workflows/*.yaml
actionlint -no-color audited/*.yaml
shellcheck "$ROOT"/action/*

# No expression stands in a script.
python3 - "$ROOT/action.yml" <<'PY'
import sys

import yaml

for step in yaml.safe_load(open(sys.argv[1], encoding="utf-8"))["runs"]["steps"]:
    assert "${{" not in step["run"], step
    assert "uses" not in step, step
PY
