/** Counts the bytes that the store has of many streams, and tells those that are held back when there is room again. */
export class WaitingBytes {
  readonly #bytesMax: number;
  readonly #heldBack = new Set<() => void>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get hasRoom(): boolean {
    return this.#bytes < this.#bytesMax;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
    if (!this.hasRoom) return;
    const heldBack = [...this.#heldBack];
    this.#heldBack.clear();
    for (const wake of heldBack) wake();
  }

  /** Wakes, once, when there is room. */
  onRoom(wake: () => void): void {
    this.#heldBack.add(wake);
  }

  forget(wake: () => void): void {
    this.#heldBack.delete(wake);
  }
}
