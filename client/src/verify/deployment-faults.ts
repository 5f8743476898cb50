import { limits } from "../limits.ts";
import type { Fault, FaultKind } from "./fault.ts";

/** Tells the faults of one deployment, the first ones one by one. */
export class DeploymentFaults {
  readonly #deploymentId: string;
  readonly #tell: (fault: Fault) => void;
  #count = 0;

  constructor(deploymentId: string, tell: (fault: Fault) => void) {
    this.#deploymentId = deploymentId;
    this.#tell = tell;
  }

  add(kind: FaultKind, sequence: bigint | undefined, description: string): void {
    this.#count += 1;
    // What differs from a checkpoint decides how it all ends.
    const isTold = this.#count <= limits.verifyFaultsMax || kind.startsWith("CHECKPOINT_");
    if (isTold) this.#tell({ kind, deploymentId: this.#deploymentId, sequence, description });
  }

  /** How many there were that were not told. */
  get untold(): number {
    return Math.max(0, this.#count - limits.verifyFaultsMax);
  }
}
