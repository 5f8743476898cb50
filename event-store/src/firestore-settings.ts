/** Which Firestore database; an emulator is found through FIRESTORE_EMULATOR_HOST, as the library does. */
export interface FirestoreSettings {
  readonly projectId: string;
  readonly databaseId: string;
}
