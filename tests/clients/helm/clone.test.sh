#!/usr/bin/env bash
# The script that the chart hands to its git image clones all of a repository, at the ref it was told.
# shellcheck disable=SC2016
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git python3
"$CLIENT" template audit "$ROOT/charts/relguard" >all.yaml
"$VENV/python" - all.yaml >clone.sh <<'PY'
import sys, yaml
job = next(item for item in yaml.safe_load_all(open(sys.argv[1])) if item["kind"] == "CronJob")
print(job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["initContainers"][0]["args"][0])
PY

project origin
git -C origin branch release-1.2
git -C origin tag v1.2.0
export REPOSITORY_URL=file://$PWD/origin DESTINATION=$PWD/clone CREDENTIALS=$PWD/credentials
for ref in '' release-1.2 v1.2.0; do
  REPOSITORY_REF=$ref sh clone.sh
  [[ -e clone/charts/demo/Chart.yaml ]] || fail "no files at '$ref'"
  [[ -n $(git -C clone branch --remotes --list origin/release-1.2) && -n $(git -C clone tag) ]] || fail 'refs are missing'
done
REPOSITORY_REF='$(touch no)' refused log sh clone.sh
[[ ! -e no ]] || fail 'a ref was run as a command'

mkdir credentials
echo reader >credentials/username
echo 'a "word" $HOME' >credentials/password
export REPOSITORY_URL=https://git.invalid/team/project.git REPOSITORY_REF=
unset GIT_CONFIG_GLOBAL
refused log sh clone.sh
printf 'protocol=https\nhost=git.invalid\n\n' | git credential fill | tee filled
says filled 'username=reader'
says filled 'password=a "word" $HOME'
printf 'protocol=https\nhost=elsewhere.invalid\n\n' >elsewhere
GIT_TERMINAL_PROMPT=0 refused log git credential fill <elsewhere
