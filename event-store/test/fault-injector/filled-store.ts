import { join } from "node:path";
import { codec, deploymentId, encode, newEvent } from "../../contract/builders.ts";
import type { Append } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { Witness } from "./witness.ts";

/** A closed store with events of before, so that its tables and indexes have several pages. */
export interface FilledStore {
  readonly folder: string;
  readonly witness: Witness;
}

const sizes = [150, 70, ...Array.from({ length: 10 }, () => 2)];
const types = ["deployment.started", "deployment.progress", "deployment.finished"];

/** Fills a store in this folder, by a disk that does what it should. */
export async function fillStore(folder: string): Promise<FilledStore> {
  const witness = new Witness();
  const store = await openSqliteStore({ file: join(folder, "events.db"), codec });
  for (const [place, size] of sizes.entries()) {
    const events = Array.from({ length: size }, (_, index) => {
      const type = types[index % types.length] as string;
      const facts = { type, service: `s${place}`, labels: index % 2 === 0 ? {} : { team: `t${index}` } };
      const outcome = type === "deployment.finished" ? ("success" as const) : ("unspecified" as const);
      return newEvent({ ...facts, outcome, content: encode({ ...facts, message: `m${index}`.repeat(20) }) });
    });
    const append: Append = {
      deploymentId: deploymentId(`filled-${place}`),
      events,
      expected: { kind: "any" },
      receiveTimeUs: 1_000 + place,
    };
    witness.appended(append, await store.append(append, { deadlineMs: Number.POSITIVE_INFINITY }));
  }
  await store.close();
  return { folder, witness };
}
