import { type DeploymentId, type StoredEvent, wireBytesMax } from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** The newest events of one deployment, without a gap, bounded in bytes. They save followers reads of the store. */
export class RecentEvents {
  readonly #deploymentId: DeploymentId;
  #events: StoredEvent[] = [];
  #bytes = 0;

  constructor(deploymentId: DeploymentId) {
    this.#deploymentId = deploymentId;
  }

  /** Upper bound of the events' bytes on the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds stored events in sequence order. Skips known ones; starts over after a gap. */
  add(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const last = this.#events.at(-1)?.sequence;
      if (last !== undefined && event.sequence <= last) continue;
      if (last !== undefined && event.sequence > last + 1) this.clear();
      this.#events.push(inOwnBytes(event));
      this.#bytes += wireBytesMax(this.#deploymentId, event);
    }
    this.#evict();
  }

  /** Returns the events after the cursor, at most a frame; undefined if the first is not here. */
  after(cursor: number): readonly StoredEvent[] | undefined {
    const first = this.#events[0]?.sequence;
    if (first === undefined || cursor + 1 < first) return undefined;
    const from = cursor + 1 - first;
    let to = from;
    for (let bytes = 0; to < this.#events.length && to - from < limits.frameEventsMax; to += 1) {
      bytes += wireBytesMax(this.#deploymentId, this.#events[to] as StoredEvent);
      if (to > from && bytes > limits.frameBytesTarget) break;
    }
    return to > from ? this.#events.slice(from, to) : undefined;
  }

  /** Tells whether the event after the cursor was already dropped, because the reader was too slow. */
  isPast(cursor: number): boolean {
    const first = this.#events[0]?.sequence;
    return first !== undefined && cursor + 1 < first;
  }

  clear(): void {
    this.#events = [];
    this.#bytes = 0;
  }

  #evict(): void {
    let evicted = 0;
    // Down to three quarters in one go, so that the array does not move for each event.
    if (this.#bytes <= limits.recentBytesMax) return;
    while (this.#bytes > (limits.recentBytesMax * 3) / 4) {
      const event = this.#events[evicted];
      if (event === undefined) break;
      this.#bytes -= wireBytesMax(this.#deploymentId, event);
      evicted += 1;
    }
    this.#events = this.#events.slice(evicted);
  }
}

// Copies an event. Its bytes may be views of buffers shared with other events, which it would keep alive.
function inOwnBytes(event: StoredEvent): StoredEvent {
  const { content, stamp, salt } = event;
  const stampAt = content.length;
  const saltAt = stampAt + stamp.length;
  const bytes = new Uint8Array(saltAt + salt.length);
  bytes.set(content);
  bytes.set(stamp, stampAt);
  bytes.set(salt, saltAt);
  return {
    ...event,
    content: bytes.subarray(0, stampAt),
    stamp: bytes.subarray(stampAt, saltAt),
    salt: bytes.subarray(saltAt),
  };
}
