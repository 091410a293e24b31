#!/usr/bin/env bash
# The schema that relguard prints and relguard itself agree on which configs are valid.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need check-jsonschema cargo
cases=$ROOT/tests/clients/schema
relguard schema >schema.json
check-jsonschema --check-metaschema schema.json
project work
for config in "$ROOT/.relguard.yaml" "$cases"/good/*.yaml; do
  echo "good: $config"
  check-jsonschema --schemafile schema.json "$config"
  status=0
  relguard check -C work --config "$config" || status=$?
  [[ $status -le 1 ]] || fail "relguard does not take it"
done
for config in "$cases"/bad/*.yaml; do
  echo "bad: $config"
  refused log check-jsonschema --schemafile schema.json "$config"
  status=0
  relguard check -C work --config "$config" >out 2>err || status=$?
  cat err
  [[ $status -eq 2 && ! -s out ]] || fail "relguard takes it (status $status)"
  says err "$(basename "$config"):"
done
