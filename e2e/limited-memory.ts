import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type RunningService,
  type ServiceOptions,
  startService,
  unevictableBytes,
} from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";

const MiB = 1_024 * 1_024;

/** Where the kernel limits memory by group (cgroup v1); elsewhere only what the process holds is watched. */
const groups = "/sys/fs/cgroup/memory";

/** How often is looked how much memory the process holds, in milliseconds. */
const lookIntervalMs = 20;

/** The service with the flags of the image and the memory of a container. */
export interface LimitedService extends AsyncDisposable {
  readonly service: RunningService;
  /** The most memory that was seen so far and that a container ends for: without mapped files, in MiB. */
  readonly mostMiB: number;
}

/** Starts the service, or another program, under a limit; where the kernel keeps it, a process that goes beyond is ended. */
export async function startLimited(
  limitMiB: number,
  { environment, ...options }: Pick<ServiceOptions, "program" | "environment"> = {},
): Promise<LimitedService> {
  const group = tryGroup(limitMiB);
  const launcher = group === undefined ? [] : ["sh", "-c", `echo $$ >${group}/cgroup.procs && exec "$@"`, "sh"];
  const service = await startService({
    ...options,
    dataDir: temporaryFolder().path,
    launcher,
    environment: { ...imageEnvironment(), ...environment },
  });
  let most = 0;
  const look = () => {
    most = Math.max(most, service.hasExited ? 0 : unevictableBytes(service.pid));
  };
  const timer = setInterval(look, lookIntervalMs);
  return {
    service,
    get mostMiB() {
      return Math.round(most / MiB);
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await service.kill();
      if (group !== undefined) await until(() => isRemoved(group), "the group is empty");
    },
  };
}

/** Removes a group, unless the kernel still ends what was in it: a killed process with many sockets takes a moment. */
function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
    throw error;
  }
}

function tryGroup(limitMiB: number): string | undefined {
  const group = join(groups, `activity-events-${process.pid}-${Date.now()}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, "memory.limit_in_bytes"), `${limitMiB * MiB}`);
    return group;
  } catch {
    return undefined;
  }
}

/** What the image sets that Node and the C library read. */
function imageEnvironment(): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, "..", "Dockerfile"), "utf8");
  const names = ["NODE_OPTIONS", "MALLOC_MMAP_THRESHOLD_"];
  const found = names.flatMap((name) => {
    const value = new RegExp(`^ENV ${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}
