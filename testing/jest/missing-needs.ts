import { testNeeds } from "./test-needs.ts";

/** Variable with the needs that this machine lacks, as JSON, for the processes of a test run. */
const variable = "TEST_NEEDS_MISSING";

/** Provides the needs of the chosen test files, and stores in the environment why some are missing. */
export async function provideNeeds(): Promise<void> {
  const missing: Record<string, string> = {};
  for (const need of process.env.TEST_NEEDS?.split(" ").filter((word) => word !== "") ?? []) {
    const why = await testNeeds[need]?.provide();
    if (why !== undefined) missing[need] = why;
  }
  process.env[variable] = JSON.stringify(missing);
}

/** Returns why this machine lacks needs of the chosen tests, one line each, by the need's word. */
export function missingNeeds(): Readonly<Record<string, string>> {
  return JSON.parse(process.env[variable] ?? "{}");
}
