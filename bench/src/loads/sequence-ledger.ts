/** Records acknowledged sequences by deployment: each once and, at the end, without a gap. */
export class SequenceLedger {
  readonly #next = new Map<string, number>();
  readonly #ahead = new Map<string, Set<number>>();
  readonly #faults: string[] = [];

  /** Adds an acknowledgement, in any order. */
  add(deploymentId: string, sequence: number): void {
    const next = this.#next.get(deploymentId) ?? 1;
    const ahead = this.#ahead.get(deploymentId);
    if (sequence < next || ahead?.has(sequence)) {
      this.fault(`${deploymentId}: sequence ${sequence} was acknowledged twice`);
    } else if (sequence > next) {
      if (ahead === undefined) this.#ahead.set(deploymentId, new Set([sequence]));
      else ahead.add(sequence);
    } else {
      let following = next + 1;
      while (ahead?.delete(following)) following += 1;
      this.#next.set(deploymentId, following);
    }
  }

  /** Adds a fault of an answer. */
  fault(sentence: string): void {
    this.#faults.push(sentence);
  }

  /** Returns the number of acknowledged events per deployment. */
  counts(): ReadonlyMap<string, number> {
    return new Map([...this.#next].map(([id, next]) => [id, next - 1 + (this.#ahead.get(id)?.size ?? 0)]));
  }

  /** Returns the faults of the acknowledgements as sentences. */
  faults(): readonly string[] {
    const gaps = [...this.#ahead].filter(([, ahead]) => ahead.size > 0);
    return [
      ...this.#faults,
      ...gaps.map(([id]) => `${id}: sequence ${this.#next.get(id) ?? 1} was never acknowledged, a later one was`),
    ];
  }
}
