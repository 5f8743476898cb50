/** Who a credential was proved to belong to. */
export interface Identity {
  /** The one name that is stored with events, such as `user:mira@acme.example`. */
  readonly principal: string;
  /** Every name that a binding may have as a member. */
  readonly names: ReadonlySet<string>;
  /** When the credential ends, in ms since 1970; infinite if it never does. */
  readonly expiresMs: number;
}

/** Nobody in particular: a call without a credential. */
export const anonymous: Identity = { principal: "", names: new Set(["all"]), expiresMs: Number.POSITIVE_INFINITY };

/** Makes the identity of somebody who was authenticated. */
export function identityOf(principal: string, more: readonly string[], expiresMs: number): Identity {
  return { principal, names: new Set([principal, ...more, "allAuthenticated", "all"]), expiresMs };
}
