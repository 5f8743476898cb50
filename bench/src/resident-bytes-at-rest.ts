import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "./process-cost.ts";

/** Idle time after which V8 has returned the memory of finished work, in ms. */
const restMs = 30_000;

/** Reads the resident memory of a process after 30 s of idle time, in bytes. */
export async function residentBytesAtRest(pid: number): Promise<number> {
  await sleep(restMs);
  return residentBytes(pid);
}
