import { discoveredKeys, KeysUnreadError, keysOf } from "@activity-events/process/issuer-keys";
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { AccessRules, IssuerRule } from "./access-rules.ts";
import { CredentialsError, type CredentialsFault, KeysAwayError } from "./credentials.ts";
import type { Identity } from "./identity.ts";
import { clockToleranceSeconds, tokenIdentity } from "./token-identity.ts";

/** Signatures with a public key. One that the issuer shares, HS256, would let a published key sign. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Keys that were found by discovery; they outlast a change of the file, at which an issuer may be away. */
export class DiscoveredKeys {
  readonly #byIssuer = new Map<string, JWTVerifyGetKey>();

  of(issuer: string): JWTVerifyGetKey {
    const keys = this.#byIssuer.get(issuer) ?? discoveredKeys(issuer);
    this.#byIssuer.set(issuer, keys);
    return keys;
  }
}

/** The issuers of an access file, with their keys. */
export class Issuers {
  readonly #byUrl: ReadonlyMap<string, { readonly rule: IssuerRule; readonly keys: JWTVerifyGetKey }>;

  constructor({ issuers }: Pick<AccessRules, "issuers">, discovered: DiscoveredKeys) {
    this.#byUrl = new Map(
      issuers.map((rule) => {
        const keys = rule.keys === undefined ? discovered.of(rule.issuer) : keysOf(rule.keys);
        return [rule.issuer, { rule, keys }];
      }),
    );
  }

  /** Verifies a token. Throws a CredentialsError, or a KeysAwayError if its issuer's keys cannot be read. */
  async identify(token: string): Promise<Identity> {
    const found = this.#byUrl.get(`${payloadOf(token).iss}`);
    if (found === undefined) throw new CredentialsError("issuer", "the token is of an issuer that is not known here");
    const { rule, keys } = found;
    const options = {
      issuer: rule.issuer,
      audience: [...rule.audiences],
      algorithms,
      requiredClaims: ["exp"],
      clockTolerance: clockToleranceSeconds,
    };
    const { payload } = await jwtVerify(token, keys, options).catch((cause) => {
      throw faultOf(cause);
    });
    return tokenIdentity(payload, rule);
  }
}

function payloadOf(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch (cause) {
    throw new CredentialsError("invalid", "the token is not known here", { cause });
  }
}

function faultOf(cause: unknown): Error {
  if (cause instanceof KeysUnreadError)
    return new KeysAwayError("the keys of the token's issuer cannot be read now", { cause });
  if (cause instanceof errors.JWTExpired) return new CredentialsError("expired", "the token has expired", { cause });
  if (cause instanceof errors.JWTClaimValidationFailed) {
    const faults: Readonly<Record<string, readonly [CredentialsFault, string]>> = {
      aud: ["audience", "the token is for another audience"],
      nbf: ["invalid", "the token is not valid yet"],
      exp: ["invalid", "the token has no end"],
    };
    const [fault, message] = faults[cause.claim] ?? ["invalid", "the token is not valid"];
    return new CredentialsError(fault, message, { cause });
  }
  return new CredentialsError("invalid", "the token is not signed by its issuer", { cause });
}
