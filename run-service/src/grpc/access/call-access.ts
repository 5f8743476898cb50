import { type Caller, everybody } from "@activity-events/access/caller";
import type { Permission } from "@activity-events/access/roles";
import type { Append, StoredEvent } from "@activity-events/event-store";
import { Refusal } from "../../application/refusal.ts";
import { stampWith } from "../codec/event-codec.ts";

/** Receives each denial: of what, and of which deployment. */
export type OnDenied = (denial: { readonly permission: Permission; readonly deploymentId: string }) => void;

interface CallAccessOptions extends Pick<CallAccess, "caller" | "revoked" | "pace"> {
  readonly onDenied: OnDenied;
}

/** Denials of one call that are told; an IngestEvents stream may have any number. */
const toldDenialsMax = 100;

const nothing = new Uint8Array();

/** What a call may do: between the wire, where it was authenticated, and the application. */
export class CallAccess {
  readonly caller: Caller;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
  readonly #onDenied: OnDenied;
  #told = 0;

  /** Counts an event of a stream to the caller's share. Returns for how long nothing more of the stream must be read, in ms. */
  readonly pace: () => number;

  constructor({ caller, revoked, onDenied, pace }: CallAccessOptions) {
    this.caller = caller;
    this.revoked = revoked;
    this.#onDenied = onDenied;
    this.pace = pace;
  }

  /** Throws a Refusal if the caller may not do this to the deployment. It says nothing of whether there is one. */
  demand(permission: Permission, deploymentId: string): void {
    if (this.caller.may(permission, deploymentId)) return;
    if (this.#told < toldDenialsMax) this.#onDenied({ permission, deploymentId });
    this.#told += 1;
    throw denied(permission, deploymentId);
  }

  /** Tells whether the caller may read a deployment. */
  readonly mayRead = (deploymentId: string): boolean => this.caller.may("read", deploymentId);

  /**
   * Returns the refusal as the caller may see it: without the names of the fields in which a stored event differs, for a caller who
   * may not read it.
   */
  shown(refusal: Refusal): Refusal {
    const { deployment_id: deploymentId = "", event_id: eventId = "" } = refusal.metadata;
    if (refusal.reason !== "EVENT_ID_CONFLICT" || this.mayRead(deploymentId)) return refusal;
    const description = "is stored with other content";
    return new Refusal(refusal.reason, `event ${eventId} of deployment ${deploymentId} ${description}`, {
      metadata: { deployment_id: deploymentId, event_id: eventId },
      violations: refusal.violations.map(({ field }) => ({ field, description })),
    });
  }

  /** Returns what is stored as the caller may see it: without content and principal, for a caller who may not read it. */
  shownEvent(deploymentId: string, event: StoredEvent): StoredEvent {
    return this.mayRead(deploymentId)
      ? event
      : { ...event, labels: {}, content: nothing, stamp: nothing, salt: nothing };
  }

  /** Returns the append with its principal, and takes ownership of it. Throws a Refusal if the caller may not record events of the deployment. */
  authorized(append: Append): Append {
    this.demand("write", append.deploymentId);
    const { principal } = this.caller;
    if (principal === "") return append;
    for (const event of append.events) stampWith(principal, event);
    return append;
  }
}

/** The access of every call where there is no access file. */
export const openAccess = new CallAccess({
  caller: everybody,
  revoked: new AbortController().signal,
  onDenied: () => {},
  pace: () => 0,
});

/** Makes the refusal of a call that may do this to no deployment, or not to this one. */
export function denied(permission: Permission, deploymentId: string | undefined): Refusal {
  const of = deploymentId === undefined ? "any deployment" : `deployment ${deploymentId}`;
  return new Refusal("PERMISSION_DENIED", `you may not ${inWords[permission]} ${of}`, {
    metadata: { permission, ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }) },
  });
}

const inWords: Readonly<Record<Permission, string>> = {
  read: "read",
  write: "record events of",
  admin: "administer",
};
