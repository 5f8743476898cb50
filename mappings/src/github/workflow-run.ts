import { Outcome } from "@activity-events/client";
import { type EventDraft, fitEvent } from "../fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "../mapping.ts";
import { finished } from "../meaning.ts";
import type { Fields } from "../payload/fields.ts";
import { type Repository, runParts } from "./repository.ts";

/** A workflow that deploys without GitHub's deployments, and where to. */
export interface DeployingWorkflow {
  /** Name, or name of its file, such as `deploy.yml`. */
  readonly name: string;
  readonly environment?: string | undefined;
}

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ["success", Outcome.SUCCESS],
  ["neutral", Outcome.SUCCESS],
  ["failure", Outcome.FAILURE],
  ["timed_out", Outcome.FAILURE],
  ["startup_failure", Outcome.ERROR],
  ["cancelled", Outcome.CANCELED],
  ["skipped", Outcome.CANCELED],
  ["stale", Outcome.CANCELED],
]);

/** Finds the workflow of a run among those that deploy. */
export function findWorkflow(run: Fields, workflows: readonly DeployingWorkflow[]): DeployingWorkflow | undefined {
  const file = run.decoration("path").replace(/@.*$/, "").split("/").at(-1);
  return workflows.find(({ name }) => name === run.decoration("name") || name === file);
}

/** A run of a workflow, of a webhook or of a listing. */
export interface RunOf {
  readonly run: Fields;
  readonly repository: Repository;
  readonly environment: string;
}

/** Maps the state of a run. A completed one repeats the event of its start, which may have been missed. */
export function runMapping({ run, repository, environment }: RunOf): Mapping {
  const status = run.text("status");
  const startTime = run.time("run_started_at") ?? run.time("created_at");
  const event = (id: string, draft: Pick<EventDraft, "type" | "outcome" | "severity" | "sendTime">) =>
    fitEvent({ ...contentOf({ run, repository, environment }), event: [id], ...draft });
  const started = () => event("in_progress", { type: "deployment.started", sendTime: startTime });
  if (status === "in_progress") return recorded(started());
  if (["queued", "requested", "waiting", "pending"].includes(status)) {
    return recorded(event("requested", { type: "deployment.queued", sendTime: startTime }));
  }
  if (status !== "completed") return ignored(`a run with the status ${JSON.stringify(status)}`);
  const conclusion = run.optionalText("conclusion");
  const endTime = run.time("updated_at");
  if (conclusion === "action_required") {
    return recorded(event("action_required", { type: "approval.requested", sendTime: endTime }));
  }
  const outcome = outcomes.get(conclusion);
  if (outcome === undefined) return ignored(`a run with the conclusion ${JSON.stringify(conclusion)}`);
  return recorded(started(), event("completed", { ...finished(outcome), sendTime: endTime }));
}

function contentOf({ run, repository, environment }: RunOf): Omit<EventDraft, "event" | "type"> {
  const attempt = run.has("run_attempt") ? run.id("run_attempt") : "1";
  const triggeredBy = run.optionalObject("triggering_actor").decoration("login");
  return {
    deployment: runParts(repository, run.id("id"), attempt),
    message: run.decoration("name"),
    actor: triggeredBy || run.optionalObject("actor").decoration("login"),
    environment,
    service: repository.name,
    // A branch says little of what is deployed, and a tag looks the same here.
    revision: run.decoration("head_sha"),
    commit: run.decoration("head_sha"),
    url: run.decoration("html_url"),
    labels: { event: run.decoration("event"), ref: run.decoration("head_branch") },
  };
}
