import { runServer } from "@activity-events/process/run-server";
import { settingsText } from "@activity-events/process/setting";
import { readConfig } from "./config/config.ts";
import { settings } from "./config/settings.ts";
import { build, version } from "./version.ts";

const usage = `activity_page ${version}: show deployments and their events in a browser, with delivery metrics.

Usage: activity_page
       activity_page --help | --version

Serves the page, /api/deployments, /api/deployments/ID/events, /api/metrics, and /metrics for
Prometheus. It reads from the service over gRPC and stores nothing.

In a checkout, run \`npm run start:page\`, or \`npm start\` for the service and the page.

Environment:
${settingsText(settings, 25)}

Exit codes:
  0  stopped by SIGTERM or SIGINT
  1  cannot run
  2  invalid settings or arguments
`;

runServer({
  name: "activity_page",
  build,
  usage,
  serve: async () => {
    const config = readConfig(process.env, process.stdout.isTTY === true);
    // Loaded on demand, so that help and wrong settings appear at once.
    const { start } = await import("./start.ts");
    await start(config);
  },
});
