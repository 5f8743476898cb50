/** Lets one waiter sleep until it is woken. */
export class Wakeup {
  #wake: (() => void) | undefined;

  /** Wakes the waiter; does nothing without one, so check the condition before waiting. */
  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
