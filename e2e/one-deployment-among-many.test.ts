import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type DeploymentId, everyEvent } from "@activity-events/event-store";
import { call, connect, disconnectAll, methods } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, jest, test } from "@jest/globals";
import { queryEvents } from "../event-store/src/sqlite/reading/queries.ts";
import { fillBatch } from "./batch-filling.ts";
import { inParallel } from "./in-parallel.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

// All that the issue asks for is DEPLOYMENTS=10000; by default as many as are written in a few seconds.
const deploymentsFew = 100;
const deploymentsMany = Number(process.env.DEPLOYMENTS || 2_000);
const eventsEach = 100;

const pageBytes = 4_096;
// One more level in each tree that the way to the events leads through (ids of deployments, deployments, events), pages that
// are less full, and what the call itself takes on the wire. One more deployment would be 6 pages, all of them 1,000 times that.
const slackBytes = 8 * pageBytes;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test(`reads as much to list 100 events of one deployment among ${deploymentsMany} as among ${deploymentsFew}`, async () => {
  const few = await storeOf(deploymentsFew);
  const many = await storeOf(deploymentsMany);

  const readAmongFew = await bytesReadToList(few, name(deploymentsFew / 2));
  const readAmongMany = await bytesReadToList(many, name(deploymentsMany / 2));
  const plan = planOfListing(many, name(deploymentsMany / 2));

  process.stderr.write(
    `one-deployment-among-many: ${readAmongFew} bytes read among ${deploymentsFew * eventsEach} events, ${readAmongMany} among ${deploymentsMany * eventsEach}\n`,
  );
  expect(readAmongMany - readAmongFew).toBeLessThanOrEqual(slackBytes);
  expect(plan).toEqual([
    "SEARCH deployments USING INDEX sqlite_autoindex_deployments_1 (deployment_id=?)",
    "SEARCH heads USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH edits USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH runs USING PRIMARY KEY (deployment=? AND first_sequence>? AND first_sequence<?)",
    "SCALAR SUBQUERY 1",
    "SEARCH runs USING PRIMARY KEY (deployment=? AND first_sequence<?)",
    // Whether the head counts all: a run behind it, and the next arrivals, of which there are at most so many.
    "SEARCH runs USING PRIMARY KEY (deployment=?)",
    "SEARCH events USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
  ]);
  // The measure measures nothing if it does not see the pages of the events themselves.
  expect(readAmongFew).toBeGreaterThan(eventsEach * 100);
});

function name(number: number): string {
  return `release-${number}`;
}

/** A data folder with this many deployments of 100 events each, with nobody in it. */
async function storeOf(deployments: number): Promise<string> {
  const dataDir = temporaryFolder().path;
  const service = await startService({ dataDir });
  const client = connect(service.address);
  await inParallel(deployments, 32, (index) =>
    fillBatch(client, { deploymentId: name(index + 1), first: 1, last: eventsEach }),
  );
  service.signal("SIGTERM");
  expect(await service.exited).toEqual({ code: 0, signal: null });
  return dataDir;
}

/**
 * How many bytes the service reads to list the deployment when nothing of the events is in its memory yet.
 *
 * node:sqlite does not tell how many rows a statement looked at (sqlite3_stmt_status). But SQLite reads pages with system
 * calls, whose bytes Linux counts for each process, whether they come from the disk or its cache (rchar of /proc/PID/io);
 * a row that is looked at must be in a page that was read.
 */
async function bytesReadToList(dataDir: string, deploymentId: string): Promise<number> {
  const service = await startService({ dataDir });
  const client = connect(service.address);
  const bytesRead = () => Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${service.pid}/io`, "utf8"))?.[1]);
  // Opens both connections, which read the schema and, before the first append, the newest events.
  await call(client, methods.createEvent, { event: { deploymentId: "other", message: "opens the store" } });
  await call(client, methods.listDeployments, { pageSize: 1 });

  const before = bytesRead();
  const { events, nextPageToken } = await call(client, methods.listEvents, { deploymentId, pageSize: 1_000 });
  const after = bytesRead();

  expect([events.length, nextPageToken]).toEqual([eventsEach, ""]);
  await service.kill();
  return after - before;
}

/** How SQLite goes about the very statement that lists. */
function planOfListing(dataDir: string, deploymentId: string): string[] {
  const statements: string[] = [];
  class Recorded extends DatabaseSync {
    override prepare(sql: string) {
      statements.push(sql);
      return super.prepare(sql);
    }
  }
  const database = new Recorded(join(dataDir, "events.db"), { readOnly: true });
  try {
    const listing = {
      order: "ascending",
      cursor: undefined,
      filter: everyEvent,
      eventsMax: 1_000,
      bytesMax: 2 ** 20,
    } as const;
    queryEvents(database, { deploymentId: deploymentId as DeploymentId, ...listing });
    const rows = statements.splice(0).flatMap((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all());
    return rows.map(({ detail }) => `${detail}`);
  } finally {
    database.close();
  }
}
