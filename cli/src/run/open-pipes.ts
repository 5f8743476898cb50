import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** A pipe between a command and this process. */
export interface Pipe {
  /** Descriptor that the command writes to. */
  readonly descriptor: number;
  readonly readable: Readable;
}

/**
 * Opens pipes of the system. Node would give the command sockets instead, at which `echo >/dev/stderr` fails. Returns undefined where that
 * is not possible; close the descriptors when the command has them.
 */
export function openPipes(count: number): readonly Pipe[] | undefined {
  let folder: string | undefined;
  const opened: number[] = [];
  try {
    folder = mkdtempSync(join(tmpdir(), "activity-client-"));
    const paths = Array.from({ length: count }, (_, index) => join(folder ?? "", `${index}`));
    if (spawnSync("mkfifo", ["-m", "600", ...paths]).status !== 0) return undefined;
    const ends = paths.map((path) => {
      const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      opened.push(reading);
      const descriptor = openSync(path, constants.O_WRONLY);
      opened.push(descriptor);
      return { reading, descriptor };
    });
    return ends.map(({ reading, descriptor }) => ({
      descriptor,
      readable: new Socket({ fd: reading, readable: true, writable: false }),
    }));
  } catch {
    for (const descriptor of opened) closeSync(descriptor);
    return undefined;
  } finally {
    // The pipes stay as long as they are open.
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
