import { randomUUID } from "node:crypto";
import { type Claim, claimOf } from "./claim/claim.ts";
import { claimed, heldUntil } from "./claim/hold-claim.ts";
import type { ControlPlane, Service } from "./control-plane.ts";
import { ConflictError, StoppedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";
import type { RollOutOptions } from "./roll-out-options.ts";
import { servingRevision } from "./serving-revision.ts";
import { takeBack } from "./take-back.ts";

/** Takes the service for this roll-out; or takes over the same roll-out that was cut short. */
export async function beginClaim(service: Service, options: RollOutOptions): Promise<Claim | "nothing to do"> {
  const { plane, image, tell } = options;
  const runner = randomUUID().slice(0, 8);
  const before = claimOf(service);
  if (before !== undefined && before.image !== image) {
    if (Date.parse(before.heldUntil) > Date.now()) throw new StoppedError(underWay(before));
    tell(`The roll-out ${before.id} was given up at ${before.percent} %.`);
    await takeBack(service, { plane, tell, why: "it was given up" });
    return beginClaim(await plane.insist(() => plane.service()), options);
  }
  if (before !== undefined) {
    const claim = { ...before, runner, heldUntil: heldUntil(options) };
    tell(`Going on with the roll-out ${claim.id}, which was cut short at ${claim.percent} %.`);
    await takeOver(plane, service, claim);
    return claim;
  }
  const from = servingRevision(service);
  const { containers } = await plane.insist(() => plane.revision(from));
  if (containers?.[0]?.image === image && from === lastName(service.latestCreatedRevision)) {
    tell(`Nothing to do: ${from} has all traffic and runs this image.`);
    return "nothing to do";
  }
  const digest = image.split("@sha256:")[1]?.slice(0, 8) ?? "";
  const id = `${digest}-${Date.now().toString(36)}`;
  const claim: Claim = { id, runner, image, from, percent: 0, heldUntil: heldUntil(options) };
  tell(`Rolling out ${image}`);
  tell(`beside ${from}, which has all traffic.`);
  await takeOver(plane, service, claim);
  return claim;
}

async function takeOver(plane: ControlPlane, service: Service, claim: Claim): Promise<void> {
  try {
    await plane.change(service, claimed(service, claim));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const other = claimOf(await plane.insist(() => plane.service()));
    const what =
      other === undefined ? "The service was changed by somebody else meanwhile. Start it again." : underWay(other);
    throw new StoppedError(what, { cause: error });
  }
}

function underWay({ id, percent, heldUntil }: Claim): string {
  return `The roll-out ${id} is under way, at ${percent} %, and holds the service until ${heldUntil}. Wait for it, or end it with \`rollback\`.`;
}
