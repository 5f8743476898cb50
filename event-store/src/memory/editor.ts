import type { ContentCodec } from "../content-codec.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/identifiers.ts";
import { hiddenHead, planPurge, purgeTombstone } from "../domain/plan-edit.ts";
import { type ImportEvents, type ImportPlan, planImport } from "../domain/plan-import.ts";
import { planRedaction, type RedactEvent, type RedactionPlan } from "../domain/plan-redaction.ts";
import { newRedactionKey, type RedactionKey } from "../domain/redaction.ts";
import type { BeginPurge, Purged } from "../event-store.ts";
import type { MemoryArrival, MemoryDeployment, MemoryState } from "./state.ts";

/** Events that one step of a purge removes. */
const stepEvents = 1_000;

/** Changes what is stored. Each method does so at once. */
export class MemoryEditor {
  readonly #state: MemoryState;
  readonly #arrivals: MemoryArrival[];
  readonly #codec: ContentCodec;
  /** The key for redactions here. */
  readonly #key = newRedactionKey();
  /** By id in hexadecimal. */
  readonly #keys = new Map<string, RedactionKey>();

  constructor(state: MemoryState, arrivals: MemoryArrival[], codec: ContentCodec) {
    this.#state = state;
    this.#arrivals = arrivals;
    this.#codec = codec;
    this.addKeys([this.#key]);
  }

  redact(request: RedactEvent): RedactionPlan {
    const { deploymentId, read } = request;
    const deployment = this.#state.get(deploymentId);
    const stored = deployment?.byId.get(read.eventId);
    const plan = planRedaction(request, { head: deployment?.head, stored, key: this.#key });
    if (deployment === undefined || plan.kind === "changed") return plan;
    const { event, head, notice } = plan;
    deployment.events[event.sequence - 1] = event;
    deployment.byId.set(event.eventId, event);
    this.#add({ ...deployment, head }, notice.stored);
    return plan;
  }

  hide(
    deploymentId: DeploymentId,
    isHidden: boolean,
  ): { readonly head: Deployment; readonly isNew: boolean } | undefined {
    const deployment = this.#state.get(deploymentId);
    if (deployment === undefined) return undefined;
    const head = hiddenHead(deployment.head, isHidden);
    this.#state.set(deploymentId, { ...deployment, head });
    return { head, isNew: head !== deployment.head };
  }

  beginPurge({
    deploymentId,
    ...purge
  }: BeginPurge): { readonly head: Deployment; readonly isNew: boolean } | undefined {
    const deployment = this.#state.get(deploymentId);
    if (deployment === undefined) return undefined;
    const plan = planPurge(deployment.head, purge);
    if (plan === undefined) return { head: deployment.head, isNew: false };
    this.#add({ ...deployment, head: plan.head }, plan.notice.stored);
    return { head: plan.head, isNew: true };
  }

  purgeSome(deploymentId: DeploymentId): Purged {
    const deployment = this.#state.get(deploymentId);
    if (deployment?.head.standing !== "purging") return { events: 0, more: false };
    const removed = deployment.events.splice(0, stepEvents);
    for (const { eventId } of removed) deployment.byId.delete(eventId);
    for (const [place, arrival] of this.#arrivals.entries()) {
      const isGone = arrival?.deploymentId === deploymentId && !deployment.byId.has(arrival.eventId);
      if (isGone) this.#arrivals[place] = undefined;
    }
    const more = deployment.events.length > 0;
    if (!more) this.#state.set(deploymentId, { ...deployment, head: purgeTombstone(deployment.head) });
    return { events: removed.length, more };
  }

  /** Throws nothing: a part that does not fit is told in the plan. */
  import(part: ImportEvents): ImportPlan {
    const { deploymentId } = part.head;
    const deployment = this.#state.get(deploymentId);
    const plan = planImport(part, {
      head: deployment?.head,
      at: (sequence) => deployment?.events[sequence - 1],
      factsOf: ({ stamp }) => this.#codec.readStamp(stamp),
    });
    if (plan.kind === "foreign" || plan.head === undefined) return plan;
    const grown = { events: [], byId: new Map(), ...deployment, head: plan.head };
    this.#state.set(deploymentId, grown);
    for (const { stored } of plan.writes) this.#add(grown, stored);
    return plan;
  }

  addKeys(keys: readonly RedactionKey[]): void {
    for (const key of keys) this.#keys.set(Buffer.from(key.id).toString("hex"), key);
  }

  /** By id ascending. */
  get keys(): readonly RedactionKey[] {
    return [...this.#keys.values()].sort((one, other) => Buffer.compare(one.id, other.id));
  }

  readonly findKey = (id: Uint8Array): RedactionKey | undefined => this.#keys.get(Buffer.from(id).toString("hex"));

  #add(deployment: MemoryDeployment, event: MemoryDeployment["events"][number]): void {
    const { deploymentId } = deployment.head;
    deployment.events.push(event);
    deployment.byId.set(event.eventId, event);
    this.#arrivals.push({ deploymentId, eventId: event.eventId });
    this.#state.set(deploymentId, deployment);
  }
}
