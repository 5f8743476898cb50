import type { Change, ControlPlane, Service, Traffic } from "../control-plane.ts";
import type { RollOutOptions } from "../roll-out-options.ts";
import { asHolder } from "./as-holder.ts";
import { type Claim, claimAnnotation } from "./claim.ts";

// Longer than anything that lies between two changes of a claim, beside what the options say.
const claimSlackMs = 15 * 60_000;

/**
 * Writes how far the roll-out is, and the traffic with it, in one change; a template with it, made of the one that the service
 * has at that moment, makes a revision.
 */
export function holdClaim(
  plane: ControlPlane,
  claim: Claim,
  options: RollOutOptions,
  templateOf?: (template: Service["template"]) => Service["template"],
): Promise<Service> {
  const held = { ...claim, heldUntil: heldUntil(options) };
  return asHolder(plane, held, (service) =>
    plane.change(service, {
      ...claimed(service, held),
      ...(templateOf === undefined ? {} : { template: templateOf(service.template) }),
    }),
  );
}

/** The change that writes a claim on a service, with the traffic that it stands for. */
export function claimed({ annotations }: Service, claim: Claim): Pick<Change, "annotations" | "traffic"> {
  return {
    annotations: { ...annotations, [claimAnnotation]: JSON.stringify(claim) },
    traffic: trafficOf(claim),
  };
}

/** Until when a claim that is written now may be believed to be held. */
export function heldUntil({ holdMs, readyMaxMs }: RollOutOptions): string {
  return new Date(Date.now() + Math.max(holdMs, readyMaxMs) + claimSlackMs).toISOString();
}

/** The tag of a roll-out's revision. */
export const tagOf = ({ id }: Pick<Claim, "id">) => `c-${id}`;

function trafficOf({ id, from, to, percent }: Claim): Traffic {
  if (to === undefined) return [{ revision: from, percent: 100 }];
  const tagged = { revision: to, percent, tag: tagOf({ id }) };
  return percent === 100 ? [tagged] : [{ revision: from, percent: 100 - percent }, tagged];
}
