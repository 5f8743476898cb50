import type { ContentCodec } from "../content-codec.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { EventStore, Listener } from "../event-store.ts";
import type { FirestoreSettings } from "../firestore-settings.ts";
import { Appender } from "./appender.ts";
import { connect } from "./connect.ts";
import { DamagedDeployments } from "./damaged-deployments.ts";
import { endClient } from "./end-client.ts";
import { HeadWatch } from "./head-watch.ts";
import { listen } from "./listen.ts";
import { missingEvent } from "./missing-event.ts";
import { pageTokenKey } from "./page-token-key.ts";
import { Reader } from "./reader.ts";
import { SeenEvents } from "./seen-events.ts";

interface FirestoreStoreOptions extends FirestoreSettings {
  readonly codec: ContentCodec;
  /** Monotonic clock, in ms. */
  readonly clock?: () => number;
}

/** Opens the store in a Firestore database, which any number of instances may share. */
export function openFirestoreStore(options: FirestoreStoreOptions): EventStore {
  const { projectId, databaseId, codec, clock = () => performance.now() } = options;
  const firestore = connect({ projectId, databaseId });
  const damaged = new DamagedDeployments({ firestore, clock });
  const appender = new Appender({ firestore, codec, damaged });
  const reader = new Reader(firestore);
  const noting = async <Answer>(read: Promise<Answer>): Promise<Answer> => {
    try {
      return await read;
    } catch (error) {
      damaged.note(error);
      throw error;
    }
  };
  const seen = new SeenEvents();
  let key: Promise<Uint8Array> | undefined;
  const listeners = new Set<Listener>();
  /** Keeps a listener until it is closed. */
  const kept = (opened: Listener): Listener => {
    const listener: Listener = {
      ready: opened.ready,
      close: () => {
        listeners.delete(listener);
        opened.close();
      },
    };
    listeners.add(listener);
    return listener;
  };
  return {
    traits: {
      name: "firestore",
      details: { project: projectId, database: databaseId },
      durable: true,
      arrivalOrder: false,
      exposed: [],
      acceptedLoss: undefined,
    },
    died: new Promise(() => {}),
    append: (append, appendOptions) => appender.append(append, appendOptions),
    readEvent: (deploymentId, eventId) => noting(reader.readEvent(deploymentId, eventId)),
    readEvents: async (request) => {
      const page = await noting(reader.readEvents(request));
      // The service informs the reader: it compares pages with the head.
      damaged.note(missingEvent(request, page));
      seen.note(request, page);
      return page;
    },
    readDeployment: (deploymentId) => noting(seen.checkedHead(deploymentId, () => reader.readDeployment(deploymentId))),
    readDeployments: (request) => noting(reader.readDeployments(request)),
    readArrivals: async () => {
      throw new Error("firestore keeps no order of arrival: its instances write deployments independently");
    },
    listen: (deploymentId, onNotice) => kept(listen({ firestore, reader, deploymentId, onNotice })),
    watch: (options) => kept(new HeadWatch(firestore, options)),
    pageTokenKey: () => {
      key ??= pageTokenKey(firestore).catch((error: unknown) => {
        key = undefined;
        throw error;
      });
      return key;
    },
    probe: async () => {
      await reader.readDeployment("probe" as DeploymentId);
    },
    close: async () => {
      await appender.idle();
      // The library does not end while there are listeners.
      for (const listener of listeners) listener.close();
      await endClient(firestore);
    },
  };
}
