import type { Firestore, QueryDocumentSnapshot, QuerySnapshot } from "@google-cloud/firestore";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { Listener, Notice } from "../event-store.ts";
import { tellOne } from "../listeners.ts";
import { eventDocumentOf } from "./documents.ts";
import { eventsQuery } from "./queries.ts";
import type { Reader } from "./reader.ts";

interface ListenOptions {
  readonly firestore: Firestore;
  readonly reader: Reader;
  readonly deploymentId: DeploymentId;
  readonly onNotice: (notice: Notice) => void;
}

/**
 * Listens to the events of a deployment from its current head, which it reports at once; later events come with their
 * data. A broken listener is silent; followers notice through the head.
 */
export function listen({ firestore, reader, deploymentId, onNotice }: ListenOptions): Listener {
  let closed = false;
  let unsubscribe = () => {};
  const close = () => {
    closed = true;
    unsubscribe();
  };
  const start = async () => {
    const head = await reader.readDeployment(deploymentId);
    if (closed) return;
    const cursor = head?.headSequence ?? 0;
    if (cursor > 0 && !tellOne(() => onNotice({ headSequence: cursor, events: [] }))) return;
    const query = eventsQuery(firestore, { deploymentId, order: "ascending", cursor });
    await new Promise<void>((resolve) => {
      const onSnapshot = (snapshot: QuerySnapshot) => {
        if (!closed && !tell(snapshot, onNotice)) close();
        resolve();
      };
      unsubscribe = query.onSnapshot(onSnapshot, () => resolve());
    });
  };
  return { ready: start().catch(() => {}), close };
}

/** Returns false if the listener is broken or a document is unreadable; a reader of the store then meets the same. */
function tell(snapshot: QuerySnapshot, onNotice: (notice: Notice) => void): boolean {
  const added = snapshot.docChanges().filter(({ type }) => type === "added");
  const events = added.flatMap(({ doc }) => readableEvent(doc) ?? []);
  const headSequence = events.at(-1)?.sequence;
  if (headSequence !== undefined && !tellOne(() => onNotice({ headSequence, events }))) return false;
  return events.length === added.length;
}

function readableEvent(document: QueryDocumentSnapshot): StoredEvent | undefined {
  try {
    return eventDocumentOf(document).stored;
  } catch {
    return undefined;
  }
}
