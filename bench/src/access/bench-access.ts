import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credentials } from "@activity-events/access/credentials";
import type { Scratch } from "../scratch.ts";
import { type Algorithm, newSigningKey, type SigningKey } from "./signing-key.ts";

/** How a token proves who brings it. */
export type Proof = "static" | Algorithm;

/** Deployments of one principal, by numbers. */
export interface Territory {
  readonly firstDeployment: number;
  readonly deployments: number;
}

/**
 * The producer may record and read the first thousand deployments, the other principal the second thousand. A bench of shares uses
 * few of them, so that they can be read back within the share.
 */
export const producersTerritory: Territory = { firstDeployment: 0, deployments: 50 };
export const othersTerritory: Territory = { firstDeployment: 1_000, deployments: 50 };

/** Token of another principal than the producer. */
export const othersToken = "static-token-of-the-other-principal-0123456789";

const producersToken = "static-token-of-the-producer-0123456789abcdef0123";
const issuer = "https://issuer.bench.example";
const audience = "https://activity.bench.example";
const lastsSeconds = 24 * 3_600;

/** An access file and who has tokens by it. */
export interface BenchAccess {
  /** Path of the access file. */
  readonly path: string;
  /** Makes the producer's token, another one for each id. */
  token(proof: Proof, id?: string): string;
}

/** Writes an access file with static tokens and an issuer whose keys are in a file. */
export async function writeAccess(scratch: Scratch): Promise<BenchAccess> {
  const folder = await scratch.folder("access");
  const path = join(folder, "access.yaml");
  const keys: Readonly<Record<Algorithm, SigningKey>> = {
    RS256: newSigningKey("RS256"),
    ES256: newSigningKey("ES256"),
  };
  const keySet = { keys: Object.values(keys).map(({ jwk }) => jwk) };
  await writeFile(join(folder, "keys.json"), JSON.stringify(keySet));
  await writeFile(path, accessFile);
  return {
    path,
    token: (proof, id = "1") => (proof === "static" ? producersToken : keys[proof].token(claimsOf(id))),
  };
}

/** Claims of the size of Google's ID tokens. */
export function claimsOf(id: string): object {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  return {
    aud: audience,
    azp: "123456789012345678901",
    email: "producer@bench.example",
    email_verified: true,
    exp: nowSeconds + lastsSeconds,
    iat: nowSeconds,
    iss: issuer,
    jti: id,
    sub: "123456789012345678901",
  };
}

/** Makes the credentials of a call that brings this token. */
export function bearer(token: string): Credentials {
  return { authorization: [`Bearer ${token}`], serverlessAuthorization: [], certificate: undefined };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const accessFile = `issuers:
  - issuer: ${issuer}
    audience: ${audience}
    keys_file: keys.json
    domains: [bench.example]
tokens:
  - {name: producer, sha256: ${sha256(producersToken)}}
  - {name: other, sha256: ${sha256(othersToken)}}
bindings:
  - {role: admin, members: ["user:admin@bench.example"]}
  - {role: editor, members: ["token:producer", "user:producer@bench.example"], prefixes: [deployment-000]}
  - {role: editor, members: ["token:other"], prefixes: [deployment-001]}
`;
