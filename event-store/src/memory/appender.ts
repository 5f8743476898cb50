import { contentDifference } from "../content-difference.ts";
import { type Append, type AppendPlan, planAppend } from "../domain/append.ts";
import type { DifferingFields } from "../domain/event.ts";
import { type FindKey, isRedactedContent } from "../domain/redaction.ts";
import { findConflicts } from "../find-conflicts.ts";
import { DeploymentGoneError, EventIdConflictError, SequenceMismatchError } from "../store-error.ts";
import type { MemoryDeployment, MemoryState } from "./state.ts";

/** Appends at once and returns the plan. */
export function append(
  state: MemoryState,
  request: Append,
  { differingFields, findKey }: { readonly differingFields: DifferingFields; readonly findKey: FindKey },
): Extract<AppendPlan, { kind: "accepted" }> {
  const { deploymentId } = request;
  const deployment = state.get(deploymentId);
  const plan = planAppend(request, {
    head: deployment?.head,
    find: (eventId) => deployment?.byId.get(eventId),
    isSame: (stored, offered) =>
      stored.redaction === undefined
        ? contentDifference({ deploymentId, stored, offered }, differingFields).length === 0
        : isRedactedContent(stored.redaction, offered.content, findKey),
  });
  if (plan.kind === "gone") throw new DeploymentGoneError(plan.head);
  if (plan.kind === "clash") {
    throw new EventIdConflictError(deploymentId, findConflicts(request, plan.clashes, differingFields));
  }
  if (plan.kind === "mismatch") {
    throw new SequenceMismatchError(deploymentId, plan.expectedSequence, plan.actualSequence);
  }
  if (plan.head !== undefined) {
    const grown: MemoryDeployment = { events: [], byId: new Map(), ...deployment, head: plan.head };
    for (const { stored } of plan.writes) {
      grown.events.push(stored);
      grown.byId.set(stored.eventId, stored);
    }
    state.set(deploymentId, grown);
  }
  return plan;
}
