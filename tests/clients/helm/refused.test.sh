#!/usr/bin/env bash
# Values that make no sense are refused by the chart's schema; the first line of each file says with which word.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT"
for values in "$ROOT"/tests/clients/helm/refused/*.yaml; do
  echo "values: $(basename "$values")"
  refused log "$CLIENT" template audit "$ROOT/charts/relguard" --values "$values"
  says log "$(sed -n '1s/^# says: //p' "$values")"
done
