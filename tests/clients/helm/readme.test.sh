#!/usr/bin/env bash
# The chart's README and its schema know every value, and the schema knows no other.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" python3
"$CLIENT" show values "$ROOT/charts/relguard" >values.yaml
"$VENV/python" - values.yaml "$ROOT/charts/relguard" <<'PY'
import json, sys, yaml
values = set(yaml.safe_load(open(sys.argv[1])))
readme = open(sys.argv[2] + "/README.md").read()
schema = set(json.load(open(sys.argv[2] + "/values.schema.json"))["properties"]) - {"global"}
unknown = [name for name in values if f"`{name}`" not in readme and f"`{name}." not in readme]
assert not unknown, f"not in README.md: {unknown}"
assert values == schema, f"not in both: {values ^ schema}"
PY
