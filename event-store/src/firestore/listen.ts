import type { Firestore, QuerySnapshot } from "@google-cloud/firestore";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { Listener, Notice } from "../event-store.ts";
import { eventDocumentOf } from "./documents.ts";
import { eventsQuery } from "./queries.ts";
import type { Reader } from "./read.ts";

interface ListenOptions {
  readonly firestore: Firestore;
  readonly reader: Reader;
  readonly deploymentId: DeploymentId;
  readonly onNotice: (notice: Notice) => void;
}

/**
 * Listens to the events of a deployment, from the head as it is now: that much is noticed at once, what comes later with
 * the events themselves. When the listener breaks it tells no more, which whoever follows sees from the head.
 */
export function listen({ firestore, reader, deploymentId, onNotice }: ListenOptions): Listener {
  let closed = false;
  let unsubscribe = () => {};
  const start = async () => {
    const head = await reader.readDeployment(deploymentId);
    if (closed) return;
    const cursor = head?.headSequence ?? 0;
    if (cursor > 0) onNotice({ headSequence: cursor, events: [] });
    const query = eventsQuery(firestore, { deploymentId, order: "ascending", cursor });
    await new Promise<void>((resolve) => {
      const onSnapshot = (snapshot: QuerySnapshot) => {
        if (!closed) tell(snapshot, onNotice);
        resolve();
      };
      unsubscribe = query.onSnapshot(onSnapshot, () => resolve());
    });
  };
  return {
    ready: start().catch(() => {}),
    close: () => {
      closed = true;
      unsubscribe();
    },
  };
}

function tell(snapshot: QuerySnapshot, onNotice: (notice: Notice) => void): void {
  const added = snapshot.docChanges().filter(({ type }) => type === "added");
  const events = added.flatMap(({ doc }) => eventDocumentOf(doc)?.stored ?? []);
  const headSequence = events.at(-1)?.sequence;
  if (headSequence !== undefined) onNotice({ headSequence, events });
}
