import { limits } from "../limits.ts";
import type { Fault, FaultKind } from "./fault.ts";

/** Reports the first faults of a deployment and counts the rest. */
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
    // Always report differences from a checkpoint: they decide the exit code.
    if (this.#told >= limits.verifyFaultsMax && !kind.startsWith("CHECKPOINT_")) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    this.#tell({ kind, deploymentId: this.#deploymentId, sequence, description });
  }

  /** Number of faults that were only counted. */
  get untold(): number {
    return this.#untold;
  }
}
