import type { Group } from "../contender.ts";
import { firstPaint } from "../page/first-paint.ts";
import { idleSockets } from "../page/idle-sockets.ts";
import { livePage } from "../page/live-page.ts";
import { metricsReport } from "../page/metrics-report.ts";

/** The page in a browser, and the server of it. */
export function page(): Group {
  return {
    name: "page",
    title: "The page",
    contenders: [livePage(50), firstPaint(5_000), idleSockets(1_000), metricsReport(100_000)],
  };
}
