import { isDeploymentId, type Poke } from "@activity-events/event-store";

/** What the mirror is asked to do. */
export type PushedMessage =
  | Poke
  | { readonly kind: "sweep" }
  /** It makes no sense, and will make none when it comes again. */
  | { readonly kind: "invalid"; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the body of a push: `{message: {data, …}, subscription}` as Pub/Sub sends it, the same inside a CloudEvent's
 * `data`, or what a person or a scheduler posts, which is what `data` holds. Whatever else stands there does not matter:
 * neither the ordering key nor the delivery attempt gets through everywhere.
 */
export function parsePush(body: unknown): PushedMessage {
  const message = messageOf(body);
  if (message === undefined) return parseRequest(body);
  if (!isObject(message)) return invalid("the push's message is no object");
  if (typeof message.data !== "string" || message.data === "") return invalid("the message holds no data");
  try {
    return parseRequest(JSON.parse(Buffer.from(message.data, "base64").toString("utf8")));
  } catch {
    return invalid("the message's data is no JSON");
  }
}

/** Pub/Sub's id of a pushed message, for the log; undefined when it was not pushed. */
export function messageIdOf(body: unknown): string | undefined {
  const message = messageOf(body);
  return isObject(message) && typeof message.messageId === "string" ? message.messageId : undefined;
}

function messageOf(body: unknown): unknown {
  if (!isObject(body)) return undefined;
  return isObject(body.data) ? body.data.message : body.message;
}

function parseRequest(request: unknown): PushedMessage {
  if (!isObject(request)) return invalid("what is asked is no object");
  if (request.kind === "sweep") return { kind: "sweep" };
  if (request.kind !== "poke") return invalid("its kind is neither poke nor sweep");
  const { deploymentId } = request;
  if (typeof deploymentId !== "string" || !isDeploymentId(deploymentId)) return invalid("the poke names no deployment");
  return { kind: "poke", deploymentId };
}

function invalid(reason: string): PushedMessage {
  return { kind: "invalid", reason };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
