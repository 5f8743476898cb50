import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "./running-service.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A disk of a few MiB in memory, visible only to processes started with its launcher. */
export interface SmallDisk {
  /** Folder on the disk, for the processes that see it. */
  readonly folder: string;
  readonly launcher: readonly string[];
  /** Fills the disk to the last byte. */
  fillUp(): void;
  /** Gives back what fillUp took, or so many KiB of it. */
  makeRoom(kibibytes?: number): void;
}

const holders = new Set<ChildProcess>();

/**
 * Mounts the disk in its own mount namespace, so that it disappears with the test however that ends; as root, or as
 * root of a user namespace. Throws if this machine allows neither.
 */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const mountPoint = temporaryFolder().path;
  const refusals: string[] = [];
  for (const { unshare, nsenter } of ways) {
    const held = await hold(unshare, mountPoint, mebibytes);
    if ("refusal" in held) {
      refusals.push(held.refusal);
      continue;
    }
    const seenFromHere = join(`/proc/${held.pid}/root`, mountPoint);
    const ballast = join(seenFromHere, "ballast");
    mkdirSync(join(seenFromHere, "data"));
    return {
      folder: join(mountPoint, "data"),
      launcher: ["nsenter", "--target", `${held.pid}`, ...nsenter],
      fillUp: () => fillUp(ballast),
      makeRoom: (kibibytes) => {
        if (kibibytes === undefined) rmSync(ballast);
        else truncateSync(ballast, statSync(ballast).size - kibibytes * 1_024);
      },
    };
  }
  throw new Error(`no disk can be mounted here: ${refusals.join("; ")}`);
}

/** Returns one line with the reason why mountSmallDisk throws on this machine; undefined if it does not. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  try {
    await mountSmallDisk(1);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    removeDisks();
    await cleanUp();
  }
}

/** Releases all disks; for afterEach, after their processes have ended. */
export function removeDisks(): void {
  for (const holder of holders) holder.kill("SIGKILL");
  holders.clear();
}

const ways = [
  { unshare: ["--mount"], nsenter: ["--mount"] },
  {
    unshare: ["--user", "--map-root-user", "--mount"],
    nsenter: ["--user", "--preserve-credentials", "--mount"],
  },
];

// A mount namespace lives as long as a process is in it; this one ends with its input.
async function hold(
  namespaces: readonly string[],
  mountPoint: string,
  mebibytes: number,
): Promise<{ readonly pid: number } | { readonly refusal: string }> {
  const script = 'mount -t tmpfs -o size="$2" tmpfs "$1" && echo mounted && exec cat';
  const holder = spawn("unshare", [...namespaces, "sh", "-c", script, "sh", mountPoint, `${mebibytes}m`]);
  holders.add(holder);
  let said = "";
  holder.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = once(holder, "close").then(
    () => said,
    (error: Error) => error.message,
  );
  const refusal = await Promise.race([once(holder.stdout, "data").then(() => undefined), ended]);
  if (refusal === undefined && holder.pid !== undefined) return { pid: holder.pid };
  return { refusal: `${refusal}`.trim().replaceAll("\n", "; ") };
}

function fillUp(ballast: string): void {
  const file = openSync(ballast, "a");
  try {
    for (let bytes = 65_536; bytes >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
