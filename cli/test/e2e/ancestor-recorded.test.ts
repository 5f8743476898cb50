import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type RecordedCall, type RecordedPlace, recordedCalls, withoutTimes } from "../ancestor/recorded-calls.ts";
import { runInProcess } from "../ancestor/run-in-process.ts";

let place: RecordedPlace;

beforeAll(async () => {
  const { port } = await startService({ dataDir: temporaryFolder().path });
  place = { port, closed: await freePort() };
  await runInProcess(["-port", `${port}`, "-add", '{"id":1,"deployment_id":77,"message":"first"}']);
});
afterAll(cleanUp);

/** The ancestor leaves with 0 though nothing was recorded; a pipeline would go on. */
const exitCodeOf = ({ pipe, exitCode }: RecordedCall) => (pipe.includes("Unable to parse") ? 1 : exitCode);

const named = recordedCalls({ port: 0, closed: 0 }).map(({ args }, index) => {
  return { index, call: JSON.stringify(args).slice(0, 100) };
});

test.each(named)("writes what the ancestor wrote in call $index: $call", async ({ index }) => {
  const recorded = recordedCalls(place)[index] as RecordedCall;

  const piped = await runInProcess(recorded.args);
  const shown = await runInProcess(recorded.args, { isTerminal: true });

  expect(withoutTimes(piped.errors)).toBe(recorded.pipe);
  expect(withoutTimes(shown.errors)).toBe(recorded.terminal ?? withoutTimes(shown.errors));
  expect([piped.exitCode, shown.exitCode]).toEqual(Array(2).fill(exitCodeOf(recorded)));
  expect(piped.output + shown.output).toBe("");
});
