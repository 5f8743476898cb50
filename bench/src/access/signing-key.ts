import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Algorithms of issuers' tokens. */
export type Algorithm = "RS256" | "ES256";

/** A key of an issuer. */
export interface SigningKey {
  /** The public key, as a key set has it. */
  readonly jwk: object;
  /** Makes a token with these claims. */
  token(claims: object): string;
}

/** Makes a new key. */
export function newSigningKey(algorithm: Algorithm): SigningKey {
  const { publicKey, privateKey } = keyPairOf(algorithm);
  const header = { alg: algorithm, kid: algorithm, typ: "JWT" };
  return {
    jwk: { ...publicKey.export({ format: "jwk" }), kid: algorithm, alg: algorithm, use: "sig" },
    token: (claims) => {
      const signed = unsigned(header, claims);
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${signed}.${signature.toString("base64url")}`;
    },
  };
}

/** Makes a token that has this text in the place of its signature. */
export function tokenWithout(signature: string, claims: object): string {
  return `${unsigned({ alg: "RS256", kid: "1", typ: "JWT" }, claims)}.${signature}`;
}

function keyPairOf(algorithm: Algorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return algorithm === "RS256"
    ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function unsigned(...parts: readonly object[]): string {
  return parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}
