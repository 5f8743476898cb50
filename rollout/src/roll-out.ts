import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Claim, claimAnnotation, claimOf, previousAnnotation, rolloutLabel } from "./claim.ts";
import type { ControlPlane, Service, Traffic } from "./control-plane.ts";
import { BadSignError, ConflictError, StoppedError, UnreachedError } from "./failures.ts";
import { readRevisionMetrics } from "./revision-metrics.ts";
import { RollOutJournal } from "./roll-out-journal.ts";
import { addressOf, TaggedRevision } from "./tagged-revision.ts";

/** What a roll-out is told. */
export interface RollOutOptions {
  readonly plane: ControlPlane;
  /** By digest. */
  readonly image: string;
  /** Percents of the traffic, rising, the last one 100. */
  readonly steps: readonly number[];
  /** How long each step is looked at. */
  readonly holdMs: number;
  readonly lookIntervalMs: number;
  /** How long the new revision may take to get ready. */
  readonly readyMaxMs: number;
  /** More errors than this share of the requests are a bad sign. */
  readonly errorShareMax: number;
  /** A median above this is a bad sign. */
  readonly medianMaxMs: number;
  readonly monitoringEndpoint: string | undefined;
  readonly tell: (line: string) => void;
  /** Aborts when whoever started it wants it to end: all traffic goes back. */
  readonly signal: AbortSignal;
}

/** How it ended: with all traffic on the new revision, or on the one before. */
export type RollOutEnd = "rolled out" | "rolled back";

// Longer than anything that lies between two changes of a claim, beside the hold.
const claimSlackMs = 15 * 60_000;
const attemptsMax = 8;

/** The names that follow from a service's name. */
export function partsOf(name: string): { readonly project: string; readonly service: string } {
  const [, project = "", , , , service = ""] = name.split("/");
  return { project, service };
}

/** The last part of a resource's name. */
export const lastName = (name: string | null | undefined) => name?.split("/").at(-1) ?? "";

/** The revision that has all traffic; throws `StoppedError` when it is spread. */
export function servingRevision(service: Service): string {
  const serving = (service.trafficStatuses ?? []).filter(({ percent }) => (percent ?? 0) > 0);
  const [only] = serving;
  if (serving.length > 1) {
    const split = serving.map(({ revision, percent }) => `${lastName(revision)} ${percent} %`).join(", ");
    throw new StoppedError(
      `The traffic is spread (${split}), and by no roll-out of this command. Put it on one revision first.`,
    );
  }
  // Where the traffic follows the latest revision, the status may leave its name out.
  const revision = lastName(only?.revision) || lastName(service.latestReadyRevision);
  if (revision === "")
    throw new StoppedError("The service has no revision that is ready; there is nothing to go back to.");
  return revision;
}

/** Brings an image to all of the traffic step by step, or goes on with the roll-out of that image that was cut short. */
export async function rollOut(options: RollOutOptions): Promise<RollOutEnd> {
  const { plane, tell } = options;
  const service = await plane.service();
  const claim = await begin(service, options);
  if (claim === "nothing to do") return "rolled out";
  const { service: serviceName } = partsOf(plane.name);
  const deploymentId = `${serviceName}-${claim.id}`;
  const facts = { deploymentId, service: serviceName, source: `//run.googleapis.com/${plane.name}`, actor: "rollout" };
  const uri = service.uri ?? "";
  const journal = new RollOutJournal(addressOf(uri, uri), facts, tell);
  try {
    await journal.started(`${claim.image} is rolled out beside ${claim.from}`);
    return await advance(claim, { ...options, journal, deploymentId, uri });
  } finally {
    journal.close();
  }
}

interface Advance extends RollOutOptions {
  readonly journal: RollOutJournal;
  readonly deploymentId: string;
  readonly uri: string;
}

