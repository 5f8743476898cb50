import { parentPort, workerData } from "node:worker_threads";
import { limits } from "../../limits.ts";
import { type DamagedPlace, StoreFaultError } from "../../store-error.ts";
import { deadlinePassed } from "../../waiting-append.ts";
import { type Fault, faultOf } from "../faults.ts";
import { closeQuietly } from "../files/open-file.ts";
import { Unallocated } from "../files/unallocated.ts";
import { type PackedCalls, type PackedOutcomes, packOutcomes, unpackCalls } from "../threads/packed-calls.ts";
import { AppendConnection, type AppendedFile } from "./append-connection.ts";
import { DamagedDeployments } from "./damaged-deployments.ts";
import type { Edit, Edited } from "./edits.ts";

/** Request to the worker: append a group of calls, make an edit, stop appending to a deployment, or close the file. */
export type AppendRequest =
  | { readonly kind: "append"; readonly group: PackedCalls }
  | { readonly kind: "edit"; readonly edit: Edit; readonly deadlineMs: number }
  | { readonly kind: "damaged"; readonly place: DamagedPlace; readonly message: string }
  | { readonly kind: "close" };

/** Answer to each request, in order. */
export type AppendReply =
  | { readonly kind: "appended"; readonly outcomes: PackedOutcomes }
  /** `unemptied`: the edit is stored, but what it removed is still in the files. */
  | { readonly kind: "edited"; readonly edited: Edited; readonly unemptied: Fault | undefined }
  | { readonly kind: "noted" }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "closed" };

const taken = workerData as AppendedFile;
const port = parentPort;
if (port === null) throw new Error("append-worker.ts runs as a worker thread only");
const reply = (message: AppendReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const damaged = new DamagedDeployments();
const unallocated = new Unallocated(taken.file);
// Undefined after a fault: the next group reopens the file, so that writing recovers without a restart.
let connection = openQuietly();

port.on("message", (request: AppendRequest) => {
  if (request.kind === "close") {
    closeQuietly(connection);
    unallocated.close();
    reply({ kind: "closed" });
    port.close();
    return;
  }
  if (request.kind === "damaged") {
    const { place, message } = request;
    damaged.note(place.deploymentId, { reason: "STORE_DAMAGED", message, cause: "met by a read", place });
    reply({ kind: "noted" });
    return;
  }
  try {
    if (request.kind === "edit" && Date.now() >= request.deadlineMs) throw deadlinePassed();
    connection ??= new AppendConnection(taken, damaged, unallocated);
    if (request.kind === "edit") {
      reply({ kind: "edited", ...connection.edit(request.edit) });
      return;
    }
    const outcomes = packOutcomes(connection.append(unpackCalls(request.group)));
    reply({ kind: "appended", outcomes }, [outcomes.firstSequences.buffer]);
  } catch (error) {
    // A fault of rows, or of time, leaves the connection as good as it was.
    if (!(error instanceof StoreFaultError && keepsConnection.includes(error.reason)) && !keepsLostLog()) {
      closeQuietly(connection);
      connection = undefined;
    }
    reply({ kind: "fault", fault: faultOf(error) });
  }
});

setInterval(() => {
  try {
    connection?.emptyInPassing();
  } catch {
    // The next request meets the fault, and is answered with it.
  }
}, limits.sqliteEmptyAgainMs).unref();

const keepsConnection: readonly string[] = ["STORE_DAMAGED", "DEADLINE_PASSED"];

function keepsLostLog(): boolean {
  try {
    return connection?.saveLostLog() ?? false;
  } catch {
    // The first request is answered with the fault.
    return true;
  }
}

function openQuietly(): AppendConnection | undefined {
  try {
    return new AppendConnection(taken, damaged, unallocated);
  } catch {
    // The first group retries and is answered with the fault.
    return undefined;
  }
}
