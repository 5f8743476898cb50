import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** How a step of the timeline looks: by its shape and its colour. */
export type StepTone = "plain" | "active" | "success" | "failure" | "warning";

/** Types that have words of their own. */
const words: Readonly<Record<string, string>> = {
  "deployment.queued": "Queued",
  "deployment.started": "Started",
  "deployment.finished": "Finished",
  "deployment.rolledback": "Rolled back",
  "service.removed": "Service removed",
  "activityevents.redacted": "Event redacted",
  "incident.opened": "Incident opened",
  "incident.resolved": "Incident resolved",
  "approval.requested": "Approval requested",
  "approval.granted": "Approval granted",
  "approval.rejected": "Approval rejected",
};

const outcomeWords: Readonly<Record<string, string>> = {
  OUTCOME_SUCCESS: "Succeeded",
  OUTCOME_FAILURE: "Failed",
  OUTCOME_CANCELED: "Canceled",
  OUTCOME_ERROR: "Ended with an error of the tooling",
};

/** Returns words for an event's type; undefined for a type that has none, and for plain progress, whose message says it. */
export function wordsOf({ type = "", outcome }: EventJson): string | undefined {
  return type === "deployment.finished" ? (outcomeWords[outcome ?? ""] ?? "Finished") : words[type];
}

/** Returns the tone of an event: by what it means, else by its severity. */
export function toneOf({ type, outcome, severity }: EventJson): StepTone {
  if (type === "deployment.finished" && outcome === "OUTCOME_SUCCESS") return "success";
  if (type === "incident.resolved" || type === "approval.granted") return "success";
  if (type === "deployment.finished" && outcome === "OUTCOME_CANCELED") return "warning";
  if (type === "deployment.finished" || type === "deployment.rolledback" || type === "incident.opened")
    return "failure";
  switch (severity) {
    case "SEVERITY_ERROR":
    case "SEVERITY_CRITICAL":
    case "SEVERITY_ALERT":
    case "SEVERITY_EMERGENCY":
      return "failure";
    case "SEVERITY_WARNING":
      return "warning";
    default:
      return type === "deployment.started" || type === "deployment.queued" ? "active" : "plain";
  }
}

/** Returns the severity's name if it is worth a word: neither INFO, which is the default, nor NOTICE. */
export function severityWord({ severity = "SEVERITY_INFO" }: EventJson): string | undefined {
  const name = `${severity}`.replace(/^SEVERITY_/, "");
  return name === "INFO" || name === "NOTICE" || name === "UNSPECIFIED" ? undefined : name;
}
