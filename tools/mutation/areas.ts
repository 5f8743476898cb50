/** A part of the code to mutate, and the tests that must notice. */
export interface Area {
  /** Folder, or prefix of the paths, of the files. */
  readonly sources: string;
  /** Patterns of the tests' paths, for jest. */
  readonly tests: readonly string[];
  /** True if some tests need more than Node; they run last. */
  readonly needsMore?: boolean;
}

/** Areas; a file belongs to the first that matches. */
export const areas: readonly Area[] = [
  { sources: "event-store/src/firestore/", tests: ["event-store/test/firestore"], needsMore: true },
  {
    sources: "event-store/src/",
    tests: ["event-store/test/", "run-service/test/store-faults", "run-service/test/wire-writer"],
  },
  { sources: "run-service/src/", tests: ["run-service/test/"] },
  { sources: "functions/mirror/src/", tests: ["functions/mirror/test/"], needsMore: true },
  { sources: "functions/webhooks/src/", tests: ["functions/webhooks/test/"], needsMore: true },
  { sources: "mappings/src/", tests: ["mappings/test/"] },
  { sources: "client/src/", tests: ["client/test/"] },
  { sources: "cli/src/", tests: ["cli/test/"] },
  { sources: "rollout/src/", tests: ["rollout/test/"], needsMore: true },
];

export function areaOf(file: string): Area | undefined {
  return areas.find(({ sources }) => file.startsWith(sources));
}
