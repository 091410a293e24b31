#!/usr/bin/env bash
# helm finds nothing to say about the chart, and packages it.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT"
"$CLIENT" lint --strict "$ROOT/charts/relguard" | tee log
if grep -E '\[(INFO|WARNING|ERROR)\]' log; then fail 'helm lint has something to say'; fi
"$CLIENT" package "$ROOT/charts/relguard" --destination .
tar -tzf relguard-*.tgz | grep -qx 'relguard/files/clone.sh' || fail 'the archive lacks the clone script'
