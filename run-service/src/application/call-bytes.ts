import type { ByteBudget, Connection, ConnectionBytes, Waiting } from "./byte-budget.ts";
import { Refusal } from "./refusal.ts";

/** When a call gives up waiting for its bytes. */
interface RoomOptions {
  /** Aborted when the bytes are not wanted any more. */
  readonly signals: readonly AbortSignal[];
  /** Milliseconds; unset where the caller may be held back for as long as it takes. */
  readonly timeMs?: number;
}

/** Bytes of the server that one call holds, until it is over. */
export class CallBytes {
  readonly #budget: ByteBudget;
  readonly #connection: ConnectionBytes;
  readonly #ends = new Set<() => void>();
  #held = 0;
  /** Of what is held: reserved for what is being made of the request. */
  #work = 0;
  #unread = 0;
  #isOver = false;

  constructor(budget: ByteBudget, connection: Connection) {
    this.#budget = budget;
    this.#connection = budget.open(connection);
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  /** Open calls of the same connection, this one among them. */
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

  /** Another of the same connection, for what outlives this one's answers. */
  another(): CallBytes {
    return new CallBytes(this.#budget, this.#connection.connection);
  }

  /** Holds so many bytes more if they are free. */
  tryHold(bytes: number): boolean {
    if (this.#isOver || !this.#budget.fits(this.#connection, bytes)) return false;
    this.add(bytes);
    return true;
  }

  /** The same; throws a Refusal when they are not free. */
  hold(bytes: number): void {
    if (!this.tryHold(bytes)) throw this.#budget.refusal(this.#connection);
  }

  /** Holds bytes that are there in any case. */
  add(bytes: number): void {
    if (this.#isOver) return;
    this.#held += bytes;
    this.#budget.add(this.#connection, bytes);
  }

  /** Gives so many bytes back, at most what is held. */
  give(bytes: number): void {
    const given = Math.min(bytes, this.#held);
    this.#held -= given;
    this.#budget.give(this.#connection, given);
  }

  /** Reserves bytes that are held already for what is made of the request: an append's answer has its place before it is stored. */
  reserveForAnswer(bytes: number): void {
    this.#work += bytes;
  }

  /**
   * Holds so many bytes for what is made of the request, in place of those held for that before, once they are free. Throws a
   * Refusal when that takes too long, or nobody wants it any more since the call is over: what is made of the request then would be
   * held by nobody. Resolves without them when a signal is aborted.
   */
  async room(bytes: number, options: RoomOptions): Promise<void> {
    this.rest();
    if (this.tryRoom(bytes)) return;
    if (await this.wait(bytes, options)) this.#work += bytes;
    else if (this.#isOver) throw new Refusal("INTERNAL_FAULT", "the call is over");
  }

  /** The same if they are free. */
  tryRoom(bytes: number): boolean {
    if (!this.tryHold(bytes)) return false;
    this.#work += bytes;
    return true;
  }

  /** Gives back what is held for what is made of the request: the answer is there, or nothing is being made. */
  rest(): void {
    const work = this.#work;
    this.#work = 0;
    this.give(work);
  }

  /** Holds so many bytes once they are free; resolves with false when a signal is aborted or the call is over. */
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
    // At once, so that nothing is granted to whoever waits no more.
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

  /** An answer of so many bytes is there, which the wire has not taken. */
  answer(bytes: number): void {
    if (this.#isOver) return;
    this.#unread += bytes;
    if (this.#connection.unread === 0) this.#connection.takenMs = performance.now();
    this.#connection.unread += bytes;
    this.add(bytes);
  }

  /** The wire has taken so many bytes of the answers. */
  taken(bytes: number): void {
    if (this.#isOver) return;
    this.#unread -= bytes;
    this.#connection.unread -= bytes;
    this.#connection.takenMs = performance.now();
    this.give(bytes);
  }

  /** The call is over, and holds nothing from now on. */
  over(): void {
    if (this.#isOver) return;
    if (this.#unread > 0) this.taken(this.#unread);
    this.give(this.#held);
    this.#isOver = true;
    for (const end of this.#ends) end();
    this.#budget.close(this.#connection);
  }
}
