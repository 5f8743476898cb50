import { Outcome } from "@activity-events/client";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { fitEvent } from "../fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "../mapping.ts";
import { finished, type Meaning } from "../meaning.ts";
import type { Fields } from "../payload/fields.ts";
import { timeOfMs } from "../payload/parse-time.ts";
import { pipelineParts, projectOf, serviceOf } from "./project.ts";

const queued: Meaning = { type: "deployment.queued" };

/** Statuses of a pipeline of GitLab and what they mean here. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["created", queued],
  ["waiting_for_resource", queued],
  ["preparing", queued],
  ["pending", queued],
  ["scheduled", queued],
  ["manual", { type: "approval.requested" }],
  ["running", { type: "deployment.started" }],
  ["success", finished(Outcome.SUCCESS)],
  ["failed", finished(Outcome.FAILURE)],
  ["canceled", finished(Outcome.CANCELED)],
  ["skipped", finished(Outcome.CANCELED)],
]);

/** Maps the webhook of a pipeline. A retried job runs a pipeline again, so a status may occur more than once in it. */
export function pipelineMapping(payload: Fields): Mapping {
  const project = projectOf(payload);
  const pipeline = payload.object("object_attributes");
  const status = pipeline.text("status");
  const meaning = meanings.get(status);
  if (meaning === undefined) return ignored(`a pipeline with the status ${JSON.stringify(status)}`);
  const commit = pipeline.decoration("sha");
  const event = fitEvent({
    deployment: pipelineParts(project, pipeline.id("id")),
    // The time of the last end tells the status from the same one before it.
    event: ["status", status, ...(pipeline.has("finished_at") ? [pipeline.text("finished_at")] : [])],
    ...meaning,
    sendTime: timeOf(payload, pipeline, meaning),
    source: project.url,
    actor: payload.optionalObject("user").decoration("username"),
    environment: environmentOf(payload),
    service: serviceOf(project),
    revision: pipeline.value("tag") === true ? pipeline.decoration("ref") : commit,
    commit,
    url: project.url === "" ? "" : `${project.url}/-/pipelines/${pipeline.id("id")}`,
    labels: { status, pipeline: pipeline.decoration("name"), ref: pipeline.decoration("ref") },
  });
  return recorded(event);
}

/** The end is said; a start is the beginning and its time in the queue, or the latest job of a pipeline that runs again. */
function timeOf(payload: Fields, pipeline: Fields, { type }: Meaning): Timestamp | undefined {
  const createTime = pipeline.time("created_at");
  const finishTime = pipeline.time("finished_at");
  if (type === "deployment.finished") return finishTime;
  if (finishTime !== undefined) {
    const jobTimes = payload.objects("builds").map((job) => job.time("started_at") ?? job.time("created_at"));
    const times = [finishTime, ...jobTimes].flatMap((time) => (time === undefined ? [] : [timestampMs(time)]));
    return timeOfMs(Math.max(...times));
  }
  const queuedSeconds = pipeline.value("queued_duration");
  if (createTime === undefined || type !== "deployment.started" || typeof queuedSeconds !== "number") return createTime;
  return timeOfMs(timestampMs(createTime) + Math.round(queuedSeconds * 1_000)) ?? createTime;
}

/** The environment that the jobs deploy to, if it is one. */
function environmentOf(payload: Fields): string {
  const names = payload.objects("builds").map((job) => {
    const environment = job.optionalObject("environment");
    const isStart = ["", "start"].includes(environment.decoration("action"));
    return isStart ? environment.decoration("name") : "";
  });
  const [name = "", ...others] = new Set(names.filter((each) => each !== ""));
  return others.length === 0 ? name : "";
}
