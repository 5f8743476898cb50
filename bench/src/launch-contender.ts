import type { Contender } from "./contender.ts";
import type { Scratch } from "./scratch.ts";
import { quantile } from "./statistics.ts";

/** Starts a process, uses it and ends it. Returns the time from its start to each moment of the rows, in ms. */
export type Launch = () => Promise<readonly number[]>;

interface LaunchContenderOptions {
  /** Key and title of each moment. */
  readonly rows: readonly (readonly [key: string, title: string])[];
  readonly prepare: (scratch: Scratch) => Promise<{ readonly launch: Launch; readonly close?: () => Promise<void> }>;
}

/** A process that is started repeatedly; a round's value is the median of its launches. */
export function launchContender({ rows, prepare }: LaunchContenderOptions): Contender {
  return {
    measures: rows.map(([key, title]) => ({ key, title, unit: "ms" })),
    async open(scratch) {
      const { launch, close = async () => {} } = await prepare(scratch);
      return {
        async round(ms) {
          const launches: (readonly number[])[] = [];
          const begun = performance.now();
          while (performance.now() - begun < ms) launches.push(await launch());
          return {
            values: rows.map((_, at) =>
              quantile(
                launches.map((moments) => moments[at] ?? Number.NaN),
                0.5,
              ),
            ),
          };
        },
        // A launch that misses a moment throws.
        verify: async () => [],
        close,
      };
    },
  };
}
