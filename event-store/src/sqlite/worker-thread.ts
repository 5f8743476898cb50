import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** A worker thread that answers each request in the order in which it was asked. */
export class WorkerThread<Request, Reply> {
  /** Resolves, with the cause, when the thread has ended without having been told to. */
  readonly died: Promise<Error>;
  readonly #worker: Worker;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #dead: Error | undefined;

  constructor(script: URL, workerData: unknown) {
    this.#worker = new Worker(script, { workerData });
    this.#worker.on("message", (reply: Reply) => this.#waiting.shift()?.resolve(reply));
    this.died = new Promise((resolve) => {
      const end = (cause: Error) => {
        this.#dead ??= cause;
        for (const { reject } of this.#waiting.splice(0)) reject(this.#dead);
        resolve(this.#dead);
      };
      this.#worker.on("error", end);
      this.#worker.on("messageerror", end);
      this.#worker.on("exit", (code) => end(new Error(`the store's thread ended with code ${code}`)));
    });
  }

  /** Asks and waits for the answer. What is transferred is the thread's from then on. */
  ask(request: Request, transfer: readonly ArrayBuffer[] = []): Promise<Reply> {
    const reply = this.reply();
    this.#worker.postMessage(request, transfer);
    return reply;
  }

  /** Waits for an answer that comes unasked. */
  reply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) reject(this.#dead);
      else this.#waiting.push({ resolve, reject });
    });
  }

  /** Resolves when the thread has ended. */
  async ended(): Promise<void> {
    if (this.#dead === undefined) await once(this.#worker, "exit");
  }
}
