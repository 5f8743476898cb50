import { rm } from "node:fs/promises";
import { type ActivityEventsClient, type ActivityEventsError, idOfParts } from "@activity-events/client";
import { type Event, EventSchema, Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { create } from "@bufbuild/protobuf";
import { type Context, isSameService } from "../contexts/context.ts";
import { NoPlainFileError } from "../files/open-plain-file.ts";
import { readSpool } from "./read-spool.ts";
import { RefusedFile } from "./refused-file.ts";
import type { LeftFile, SpoolFolder } from "./spool-folder.ts";
import type { SpoolHead } from "./spool-lines.ts";

/** Events of one file, sent. */
export interface SentFile {
  readonly deploymentId: string;
  /** Number of events that the service has. */
  readonly stored: number;
  /** Events and lines that were set aside, with the file that they are in. */
  readonly refused: readonly {
    readonly what: string;
    readonly error: ActivityEventsError | undefined;
    readonly reason: string;
  }[];
  readonly refusedPath: string;
}

/** Options of `sendSpooled`. */
export interface SendSpooledOptions {
  readonly folder: SpoolFolder;
  readonly client: ActivityEventsClient;
  /** Service whose events are sent. */
  readonly service: Context;
  /** Chooses files; default: all. */
  readonly isWanted?: (head: SpoolHead) => boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Describes a refusal. */
  readonly describe: (error: ActivityEventsError) => string;
  /** Is told of each file that stays, with the reason; `isFault` if the disk kept it from being sent. */
  readonly onLeftAlone?: (file: LeftFile, reason: string, isFault: boolean) => void;
}

/**
 * Sends what ended processes have left for a service, file by file, each in its order and in bounded memory, and removes it. What the
 * service refuses is set aside, a file that the disk spoils stays, and the rest goes on. Throws the client's error when the service
 * stays away; the file then stays.
 */
export async function* sendSpooled(options: SendSpooledOptions): AsyncGenerator<SentFile, void, undefined> {
  const { folder, client, service, isWanted = () => true, timeoutMs, signal, onLeftAlone = () => {} } = options;
  let isReached = false;
  for (const file of await folder.left()) {
    if (signal?.aborted) return;
    const { head } = file;
    if (head?.kind === "newer") {
      onLeftAlone(file, `a later version of activity_client wrote it (format ${head.version})`, false);
    } else if (head?.kind === "damaged") {
      onLeftAlone(file, head.problem, false);
    } else if (head === undefined) {
      // Its process ended before it wrote an event.
      await claimed(file, (path) => rm(path, { force: true }), options);
    } else if (isSameService(head.head.service, service) && isWanted(head.head)) {
      // Files of a service that is away keep their names.
      if (!isReached) await client.connect({ timeoutMs });
      isReached = true;
      if (signal?.aborted) return;
      const sent = await claimed(file, (path) => sendFile({ ...file, path }, head.head, options), options);
      if (sent !== undefined) yield sent;
    }
  }
}

/** Claims a file and works on it; undefined if another process was faster, or if the disk fails. */
async function claimed<Result>(
  file: LeftFile,
  work: (path: string) => Promise<Result>,
  { folder, onLeftAlone }: SendSpooledOptions,
): Promise<Result | undefined> {
  let { path } = file;
  try {
    const own = await folder.claim(file);
    if (own === undefined) return undefined;
    path = own;
    return await work(own);
  } catch (error) {
    if (!isOfDisk(error)) throw error;
    onLeftAlone?.({ ...file, path }, error.message, true);
    return undefined;
  }
}

function isOfDisk(error: unknown): error is Error {
  if (error instanceof NoPlainFileError) return true;
  // Calls of the network are wrapped by the client.
  return error instanceof Error && "syscall" in error;
}

async function sendFile(file: LeftFile, head: SpoolHead, options: SendSpooledOptions): Promise<SentFile> {
  const { deploymentId } = head;
  const { folder, client, timeoutMs, signal, describe } = options;
  const aside = new RefusedFile(folder.refused, file.id);
  const refused: SentFile["refused"][number][] = [];
  let stored = 0;
  const setAside = async (what: Event | { readonly line: string }, reason: string, error?: ActivityEventsError) => {
    await aside.add(what, reason);
    refused.push({ what: "line" in what ? "a damaged line" : `event ${what.eventId}`, error, reason });
  };
  try {
    const events = eventsOf(file, head, (line, problem) => setAside({ line }, problem));
    for await (const outcome of client.ingestEvents(events, { timeoutMs, signal })) {
      if (outcome.kind === "stored") stored += 1;
      else await setAside(outcome.event, describe(outcome.error), outcome.error);
    }
  } finally {
    await aside.close();
  }
  await rm(file.path, { force: true });
  return { deploymentId, stored, refused, refusedPath: aside.path };
}

/** Yields the events of a file and, if the run was killed before its end, an event that says so. */
async function* eventsOf(
  { id, path }: LeftFile,
  { deploymentId, by }: SpoolHead,
  onNoEvent: (line: string, problem: string) => Promise<void>,
): AsyncGenerator<Event, void, undefined> {
  let last: Event | undefined;
  for await (const item of readSpool(path)) {
    if (item.kind === "no event") await onNoEvent(item.line, item.problem);
    if (item.kind !== "event") continue;
    last = item.event;
    yield item.event;
  }
  if (last === undefined || last.type === "deployment.finished" || by === "add") return;
  // Nobody knows how the command ended, or whether it still runs; so the deployment is not finished. The id makes a retry a duplicate.
  yield create(EventSchema, {
    deploymentId,
    eventId: idOfParts([id, "left"]),
    type: "deployment.progress",
    severity: Severity.WARNING,
    message: "activity_client run was killed before the command ended. How the command ended is not known.",
  });
}
