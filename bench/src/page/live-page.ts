import { ActivityEventsClient } from "@activity-events/client";
import type { Contender } from "../contender.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startMetricsService } from "../servers/metrics-service.ts";
import { quantile } from "../statistics.ts";
import { startBrowser } from "./browser.ts";
import { openLiveSockets } from "./live-sockets.ts";

/** From the answer of CreateEvent to the page of a browser that shows its revision, while other pages are open. */
export function livePage(sockets: number): Contender {
  return {
    measures: [
      { key: "page/live-p50", title: `from CreateEvent's answer to the browser, ${sockets} pages, p50`, unit: "ms" },
      { key: "page/live-p99", title: "the same, p99", unit: "ms" },
    ],
    async open(scratch) {
      const service = await startActivityService(scratch);
      const metrics = await startMetricsService(scratch, service.address);
      const closeSockets = await openLiveSockets(metrics.url, sockets - 1);
      const browser = await startBrowser();
      const page = await browser.newPage();
      const client = new ActivityEventsClient({ address: service.address, tls: false });
      const shownAt = new Map<string, (timeMs: number) => void>();
      // The browser's clock is this machine's.
      await page.exposeFunction("revisionShown", (revision: string, timeMs: number) => shownAt.get(revision)?.(timeMs));
      let made = 0;
      const deploy = async (): Promise<number> => {
        made += 1;
        const revision = `r-${made}`;
        const shown = new Promise<number>((resolve) => shownAt.set(revision, resolve));
        const event = { type: "deployment.finished", outcome: 1, service: "api", environment: "production", revision };
        await client.createEvent({ event: { deploymentId: `d-${made}`, ...event } });
        const answeredMs = performance.timeOrigin + performance.now();
        return Math.max(0, (await shown) - answeredMs);
      };
      await page.goto(metrics.url);
      await page.evaluate(watchRevisions);
      await deploy();
      return {
        async round(ms) {
          const waitedMs: number[] = [];
          const begun = performance.now();
          while (performance.now() - begun < ms) waitedMs.push(await deploy());
          return { values: [quantile(waitedMs, 0.5), quantile(waitedMs, 0.99)] };
        },
        // What is never shown never ends a round.
        verify: async () => [],
        async close() {
          client.close();
          await browser.close();
          await closeSockets();
          await metrics.stop();
          await service.stop();
        },
      };
    },
  };
}

/** Tells of each revision when the page first shows it; runs in the page. */
const watchRevisions = `
  const told = new Set();
  const look = () => {
    for (const [revision] of document.body.innerText.matchAll(/\\br-\\d+\\b/g)) {
      if (told.has(revision)) continue;
      told.add(revision);
      revisionShown(revision, performance.timeOrigin + performance.now());
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
`;
