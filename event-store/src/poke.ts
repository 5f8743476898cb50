import type { DeploymentId } from "./domain/identifiers.ts";

/** Request to the mirror, as JSON on the topic of pokes, to publish a deployment's unpublished events. */
export interface Poke {
  readonly kind: "poke";
  readonly deploymentId: DeploymentId;
}
