import { type Contender, type Group, MissingToolError, type OpenContender, type Round } from "./contender.ts";
import type { Scratch } from "./scratch.ts";

/** Duration and number of rounds. */
export interface Effort {
  readonly rounds: number;
  readonly roundMs: number;
  /** Length of the first round, which is not counted: it compiles code and fills caches. */
  readonly warmUpMs: number;
}

/** Outcome of one contender. */
export type Outcome = { readonly contender: Contender } & (
  | { readonly kind: "measured"; readonly rounds: readonly Round[] }
  | { readonly kind: "missing"; readonly reason: string }
  /** The contender failed, or its data does not match its answers, so its figures are void. */
  | { readonly kind: "failed"; readonly faults: readonly string[] }
);

interface MeasureGroupOptions {
  readonly effort: Effort;
  readonly scratch: Scratch;
}

/** Measures the contenders of a group in turn, round by round, and verifies each at the end. */
export async function measureGroup(group: Group, options: MeasureGroupOptions): Promise<readonly Outcome[]> {
  const entrants: Entrant[] = [];
  for (const contender of group.contenders) entrants.push(await Entrant.enter(contender, options.scratch));
  const { rounds, roundMs, warmUpMs } = options.effort;
  for (let round = 0; round <= rounds; round += 1) {
    options.scratch.report(`${group.name}: ${round === 0 ? "warming up" : `round ${round} of ${rounds}`}`);
    for (const entrant of entrants) await entrant.round(round === 0 ? warmUpMs : roundMs);
  }
  options.scratch.report(`${group.name}: verifying`);
  for (const entrant of entrants) await entrant.leave();
  return entrants.map((entrant) => entrant.outcome());
}

/** A contender in its group; takes no further part after a fault. */
class Entrant {
  readonly #contender: Contender;
  readonly #rounds: Round[] = [];
  readonly #faults: string[] = [];
  #open: OpenContender | undefined;
  #missing: string | undefined;

  static async enter(contender: Contender, scratch: Scratch): Promise<Entrant> {
    const entrant = new Entrant(contender);
    await entrant.#guard(async () => {
      entrant.#open = await contender.open(scratch);
    });
    return entrant;
  }

  private constructor(contender: Contender) {
    this.#contender = contender;
  }

  async round(ms: number): Promise<void> {
    if (this.#faults.length > 0) return;
    await this.#guard(async () => {
      const round = await this.#open?.round(ms);
      if (round !== undefined) this.#rounds.push(round);
    });
  }

  async leave(): Promise<void> {
    await this.#guard(async () => {
      if (this.#faults.length === 0) this.#faults.push(...((await this.#open?.verify()) ?? []));
    });
    await this.#guard(async () => this.#open?.close());
  }

  outcome(): Outcome {
    const contender = this.#contender;
    if (this.#missing !== undefined) return { contender, kind: "missing", reason: this.#missing };
    if (this.#faults.length > 0) return { contender, kind: "failed", faults: this.#faults };
    return { contender, kind: "measured", rounds: this.#rounds.slice(1) };
  }

  async #guard(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (error instanceof MissingToolError) this.#missing = error.message;
      else this.#faults.push(`it failed: ${(error as Error).stack ?? error}`);
    }
  }
}
