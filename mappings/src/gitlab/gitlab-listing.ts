import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { ignored, type MappedEvent, type Mapping, recorded } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { deploymentStatusEvent } from "./deployment.ts";
import { type Project, projectOfUrl } from "./project.ts";

/** Statuses in which a deployment does not stay; the last one is the listing's. */
const passed: ReadonlySet<string> = new Set(["success", "failed", "canceled"]);

/**
 * Maps a deployment of a listing of GitLab's API to the events of its webhooks: its creation, the start of its job, and its status. A
 * job tells of its project by its addresses; without one `project` must. Throws a MappingError.
 */
export function mapGitlabListing(value: PayloadValue, project?: Project): Mapping {
  const item = new Fields(value);
  if (!item.has("environment") || !item.has("sha")) {
    throw new MappingError("", "is no deployment of GitLab's API");
  }
  const status = item.text("status");
  const job = item.optionalObject("deployable");
  const event = (name: string, time: Timestamp | undefined): MappedEvent[] => {
    const mapped = deploymentStatusEvent({
      project: project ?? projectOfItem(job),
      deploymentId: item.id("id"),
      status: name,
      time,
      environment: item.object("environment").decoration("name"),
      commit: item.decoration("sha"),
      user: item.optionalObject("user").decoration("username"),
      jobId: job.has("id") ? job.id("id") : "",
    });
    return mapped === undefined ? [] : [mapped];
  };
  const startTime = job.time("started_at");
  const endTime = job.time("finished_at") ?? item.time("updated_at");
  const isStarted = startTime !== undefined && (passed.has(status) || status === "running");
  const events = [
    ...(status === "created" ? [] : event("created", item.time("created_at"))),
    ...(isStarted && status !== "running" ? event("running", startTime) : []),
    ...event(status, timeOf(status, { createTime: item.time("created_at"), startTime, endTime })),
  ];
  return events.length === 0 ? ignored(`the status ${JSON.stringify(status)}`) : recorded(...events);
}

interface Times {
  readonly createTime: Timestamp | undefined;
  readonly startTime: Timestamp | undefined;
  readonly endTime: Timestamp | undefined;
}

function timeOf(status: string, { createTime, startTime, endTime }: Times): Timestamp | undefined {
  if (status === "created") return createTime;
  return status === "running" ? startTime : endTime;
}

function projectOfItem(job: Fields): Project {
  const urls = [
    [job.optionalObject("pipeline").decoration("web_url"), "deployable.pipeline.web_url"],
    [job.decoration("web_url"), "deployable.web_url"],
    [job.optionalObject("commit").decoration("web_url"), "deployable.commit.web_url"],
  ] as const;
  const [url, field] = urls.find(([said]) => said !== "") ?? ["", "deployable.pipeline.web_url"];
  if (url === "") throw new MappingError(field, "is missing, so the project is unknown; name it by --project-url");
  return projectOfUrl(url, field);
}
