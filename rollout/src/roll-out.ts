import { beginRollOut } from "./begin-roll-out.ts";
import { holdClaim, releaseClaim } from "./claim/change-claim.ts";
import { type Claim, lastRollOutOf } from "./claim/claim.ts";
import type { Service } from "./control-plane.ts";
import { InterruptedError, StoppedError, UnreachedError } from "./failures.ts";
import { lookAtStep } from "./look-at-step.ts";
import { pause } from "./pause.ts";
import { readyRevision } from "./ready-revision.ts";
import { requireAccess } from "./require-access.ts";
import { deploymentIdOf, RollOutJournal } from "./roll-out-journal.ts";
import type { RollOutOptions } from "./roll-out-options.ts";
import { addressOf } from "./service-address.ts";
import { TaggedRevision } from "./tagged-revision.ts";

/** How it ended: with all traffic on the new revision, or on the one before. */
export type RollOutEnd = "rolled out" | "rolled back";

/** Brings an image to all of the traffic step by step, or goes on with the roll-out of that image that was cut short. */
export async function rollOut(options: RollOutOptions): Promise<RollOutEnd> {
  const { plane, image, tell } = options;
  const service = await plane.insist(() => plane.service());
  await plane.insist(() => requireAccess(service));
  const claim = await beginRollOut(service, options);
  // One that died behind its last change could not record how it ended.
  const id = claim === "nothing to do" ? lastRollOutOf(service)?.id : claim.id;
  if (id === undefined) return "rolled out";
  const journal = new RollOutJournal({ plane, service, id, tell });
  try {
    if (claim === "nothing to do") {
      await journal.finished();
      return "rolled out";
    }
    await journal.started(`${image} is rolled out beside ${claim.from}`);
    return await advance(claim, service, { ...options, journal });
  } finally {
    journal.close();
  }
}

interface Advance extends RollOutOptions {
  readonly journal: RollOutJournal;
}

async function advance(begun: Claim, service: Service, options: Advance): Promise<RollOutEnd> {
  const { plane, steps, journal, tell, signal } = options;
  let claim = begun;
  let tagged: TaggedRevision | undefined;
  try {
    const { to, tagUri } = await readyRevision(claim, options);
    claim = { ...claim, to };
    tagged = new TaggedRevision(addressOf(tagUri, service.uri ?? ""), `canary-${deploymentIdOf(plane, claim.id)}`);
    tell(`${to} is ready at ${tagUri}`);
    if (begun.percent === 0) {
      await pause(0, signal);
      await tagged.probe(`${claim.runner}-0`);
      tell("  0 %  healthy; an event was appended and read");
    }
    for (const percent of steps.filter((step) => step >= begun.percent)) {
      await pause(0, signal);
      claim = { ...claim, percent };
      await holdClaim(claim, options);
      const seen = await lookAtStep(tagged, claim, options);
      tell(`${`${percent}`.padStart(3)} %  ${seen}`);
      await journal.progress(percent, claim.runner, `${percent} % of the traffic on ${to}: ${seen}`);
    }
    await pause(0, signal);
    await releaseClaim(plane, claim, { kind: "rolled out", to });
    tell(`Done: all traffic is on ${to}.`);
    await journal.finished();
    return "rolled out";
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    await goBack(claim, error as Error, options);
    return "rolled back";
  } finally {
    tagged?.close();
  }
}

async function goBack(claim: Claim, error: Error, { plane, journal, tell }: Advance): Promise<void> {
  const { message: why } = error;
  if (error instanceof UnreachedError) tell(`${why} All traffic is to go back.`);
  else if (!(error instanceof InterruptedError)) tell(`Bad sign: ${claim.to ?? "the new revision"}: ${why}`);
  await releaseClaim(plane, claim, { kind: "rolled back" }).catch((cause: Error) => {
    if (!(cause instanceof UnreachedError)) throw cause;
    const left = `The traffic is as it was left at ${claim.percent} %`;
    throw new UnreachedError(`${cause.message} ${left}: the same command goes on, \`rollback\` goes back.`, { cause });
  });
  tell(`All traffic is back on ${claim.from}.`);
  await journal.rolledBack(`all traffic is back on ${claim.from}: ${why}`);
}
