import type { ContentCodec } from "../content-codec.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { EventStore, Listener } from "../event-store.ts";
import type { FirestoreSettings } from "../firestore-settings.ts";
import { Appender } from "./append.ts";
import { connect } from "./connect.ts";
import { endClient } from "./end-client.ts";
import { listen } from "./listen.ts";
import { Reader } from "./read.ts";

/** Opens the store in a Firestore database, which any number of instances may share. */
export function openFirestoreStore(options: FirestoreSettings & { readonly codec: ContentCodec }): EventStore {
  const { projectId, databaseId, codec } = options;
  const firestore = connect({ projectId, databaseId });
  const appender = new Appender({ firestore, codec });
  const reader = new Reader(firestore);
  const listeners = new Set<Listener>();
  return {
    traits: {
      name: "firestore",
      details: { project: projectId, database: databaseId },
      durable: true,
      mirrored: true,
      arrivalOrder: false,
      exposed: [],
      acceptedLoss: undefined,
    },
    died: new Promise(() => {}),
    append: (append, appendOptions) => appender.append(append, appendOptions),
    readEvent: (deploymentId, eventId) => reader.readEvent(deploymentId, eventId),
    readEvents: (request) => reader.readEvents(request),
    readDeployment: (deploymentId) => reader.readDeployment(deploymentId),
    readDeployments: (request) => reader.readDeployments(request),
    readArrivals: async () => {
      throw new Error("firestore keeps no order of arrival: its instances write deployments independently");
    },
    listen: (deploymentId, onNotice) => {
      const { ready, close } = listen({ firestore, reader, deploymentId, onNotice });
      const listener: Listener = {
        ready,
        close: () => {
          listeners.delete(listener);
          close();
        },
      };
      listeners.add(listener);
      return listener;
    },
    probe: async () => {
      await reader.readDeployment("probe" as DeploymentId);
    },
    close: async () => {
      await appender.idle();
      // The library refuses to end while anybody listens.
      for (const listener of listeners) listener.close();
      await endClient(firestore);
    },
  };
}
