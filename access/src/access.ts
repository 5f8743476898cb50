import { hash } from "node:crypto";
import type { JWTPayload } from "jose";
import type { AccessRules, TokenRule } from "./access-rules.ts";
import { bearerIn } from "./bearer.ts";
import { Caller } from "./caller.ts";
import { cloudRunIdentity } from "./cloud-run.ts";
import { type ClientCertificate, type Credentials, CredentialsError } from "./credentials.ts";
import { bindingsOf, grantsOf } from "./grants.ts";
import { anonymous, type Identity, identityOf } from "./identity.ts";
import { DiscoveredKeys, Issuers } from "./issuers.ts";
import { tokenIdentity } from "./token-identity.ts";

/** Callers that are kept, by the hash of their tokens. */
const keptCallersMax = 10_000;

/** Longest token, in characters. */
const tokenLengthMax = 8_192;

/** Names of an issuer that the file does not have. */
const byEmail = { names: { by: "email", domains: undefined }, groups: undefined } as const;

/** Tells who calls and what they may do, by an access file. */
export class Access {
  readonly #rules: AccessRules;
  readonly #issuers: Issuers;
  readonly #tokens: ReadonlyMap<string, TokenRule>;
  /** Callers by the SHA-256 of their tokens, the least recently kept first. */
  readonly #kept = new Map<string, Caller>();
  /** Tokens that are being verified, each once for all calls that bring it. */
  readonly #underWay = new Map<string, Promise<Caller>>();
  readonly #anonymous: Caller;

  constructor(rules: AccessRules, discovered = new DiscoveredKeys()) {
    this.#rules = rules;
    this.#issuers = new Issuers(rules, discovered);
    this.#tokens = new Map(rules.tokens.map((token) => [token.sha256, token]));
    this.#anonymous = this.callerOf(anonymous);
  }

  /**
   * Tells who brings these credentials: at once where that is known, else as a promise. Throws a CredentialsError or, if an issuer's
   * keys cannot be read, a KeysAwayError.
   */
  authenticate(credentials: Credentials): Caller | Promise<Caller> {
    const { cloudRun } = this.#rules;
    if (cloudRun !== undefined) return this.#onCloudRun(credentials, cloudRun.audiences);
    const token = bearerIn(credentials.authorization);
    // A token names the caller even where a certificate is there as well: sidecars share theirs.
    if (token !== undefined) return this.#withToken(token);
    if (credentials.certificate !== undefined) return this.callerOf(certificateIdentity(credentials.certificate));
    if (this.#anonymous.mayAnywhere("read") || this.#anonymous.mayAnywhere("write")) return this.#anonymous;
    throw new CredentialsError("missing", "the call does not say who makes it; send a token");
  }

  /** Tells what somebody may do who was authenticated already. */
  callerOf({ principal, names, expiresMs }: Identity): Caller {
    return new Caller({ principal, expiresMs, grants: grantsOf(bindingsOf(this.#rules, names)) });
  }

  /**
   * Tells the same of a token that was verified already, for whatever audience. Where the file has no such issuer, the token names its
   * principal by a verified e-mail address. Throws a CredentialsError if it names nobody.
   */
  callerOfToken(payload: JWTPayload, issuer: string): Caller {
    const rule = this.#rules.issuers.find((known) => known.issuer === issuer);
    return this.callerOf(tokenIdentity(payload, rule ?? byEmail));
  }

  /** The token that IAM has verified is read once, like one that is verified here. */
  #onCloudRun(credentials: Credentials, audiences: readonly string[]): Caller {
    const headers = [credentials.serverlessAuthorization, credentials.authorization];
    const digest = hash("sha256", JSON.stringify(headers));
    const kept = this.#kept.get(digest);
    if (kept !== undefined && Date.now() < kept.expiresMs) return kept;
    return this.#keep(digest, this.callerOf(cloudRunIdentity(credentials, audiences, Date.now())));
  }

  #withToken(token: string): Caller | Promise<Caller> {
    if (token.length > tokenLengthMax)
      throw new CredentialsError("invalid", `the token must be at most ${tokenLengthMax} characters`);
    const digest = hash("sha256", token);
    const kept = this.#kept.get(digest);
    if (kept !== undefined) {
      if (Date.now() < kept.expiresMs) return kept;
      this.#kept.delete(digest);
    }
    const known = this.#tokens.get(digest);
    if (known !== undefined) return this.#keep(digest, this.callerOf(staticIdentity(known)));
    const underWay = this.#underWay.get(digest);
    if (underWay !== undefined) return underWay;
    const verified = this.#issuers
      .identify(token)
      .then((identity) => this.#keep(digest, this.callerOf(identity)))
      .finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, verified);
    return verified;
  }

  #keep(digest: string, caller: Caller): Caller {
    this.#kept.set(digest, caller);
    if (this.#kept.size > keptCallersMax)
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    return caller;
  }
}

function staticIdentity({ name, expiresMs = Number.POSITIVE_INFINITY }: TokenRule): Identity {
  if (Date.now() >= expiresMs) throw new CredentialsError("expired", "the token has expired");
  return identityOf(`token:${name}`, [], expiresMs);
}

function certificateIdentity({ names, expiresMs }: ClientCertificate): Identity {
  // The connection may be older than its end.
  if (Date.now() >= expiresMs) throw new CredentialsError("expired", "the client certificate has expired");
  const members = names.map((name) => `certificate:${name}`);
  const [principal] = members;
  if (principal === undefined) throw new CredentialsError("nameless", "the client certificate has no name");
  return identityOf(principal, members, expiresMs);
}
