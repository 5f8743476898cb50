import { isDeploymentId, type Poke, type Replay } from "@activity-events/event-store";

/** Request to the mirror. */
export type PushedMessage =
  | Poke
  | Replay
  | { readonly kind: "sweep" }
  /** Invalid, also when redelivered. */
  | { readonly kind: "invalid"; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

/**
 * Parses the body of a push: `{message: {data, …}, subscription}` from Pub/Sub, the same inside a CloudEvent's `data`,
 * or the decoded `data` itself, as a person or scheduler posts it. Ignores everything else, because ordering key and
 * delivery attempt do not always arrive.
 */
export function parsePush(body: unknown): PushedMessage {
  const message = messageOf(body);
  if (message === undefined) return parseRequest(body);
  if (!isObject(message)) return invalid("the push's message is not an object");
  if (typeof message.data !== "string" || message.data === "") return invalid("the message has no data");
  try {
    return parseRequest(JSON.parse(Buffer.from(message.data, "base64").toString("utf8")));
  } catch {
    return invalid("the message's data is not JSON");
  }
}

/** Returns Pub/Sub's message id, for the log; undefined if the request is not a push. */
export function messageIdOf(body: unknown): string | undefined {
  const message = messageOf(body);
  return isObject(message) && typeof message.messageId === "string" ? message.messageId : undefined;
}

function messageOf(body: unknown): unknown {
  if (!isObject(body)) return undefined;
  return isObject(body.data) ? body.data.message : body.message;
}

function parseRequest(request: unknown): PushedMessage {
  if (!isObject(request)) return invalid("the request is not an object");
  if (request.kind === "sweep") return { kind: "sweep" };
  if (request.kind !== "poke" && request.kind !== "replay") return invalid("its kind is none of poke, replay, sweep");
  const { kind, deploymentId, fromSequence, toSequence } = request;
  if (typeof deploymentId !== "string" || !isDeploymentId(deploymentId)) {
    return invalid(`the ${kind} names no deployment`);
  }
  if (kind === "poke") return { kind, deploymentId };
  if (!isSequence(fromSequence) || !isSequence(toSequence)) return invalid("the replay names no sequences");
  return { kind, deploymentId, fromSequence, toSequence };
}

function invalid(reason: string): PushedMessage {
  return { kind: "invalid", reason };
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
