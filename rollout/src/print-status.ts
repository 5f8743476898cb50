import { claimOf, lastRollOutOf } from "./claim/claim.ts";
import type { ControlPlane } from "./control-plane.ts";
import { lastName } from "./resource-name.ts";

/** Tells where the traffic is, whether a roll-out is under way, and where `rollback` goes. */
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
    tell(`The roll-out ${id} of ${image} is under way, at ${percent} %.`);
    tell(
      isHeld
        ? `It holds the service until ${heldUntil}; \`rollback\` goes back to ${from}.`
        : `Nobody has carried it on since ${heldUntil}; \`start\` with that image goes on, \`rollback\` goes back to ${from}.`,
    );
  } else if (last !== undefined) {
    tell(`No roll-out is under way. The last one, ${last.id}, was done; \`rollback\` goes back to ${last.from}.`);
  } else tell("No roll-out is under way, and there is none to go back from.");
}
