import { Outcome } from "@activity-events/client";
import { fitEvent } from "../fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { finished, type Meaning } from "../meaning.ts";
import type { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";
import { readPush } from "./pushed-message.ts";

/** Actions on a rollout, in lower case, and what they mean here. */
const rolloutSteps: ReadonlyMap<string, readonly Meaning[]> = new Map([
  ["create", [{ type: "deployment.queued" }]],
  ["start", [{ type: "deployment.started" }]],
  ["succeed", [finished(Outcome.SUCCESS)]],
  ["failure", [finished(Outcome.FAILURE)]],
  ["cancel", [finished(Outcome.CANCELED)]],
  ["cancelled", [finished(Outcome.CANCELED)]],
  ["required", [{ type: "approval.requested" }]],
  ["approved", [{ type: "approval.granted" }]],
  ["rejected", [{ type: "approval.rejected" }, finished(Outcome.CANCELED)]],
]);

const jobSteps: ReadonlySet<string> = new Set(["start", "succeed", "failure", "cancel", "terminated"]);

/** Parts of the id of a rollout of Cloud Deploy. */
export function rolloutParts(names: {
  readonly project: string;
  readonly location: string;
  readonly pipeline: string;
  readonly release: string;
  readonly rollout: string;
}): readonly string[] {
  return ["cd", names.project, names.location, names.pipeline, names.release, names.rollout];
}

/**
 * Maps a push of the topics `clouddeploy-operations`, `clouddeploy-resources` and `clouddeploy-approvals`: its attributes say all. A
 * rollout may run again, so a message is the fact: its id, which a redelivery repeats, tells two of them apart. Throws a MappingError.
 */
export function mapCloudDeploy(body: PayloadValue): Mapping {
  const { attributes, message } = readPush(body);
  // An approval is about a rollout, and names it by another attribute.
  const isApproval = attributes.optionalText("ResourceType") === "" && attributes.optionalText("Rollout") !== "";
  const kind = isApproval ? "rollout" : attributes.text("ResourceType").toLowerCase();
  const action = attributes.text("Action").toLowerCase();
  const steps =
    kind === "rollout" ? rolloutSteps.get(action) : kind === "jobrun" && jobSteps.has(action) ? jobStep : [];
  if (steps === undefined || steps.length === 0) return ignored(`${action} of a ${kind}`);
  const resource = resourceOf(attributes, isApproval ? "Rollout" : "Resource");
  const sendTime = message.time("publishTime");
  const job = attributes.decoration("JobId") || attributes.decoration("JobRunId");
  const phase = attributes.decoration("PhaseId");
  const step = steps === jobStep ? `${job} of the phase ${phase}: ${action}` : "";
  return recorded(
    ...steps.map((said) =>
      fitEvent({
        deployment: rolloutParts(resource),
        event: [kind, action, said.type, messageIdOf(message)],
        ...said,
        sendTime,
        message: step,
        environment: attributes.decoration("TargetId"),
        service: resource.pipeline,
        revision: resource.release,
        labels: { rollout: resource.rollout, action },
      }),
    ),
  );
}

const jobStep: readonly Meaning[] = [{ type: "deployment.progress" }];

/** Pub/Sub says its own id; the emulator says it in two spellings. */
function messageIdOf(message: Fields): string {
  return message.optionalText("messageId") || message.text("message_id");
}

const resourceName =
  /^projects\/([^/]+)\/locations\/([^/]+)\/deliveryPipelines\/([^/]+)\/releases\/([^/]+)\/rollouts\/([^/]+)(\/|$)/;

function resourceOf(attributes: Fields, attribute: "Rollout" | "Resource") {
  const name = attributes.text(attribute);
  const [, project, location, pipeline, release, rollout] = resourceName.exec(name) ?? [];
  if (project && location && pipeline && release && rollout) return { project, location, pipeline, release, rollout };
  throw new MappingError(attributes.at(attribute), `must name a rollout; found ${JSON.stringify(name)}`);
}
