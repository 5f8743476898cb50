import { drainOnRequest } from "@activity-events/process/drain";
import { endOnUncaughtError } from "@activity-events/process/end-process";
import { cannotListen, httpUrl } from "@activity-events/process/http-address";
import { openLog } from "@activity-events/process/log";
import type { Config } from "./config/config.ts";
import { WebhookServer } from "./http/webhook-server.ts";
import { version } from "./version.ts";
import { Webhooks } from "./webhooks.ts";

/** Serves the webhooks, logs one line with their URL, and drains on SIGTERM and SIGINT. Throws if it cannot run. */
export async function start(config: Config): Promise<void> {
  const log = await openLog(config);
  const { logger } = log;
  endOnUncaughtError(log);
  try {
    const { host, port, service } = config;
    const webhooks = new Webhooks(config, logger);
    const server = new WebhookServer(webhooks);
    const bound = await server.listen(host, port).catch((error) => {
      throw cannotListen(error, { host, port, portName: "WEBHOOKS_PORT" });
    });
    drainOnRequest(() => server.end(), log);
    const { on, off } = webhooks.routes;
    const url = httpUrl(host, bound);
    // One line, as the service and the page have one each; a route that is off answers how to turn it on.
    const routes = { routes: on.join(" "), off: Object.keys(off).join(" ") };
    logger.info({ url, version, service: service.address, ...routes }, "listening");
    // Tells `npm start` that they listen. A parent that has left needs no answer.
    process.send?.({ url }, undefined, undefined, () => {});
  } finally {
    await log.flush();
  }
}
