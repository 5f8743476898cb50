import type { Firestore } from "@google-cloud/firestore";
import { CachedHeads } from "../cached-heads.ts";
import type { ContentCodec } from "../content-codec.ts";
import type { Append, Appended } from "../domain/append.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import type { AppendOptions } from "../event-store.ts";
import { tooManyWaiting } from "../waiting-append.ts";
import type { DamagedDeployments } from "./damaged-deployments.ts";
import { type CachedHead, DeploymentAppender } from "./deployment-appender.ts";
import { requestBytesMax } from "./documents.ts";
import type { RedactionKeys } from "./redaction-keys.ts";

interface AppenderOptions {
  readonly firestore: Firestore;
  readonly codec: ContentCodec;
  readonly damaged: DamagedDeployments;
  readonly keys: RedactionKeys;
}

/** Appends to any deployments, with one group commit each, in bounded memory. */
export class Appender {
  readonly #options: AppenderOptions;
  readonly #heads = new CachedHeads<CachedHead>();
  readonly #busy = new Map<DeploymentId, DeploymentAppender>();
  #waitingBytes = 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  async append(append: Append, options: AppendOptions): Promise<readonly Appended[]> {
    const { deploymentId } = append;
    const bytes = append.events.reduce((sum, event) => sum + requestBytesMax(deploymentId, event, event.facts), 0);
    const fault = tooManyWaiting(this.#waitingBytes, bytes, options);
    if (fault !== undefined) throw fault;
    this.#waitingBytes += bytes;
    try {
      return await this.#appenderOf(deploymentId).append({ append, options, bytes });
    } finally {
      this.#waitingBytes -= bytes;
    }
  }

  /** Runs a change of a deployment while this instance appends nothing to it. */
  alone<Result>(deploymentId: DeploymentId, change: () => Promise<Result>): Promise<Result> {
    return this.#appenderOf(deploymentId).alone(change);
  }

  /** Resolves when no append or change is pending. */
  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all([...this.#busy.values()].map((appender) => appender.idle()));
  }

  #appenderOf(deploymentId: DeploymentId): DeploymentAppender {
    const busy = this.#busy.get(deploymentId);
    if (busy !== undefined) return busy;
    const appender = new DeploymentAppender({
      ...this.#options,
      deploymentId,
      heads: this.#heads,
      onIdle: () => this.#busy.delete(deploymentId),
    });
    this.#busy.set(deploymentId, appender);
    return appender;
  }
}
