const inGroups = new Intl.NumberFormat("en");
// Long enough to be steady, short enough to show a change.
const rateTimeMs = 2_000;

/** What came of the lines so far, in numbers. */
export class AddTally {
  recorded = 0;
  duplicates = 0;
  /** Of them: what was sent again after a lost connection, so that it may have been recorded by the first attempt. */
  duplicatesSentTwice = 0;
  refused = 0;
  readonly #begunMs: number;
  /** How many there were at moments of the last seconds, the oldest first. */
  #moments: { readonly ms: number; readonly told: number }[];

  /** `nowMs` is on the monotonic clock, as all times here. */
  constructor(nowMs: number) {
    this.#begunMs = nowMs;
    this.#moments = [{ ms: nowMs, told: 0 }];
  }

  /** How it goes at this moment; to be asked regularly. */
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

  /** All of it, at the end. */
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
