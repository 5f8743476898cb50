import { idOfParts, Severity } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { fitContent } from "../fit/fit-event.ts";
import { pushedJson, readPush } from "../google/pushed-message.ts";
import { ignored, type Mapping } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";

/**
 * Maps a notification of Cloud Monitoring, version 1.2, that Pub/Sub pushes. The labels of the alerting policy name the service and
 * the environment. Throws a MappingError.
 */
export function mapCloudMonitoring(body: PayloadValue): Mapping {
  const incident = new Fields(pushedJson(readPush(body))).object("incident");
  const labels = incident.optionalObject("policy_user_labels");
  const service = labels.decoration("service");
  const environment = labels.decoration("environment");
  if (service === "" || environment === "") {
    return ignored("the alerting policy has no user labels service and environment");
  }
  const state = incident.text("state").toLowerCase();
  if (state !== "open" && state !== "closed") {
    throw new MappingError(incident.at("state"), `must be open or closed; found ${JSON.stringify(state)}`);
  }
  const startTime = incident.time("started_at");
  const named = [incident.text("incident_id"), String(incident.value("started_at") ?? "")];
  const event = (step: "opened" | "resolved", sendTime: Timestamp | undefined) => ({
    eventId: idOfParts([...named, step]),
    ...fitContent({
      type: `incident.${step}`,
      sendTime,
      message: `${incident.decoration("policy_name") || "An alert"} is ${state === "open" || step === "opened" ? "open" : "closed"}`,
      severity: step === "opened" ? Severity.ERROR : undefined,
      url: incident.decoration("url"),
      labels: { condition: incident.decoration("condition_name") },
    }),
  });
  const opened = event("opened", startTime);
  const events = state === "closed" ? [opened, event("resolved", incident.time("ended_at"))] : [opened];
  return {
    kind: "incidents",
    incidents: [{ service, environment, startTime, knownBy: [opened.eventId], events }],
    unread: [],
  };
}
