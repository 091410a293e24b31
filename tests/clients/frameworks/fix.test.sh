#!/usr/bin/env bash
# relguard-fix mends a version bump that forgot the rest, and the commit holds the mended files.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard-fix
cd work

put charts/demo/Chart.yaml version 1.2.1
git add --all
# A framework may refuse a commit whose files its hook changed; the next try then has them.
git commit --message='demo 1.2.1' || git commit --message='demo 1.2.1'
git show HEAD:charts/demo/Chart.yaml | grep -qx 'appVersion: 1.2.1' || fail 'appVersion is not mended'
git show HEAD:charts/demo/values.yaml | grep -qx '  tag: v1.2.1' || fail 'the values are not mended'
git show HEAD:docs/CHANGELOG/CHANGELOG-1.2.md | grep -qx '# v1.2.1' || fail 'the changelog has no section'
[[ -z $(git status --porcelain) ]] || fail 'the working tree differs from the commit'
