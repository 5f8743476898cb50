/** How the work on a deployment ended: done for now, or to be tried again after so many ms. */
export type LaneEnd = { readonly kind: "done" } | { readonly kind: "again"; readonly afterMs: number };

interface LanesOptions {
  readonly lanesMax: number;
  /** Works on one deployment; never on the same one twice at a time. */
  readonly work: (deploymentId: string) => Promise<LaneEnd>;
}

/** Works on deployments, a few at a time, and on each again when there was more while it was worked on. */
export class Lanes {
  readonly #options: LanesOptions;
  /** In the order in which they came. */
  readonly #queue = new Set<string>();
  /** Those that are worked on, and whether there is more. */
  readonly #running = new Map<string, boolean>();
  /** Those that were put off. */
  readonly #parked = new Map<string, NodeJS.Timeout>();
  readonly #failed = Promise.withResolvers<never>();
  #settled = Promise.withResolvers<void>();
  #isStopped = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {});
    this.#settled.resolve();
  }

  /** Rejects with what `work` throws. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves once nothing is left to do but what was put off. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Number of deployments that were put off. */
  get putOff(): number {
    return this.#parked.size;
  }

  /** There is work on a deployment; if it was put off, its time still counts. */
  push(deploymentId: string): void {
    if (this.#isStopped || this.#parked.has(deploymentId)) return;
    if (this.#isSettled) this.#settled = Promise.withResolvers();
    if (this.#running.has(deploymentId)) this.#running.set(deploymentId, true);
    else this.#queue.add(deploymentId);
    this.#fill();
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#queue.clear();
    for (const timer of this.#parked.values()) clearTimeout(timer);
    this.#parked.clear();
    if (this.#isSettled) this.#settled.resolve();
    await this.#settled.promise;
  }

  get #isSettled(): boolean {
    return this.#queue.size + this.#running.size === 0;
  }

  #fill(): void {
    for (const deploymentId of this.#queue) {
      if (this.#running.size >= this.#options.lanesMax) return;
      this.#queue.delete(deploymentId);
      this.#running.set(deploymentId, false);
      this.#options.work(deploymentId).then(
        (end) => this.#ended(deploymentId, end),
        (error) => {
          this.#failed.reject(error);
          this.#ended(deploymentId, { kind: "done" });
        },
      );
    }
  }

  #ended(deploymentId: string, end: LaneEnd): void {
    const hasMore = this.#running.get(deploymentId) === true;
    this.#running.delete(deploymentId);
    if (!this.#isStopped) {
      if (end.kind === "again" && end.afterMs > 0) this.#park(deploymentId, end.afterMs);
      else if (end.kind === "again" || hasMore) this.#queue.add(deploymentId);
      this.#fill();
    }
    if (this.#isSettled) this.#settled.resolve();
  }

  #park(deploymentId: string, ms: number): void {
    const unpark = () => {
      this.#parked.delete(deploymentId);
      this.push(deploymentId);
    };
    this.#parked.set(deploymentId, setTimeout(unpark, ms));
  }
}
