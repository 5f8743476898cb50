import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { Credentials } from "../src/credentials.ts";

/**
 * A second, simple implementation of the whole access path, for one file at a time. It shares no code with the first, keeps nothing,
 * and looks at everything anew for each question.
 */
export interface ModelFile {
  readonly issuers: readonly {
    readonly issuer: string;
    readonly audience: string | readonly string[];
    readonly names?: string;
    readonly domains?: readonly string[];
    readonly prefix?: string;
    readonly groups_claim?: string;
    readonly group_prefix?: string;
    /** Its only public key, of the id `k`. */
    readonly key: object;
  }[];
  readonly tokens: readonly { readonly name: string; readonly sha256: string; readonly expires?: string }[];
  readonly bindings: readonly {
    readonly role: string;
    readonly members: readonly string[];
    readonly prefixes?: readonly string[];
  }[];
}

/** Tells whether these credentials permit this; no for whatever is not clear. */
export function modelPermits(
  file: ModelFile,
  credentials: Credentials,
  permission: string,
  deploymentId: string,
): boolean {
  const names = namesOf(file, credentials);
  if (names === undefined) return false;
  for (const { role, members, prefixes } of file.bindings) {
    if (!members.some((member) => names.includes(member))) continue;
    if (prefixes !== undefined && !prefixes.some((prefix) => deploymentId.slice(0, prefix.length) === prefix)) continue;
    if (role === "admin") return true;
    if (permission === "read" && (role === "reader" || role === "editor")) return true;
    if (permission === "write" && (role === "writer" || role === "editor")) return true;
  }
  return false;
}

function namesOf(file: ModelFile, { authorization, certificate }: Credentials): readonly string[] | undefined {
  if (authorization.length > 1) return undefined;
  const [header] = authorization;
  if (header !== undefined) {
    const [scheme, token = "", ...more] = header.trim().split(/ +/);
    if (scheme?.toLowerCase() !== "bearer" || token === "" || more.length > 0) return undefined;
    const names = ofStaticToken(file, token) ?? ofSignedToken(file, token);
    return names && [...names, "allAuthenticated", "all"];
  }
  if (certificate !== undefined && certificate.names.length > 0)
    return [...certificate.names.map((name) => `certificate:${name}`), "allAuthenticated", "all"];
  return ["all"];
}

function ofStaticToken({ tokens }: ModelFile, token: string): readonly string[] | undefined {
  const found = tokens.find(({ sha256 }) => sha256 === createHash("sha256").update(token).digest("hex"));
  if (found === undefined || (found.expires !== undefined && Date.parse(found.expires) <= Date.now())) return undefined;
  return [`token:${found.name}`];
}

function ofSignedToken({ issuers }: ModelFile, token: string): readonly string[] | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  const [header, payload] = parts.slice(0, 2).map((part) => parsed(part));
  if (header === undefined || payload === undefined || header.alg !== "ES256" || header.crit !== undefined)
    return undefined;
  const issuer = issuers.find((one) => one.issuer === payload.iss);
  // A token may leave out the id of the only key.
  const key = header.kid === undefined || header.kid === "k" ? issuer?.key : undefined;
  if (issuer === undefined || key === undefined) return undefined;
  const signed = verify(
    "sha256",
    Buffer.from(`${parts[0]}.${parts[1]}`),
    { key: createPublicKey({ key: key as JsonWebKey, format: "jwk" }), dsaEncoding: "ieee-p1363" },
    Buffer.from(`${parts[2]}`, "base64url"),
  );
  if (!signed) return undefined;
  const audiences = [payload.aud].flat();
  if (!audiences.some((audience) => [issuer.audience].flat().includes(audience as string))) return undefined;
  const nowSeconds = Date.now() / 1_000;
  if (typeof payload.exp !== "number" || payload.exp <= nowSeconds - 30) return undefined;
  if (payload.nbf !== undefined && (typeof payload.nbf !== "number" || payload.nbf > nowSeconds + 30)) return undefined;
  const groups = issuer.groups_claim === undefined ? [] : [payload[issuer.groups_claim]].flat();
  const grouped = groups
    .filter((group) => typeof group === "string")
    .map((group) => `group:${issuer.group_prefix ?? ""}${group}`);
  if (issuer.names === "subject") {
    return typeof payload.sub === "string" && /^[!-~]{1,200}$/.test(payload.sub)
      ? [`serviceAccount:${issuer.prefix}${payload.sub}`, ...grouped]
      : undefined;
  }
  if (payload.email_verified !== true || typeof payload.email !== "string") return undefined;
  const address = payload.email.toLowerCase();
  const [, domain, ...more] = address.split("@");
  if (domain === undefined || more.length > 0 || !/^[!-~]+$/.test(address)) return undefined;
  if (issuer.domains !== undefined && !issuer.domains.includes(domain)) return undefined;
  const kind = domain.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  return [`${kind}:${address}`, `domain:${domain}`, ...grouped];
}

function parsed(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part ?? "", "base64url").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
