import type { Contender } from "../contender.ts";
import { fillStore } from "../fill-store.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startMetricsService } from "../servers/metrics-service.ts";
import { startBrowser } from "./browser.ts";

/** The list of deployments in a new browser context, with so many stored. */
export function firstPaint(deployments: number): Contender {
  return {
    measures: [
      { key: "page/first-paint", title: `first contentful paint of the list, ${deployments} deployments`, unit: "ms" },
      { key: "page/first-row", title: "the same, until the newest deployment is shown", unit: "ms" },
    ],
    async open(scratch) {
      const service = await startActivityService(scratch);
      await fillStore(service.address, { deployments, eventsEach: 1 });
      const metrics = await startMetricsService(scratch, service.address);
      const browser = await startBrowser();
      return {
        async round() {
          const context = await browser.newContext();
          const page = await context.newPage();
          const begun = performance.now();
          await page.goto(`${metrics.url}/deployments`, { waitUntil: "commit" });
          await page.locator("main a[href*='/deployments/']").first().waitFor();
          const firstRowMs = performance.now() - begun;
          const paintMs = await page.evaluate<number>(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime",
          );
          await context.close();
          return { values: [paintMs, firstRowMs] };
        },
        verify: async () => [],
        async close() {
          await browser.close();
          await metrics.stop();
          await service.stop();
        },
      };
    },
  };
}
