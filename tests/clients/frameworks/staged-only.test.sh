#!/usr/bin/env bash
# What is staged counts, not what lies in the working tree.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard
cd work

release . 1.2.1
put charts/demo/Chart.yaml appVersion 1.2.0
git add --all
put charts/demo/Chart.yaml appVersion 1.2.1
refused log git commit --message='mended, but not staged'
says log 'chart/app-version'

git add --all
put charts/demo/Chart.yaml appVersion 1.0.0
git commit --message='demo 1.2.1'
git diff --quiet && fail 'the unstaged change is lost'
git show HEAD:charts/demo/Chart.yaml | grep -qx 'appVersion: 1.2.1' || fail 'another state was committed'
