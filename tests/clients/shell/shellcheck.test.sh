#!/usr/bin/env bash
# Every shell script of the repository is clean.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need shellcheck git
cd "$ROOT"
mapfile -t scripts < <(git grep --untracked -lIE '^#!(/usr/bin/env |/bin/)(ba)?sh\b|^# shellcheck shell=' -- ':!*.md' ':!target')
[[ ${#scripts[@]} -gt 3 ]] || fail 'no scripts found'
shellcheck --external-sources "${scripts[@]}"
shellcheck --shell=sh charts/relguard/files/*.sh
