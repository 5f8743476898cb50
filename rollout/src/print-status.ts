import { claimOf, lastRollOutOf } from "./claim/claim.ts";
import type { ControlPlane } from "./control-plane.ts";
import { lastName } from "./resource-name.ts";

/** Prints the traffic, any roll-out in progress, and the revision that `rollback` returns to. */
export async function printStatus(plane: ControlPlane, tell: (line: string) => void): Promise<void> {
  const service = await plane.insist(() => plane.service());
  for (const { revision, percent, tag, uri } of service.trafficStatuses ?? []) {
    const name = lastName(revision) || lastName(service.latestReadyRevision);
    tell(`${`${percent ?? 0}`.padStart(3)} %  ${name}${tag ? `  ${tag} ${uri}` : ""}`);
  }
  const claim = claimOf(service);
  const last = lastRollOutOf(service);
  if (claim !== undefined) {
    const { id, image, percent, heldUntil, from } = claim;
    const isHeld = Date.parse(heldUntil) > Date.now();
    tell(`Roll-out ${id} of ${image} is in progress at ${percent} %.`);
    tell(
      isHeld
        ? `It holds the service until ${heldUntil}; \`rollback\` returns to ${from}.`
        : `It has been idle since ${heldUntil}; \`start\` with that image continues it, \`rollback\` returns to ${from}.`,
    );
  } else if (last !== undefined) {
    tell(`No roll-out is in progress. The last one, ${last.id}, is complete; \`rollback\` returns to ${last.from}.`);
  } else tell("No roll-out is in progress, and there is none to roll back.");
}
