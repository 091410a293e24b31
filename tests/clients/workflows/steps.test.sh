#!/usr/bin/env bash
# The scripts of the workflows that init writes, run as the forge runs them, with a `gh` that tells what it is asked.
# shellcheck disable=SC2016 # scripts of others stand in single quotes
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/workflows/step.sh
source "$ROOT/tests/clients/workflows/step.sh"
need cargo git python3 jq
python3 -c 'import yaml' || exit 77

project work
printf 'FROM scratch\n' >work/Dockerfile
git -C work add --all && git -C work commit --quiet --message=image
git -C work branch release-1.2
git -C work tag -a v1.2.0 -m 1.2.0
relguard -C work init --workflows github --quiet

export TAG_PREFIX=v TAG_SUFFIX='' GITHUB_OUTPUT=$PWD/output GITHUB_REPOSITORY=Team/Demo GH_REPO=Team/Demo
GITHUB_REF_NAME=v1.2.0+b.1 step image 'Name the image'
[[ $(cat output) == 'tags=ghcr.io/team/demo:v1.2.0-b.1,ghcr.io/team/demo:1.2.0-b.1' ]] || fail "$(cat output)"

rm output
GITHUB_REF_NAME=v1.2.0-final TAG_SUFFIX=-final step image 'Name the image'
[[ $(cat output) == 'tags=ghcr.io/team/demo:v1.2.0,ghcr.io/team/demo:1.2.0' ]] || fail "$(cat output)"

