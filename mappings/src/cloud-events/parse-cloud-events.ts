import { MappingError } from "../mapping-error.ts";
import { Fields } from "../payload/fields.ts";
import { type PayloadValue, parsePayload } from "../payload/parse-payload.ts";
import type { CloudEvent } from "./cloud-event.ts";

/** An HTTP message, with the names of its headers in lower case. */
export interface HttpMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Ways to send CloudEvents over HTTP, and plain CDEvents. */
type Mode = "structured" | "batch" | "binary" | "plain";

/** Tells how a message carries CloudEvents; undefined if its headers say of none. */
export function cloudEventsMode({ headers }: Pick<HttpMessage, "headers">): Mode | undefined {
  const mediaType = mediaTypeOf(headers);
  if (mediaType === "application/cloudevents+json") return "structured";
  if (mediaType === "application/cloudevents-batch+json") return "batch";
  if (headers["ce-specversion"] !== undefined) return "binary";
  return mediaType === "application/json" ? "plain" : undefined;
}

/** Parses the CloudEvents of a message. Throws a MappingError. */
export function parseCloudEvents(message: HttpMessage): CloudEvent[] {
  switch (cloudEventsMode(message)) {
    case "structured":
      return [structuredEvent(new Fields(parsePayload(message.body)))];
    case "batch":
      return listOf(parsePayload(message.body)).map((item, index) => structuredEvent(new Fields(item, `[${index}]`)));
    case "binary":
      return [binaryEvent(message)];
    case "plain":
      return [plainEvent(parsePayload(message.body))];
    case undefined:
      throw new MappingError("content-type", "must be that of a CloudEvent, or the headers must begin with ce-");
  }
}

function listOf(value: PayloadValue): readonly PayloadValue[] {
  if (!Array.isArray(value)) throw new MappingError("", "a batch must be a list of CloudEvents");
  return value;
}

const known = ["specversion", "id", "source", "type", "subject", "time", "traceparent", "data", "data_base64"];

function structuredEvent(fields: Fields): CloudEvent {
  const names = fields.names().filter((name) => !known.includes(name));
  const base64 = fields.optionalText("data_base64");
  return {
    ...attributesOf(fields),
    extensions: Object.fromEntries(names.map((name) => [name, scalarText(fields.value(name))])),
    data:
      base64 === ""
        ? fields.value("data")
        : dataOf(Buffer.from(base64, "base64"), fields.decoration("datacontenttype")),
  };
}

/** A CDEvent without an envelope says the same in its context. */
function plainEvent(value: PayloadValue): CloudEvent {
  const context = new Fields(value).optionalObject("context");
  if (!context.decoration("type").startsWith("dev.cdevents.")) {
    throw new MappingError(
      "content-type",
      "must be application/cloudevents+json; only a CDEvent may come as plain JSON",
    );
  }
  const [id, source, type] = [context.text("id"), context.text("source"), context.text("type")];
  return { id, source, type, subject: "", time: "", traceParent: "", extensions: {}, data: value, path: "" };
}

function binaryEvent({ headers, body }: HttpMessage): CloudEvent {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith("ce-") && value !== undefined) attributes[name.slice(3)] = decoded(value);
  }
  const fields = new Fields(attributes, "ce");
  const extensions = Object.entries(attributes).filter(([name]) => !known.includes(name));
  return {
    ...attributesOf(fields),
    traceParent: headers.traceparent ?? fields.decoration("traceparent"),
    extensions: Object.fromEntries(extensions),
    data: body.length === 0 ? undefined : dataOf(body, headers["content-type"] ?? ""),
  };
}

function attributesOf(fields: Fields): Omit<CloudEvent, "extensions" | "data"> {
  const version = fields.text("specversion");
  if (version !== "1.0") throw new MappingError(fields.at("specversion"), `must be 1.0; found ${version}`);
  // Read so that a wrong one is named here.
  fields.time("time");
  return {
    id: fields.text("id"),
    source: fields.text("source"),
    type: fields.text("type"),
    subject: fields.optionalText("subject"),
    time: fields.decoration("time"),
    traceParent: fields.decoration("traceparent"),
    path: fields.path,
  };
}

/** Data by its media type: JSON, text, or anything else as Base64. */
function dataOf(body: Uint8Array, contentType: string): PayloadValue {
  const mediaType = mediaTypeOf({ "content-type": contentType });
  if (mediaType === "" || mediaType === "application/json" || mediaType.endsWith("+json")) return parsePayload(body);
  if (mediaType.startsWith("text/")) return new TextDecoder().decode(body);
  return { base64: Buffer.from(body).toString("base64") };
}

function mediaTypeOf(headers: Readonly<Record<string, string | undefined>>): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Decodes the percent encoding of a header's value. Some senders encode nothing, so what cannot be decoded is taken as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function scalarText(value: PayloadValue | undefined): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}
