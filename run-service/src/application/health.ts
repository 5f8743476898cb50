import type { EventStore } from "@activity-events/event-store";
import { Wakeup } from "./wakeup.ts";

/** Whether the service can be used: it listens, its store answered last, and it does not drain. */
export class Health {
  readonly #wakeups = new Set<() => void>();
  #storeAnswers = true;
  #draining = false;

  get serving(): boolean {
    return this.#storeAnswers && !this.#draining;
  }

  /** Asks the store every few seconds, so that the state is right without traffic; until the answered function is called. */
  watchStore(store: EventStore, intervalMs: number): () => void {
    const timer = setInterval(async () => {
      const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), intervalMs).unref());
      const answers = await Promise.race([store.probe(), late]).then(
        () => true,
        () => false,
      );
      this.#change(() => {
        this.#storeAnswers = answers;
      });
    }, intervalMs).unref();
    return () => clearInterval(timer);
  }

  /** The service stops: not serving from now on, and whoever watches is told so and then let go. */
  drain(): void {
    this.#change(() => {
      this.#draining = true;
    });
  }

  /** The state now and whenever it changes, until the service drains or the signal is aborted. */
  async *changes(signal: AbortSignal): AsyncGenerator<boolean, void, void> {
    let told: boolean | undefined;
    while (!signal.aborted) {
      const { serving } = this;
      if (serving !== told) yield serving;
      told = serving;
      if (this.#draining) return;
      await this.#changed(signal, () => this.serving !== told || this.#draining);
    }
  }

  /** Resolves when the service drains or the signal is aborted. */
  async ended(signal: AbortSignal): Promise<void> {
    await this.#changed(signal, () => this.#draining);
  }

  async #changed(signal: AbortSignal, isOver: () => boolean): Promise<void> {
    const wakeup = new Wakeup();
    const wake = () => wakeup.wake();
    this.#wakeups.add(wake);
    signal.addEventListener("abort", wake);
    while (!isOver() && !signal.aborted) await wakeup.wait();
    this.#wakeups.delete(wake);
    signal.removeEventListener("abort", wake);
  }

  #change(change: () => void): void {
    change();
    for (const wake of this.#wakeups) wake();
  }
}
