import { createHash } from "node:crypto";
import { startIssuer, type TokenInit, type TokenIssuer } from "@activity-events/testing/token-issuer";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { SignJWT } from "jose";
import { Access } from "../src/access.ts";
import { type Credentials, CredentialsError, KeysAwayError } from "../src/credentials.ts";
import { DiscoveredKeys } from "../src/issuers.ts";
import { parseAccessFile } from "../src/parse-access-file.ts";

const audience = "https://activity.example";
const mira = { claims: { email: "Mira@acme.example", email_verified: true, groups: ["ops", 7] } };

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startIssuer(audience);
});
afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
});

const bearer = (token: string): Credentials => ({
  authorization: [`Bearer ${token}`],
  serverlessAuthorization: [],
  certificate: undefined,
});
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function openAccess({ url = issuer.url, more = "", isCloudRun = false, issuers = "" } = {}): Access {
  const text = `
issuers:
  ${issuers || `- {issuer: "${url}", audience: "${audience}", groups_claim: groups, domains: [acme.example, p.iam.gserviceaccount.com]}`}
${isCloudRun ? "" : `tokens:\n  - {name: ci, sha256: ${sha256("a-token")}}\n  - {name: old, sha256: ${sha256("old")}, expires: 2020-01-01T00:00:00Z}`}
bindings:
  - {role: admin, members: [user:root@acme.example]}
${more}`;
  return new Access(parseAccessFile(text, { path: "access.yaml", isCloudRun }));
}

async function faultOf(access: Access, credentials: Credentials): Promise<string> {
  try {
    const { principal } = await access.authenticate(credentials);
    return `no fault: ${principal}`;
  } catch (error) {
    if (error instanceof KeysAwayError) return "keys away";
    if (!(error instanceof CredentialsError)) throw error;
    for (const value of credentials.authorization) expect(error.message).not.toContain(value.slice(7, 40) || "?");
    return error.fault;
  }
}

describe("an issuer's token", () => {
  test.each<[string, TokenInit, string]>([
    ["of a person", mira, "user:mira@acme.example"],
    [
      "of a service account",
      { claims: { email: "ci@p.iam.gserviceaccount.com", email_verified: true } },
      "serviceAccount:ci@p.iam.gserviceaccount.com",
    ],
  ])("%s names its principal", async (_, init, principal) => {
    expect((await openAccess().authenticate(bearer(await issuer.token(init)))).principal).toBe(principal);
  });

  test.each<[string, TokenInit, string]>([
    ["that has expired", { ...mira, lastsSeconds: -60 }, "expired"],
    ["that is not valid yet", { ...mira, notBeforeSeconds: 120 }, "invalid"],
    ["for another audience", { ...mira, audience: "https://other.example" }, "audience"],
    ["for no audience", { ...mira, audience: undefined }, "audience"],
    ["of another issuer", { ...mira, issuer: "https://other.example" }, "issuer"],
    ["with another's signature", { ...mira, isForged: true }, "invalid"],
    ["with an unknown key", { ...mira, keyId: "unknown" }, "invalid"],
    ["without an address", {}, "nameless"],
    ["with an address that is not verified", { claims: { email: "mira@acme.example" } }, "nameless"],
    ["with the word true for verified", { claims: { email: "mira@acme.example", email_verified: "true" } }, "nameless"],
    ["of another domain", { claims: { email: "mira@other.example", email_verified: true } }, "nameless"],
    [
      "with a line break in its address",
      { claims: { email: "mira@acme.example\nroot", email_verified: true } },
      "nameless",
    ],
    [
      "with two addresses",
      { claims: { email: ["mira@acme.example", "root@acme.example"], email_verified: true } },
      "nameless",
    ],
  ])("%s proves nothing", async (_, init, fault) => {
    expect(await faultOf(openAccess(), bearer(await issuer.token(init)))).toBe(fault);
  });

  test("signed with the published key as a shared secret proves nothing", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(issuer.key));
    const token = await new SignJWT({ ...mira.claims })
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .setIssuer(issuer.url)
      .setAudience(audience)
      .setExpirationTime("5m")
      .sign(secret);

    expect(await faultOf(openAccess(), bearer(token))).toBe("invalid");
  });

  test.each([
    ["without a signature", (header: string, payload: string) => `${header}.${payload}.`],
    ["with Cloud Run's mark", (header: string, payload: string) => `${header}.${payload}.SIGNATURE_REMOVED_BY_GOOGLE`],
    [
      "with algorithm none",
      (_: string, payload: string) => `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`,
    ],
    [
      "with an embedded key",
      (_: string, payload: string) =>
        `${Buffer.from(JSON.stringify({ alg: "RS256", kid: "x", jwk: issuer.key })).toString("base64url")}.${payload}.AAAA`,
    ],
  ])("%s proves nothing", async (_, change) => {
    const [header = "", payload = ""] = (await issuer.token(mira)).split(".");

    expect(await faultOf(openAccess(), bearer(change(header, payload)))).toBe("invalid");
  });

  test("is verified once for many calls, and not again until it expires", async () => {
    const access = openAccess();
    const token = await issuer.token(mira);

    const callers = await Promise.all(Array.from({ length: 100 }, () => access.authenticate(bearer(token))));

    expect(new Set(callers).size).toBe(1);
    expect(access.authenticate(bearer(token))).toBe(callers[0]);
    jest.useFakeTimers({
      now: Date.now() + 340_000,
      doNotFake: ["performance", "setTimeout", "nextTick", "setImmediate"],
    });
    try {
      expect(await faultOf(access, bearer(token))).toBe("expired");
    } finally {
      jest.useRealTimers();
    }
  });
});

