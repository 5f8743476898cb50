/** Lets one waiter sleep until something happens. */
export class Wakeup {
  #wake: (() => void) | undefined;

  /** Wakes whoever waits; without a waiter it does nothing, so look before you wait. */
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
