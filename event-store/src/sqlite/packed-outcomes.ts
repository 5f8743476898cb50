import type { AppendOutcome } from "./append-group.ts";

/** The outcomes of a group on their way back: of most calls a number says all. */
export interface PackedOutcomes {
  /** By the place of the call: the sequence of its first event, all of which were written; 0: see `others`. */
  readonly firstSequences: Float64Array<ArrayBuffer>;
  readonly others: ReadonlyMap<number, AppendOutcome>;
}

export function packOutcomes(outcomes: readonly AppendOutcome[]): PackedOutcomes {
  const firstSequences = new Float64Array(outcomes.length);
  const others = new Map<number, AppendOutcome>();
  outcomes.forEach((outcome, place) => {
    if (outcome.kind === "written") firstSequences[place] = outcome.firstSequence;
    else others.set(place, outcome);
  });
  return { firstSequences, others };
}

export function outcomeAt({ firstSequences, others }: PackedOutcomes, place: number): AppendOutcome | undefined {
  const firstSequence = firstSequences[place] ?? 0;
  return firstSequence > 0 ? { kind: "written", firstSequence } : others.get(place);
}
