import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { Deployment } from "../../domain/deployment.ts";
import type { StoredEvent } from "../../domain/event.ts";
import type { DeploymentId, EventId } from "../../domain/identifiers.ts";
import type { DeploymentPage, ReadArrivals, ReadDeployments, ReadEvents, ReadOptions } from "../../event-store.ts";
import type { ScrubFinding } from "../../scrub-report.ts";
import { type Fault, faultOf, isDamage } from "../faults.ts";
import { FilePlaces, type PlacedFile } from "../files/file-places.ts";
import { closeQuietly, openForReads } from "../files/open-file.ts";
import { lastNumberOfMark, readMark } from "../files/store-marker.ts";
import { acceptLostDeployments, faultIfLost } from "../scrub/lost-deployments.ts";
import { ScrubWalk } from "../scrub/scrub-walk.ts";
import { type Packed, packPage } from "../threads/packed-page.ts";
import { type EventRows, queryDeployment, queryDeployments, queryEvent, queryEvents, queryNothing } from "./queries.ts";
import { type ArrivalRows, queryArrivals } from "./query-arrivals.ts";

/** Requests to the worker, by kind, with their results. */
export interface Reads {
  readonly event: {
    readonly asked: ReadOptions & { deploymentId: DeploymentId; eventId: EventId };
    readonly found: StoredEvent | undefined;
  };
  readonly events: { readonly asked: ReadEvents; readonly found: Packed<EventRows> };
  readonly deployment: { readonly asked: { deploymentId: DeploymentId }; readonly found: Deployment | undefined };
  readonly deployments: { readonly asked: ReadDeployments; readonly found: DeploymentPage };
  /** Checks that the store's files are in place and answer. */
  readonly probe: { readonly asked: object; readonly found: undefined };
  /** A slice of a self-check; `isFirst` starts a new one. */
  readonly scrub: { readonly asked: { isFirst: boolean; forMs: number }; readonly found: ScrubbedSlice };
  /** Asks whether a deployment that was not found may be lost; the fault says so. */
  readonly lost: { readonly asked: { deploymentId: DeploymentId }; readonly found: Fault | undefined };
  readonly arrivals: { readonly asked: ReadArrivals; readonly found: Packed<ArrivalRows> };
}

/** Findings of a slice, and the progress of the self-check. */
export interface ScrubbedSlice {
  readonly findings: readonly ScrubFinding[];
  readonly deployments: number;
  readonly events: number;
  readonly isOver: boolean;
}

export type ReadRequest =
  | { [Kind in keyof Reads]: { readonly kind: Kind; readonly asked: Reads[Kind]["asked"] } }[keyof Reads]
  /** After a fault of the appends: the next read reopens the file, because connections share cached state. */
  | { readonly kind: "reopen" }
  | { readonly kind: "close" };

/** Answer to each request, in order. */
export type ReadReply =
  | { readonly kind: "found"; readonly found: Reads[keyof Reads]["found"] }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "released" }
  | { readonly kind: "closed" };

/** The store's file, as taken at the start. */
interface ReadFile extends PlacedFile {
  /** True if ids of lost deployments may be given out again. */
  readonly acceptLoss: boolean;
}

const placed = workerData as ReadFile;
const port = parentPort;
if (port === null) throw new Error("read-worker.ts runs as a worker thread only");
const reply = (message: ReadReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

// Undefined before the first read and after a fault; the file is then opened again.
let database: DatabaseSync | undefined;
let places: FilePlaces | undefined;
let scrub: ScrubWalk | undefined;

port.on("message", (request: ReadRequest) => {
  if (request.kind === "close") {
    closeQuietly(database);
    reply({ kind: "closed" });
    port.close();
    return;
  }
  if (request.kind === "reopen") {
    letGo();
    reply({ kind: "released" });
    return;
  }
  // A new self-check must see the file, not the connection's cache.
  if (request.kind === "scrub" && request.asked.isFirst) letGo();
  try {
    database ??= open(placed);
    const found = find(database, request);
    reply({ kind: "found", found }, buffersOf(found));
  } catch (error) {
    letGo();
    const place =
      isDamage(error) && "deploymentId" in request.asked ? { deploymentId: request.asked.deploymentId } : undefined;
    const fault = faultOf(error);
    reply({ kind: "fault", fault: { ...fault, place: fault.place ?? place } });
  }
});

/** Buffers to hand over: a copy would stay here until this thread's collector runs, which does not count such bytes. */
function buffersOf(found: Reads[keyof Reads]["found"]): ArrayBuffer[] {
  if (found === undefined) return [];
  if ("bytes" in found) return [found.numbers.buffer, found.bytes.buffer];
  return "content" in found ? [found.content.buffer as ArrayBuffer] : [];
}

function open({ file, acceptLoss }: ReadFile): DatabaseSync {
  const opened = openForReads(file);
  if (acceptLoss) acceptLostDeployments(opened);
  return opened;
}

function letGo(): void {
  closeQuietly(database);
  database = undefined;
  // A missing log stays missing until it is back, whatever file has its name meanwhile.
  if (places?.isWalInPlace !== false) places = undefined;
}

function find(
  connection: DatabaseSync,
  request: Exclude<ReadRequest, { kind: "close" | "reopen" }>,
): Reads[keyof Reads]["found"] {
  switch (request.kind) {
    case "event":
      return queryEvent(connection, request.asked);
    case "events":
      return packPage(queryEvents(connection, request.asked));
    case "deployment":
      return queryDeployment(connection, request.asked.deploymentId);
    case "deployments":
      return queryDeployments(connection, request.asked);
    case "lost": {
      const fault = faultIfLost(connection, request.asked.deploymentId);
      return fault && faultOf(fault);
    }
    case "probe":
      queryNothing(connection);
      // Only now SQLite has opened all files that it reads.
      places ??= new FilePlaces(placed);
      places.check();
      return undefined;
    case "scrub":
      return scrubFor(connection, request.asked);
    case "arrivals":
      // Read before the rows are, so that it is not ahead of them.
      return packPage(queryArrivals(connection, request.asked, lastNumberOfMark(readMark(placed.file))));
  }
}

function scrubFor(connection: DatabaseSync, { isFirst, forMs }: Reads["scrub"]["asked"]): ScrubbedSlice {
  if (isFirst || scrub === undefined) scrub = new ScrubWalk();
  const findings: ScrubFinding[] = [];
  const endMs = performance.now() + forMs;
  do findings.push(...scrub.step(connection));
  while (!scrub.isOver && !scrub.hasBrokenConnection && performance.now() < endMs);
  if (scrub.hasBrokenConnection) letGo();
  return { findings, ...scrub.seen, isOver: scrub.isOver };
}
