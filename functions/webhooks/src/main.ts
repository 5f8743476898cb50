import { runServer } from "@activity-events/process/run-server";
import { settingsText } from "@activity-events/process/setting";
import { readConfig } from "./config/config.ts";
import { settings } from "./config/settings.ts";
import { build, version } from "./version.ts";

const usage = `activity_webhooks ${version}: take in the notifications of other tools as events.

Usage: activity_webhooks
       activity_webhooks --help | --version

Serves /cloudevents, /github, /gitlab, /argocd, /alertmanager, /cloud-build, /cloud-deploy and
/cloud-monitoring. It records over gRPC and stores nothing. docs/webhooks.md has each route.

In a checkout, run \`npm run webhooks\`.

Environment:
${settingsText(settings, 26)}

Exit codes:
  0  stopped by SIGTERM or SIGINT
  1  cannot run
  2  invalid settings or arguments
`;

runServer({
  name: "activity_webhooks",
  build,
  usage,
  serve: async () => {
    const config = readConfig(process.env, process.stdout.isTTY === true);
    // Loaded on demand, so that help and wrong settings appear at once.
    const { start } = await import("./start.ts");
    await start(config);
  },
});
