import { type Deployment, type DeploymentId, type EventStore, isPurged } from "@activity-events/event-store";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import { type DeploymentEditor, type EditCall, eventsToPurge, olderInstances } from "./deployment-editor.ts";
import { deploymentPages } from "./deployment-pages.ts";
import { Refusal } from "./refusal.ts";
import type { Retention } from "./retention.ts";

export interface ExpiryRequest {
  /** True to tell what would be purged, and to purge nothing. */
  readonly dryRun: boolean;
  /** True to purge however many are over. */
  readonly anyShare: boolean;
  /** Tells whether a deployment may be purged by whoever asks; the others are left out of all counts. */
  readonly mayPurge: (deploymentId: DeploymentId) => boolean;
  /** The operator's word that no instance of a version without purge serves the store. */
  readonly noOlderInstances: boolean;
  /** Who asks; empty if it is the service itself, or nobody was authenticated. */
  readonly principal: string;
}

export type ExpiryMessage =
  | {
      readonly kind: "deployment";
      /** As it was before. */
      readonly head: Deployment;
      readonly eventsPurged: number;
      readonly waitsForMirror: boolean;
    }
  | ({ readonly kind: "summary" } & ExpirySummary);

export interface ExpirySummary {
  /** Deployments that were looked at, without purged ones. */
  readonly deployments: number;
  /** Those whose time is over. */
  readonly deploymentsOver: number;
  /** Those that were purged, or would be. */
  readonly deploymentsPurged: number;
  /** Events that were removed, or would be. */
  readonly eventsPurged: number;
}

interface DeploymentExpiryOptions {
  readonly store: Pick<EventStore, "readDeployments" | "traits">;
  readonly editor: Pick<DeploymentEditor, "beginPurge" | "finishPurge" | "finishEmptying">;
  /** Returns the retention in force. */
  readonly retention: () => Retention;
  readonly clock: Clock;
  /** Longest wait for the mirror for one page of deployments, in ms. */
  readonly mirrorTimeMs: number;
}

const every = { environment: "", service: "", state: undefined };

/** Reason that the notices give. */
const reason = "the time that deployments are kept was over";

/** Share of all deployments that may be purged at once. A clock that is a year ahead would else purge everything. */
const shareMax = 1 / 10;

/** Purges the deployments whose time is over, and goes on with purges that have begun and not ended. */
export class DeploymentExpiry {
  readonly #options: DeploymentExpiryOptions;

  constructor(options: DeploymentExpiryOptions) {
    this.#options = options;
  }

  /**
   * Tells each deployment once it is purged, and last the summary. The store's files are emptied after each page of deployments, and at
   * any end: for each deployment it would hold up appends. Ends on abort. Throws a Refusal, RETENTION_SHARE, before anything
   * is purged, if too many are over.
   */
  async *expire(request: ExpiryRequest, call: EditCall): AsyncGenerator<ExpiryMessage, void, void> {
    const { signal } = call;
    if (this.#options.store.traits.shared && !request.noOlderInstances && !request.dryRun) throw olderInstances();
    const retention = this.#options.retention();
    const nowUs = this.#options.clock();
    const isOver = (head: Deployment) => head.standing === "purging" || retention.isOver(head, nowUs);
    const { deployments, deploymentsOver } = await this.#count(request, isOver, signal);
    if (!request.dryRun && !request.anyShare) checkShare(deployments, deploymentsOver);
    let [deploymentsPurged, eventsPurged] = [0, 0];
    for await (const page of this.#pages(request, signal)) {
      for await (const done of this.#expireAll(page.filter(isOver), request, call)) {
        if (done.kind !== "deployment") continue;
        eventsPurged += done.eventsPurged;
        if (!done.waitsForMirror) deploymentsPurged += 1;
        yield done;
      }
    }
    if (!signal.aborted) yield { kind: "summary", deployments, deploymentsOver, deploymentsPurged, eventsPurged };
  }

  async #count(
    request: ExpiryRequest,
    isOver: (head: Deployment) => boolean,
    signal: AbortSignal,
  ): Promise<Pick<ExpirySummary, "deployments" | "deploymentsOver">> {
    let [deployments, deploymentsOver] = [0, 0];
    for await (const page of this.#pages(request, signal)) {
      deployments += page.length;
      // Those that are marked already are gone for their readers, and need no further permission.
      deploymentsOver += page.filter((head) => !isPurged(head) && isOver(head)).length;
    }
    return { deployments, deploymentsOver };
  }

  /** Yields the deployments that may be purged, without those that are purged, page by page. */
  async *#pages({ mayPurge }: ExpiryRequest, signal: AbortSignal): AsyncGenerator<readonly Deployment[], void, void> {
    const asked = { filter: every, deploymentsMax: limits.expiryPageDeployments, hidden: true };
    for await (const page of deploymentPages(this.#options.store, asked)) {
      yield page.filter(({ deploymentId, standing }) => standing !== "purged" && mayPurge(deploymentId));
      if (signal.aborted) return;
    }
  }

  /** Marks all first, so that the mirror publishes what is left of all at the same time. */
  async *#expireAll(
    heads: readonly Deployment[],
    { dryRun, principal }: ExpiryRequest,
    call: EditCall,
  ): AsyncGenerator<ExpiryMessage, void, void> {
    const { editor, clock, mirrorTimeMs } = this.#options;
    for (const { deploymentId } of dryRun ? [] : heads) {
      await editor.beginPurge({ deploymentId, reason, principal, receiveTimeUs: clock() }, call);
    }
    const mirrorUntilMs = Date.now() + mirrorTimeMs;
    try {
      for (const head of heads) {
        if (call.signal.aborted) return;
        const purged = dryRun ? eventsToPurge(head) : await editor.finishPurge(head.deploymentId, mirrorUntilMs, call);
        yield { kind: "deployment", head, eventsPurged: purged ?? 0, waitsForMirror: purged === undefined };
      }
    } finally {
      if (!dryRun && heads.length > 0) await editor.finishEmptying();
    }
  }
}

function checkShare(deployments: number, deploymentsOver: number): void {
  const deploymentsMax = Math.ceil(deployments * shareMax);
  if (deploymentsOver <= deploymentsMax) return;
  throw new Refusal(
    "RETENTION_SHARE",
    `the time of ${deploymentsOver} of ${deployments} deployments is over, and at most ${deploymentsMax} are purged at once; a clock or a rule may be wrong`,
    {
      metadata: {
        deployments: `${deployments}`,
        deployments_over: `${deploymentsOver}`,
        deployments_max: `${deploymentsMax}`,
      },
    },
  );
}