async function advance(begun: Claim, options: Advance): Promise<RollOutEnd> {
  const { plane, steps, journal, tell } = options;
  let claim = begun;
  let tagged: TaggedRevision | undefined;
  try {
    const { to, tagUri } = await readyRevision(claim, options);
    claim = { ...claim, to };
    tagged = new TaggedRevision(addressOf(tagUri, options.uri), `canary-${options.deploymentId}`);
    tell(`${to} is ready at ${tagUri}`);
    if (begun.percent === 0) {
      await tagged.probe(`${claim.runner}-0`);
      tell("  0 %  healthy; an event was appended and read");
    }
    for (const percent of steps.filter((step) => step >= begun.percent)) {
      claim = { ...claim, percent };
      await hold(plane, claim, options);
      const seen = await look(tagged, claim, options);
      tell(`${`${percent}`.padStart(3)} %  ${seen}`);
      await journal.progress(percent, `${percent} % of the traffic on ${to}: ${seen}`);
    }
    await release(plane, claim, { serving: to, previous: claim.from });
    tell(`Done: all traffic is on ${to}.`);
    await journal.finished(`all traffic is on ${to}`);
    return "rolled out";
  } catch (error) {
    if (error instanceof StoppedError) throw error;
    const why = (error as Error).message;
    tell(`Bad sign: ${claim.to ?? "the new revision"}: ${why}`);
    await release(plane, claim, { serving: claim.from });
    tell(`All traffic is back on ${claim.from}.`);
    await journal.rolledBack(`all traffic is back on ${claim.from}: ${why}`.slice(0, 4_096));
    return "rolled back";
  } finally {
    tagged?.close();
  }
}

/** Takes the service for this roll-out, together with the new revision; or takes over the same roll-out that was cut short. */
async function begin(service: Service, options: RollOutOptions): Promise<Claim | "nothing to do"> {
  const { plane, image, tell } = options;
  const runner = randomUUID().slice(0, 8);
  const before = claimOf(service);
  if (before !== undefined && before.image !== image) {
    if (Date.parse(before.heldUntil) > Date.now()) throw new StoppedError(underWay(before));
    tell(
      `The roll-out ${before.id} was given up at ${before.percent} %; all traffic goes back to ${before.from} first.`,
    );
    await release(plane, before, { serving: before.from });
    return begin(await plane.service(), options);
  }
  if (before !== undefined) {
    const claim = { ...before, runner, heldUntil: heldUntil(options) };
    tell(`Going on with the roll-out ${claim.id}, which was cut short at ${claim.percent} %.`);
    await takeOver(plane, service, claim);
    return claim;
  }
  const from = servingRevision(service);
  const { containers } = await plane.revision(from);
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

function underWay({ id, percent, heldUntil }: Claim): string {
  return `The roll-out ${id} is under way, at ${percent} %, and holds the service until ${heldUntil}. Wait for it, or end it with \`rollback\`.`;
}

async function takeOver(plane: ControlPlane, service: Service, claim: Claim): Promise<void> {
  try {
    await plane.change(service, { annotations: annotated(service, claim), traffic: trafficOf(claim) });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const other = claimOf(await plane.service());
    const what =
      other === undefined ? "The service was changed by somebody else meanwhile. Start it again." : underWay(other);
    throw new StoppedError(what, { cause: error });
  }
}

/** The new revision, made if a run before has not, once it is ready and has its tag. */
async function readyRevision(
  claim: Claim,
  options: Advance,
): Promise<{ readonly to: string; readonly tagUri: string }> {
  const { plane } = options;
  const to = claim.to ?? (await madeRevision(claim, options));
  const service = await hold(plane, { ...claim, to }, options);
  const tag = tagOf(claim);
  const tagUri = service.trafficStatuses?.find((status) => status.tag === tag)?.uri;
  if (!tagUri) throw new BadSignError(`Cloud Run gave no address for the tag ${tag}`);
  return { to, tagUri };
}

async function madeRevision(claim: Claim, options: Advance): Promise<string> {
  const { plane, image, readyMaxMs, signal } = options;
  const service = await plane.service();
  let latest = lastName(service.latestCreatedRevision);
  if ((await plane.revision(latest)).labels?.[rolloutLabel] !== claim.id) {
    const { template } = service;
    const [container, ...sidecars] = template?.containers ?? [];
    const made = await hold(plane, claim, options, {
      ...template,
      // Cloud Run names it: a name of ours would be in the way of Terraform's next change.
      revision: "",
      labels: { ...template?.labels, [rolloutLabel]: claim.id },
      containers: [{ ...container, image }, ...sidecars],
    });
    latest = lastName(made.latestCreatedRevision);
  }
  const endMs = performance.now() + readyMaxMs;
  for (;;) {
    const { conditions } = await plane.revision(latest);
    const ready = conditions?.find(({ type }) => type === "Ready");
    if (ready?.state === "CONDITION_SUCCEEDED") return latest;
    if (ready?.state === "CONDITION_FAILED") throw new BadSignError(`${latest} does not get ready: ${ready.message}`);
    if (performance.now() >= endMs) throw new BadSignError(`${latest} was not ready within ${readyMaxMs / 1_000} s`);
    await pause(500, signal);
  }
}

const tagOf = ({ id }: Claim) => `c-${id}`;

function trafficOf({ from, to, percent, ...claim }: Claim): Traffic {
  if (to === undefined) return [{ revision: from, percent: 100 }];
  const tagged = { revision: to, percent, tag: tagOf({ from, percent, ...claim }) };
  return percent === 100 ? [tagged] : [{ revision: from, percent: 100 - percent }, tagged];
}

function annotated({ annotations }: Service, claim: Claim): Record<string, string> {
  return { ...annotations, [claimAnnotation]: JSON.stringify(claim) };
}

const heldUntil = ({ holdMs }: RollOutOptions) => new Date(Date.now() + holdMs + claimSlackMs).toISOString();

/** Writes how far the roll-out is, and the traffic with it, in one change. */
function hold(
  plane: ControlPlane,
  claim: Claim,
  options: RollOutOptions,
  template?: Service["template"],
): Promise<Service> {
  const held = { ...claim, heldUntil: heldUntil(options) };
  return asHolder(plane, held, (service) =>
    plane.change(service, {
      annotations: annotated(service, held),
      traffic: trafficOf(held),
      ...(template === undefined ? {} : { template }),
    }),
  );
}

/** Ends the roll-out in one change: all traffic on one revision, no tag, no claim. */
export function release(
  plane: ControlPlane,
  claim: Claim,
  { serving, previous }: { readonly serving: string; readonly previous?: string },
): Promise<Service> {
  return asHolder(plane, claim, (service) => {
    const { [claimAnnotation]: _, ...annotations } = service.annotations ?? {};
    // Who goes back has nothing to go back to again.
    annotations[previousAnnotation] = previous ?? "";
    return plane.change(service, { annotations, traffic: [{ revision: serving, percent: 100 }] });
  });
}

/** Makes a change for as long as the claim is this process's: what came between is read, what was lost is sent again. */
async function asHolder(
  plane: ControlPlane,
  { id, runner }: Claim,
  change: (service: Service) => Promise<Service>,
): Promise<Service> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const service = await plane.service();
      const claim = claimOf(service);
      if (claim?.id !== id || claim.runner !== runner) {
        const now = claim === undefined ? "it was ended" : `the roll-out ${claim.id} holds the service`;
        throw new StoppedError(
          `Somebody else took over from the roll-out ${id}: ${now}. The traffic was left to them.`,
        );
      }
      return await change(service);
    } catch (error) {
      if (attempt === attemptsMax || !(error instanceof ConflictError || error instanceof UnreachedError)) throw error;
      await sleep(250 * attempt);
    }
  }
}

