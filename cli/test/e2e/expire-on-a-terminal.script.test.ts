import { cleanUp } from "@activity-events/testing/running-service";
import { onTerminal } from "@activity-events/testing/terminal";
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { oldExport, startWith } from "./old-export.ts";
import { endClients, runClient } from "./running-client.ts";

afterEach(endClients);
afterAll(cleanUp);

const launcher = (command: readonly string[]) => onTerminal(command.join(" "));

test("expire shows what is over and asks on a terminal, and purges nothing unless the answer is yes", async () => {
  const old = await oldExport("old");
  await using service = await startWith(old, { fresh: ["fresh"], rule: "prod=30" });
  const { address, environment } = service;
  const call = (line: string, input: string) =>
    runClient({ args: line.split(" "), address, environment, launcher, input, inputStaysOpen: true });

  const no = await call("expire", "\n");
  const yes = await call("expire --utc", "y\n");
  const nothing = await call("expire", "");

  expect(no.exitCode).toBe(1);
  expect(no.output).toMatch(/DEPLOYMENT ID .*RESULT/);
  expect(no.output).toContain("Purge 1 deployment for good? [y/N] ");
  expect(no.output).toContain("Nothing was done.");
  expect(yes.exitCode).toBe(0);
  expect(yes.output).toContain("1 deployment with 2 events purged; the time of 1 of 2 is over.");
  expect(nothing.exitCode).toBe(0);
  expect(nothing.output).not.toContain("for good?");
});
