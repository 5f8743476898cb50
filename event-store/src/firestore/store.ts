import type { ContentCodec } from "../content-codec.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { EventStore, Listener } from "../event-store.ts";
import type { FirestoreSettings } from "../firestore-settings.ts";
import { Appender } from "./appender.ts";
import { connect } from "./connect.ts";
import { DamagedDeployments } from "./damaged-deployments.ts";
import { Editor } from "./editor.ts";
import { Edits } from "./edits.ts";
import { endClient } from "./end-client.ts";
import { HeadWatch } from "./head-watch.ts";
import { Importer } from "./importer.ts";
import { listen } from "./listen.ts";
import { missingEvent } from "./missing-event.ts";
import { pageTokenKey } from "./page-token-key.ts";
import { Reader, wrapped } from "./reader.ts";
import { RedactionKeys } from "./redaction-keys.ts";
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
  const keys = new RedactionKeys(firestore);
  const appender = new Appender({ firestore, codec, damaged, keys });
  const edits = new Edits({ appender, damaged });
  const editor = new Editor({ firestore, codec, damaged, keys, edits });
  const importer = new Importer({ firestore, codec, damaged, edits });
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
      mirrored: true,
      shared: true,
      exposed: [],
      acceptedLoss: undefined,
    },
    died: new Promise(() => {}),
    append: (append, appendOptions) => appender.append(append, appendOptions),
    readEvent: (deploymentId, eventId, readOptions) => noting(reader.readEvent(deploymentId, eventId, readOptions)),
    readEvents: async (request) => {
      const page = await noting(reader.readEvents(request));
      const missing = missingEvent(request, page);
      // A purge that has begun since the head was read takes events away.
      if (missing !== undefined && !(await reader.isReadable(request.deploymentId, request))) {
        return { events: [], cursor: request.cursor, looked: 0, more: false };
      }
      // The service informs the reader: it compares pages with the head.
      damaged.note(missing);
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
    redactEvent: (redaction, editOptions) => editor.redact(redaction, editOptions),
    hideDeployment: (deploymentId, isHidden, editOptions) => editor.hide(deploymentId, isHidden, editOptions),
    beginPurge: (purge, editOptions) => editor.beginPurge(purge, editOptions),
    purgeSome: (deploymentId, editOptions) => editor.purgeSome(deploymentId, editOptions),
    importEvents: (part, editOptions) => importer.import(part, editOptions),
    redactionKeys: () => wrapped(keys.all()),
    addRedactionKeys: (added) => wrapped(keys.add(added)),
    // What is overwritten or deleted there is the platform's to forget.
    finishEmptying: async () => {},
    unmirroredEvents: (deploymentId) => reader.unmirroredEvents(deploymentId),
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
