import { randomUUID } from "node:crypto";
import { takeClaim } from "./claim/change-claim.ts";
import { type Claim, claimOf, underWay } from "./claim/claim.ts";
import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";
import type { RollOutOptions } from "./roll-out-options.ts";
import { servingRevision } from "./serving-revision.ts";
import { takeBack } from "./take-back.ts";

/** Claims the service for this roll-out, or takes over an interrupted one of the same image. */
export async function beginRollOut(service: Service, options: RollOutOptions): Promise<Claim | "nothing to do"> {
  const { plane, image, tell } = options;
  const runner = randomUUID().slice(0, 8);
  const before = claimOf(service);
  if (before !== undefined && before.image !== image) {
    if (Date.parse(before.heldUntil) > Date.now()) throw new StoppedError(underWay(before));
    tell(`Roll-out ${before.id} was abandoned at ${before.percent} %.`);
    await takeBack(service, { plane, tell, why: "it was abandoned" });
    return beginRollOut(await plane.insist(() => plane.service()), options);
  }
  if (before !== undefined) {
    tell(`Continuing roll-out ${before.id}, interrupted at ${before.percent} %.`);
    return takeClaim(service, { ...before, runner }, options);
  }
  const from = servingRevision(service);
  const { containers } = await plane.insist(() => plane.revision(from));
  if (containers?.[0]?.image === image && from === lastName(service.latestCreatedRevision)) {
    tell(`Nothing to do: ${from} runs this image and has all traffic.`);
    return "nothing to do";
  }
  const digest = image.split("@sha256:")[1]?.slice(0, 8) ?? "";
  const id = `${digest}-${Date.now().toString(36)}`;
  tell(`Rolling out ${image}`);
  tell(`from ${from}, which has all traffic.`);
  return takeClaim(service, { id, runner, image, from, percent: 0 }, options);
}
