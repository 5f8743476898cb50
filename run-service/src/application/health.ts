import type { EventStore } from "@activity-events/event-store";
import { Wakeup } from "./wakeup.ts";

interface WatchOptions {
  /** Longest time for the store to answer, in ms. */
  readonly answerTimeMs?: number;
  /** Receives the reason when the store stops answering. */
  readonly onSilent?: (fault: Error) => void;
  /** Called when it answers again. */
  readonly onAnswer?: () => void;
}

/** Health of the service. It serves while it listens, its store answered last, and it does not drain. */
export class Health {
  readonly #wakeups = new Set<() => void>();
  #storeAnswers = true;
  #draining = false;

  get serving(): boolean {
    return this.#storeAnswers && !this.#draining;
  }

  /** Probes the store at intervals, so that the state is right without traffic. Returns a function that stops this. */
  watchStore(store: EventStore, intervalMs: number, options: WatchOptions = {}): () => void {
    const { answerTimeMs = intervalMs, onSilent = () => {}, onAnswer = () => {} } = options;
    const timer = setInterval(async () => {
      const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), answerTimeMs).unref());
      const fault = await Promise.race([store.probe(), late]).then(
        () => undefined,
        (error: Error) => error,
      );
      if (fault !== undefined && this.#storeAnswers) onSilent(fault);
      if (fault === undefined && !this.#storeAnswers) onAnswer();
      this.#change(() => {
        this.#storeAnswers = fault === undefined;
      });
    }, intervalMs).unref();
    return () => clearInterval(timer);
  }

  /** Reports not serving from now on, then ends all watchers. */
  drain(): void {
    this.#change(() => {
      this.#draining = true;
    });
  }

  /** Yields the current state and each change, until the service drains or the signal aborts. */
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

  /** Resolves when the service drains or the signal aborts. */
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
