#!/usr/bin/env bash
# SARIF reports are valid, by the standard's schema and by the rules of Microsoft's validator and of GitHub.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/formats/project.sh
source "$(dirname "${BASH_SOURCE[0]}")/project.sh"
need check-jsonschema cargo sarif-multitool
reports sarif
check-jsonschema --schemafile "$TOOLS/sarif-2.1.0.json" ./*.report
for report in *.report; do
  cp "$report" "$report.sarif"
  sarif-multitool validate "$report.sarif" --rule-kind 'Sarif;Ghas' --output "$report.log" --log ForceOverwrite
  python - "$report.log" <<'PY'
import json
import sys

(run,) = json.load(open(sys.argv[1]))["runs"]
(invocation,) = run["invocations"]
assert invocation["executionSuccessful"], invocation
wrong = [result for result in run["results"] if result.get("level", "warning") == "error"]
assert not wrong, json.dumps(wrong, indent=2)
PY
done
