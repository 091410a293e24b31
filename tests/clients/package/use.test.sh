#!/usr/bin/env bash
# Helm takes relguard's archive for its own: it shows, lints and templates it, unpacks it, and packages that again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/clients/lib.sh
source "$here/../lib.sh"
# shellcheck source=tests/clients/package/charts.sh
source "$here/charts.sh"
need "$CLIENT" git python3
project demo
cd demo
chart_local
git add --all
git commit --quiet --no-verify --message='a chart with charts of the repository'
git tag v1.2.0
relguard package --ref v1.2.0 --destination ../dist
cd ..
"$CLIENT" show chart dist/demo-1.2.0.tgz | tee shown
says shown 'version: 1.2.0'
"$CLIENT" lint dist/demo-1.2.0.tgz
"$CLIENT" template x dist/demo-1.2.0.tgz | tee rendered
says rendered 'image: "v1.2.0"'
mkdir again
tar -xzf dist/demo-1.2.0.tgz -C again
"$CLIENT" package again/demo --destination again
"$VENV/python" "$here/compare.py" again/demo-1.2.0.tgz dist/demo-1.2.0.tgz
