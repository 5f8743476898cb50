import { Outcome } from "@activity-events/client";
import { fitEvent } from "../fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "../mapping.ts";
import { finished, type Meaning } from "../meaning.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { pushedJson, readPush } from "./pushed-message.ts";

interface TimedMeaning extends Meaning {
  /** Field of the build with the time of the status. */
  readonly time: "createTime" | "startTime" | "finishTime";
}

const ended = (outcome: Outcome): TimedMeaning => ({ ...finished(outcome), time: "finishTime" });

/** Statuses of a build and what they mean here. */
const meanings: ReadonlyMap<string, TimedMeaning> = new Map([
  ["PENDING", { type: "deployment.queued", time: "createTime" }],
  ["QUEUED", { type: "deployment.queued", time: "createTime" }],
  ["WORKING", { type: "deployment.started", time: "startTime" }],
  ["SUCCESS", ended(Outcome.SUCCESS)],
  ["FAILURE", ended(Outcome.FAILURE)],
  ["TIMEOUT", ended(Outcome.FAILURE)],
  ["INTERNAL_ERROR", ended(Outcome.ERROR)],
  ["EXPIRED", ended(Outcome.ERROR)],
  ["CANCELLED", ended(Outcome.CANCELED)],
]);

/** Parts of the id of a build of Cloud Build. */
export function buildParts(projectId: string, buildId: string): readonly string[] {
  return ["cb", projectId, "build", buildId];
}

/** Maps a push of the topic `cloud-builds`: a build in one of its statuses, each of which occurs once. Throws a MappingError. */
export function mapCloudBuild(body: PayloadValue): Mapping {
  const build = new Fields(pushedJson(readPush(body)), "build");
  const status = build.text("status");
  const found = meanings.get(status);
  if (found === undefined) return ignored(`a build with the status ${JSON.stringify(status)}`);
  const { time, ...meaning } = found;
  const substitutions = build.optionalObject("substitutions");
  const first = (...names: readonly string[]) =>
    names.map((name) => substitutions.decoration(name)).find((value) => value !== "") ?? "";
  const commit = first("COMMIT_SHA", "REVISION_ID");
  return recorded(
    fitEvent({
      deployment: buildParts(build.text("projectId"), build.text("id")),
      event: ["status", status],
      ...meaning,
      sendTime: build.time(time) ?? build.time("createTime"),
      message: meaning.outcome === undefined ? "" : build.decoration("statusDetail"),
      environment: first("_ENVIRONMENT"),
      service: first("_SERVICE", "REPO_NAME", "TRIGGER_NAME"),
      revision: first("_REVISION", "TAG_NAME", "SHORT_SHA"),
      commit,
      url: build.decoration("logUrl"),
      labels: { status, branch: first("BRANCH_NAME"), trigger: first("TRIGGER_NAME") },
    }),
  );
}
