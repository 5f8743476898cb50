#!/usr/bin/env bash
# Shows the events of a deployment, and goes on live. The file keeps the cursor, so that a restart goes on where it ended.
#
#   follow.sh DEPLOYMENT_ID CURSOR_FILE
#
# ACTIVITY_ADDRESS names the service. `tail` reconnects by itself: after a restart, a lost connection, and a silent one.
set -euo pipefail
deployment_id=$1 cursor_file=$2

# Does what the events are for, then moves the cursor: after a crash in between the event comes again.
handle() {
  jq -r '[.sequence, .type, .message // ""] | @tsv' <<<"$1"
  jq -r .sequence <<<"$1" >"$cursor_file.new"
  mv "$cursor_file.new" "$cursor_file"
}

cursor=0
if [[ -e $cursor_file ]]; then cursor=$(<"$cursor_file"); fi
activity_client tail --json --timeout 60 --deployment-id "$deployment_id" --after-sequence "$cursor" |
  while IFS= read -r event; do
    handle "$event"
  done
