import { limits } from "../limits.ts";
import type { Fault, FaultKind } from "./fault.ts";

/** Tells the faults of one deployment, the first ones one by one. */
export class DeploymentFaults {
  readonly #deploymentId: string;
  readonly #tell: (fault: Fault) => void;
  #told = 0;
  #untold = 0;

  constructor(deploymentId: string, tell: (fault: Fault) => void) {
    this.#deploymentId = deploymentId;
    this.#tell = tell;
  }

  add(kind: FaultKind, sequence: bigint | undefined, description: string): void {
    // What differs from a checkpoint decides how it all ends.
    if (this.#told >= limits.verifyFaultsMax && !kind.startsWith("CHECKPOINT_")) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    this.#tell({ kind, deploymentId: this.#deploymentId, sequence, description });
  }

  /** Number of faults that were not told. */
  get untold(): number {
    return this.#untold;
  }
}
