import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "./process-cost.ts";

/** Rest after which V8 has given back what it took for work that is done, in ms. */
const restMs = 30_000;

/** Reads the resident memory of a process after 30 s of rest, in bytes. */
export async function residentBytesAtRest(pid: number): Promise<number> {
  await sleep(restMs);
  return residentBytes(pid);
}
