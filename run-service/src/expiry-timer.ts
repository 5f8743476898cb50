import type { Logger } from "pino";
import type { DeploymentExpiry } from "./application/deployment-expiry.ts";
import { Refusal } from "./application/refusal.ts";
import type { Retention } from "./application/retention.ts";

interface ExpiryTimerOptions {
  readonly expiry: DeploymentExpiry;
  /** Returns the retention in force. */
  readonly retention: () => Retention;
  readonly logger: Logger;
  /** Time until the first expiry, in ms. */
  readonly firstMs: number;
  /** Time between two, in ms. */
  readonly intervalMs: number;
}

/** Purges what is over, again and again, on a store that nobody else purges. */
export class ExpiryTimer implements Disposable {
  readonly #options: ExpiryTimerOptions;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ExpiryTimerOptions) {
    this.#options = options;
    this.#expireIn(options.firstMs);
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
    clearTimeout(this.#timer);
  }

  #expireIn(ms: number): void {
    this.#timer = setTimeout(async () => {
      await this.#expire();
      if (!this.#ending.signal.aborted) this.#expireIn(this.#options.intervalMs);
    }, ms).unref();
  }

  async #expire(): Promise<void> {
    const { expiry, retention, logger } = this.#options;
    if (!retention().isAny) return;
    const call = { callerDeadlineMs: Number.POSITIVE_INFINITY, signal: this.#ending.signal };
    const request = { dryRun: false, anyShare: false, noOlderInstances: true, mayPurge: () => true, principal: "" };
    try {
      for await (const message of expiry.expire(request, call)) {
        if (message.kind !== "summary") continue;
        const { deployments, deploymentsOver, deploymentsPurged, eventsPurged } = message;
        const counts = { deployments, over: deploymentsOver, purged: deploymentsPurged, events: eventsPurged };
        logger.info({ code: "EXPIRED", ...counts }, "purged the deployments whose time is over");
      }
    } catch (err) {
      if (this.#ending.signal.aborted) return;
      if (err instanceof Refusal && err.reason === "RETENTION_SHARE")
        logger.error({ code: "RETENTION_SHARE", ...err.metadata }, `${err.message}; see docs/retention.md`);
      else logger.error({ code: "EXPIRY_FAILED", err }, "could not purge the deployments whose time is over");
    }
  }
}
