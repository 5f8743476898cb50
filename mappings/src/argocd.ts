import { Outcome } from "@activity-events/client";
import { fitEvent } from "./fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "./mapping.ts";
import { finished, type Meaning } from "./meaning.ts";
import { Fields } from "./payload/fields.ts";
import type { PayloadValue } from "./payload/parse-payload.ts";

/** Phases of an operation of Argo CD and what they mean here. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["Running", { type: "deployment.started" }],
  ["Succeeded", finished(Outcome.SUCCESS)],
  ["Failed", finished(Outcome.FAILURE)],
  ["Error", finished(Outcome.ERROR)],
]);

/** Message of an operation that somebody stopped, whose phase is Failed. */
const terminated = "Operation terminated";

/**
 * Maps a notification of Argo CD, made by the template of docs/webhooks.md: `app` is the application, or the parts of it that are read
 * here. A sync is a deployment, named by its start. Throws a MappingError.
 */
export function mapArgocdNotification(body: PayloadValue): Mapping {
  const payload = new Fields(body);
  const app = payload.object("app");
  const metadata = app.object("metadata");
  const status = app.object("status");
  if (!status.has("operationState")) return ignored("the application has not been synced yet");
  const operation = status.object("operationState");
  const phase = operation.text("phase");
  const meaning = meanings.get(phase);
  if (meaning === undefined) return ignored(`an operation in the phase ${JSON.stringify(phase)}`);
  const isFinished = meaning.outcome !== undefined;
  // Read so that a wrong one is named; the text names the operation.
  const startTime = operation.time("startedAt");
  const startedAt = operation.text("startedAt");
  // While it runs, the message changes between two notifications of the same.
  const message = isFinished ? operation.decoration("message") : "";
  const name = metadata.text("name");
  const revision = isFinished ? revisionOf(operation) : "";
  const event = fitEvent({
    deployment: ["argo", metadata.optionalText("namespace"), name, startedAt],
    event: [phase.toLowerCase()],
    ...meaning,
    ...(message === terminated ? { outcome: Outcome.CANCELED } : {}),
    sendTime: isFinished ? (operation.time("finishedAt") ?? startTime) : startTime,
    message,
    actor: userOf(operation),
    environment: payload.decoration("environment") || destinationOf(app),
    service: payload.decoration("service") || name,
    revision,
    commit: /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision) ? revision : "",
    url: urlOf(payload, metadata),
    labels: { project: app.optionalObject("spec").decoration("project"), trigger_phase: phase },
  });
  return recorded(event);
}

/** The revision that was synced; of an application with several sources all of them. */
function revisionOf(operation: Fields): string {
  const result = operation.optionalObject("syncResult");
  const revision = result.decoration("revision");
  if (revision !== "") return revision;
  const revisions = result.value("revisions");
  return Array.isArray(revisions) ? revisions.filter((each) => typeof each === "string").join(",") : "";
}

function userOf(operation: Fields): string {
  return operation.optionalObject("operation").optionalObject("initiatedBy").decoration("username");
}

function destinationOf(app: Fields): string {
  const destination = app.optionalObject("spec").optionalObject("destination");
  return destination.decoration("namespace") || destination.decoration("name");
}

function urlOf(payload: Fields, metadata: Fields): string {
  const base = payload.optionalObject("context").decoration("argocdUrl");
  const path = [metadata.optionalText("namespace"), metadata.text("name")].filter((part) => part !== "").join("/");
  return base === "" ? "" : `${base}/applications/${path}`;
}
