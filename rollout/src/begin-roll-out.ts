import { randomUUID } from "node:crypto";
import { takeClaim } from "./claim/change-claim.ts";
import { type Claim, claimOf, underWay } from "./claim/claim.ts";
import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";
import type { RollOutOptions } from "./roll-out-options.ts";
import { servingRevision } from "./serving-revision.ts";
import { takeBack } from "./take-back.ts";

/** Takes the service for this roll-out; or takes over the same roll-out that was cut short. */
export async function beginRollOut(service: Service, options: RollOutOptions): Promise<Claim | "nothing to do"> {
  const { plane, image, tell } = options;
  const runner = randomUUID().slice(0, 8);
  const before = claimOf(service);
  if (before !== undefined && before.image !== image) {
    if (Date.parse(before.heldUntil) > Date.now()) throw new StoppedError(underWay(before));
    tell(`The roll-out ${before.id} was given up at ${before.percent} %.`);
    await takeBack(service, { plane, tell, why: "it was given up" });
    return beginRollOut(await plane.insist(() => plane.service()), options);
  }
  if (before !== undefined) {
    tell(`Going on with the roll-out ${before.id}, which was cut short at ${before.percent} %.`);
    return takeClaim(service, { ...before, runner }, options);
  }
  const from = servingRevision(service);
  const { containers } = await plane.insist(() => plane.revision(from));
  if (containers?.[0]?.image === image && from === lastName(service.latestCreatedRevision)) {
    tell(`Nothing to do: ${from} has all traffic and runs this image.`);
    return "nothing to do";
  }
  const digest = image.split("@sha256:")[1]?.slice(0, 8) ?? "";
  const id = `${digest}-${Date.now().toString(36)}`;
  tell(`Rolling out ${image}`);
  tell(`beside ${from}, which has all traffic.`);
  return takeClaim(service, { id, runner, image, from, percent: 0 }, options);
}
