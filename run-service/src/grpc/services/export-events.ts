import type { ExportEventsRequest } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import type { EventExporter } from "../../application/event-exporter.ts";
import { limits } from "../../limits.ts";
import type { Call } from "../calls/method.ts";
import { wireExportRecords } from "../codec/export-records.ts";
import { parseDeploymentFilter } from "../requests/parse-deployment-filter.ts";
import { Violations } from "../requests/violations.ts";

/** Yields the records of an export, as the wire takes them. */
export async function* exportEvents(request: ExportEventsRequest, call: Call, exporter: EventExporter) {
  // The keys of redacted contents are those of all deployments.
  call.access.demandEverywhere("admin");
  const violations = new Violations();
  const filter = parseDeploymentFilter(request.filter, violations);
  violations.throwIfAny();

  const { signal, revoked, bytes } = call;
  const counts = { deployments: 0, events: 0 };
  const batches = exporter.export({ filter, signal, revoked });
  try {
    for (;;) {
      await bytes.room(limits.frameWorkBytes, { signals: [signal, revoked] });
      const batch = await batches.next();
      // From here on the answer's bytes count instead.
      bytes.rest();
      if (batch.done) return;
      for (const { kind } of batch.value) {
        if (kind === "deployment") counts.deployments += 1;
        if (kind === "event") counts.events += 1;
      }
      yield wireExportRecords(batch.value);
    }
  } finally {
    call.count(counts);
    await batches.return();
  }
}
