import type { Contender } from "../contender.ts";
import { fillStore } from "../fill-store.ts";
import { residentBytesAtRest } from "../resident-bytes-at-rest.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startMetricsService } from "../servers/metrics-service.ts";
import { settledResidentBytes } from "../settled-resident-bytes.ts";
import { openLiveSockets } from "./live-sockets.ts";

/** Memory of idle pages. */
export function idleSockets(sockets: number): Contender {
  return {
    measures: [
      { key: "page/socket", title: `growth of resident memory for each of ${sockets} idle pages`, unit: "KB" },
    ],
    async open(scratch) {
      const service = await startActivityService(scratch);
      await fillStore(service.address, { deployments: 1, eventsEach: 1 });
      return {
        async round() {
          const metrics = await startMetricsService(scratch, service.address);
          // What the first page costs is the server's, not each page's.
          const closeFirst = await openLiveSockets(metrics.url, 1);
          const before = await settledResidentBytes(metrics.pid);
          const close = await openLiveSockets(metrics.url, sockets);
          const grown = (await residentBytesAtRest(metrics.pid)) - before;
          await close();
          await closeFirst();
          await metrics.stop();
          return { values: [grown / 1e3 / sockets] };
        },
        verify: async () => [],
        close: () => service.stop(),
      };
    },
  };
}
