import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { seededRandom } from "@activity-events/testing/seeded-random";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { Access } from "../src/access.ts";
import { type Credentials, CredentialsError } from "../src/credentials.ts";
import { parseAccessFile } from "../src/parse-access-file.ts";
import { type ModelFile, modelPermits } from "./model.ts";

const files = 500;
const credentialsOfFile = 200;

const { between, pick } = seededRandom("access");
const maybe = <Value>(value: () => Value): Value | undefined => (between(0, 1) === 0 ? undefined : value());
const some = <Item>(items: readonly Item[], max: number): Item[] =>
  Array.from({ length: between(1, max) }, () => pick(items));

interface Key {
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}
const keys = Array.from({ length: 3 }, (): Key => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, jwk: { ...publicKey.export({ format: "jwk" }), alg: "ES256", use: "sig" } };
});

const issuerUrls = ["https://one.example", "https://two.example"];
const audiences = ["a", "b", "c"];
const domains = ["acme.example", "other.example", "p.iam.gserviceaccount.com"];
const groupNames = ["ops", "dev"];
const secrets = ["first", "second", "third"];
const certificateNames = ["spiffe://acme/ci", "ci.acme.example", "mira@acme.example"];
const members = [
  ...["mira", "root"].flatMap((who) => domains.slice(0, 2).map((domain) => `user:${who}@${domain}`)),
  "serviceAccount:ci@p.iam.gserviceaccount.com",
  ...domains.map((domain) => `domain:${domain}`),
  ...["one:", "two:"].map((prefix) => `serviceAccount:${prefix}mira@acme.example`),
  ...["", "one:", "two:"].flatMap((prefix) => groupNames.map((group) => `group:${prefix}${group}`)),
  ...certificateNames.map((name) => `certificate:${name}`),
  ...["t0", "t1", "t2"].map((name) => `token:${name}`),
  "allAuthenticated",
  "all",
];
const prefixes = ["a", "a-", "a-1", "b:", "-"];
const ids = ["a", "a-", "a-1", "a-12", "b:1", "-", "xa-1", "A-1"];

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A file that may be refused, as the issuers and tokens that it has are drawn apart. */
function anyFile(): ModelFile {
  const issuers = issuerUrls.slice(0, between(0, 2)).map((issuer, index) => {
    const prefix = `${["one", "two"][index]}:`;
    const isBySubject = between(0, 1) === 0;
    return {
      issuer,
      audience: pick<string | readonly string[]>(["a", ["a", "b"]]),
      ...(isBySubject
        ? { names: "subject", prefix }
        : { domains: index === 0 ? domains.slice(0, 1) : domains.slice(1) }),
      ...(between(0, 1) === 0 ? {} : { groups_claim: "groups", group_prefix: prefix }),
      key: keys[index]?.jwk ?? {},
    };
  });
  const tokens = secrets.slice(0, between(0, 3)).map((secret, index) => ({
    name: `t${index}`,
    sha256: sha256(secret),
    ...pick([{}, { expires: "2020-01-01T00:00:00Z" }, { expires: "2100-01-01T00:00:00Z" }]),
  }));
  const possible = members.filter((member) => isPossible(member, issuers, tokens));
  const bindings = Array.from({ length: between(1, 5) }, () => {
    const of = maybe(() => some(prefixes, 2));
    return {
      role: pick(["reader", "writer", "editor"]),
      members: some(possible, 3),
      ...(of === undefined ? {} : { prefixes: of }),
    };
  });
  return { issuers, tokens, bindings: [...bindings, { role: "admin", members: ["certificate:root"] }] };
}

