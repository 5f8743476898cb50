#!/usr/bin/env bash
# Records a deployment: its start, each line of standard input as progress, and its end.
#
#   produce.sh DEPLOYMENT_ID < STEPS
#
# ACTIVITY_ADDRESS names the service. To record a command instead, `activity_client run -- COMMAND` does all of this.
set -euo pipefail
deployment_id=$1

# `add` makes the event's id before the first attempt, and retries for a minute what passes, such as a restart of the service. An
# attempt that was stored without an answer is then a duplicate, not a second event.
record() {
  activity_client add --deployment-id "$deployment_id" --timeout 60 "$@"
}

record --type deployment.started --service api --environment production
while IFS= read -r step; do
  record --message "$step" </dev/null
done
record --type deployment.finished --outcome success
