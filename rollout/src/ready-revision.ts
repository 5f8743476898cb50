import { holdClaim } from "./claim/change-claim.ts";
import { type Claim, rolloutLabel, tagOf } from "./claim/claim.ts";
import { BadSignError } from "./failures.ts";
import { pause } from "./pause.ts";
import { lastName } from "./resource-name.ts";
import type { RollOutOptions } from "./roll-out-options.ts";

const pollMs = 500;

/** Creates the new revision, unless an earlier run did, and waits until it is ready and tagged. */
export async function readyRevision(
  claim: Claim,
  options: RollOutOptions,
): Promise<{ readonly to: string; readonly tagUri: string }> {
  const to = claim.to ?? (await madeRevision(claim, options));
  const service = await holdClaim({ ...claim, to }, options);
  const tag = tagOf(claim);
  const tagUri = service.trafficStatuses?.find((status) => status.tag === tag)?.uri;
  if (!tagUri) throw new BadSignError(`Cloud Run returned no address for the tag ${tag}`);
  return { to, tagUri };
}

async function madeRevision(claim: Claim, options: RollOutOptions): Promise<string> {
  const { plane, image } = options;
  const { latestCreatedRevision } = await plane.insist(() => plane.service());
  const latest = lastName(latestCreatedRevision);
  if ((await plane.insist(() => plane.revision(latest))).labels?.[rolloutLabel] === claim.id)
    return untilReady(latest, options);
  const made = await holdClaim(claim, options, (template) => {
    const [container, ...sidecars] = template?.containers ?? [];
    return {
      ...template,
      // Cloud Run chooses the name; a fixed one would block Terraform's next change.
      revision: "",
      labels: { ...template?.labels, [rolloutLabel]: claim.id },
      containers: [{ ...container, image }, ...sidecars],
    };
  });
  return untilReady(lastName(made.latestCreatedRevision), options);
}

async function untilReady(revision: string, { plane, readyMaxMs, signal }: RollOutOptions): Promise<string> {
  const endMs = performance.now() + readyMaxMs;
  for (;;) {
    const { conditions } = await plane.insist(() => plane.revision(revision));
    const ready = conditions?.find(({ type }) => type === "Ready");
    if (ready?.state === "CONDITION_SUCCEEDED") return revision;
    if (ready?.state === "CONDITION_FAILED")
      throw new BadSignError(`${revision} failed to become ready: ${ready.message}`);
    if (performance.now() >= endMs) throw new BadSignError(`${revision} was not ready within ${readyMaxMs / 1_000} s`);
    await pause(pollMs, signal);
  }
}
