#!/usr/bin/env bash
# The chart's schema of values is a JSON Schema, and its own values fit.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need check-jsonschema
cd "$ROOT/charts/relguard"
check-jsonschema --check-metaschema values.schema.json
check-jsonschema --schemafile values.schema.json values.yaml
