import {
  type DeploymentId,
  type EventPage,
  limits,
  type StoredEvent,
  wireBytesMax,
} from "@activity-events/event-store";

/** A last page with fewer is not kept: it costs the store little, and each deployment that is followed has one. */
const lastPageEventsMin = 100;

/**
 * The pages of history that streams read last, bounded in bytes. What is recorded never changes, so that a page without a
 * gap serves whoever looks for what it holds, and many readers of one deployment cost the store one read.
 */
export class HistoryPages {
  /** Those that were used longest ago come first. */
  readonly #pages = new Map<string, { readonly page: EventPage; readonly bytes: number }>();
  #bytes = 0;

  /** The page of unfiltered events after the cursor, if it is known: a full one, or one that reaches the head. */
  find(deploymentId: DeploymentId, cursor: number, head: number): EventPage | undefined {
    const key = keyOf(deploymentId, cursor);
    const kept = this.#pages.get(key);
    if (kept === undefined || (!kept.page.more && lastSequence(kept.page) < head)) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    return kept.page;
  }

  /** Keeps a page of unfiltered events after the cursor in place of one that has grown; passes over one that is short or has a gap. */
  add(deploymentId: DeploymentId, cursor: number, page: EventPage): void {
    const key = keyOf(deploymentId, cursor);
    const before = this.#pages.get(key);
    if (!isWorthKeeping(page, cursor) || (before !== undefined && !hasGrown(before.page, page))) return;
    const bytes = bytesOf(deploymentId, page.events);
    this.#pages.delete(key);
    this.#pages.set(key, { page, bytes });
    this.#bytes += bytes - (before?.bytes ?? 0);
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

function isWorthKeeping(page: EventPage, cursor: number): boolean {
  const { events, more } = page;
  return (more || events.length >= lastPageEventsMin) && lastSequence(page) === cursor + events.length;
}

/** A page that was full has not, whenever it is read again. */
function hasGrown(before: EventPage, page: EventPage): boolean {
  return !before.more && (page.more || lastSequence(page) > lastSequence(before));
}

/** -1: the page has no events. */
function lastSequence({ events }: EventPage): number {
  return events.at(-1)?.sequence ?? -1;
}

/** The events as they are, and once more encoded as a frame. */
function bytesOf(deploymentId: DeploymentId, events: readonly StoredEvent[]): number {
  return events.reduce((sum, event) => sum + 2 * wireBytesMax(deploymentId, event), 0);
}
