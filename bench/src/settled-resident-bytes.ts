import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "./process-cost.ts";

const pauseMs = 100;
const looks = 5;

/** Reads the resident memory of a process in bytes, once it is stable for half a second to 1 %; waits at most 10 s. */
export async function settledResidentBytes(pid: number): Promise<number> {
  const seen = [residentBytes(pid)];
  for (let look = 0; look < 100; look += 1) {
    await sleep(pauseMs);
    seen.push(residentBytes(pid));
    const last = seen.slice(-looks);
    if (last.length === looks && Math.max(...last) <= Math.min(...last) * 1.01) break;
  }
  return seen.at(-1) ?? Number.NaN;
}
