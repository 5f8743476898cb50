import type { DeploymentId, EventPage, StoredEvent } from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** A page of unfiltered events, as the frame that streams send. */
export interface HistoryPage extends Pick<EventPage, "cursor" | "looked" | "more"> {
  readonly encoded: Uint8Array;
}

/** Encodes the frame that holds these events. */
export type EncodeEvents = (deploymentId: DeploymentId, events: readonly StoredEvent[]) => Uint8Array;

/** A last page with fewer is not kept: it costs the store little, and each deployment that is followed has one. */
const lastPageEventsMin = 100;

/**
 * The pages of history that streams read last, bounded in bytes. What is recorded never changes, so that a page without a
 * gap serves whoever looks for what it holds, and many readers of one deployment cost the store one read. They are kept
 * encoded: thousands of events as objects would cost the garbage collector more than they save.
 */
export class HistoryPages {
  readonly #encode: EncodeEvents;
  /** Those that were used longest ago come first. */
  readonly #pages = new Map<string, HistoryPage>();
  #bytes = 0;

  constructor(encode: EncodeEvents) {
    this.#encode = encode;
  }

  /** The page after the cursor, if it is known: a full one, or one that reaches the head. */
  find(deploymentId: DeploymentId, cursor: number, head: number): HistoryPage | undefined {
    const key = keyOf(deploymentId, cursor);
    const page = this.#pages.get(key);
    if (page === undefined || (!page.more && (page.cursor ?? 0) < head)) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  /**
   * Keeps a page of unfiltered events after the cursor, in place of a shorter one, and answers it as it is kept; undefined:
   * it is short itself, or has a gap, and is not kept.
   */
  add(deploymentId: DeploymentId, cursor: number, page: EventPage): HistoryPage | undefined {
    if (!isWorthKeeping(page, cursor)) return undefined;
    const key = keyOf(deploymentId, cursor);
    const before = this.#pages.get(key);
    if (before !== undefined && (before.more || before.looked > page.looked)) return before;
    const { looked, more } = page;
    const encoded = this.#encode(deploymentId, page.events);
    const kept = { cursor: page.cursor, looked, more, encoded };
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    this.#bytes += encoded.length - (before?.encoded.length ?? 0);
    for (const [oldest, { encoded }] of this.#pages) {
      if (this.#bytes <= limits.historyBytesMax) break;
      this.#pages.delete(oldest);
      this.#bytes -= encoded.length;
    }
    return kept;
  }
}

function keyOf(deploymentId: DeploymentId, cursor: number): string {
  return `${deploymentId} ${cursor}`;
}

function isWorthKeeping({ events, more }: EventPage, cursor: number): boolean {
  const isWhole = events.length > 0 && events.at(-1)?.sequence === cursor + events.length;
  return isWhole && (more || events.length >= lastPageEventsMin);
}
