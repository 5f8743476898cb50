import type { Mapping } from "@activity-events/mappings";
import type { SenderAccess } from "../access/sender-access.ts";
import type { WebhookRequest } from "../http/webhook-request.ts";

/** A route of the webhooks: one tool that notifies. */
export interface Route {
  readonly path: string;
  /** Check of the sender; without its settings the route is off. */
  readonly access: SenderAccess | { readonly off: string };
  /** Tells whether the headers announce what the route reads. */
  readonly takes: (headers: WebhookRequest["headers"]) => boolean;
  /** Maps a request. Throws a MappingError. */
  readonly map: (request: WebhookRequest) => readonly Mapping[];
  /**
   * What an event means whose id is recorded with other content. `first`: a tool that makes the text of a notification anew each time
   * it sends it says the same thing, so the first one stays. `refused`: a tool that repeats what it sent does not, so it is told.
   */
  readonly onConflict: "first" | "refused";
  /** True if a push brings its notifications, which is repeated until it is answered well, so no inbox is needed. */
  readonly isPush: boolean;
}

/** Takes JSON. */
export function takesJson(headers: WebhookRequest["headers"]): boolean {
  return mediaTypeOf(headers) === "application/json";
}

/** The media type of a request, in lower case; empty if it has none. */
export function mediaTypeOf(headers: WebhookRequest["headers"]): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
