import { constants, globSync } from "node:fs";
import { access, copyFile, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { schemaVersion } from "../../event-store/src/sqlite/migrations/schema.ts";
import { deploymentId, EventTemplate } from "./event-template.ts";
import { type Fill, fillStore } from "./fill-store.ts";
import { storedFaults } from "./loads/stored-faults.ts";
import type { Scratch } from "./scratch.ts";
import { startActivityService } from "./servers/activity-service.ts";

/** Fill for the rows about a large store. */
export const million: Fill = { deployments: 1_000, eventsEach: 1_000 };

const fileName = "events.db";
/** Deployments that are read completely before a fill is used; of the others only the heads are. */
const readBackMax = 20;

/**
 * Makes a folder with a copy of the fill, for a service to run on. The fill is kept between runs, per user, schema
 * version and event size. It is made if it is missing or incomplete, which takes half a minute.
 */
export async function copyMillion(scratch: Scratch): Promise<string> {
  const user = process.getuid?.() ?? 0;
  const prefix = join(scratch.keepIn, `activity-events-bench-fill-of-${user}-v`);
  const kept = `${prefix}${schemaVersion}-${EventTemplate.ofEvent().size}`;
  const copy = await copyOf(kept, scratch);
  const fault = copy === undefined ? "it is not there" : await faultIn(copy, scratch);
  if (copy !== undefined && fault === undefined) return copy;
  scratch.report(`filling ${kept} with a million events, once: ${fault}`);
  // Fills of other versions are useless; a fill in progress has a longer name.
  for (const other of globSync(`${prefix}+([0-9])-+([0-9])`)) await rm(other, { recursive: true, force: true });
  await make(kept, scratch);
  const copyOfNew = await copyOf(kept, scratch);
  if (copyOfNew === undefined) throw new Error(`${kept} is gone as soon as it was made`);
  return copyOfNew;
}

async function copyOf(kept: string, scratch: Scratch): Promise<string | undefined> {
  const file = join(kept, fileName);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const folder = await scratch.folder("million");
  await copyFile(file, join(folder, fileName), constants.COPYFILE_FICLONE);
  return folder;
}

/** Makes the fill under a temporary name, so that an incomplete one is never used. */
async function make(kept: string, scratch: Scratch): Promise<void> {
  const making = await mkdtemp(`${kept}-`);
  try {
    const service = await startActivityService(scratch, { dataDir: making });
    await fillStore(service.address, million);
    await service.stop();
    const fault = await faultIn(making, scratch);
    if (fault !== undefined) throw new Error(`the fill of a million events is not whole: ${fault}`);
    await rename(making, kept);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/** Returns the fault of a fill, if any. */
async function faultIn(dataDir: string, scratch: Scratch): Promise<string | undefined> {
  try {
    const { address, stop } = await startActivityService(scratch, { dataDir });
    const ids = Array.from({ length: million.deployments }, (_, at) => deploymentId(at));
    const acknowledged = new Map(ids.map((id) => [id, million.eventsEach]));
    const [fault] = await storedFaults({ address, acknowledged, readBackMax });
    await stop();
    return fault;
  } catch (error) {
    // For example, the service refuses to open a file.
    return (error as Error).message;
  }
}
