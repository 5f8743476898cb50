import type { Contender, Group } from "../contender.ts";
import { type Fill, fillStore } from "../fill-store.ts";
import { loadContender } from "../load-contender.ts";
import { copyMillion, million } from "../million-events.ts";
import type { Scratch } from "../scratch.ts";
import { startActivityService } from "../servers/activity-service.ts";
import type { Server } from "../servers/server.ts";

const tenThousand: Fill = { deployments: 10, eventsEach: 1_000 };

/** Latency of a page in a large store, compared with a small one. */
export function listEvents(): Group {
  return {
    name: "list",
    title: "Listing 100 events of one deployment, 1 in flight: p50",
    contenders: [
      listing("list/10000", "ListEvents with 10,000 events stored", tenThousand, async (scratch) => {
        const server = await startActivityService(scratch);
        await fillStore(server.address, tenThousand);
        return server;
      }),
      listing("list/1000000", "ListEvents with 1,000,000 events stored", million, async (scratch) =>
        startActivityService(scratch, { dataDir: await copyMillion(scratch) }),
      ),
    ],
  };
}

function listing(key: string, title: string, fill: Fill, start: (scratch: Scratch) => Promise<Server>): Contender {
  return loadContender({
    rows: [{ key, title, unit: "ms", of: ({ latency }) => latency.p50 }],
    start,
    load: "list-events",
    options: { inFlight: 1, ...fill },
  });
}
