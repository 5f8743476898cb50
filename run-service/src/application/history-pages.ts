import type { DeploymentId, EventPage, StoredEvent } from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** A page of unfiltered events, encoded as a frame of streams. */
export interface HistoryPage extends Pick<EventPage, "cursor" | "looked" | "more"> {
  readonly encoded: Uint8Array;
  /** Edits that the deployment's head counted before the page was read. */
  readonly edits: number;
}

/** Place of a page. */
export interface PagePlace {
  readonly deploymentId: DeploymentId;
  /** Sequence before its first event. */
  readonly cursor: number;
  /** Edits that the deployment's head counts. */
  readonly edits: number;
}

/** Encodes a frame with these events. */
export type EncodeEvents = (deploymentId: DeploymentId, events: readonly StoredEvent[]) => Uint8Array;

/** Fewest events of a last page to keep. A smaller one is cheap to read, and each followed deployment has one. */
const lastPageEventsMin = 100;

/**
 * Caches the pages of history that streams read last, bounded in bytes. Recorded events change only by edits, which the
 * deployment's head counts, so a page without a gap serves every reader under the same count, and many readers of one deployment cost the store one read. Pages stay encoded, because
 * thousands of event objects would cost the garbage collector more than they save.
 */
export class HistoryPages {
  readonly #encode: EncodeEvents;
  /** In order of their last use, oldest first. */
  readonly #pages = new Map<string, HistoryPage>();
  #bytes = 0;

  constructor(encode: EncodeEvents) {
    this.#encode = encode;
  }

  /** Finds the page after the cursor: a full one, or one that reaches the head. */
  find({ deploymentId, cursor, edits }: PagePlace, head: number): HistoryPage | undefined {
    const key = keyOf(deploymentId, cursor);
    const page = this.#pages.get(key);
    if (page !== undefined && page.edits !== edits) {
      this.#drop(key, page);
      return undefined;
    }
    if (page === undefined || (!page.more && (page.cursor ?? 0) < head)) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, page);
    return page;
  }

  /**
   * Caches a page of unfiltered events after the cursor, replacing a shorter one, and returns it. Returns undefined for
   * a short page or one with a gap, which is not cached.
   */
  add({ deploymentId, cursor, edits }: PagePlace, page: EventPage): HistoryPage | undefined {
    if (!isWorthKeeping(page, cursor)) return undefined;
    const key = keyOf(deploymentId, cursor);
    const before = this.#pages.get(key);
    if (before !== undefined && before.edits > edits) return undefined;
    if (before !== undefined && before.edits === edits && (before.more || before.looked > page.looked)) return before;
    const { looked, more } = page;
    const encoded = this.#encode(deploymentId, page.events);
    const kept = { cursor: page.cursor, looked, more, encoded, edits };
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    this.#bytes += encoded.length - (before?.encoded.length ?? 0);
    for (const [oldest, page] of this.#pages) {
      if (this.#bytes <= limits.historyBytesMax) break;
      this.#drop(oldest, page);
    }
    return kept;
  }

  /** Forgets the pages of a deployment that was edited. */
  forget(deploymentId: DeploymentId): void {
    const prefix = keyOf(deploymentId, "");
    for (const [key, page] of this.#pages) if (key.startsWith(prefix)) this.#drop(key, page);
  }

  #drop(key: string, { encoded }: HistoryPage): void {
    this.#pages.delete(key);
    this.#bytes -= encoded.length;
  }
}

function keyOf(deploymentId: DeploymentId, cursor: number | ""): string {
  return `${deploymentId} ${cursor}`;
}

function isWorthKeeping({ events, more }: EventPage, cursor: number): boolean {
  const isWhole = events.length > 0 && events.at(-1)?.sequence === cursor + events.length;
  return isWhole && (more || events.length >= lastPageEventsMin);
}
