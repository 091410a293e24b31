#!/usr/bin/env bash
# The chart renders, with its own values and with every file of helm/values, to objects that hold what was asked for.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" python3
chart=$ROOT/charts/relguard cases=$ROOT/tests/clients/helm
"$CLIENT" template audit "$chart" --namespace ops >plain.yaml
"$VENV/python" "$cases/check.py" plain.yaml
for values in "$cases"/values/*.yaml; do
  name=$(basename "$values" .yaml)
  echo "values: $name"
  "$CLIENT" lint --strict "$chart" --values "$values"
  "$CLIENT" template audit "$chart" --namespace ops --values "$values" >"$name.yaml"
  "$VENV/python" "$cases/check.py" "$name.yaml" "$values"
done
