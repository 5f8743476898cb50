/** Firestore database. FIRESTORE_EMULATOR_HOST selects an emulator, as in the library. */
export interface FirestoreSettings {
  readonly projectId: string;
  readonly databaseId: string;
}
