import type { DeploymentId } from "./domain/identifiers.ts";

/** Asks the mirror, as JSON on the topic of pokes, to publish the events of a deployment that it has not published yet. */
export interface Poke {
  readonly kind: "poke";
  readonly deploymentId: DeploymentId;
}
