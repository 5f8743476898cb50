import { randomUUID } from "node:crypto";
import type { Place } from "../contract/event-store-contract.ts";
import type { EventStore, FirestoreSettings } from "../src/index.ts";

/** A project of its own in the emulator, which keeps projects apart, for the firestore stores of one test. */
export function firestorePlace(
  open: (settings: FirestoreSettings) => EventStore,
): Place & { readonly settings: FirestoreSettings } {
  const settings = { projectId: `demo-${randomUUID().slice(0, 8)}`, databaseId: "(default)" };
  return { settings, open: async () => open(settings), remove: async () => {} };
}
