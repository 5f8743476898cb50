import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { EventExporter } from "../../application/event-exporter.ts";
import type { EventImporter } from "../../application/event-importer.ts";
import { bidiStreaming, type Method, serverStreaming } from "../calls/method.ts";
import { exportEvents } from "./export-events.ts";
import { importEvents } from "./import-events.ts";

/** Parts that the handlers use. */
export interface TransferOptions {
  readonly exporter: EventExporter;
  readonly importer: EventImporter;
}

/** Makes the methods that move what a store holds to another one. */
export function transferMethods({ exporter, importer }: TransferOptions): Method[] {
  const { method } = ActivityEventsAdminService;
  return [
    serverStreaming(method.exportEvents, (request, call) => exportEvents(request, call, exporter)),
    bidiStreaming(method.importEvents, (requests, call) => importEvents(requests, call, importer)),
  ];
}
