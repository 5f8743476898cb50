import { Refusal } from "../../application/refusal.ts";

/** Largest shares of one principal; undefined: no limit. */
export interface ShareLimits {
  readonly callsPerSecond: number | undefined;
  readonly streams: number | undefined;
}

export const noShares: ShareLimits = { callsPerSecond: undefined, streams: undefined };

interface Share {
  /** Calls that may be made now; grows by the limit each second, up to one second's worth. */
  calls: number;
  filledMs: number;
  streams: number;
}

interface TakingCall {
  readonly isStream: boolean;
  readonly onOver: (callback: () => void) => void;
}

/** Shares that are kept; the least recently used without open streams are forgotten, and then are full again. */
const sharesMax = 10_000;

/** What each principal has taken of the service. */
export class Shares {
  readonly #limits: () => ShareLimits;
  readonly #byPrincipal = new Map<string, Share>();

  constructor(limits: () => ShareLimits) {
    this.#limits = limits;
  }

  /** Counts a call of the principal. Returns its refusal if it is beyond the share. */
  take(principal: string, { isStream, onOver }: TakingCall): Refusal | undefined {
    const { callsPerSecond, streams } = this.#limits();
    if (callsPerSecond === undefined && streams === undefined) return undefined;
    const share = this.#shareOf(principal);
    const refusal = callsPerSecond === undefined ? undefined : takeCall(share, callsPerSecond);
    if (refusal !== undefined || !isStream || streams === undefined) return refusal;
    if (share.streams >= streams)
      return exhausted(`you have ${streams} open streams, your share`, { streams_max: `${streams}` }, 5_000);
    share.streams += 1;
    onOver(() => {
      share.streams -= 1;
    });
    return undefined;
  }

  /** Counts an event of a stream like a call. Returns for how long nothing more of the stream must be read, in ms. */
  pace(principal: string): number {
    const { callsPerSecond } = this.#limits();
    if (callsPerSecond === undefined) return 0;
    const share = this.#shareOf(principal);
    fill(share, callsPerSecond);
    share.calls -= 1;
    return share.calls >= 0 ? 0 : Math.ceil((-share.calls / callsPerSecond) * 1_000);
  }

  #shareOf(principal: string): Share {
    const found = this.#byPrincipal.get(principal);
    const share = found ?? { calls: Number.POSITIVE_INFINITY, filledMs: performance.now(), streams: 0 };
    this.#byPrincipal.delete(principal);
    this.#byPrincipal.set(principal, share);
    if (found === undefined && this.#byPrincipal.size > sharesMax) this.#forgetOne();
    return share;
  }

  #forgetOne(): void {
    for (const [principal, { streams }] of this.#byPrincipal) {
      if (streams > 0) continue;
      this.#byPrincipal.delete(principal);
      return;
    }
  }
}

function takeCall(share: Share, callsPerSecond: number): Refusal | undefined {
  fill(share, callsPerSecond);
  if (share.calls < 1) {
    const waitMs = Math.ceil(((1 - share.calls) / callsPerSecond) * 1_000);
    const metadata = { calls_per_second_max: `${callsPerSecond}` };
    return exhausted(`you make more than ${callsPerSecond} calls a second, your share`, metadata, waitMs);
  }
  share.calls -= 1;
  return undefined;
}

function fill(share: Share, callsPerSecond: number): void {
  const nowMs = performance.now();
  const grown = ((nowMs - share.filledMs) / 1_000) * callsPerSecond;
  share.calls = Math.min(callsPerSecond, share.calls + grown);
  share.filledMs = nowMs;
}

function exhausted(message: string, metadata: Readonly<Record<string, string>>, retryDelayMs: number): Refusal {
  return new Refusal("SHARE_EXHAUSTED", message, { metadata, retryDelayMs });
}