describe("keys", () => {
  test("that cannot be read say nothing of a token; once read, they serve without their issuer", async () => {
    await using away = await startIssuer(audience);
    const access = openAccess({ url: away.url });
    const [first, second] = await Promise.all([away.token(mira), away.token({ ...mira, subject: "2" })]);
    expect((await access.authenticate(bearer(first))).principal).toBe("user:mira@acme.example");
    await away.leave();

    expect((await access.authenticate(bearer(second))).principal).toBe("user:mira@acme.example");
    expect(await faultOf(openAccess({ url: away.url }), bearer(first))).toBe("keys away");
    await away.comeBack();
  });

  test("outlast a change of the file while their issuer is away", async () => {
    await using away = await startIssuer(audience);
    const rules = parseAccessFile(
      `issuers:\n  - {issuer: "${away.url}", audience: "${audience}"}\nbindings:\n  - {role: admin, members: [user:mira@acme.example]}\n`,
      { path: "access.yaml", isCloudRun: false },
    );
    const discovered = new DiscoveredKeys();
    const token = await away.token(mira);
    await new Access(rules, discovered).authenticate(bearer(token));
    await away.leave();

    expect((await new Access(rules, discovered).authenticate(bearer(token))).principal).toBe("user:mira@acme.example");
    await away.comeBack();
  });

  test("are not asked for again and again for tokens with unknown key ids", async () => {
    await using asked = await startIssuer(audience);
    const access = openAccess({ url: asked.url });
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, index) => asked.token({ ...mira, keyId: `unknown-${index}` })),
    );

    const faults = await Promise.all(tokens.map((token) => faultOf(access, bearer(token))));

    expect(new Set(faults)).toEqual(new Set(["invalid"]));
    expect(asked.requests.length).toBeLessThanOrEqual(3);
  });
});

describe("a static token", () => {
  test("names itself", async () => {
    expect((await openAccess().authenticate(bearer("a-token"))).principal).toBe("token:ci");
  });

  test.each([
    ["that has expired", "old", "expired"],
    ["that is not known", "b-token", "invalid"],
    ["that is the hash of a known one", sha256("a-token"), "invalid"],
    ["that is huge", "x".repeat(100_000), "invalid"],
  ])("%s proves nothing", async (_, token, fault) => {
    expect(await faultOf(openAccess(), bearer(token))).toBe(fault);
  });
});

describe("credentials", () => {
  const none: Credentials = { authorization: [], serverlessAuthorization: [], certificate: undefined };

  test.each<[string, Partial<Credentials>, string]>([
    ["that are not there", {}, "missing"],
    ["of another kind", { authorization: ["Basic YTpi"] }, "invalid"],
    ["that are empty", { authorization: ["Bearer "] }, "invalid"],
    ["that are two in one", { authorization: ["Bearer a-token, Bearer a-token"] }, "invalid"],
    ["that are repeated", { authorization: ["Bearer a-token", "Bearer a-token"] }, "repeated"],
    ["of Cloud Run's header elsewhere", { serverlessAuthorization: ["Bearer a-token"] }, "missing"],
    [
      "of a certificate without a name",
      { certificate: { names: [], expiresMs: Number.POSITIVE_INFINITY } },
      "nameless",
    ],
    ["of a certificate that has ended", { certificate: { names: ["root"], expiresMs: 1 } }, "expired"],
  ])("%s prove nothing", async (_, credentials, fault) => {
    expect(await faultOf(openAccess(), { ...none, ...credentials })).toBe(fault);
  });

  test("of a certificate name its first name, and every one may be a member", async () => {
    const access = openAccess({ more: "  - {role: reader, members: [certificate:ci.acme.example], prefixes: [a-]}" });
    const expiresMs = Date.now() + 60_000;
    const certificate = { names: ["spiffe://acme/ci", "ci.acme.example"], expiresMs };

    const caller = await access.authenticate({ ...none, certificate });

    expect(caller.principal).toBe("certificate:spiffe://acme/ci");
    expect([caller.may("read", "a-1"), caller.may("read", "b-1"), caller.expiresMs]).toEqual([true, false, expiresMs]);
  });

  test("are not needed for what all may do, and a bad token is not the same as none", async () => {
    const access = openAccess({ more: "  - {role: reader, members: [all]}" });

    expect((await access.authenticate(none)).principal).toBe("");
    expect(await faultOf(access, bearer("b-token"))).toBe("invalid");
  });
});

