import type { Deployment } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { limits } from "../limits.ts";

/** What of a head tells whether an incident belongs to it; there may be many. */
export interface Candidate {
  readonly deploymentId: string;
  readonly eventsCount: number;
  /** True if an incident was opened or resolved. */
  readonly hasIncident: boolean;
  readonly finishTime?: Timestamp;
  readonly failureTime?: Timestamp;
  readonly removeTime?: Timestamp;
}

/** Reads a candidate from a head. */
export function candidateOf(head: Deployment): Candidate {
  const { deploymentId, headSequence, finishTime, failureTime, removeTime } = head;
  return {
    deploymentId,
    eventsCount: Number(headSequence),
    hasIncident: head.incidentTime !== undefined || head.recoverTime !== undefined,
    ...(finishTime && { finishTime }),
    ...(failureTime && { failureTime }),
    ...(removeTime && { removeTime }),
  };
}

/** Prefix of the types of the events by which a deployment knows an event of a type. */
export function knownTypePrefix(type: string): string {
  return type.startsWith("incident.") ? "incident." : type;
}

/** The deployments of a service and environment, sorted once for many incidents. */
export class PlacedDeployments {
  readonly #finished: readonly Candidate[];
  readonly #failed: readonly Candidate[];
  readonly #withIncident: readonly Candidate[];
  /** Those with the end of an incident whose beginning was never told. */
  readonly #resolvedOnly: readonly Candidate[];
  readonly #removed: readonly Candidate[];

  constructor(candidates: readonly Candidate[]) {
    this.#finished = latestFirst(candidates, ({ finishTime }) => finishTime);
    this.#failed = latestFirst(candidates, ({ failureTime }) => failureTime);
    this.#withIncident = this.#failed.filter(({ hasIncident }) => hasIncident);
    this.#resolvedOnly = candidates.filter(({ hasIncident, failureTime }) => hasIncident && failureTime === undefined);
    this.#removed = latestFirst(candidates, ({ removeTime }) => removeTime);
  }

  /** The deployment that finished last at a time. */
  inPlace(time: Timestamp): Candidate | undefined {
    return this.#finished[firstUntil(this.#finished, ({ finishTime }) => finishTime, time)];
  }

  /**
   * Those that may know an event of this type and time, the likeliest first: the one in place, which knows what a notification told that
   * comes again; then those that failed last. An incident and a roll-back leave a failure that is not later, a removal a time of its own.
   */
  mayKnow(type: string, time: Timestamp): readonly Candidate[] {
    const may = this.#mayKnow(type, time);
    const inPlace = this.inPlace(time);
    if (inPlace === undefined || !may.includes(inPlace)) return may;
    return [inPlace, ...may.filter((candidate) => candidate !== inPlace)];
  }

  #mayKnow(type: string, time: Timestamp): readonly Candidate[] {
    if (type === "service.removed") return this.#removed.slice(0, limits.askedDeploymentsMax);
    const failed = type.startsWith("incident.") ? this.#withIncident : this.#failed;
    const first = firstUntil(failed, ({ failureTime }) => failureTime, time);
    const asked = failed.slice(first, first + limits.askedDeploymentsMax);
    return failed === this.#failed ? asked : [...asked, ...this.#resolvedOnly].slice(0, limits.askedDeploymentsMax);
  }
}

type TimeOf = (candidate: Candidate) => Timestamp | undefined;

/** Those that have a time, sorted by it. */
function latestFirst(candidates: readonly Candidate[], timeOf: TimeOf): readonly Candidate[] {
  return candidates
    .filter((each) => timeOf(each) !== undefined)
    .toSorted((one, other) => compare(timeOf(other), timeOf(one)));
}

/** Index of the first whose time is not after another; the length if there is none. */
function firstUntil(sorted: readonly Candidate[], timeOf: TimeOf, time: Timestamp): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate !== undefined && compare(timeOf(candidate), time) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Negative if the first is earlier; an absent one is the earliest. */
function compare(one: Timestamp | undefined, other: Timestamp | undefined): number {
  const seconds = (one?.seconds ?? earliest) - (other?.seconds ?? earliest);
  return seconds === 0n ? (one?.nanos ?? 0) - (other?.nanos ?? 0) : Number(seconds);
}

const earliest = -(2n ** 62n);
