import type { Permission } from "./roles.ts";

/** Deployments by their id: all, or those whose ids begin with one of these. */
export type Deployments = "all" | readonly string[];

interface CallerFacts {
  readonly principal: string;
  readonly grants: Readonly<Record<Permission, Deployments>>;
  readonly expiresMs?: number;
}

/** Somebody who calls, and what they may do. Decides by the id alone, so that no answer depends on what is stored. */
export class Caller {
  /** Such as `user:mira@example.com`; empty where nobody was authenticated. */
  readonly principal: string;
  /** When the credential ends, in ms since 1970; infinite if it never does. */
  readonly expiresMs: number;
  readonly #grants: Readonly<Record<Permission, Deployments>>;

  constructor({ principal, grants, expiresMs = Number.POSITIVE_INFINITY }: CallerFacts) {
    this.principal = principal;
    this.expiresMs = expiresMs;
    this.#grants = grants;
  }

  /** Tells whether the caller may do this to the deployment, which need not exist. */
  may(permission: Permission, deploymentId: string): boolean {
    const granted = this.#grants[permission];
    return granted === "all" || granted.some((prefix) => deploymentId.startsWith(prefix));
  }

  /** Deployments to which the caller may do this. */
  granted(permission: Permission): Deployments {
    return this.#grants[permission];
  }

  /** Tells whether there is any deployment to which the caller may do this. */
  mayAnywhere(permission: Permission): boolean {
    return this.#grants[permission].length > 0;
  }

  /** Tells whether the other is the same principal, and may do the same for as long. */
  isLike(other: Caller): boolean {
    const isSame = this.principal === other.principal && this.expiresMs === other.expiresMs;
    return isSame && JSON.stringify(this.#grants) === JSON.stringify(other.#grants);
  }
}

/** May do everything but what an admin may; where there is no access file. */
export const everybody = new Caller({ principal: "", grants: { read: "all", write: "all", admin: [] } });
