import type { OnScrub } from "@activity-events/event-store";
import type { Logger } from "pino";

/** Logs each damage that the store's self-check finds, and one line at the end of each pass. */
export function scrubLog(logger: Logger): OnScrub {
  return (report) => {
    if (report.kind === "finding") {
      const { reason, message, place } = report.finding;
      const { deploymentId: deployment, sequence } = place ?? {};
      logger.error(
        { code: "STORE_DAMAGED", reason, deployment, sequence, fault: message },
        "the store has found damage in itself",
      );
      return;
    }
    const { deployments, events, found, durationMs: duration_ms, fault } = report.pass;
    const seen = { deployments, events, found, duration_ms };
    if (fault === undefined) logger.info({ code: "STORE_SCRUBBED", ...seen }, "the store has checked itself");
    else {
      const { reason, message } = fault;
      logger.warn(
        { code: "STORE_SCRUB_FAILED", ...seen, reason, fault: message },
        "the store could not look itself through to its end; it tries again",
      );
    }
  };
}
