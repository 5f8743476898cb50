import type { Firestore, QueryDocumentSnapshot, QuerySnapshot } from "@google-cloud/firestore";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import { purgedType } from "../domain/plan-edit.ts";
import { redactedType } from "../domain/redaction.ts";
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
    const seen = { headSequence: cursor };
    if (cursor > 0 && !tellOne(() => onNotice({ headSequence: cursor, events: [] }))) return;
    const query = eventsQuery(firestore, { deploymentId, order: "ascending", cursor });
    await new Promise<void>((resolve) => {
      const onSnapshot = (snapshot: QuerySnapshot) => {
        if (!closed && !tell(snapshot, seen, onNotice)) close();
        resolve();
      };
      unsubscribe = query.onSnapshot(onSnapshot, () => resolve());
    });
  };
  return { ready: start().catch(() => {}), close };
}

/**
 * Tells of new events, and of an edit where one of them says so or another's document has changed. Of a deletion no event
 * tells: readers notice it through the head. Returns false if the listener is broken or a document is unreadable; a reader of
 * the store then meets the same.
 */
function tell(snapshot: QuerySnapshot, seen: { headSequence: number }, onNotice: (notice: Notice) => void): boolean {
  const changes = snapshot.docChanges();
  const added = changes.filter(({ type }) => type === "added");
  const events = added.flatMap(({ doc }) => readableEvent(doc) ?? []);
  const headSequence = events.at(-1)?.sequence ?? seen.headSequence;
  seen.headSequence = headSequence;
  const edited =
    changes.length > added.length || events.some(({ type }) => type === redactedType || type === purgedType);
  if (changes.length > 0 && !tellOne(() => onNotice({ headSequence, events, edited }))) return false;
  return events.length === added.length;
}

function readableEvent(document: QueryDocumentSnapshot): StoredEvent | undefined {
  try {
    return eventDocumentOf(document).stored;
  } catch {
    return undefined;
  }
}
