import type { Change, ControlPlane, Service, Traffic } from "../control-plane.ts";
import { ConflictError, StoppedError } from "../failures.ts";
import type { RollOutOptions } from "../roll-out-options.ts";
import {
  type Claim,
  claimAnnotation,
  claimOf,
  lastRollOutAnnotation,
  lastRollOutOf,
  type RollOut,
  requireHolder,
  tagOf,
  underWay,
} from "./claim.ts";

// Longer than anything that lies between two changes of a claim, beside what the options say.
const claimSlackMs = 15 * 60_000;

/** Where a roll-out ends: on the new revision, or on the one before, from which there is nothing to go back to. */
export type ClaimEnd = { readonly kind: "rolled out"; readonly to: string } | { readonly kind: "rolled back" };

/**
 * Writes a claim on the service as it was read, and answers it; a claim that is there is replaced. Throws `StoppedError` when
 * the service was changed since.
 */
export async function takeClaim(
  service: Service,
  untimed: Omit<Claim, "heldUntil">,
  options: RollOutOptions,
): Promise<Claim> {
  const { plane } = options;
  const claim = { ...untimed, heldUntil: heldUntil(options) };
  try {
    await plane.change(service, claimed(service, claim));
    return claim;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const other = claimOf(await plane.insist(() => plane.service()));
    const what =
      other === undefined ? "The service was changed by somebody else meanwhile. Start it again." : underWay(other);
    throw new StoppedError(what, { cause: error });
  }
}

/**
 * Writes how far the roll-out is, and the traffic with it, in one change; a template with it, made of the one that the service
 * has at that moment, makes a revision.
 */
export function holdClaim(
  claim: Claim,
  options: RollOutOptions,
  templateOf?: (template: Service["template"]) => Service["template"],
): Promise<Service> {
  const { plane } = options;
  const held = { ...claim, heldUntil: heldUntil(options) };
  return asHolder(plane, held, (service) =>
    plane.change(service, {
      ...claimed(service, held),
      ...(templateOf === undefined ? {} : { template: templateOf(service.template) }),
    }),
  );
}

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

/** Goes back from the roll-out that was done last. Throws `StoppedError` when it is the last one no more. */
export function undoLastRollOut(plane: ControlPlane, { id, from }: Pick<RollOut, "id" | "from">): Promise<Service> {
  return plane.insist(async () => {
    const service = await plane.service();
    if (claimOf(service) !== undefined || lastRollOutOf(service)?.id !== id) {
      throw new StoppedError("Another roll-out began or ended meanwhile. Look with `status`.");
    }
    const annotations = { ...service.annotations, [lastRollOutAnnotation]: "" };
    return plane.change(service, { annotations, traffic: [{ revision: from, percent: 100 }] });
  });
}

/**
 * Makes a change for as long as the claim is this process's: what came between is read, what was lost is sent again, and what
 * was lost although it was made is found by `isMade`. Throws `StoppedError` when the claim is somebody else's by now.
 */
function asHolder(
  plane: ControlPlane,
  claim: Claim,
  change: (service: Service) => Promise<Service>,
  isMade: (service: Service) => boolean = () => false,
): Promise<Service> {
  let isSent = false;
  return plane.insist(async () => {
    const service = await plane.service();
    if (isSent && claimOf(service) === undefined && isMade(service)) return service;
    requireHolder(service, claim);
    isSent = true;
    return change(service);
  });
}

function claimed({ annotations }: Service, claim: Claim): Pick<Change, "annotations" | "traffic"> {
  return {
    annotations: { ...annotations, [claimAnnotation]: JSON.stringify(claim) },
    traffic: trafficOf(claim),
  };
}

function trafficOf({ id, from, to, percent }: Claim): Traffic {
  if (to === undefined) return [{ revision: from, percent: 100 }];
  const tagged = { revision: to, percent, tag: tagOf({ id }) };
  return percent === 100 ? [tagged] : [{ revision: from, percent: 100 - percent }, tagged];
}

function heldUntil({ holdMs, readyMaxMs }: RollOutOptions): string {
  return new Date(Date.now() + Math.max(holdMs, readyMaxMs) + claimSlackMs).toISOString();
}
