import { constants } from "node:fs";
import { access, copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { schemaVersion } from "../../event-store/src/sqlite/schema.ts";
import { type Fill, fillStore } from "./fill-store.ts";
import type { Scratch } from "./scratch.ts";
import { startActivityService } from "./servers/activity-service.ts";

/** The fill of the rows that are about a large store. */
export const million: Fill = { deployments: 1_000, eventsEach: 1_000 };

const fileName = "events.db";

/** Where the fill is kept from run to run: in a folder of its own for each version of the tables, and each user. */
function millionFile(folder: string): string {
  const user = process.getuid?.() ?? 0;
  return join(folder, `activity-events-bench-fill-v${schemaVersion}-of-${user}`, fileName);
}

/** Makes sure that the fill is there and whole; making it takes half a minute, once. */
async function prepareMillion(scratch: Scratch): Promise<string> {
  const file = millionFile(scratch.keepIn);
  const fault = await access(file).then(
    () => faultIn(file),
    () => "it is not there",
  );
  if (fault === undefined) return file;
  scratch.report(`filling ${file} with a million events, once: ${fault}`);
  await rm(dirname(file), { recursive: true, force: true });
  const making = await mkdtemp(`${dirname(file)}-`);
  try {
    const service = await startActivityService(scratch, making);
    await fillStore(service.address, million);
    await service.stop();
    const faultMade = faultIn(join(making, fileName));
    if (faultMade !== undefined) throw new Error(`the fill of a million events is not whole: ${faultMade}`);
    await rename(making, dirname(file));
    return file;
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/** A folder with a copy of the fill, for a service to run on; the fill is made when it is not there or not whole. */
export async function copyMillion(scratch: Scratch): Promise<string> {
  const file = await prepareMillion(scratch);
  const folder = await scratch.folder("million");
  await copyFile(file, join(folder, fileName), constants.COPYFILE_FICLONE);
  return folder;
}

/** What is wrong with a fill, or undefined. */
function faultIn(file: string): string | undefined {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const version = database.prepare("PRAGMA user_version").get()?.user_version;
    if (version !== schemaVersion) return `its tables are of version ${version}`;
    const { deployments, whole } = database
      .prepare(
        `SELECT count(*) AS deployments, sum(head_sequence = ? AND (SELECT count(*) = ? AND min(sequence) = 1
           AND max(sequence) = ? FROM events WHERE deployment = number)) AS whole FROM deployments`,
      )
      .get(million.eventsEach, million.eventsEach, million.eventsEach) as { deployments: number; whole: number };
    const wanted = million.deployments;
    return deployments === wanted && whole === wanted
      ? undefined
      : `of ${deployments} deployments ${whole} are whole, not ${wanted}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    database.close();
  }
}
