import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { onTerminal } from "@activity-events/testing/terminal";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(async () => {
  await endClients();
  await cleanUp();
});

const launcher = (command: readonly string[]) => onTerminal(command.join(" "));

/** Starts a service with a deployment `d` of one event and returns how to call it on a terminal, with what is typed there. */
async function service() {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir, environment: { STORE: "memory" } });
  const client = new ActivityEventsClient({ address, tls: false });
  await client.createEvent({ event: { deploymentId: "d", eventId: "e", message: "hunter2" } });
  const call = (line: string, input: string) =>
    runClient({
      args: line.split(" "),
      address,
      environment: { DATA_DIR: dataDir },
      launcher,
      input,
      inputStaysOpen: true,
    });
  const read = () => client.getEvent({ deploymentId: "d", eventId: "e" });
  return { address, client, call, read };
}

test("redact asks on a terminal, and does nothing unless the answer is yes", async () => {
  const { client, call, read } = await service();

  const no = await call("redact d e", "\n");
  const kept = await read();
  const yes = await call("redact d e", "y\n");
  const emptied = await read();

  client.close();
  expect(no.exitCode).toBe(1);
  expect(no.output).toContain("Empty message of the event e of d for good? [y/N] ");
  expect(no.output).toContain("Nothing was done.");
  expect(kept.message).toBe("hunter2");
  expect(yes.exitCode).toBe(0);
  expect(emptied.message).toBe("");
});

test("purge asks on a terminal, and a wipe asks for the name of the store, whatever --yes says", async () => {
  const { address, client, call, read } = await service();

  const no = await call("purge d", "n\n");
  const misnamed = await call("purge --all --yes", "yes\n");
  const kept = await read();
  const wiped = await call("purge --all --yes", `${address}\n`);

  const gone = await read().catch(({ reason }) => reason);
  client.close();
  expect(no.exitCode).toBe(1);
  expect(no.output).toMatch(/Purge d with \d events? for good\? \[y\/N\] /);
  expect(misnamed.exitCode).toBe(1);
  expect(misnamed.output).toContain("That is not the name of the store. Nothing was done.");
  expect(kept.message).toBe("hunter2");
  expect(wiped.exitCode).toBe(0);
  expect(wiped.output).toContain(`Type the name of the store, ${address}, to go on: `);
  expect(gone).toBe("DEPLOYMENT_PURGED");
});