mkdir bin
cat >bin/gh <<'SH'
#!/usr/bin/env bash
case $1 in
  api)
    if [[ $* == *commits/tags/* ]]; then echo "$TAGGED"; else printf 'refs/tags/v%s\n' 1.1.0 1.9.0 1.10.0 1.11.0-rc.1 2 1.1.1 1.3.0-final 1.2.0-final 1.4.0-rc.1-final; fi
    ;;
  release)
    case $2:$* in
      view:*--json*) ls there ;;
      view:*) exec test -e released ;;
      download:*"--pattern $5 --dir attached") mkdir -p attached && cp "there/$5" attached ;;
      *) echo "${*:2}" >>asked ;;
    esac
    ;;
esac
SH
chmod +x bin/gh
PATH=$PWD/bin:$PATH
mkdir -p release/charts there
touch release/notes.md release/charts/demo.tgz release/charts/demo.tgz.sha256

# asked TAG KIND…: what is asked of the forge for a tag.
asked() {
  rm -f asked
  GITHUB_REF_NAME=$1 step release 'Make the release, or complete it'
  cat asked
  says asked "$2"
  says asked "upload $1 --clobber release/charts/demo.tgz release/charts/demo.tgz.sha256"
}

asked v1.10.0 'create v1.10.0 --verify-tag --title v1.10.0 --notes-file release/notes.md --latest=true'
asked v1.1.1 '--notes-file release/notes.md --latest=false'
asked v1.11.0-rc.1 '--notes-file release/notes.md --prerelease --latest=false'
export TAG_SUFFIX=-final
asked v1.3.0-final '--notes-file release/notes.md --latest=true'
asked v1.2.0-final '--notes-file release/notes.md --latest=false'
asked v1.4.0-rc.1-final '--notes-file release/notes.md --prerelease --latest=false'
export TAG_SUFFIX=''
touch released
asked v1.10.0 'edit v1.10.0 --notes-file release/notes.md --latest=true'
! grep -q create asked || fail 'the release is made twice'

# What is attached already is left alone, and never replaced.
echo an archive >release/charts/demo.tgz && cp release/charts/demo.tgz there/
rm -f asked
GITHUB_REF_NAME=v1.10.0 step release 'Make the release, or complete it'
says asked 'upload v1.10.0 --clobber release/charts/demo.tgz.sha256'
cp release/charts/demo.tgz.sha256 there/ && rm -rf asked attached
GITHUB_REF_NAME=v1.10.0 step release 'Make the release, or complete it'
! grep -q upload asked || fail 'what is attached is attached again'
echo another archive >there/demo.tgz && rm -rf asked attached
GITHUB_REF_NAME=v1.10.0 refused log step release 'Make the release, or complete it'
says log 'demo.tgz is attached to v1.10.0 already'
! grep -q upload asked || fail 'a published archive is replaced'

# A tag that was moved between two jobs ends the run.
hold='Hold the tag against what was pushed'
GITHUB_REF_NAME=v1.10.0 GITHUB_SHA=a TAGGED=a step release "$hold"
GITHUB_REF_NAME=v1.10.0 GITHUB_SHA=a TAGGED=b refused log step release "$hold"
says log 'v1.10.0 is b now, and this run is of a'

# The chart: packaged on one machine, published on another, in a checkout of the tag.
export RELGUARD=$PWD/bin/relguard GITHUB_REF_NAME=v1.2.0 GITHUB_SERVER_URL=file://$PWD/forge INDEX_REPOSITORY=''
export INDEX_BRANCH=gh-pages
export INDEX_TOKEN=of-the-index USED=$PWD/used
cat >bin/relguard <<'SH'
#!/usr/bin/env bash
echo "${RELGUARD_TOKEN:-none} ${GIT_CONFIG_COUNT:-unset}" >"$USED"
source "$ROOT/tests/clients/lib.sh"
relguard "$@"
SH
chmod +x bin/relguard
# A project that keeps no changelog has a description all the same.
project none
git -C none rm --quiet -r docs && printf 'changelog: false\n' >none/.relguard.yaml
git -C none add --all && git -C none commit --quiet --message='keep no changelog' && git -C none tag v1.2.0
cp -r work none/
(cd none && step prepare 'Describe the release')
says none/release/notes.md 'Release v1.2.0.'
for name in Demo Charts; do git init --quiet --bare "forge/Team/$name"; done
git -C work push --quiet "$GITHUB_SERVER_URL/Team/Demo" master release-1.2 v1.2.0
git clone --quiet "$GITHUB_SERVER_URL/Team/Demo" checkout
git -C checkout checkout --quiet --detach v1.2.0
cp -r work checkout/
cd checkout
rm -rf ../release
export GITHUB_SHA
GITHUB_SHA=$(git rev-parse HEAD)
for job in prepare image index; do step "$job" "$hold"; done
git tag --force --annotate v1.2.0 --message=moved HEAD~1
refused log step prepare "$hold"
says log "refs/tags/v1.2.0 is $(git rev-parse HEAD~1) now"
git fetch --quiet --force origin tag v1.2.0
step prepare "$hold"
step prepare 'Ask which charts lack a dependency'
[[ $(tail -n 1 ../output) == 'charts=[]' ]] || fail "$(cat ../output)"
step prepare 'Package the chart'
(cd release/charts && sha256sum --check ./*.sha256)
step prepare 'Describe the release'
says release/notes.md 'The first.'
step index 'Publish the chart'
git --git-dir=../forge/Team/Demo show gh-pages:index.yaml | tee index.txt
says index.txt "digest: $(cut -d ' ' -f 1 release/charts/*.sha256)"
before=$(git --git-dir=../forge/Team/Demo rev-parse gh-pages)
step index 'Publish the chart'
[[ $(git --git-dir=../forge/Team/Demo rev-parse gh-pages) == "$before" ]] || fail 'the same archive is published twice'

# Somebody else publishes between the attempts: the first push is refused, the next one is on top of theirs.
put charts/demo/Chart.yaml version 1.2.1
put charts/demo/Chart.yaml appVersion 1.2.1
put charts/demo/values.yaml tag v1.2.1
sed -i '1i # v1.2.1\n\nMore.\n' docs/CHANGELOG/CHANGELOG-1.2.md
git commit --quiet --all --message='demo 1.2.1'
rm -rf release/charts && mkdir -p release/charts
relguard package --destination "$PWD/release/charts"
git checkout --quiet --detach v1.2.0
git clone --quiet --branch gh-pages "$GITHUB_SERVER_URL/Team/Demo" ../theirs
git -C ../theirs commit --quiet --allow-empty --message='Publish theirs'
hooks=../forge/Team/Demo/hooks
mkdir -p "$hooks"
cat >"$hooks/pre-receive" <<'SH'
#!/usr/bin/env bash
rm "$0"
echo 'somebody was faster' >&2
exit 1
SH
chmod +x "$hooks/pre-receive"
printf '#!/usr/bin/env bash\necho "$*" >>"%s"\nexec git -C "%s" push --quiet origin gh-pages\n' \
  "$PWD/../slept" "$PWD/../theirs" >../bin/sleep
chmod +x ../bin/sleep
step index 'Publish the chart'
[[ $(cat ../slept) == 10 ]] || fail 'there were not two attempts'
git --git-dir=../forge/Team/Demo log --format=%s gh-pages | tee log.txt
[[ $(sed -n 2p log.txt) == 'Publish theirs' ]] || fail "it is not on top of somebody else's"
git --git-dir=../forge/Team/Demo cat-file -e gh-pages:charts/demo-1.2.1.tgz
[[ $(cat "$USED") == 'none unset' ]] || fail "the index's token is used for this repository"
INDEX_REPOSITORY=team/demo INDEX_TOKEN='' step index 'Publish the chart'
[[ $(cat "$USED") == 'none unset' ]] || fail "this repository is taken for another one"

# Elsewhere: that repository's token, no question to this one.
git remote set-url origin "$PWD/nowhere"
INDEX_REPOSITORY=Team/Charts INDEX_TOKEN='' refused log step index 'Publish the chart'
says log 'set the secret RELGUARD_INDEX_TOKEN'
! git --git-dir=../forge/Team/Charts rev-parse --verify --quiet gh-pages || fail 'it is published without a token'
INDEX_REPOSITORY=Team/Charts step index 'Publish the chart'
[[ $(cat "$USED") == 'of-the-index 0' ]] || fail "this repository's token is used for the index"
git --git-dir=../forge/Team/Charts cat-file -e gh-pages:charts/demo-1.2.1.tgz
