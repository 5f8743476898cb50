const inGroups = new Intl.NumberFormat("en");
// Long enough to be steady, short enough to show a change.
const rateTimeMs = 2_000;

/** Counts the outcomes of lines. */
export class AddTally {
  recorded = 0;
  duplicates = 0;
  /** Duplicates that this run sent twice, after a lost connection; the first attempt may have recorded them. */
  duplicatesSentTwice = 0;
  refused = 0;
  readonly #begunMs: number;
  /** Counts during the last seconds, oldest first. */
  #moments: { readonly ms: number; readonly told: number }[];

  /** All times are ms on the monotonic clock. */
  constructor(nowMs: number) {
    this.#begunMs = nowMs;
    this.#moments = [{ ms: nowMs, told: 0 }];
  }

  /** Returns counts and current rate. Call it regularly. */
  progress(nowMs: number, underWay: number): string {
    const told = this.recorded + this.duplicates + this.refused;
    this.#moments.push({ ms: nowMs, told });
    while (this.#moments.length > 2 && (this.#moments[1]?.ms ?? nowMs) <= nowMs - rateTimeMs) this.#moments.shift();
    const [since] = this.#moments;
    const rate = since === undefined ? 0 : ((told - since.told) / Math.max(1, nowMs - since.ms)) * 1_000;
    const isWaiting = underWay > 0 && rate === 0 && nowMs - this.#begunMs >= rateTimeMs;
    const pace = isWaiting ? "waiting for the service" : `${inGroups.format(Math.round(rate))} events/s`;
    return `${this.#counts()} (${pace})`;
  }

  /** Returns counts and total time. */
  summary(nowMs: number): string {
    const seconds = (nowMs - this.#begunMs) / 1_000;
    return `${this.#counts()} in ${seconds.toFixed(1)} s`;
  }

  #counts(): string {
    const { recorded, duplicates, duplicatesSentTwice, refused } = this;
    const twice = duplicatesSentTwice === 0 ? "" : ` (${inGroups.format(duplicatesSentTwice)} sent twice by this run)`;
    const noun = duplicates === 1 ? "duplicate" : "duplicates";
    return `${inGroups.format(recorded)} recorded, ${inGroups.format(duplicates)} ${noun}${twice}, ${inGroups.format(refused)} refused`;
  }
}
