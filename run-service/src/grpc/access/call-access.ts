import { Caller, everybody } from "@activity-events/access/caller";
import type { Permission } from "@activity-events/access/roles";
import type { Append, StoredEvent } from "@activity-events/event-store";
import { Refusal } from "../../application/refusal.ts";
import { stampWith } from "../codec/event-codec.ts";

/** Receives each denial: of what, and of which deployment. */
export type OnDenied = (denial: { readonly permission: Permission; readonly deploymentId: string | undefined }) => void;

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
    if (!this.caller.may(permission, deploymentId)) throw this.#deny(permission, deploymentId);
  }

  /** Throws a Refusal if the caller may do this to no deployment. */
  demandAnywhere(permission: Permission): void {
    if (!this.caller.mayAnywhere(permission)) throw this.#deny(permission, undefined);
  }

  /** Throws a Refusal unless the caller may do this to all deployments: of what concerns the store as a whole. */
  demandEverywhere(permission: Permission): void {
    if (this.caller.granted(permission) !== "all") throw this.#deny(permission, undefined, "all deployments");
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
      : { ...event, labels: {}, content: nothing, stamp: nothing, salt: nothing, redaction: undefined };
  }

  #deny(permission: Permission, deploymentId: string | undefined, which?: string): Refusal {
    if (this.#told < toldDenialsMax) this.#onDenied({ permission, deploymentId });
    this.#told += 1;
    return denied(permission, deploymentId, which);
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

const ofEverybody = { revoked: new AbortController().signal, onDenied: () => {}, pace: () => 0 };

/** The access of every call where there is no access file. */
export const openAccess = new CallAccess({ ...ofEverybody, caller: everybody });

const all = { read: "all", write: "all", admin: "all" } as const;

/** The same for a call with the admin token. Only what it does as an admin has a principal: what it records is as open as before. */
export const openAdminAccess = new CallAccess({ ...ofEverybody, caller: new Caller({ principal: "", grants: all }) });

/** The same for a call of an admin's method. */
export const adminAccess = new CallAccess({
  ...ofEverybody,
  caller: new Caller({ principal: "token:admin", grants: all }),
});

/** Makes the refusal of a call that may do this to no deployment, or not to this one, or not to those that it asks for. */
export function denied(permission: Permission, deploymentId: string | undefined, which = "any deployment"): Refusal {
  const of = deploymentId === undefined ? which : `deployment ${deploymentId}`;
  return new Refusal("PERMISSION_DENIED", `you may not ${inWords[permission]} ${of}`, {
    metadata: { permission, ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }) },
  });
}

const inWords: Readonly<Record<Permission, string>> = {
  read: "read",
  write: "record events of",
  admin: "administer",
};
