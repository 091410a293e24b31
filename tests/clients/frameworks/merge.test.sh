#!/usr/bin/env bash
# A clean merge of two good branches that do not fit together is refused; one that only brings an old fault is not.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard
cd work

git checkout --quiet -b second
mkdir charts/second
sed 's/demo/second/' charts/demo/Chart.yaml >charts/second/Chart.yaml
git add --all
git commit --message='a second chart, at 1.2.0'
git checkout --quiet master
release . 1.2.1
git commit --message='demo 1.2.1'
before=$(git rev-parse HEAD)
refused log git merge --no-edit second
says log 'chart/one-version'
[[ $(git rev-parse HEAD) == "$before" ]] || fail 'the merge was made all the same'

# What one of the two branches had before is not the merge's fault.
git checkout --quiet -b faulty HEAD~1
put charts/demo/Chart.yaml appVersion 1.1.0
git add --all
git commit --quiet --no-verify --message='a fault from before the gate'
git checkout --quiet -b other HEAD~1
echo text >notes.txt
git add notes.txt
git commit --message='notes'
git merge --no-edit faulty
