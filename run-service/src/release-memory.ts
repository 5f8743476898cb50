import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How often it is looked whether the process rests, and how much CPU time it may use meanwhile, in milliseconds. */
const lookIntervalMs = 150;
const restingCpuMs = 15;

/** So much CPU time, that of about a thousand calls, makes a rest worth a collection, which takes a tenth of a second itself. */
const workedCpuMs = 500;

interface ReleaseMemoryOptions {
  /** CPU time of the process so far, in milliseconds. */
  readonly cpuMs?: () => number;
  readonly collect?: () => void;
}

/**
 * Gives the memory back that V8 took and keeps, once: when the process first rests after work; unless the answered function is
 * called before. Later V8 does it by itself, after a quarter of a minute of rest.
 */
export function releaseMemoryAtFirstRest({ cpuMs = cpuMsOfProcess, collect = collector() }: ReleaseMemoryOptions = {}) {
  let last = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    const rests = now - last <= restingCpuMs;
    last = now;
    if (!rests || now < workedCpuMs) return;
    clearInterval(timer);
    collect();
  }, lookIntervalMs).unref();
  return () => clearInterval(timer);
}

function cpuMsOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

// A plain full collection leaves V8 a third of what it took; the one that it makes before it gives up does not. But V8 forgets with
// it what it knows of the code, which costs the next second of work as much again, so that it is made while that is little.
// Where an older Node does not know the flavour it is a plain one.
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const gc: (options: object) => void = runInNewContext("gc");
  return () => gc({ type: "major", flavor: "last-resort" });
}
