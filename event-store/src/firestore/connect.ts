import { Firestore } from "@google-cloud/firestore";
import type { FirestoreSettings } from "../firestore-settings.ts";

/** Makes a client of the database; it connects at the first call. */
export function connect({ projectId, databaseId }: FirestoreSettings): Firestore {
  return new Firestore({ projectId, databaseId, ignoreUndefinedProperties: false });
}
