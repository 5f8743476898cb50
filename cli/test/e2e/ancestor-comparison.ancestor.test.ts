import { spawn } from "node:child_process";
import { once } from "node:events";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type RecordedCall, type RecordedPlace, recordedCalls, withoutTimes } from "../ancestor/recorded-calls.ts";

// What was recorded is held against the ancestor's own program.
const program = String(process.env.ANCESTOR_CLIENT);
let place: RecordedPlace;

beforeAll(async () => {
  const { port } = await startService({ dataDir: temporaryFolder().path });
  place = { port, closed: await freePort() };
  await ancestor(["-port", `${port}`, "-add", '{"id":1,"deployment_id":77,"message":"first"}']);
});
afterAll(cleanUp);

async function ancestor(args: readonly string[]) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const [exitCode] = await once(child, "close");
  return { exitCode, errors: errors.replace(/^Usage of .*:$/m, "Usage of activity_client:") };
}

test.each(recordedCalls({ port: 0, closed: 0 }).map((_, index) => index))(
  "the ancestor itself writes what was recorded in call %i",
  async (index) => {
    const { args, exitCode, pipe } = recordedCalls(place)[index] as RecordedCall;

    const written = await ancestor(args);

    expect({ ...written, errors: withoutTimes(written.errors) }).toEqual({ exitCode, errors: pipe });
  },
);
