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

/** End of a roll-out: all traffic is on the new revision, or on the previous one. */
export type RollOutEnd = "rolled out" | "rolled back";

/** Rolls an image out step by step, or continues an interrupted roll-out of the same image. */
export async function rollOut(options: RollOutOptions): Promise<RollOutEnd> {
  const { plane, image, tell } = options;
  const service = await plane.insist(() => plane.service());
  await plane.insist(() => requireAccess(service));
  const claim = await beginRollOut(service, options);
  // A process that died after its last change has not recorded the end.
  const id = claim === "nothing to do" ? lastRollOutOf(service)?.id : claim.id;
  if (id === undefined) return "rolled out";
  const journal = new RollOutJournal({ plane, service, id, tell });
  try {
    if (claim === "nothing to do") {
      await journal.finished();
      return "rolled out";
    }
    await journal.started(`rolling out ${image} beside ${claim.from}`);
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
      tell("  0 %  healthy; appended and read an event");
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
    tell(`Done. All traffic is on ${to}.`);
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
  if (error instanceof UnreachedError) tell(`${why} Rolling back.`);
  else if (!(error instanceof InterruptedError)) tell(`Failed check of ${claim.to ?? "the new revision"}: ${why}`);
  await releaseClaim(plane, claim, { kind: "rolled back" }).catch((cause: Error) => {
    if (!(cause instanceof UnreachedError)) throw cause;
    const left = `The traffic stays at ${claim.percent} %`;
    throw new UnreachedError(`${cause.message} ${left}: run the command again to continue, or \`rollback\`.`, {
      cause,
    });
  });
  tell(`Rolled back. All traffic is on ${claim.from}.`);
  await journal.rolledBack(`rolled back to ${claim.from}: ${why}`);
}
