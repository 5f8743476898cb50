import { type Deployment, DeploymentSchema } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { EventTimes } from "./event-times.ts";
import { microsecondsOf } from "./microseconds-of.ts";
import { isOfOlderVersion, type ReceivedEvent } from "./received-event.ts";

const names = ["environment", "service", "revision", "actor", "commit", "url"] as const;
const safeMaxUs = BigInt(Number.MAX_SAFE_INTEGER);

/** Folds a deployment's events into the expected head, by the rules of the contract. Times are in microseconds. */
export class HeadFold {
  readonly #times = new EventTimes();
  readonly #names = { environment: "", service: "", revision: "", actor: "", commit: "", url: "" };
  #commitTime: bigint | undefined;
  #createTime: bigint | undefined;
  #updateTime: bigint | undefined;
  /** False if a version with other fold rules may have written the head in between. */
  isOfThisVersion = true;

  /** Takes the next event in sequence order. */
  take(received: ReceivedEvent, receiveTimeUs: bigint): void {
    const { event } = received;
    if (isOfOlderVersion(received)) this.isOfThisVersion = false;
    this.#takeCommit(event);
    for (const name of names) this.#names[name] = event[name] || this.#names[name];
    this.#createTime ??= receiveTimeUs;
    if (this.#updateTime === undefined || receiveTimeUs > this.#updateTime) this.#updateTime = receiveTimeUs;
    this.#times.take(event, receiveTimeUs);
  }

  /** Describes each field in which the head differs from the fold of its events. */
  differences(head: Deployment, fields: "all" | "create_time"): readonly string[] {
    const expected: Readonly<Record<string, Shown>> = {
      createTime: this.#createTime,
      ...(fields === "all"
        ? { updateTime: this.#updateTime, ...this.#names, commitTime: this.#commitTime, ...this.#times.shown }
        : {}),
    };
    return Object.entries(expected).flatMap(([field, value]) => {
      const found = shown(head[field as keyof Deployment] as string | number | Timestamp | undefined);
      if (found === value) return [];
      const name = DeploymentSchema.fields.find(({ localName }) => localName === field)?.name;
      return [`${name} of the head is ${inWords(found)}; its events give ${inWords(value)}`];
    });
  }

  // Another commit has another time, which may be unknown.
  #takeCommit({ commit, commitTime }: Event): void {
    if (commit !== "" && commit !== this.#names.commit) this.#commitTime = undefined;
    const timeUs = commitTime === undefined ? undefined : microsecondsOf(commitTime);
    // Heads keep only times that are exact in a double.
    if (timeUs !== undefined && timeUs <= safeMaxUs && timeUs >= -safeMaxUs) this.#commitTime = timeUs;
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
