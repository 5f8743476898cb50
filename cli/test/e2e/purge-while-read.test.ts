import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

afterEach(endClients);
afterEach(cleanUp);

test("a purge that another program keeps from the files says so within seconds, and is finished by the same command later", async () => {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir });
  const call = (line: string) => runClient({ args: line.split(" "), address, environment: { DATA_DIR: dataDir } });
  expect(await call("add -d d -m hunter2 --event-id e")).toMatchObject({ exitCode: 0 });
  const other = new DatabaseSync(join(dataDir, "events.db"), { readOnly: true });
  other.exec("BEGIN");
  other.prepare("SELECT count(*) FROM events").get();

  const kept = await call("purge d --yes");
  other.close();
  const again = await call("purge d --yes");

  expect(kept).toMatchObject({ exitCode: 5, output: "", errors: expect.stringContaining("another program reads") });
  expect(again).toMatchObject({ exitCode: 0, errors: "" });
}, 120_000);
