import { idOfParts, Severity } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { fitContent } from "../fit/fit-event.ts";
import { type Incident, ignored, type Mapping } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";

/**
 * Maps a notification of Alertmanager, version 4: the alerts whose labels name a service and an environment. Only what a repeated
 * notification repeats is read: annotations and links change while an alert fires. An alert that cannot be read costs no other one.
 * Throws a MappingError.
 */
export function mapAlertmanager(body: PayloadValue): Mapping {
  const incidents: Incident[] = [];
  const unread: MappingError[] = [];
  for (const { value, path } of new Fields(body).items("alerts")) {
    try {
      const incident = incidentOf(new Fields(value, path));
      if (incident !== undefined) incidents.push(incident);
    } catch (error) {
      if (!(error instanceof MappingError)) throw error;
      unread.push(error);
    }
  }
  if (incidents.length > 0 || unread.length > 0) return { kind: "incidents", incidents, unread };
  return ignored("no alert has the labels service and environment");
}

function incidentOf(alert: Fields): Incident | undefined {
  const labels = alert.object("labels");
  const service = labels.decoration("service");
  const environment = labels.decoration("environment") || labels.decoration("env");
  if (service === "" || environment === "") return undefined;
  const status = alert.text("status");
  if (status !== "firing" && status !== "resolved") {
    throw new MappingError(alert.at("status"), `must be firing or resolved; found ${JSON.stringify(status)}`);
  }
  const startTime = alert.time("startsAt");
  const named = [alert.text("fingerprint"), alert.text("startsAt")];
  const name = labels.decoration("alertname") || "An alert";
  const content = { labels: Object.fromEntries(labels.names().map((each) => [each, labels.decoration(each)])) };
  const event = (step: "opened" | "resolved", sendTime: Timestamp | undefined, message: string) => ({
    eventId: idOfParts([...named, step]),
    ...fitContent({
      ...content,
      type: `incident.${step}`,
      sendTime,
      message,
      severity: step === "opened" ? Severity.ERROR : undefined,
    }),
  });
  // The end repeats the beginning, which may have been missed.
  const opened = event("opened", startTime, `${name} fires`);
  const isOver = status === "resolved";
  const events = isOver ? [opened, event("resolved", alert.time("endsAt"), `${name} is resolved`)] : [opened];
  return { service, environment, startTime, knownBy: [opened.eventId], events };
}
