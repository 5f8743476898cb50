import { idOfParts, Outcome } from "@activity-events/client";
import { type EventDraft, fitContent, fitEvent } from "../fit/fit-event.ts";
import { ignored, type Mapping, recorded } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { finished } from "../meaning.ts";
import { Fields } from "../payload/fields.ts";
import type { CloudEvent } from "./cloud-event.ts";

/** Form of the types of CDEvents, with subject and predicate. Source: cdevents.dev, versions 0.4 and 0.5. */
const cdType = /^dev[.]cdevents[.]([a-z]+)[.]([a-z]+)[.]/;

/** Tells whether an event is a CDEvent. */
export function isCdEvent({ type }: CloudEvent): boolean {
  return cdType.test(type);
}

const outcomes: ReadonlyMap<string, Outcome> = new Map([
  ["success", Outcome.SUCCESS],
  ["failure", Outcome.FAILURE],
  ["cancel", Outcome.CANCELED],
  ["error", Outcome.ERROR],
]);

/** The parts of a CDEvent, and the base of each event that is made of it. */
interface CdEvent {
  readonly context: Fields;
  readonly subject: Fields;
  readonly content: Fields;
  readonly kind: string;
  readonly draft: Omit<EventDraft, "type" | "deployment">;
}

/** Maps a CDEvent. Throws a MappingError. */
export function mapCdEvent(event: CloudEvent): Mapping {
  const [, subjectType = "", predicate = ""] = cdType.exec(event.type) ?? [];
  const payload = new Fields(event.data, event.path === "" ? "data" : `${event.path}.data`);
  const context = payload.object("context");
  const subject = payload.object("subject");
  const content = subject.optionalObject("content");
  const cdEvent: CdEvent = {
    context,
    subject,
    content,
    kind: `${subjectType}.${predicate}`,
    draft: {
      event: [context.text("source"), context.text("id")],
      sendTime: context.time("timestamp"),
      source: context.text("source"),
      url: content.decoration("uri"),
      labels: {
        cdevents_type: event.type,
        chain_id: context.decoration("chainId"),
      },
    },
  };
  switch (subjectType) {
    case "pipelinerun":
      return runEvent(cdEvent);
    case "taskrun":
      return taskEvent(cdEvent);
    case "service":
      return serviceEvent(cdEvent);
    case "incident":
      return incidentEvent(cdEvent);
    default:
      return ignored(`CDEvents of ${subjectType}`);
  }
}

/** A run of a pipeline is the deployment. */
function runEvent({ context, subject, content, kind, draft }: CdEvent): Mapping {
  const deployment = ["cdevents", subject.optionalText("source") || context.text("source"), subject.text("id")];
  const service = content.decoration("pipelineName");
  const errors = content.decoration("errors");
  switch (kind) {
    case "pipelinerun.queued":
      return recorded(fitEvent({ ...draft, deployment, service, type: "deployment.queued" }));
    case "pipelinerun.started":
      return recorded(fitEvent({ ...draft, deployment, service, type: "deployment.started" }));
    case "pipelinerun.finished": {
      const end = { ...finished(outcomeOf(content, errors)), message: errors };
      return recorded(fitEvent({ ...draft, deployment, service, ...end }));
    }
    default:
      return ignored(kind);
  }
}

/** The outcome is optional: without one, errors are a failure, and no errors say nothing about the change. */
function outcomeOf(content: Fields, errors: string): Outcome {
  const said = content.optionalText("outcome");
  if (said === "") return errors === "" ? Outcome.ERROR : Outcome.FAILURE;
  const outcome = outcomes.get(said.toLowerCase());
  if (outcome !== undefined) return outcome;
  throw new MappingError(content.at("outcome"), `must be one of ${[...outcomes.keys()].join(", ")}; found ${said}`);
}

/** A task is a step of its pipeline's run; alone it belongs to nothing. */
function taskEvent({ context, subject, content, kind, draft }: CdEvent): Mapping {
  if (!content.has("pipelineRun")) return ignored(`${kind} without a pipelineRun`);
  const run = content.object("pipelineRun");
  const deployment = ["cdevents", run.optionalText("source") || context.text("source"), run.text("id")];
  const name = content.decoration("taskName") || subject.text("id");
  const outcome = content.decoration("outcome");
  const message = `${name} ${kind.replace("taskrun.", "")}${outcome === "" ? "" : `: ${outcome}`}`;
  return recorded(fitEvent({ ...draft, deployment, type: "deployment.progress", message }));
}

/** A service that was deployed is a deployment that is over; what ends one belongs to the deployment that was in place. */
function serviceEvent({ context, subject, content, kind, draft }: CdEvent): Mapping {
  const environment = content.optionalObject("environment").decoration("id");
  const service = serviceName(subject.text("id"));
  const where = { service, environment };
  const [source, id] = [context.text("source"), context.text("id")];
  switch (kind) {
    case "service.deployed":
    case "service.upgraded": {
      const revision = content.decoration("artifactId");
      const end = { ...finished(Outcome.SUCCESS), revision };
      return recorded(fitEvent({ ...draft, ...where, ...end, deployment: ["cdevents", source, id] }));
    }
    case "service.rolledback":
      return inPlace(where, { ...draft, type: "deployment.rolledback" });
    case "service.removed":
      return inPlace(where, { ...draft, type: "service.removed" });
    default:
      return ignored(kind);
  }
}

/** An incident is opened by what detects it, and by a report of it; its end belongs where its beginning is. */
function incidentEvent({ context, subject, content, kind, draft }: CdEvent): Mapping {
  const type = new Map([
    ["incident.detected", "incident.opened"],
    ["incident.reported", "incident.opened"],
    ["incident.resolved", "incident.resolved"],
  ]).get(kind);
  if (type === undefined) return ignored(kind);
  const where = {
    environment: content.optionalObject("environment").decoration("id"),
    service: serviceName(content.optionalObject("service").decoration("id")),
  };
  const incident = [subject.optionalText("source") || context.text("source"), subject.text("id")];
  const message = content.decoration("description");
  const url = content.decoration("ticketURI");
  const knownBy = ["detected", "reported"].map((step) => idOfParts([...incident, step]));
  const event = [...incident, kind.replace("incident.", "")];
  return inPlace(where, { ...draft, event, type, message, url }, knownBy);
}

interface Place {
  readonly service: string;
  readonly environment: string;
}

/** An event of the deployment of a service and environment that was in place then. */
function inPlace(place: Place, { event, ...content }: Omit<EventDraft, "deployment">, knownBy: string[] = []): Mapping {
  if (place.service === "" || place.environment === "") return ignored("it names no service and environment");
  const eventId = idOfParts(event);
  const incident = {
    ...place,
    startTime: content.sendTime,
    knownBy: [eventId, ...knownBy.filter((id) => id !== eventId)],
    events: [{ eventId, ...fitContent(content) }],
  };
  return { kind: "incidents", incidents: [incident], unread: [] };
}

/** The last segment: an id such as `service/shop` is a path. */
function serviceName(id: string): string {
  return id.split("/").at(-1) || id;
}
