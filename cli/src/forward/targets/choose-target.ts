import { UsageError } from "../../program/usage-error.ts";
import { googleChatTarget, grafanaTarget, slackTarget } from "./chats.ts";
import { pubSubTarget } from "./pubsub.ts";
import type { Target } from "./target.ts";
import { cloudEventsTarget, jsonTarget } from "./webhook.ts";

/** Flags that say where to forward to. */
export interface TargetFlags {
  readonly to: string;
  readonly url?: string;
}

/**
 * Makes the target of the flags. Reads FORWARD_URL, FORWARD_TOKEN and FORWARD_SECRET, and for Pub/Sub GOOGLE_CLOUD_PROJECT,
 * PUBSUB_EMULATOR_HOST and PUBSUB_ENDPOINT. Throws a `UsageError`.
 */
export function chooseTarget({ to, url }: TargetFlags, environment: NodeJS.ProcessEnv): Target {
  const token = environment.FORWARD_TOKEN || undefined;
  const secret = environment.FORWARD_SECRET || undefined;
  const parsed = () => parseUrl(url ?? environment.FORWARD_URL ?? "", to);
  if (/^https?:\/\//i.test(to)) {
    if (url !== undefined) throw new UsageError("--url is for targets by name; --to is a URL already.");
    return jsonTarget({ url: parseUrl(to, to), token, secret });
  }
  if (to.startsWith("pubsub:")) {
    const emulator = environment.PUBSUB_EMULATOR_HOST || undefined;
    const endpoint = environment.PUBSUB_ENDPOINT || undefined;
    return pubSubTarget({ topic: topicName(to, environment.GOOGLE_CLOUD_PROJECT), emulator, endpoint });
  }
  switch (to) {
    case "cloudevents":
      return cloudEventsTarget({ url: parsed(), token, secret });
    case "slack":
      return slackTarget(parsed());
    case "google-chat":
      return googleChatTarget(parsed());
    case "grafana":
      return grafanaTarget(parsed(), token);
    default:
      throw new UsageError(`--to ${to}: expected a URL, cloudevents, slack, google-chat, grafana or pubsub:TOPIC.`);
  }
}

/** Names the kind of a target, without its address, which may hold a secret. */
export function kindOf(to: string): string {
  return /^https?:\/\//i.test(to) ? "url" : to;
}

/** Returns the full name of a topic. Source: the names of resources in Pub/Sub's documentation. */
function topicName(to: string, project: string | undefined): string {
  const named = to.slice("pubsub:".length);
  const isFull = named.includes("/");
  if (!isFull && !project) {
    throw new UsageError(
      "--to pubsub:TOPIC needs GOOGLE_CLOUD_PROJECT, or the name in full: projects/PROJECT/topics/TOPIC.",
    );
  }
  const name = isFull ? named : `projects/${project}/topics/${named}`;
  if (/^projects\/[a-z0-9.:-]+\/topics\/[A-Za-z][A-Za-z0-9._~%+-]{2,254}$/.test(name)) return name;
  throw new UsageError(`--to ${to}: not the name of a topic.`);
}

function parseUrl(text: string, to: string): URL {
  if (text === "") throw new UsageError(`--to ${to} needs a URL: set FORWARD_URL, or --url.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`The URL of --to ${to} must begin with http:// or https://.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(`The URL of --to ${to} must hold no password; set FORWARD_TOKEN instead.`);
  }
  return url;
}
