import type { Head } from "../live/head.ts";
import { conditionOf, isInFlight } from "../state/condition.ts";
import { microsecondsOf } from "../time/microseconds.ts";
import { inOrder } from "./environment-order.ts";
import { usualDurationMs } from "./usual-duration.ts";

/** What is known of one service in one environment. */
export interface Cell {
  /** The last deployment that succeeded and was not rolled back: its revision runs. Unset if none did, or if it was removed since. */
  readonly running: Head | undefined;
  /** Removal after the last success: nothing runs. */
  readonly removed: Head | undefined;
  /** Deployments under way, newest first. */
  readonly inFlight: readonly Head[];
  /** The latest deployment, if it ended otherwise than by a success and after what runs. */
  readonly mishap: Head | undefined;
  /** How long the last successes took, as their median in ms; undefined without any. */
  readonly usualMs: number | undefined;
}

export interface Board {
  readonly services: readonly string[];
  readonly environments: readonly string[];
  cell(service: string, environment: string): Cell | undefined;
}

/** Arranges heads by service and environment. The empty name, of those that name none, is last. */
export function boardOf(heads: Iterable<Head>): Board {
  const groups = new Map<string, Head[]>();
  const services = new Set<string>();
  const environments = new Set<string>();
  for (const head of heads) {
    const { service = "", environment = "" } = head;
    services.add(service);
    environments.add(environment);
    const key = keyOf(service, environment);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [head]);
    else group.push(head);
  }
  const cells = new Map([...groups].map(([key, group]) => [key, cellOf(group)]));
  return {
    services: [...services].sort(
      (one, other) => Number(one === "") - Number(other === "") || one.localeCompare(other, "en"),
    ),
    environments: inOrder(environments),
    cell: (service, environment) => cells.get(keyOf(service, environment)),
  };
}

/** Finds what runs among the heads of one service and environment. */
export function cellOf(heads: readonly Head[]): Cell {
  const successes = heads.filter((head) => conditionOf(head) === "succeeded");
  const succeeded = latest(
    successes.filter((head) => !isRemoval(head)),
    endOf,
  );
  const removed = latest(
    heads.filter(({ removeTime }) => removeTime !== undefined),
    removeOf,
  );
  const isRemoved = removed !== undefined && removeOf(removed) > (succeeded === undefined ? 0 : endOf(succeeded));
  const inFlight = heads
    .filter((head) => isInFlight(conditionOf(head)))
    .sort((one, other) => beginOf(other) - beginOf(one));
  const mishap = latest(heads.filter(isMishap), endOf);
  const endedUs = Math.max(succeeded === undefined ? 0 : endOf(succeeded), isRemoved ? removeOf(removed) : 0);
  return {
    running: isRemoved ? undefined : succeeded,
    removed: isRemoved ? removed : undefined,
    inFlight,
    mishap: mishap !== undefined && endOf(mishap) > endedUs ? mishap : undefined,
    usualMs: usualDurationMs(successes),
  };
}

/** Begin of a deployment in µs: its start, or what is known instead. */
export function beginOf({ startTime, createTime }: Head): number {
  return microsecondsOf(startTime) ?? microsecondsOf(createTime) ?? 0;
}

/** End of a deployment in µs: its finish, of one that was rolled back its failure, or what is known instead. */
export function endOf(head: Head): number {
  const { finishTime, failureTime, updateTime } = head;
  const ended = conditionOf(head) === "rolledBack" ? failureTime : finishTime;
  return microsecondsOf(ended ?? updateTime) ?? 0;
}

function removeOf({ removeTime }: Head): number {
  return microsecondsOf(removeTime) ?? 0;
}

/** True for a deployment that removed its service, before its own end or after. */
function isRemoval(head: Head): boolean {
  return head.removeTime !== undefined && removeOf(head) >= beginOf(head);
}

function isMishap(head: Head): boolean {
  const condition = conditionOf(head);
  return condition === "failed" || condition === "error" || condition === "canceled" || condition === "rolledBack";
}

function latest(heads: readonly Head[], timeOf: (head: Head) => number): Head | undefined {
  return heads.reduce<Head | undefined>(
    (last, head) => (last === undefined || timeOf(head) > timeOf(last) ? head : last),
    undefined,
  );
}

function keyOf(service: string, environment: string): string {
  return JSON.stringify([service, environment]);
}
