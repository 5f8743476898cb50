import type { JWTPayload } from "jose";
import type { IssuerRule } from "./access-rules.ts";
import { CredentialsError } from "./credentials.ts";
import { type Identity, identityOf } from "./identity.ts";

/** Difference between clocks that is forgiven, in s. */
export const clockToleranceSeconds = 30;

/** Groups of a token that are looked at. */
const groupsMax = 1_000;

/** Returns who a verified token is about. Throws a CredentialsError if it names nobody. */
export function tokenIdentity(payload: JWTPayload, { names, groups }: Pick<IssuerRule, "names" | "groups">): Identity {
  const found = groups === undefined ? [] : groupsIn(payload[groups.claim], groups.prefix);
  const expiresMs = ((payload.exp ?? 0) + clockToleranceSeconds) * 1_000;
  if (names.by === "subject") {
    // Visible ASCII: what can be typed into the access file, and read in a log.
    const { sub: subject } = payload;
    if (typeof subject !== "string" || !/^[\x21-\x7e]{1,200}$/.test(subject))
      throw new CredentialsError("nameless", "the token has no subject of 1 to 200 visible ASCII characters");
    return identityOf(`serviceAccount:${names.prefix}${subject}`, found, expiresMs);
  }
  const [address, domain] = addressIn(payload);
  if (names.domains !== undefined && !names.domains.includes(domain))
    throw new CredentialsError(
      "nameless",
      "the token's e-mail address is of a domain that its issuer does not speak for here",
    );
  const kind = domain.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  return identityOf(`${kind}:${address}`, [`domain:${domain}`, ...found], expiresMs);
}

function addressIn({ email, email_verified: isVerified }: JWTPayload): readonly [address: string, domain: string] {
  if (typeof email !== "string") throw new CredentialsError("nameless", "the token has no e-mail address");
  if (isVerified !== true) throw new CredentialsError("nameless", "the token's e-mail address is not verified");
  const address = email.toLowerCase();
  const [, domain] = /^[a-z0-9._%+'-]{1,128}@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/.exec(address) ?? [];
  if (domain === undefined || address.length > 200)
    throw new CredentialsError("nameless", "the token's e-mail address cannot be used");
  return [address, domain];
}

function groupsIn(claim: unknown, prefix: string): readonly string[] {
  const listed = Array.isArray(claim) ? claim.slice(0, groupsMax) : [claim];
  return listed.filter((group) => typeof group === "string").map((group) => `group:${prefix}${group}`);
}
