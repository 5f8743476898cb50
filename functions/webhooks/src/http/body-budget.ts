/** Bytes that a request holds. */
export interface HeldBytes {
  /** Gives back what the body turned out not to need. */
  shrink(bytes: number): void;
  release(): void;
}

/** Bounds the requests, and the bytes of their bodies, that are held at once. */
export class BodyBudget {
  #freeBytes: number;
  #freeRequests: number;

  constructor(bytesMax: number, requestsMax: number) {
    this.#freeBytes = bytesMax;
    this.#freeRequests = requestsMax;
  }

  /** Holds the most that a body may take; undefined if there is no room. */
  hold(bytesMax: number): HeldBytes | undefined {
    if (this.#freeBytes < bytesMax || this.#freeRequests === 0) return undefined;
    let held = bytesMax;
    this.#freeBytes -= held;
    this.#freeRequests -= 1;
    return {
      shrink: (bytes) => {
        this.#freeBytes += held - bytes;
        held = bytes;
      },
      release: () => {
        this.#freeBytes += held;
        this.#freeRequests += 1;
        held = 0;
      },
    };
  }
}
