import { limits } from "../limits.ts";
import { Refusal } from "./refusal.ts";

/** Interval between looks for stuck connections while somebody waits, in milliseconds. */
const lookIntervalMs = 1_000;

/** Source of calls. */
export interface Connection {
  /** Ends it with all its calls, without a word. */
  end(): void;
}

/** Bytes that the calls of one connection hold, and the calls that wait for more. */
export interface ConnectionBytes {
  readonly connection: Connection;
  calls: number;
  held: number;
  /** Bytes of answers that the wire has not taken. */
  unread: number;
  /** When it last took some, or had none: milliseconds of the monotonic clock. */
  takenMs: number;
  readonly waiting: Waiting[];
}

/** A call that waits until so many bytes are free. */
export interface Waiting {
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * Counts the bytes that calls hold, of each connection and of all, and refuses or holds back what is too much. A small call
 * still gets its bytes when large ones have taken theirs. Connections take turns.
 */
export class ByteBudget {
  readonly #connections = new Map<Connection, ConnectionBytes>();
  /** The connections in which somebody waits; the next turn is that of the first. */
  #queue: ConnectionBytes[] = [];
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  /** Counts a call of this connection, until `close`; it holds nothing yet. */
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
    // Of what one connection may hold it leaves the same share.
    const spareOfConnection = spare * (limits.connectionBytesMax / limits.callBytesMax);
    return (
      this.#held + bytes + spare <= limits.callBytesMax &&
      connection.held + bytes + spareOfConnection <= limits.connectionBytesMax
    );
  }

  /** Counts what is there in any case, however much that is. */
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
    // Whoever is behind may want less.
    this.#serve();
  }

  /** Reason to give a call of the connection no more bytes. Ends connections that have taken no answer for a minute. */
  refusal({ unread }: ConnectionBytes): Refusal {
    this.endStuck();
    const { callBytesMax, connectionBytesMax } = limits;
    if (unread > connectionBytesMax / 2) {
      return new Refusal("TOO_MANY_UNREAD", "the connection has not read the answers of the calls before", {
        metadata: { unread_bytes_max: `${connectionBytesMax}` },
        retryDelayMs: 1_000,
      });
    }
    return new Refusal("TOO_MANY_BYTES", "the calls of the connection, or of all, hold as many bytes as they may", {
      metadata: { bytes_max: `${callBytesMax}`, connection_bytes_max: `${connectionBytesMax}` },
      retryDelayMs: 1_000,
    });
  }

  /** Ends the connections that have taken no answer for a minute. Their bytes are given back as their calls end. */
  endStuck(): void {
    const stuckMs = performance.now() - limits.unreadAnswerTimeMs;
    for (const { connection, unread, takenMs } of this.#connections.values()) {
      if (unread > 0 && takenMs < stuckMs) connection.end();
    }
  }

  /** Gives each connection in which somebody waits its turn, until none gets what its first one wants. */
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
