import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { refusedLine } from "./spool-lines.ts";

// Waits for no reader of a pipe, and follows no link. Windows has no such flags.
const openFlags =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_TRUNC |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOFOLLOW ?? 0);

/**
 * File of the events of one run that are set aside: one JSON object a line, with `reason` and `event`. It begins anew when the events
 * are sent again, and is then as before.
 */
export class RefusedFile {
  readonly path: string;
  readonly #folder: string;
  #file: Promise<FileHandle> | undefined;

  constructor(folder: string, id: string) {
    this.#folder = folder;
    this.path = join(folder, `${id}.ndjson`);
  }

  /** Adds an event, or a line that holds none, and waits until the disk has it. */
  async add(refused: Event | { readonly line: string }, reason: string): Promise<void> {
    this.#file ??= this.#open();
    const file = await this.#file;
    await file.appendFile(refusedLine(refused, reason));
    await file.datasync();
  }

  async close(): Promise<void> {
    await (await this.#file)?.close();
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return open(this.path, openFlags, 0o600);
  }
}
