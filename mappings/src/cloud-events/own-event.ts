import { EventSchema } from "@activity-events/client";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { fitContent } from "../fit/fit-event.ts";
import type { MappedContent } from "../mapping.ts";
import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import type { PayloadValue } from "../payload/parse-payload.ts";

/** Types whose events have no fields of their own: `data` is read as an event in proto JSON. */
export function isOwnType(type: string): boolean {
  return /^(deployment|approval|incident|service)[.]/.test(type);
}

const texts = ["message", "source", "actor", "environment", "service", "revision", "commit", "url"] as const;

/** What the envelope says, and fields that a reader fills in. */
const elsewhere = ["name", "eventId", "deploymentId", "type", "sendTime", "receiveTime", "sequence"];
const outputOnly = ["salt", "commitment", "principal"];
const decided = ["outcome", "severity", "commitTime", "labels", "data", "traceParent"];
const names: readonly string[] = [...texts, ...elsewhere, ...outputOnly, ...decided];

/** Reads the fields of an event from the data of a CloudEvent. Throws a MappingError that names the field. */
export function ownContent(data: PayloadValue | undefined, path: string): Omit<MappedContent, "type"> {
  if (data === undefined) return { labels: {} };
  const fields = new Fields(data, path === "" ? "data" : `${path}.data`);
  for (const name of fields.names()) {
    if (!names.includes(name))
      throw new MappingError(fields.at(name), "is no field of an event; put your own into data");
  }
  const drafted = Object.fromEntries(texts.map((name) => [name, fields.optionalText(name)]));
  const { severity, outcome, traceParent } = wireValues(fields);
  const labels = fields.has("labels") ? textsOf(fields.object("labels")) : {};
  const commitTime = fields.time("commitTime");
  // Read so that anything but an object is named here.
  if (fields.has("data")) fields.object("data");
  const draft = { type: "", ...drafted, severity, outcome, commitTime, labels, data: fields.value("data") };
  const { type: _, ...content } = fitContent(draft);
  return { ...content, ...(traceParent === "" ? {} : { traceParent }) };
}

/** Reads what the contract's own reader decides: names or numbers of enums. */
function wireValues(fields: Fields) {
  const values: JsonObject = {};
  for (const [name, prefix] of [
    ["outcome", "OUTCOME_"],
    ["severity", "SEVERITY_"],
  ] as const) {
    const value = fields.value(name);
    if (value === undefined) continue;
    const text = typeof value === "string" ? value.toUpperCase() : value;
    const isBare = typeof text === "string" && !text.startsWith(prefix);
    try {
      const json = { [name]: isBare ? `${prefix}${text}` : text } as JsonObject;
      fromJson(EventSchema, json);
      Object.assign(values, json);
    } catch (cause) {
      throw new MappingError(fields.at(name), `is no ${name} of the contract`, { cause });
    }
  }
  const { outcome, severity } = fromJson(EventSchema, values);
  return {
    outcome: outcome === 0 ? undefined : outcome,
    severity: severity === 0 ? undefined : severity,
    traceParent: fields.optionalText("traceParent"),
  };
}

function textsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(fields.names().map((name) => [name, fields.optionalText(name)]));
}
