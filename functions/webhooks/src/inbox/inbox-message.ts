import { MappingError, parsePayload, pushedJson, readPush } from "@activity-events/mappings";
import type { WebhookRequest } from "../http/webhook-request.ts";

/** Headers that a route reads; nothing else is kept, least of all what proves the sender. */
function isKept(name: string): boolean {
  return name === "content-type" || name === "x-github-event" || name === "traceparent" || name.startsWith("ce-");
}

/** Makes the message of a verified notification: JSON with route, headers, and the body in Base64. */
export function inboxMessage({ path, headers, body }: WebhookRequest): Buffer {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)));
  return Buffer.from(JSON.stringify({ route: path, headers: kept, body: Buffer.from(body).toString("base64") }));
}

/** Reads the notification of a push of the inbox. Throws a MappingError. */
export function readInboxMessage(push: Uint8Array): WebhookRequest {
  const message = pushedJson(readPush(parsePayload(push)));
  const { route, headers, body } = (message ?? {}) as { readonly [name: string]: unknown };
  const isWhole = typeof route === "string" && typeof body === "string" && typeof headers === "object";
  if (!isWhole || headers === null) throw new MappingError("message.data", "must hold route, headers and body");
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { method: "POST", path: route, headers: Object.fromEntries(texts), body: Buffer.from(body, "base64") };
}
