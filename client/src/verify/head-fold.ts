import { type Deployment, DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { EventTimes } from "./event-times.ts";
import { microsecondsOf } from "./microseconds-of.ts";
import { isOfOlderVersion, type ReceivedEvent } from "./received-event.ts";
import { redactedType } from "./redaction-check.ts";

const names = ["environment", "service", "revision", "actor", "commit", "url"] as const;
const safeMaxUs = BigInt(Number.MAX_SAFE_INTEGER);

/** Fields of the head that a redaction may take out of it. */
type Takeable = (typeof names)[number] | "commitTime";

/** Parts of a head to compare. */
export interface ComparedParts {
  /** False if a version with other rules may have written the head: then only its create time counts. */
  readonly isFolded: boolean;
  /** True if the head may still show what its events have lost. */
  readonly namesMayDiffer: boolean;
}

/** Folds a deployment's events into the expected head, by the rules of the contract. Times are in microseconds. */
export class HeadFold {
  readonly #times = new EventTimes();
  readonly #names = { environment: "", service: "", revision: "", actor: "", commit: "", url: "" };
  #commitTime: bigint | undefined;
  /** Fields that no event has set since the last redaction. It took the value of its event out of the head, whatever came before. */
  readonly #maybeTaken = new Set<Takeable>();
  #createTime: bigint | undefined;
  #updateTime: bigint | undefined;
  /** False if a version with other fold rules may have written the head in between. */
  isOfThisVersion = true;

  /** Takes the next event in sequence order. */
  take(received: ReceivedEvent, receiveTimeUs: bigint): void {
    const { event } = received;
    if (isOfOlderVersion(received)) this.isOfThisVersion = false;
    this.#takeCommit(event);
    for (const name of names) this.#takeName(name, event[name]);
    if (event.type === redactedType) for (const field of [...names, "commitTime"] as const) this.#maybeTaken.add(field);
    this.#createTime ??= receiveTimeUs;
    if (this.#updateTime === undefined || receiveTimeUs > this.#updateTime) this.#updateTime = receiveTimeUs;
    this.#times.take(event, receiveTimeUs);
  }

  /** Describes each field in which the head differs from the fold of its events. */
  differences(head: Deployment, { isFolded, namesMayDiffer }: ComparedParts): readonly string[] {
    const takeable = namesMayDiffer ? {} : { ...this.#names, commitTime: this.#commitTime };
    const expected: Readonly<Record<string, Shown>> = {
      createTime: this.#createTime,
      ...(isFolded ? { updateTime: this.#updateTime, ...takeable, ...this.#times.shown } : {}),
    };
    return Object.entries(expected).flatMap(([field, value]) => {
      const found = shown(head[field as keyof Deployment] as string | number | Timestamp | undefined);
      if (found === value || (!found && this.#maybeTaken.has(field as Takeable))) return [];
      const name = DeploymentSchema.fields.find(({ localName }) => localName === field)?.name;
      return [`${name} of the head is ${inWords(found)}; its events give ${inWords(value)}`];
    });
  }

  #takeName(name: (typeof names)[number], value: string): void {
    if (value === "") return;
    this.#names[name] = value;
    this.#maybeTaken.delete(name);
  }

  // Another commit has another time, which may be unknown.
  #takeCommit({ commit, commitTime }: Event): void {
    if (commit !== "" && commit !== this.#names.commit) this.#commitTime = undefined;
    if (commit !== "" && this.#maybeTaken.has("commit")) this.#maybeTaken.add("commitTime");
    const timeUs = commitTime === undefined ? undefined : microsecondsOf(commitTime);
    // Heads keep only times that are exact in a double.
    if (timeUs === undefined || timeUs > safeMaxUs || timeUs < -safeMaxUs) return;
    this.#commitTime = timeUs;
    this.#maybeTaken.delete("commitTime");
  }
}

/** Text, enum number, or time in microseconds. */
type Shown = string | number | bigint | undefined;

function shown(value: string | number | Timestamp | undefined): Shown {
  return typeof value === "object" ? microsecondsOf(value) : value;
}

function inWords(value: Shown): string {
  if (value === undefined) return "unset";
  return typeof value === "bigint" ? `${value} µs` : JSON.stringify(value);
}
