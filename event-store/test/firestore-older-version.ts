import { randomUUID } from "node:crypto";
import { type Firestore, Timestamp } from "@google-cloud/firestore";
import { encode } from "../contract/builders.ts";
import { fingerprint } from "../src/firestore/fingerprint.ts";

/** What the document of a head showed which a version wrote that knew neither event times nor the history hash. */
export interface OlderHead {
  readonly head_sequence: number;
  readonly state: string;
  readonly outcome?: string;
  readonly start_time?: Timestamp;
  readonly finish_time?: Timestamp;
}

/** Whole seconds since 1970. */
export const at = (seconds: number) => new Timestamp(seconds, 0);

/** Writes a head as that version did: it left alone the fields that it did not know. */
export async function writeOlderHead(firestore: Firestore, id: string, head: OlderHead): Promise<void> {
  const fields = {
    outcome: "unspecified",
    start_time: null,
    finish_time: null,
    ...head,
    environment: "production",
    service: "shop",
    revision: "1",
    create_time: at(1),
    update_time: at(head.head_sequence),
    mirror_pending: true,
    commit_id: randomUUID(),
  };
  await firestore
    .collection("deployments")
    .doc(id)
    .set(fields, { mergeFields: Object.keys(fields) });
}

/** Writes the event of this sequence, `older-1` and so on, received at so many seconds, as that version did. */
export async function writeOlderEvent(
  firestore: Firestore,
  id: string,
  sequence: number,
  content = encode({ message: `number ${sequence}` }),
  stamp = sequence % 2 === 0 ? encode({ sendTime: { seconds: sequence, nanos: 1 } }) : new Uint8Array(),
): Promise<void> {
  const event = firestore.collection("deployments").doc(id).collection("events").doc(`older-${sequence}`);
  await event.create({
    sequence,
    receive_time: at(sequence),
    type: "deployment.progress",
    severity: 200,
    labels: "{}",
    fingerprint: fingerprint(content),
    content,
    stamp,
    commit_id: randomUUID(),
  });
}
