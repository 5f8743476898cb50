import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** Interval of checks for stuck connections while calls wait, in ms. */
const lookIntervalMs = 1_000;

/** Source of calls. */
export interface Connection {
  /** Ends the connection with all its calls, without a status. */
  end(): void;
}

/** Bytes that the calls of one connection hold, and the calls that wait for more. */
export interface ConnectionBytes {
  readonly connection: Connection;
  calls: number;
  held: number;
  /** Bytes of answers that the wire has not taken. */
  unread: number;
  /** Last time that the wire took answers or there were none, in ms of the monotonic clock. */
  takenMs: number;
  readonly waiting: Waiting[];
}

/** A call that waits until this many bytes are free. */
export interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * Counts the bytes that calls hold, per connection and in total, and refuses or delays calls beyond the limits. Small
 * calls still get bytes after large ones have used their share. Connections take turns.
 */
export class ByteBudget {
  readonly #connections = new Map<Connection, ConnectionBytes>();
  /** Connections with waiting calls; the first has the next turn. */
  #queue: ConnectionBytes[] = [];
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  /** Starts counting a call of this connection, without bytes, until `close`. */
  open(connection: Connection): ConnectionBytes {
    let bytes = this.#connections.get(connection);
    if (bytes === undefined) {
      bytes = { connection, calls: 0, held: 0, unread: 0, takenMs: performance.now(), waiting: [] };
      this.#connections.set(connection, bytes);
    }
    bytes.calls += 1;
    return bytes;
  }

  close(bytes: ConnectionBytes): void {
    bytes.calls -= 1;
    if (bytes.calls === 0) this.#connections.delete(bytes.connection);
  }

  fits(connection: ConnectionBytes, bytes: number): boolean {
    const spare = Math.min(bytes * limits.spareBytesFactor, limits.spareBytesMax);
    // Leaves the same share of the connection's limit.
    const spareOfConnection = spare * (limits.connectionBytesMax / limits.callBytesMax);
    return (
      this.#held + bytes + spare <= limits.callBytesMax &&
      connection.held + bytes + spareOfConnection <= limits.connectionBytesMax
    );
  }

  /** Counts bytes that are already in memory, whatever the limits. */
  add(connection: ConnectionBytes | undefined, bytes: number): void {
    this.#held += bytes;
    if (connection !== undefined) connection.held += bytes;
  }

  give(connection: ConnectionBytes | undefined, bytes: number): void {
    this.#held -= bytes;
    if (connection !== undefined) connection.held -= bytes;
    if (this.#queue.length > 0) this.#serve();
  }

  wait(connection: ConnectionBytes, waiting: Waiting): void {
    if (connection.waiting.length === 0) this.#queue.push(connection);
    connection.waiting.push(waiting);
    this.endStuck();
    this.#timer ??= setInterval(() => this.endStuck(), lookIntervalMs).unref();
  }

  forget(connection: ConnectionBytes, waiting: Waiting): void {
    const place = connection.waiting.indexOf(waiting);
    if (place === -1) return;
    connection.waiting.splice(place, 1);
    if (connection.waiting.length === 0) this.#queue = this.#queue.filter((queued) => queued !== connection);
    // The next waiting call may need fewer bytes.
    this.#serve();
  }

  /** Makes the refusal of further bytes for a call of the connection. Ends connections that took no answer for a minute. */
  refusal({ unread }: ConnectionBytes): Refusal {
    this.endStuck();
    const { callBytesMax, connectionBytesMax } = limits;
    if (unread > connectionBytesMax / 2) {
      return new Refusal("TOO_MANY_UNREAD", "the connection has too many unread answers", {
        metadata: { unread_bytes_max: `${connectionBytesMax}` },
        retryDelayMs: 1_000,
      });
    }
    return new Refusal("TOO_MANY_BYTES", "the calls of the connection or of the server hold too many bytes", {
      metadata: { bytes_max: `${callBytesMax}`, connection_bytes_max: `${connectionBytesMax}` },
      retryDelayMs: 1_000,
    });
  }

  /** Ends the connections that took no answer for a minute. Their bytes return as their calls end. */
  endStuck(): void {
    const stuckMs = performance.now() - limits.unreadAnswerTimeMs;
    for (const { connection, unread, takenMs } of this.#connections.values()) {
      if (unread > 0 && takenMs < stuckMs) connection.end();
    }
  }

  /** Gives each connection with waiting calls its turn, until none gets the bytes for its first call. */
  #serve(): void {
    let misses = 0;
    while (misses < this.#queue.length) {
      const connection = this.#queue.shift() as ConnectionBytes;
      const [first] = connection.waiting;
      if (first !== undefined && this.fits(connection, first.bytes)) {
        misses = 0;
        connection.waiting.shift();
        this.add(connection, first.bytes);
        first.grant();
      } else {
        misses += 1;
      }
      if (connection.waiting.length > 0) this.#queue.push(connection);
    }
    if (this.#queue.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
