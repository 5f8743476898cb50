import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { StoreOpenError } from "../store-error.ts";
import { type AppendCall, type AppendOutcome, appendGroup } from "./append-group.ts";
import { type Fault, faultOf } from "./faults.ts";
import { checkInPlace, createWhenMissing, identityOf, lockFile, openForAppends } from "./open-file.ts";

/** What the worker is asked: to append a group of calls, or to let the file go. */
export type AppendRequest =
  | { readonly kind: "append"; readonly calls: readonly AppendCall[] }
  | { readonly kind: "close" };

/** What the worker says: once that it is open or cannot be, then one answer for each request, in order. */
export type AppendReply =
  | { readonly kind: "opened" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "appended"; readonly outcomes: readonly AppendOutcome[] }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "closed" };

const { file } = workerData as { readonly file: string };
const port = parentPort;
if (port === null) throw new Error("append-worker.ts runs as a worker thread only");
const reply = (message: AppendReply) => port.postMessage(message);

try {
  const lock = lockFile(file);
  // Undefined after a fault: the next group opens the file anew, which is how writing recovers without a restart.
  createWhenMissing(file);
  let database: DatabaseSync | undefined = openForAppends(file);
  let identity = identityOf(file);
  reply({ kind: "opened" });
  port.on("message", (request: AppendRequest) => {
    if (request.kind === "close") {
      database?.close();
      lock.close();
      reply({ kind: "closed" });
      port.close();
      return;
    }
    try {
      if (database === undefined) {
        database = openForAppends(file);
        identity = identityOf(file);
      }
      const outcomes = appendGroup(database, request.calls);
      checkInPlace(file, identity);
      reply({ kind: "appended", outcomes });
    } catch (error) {
      closeQuietly(database);
      database = undefined;
      reply({ kind: "fault", fault: faultOf(error) });
    }
  });
} catch (error) {
  const message = error instanceof StoreOpenError ? error.message : `${file} cannot be opened: ${faultOf(error).cause}`;
  reply({ kind: "refused", message });
  port.close();
}

function closeQuietly(connection: DatabaseSync | undefined): void {
  try {
    connection?.close();
  } catch {
    // What broke the connection may break its end as well; the fault that is answered says it already.
  }
}
