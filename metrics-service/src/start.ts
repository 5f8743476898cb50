import type { AccessFile } from "@activity-events/access/access-file";
import { drainOnRequest } from "@activity-events/process/drain";
import { endOnUncaughtError } from "@activity-events/process/end-process";
import { cannotListen, httpUrl } from "@activity-events/process/http-address";
import { openLog } from "@activity-events/process/log";
import { openPageAccess } from "./access/open-page-access.ts";
import type { Config } from "./config/config.ts";
import { pageFiles } from "./http/page-files.ts";
import { PageServer } from "./page-server.ts";
import { version } from "./version.ts";

/** Serves the page, logs one line with its URL, and drains on SIGTERM and SIGINT. Throws if it cannot run. */
export async function start(config: Config): Promise<void> {
  const accessFile = await openAccessFile(config);
  const log = await openLog(config);
  const { logger } = log;
  endOnUncaughtError(log);
  try {
    const { host, port, service, allowedOrigins } = config;
    const access = openPageAccess(config.access, { access: accessFile?.access });
    const files = await pageFiles();
    const server = new PageServer({ service, files, access, host, allowedOrigins, logger });
    const bound = await server.listen(port).catch((error) => {
      throw cannotListen(error, { host, port, portName: "PAGE_PORT" });
    });
    accessFile?.follow(access, logger);
    drainOnRequest(() => {
      accessFile?.[Symbol.dispose]();
      return server.end();
    }, log);
    if (config.access.kind === "open" && accessFile === undefined)
      logger.warn({ host }, "everybody who reaches this address sees all events: PAGE_ACCESS=open");
    const url = httpUrl(host, bound);
    logger.info({ url, version, service: service.address }, "listening");
    // Tells `npm start` that from now on the service goes on without the page. A parent that has left needs no answer.
    process.send?.({ url }, undefined, undefined, () => {});
  } finally {
    await log.flush();
  }
}

// Loaded on demand, because most pages on one machine have none.
async function openAccessFile({ accessFile: path, isCloudRun }: Config): Promise<AccessFile | undefined> {
  if (path === undefined) return undefined;
  const { AccessFile } = await import("@activity-events/access/access-file");
  return AccessFile.open({ path, isCloudRun });
}
