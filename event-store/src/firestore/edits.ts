import { setTimeout as sleep } from "node:timers/promises";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { EditOptions } from "../event-store.ts";
import { StoreFaultError } from "../store-error.ts";
import { deadlinePassed } from "../waiting-append.ts";
import type { Appender } from "./appender.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import { codeOf, faultError, invalidArgument, isFinal } from "./faults.ts";

interface EditsOptions {
  readonly appender: Appender;
  readonly damaged: DamagedDeployments;
}

/** Attempts at changes of deployments, each of which reads the stored state and commits against it. */
export class Edits {
  readonly #options: EditsOptions;

  constructor(options: EditsOptions) {
    this.#options = options;
  }

  /**
   * Attempts a change until it succeeds or its deadline passes. An attempt that lost its compare and set, or whose answer was lost, is
   * followed by another, which reads again: so each must find what an earlier one has committed.
   */
  async attempt<Result>(
    deploymentId: DeploymentId,
    { deadlineMs }: EditOptions,
    change: () => Promise<Result>,
  ): Promise<Result> {
    const { appender, damaged } = this.#options;
    for (let failures = 1; ; failures += 1) {
      if (Date.now() >= deadlineMs) throw deadlinePassed();
      try {
        return await appender.alone(deploymentId, change);
      } catch (error) {
        damaged.note(error);
        const code = codeOf(error);
        if (!(error instanceof StoreFaultError) && code === undefined) throw error;
        if (isFinal(error) || code === invalidArgument) throw faultError(error);
      }
      // Full jitter, as in appends.
      const restMs = Math.max(0, deadlineMs - Date.now());
      await sleep(Math.min(restMs, Math.random() * Math.min(1_000, 10 * 2 ** failures)));
    }
  }
}
