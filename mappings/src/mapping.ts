import type { Outcome, Severity } from "@activity-events/client";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { MappingError } from "./mapping-error.ts";

/** Content of a mapped event, within the bounds of the contract; what is empty is absent. */
export interface MappedContent {
  readonly type: string;
  readonly outcome?: Outcome;
  readonly severity?: Severity;
  readonly message?: string;
  readonly sendTime?: Timestamp;
  readonly source?: string;
  readonly actor?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly revision?: string;
  readonly commit?: string;
  readonly commitTime?: Timestamp;
  readonly url?: string;
  readonly labels: Record<string, string>;
  readonly data?: JsonObject;
  readonly traceParent?: string;
}

/** An event of a mapping, with both ids. */
export interface MappedEvent extends MappedContent {
  readonly deploymentId: string;
  readonly eventId: string;
}

/** Events of the deployment of a service and an environment that was in place at a time, such as those of an alert. */
export interface Incident {
  readonly service: string;
  readonly environment: string;
  /** When it began; undefined: now. */
  readonly startTime: Timestamp | undefined;
  /** Ids of events that show, where one is recorded, to which deployment it belongs, whatever was recorded since. */
  readonly knownBy: readonly string[];
  readonly events: readonly IncidentEvent[];
}

/** An event whose deployment must be found. */
export type IncidentEvent = Omit<MappedEvent, "deploymentId">;

/** Meaning of what another tool says. */
export type Mapping =
  | { readonly kind: "events"; readonly events: readonly MappedEvent[] }
  | {
      readonly kind: "incidents";
      readonly incidents: readonly Incident[];
      /** Faults of others beside them. */
      readonly unread: readonly MappingError[];
    }
  /** Of no interest; the reason is for the sender's log. */
  | { readonly kind: "ignored"; readonly reason: string };

/** Events to record. */
export function recorded(...events: readonly MappedEvent[]): Mapping {
  return { kind: "events", events };
}

/** Nothing to record. */
export function ignored(reason: string): Mapping {
  return { kind: "ignored", reason };
}
