import type { IncomingHttpHeaders } from "node:http";
import type { Access } from "@activity-events/access/access";
import { Caller } from "@activity-events/access/caller";
import { CredentialsError } from "@activity-events/access/credentials";
import { Listeners } from "../watch/listeners.ts";

/** What a request has proved of who sends it. */
export interface Proof {
  /** Name of the viewer where there is no access file, such as `user:mira@example.com`; empty where nobody checks identities. */
  readonly principal: string;
  /** When the proof ends, in ms since 1970; infinite if it never does. */
  readonly expiresMs: number;
  /** Returns the caller that an access file makes of the proof. Throws a CredentialsError if that names nobody. */
  readonly callerBy: (access: Access) => Caller;
}

/** Returns what a request proves. Throws an AccessDeniedError if it proves no identity. */
export type Prove = (headers: IncomingHttpHeaders) => Promise<Proof>;

/** Tells who looks at the page, and what they may read. */
export class PageAccess {
  readonly #prove: Prove;
  #access: Access | undefined;
  readonly #changes = new Listeners<void>();

  /** Without `access` every viewer may read what the page reads. */
  constructor(prove: Prove, access: Access | undefined) {
    this.#prove = prove;
    this.#access = access;
  }

  /** Returns what a request proves, to be judged now and again. Throws an AccessDeniedError if it proves no identity. */
  prove(headers: IncomingHttpHeaders): Promise<Proof> {
    return this.#prove(headers);
  }

  /** Returns who looks, by the rules in force. Throws an AccessDeniedError if they may read nothing. */
  judge(proof: Proof): Caller {
    const viewer = this.#callerOf(proof);
    if (viewer.mayAnywhere("read")) return viewer;
    const message =
      viewer.principal === ""
        ? "the access file lets nobody read without signing in, and this page signs nobody in: see PAGE_ACCESS"
        : `${viewer.principal} may read no deployment; ask who runs this page for access`;
    throw new AccessDeniedError("PERMISSION_DENIED", message);
  }

  /** Returns who sends a request. Throws an AccessDeniedError if they prove no identity or may read nothing. */
  async viewer(headers: IncomingHttpHeaders): Promise<Caller> {
    return this.judge(await this.prove(headers));
  }

  /** Puts other rules in force. */
  change(access: Access): void {
    this.#access = access;
    this.#changes.tell();
  }

  /** Tells that other rules are in force, until the returned function is called. */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener);
  }

  #callerOf({ principal, expiresMs, callerBy }: Proof): Caller {
    if (this.#access === undefined)
      return new Caller({ principal, expiresMs, grants: { read: "all", write: [], admin: [] } });
    try {
      return callerBy(this.#access);
    } catch (error) {
      if (error instanceof CredentialsError)
        throw new AccessDeniedError("UNAUTHENTICATED", `the proof of who you are names nobody: ${error.message}`);
      throw error;
    }
  }
}

/** A request of somebody who proves no identity, or who may not do this. The message is for the viewer. */
export class AccessDeniedError extends Error {
  override readonly name = "AccessDeniedError";
  readonly status: "UNAUTHENTICATED" | "PERMISSION_DENIED";

  constructor(status: AccessDeniedError["status"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Throws an AccessDeniedError if the viewer may not read the deployment, which need not exist. */
export function demandRead(viewer: Caller, deploymentId: string): void {
  if (!viewer.may("read", deploymentId)) throw new AccessDeniedError("PERMISSION_DENIED", denialOf(deploymentId));
}

/** Words for one who may not read a deployment. They say nothing of whether there is one. */
export function denialOf(deploymentId: string): string {
  return `you may not read deployment ${deploymentId}`;
}