describe("what may be done", () => {
  test.each([
    ["reader", [true, false, false]],
    ["writer", [false, true, false]],
    ["editor", [true, true, false]],
    ["admin", [true, true, true]],
  ])("a %s may %j: read, write, administer", async (role, expected) => {
    const access = openAccess({ more: `  - {role: ${role}, members: [token:ci], prefixes: [a-, b-]}` });

    const caller = await access.authenticate(bearer("a-token"));

    const permitted = (id: string) => (["read", "write", "admin"] as const).map((what) => caller.may(what, id));
    expect(permitted("a-1")).toEqual(expected);
    expect(permitted("b-")).toEqual(expected);
    expect(permitted("a")).toEqual([false, false, false]);
    expect(permitted("xa-1")).toEqual([false, false, false]);
  });

  test.each([
    ["user:mira@acme.example", true],
    ["domain:acme.example", true],
    ["group:ops", true],
    ["allAuthenticated", true],
    ["all", true],
    ["user:root@acme.example", false],
    ["domain:p.iam.gserviceaccount.com", false],
    ["group:7", false],
    ["serviceAccount:mira@acme.example", false],
  ])("the member %s is Mira: %j", async (member, isMira) => {
    const access = openAccess({ more: `  - {role: reader, members: ["${member}"]}` });

    expect((await access.authenticate(bearer(await issuer.token(mira)))).may("read", "d")).toBe(isMira);
  });
});

describe("on Cloud Run", () => {
  const open = () => openAccess({ isCloudRun: true, issuers: `- {issuer: cloud-run, audience: "${audience}"}` });
  const tokenOf = (claims: object, { alg = "RS256", signature = "SIGNATURE_REMOVED_BY_GOOGLE" } = {}) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const whole = {
      ...{ iss: "https://accounts.google.com", aud: audience, exp: Date.now() / 1_000 + 60 },
      ...{ email: "mira@acme.example", email_verified: true, ...claims },
    };
    return `Bearer ${part({ alg, typ: "JWT" })}.${part(whole)}.${signature}`;
  };
  const brought = (more: Partial<Credentials>): Credentials => {
    return { authorization: [], serverlessAuthorization: [], certificate: undefined, ...more };
  };

  test("the token that Cloud Run has verified names the principal; that of its own header goes first", async () => {
    const other = tokenOf({ email: "other@acme.example" });

    expect((await open().authenticate(brought({ authorization: [tokenOf({})] }))).principal).toBe(
      "user:mira@acme.example",
    );
    const both = brought({ serverlessAuthorization: [tokenOf({})], authorization: [other] });
    expect((await open().authenticate(both)).principal).toBe("user:mira@acme.example");
  });

  test.each<[string, Partial<Credentials>, string]>([
    ["no token", {}, "missing"],
    ["a token that is signed", { authorization: [tokenOf({}, { signature: "AAAA" })] }, "invalid"],
    ["a token without a signature", { authorization: [tokenOf({}, { signature: "" })] }, "invalid"],
    ["a token of another issuer", { authorization: [tokenOf({ iss: "https://other.example" })] }, "issuer"],
    ["a token for another audience", { authorization: [tokenOf({ aud: "x" })] }, "audience"],
    ["a token that has expired", { authorization: [tokenOf({ exp: 1 })] }, "expired"],
    ["a token without an end", { authorization: [tokenOf({ exp: undefined })] }, "invalid"],
    ["a token of another algorithm", { authorization: [tokenOf({}, { alg: "none" })] }, "invalid"],
    ["two headers", { authorization: [tokenOf({}), tokenOf({})] }, "repeated"],
    ["two headers of its own", { serverlessAuthorization: [tokenOf({}), tokenOf({})] }, "repeated"],
    [
      "an unread token beside a bad one of its own",
      { serverlessAuthorization: ["Bearer x"], authorization: [tokenOf({})] },
      "invalid",
    ],
  ])("%s proves nothing", async (_, credentials, fault) => {
    expect(await faultOf(open(), brought(credentials))).toBe(fault);
  });
});
