import type { Server } from "node:http";
import { ActivityEventsClient, type ServiceAddress } from "@activity-events/client";
import { isLoopback } from "@activity-events/process/is-loopback";
import { createAdaptorServer } from "@hono/node-server";
import type { Logger } from "pino";
import type { PageAccess } from "./access/page-access.ts";
import { Reports } from "./api/reports.ts";
import { createApp } from "./http/app.ts";
import type { PageFile } from "./http/page-files.ts";
import { RefusalLog } from "./http/refusal-log.ts";
import { limits } from "./limits.ts";
import { LiveServer } from "./live/live-server.ts";
import { DeploymentWatch } from "./watch/deployment-watch.ts";

interface PageServerOptions {
  readonly service: ServiceAddress;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly access: PageAccess;
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly logger: Logger;
}

/** The HTTP server of the page, with its WebSocket and what both read from. */
export class PageServer {
  readonly #options: PageServerOptions;
  readonly #client: ActivityEventsClient;
  readonly #watch: DeploymentWatch;
  readonly #live: LiveServer;
  readonly #server: Server;
  #isReached = true;

  constructor(options: PageServerOptions) {
    this.#options = options;
    const { logger, service } = options;
    const client = new ActivityEventsClient(service);
    this.#client = client;
    this.#watch = new DeploymentWatch({
      client,
      onFault: (error) => logger.error({ code: "WATCH_REFUSED", err: error }, "the service refuses the watch"),
    });
    this.#watch.onConnection(({ isReached, fault }) => this.#logConnection(isReached, fault));
    const refusals = new RefusalLog(logger);
    const shownAddress = isLoopback(options.host) ? service.address : undefined;
    this.#live = new LiveServer({ ...options, client, watch: this.#watch, shownAddress, refusals });
    const reports = new Reports({
      watch: this.#watch,
      nowUs: () => Date.now() * 1_000,
      sockets: () => this.#live.size,
    });
    const app = createApp({ ...options, client, reports, refusals });
    const serverOptions = { maxHeaderSize: limits.headerBytesMax, requestTimeout: limits.requestTimeMs };
    this.#server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
    this.#server.maxConnections = limits.connectionsMax;
    this.#live.attach(this.#server);
  }

  /** Listens; returns the port. Rejects if it cannot. */
  listen(port: number): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, this.#options.host, () => {
        server.off("error", reject);
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Tells the pages to come back, finishes what is being answered, and ends. */
  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#live.end();
    this.#server.closeIdleConnections();
    const late = setTimeout(() => this.#server.closeAllConnections(), limits.drainTimeMs);
    await closed;
    clearTimeout(late);
    this.#watch.end();
    this.#client.close();
  }

  /** One line for each loss of the service, not for each attempt to reach it. */
  #logConnection(isReached: boolean, fault: string | undefined): void {
    if (isReached === this.#isReached) return;
    this.#isReached = isReached;
    const { logger, service } = this.#options;
    if (isReached) logger.info({ service: service.address }, "the service is reached again");
    else logger.warn({ code: "SERVICE_NOT_REACHED", service: service.address, fault }, "the service is not reached");
  }
}
