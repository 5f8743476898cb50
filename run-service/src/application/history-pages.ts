import {
  type DeploymentId,
  type EventPage,
  limits,
  type StoredEvent,
  wireBytesMax,
} from "@activity-events/event-store";

/**
 * The pages of history that streams read last, bounded in bytes. What is recorded never changes, so that a page that was full
 * and without a gap is the same for ever, and many readers of one deployment cost the store one read.
 */
export class HistoryPages {
  /** Those that were used longest ago come first. */
  readonly #pages = new Map<string, { readonly page: EventPage; readonly bytes: number }>();
  #bytes = 0;

  /** The whole page of unfiltered events after the cursor, if it is known. */
  find(deploymentId: DeploymentId, cursor: number): EventPage | undefined {
    const key = keyOf(deploymentId, cursor);
    const kept = this.#pages.get(key);
    if (kept === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    return kept.page;
  }

  /** Keeps a page of unfiltered events after the cursor; passes over one that is not full or has a gap. */
  add(deploymentId: DeploymentId, cursor: number, page: EventPage): void {
    const key = keyOf(deploymentId, cursor);
    if (!isWhole(page, cursor) || this.#pages.has(key)) return;
    const bytes = bytesOf(deploymentId, page.events);
    this.#pages.set(key, { page, bytes });
    this.#bytes += bytes;
    for (const [oldest, kept] of this.#pages) {
      if (this.#bytes <= limits.historyBytesMax) return;
      this.#pages.delete(oldest);
      this.#bytes -= kept.bytes;
    }
  }
}

function keyOf(deploymentId: DeploymentId, cursor: number): string {
  return `${deploymentId} ${cursor}`;
}

function isWhole({ events, more }: EventPage, cursor: number): boolean {
  return more && events.at(-1)?.sequence === cursor + events.length;
}

/** The events as they are, and once more encoded as a frame. */
function bytesOf(deploymentId: DeploymentId, events: readonly StoredEvent[]): number {
  return events.reduce((sum, event) => sum + 2 * wireBytesMax(deploymentId, event), 0);
}
