# Clones the repository with its whole history: the audit needs every branch and tag.
set -eu
export GIT_TERMINAL_PROMPT=0
if [ -f "$CREDENTIALS/ssh-privatekey" ]; then
  export GIT_SSH_COMMAND="ssh -i $CREDENTIALS/ssh-privatekey -o IdentitiesOnly=yes -o BatchMode=yes \
    -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$CREDENTIALS/known_hosts"
elif [ -f "$CREDENTIALS/password" ]; then
  # For this host alone, and read when git asks: no password in a URL, an argument or a log.
  host=${REPOSITORY_URL#*://}
  host=${REPOSITORY_URL%%://*}://${host%%/*}
  git config --global "credential.$host.helper" "!printf 'username=%s\npassword=%s\n' \
    \"\$(cat $CREDENTIALS/username)\" \"\$(cat $CREDENTIALS/password)\" #"
fi
set -- clone --quiet
[ -z "$REPOSITORY_REF" ] || set -- "$@" --branch "$REPOSITORY_REF"
rm -rf "$DESTINATION"
git "$@" -- "$REPOSITORY_URL" "$DESTINATION"