function isPossible(member: string, issuers: ModelFile["issuers"], tokens: ModelFile["tokens"]): boolean {
  const text = stringify({
    issuers: issuers.map(({ key: _, ...issuer }) => issuer),
    tokens,
    bindings: [
      { role: "reader", members: [member] },
      { role: "admin", members: ["certificate:root"] },
    ],
  });
  try {
    parseAccessFile(text, { path: "access.yaml", isCloudRun: false });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

const nowSeconds = Math.floor(Date.now() / 1_000);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token: mostly good, else wrong in one or more of the ways that are known. */
function anySignedToken(): string {
  const index = between(0, 1);
  const usually = <Value>(usual: Value, others: readonly unknown[]): unknown =>
    between(0, 9) > 0 ? usual : pick(others);
  const header = {
    alg: usually("ES256", ["none", "HS256", "ES384", "RS256", "", undefined, ["ES256"]]),
    kid: usually("k", ["x", undefined, "__proto__"]),
    ...pick([
      {},
      {},
      {},
      {},
      { typ: "JWT" },
      { jwk: keys[2]?.jwk },
      { crit: ["exp"] },
      { jku: "https://evil.example/keys" },
    ]),
  };
  const payload = {
    iss: usually(issuerUrls[index], [
      issuerUrls[1 - index],
      "https://evil.example",
      undefined,
      issuerUrls,
      "__proto__",
    ]),
    aud: usually(pick(audiences), [audiences, ["c", "a"], undefined, {}, ["x"]]),
    exp: usually(nowSeconds + 3_600, [nowSeconds - 3_600, undefined, `${nowSeconds + 3_600}`, 1e300, null]),
    ...pick([{}, {}, { nbf: nowSeconds - 60 }, { nbf: nowSeconds + 3_600 }, { nbf: "soon" }]),
    sub: usually("mira@acme.example", ["", undefined, "a b", 7, "x".repeat(300)]),
    email: usually(pick([`mira@${pick(domains)}`, "Root@acme.example", "ci@p.iam.gserviceaccount.com"]), [
      undefined,
      "mira@acme.example@other.example",
      "mira@acme.example\u0000",
      "mira",
      ["mira@acme.example"],
      "mıra@acme.example",
    ]),
    email_verified: usually(true, [false, "true", undefined, 1]),
    groups: pick([groupNames, "ops", [["ops"]], undefined, [{ ops: 1 }, "dev"]]),
  };
  const signedPart = `${part(header)}.${part(payload)}`;
  const key = keys[Number(usually(index, [1 - index, 2]))] ?? (keys[0] as Key);
  const shared = createHmac("sha256", JSON.stringify(key.jwk)).update(signedPart).digest("base64url");
  const good = () =>
    sign("sha256", Buffer.from(signedPart), { key: key.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const signature =
    header.alg === "HS256" ? shared : `${usually(good(), ["", "SIGNATURE_REMOVED_BY_GOOGLE", "AAAA", shared])}`;
  return `${signedPart}.${signature}`;
}

function spoiled(text: string): string {
  const at = between(0, text.length - 1);
  return pick([
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << between(0, 6))) + text.slice(at + 1),
    text.slice(0, at),
    text.slice(0, at) + pick([".", "=", " ", ","]) + text.slice(at),
    text + text,
  ]);
}

function anyCredentials(): { readonly credentials: Credentials; readonly isSpoiled: boolean } {
  let isSpoiled = false;
  const token = pick([
    anySignedToken,
    anySignedToken,
    anySignedToken,
    () => pick([...secrets, "fourth", sha256("first")]),
  ]);
  const header = () => {
    const value = `${pick(["Bearer", "Bearer", "Bearer", "bearer", "Basic"])} ${token()}`;
    if (between(0, 9) > 0) return value;
    isSpoiled = true;
    return spoiled(value);
  };
  const credentials = {
    authorization: Array.from({ length: pick([0, 1, 1, 1, 1, 1, 1, 1, 1, 2]) }, header),
    serverlessAuthorization: maybe(() => [header()]) ?? [],
    certificate: maybe(() => ({ names: some(certificateNames, 2), expiresMs: Number.POSITIVE_INFINITY })),
  };
  return { credentials, isSpoiled };
}

const permissions = ["read", "write", "admin"] as const;

async function permitted(access: Access, credentials: Credentials, id: string): Promise<readonly boolean[]> {
  try {
    const caller = await access.authenticate(credentials);
    return permissions.map((permission) => caller.may(permission, id));
  } catch (error) {
    if (error instanceof CredentialsError) return permissions.map(() => false);
    throw error;
  }
}

test(`${files * credentialsOfFile} random credentials get what a second implementation gives them`, async () => {
  using folder = temporaryFolder();
  for (const [index, { jwk }] of keys.entries())
    writeFileSync(join(folder.path, `keys-${index}.json`), JSON.stringify({ keys: [{ ...jwk, kid: "k" }] }));
  const counts = { yes: 0, no: 0 };
  for (let number = 0; number < files; number += 1) {
    const file = anyFile();
    const issuers = file.issuers.map(({ key: _, ...issuer }, index) => ({
      ...issuer,
      keys_file: `keys-${index}.json`,
    }));
    const text = stringify({ issuers, tokens: file.tokens, bindings: file.bindings });
    const access = new Access(parseAccessFile(text, { path: join(folder.path, "access.yaml"), isCloudRun: false }));
    for (let asked = 0; asked < credentialsOfFile; asked += 1) {
      const { credentials, isSpoiled } = anyCredentials();
      const id = pick(ids);
      const expected = permissions.map((permission) => modelPermits(file, credentials, permission, id));
      const found = await permitted(access, credentials, id);
      // Spoiled Base64 may be read by one and refused by the other; a yes must always be the other's too.
      const isWrong = found.some((yes, at) => yes !== expected[at] && (yes || !isSpoiled));
      if (isWrong) throw new Error(`${found} and not ${expected}: ${id} ${JSON.stringify({ text, credentials })}`);
      counts[found.includes(true) ? "yes" : "no"] += 1;
    }
  }
  // Both answers, by the thousand: a fuzz that never gets in proves nothing.
  expect(counts.yes).toBeGreaterThan(5_000);
  expect(counts.no).toBeGreaterThan(5_000);
});
