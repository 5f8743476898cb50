import { type DeploymentId, type StoredEvent, wireBytesMax } from "@activity-events/event-store";
import { limits } from "../limits.ts";

/** The newest events of one deployment, without a gap, bounded in bytes: what saves followers a read of the store. */
export class RecentEvents {
  readonly #deploymentId: DeploymentId;
  #events: StoredEvent[] = [];
  #bytes = 0;

  constructor(deploymentId: DeploymentId) {
    this.#deploymentId = deploymentId;
  }

  /** Most bytes of the events on the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes what was stored, in sequence order; what is known already is passed over, a gap makes a new start. */
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

  /** Returns the events after the cursor, at most a frame of them; undefined when the first is not here. */
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

  /** The event after the cursor was here and is no more: whoever is there was too slow. */
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
    // Down to three quarters at once, so that the array is not moved for each new event.
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

// What it was given in may be views of buffers that it shares with events of others, and would keep alive as a whole.
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
