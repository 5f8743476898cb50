import { FieldPath, type Firestore, type Query } from "@google-cloud/firestore";
import type { DeploymentFilter } from "../domain/deployment-filter.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { ReadEvents } from "../event-store.ts";

// All queries are here, so that firestore.indexes.json can be tested against them: the emulator answers queries without
// the indexes that the platform requires.

/** Queries the events of a deployment by sequence, after the cursor if there is one. */
export function eventsQuery(
  firestore: Firestore,
  { deploymentId, order, cursor }: Pick<ReadEvents, "deploymentId" | "order" | "cursor">,
): Query {
  const events = firestore.collection("deployments").doc(deploymentId).collection("events");
  const query = events.orderBy("sequence", order === "ascending" ? "asc" : "desc");
  return cursor === undefined ? query : query.startAfter(cursor);
}

/** Queries the names of a deployment's events, in no order that means anything. */
export function purgeQuery(firestore: Firestore, deploymentId: DeploymentId): Query {
  return firestore.collection("deployments").doc(deploymentId).collection("events").select();
}

/** Queries the deployments of a filter, newest created first, then by id descending, the direction of the time's index. */
export function deploymentsQuery(firestore: Firestore, { environment, service, state }: DeploymentFilter): Query {
  let query: Query = firestore.collection("deployments");
  if (environment !== "") query = query.where("environment", "==", environment);
  if (service !== "") query = query.where("service", "==", service);
  if (state !== undefined) query = query.where("state", "==", state);
  return query.orderBy("create_time", "desc").orderBy(FieldPath.documentId(), "desc");
}

/** Queries the deployments with a pending flag by id, after the given one. */
export function pendingQuery(firestore: Firestore, after: DeploymentId | undefined): Query {
  const query = firestore.collection("deployments").where("mirror_pending", "==", true).orderBy(FieldPath.documentId());
  return after === undefined ? query : query.startAfter(after);
}
