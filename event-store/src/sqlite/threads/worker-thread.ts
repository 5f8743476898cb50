import { Worker } from "node:worker_threads";

/** A worker thread that answers requests in order; started on demand. */
export class WorkerThread<Request, Reply> {
  /** Resolves with the cause if the thread ends unexpectedly. */
  readonly died: Promise<Error>;
  readonly #script: URL;
  readonly #workerData: unknown;
  readonly #onDied: (cause: Error) => void;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  /** Resolves when the thread has ended. */
  readonly #exited: Promise<void>;
  readonly #onExit: () => void;
  #worker: Worker | undefined;
  #dead: Error | undefined;

  constructor(script: URL, workerData: unknown) {
    this.#script = script;
    this.#workerData = workerData;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.died = promise;
    this.#onDied = resolve;
    const exit = Promise.withResolvers<void>();
    this.#exited = exit.promise;
    this.#onExit = exit.resolve;
  }

  /** Starts the thread if needed: it takes 30 ms, for which the first request would wait. */
  start(): Worker {
    this.#worker ??= this.#started();
    return this.#worker;
  }

  /** True if no request is pending. */
  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Sends a request and waits for the answer. Transferred buffers belong to the thread afterwards. */
  ask(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<Reply> {
    const worker = this.start();
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.#dead !== undefined) reject(this.#dead);
      else this.#waiting.push({ resolve, reject });
    });
    worker.postMessage(request, transfer);
    return reply;
  }

  /** Sends the request that ends the thread, and resolves when it has ended in any way; at once if it was never started. */
  async end(request: Request): Promise<void> {
    if (this.#worker === undefined) return;
    this.ask(request).catch(() => {});
    await this.#exited;
  }

  #started(): Worker {
    const worker = new Worker(this.#script, { workerData: this.#workerData });
    worker.on("message", (reply: Reply) => this.#waiting.shift()?.resolve(reply));
    const end = (cause: Error) => {
      this.#dead ??= cause;
      for (const { reject } of this.#waiting.splice(0)) reject(this.#dead);
      this.#onDied(this.#dead);
    };
    worker.on("error", end);
    worker.on("messageerror", end);
    worker.on("exit", (code) => {
      end(new Error(`the store's thread ended with code ${code}`));
      this.#onExit();
    });
    return worker;
  }
}
