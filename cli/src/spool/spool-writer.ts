import { type FileHandle, rm } from "node:fs/promises";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { touchIntervalMs } from "../files/process-owner.ts";
import { RefusedFile } from "./refused-file.ts";
import { eventLine } from "./spool-lines.ts";

/** Options of a writer. */
export interface SpoolWriterOptions {
  readonly id: string;
  readonly path: string;
  readonly refusedFolder: string;
  readonly file: FileHandle;
}

/** Writes one file of the spool. */
export class SpoolWriter {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #refused: RefusedFile;
  readonly #touching: NodeJS.Timeout;

  constructor({ id, path, refusedFolder, file }: SpoolWriterOptions) {
    this.path = path;
    this.#file = file;
    this.#refused = new RefusedFile(refusedFolder, id);
    // Processes of other machines see by this that the owner still runs.
    this.#touching = setInterval(() => file.utimes(new Date(), new Date()).catch(() => {}), touchIntervalMs).unref();
  }

  /** Path of the events set aside. */
  get refusedPath(): string {
    return this.#refused.path;
  }

  /** Appends events and waits until the disk has them. After an error the file must not be appended to: its last line may be cut. */
  async append(events: readonly Event[]): Promise<void> {
    await this.#file.appendFile(events.map(eventLine).join(""));
    await this.#file.datasync();
  }

  /** Sets an event aside that the service refused for good. */
  async refuse(event: Event, reason: string): Promise<void> {
    await this.#refused.add(event, reason);
  }

  /** Removes the file, once none of its events is needed. */
  async remove(): Promise<void> {
    clearInterval(this.#touching);
    await this.#refused.close();
    // Unlinked first: a process that dies in between leaves nothing to send again.
    await rm(this.path, { force: true });
    await this.#file.close();
  }
}
