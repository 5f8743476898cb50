import type { Contender } from "../contender.ts";
import { fillStore } from "../fill-store.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startMetricsService } from "../servers/metrics-service.ts";
import { quantile } from "../statistics.ts";

/** /api/metrics with so many deployments stored. */
export function metricsReport(deployments: number): Contender {
  return {
    measures: [
      { key: "page/metrics-start", title: `/api/metrics of ${deployments} deployments, nothing held yet`, unit: "ms" },
      { key: "page/metrics-cold", title: "the same, deployments held, no report yet", unit: "ms" },
      { key: "page/metrics-warm", title: "the same, asked again, p50", unit: "ms" },
    ],
    async open(scratch) {
      const service = await startActivityService(scratch);
      await fillStore(service.address, { deployments, eventsEach: 1 });
      return {
        async round() {
          const metrics = await startMetricsService(scratch, service.address);
          const ask = async (days: number) => {
            const begun = performance.now();
            while (!(await fetch(`${metrics.url}/api/metrics?days=${days}`)).ok);
            return performance.now() - begun;
          };
          const startMs = await ask(30);
          const coldMs = await ask(90);
          const warmMs: number[] = [];
          for (let asked = 0; asked < 100; asked += 1) warmMs.push(await ask(30));
          await metrics.stop();
          return { values: [startMs, coldMs, quantile(warmMs, 0.5)] };
        },
        verify: async () => [],
        close: () => service.stop(),
      };
    },
  };
}
