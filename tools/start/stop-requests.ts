/** Time within which further signals count as the first, in ms: a parent may forward a signal sent to the whole group. */
const sameSignalMs = 200;

/** Signals that ask this process to stop; they no longer end it at once. So does the end of a parent with a channel to it. */
export class StopRequests {
  /** Resolves at the first request. */
  readonly first: Promise<void>;
  /** Called at every further signal. */
  onFurther: () => void = () => {};
  #firstMs: number | undefined;

  constructor(source: NodeJS.Process) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.first = promise;
    const begin = () => {
      this.#firstMs ??= performance.now();
      resolve();
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      source.on(signal, () => {
        if (this.#firstMs !== undefined && performance.now() - this.#firstMs > sameSignalMs) this.onFurther();
        begin();
      });
    }
    source.once("disconnect", begin);
    // The listener alone must not keep this process alive.
    source.channel?.unref();
    // The parent may have left while this process started.
    if (source.send !== undefined && !source.connected) begin();
  }

  /** Whether a request has come. */
  get isStopping(): boolean {
    return this.#firstMs !== undefined;
  }
}
