// A process of its own that opens stores for a test and does with them what the test asks, one request at a time.
import { codec } from "../../contract/builders.ts";
import { type EventStore, openEventStore } from "../../src/index.ts";
import type { Refusal, StoreAnswer, StoreRequest } from "./remote-store.ts";

let store: EventStore | undefined;

process.on("message", (request: StoreRequest) => {
  void answer(request).then((message) => process.send?.(message));
});
process.on("disconnect", () => process.exit());

async function answer(request: StoreRequest): Promise<StoreAnswer> {
  try {
    return { found: await perform(request) };
  } catch (error) {
    const { name, message, reason, place, conflicts, expectedSequence, actualSequence } = error as Refusal;
    return { refusal: { name, message, reason, place, conflicts, expectedSequence, actualSequence } };
  }
}

async function perform(request: StoreRequest): Promise<unknown> {
  if (request.kind === "open") {
    store = await openEventStore({ store: "sqlite", file: request.file }, codec);
    try {
      // Its threads take hold of the file now, and not in the middle of what the test counts.
      return await store.probe();
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  if (store === undefined) throw new Error("no store is open");
  const [call, args] = [request.kind, request.args] as [keyof EventStore, readonly unknown[]];
  const method = store[call] as (...given: readonly unknown[]) => unknown;
  return method(...args);
}