/** Looks at the new revision until the step's time is up; answers what was seen, or throws `BadSignError`. */
async function look(tagged: TaggedRevision, claim: Claim, options: RollOutOptions): Promise<string> {
  const { holdMs, lookIntervalMs, signal } = options;
  const endMs = performance.now() + holdMs;
  const sinceMs = Date.now();
  for (let count = 1; ; count += 1) {
    await tagged.probe(`${claim.runner}-${claim.percent}-${count}`);
    const metrics = await measured(claim, sinceMs, options);
    const restMs = endMs - performance.now();
    if (restMs <= 0) return `healthy; an event was appended and read; ${metrics}`;
    await pause(Math.min(lookIntervalMs, restMs), signal);
  }
}

async function measured({ to = "" }: Claim, sinceMs: number, options: RollOutOptions): Promise<string> {
  const { plane, monitoringEndpoint: endpoint, errorShareMax, medianMaxMs } = options;
  const metrics = await readRevisionMetrics({ ...partsOf(plane.name), revision: to, sinceMs, endpoint }).catch(
    (error: Error) => error,
  );
  if (metrics instanceof Error) return `its metrics cannot be read (${metrics.message})`;
  const { requests, errorShare, medianMs } = metrics;
  const share = `${(errorShare * 100).toFixed(1)} % of ${requests} requests failed`;
  if (errorShare > errorShareMax) throw new BadSignError(share);
  if ((medianMs ?? 0) > medianMaxMs) throw new BadSignError(`half of its requests take more than ${medianMs} ms`);
  if (requests === 0) return "no requests were counted yet";
  return medianMs === undefined ? share : `${share}, ${Math.round(medianMs)} ms at the median`;
}

async function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  await sleep(timeMs, undefined, { signal }).catch(() => {
    throw new BadSignError("the roll-out was interrupted");
  });
}
