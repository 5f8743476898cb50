import type { ScrubReport } from "@activity-events/event-store";
import type { Logger } from "pino";

/** Logs what the store tells of looking itself through, as soon as there is a log. */
export class ScrubLog {
  readonly #logger = Promise.withResolvers<Logger>();

  writeTo(logger: Logger): void {
    this.#logger.resolve(logger);
  }

  async tell(report: ScrubReport): Promise<void> {
    const logger = await this.#logger.promise;
    if (report.kind === "finding") {
      const { reason, message, place } = report.finding;
      const { deploymentId: deployment, sequence } = place ?? {};
      logger.error({ code: reason, deployment, sequence, fault: message }, "the store has found damage in itself");
      return;
    }
    const { deployments, events, found, durationMs: duration_ms, fault } = report.pass;
    const seen = { deployments, events, found, duration_ms };
    if (fault === undefined) logger.info({ code: "STORE_SCRUBBED", ...seen }, "the store has looked itself through");
    else {
      const { reason, message } = fault;
      logger.warn(
        { code: "STORE_SCRUB_FAILED", ...seen, reason, fault: message },
        "the store could not look itself through to its end; it tries again",
      );
    }
  }
}
