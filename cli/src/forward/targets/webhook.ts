import { createHmac } from "node:crypto";
import { post } from "./post.ts";
import type { Target, Telling } from "./target.ts";

interface WebhookOptions {
  readonly url: URL;
  /** Sent as a bearer token. */
  readonly token: string | undefined;
  /** Signs each request by the specification Standard Webhooks. */
  readonly secret: string | undefined;
}

/** Posts the event as proto JSON. */
export function jsonTarget(options: WebhookOptions): Target {
  return {
    tell: (telling, signal) => postMessage(options, telling, {}, signal),
  };
}

/** Posts a CloudEvent 1.0 in HTTP's binary mode, with the event as proto JSON. */
export function cloudEventsTarget(options: WebhookOptions): Target {
  return {
    tell: (telling, signal) => postMessage(options, telling, cloudEventHeaders(telling), signal),
  };
}

function postMessage(
  { url, token, secret }: WebhookOptions,
  { event, message }: Telling,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const id = `${event.deploymentId}/${event.eventId}`;
  const timestamp = `${Math.floor(Date.now() / 1_000)}`;
  const signature =
    secret === undefined ? {} : { "webhook-signature": signatureOf(secret, id, timestamp, message.data) };
  const credentials: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const identity = { "webhook-id": id, "webhook-timestamp": timestamp, ...signature };
  return post({ url, headers: { ...headers, ...credentials, ...identity }, body: message.data, signal });
}

/** Source: Standard Webhooks, symmetric signatures. A secret without its prefix is taken as it is. */
export function signatureOf(secret: string, id: string, timestamp: string, body: Uint8Array): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/** Source: HTTP Protocol Binding for CloudEvents 1.0.2, section 3.1.3.2, for the characters to encode. */
function cloudEventHeaders({ message: { attributes } }: Telling): Record<string, string> {
  const named = Object.entries(attributes).filter(([name]) => name.startsWith("ce-") || name === "content-type");
  return Object.fromEntries(named.map(([name, value]) => [name, value.replace(/[^!#$&-~]/gu, encodeURIComponent)]));
}
