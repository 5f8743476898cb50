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

// Longer than anything between two changes of a claim, apart from the times in the options.
const claimSlackMs = 15 * 60_000;

/** End of a roll-out: on the new revision, or back on the previous one, which leaves nothing to roll back. */
export type ClaimEnd = { readonly kind: "rolled out"; readonly to: string } | { readonly kind: "rolled back" };

/**
 * Writes a claim on the service, replacing an existing one, and returns it. Throws `StoppedError` if the service changed
 * since it was read.
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
    const what = other === undefined ? "Somebody else changed the service meanwhile. Start again." : underWay(other);
    throw new StoppedError(what, { cause: error });
  }
}

/**
 * Writes the progress of the roll-out and the traffic in one change. `templateOf`, applied to the service's current
 * template, also creates a revision.
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

/** Ends a roll-out in progress in one change: all traffic on one revision, no tag, no claim. */
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

/** Undoes the last completed roll-out. Throws `StoppedError` if it is no longer the last. */
export function undoLastRollOut(plane: ControlPlane, { id, from }: Pick<RollOut, "id" | "from">): Promise<Service> {
  return plane.insist(async () => {
    const service = await plane.service();
    if (claimOf(service) !== undefined || lastRollOutOf(service)?.id !== id) {
      throw new StoppedError("Another roll-out started or ended meanwhile. Check with `status`.");
    }
    const annotations = { ...service.annotations, [lastRollOutAnnotation]: "" };
    return plane.change(service, { annotations, traffic: [{ revision: from, percent: 100 }] });
  });
}

/**
 * Makes a change while this process holds the claim. Reads the service again after a conflict, retries a lost change, and
 * finds by `isMade` a change whose answer was lost. Throws `StoppedError` if somebody else holds the claim.
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
