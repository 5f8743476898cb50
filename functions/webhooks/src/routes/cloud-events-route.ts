import { cloudEventsMode, mapCloudEvent, parseCloudEvents } from "@activity-events/mappings";
import type { Route } from "./route.ts";

/** CloudEvents 1.0 over HTTP: binary, structured and batches; see docs/webhooks.md. */
export function cloudEventsRoute(access: Route["access"]): Route {
  return {
    path: "/cloudevents",
    access,
    takes: (headers) => cloudEventsMode({ headers }) !== undefined,
    map: (request) => parseCloudEvents(request).map(mapCloudEvent),
    onConflict: "refused",
    isPush: false,
  };
}
