import type { ControlPlane, Service } from "../control-plane.ts";
import { asHolder } from "./as-holder.ts";
import { type Claim, claimAnnotation, lastRollOutAnnotation } from "./claim.ts";

/** Where a roll-out ends: on the new revision, or on the one before, from which there is nothing to go back to. */
export type ClaimEnd = { readonly kind: "rolled out"; readonly to: string } | { readonly kind: "rolled back" };

/** Ends a roll-out that is under way in one change: all traffic on one revision, no tag, no claim. */
export function releaseClaim(plane: ControlPlane, claim: Claim, end: ClaimEnd): Promise<Service> {
  const { id, image, from } = claim;
  const last = end.kind === "rolled out" ? JSON.stringify({ id, image, from, to: end.to }) : "";
  const serving = end.kind === "rolled out" ? end.to : from;
  return asHolder(
    plane,
    claim,
    (service) => {
      const { [claimAnnotation]: _, ...annotations } = service.annotations ?? {};
      annotations[lastRollOutAnnotation] = last;
      return plane.change(service, { annotations, traffic: [{ revision: serving, percent: 100 }] });
    },
    ({ annotations }) => annotations?.[lastRollOutAnnotation] === last,
  );
}
