import { type Deployment, type Event, escapeControls, Outcome, Severity } from "@activity-events/client";
import { isEmptied } from "@activity-events/client/internal";
import { InvalidArgumentError } from "commander";
import { enumName } from "../text/enum-name.ts";

/** What an event is about. Most events leave it out, since the first one of their deployment has said it. */
export type Subject = Pick<Deployment, "environment" | "service" | "revision">;

/** Returns what an event says of it, or else its deployment. */
export function subjectOf(event: Event, deployment: Subject | undefined): Subject {
  return {
    environment: event.environment || (deployment?.environment ?? ""),
    service: event.service || (deployment?.service ?? ""),
    revision: event.revision || (deployment?.revision ?? ""),
  };
}

const fields: Readonly<Record<string, (event: Event, subject: Subject) => string>> = {
  deployment_id: (event) => event.deploymentId,
  event_id: (event) => event.eventId,
  sequence: (event) => `${event.sequence}`,
  type: (event) => event.type,
  outcome: (event) => enumName(Outcome, event.outcome),
  severity: (event) => enumName(Severity, event.severity),
  message: messageOf,
  actor: (event) => event.actor,
  environment: (_, subject) => subject.environment,
  service: (_, subject) => subject.service,
  revision: (_, subject) => subject.revision,
  commit: (event) => event.commit,
  url: (event) => event.url,
};

function messageOf(event: Event): string {
  return isEmptied(event) ? "(redacted)" : event.message;
}

/** Names that a template may hold between braces. */
export const fieldNames = Object.keys(fields);

/** Makes the line for people of an event. */
export type EventText = (event: Event, subject: Subject) => string;

/** Parses a template such as `{service} {revision}: {type}`; the names are those of the contract. `{{` is a brace. */
export function parseTemplate(template: string): EventText {
  const parts = [...template.matchAll(/\{\{|\{([^{}]*)\}|[^{]+|\{/g)].map(([text, name]) => {
    if (text === "{{") return () => "{";
    if (name === undefined && text !== "{") return () => text;
    const field = Object.hasOwn(fields, name ?? "") ? fields[name ?? ""] : undefined;
    if (field !== undefined) return (...about: Parameters<typeof field>) => escapeControls(field(...about));
    throw new InvalidArgumentError(
      `There is no field {${name ?? ""}}. Known are {${fieldNames.join("}, {")}}; {{ is a brace.`,
    );
  });
  return (event, subject) => parts.map((part) => part(event, subject)).join("");
}

const signs: Readonly<Partial<Record<string, string>>> = {
  SUCCESS: "✅",
  FAILURE: "❌",
  CANCELED: "⏹️",
  ERROR: "⚠️",
};

/** What is said without a template, such as `✅ shop 1.4.2 → production: deployment.finished SUCCESS (release-42) by ada`. */
export function defaultText(event: Event, { service, revision, environment }: Subject): string {
  const { type, deploymentId, actor, url } = event;
  const message = messageOf(event);
  const outcome = enumName(Outcome, event.outcome);
  const what = [service, revision].filter(Boolean).join(" ");
  const where = environment && (what ? `→ ${environment}` : environment);
  const about = [what, where].filter(Boolean).join(" ");
  const said = [about && `${about}:`, type, outcome, `(${deploymentId})`, actor && `by ${actor}`];
  const line = [signs[outcome], ...said].filter(Boolean).join(" ");
  return escapeControls([line + (message && `: ${message}`), url].filter(Boolean).join(" "));
}
