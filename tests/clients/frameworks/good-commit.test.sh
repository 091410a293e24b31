#!/usr/bin/env bash
# A whole release commit passes, and so does one that touches nothing of the release.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard
cd work

release . 1.2.1
git commit --message='demo 1.2.1'
echo text >notes.txt
git add notes.txt
git commit --message='notes'
[[ $(git log --format=%s | head -n 2 | paste -sd,) == 'notes,demo 1.2.1' ]] || fail 'a commit is missing'
