import type { Contender, Group } from "../contender.ts";
import { eventsPerSecond, loadContender } from "../load-contender.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startNats } from "../servers/nats.ts";

/** Events ingested over one stream, compared with JetStream and the disk's own limit. */
export function ingestEvents(): Group {
  return {
    name: "ingest",
    title: "Pouring events in",
    contenders: [
      ingesting(1_000),
      loadContender({
        rows: eventsPerSecond("ingest/jetstream", "JetStream publish with Nats-Msg-Id, 128 in flight, not synced"),
        start: startNats,
        load: "jetstream-publish",
        options: { inFlight: 128, deployments: 1_000 },
      }),
      bareSqlite("ingest/sqlite", "deployment_id, event_id"),
      bareSqlite("ingest/sqlite-in-order", "event_id"),
      loadContender({
        rows: eventsPerSecond("ingest/client", "IngestEvents over 1,000 through our client library, durable"),
        start: startActivityService,
        load: "client-ingest",
        options: { inFlight: 1, deployments: 1_000 },
      }),
      ingesting(10),
      ingesting(10_000),
    ],
  };
}

function bareSqlite(key: string, uniqueKey: "deployment_id, event_id" | "event_id"): Contender {
  const what = uniqueKey === "event_id" ? "an id that grows with each event" : "deployment and event";
  return loadContender({
    rows: eventsPerSecond(key, `bare node:sqlite, commits of 500, no network, unique by ${what}, durable`),
    start: async (scratch) => ({ address: scratch.file("bare.db"), pid: undefined, stop: async () => {} }),
    load: "sqlite-commit",
    options: { inFlight: 1, deployments: 1_000, uniqueKey },
  });
}

function ingesting(deployments: number): Contender {
  const over = deployments.toLocaleString("en-US");
  return loadContender({
    rows: eventsPerSecond(`ingest/${deployments}`, `IngestEvents over ${over} deployments, durable`),
    start: startActivityService,
    load: "ingest-events",
    options: { inFlight: 1, deployments },
  });
}
