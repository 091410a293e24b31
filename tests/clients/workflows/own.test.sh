#!/usr/bin/env bash
# The project's own workflows, held to the same.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/workflows/audited.sh
source "$ROOT/tests/clients/workflows/audited.sh"
need check-jsonschema actionlint shellcheck zizmor
audited "$ROOT"/.github/workflows/*.yml
