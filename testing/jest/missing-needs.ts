import { testNeeds } from "./test-needs.ts";

/** Names, to the processes of a test run, the needs that this machine lacks, as JSON. */
const variable = "TEST_NEEDS_MISSING";

/** Makes ready what the chosen test files need, and keeps in the environment why some of it is missing. */
export async function provideNeeds(): Promise<void> {
  const missing: Record<string, string> = {};
  for (const need of process.env.TEST_NEEDS?.split(" ").filter((word) => word !== "") ?? []) {
    const why = await testNeeds[need]?.provide();
    if (why !== undefined) missing[need] = why;
  }
  process.env[variable] = JSON.stringify(missing);
}

/** Why this machine lacks something that the chosen tests need, in one line each, by the need's word. */
export function missingNeeds(): Readonly<Record<string, string>> {
  return JSON.parse(process.env[variable] ?? "{}");
}
