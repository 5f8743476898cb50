import type { ControlPlane, Service } from "../control-plane.ts";
import { type Claim, claimOf } from "./claim.ts";
import { requireHolder } from "./require-holder.ts";

/**
 * Makes a change for as long as the claim is this process's: what came between is read, what was lost is sent again, and what
 * was lost although it was made is found by `isMade`. Throws `StoppedError` when the claim is somebody else's by now.
 */
export function asHolder(
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
