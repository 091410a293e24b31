#!/usr/bin/env bash
# A commit whose appVersion lags behind its version is refused, in relguard's words.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard
cd work
before=$(git rev-parse HEAD)

release . 1.2.1
put charts/demo/Chart.yaml appVersion 1.2.0
git add --all
refused log git commit --message='demo 1.2.1'
says log 'chart/app-version'
says log 'appVersion is 1.2.0, but version is 1.2.1'
[[ $(git rev-parse HEAD) == "$before" ]] || fail 'the commit was made all the same'
