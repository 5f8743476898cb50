import type { Role } from "./roles.ts";

/** Who may do what: a valid access file. */
export interface AccessRules {
  readonly issuers: readonly IssuerRule[];
  /** The issuer `cloud-run`: IAM has verified the token. */
  readonly cloudRun: { readonly audiences: readonly string[] } | undefined;
  readonly tokens: readonly TokenRule[];
  readonly bindings: readonly Binding[];
}

/** An issuer of OIDC tokens. */
export interface IssuerRule {
  /** URL, as tokens name it. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** JSON Web Key Set, where the file names one; else the keys are found by OpenID Connect Discovery. */
  readonly keys: object | undefined;
  readonly names: NamesRule;
  readonly groups: { readonly claim: string; readonly prefix: string } | undefined;
}

/** How an issuer's tokens name a principal: by verified e-mail address, of these domains if given, or by subject. */
export type NamesRule =
  | { readonly by: "email"; readonly domains: readonly string[] | undefined }
  | { readonly by: "subject"; readonly prefix: string };

/** A static token, known by its hash. */
export interface TokenRule {
  readonly name: string;
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
  /** In ms since 1970; undefined if it does not expire. */
  readonly expiresMs: number | undefined;
}

/** Gives a role to members, on all deployments or on those whose ids begin with one of the prefixes. */
export interface Binding {
  readonly role: Role;
  readonly members: readonly string[];
  readonly prefixes: readonly string[] | undefined;
}
