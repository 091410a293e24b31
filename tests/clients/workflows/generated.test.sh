#!/usr/bin/env bash
# The workflows that init writes, for projects with and without an image and a chart: what the forge takes, pinned, with
# no right more than they need, and no text of an event in a script.
# shellcheck disable=SC2016 # what a workflow holds stands in single quotes
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/workflows/audited.sh
source "$ROOT/tests/clients/workflows/audited.sh"
need cargo git check-jsonschema actionlint shellcheck zizmor python3

# generated NAME: the workflows of a project.
generated() {
  git -C "$1" add --all
  git -C "$1" commit --quiet --allow-empty --message=more
  git -C "$1" tag v1.2.0
  relguard -C "$1" init --workflows github
  (cd "$1" && audited .github/workflows/relguard-*.yml)
}

project both
printf 'FROM scratch\n' >both/Dockerfile
generated both
for part in image: index: linux/amd64,linux/arm64 'release-[0-9]+.[0-9]+'; do
  grep -rqF -- "$part" both/.github/workflows || fail "$part is missing"
done

project chart
generated chart
! grep -q 'image:' chart/.github/workflows/relguard-release.yml || fail "an image is built of nothing"

project image
git -C image rm --quiet -r charts
mkdir image/docker && printf 'FROM scratch\n' >image/docker/Dockerfile
generated image
says image/.github/workflows/relguard-release.yml 'file: "docker/Dockerfile"'
! grep -q helm image/.github/workflows/relguard-release.yml || fail "dependencies of no chart are fetched"
! grep -q 'index:' image/.github/workflows/relguard-release.yml || fail "an index of no chart is updated"

# Tags with a text behind the version, archives that lie with their release.
project odd
printf 'changelog: false\ntags: { release: "v{version}-final" }\nindex: { archives: false }\n' >odd/.relguard.yaml
generated odd
says odd/.github/workflows/relguard-release.yml 'tags: ["v[0-9]+.[0-9]+.[0-9]+*-final"]'
says odd/.github/workflows/relguard-release.yml '--url "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/releases/download/$GITHUB_REF_NAME"'

# Every action is pinned to a digest, but relguard's own; no expression stands in a script.
python3 - both/.github/workflows/*.yml "$ROOT"/.github/workflows/*.yml <<'PY'
import re
import sys

import yaml

for path in sys.argv[1:]:
    workflow = yaml.safe_load(open(path, encoding="utf-8"))
    assert workflow["permissions"] == {}, path
    for name, job in workflow["jobs"].items():
        assert job["permissions"], (path, name)
        assert job["timeout-minutes"], (path, name)
        for step in job["steps"]:
            uses = step.get("uses", "")
            assert not uses or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}|relguard/relguard@v\S+", uses), (path, uses)
            assert "${{" not in step.get("run", ""), (path, step)
PY
