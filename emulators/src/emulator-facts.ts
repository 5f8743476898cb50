import { join } from "node:path";

/** The emulators, by the names that firebase-tools gives them. */
export type EmulatorName = "firestore" | "pubsub";

export const emulatorNames = ["firestore", "pubsub"] as const satisfies readonly EmulatorName[];

/** What is known of an emulator beforehand. */
export interface EmulatorFacts {
  /** How people call it. */
  readonly title: string;
  /** Says, as `host:port`, where one runs; the Google clients read it as well. */
  readonly hostVariable: string;
  /** Says, in `npm run stack`, on which port it is to be started. */
  readonly portVariable: string;
  /** Names the file that firebase-tools is to start: a jar (Firestore) or a command (Pub/Sub). */
  readonly binaryVariable: string;
  /** Its file in the gcloud SDK, from the SDK's root. */
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
