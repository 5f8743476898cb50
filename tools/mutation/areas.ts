/** A part of the code that is mutated, and the tests that must notice. */
export interface Area {
  /** The folder or the beginning of the paths of the files. */
  readonly sources: string;
  /** What jest is given: patterns of the tests' paths. */
  readonly tests: readonly string[];
  /** Some of the tests need more than Node; they run last. */
  readonly needsMore?: boolean;
}

/** The areas; the first whose sources a file belongs to is its own. */
export const areas: readonly Area[] = [
  { sources: "event-store/src/firestore/", tests: ["event-store/test/firestore"], needsMore: true },
  {
    sources: "event-store/src/",
    tests: ["event-store/test/", "run-service/test/store-faults", "run-service/test/wire-writer"],
  },
  { sources: "run-service/src/", tests: ["run-service/test/"] },
  { sources: "functions/mirror/src/", tests: ["functions/mirror/test/"], needsMore: true },
  { sources: "client/src/", tests: ["client/test/"] },
  { sources: "cli/src/", tests: ["cli/test/"] },
  { sources: "rollout/src/", tests: ["rollout/test/"], needsMore: true },
];

export function areaOf(file: string): Area | undefined {
  return areas.find(({ sources }) => file.startsWith(sources));
}
