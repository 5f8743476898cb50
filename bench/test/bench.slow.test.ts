import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { rewriteChecksums } from "@activity-events/event-store/test/rewrite-checksums";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Proof } from "../src/access/bench-access.ts";
import { besideAFlood } from "../src/access/beside-a-flood.ts";
import { decisionCost } from "../src/access/decision-cost.ts";
import { keptTokens } from "../src/access/kept-tokens.ts";
import { type Contender, type Group, MissingToolError } from "../src/contender.ts";
import { eventsPerSecond, loadContender } from "../src/load-contender.ts";
import { runCommand } from "../src/run-command.ts";
import { startActivityService } from "../src/servers/activity-service.ts";
import { findCommand } from "../src/servers/find-command.ts";
import { startGuardedService } from "../src/servers/guarded-service.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder().path;
});

afterEach(removeTemporaryFolders);

test("measures a row, verifies it, names a missing peer and leaves nothing on the disk", async () => {
  const { exitCode, printed } = await run([creating(), missingPeer()]);

  expect(printed).toMatch(/\| CreateEvent \| events\/s \| [\d,.]+ \| [\d,.]+ \| [\d,.]+ \|/);
  expect(printed).toContain("missing: no-such-peer is missing; apt-get install no-such-package");
  expect(exitCode).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test.each<Proof>(["static", "RS256", "ES256"])(
  "measures and verifies a row whose calls bring a token: %s",
  async (proof) => {
    const { exitCode, printed } = await run(
      (["create-event", "ingest-events"] as const).map((load) =>
        loadContender({
          rows: eventsPerSecond(`tiny/${load}`, load),
          start: (scratch) => startGuardedService(scratch, { proof }),
          load,
          options: { inFlight: 1, deployments: 2 },
        }),
      ),
    );

    expect(printed.match(/\| (create-event|ingest-events) \| events\/s \| [\d,.]+/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  },
);

test("fails a row whose token the service does not know", async () => {
  const { exitCode, reported } = await run([
    loadContender({
      rows: eventsPerSecond("tiny/forged", "forged"),
      start: async (scratch) => ({ ...(await startGuardedService(scratch, { proof: "static" })), token: "forged" }),
      load: "create-event",
      options: { inFlight: 1, deployments: 2 },
    }),
  ]);

  expect(reported).toContain("UNAUTHENTICATED");
  expect(exitCode).toBe(1);
});

test("floods a service beside a producer, and verifies what both recorded", async () => {
  const beside = { key: "tiny/beside", title: "beside", isFlooded: true };
  const { exitCode, printed, reported } = await run([besideAFlood({ ...beside, callsPerSecond: 200 })]);

  expect(printed).toMatch(/\| beside, p99 \| ms \| [\d,.]+/);
  expect(printed).toMatch(/\| calls of the flood, answered or refused \| calls\/s \| [\d,.]+/);
  expect(reported).not.toContain("mismatch");
  expect(exitCode).toBe(0);
});

test("measures decisions and kept tokens, of Cloud Run's too", async () => {
  const { exitCode, printed } = await run([
    decisionCost({ key: "tiny/decision", title: "decision", proof: "cloud-run" }),
    keptTokens({ key: "tiny/kept", title: "kept", tokens: 100 }),
  ]);

  expect(printed).toMatch(/\| decision \| µs \| [\d,.]+/);
  expect(printed).toMatch(/\| kept \| KB \| [\d,.]+/);
  expect(exitCode).toBe(0);
});

test("fails when events are missing among what is stored, or heads say otherwise", async () => {
  const { exitCode, printed, reported } = await run([
    creating({ sqlBeforeVerifying: "DELETE FROM events WHERE sequence = 1" }),
    creating({ sqlBeforeVerifying: "DELETE FROM deployments WHERE number = 1" }),
    creating({ sqlBeforeVerifying: "UPDATE heads SET head_sequence = 1" }),
  ]);

  // Both deployments are damaged; the one that was acknowledged first is read first.
  expect(reported).toMatch(/the store lacks event 1 of deployment-00000[01], which the head counts/);
  expect(reported).toContain("1 of 2 deployments is lost");
  expect(reported).toMatch(/a run of the events of deployment-00000[01] is not as it was stored/);
  expect(printed.match(/\| CreateEvent \| \| \*\*failed\*\* \|/g)).toHaveLength(3);
  expect(exitCode).toBe(1);
});

async function run(contenders: readonly Contender[]) {
  const group: Group = { name: "tiny", title: "Tiny", contenders };
  const [printed, reported]: [string[], string[]] = [[], []];
  const io = { print: (line: string) => printed.push(line), report: (line: string) => reported.push(line) };
  const exitCode = await runCommand(["--quick", "--only", "tiny", "--folder", folder], [group], io);
  return { exitCode, printed: printed.join("\n"), reported: reported.join("\n") };
}

/** CreateEvent on two deployments; the stored data can be damaged before it is verified. */
function creating({ sqlBeforeVerifying = "" } = {}): Contender {
  let dataDir = "";
  const whole = loadContender({
    rows: eventsPerSecond("tiny/lean", "CreateEvent"),
    start: async (scratch) => {
      dataDir = await scratch.folder("data");
      return startActivityService(scratch, { dataDir });
    },
    load: "create-event",
    options: { inFlight: 4, deployments: 2 },
  });
  return {
    ...whole,
    async open(scratch) {
      const open = await whole.open(scratch);
      return {
        ...open,
        verify: () => {
          const database = new DatabaseSync(join(dataDir, "events.db"));
          database.exec(sqlBeforeVerifying);
          rewriteChecksums(database);
          database.close();
          return open.verify();
        },
      };
    },
  };
}

function missingPeer(): Contender {
  return {
    measures: [{ key: "tiny/peer", title: "No such peer", unit: "events/s" }],
    open: async () => {
      findCommand("no-such-peer", { debianPackage: "no-such-package" });
      throw new MissingToolError("it was found");
    },
  };
}
