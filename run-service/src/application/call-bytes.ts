import type { ByteBudget, Connection, ConnectionBytes, Waiting } from "./byte-budget.ts";
import { Refusal } from "./refusal.ts";

/** Limits of a wait for bytes. */
interface RoomOptions {
  /** Aborted when the bytes are no longer needed. */
  readonly signals: readonly AbortSignal[];
  /** Longest wait in ms; unset if the caller may be delayed without a limit. */
  readonly timeMs?: number;
}

/** Bytes of the server that one call holds until it ends. */
export class CallBytes {
  readonly #budget: ByteBudget;
  readonly #connection: ConnectionBytes;
  readonly #ends = new Set<() => void>();
  #held = 0;
  /** Part of the held bytes: reserved for work on the request. */
  #work = 0;
  #unread = 0;
  #isOver = false;

  constructor(budget: ByteBudget, connection: Connection) {
    this.#budget = budget;
    this.#connection = budget.open(connection);
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held;
  }

  /** Open calls of the same connection, including this one. */
  get callsOfConnection(): number {
    return this.#connection.calls;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes of answers that the wire has not taken. */
  get unread(): number {
    return this.#unread;
  }

  /** Opens another count for the same connection, for data that outlives this one's answers. */
  another(): CallBytes {
    return new CallBytes(this.#budget, this.#connection.connection);
  }

  /** Holds this many more bytes if they are free. */
  tryHold(bytes: number): boolean {
    if (this.#isOver || !this.#budget.fits(this.#connection, bytes)) return false;
    this.add(bytes);
    return true;
  }

  /** The same; throws a Refusal if they are not free. */
  hold(bytes: number): void {
    if (!this.tryHold(bytes)) throw this.#budget.refusal(this.#connection);
  }

  /** Holds bytes that are already in memory. */
  add(bytes: number): void {
    if (this.#isOver) return;
    this.#held += bytes;
    this.#budget.add(this.#connection, bytes);
  }

  /** Returns this many bytes, at most those held. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#held);
    this.#held -= given;
    this.#budget.give(this.#connection, given);
  }

  /** Reserves held bytes for the work on the request, so that an append has room for its answer before it is stored. */
  reserveForAnswer(bytes: number): void {
    this.#work += bytes;
  }

  /**
   * Waits for this many bytes for the work on the request, instead of those held for it before. Throws a Refusal if
   * that takes too long, or if the call is over, because nothing would count the work. Resolves without the bytes if a
   * signal aborts.
   */
  async room(bytes: number, options: RoomOptions): Promise<void> {
    this.rest();
    if (this.tryRoom(bytes)) return;
    if (await this.wait(bytes, options)) this.#work += bytes;
    else if (this.#isOver) throw new Refusal("INTERNAL_FAULT", "the call is over");
  }

  /** The same without waiting; false if they are not free. */
  tryRoom(bytes: number): boolean {
    if (!this.tryHold(bytes)) return false;
    this.#work += bytes;
    return true;
  }

  /** Returns the bytes of the work on the request: it is done or paused. */
  rest(): void {
    const work = this.#work;
    this.#work = 0;
    this.give(work);
  }

  /** Waits for this many bytes; resolves with false if a signal aborts or the call is over. */
  async wait(bytes: number, { signals, timeMs }: RoomOptions): Promise<boolean> {
    if (this.#isOver || signals.some(({ aborted }) => aborted)) return false;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiting: Waiting = {
      bytes,
      grant: () => {
        this.#held += bytes;
        resolve(true);
      },
    };
    // At once, so that no bytes go to a call that no longer waits.
    const stopWaiting = () => this.#budget.forget(this.#connection, waiting);
    const end = () => {
      stopWaiting();
      resolve(false);
    };
    const giveUp = () => {
      stopWaiting();
      reject(this.#budget.refusal(this.#connection));
    };
    const timer = timeMs === undefined ? undefined : setTimeout(giveUp, timeMs);
    for (const signal of signals) signal.addEventListener("abort", end);
    this.#ends.add(end);
    this.#budget.wait(this.#connection, waiting);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", end);
      this.#ends.delete(end);
    }
  }

  /** Counts an answer that the wire has not taken. */
  answer(bytes: number): void {
    if (this.#isOver) return;
    this.#unread += bytes;
    if (this.#connection.unread === 0) this.#connection.takenMs = performance.now();
    this.#connection.unread += bytes;
    this.add(bytes);
  }

  /** Counts bytes of answers that the wire has taken. */
  taken(bytes: number): void {
    if (this.#isOver) return;
    this.#unread -= bytes;
    this.#connection.unread -= bytes;
    this.#connection.takenMs = performance.now();
    this.give(bytes);
  }

  /** Ends the call, which then holds nothing. */
  over(): void {
    if (this.#isOver) return;
    if (this.#unread > 0) this.taken(this.#unread);
    this.give(this.#held);
    this.#isOver = true;
    for (const end of this.#ends) end();
    this.#budget.close(this.#connection);
  }
}
