import { setTimeout as sleep } from "node:timers/promises";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { limits } from "../../limits.ts";
import type { OnScrub, ScrubFinding } from "../../scrub-report.ts";
import type { DamagedPlace } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import type { ScrubbedSlice } from "../reading/read-worker.ts";
import type { KnownDamage } from "./known-damage.ts";

/** Timing of self-checks. */
export interface ScrubPace {
  /** Delay before the first self-check, and between them, in ms. */
  readonly delayMs: number;
  readonly restMs: number;
  /** In place of that rest, where a read was refused for what the look before has found. */
  readonly againMs: number;
  /** Share of the reading thread's time, from 0 to 1. */
  readonly share: number;
}

const usualPace: ScrubPace = {
  delayMs: limits.scrubDelayMs,
  restMs: limits.scrubRestMs,
  againMs: limits.scrubAgainMs,
  share: limits.scrubShare,
};

interface ScrubberOptions {
  readonly pace?: ScrubPace | undefined;
  /** Makes the reading thread check the next slice, or the first. */
  readonly ask: (asked: { readonly isFirst: boolean; readonly forMs: number }) => Promise<ScrubbedSlice>;
  /** Tells whether reads or appends are pending. */
  readonly isBusy: () => boolean;
  readonly known: KnownDamage;
  /** Receives damage with a known place. */
  readonly onDamage: (place: DamagedPlace, message: string) => void;
  readonly onScrub: OnScrub;
}

/** A running self-check. */
interface Look extends Omit<ScrubbedSlice, "findings"> {
  found: number;
  /** Reported deployments, and the number of reports, including those without a place. */
  readonly told: Set<DeploymentId>;
  toldCount: number;
}

/**
 * Runs self-checks repeatedly, in slices between which other work gets its turn. Reads notice damage of the data that
 * they read; only self-checks notice data hidden by an index.
 */
export class Scrubber {
  readonly #options: ScrubberOptions;
  readonly #stopped = new AbortController();

  constructor(options: ScrubberOptions) {
    this.#options = options;
    // It ends when stopped, or with the store's thread, whose end is reported separately.
    this.#lookAgainAndAgain().catch(() => {});
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #lookAgainAndAgain(): Promise<never> {
    const { delayMs } = this.#options.pace ?? usualPace;
    await this.#rest(delayMs);
    for (;;) {
      await this.#lookThroughAll();
      await this.#restAfterLook();
    }
  }

  async #lookThroughAll(): Promise<void> {
    const beganMs = performance.now();
    const look: Look = { deployments: 0, events: 0, found: 0, told: new Set(), toldCount: 0, isOver: false };
    let fault: ScrubFinding | undefined;
    this.#options.known.begin();
    try {
      for (let isFirst = true; !look.isOver; isFirst = false) await this.#lookAtSlice(look, isFirst);
      this.#options.known.end();
    } catch (error) {
      this.#stopped.signal.throwIfAborted();
      const { reason, message } = faultOf(error);
      fault = { reason, message };
    }
    const { deployments, events, found } = look;
    const durationMs = Math.round(performance.now() - beganMs);
    this.#options.onScrub({ kind: "pass", pass: { deployments, events, found, durationMs, fault } });
  }

  async #lookAtSlice(look: Look, isFirst: boolean): Promise<void> {
    const { pace = usualPace, ask, isBusy } = this.#options;
    for (let waitedMs = 0; isBusy() && waitedMs < limits.scrubPutOffMs; waitedMs += busyWaitMs) {
      await this.#rest(busyWaitMs);
    }
    const beganMs = performance.now();
    const { findings, ...seen } = await ask({ isFirst, forMs: limits.scrubSliceMs });
    const tookMs = performance.now() - beganMs;
    Object.assign(look, seen);
    for (const finding of findings) this.#tell(look, finding);
    if (!look.isOver) await this.#rest(tookMs * (1 / pace.share - 1));
  }

  /** Reports only the first finding of a deployment. */
  #tell(look: Look, finding: ScrubFinding): void {
    const { known, onDamage, onScrub } = this.#options;
    const { place, reason, message } = finding;
    look.found += 1;
    if (place !== undefined && reason === "STORE_DAMAGED") {
      known.note(place, message);
      onDamage(place, message);
    }
    if (place !== undefined && look.told.has(place.deploymentId)) return;
    if (look.toldCount === limits.scrubFindingsMax) return;
    look.toldCount += 1;
    if (place !== undefined) look.told.add(place.deploymentId);
    onScrub({ kind: "finding", finding });
  }

  /** Rejects when it is stopped. */
  async #restAfterLook(): Promise<void> {
    const { pace = usualPace, known } = this.#options;
    const over = new AbortController();
    const options = { ref: false, signal: AbortSignal.any([this.#stopped.signal, over.signal]) };
    const refused = new Promise<void>((resolve) => known.onRefusal(resolve));
    try {
      await Promise.race([
        sleep(pace.restMs, undefined, options),
        refused.then(() => sleep(pace.againMs, undefined, options)),
      ]);
    } finally {
      over.abort();
    }
  }

  /** Rejects when it is stopped. */
  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: this.#stopped.signal });
  }
}

/** Interval of checks for pending reads and appends, in ms. */
const busyWaitMs = 50;
