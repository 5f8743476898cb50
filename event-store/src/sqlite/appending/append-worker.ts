import { parentPort, workerData } from "node:worker_threads";
import type { DamagedPlace } from "../../store-error.ts";
import { type Fault, faultOf } from "../faults.ts";
import { closeQuietly } from "../files/open-file.ts";
import { type PackedCalls, type PackedOutcomes, packOutcomes, unpackCalls } from "../threads/packed-calls.ts";
import { AppendConnection, type AppendedFile } from "./append-connection.ts";
import { DamagedDeployments } from "./damaged-deployments.ts";

/** Request to the worker: append a group of calls, stop appending to a deployment, or close the file. */
export type AppendRequest =
  | { readonly kind: "append"; readonly group: PackedCalls }
  | { readonly kind: "damaged"; readonly place: DamagedPlace; readonly message: string }
  | { readonly kind: "close" };

/** Answer to each request, in order. */
export type AppendReply =
  | { readonly kind: "appended"; readonly outcomes: PackedOutcomes }
  | { readonly kind: "noted" }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "closed" };

const taken = workerData as AppendedFile;
const port = parentPort;
if (port === null) throw new Error("append-worker.ts runs as a worker thread only");
const reply = (message: AppendReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const damaged = new DamagedDeployments();
// Undefined after a fault: the next group reopens the file, so that writing recovers without a restart.
let connection = openQuietly();

port.on("message", (request: AppendRequest) => {
  if (request.kind === "close") {
    closeQuietly(connection);
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
    connection ??= new AppendConnection(taken, damaged);
    const outcomes = packOutcomes(connection.append(unpackCalls(request.group)));
    reply({ kind: "appended", outcomes }, [outcomes.firstSequences.buffer]);
  } catch (error) {
    if (!keepsLostLog()) {
      closeQuietly(connection);
      connection = undefined;
    }
    reply({ kind: "fault", fault: faultOf(error) });
  }
});

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
    return new AppendConnection(taken, damaged);
  } catch {
    // The first group retries and is answered with the fault.
    return undefined;
  }
}
