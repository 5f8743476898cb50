import { type DeployingWorkflow, MappingError, mapGithubWebhook, parsePayload } from "@activity-events/mappings";
import type { WebhookRequest } from "../http/webhook-request.ts";
import { mediaTypeOf, type Route, takesJson } from "./route.ts";

const form = "application/x-www-form-urlencoded";

/** Webhooks of GitHub, as JSON or as the form that GitHub offers beside it. */
export function githubRoute(access: Route["access"], workflows: readonly DeployingWorkflow[]): Route {
  return {
    path: "/github",
    access,
    takes: (headers) => takesJson(headers) || mediaTypeOf(headers) === form,
    map: (request) => {
      const eventName = request.headers["x-github-event"];
      if (eventName === undefined) throw new MappingError("x-github-event", "must be the header that names the event");
      return [mapGithubWebhook(parsePayload(payloadOf(request)), { eventName, workflows })];
    },
    onConflict: "refused",
    isPush: false,
  };
}

function payloadOf({ headers, body }: WebhookRequest): Uint8Array | string {
  if (mediaTypeOf(headers) !== form) return body;
  return new URLSearchParams(Buffer.from(body).toString("latin1")).get("payload") ?? "";
}
