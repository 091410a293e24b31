#!/usr/bin/env bash
# The framework takes our hook definitions and this repository's own hooks.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT"
"$CLIENT" validate-manifest "$ROOT/.pre-commit-hooks.yaml"
"$CLIENT" validate-config "$ROOT/.pre-commit-config.yaml"
