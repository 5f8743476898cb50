import { join } from "node:path";

/** Names of the emulators in firebase-tools. */
export type EmulatorName = "firestore" | "pubsub";

export const emulatorNames = ["firestore", "pubsub"] as const satisfies readonly EmulatorName[];

/** Names and variables of an emulator. */
export interface EmulatorFacts {
  /** Display name. */
  readonly title: string;
  /** Variable with the `host:port` of a running one; Google's clients read it too. */
  readonly hostVariable: string;
  /** Variable of `npm run stack` with the port to start it on. */
  readonly portVariable: string;
  /** Variable with the file to start: a jar (Firestore) or a command (Pub/Sub). */
  readonly binaryVariable: string;
  /** Path in the gcloud SDK, relative to its root. */
  readonly inSdk: string;
}

export const emulatorFacts: Readonly<Record<EmulatorName, EmulatorFacts>> = {
  firestore: {
    title: "Firestore",
    hostVariable: "FIRESTORE_EMULATOR_HOST",
    portVariable: "FIRESTORE_PORT",
    binaryVariable: "FIRESTORE_EMULATOR_BINARY_PATH",
    inSdk: join("platform", "cloud-firestore-emulator", "cloud-firestore-emulator.jar"),
  },
  pubsub: {
    title: "Pub/Sub",
    hostVariable: "PUBSUB_EMULATOR_HOST",
    portVariable: "PUBSUB_PORT",
    binaryVariable: "PUBSUB_EMULATOR_BINARY_PATH",
    inSdk: join("platform", "pubsub-emulator", "bin", "cloud-pubsub-emulator"),
  },
};
