import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Access } from "@activity-events/access/access";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from "jose";
import { openPageAccess } from "../src/access/open-page-access.ts";
import { AccessDeniedError } from "../src/access/page-access.ts";
import { openPage } from "./page-server.ts";

const audience = "/projects/1/locations/europe-west1/services/activity-page";
const es256 = await generateKeyPair("ES256");
const otherKeys = await generateKeyPair("ES256");
const iapKeys: JWTVerifyGetKey = async () => es256.publicKey;

interface Token {
  readonly key?: typeof es256.privateKey;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: string | number;
}

function assertion({ key = es256.privateKey, expires = "5m", ...claims }: Token = {}): Promise<string> {
  return new SignJWT({ email: "mira@example.com" })
    .setProtectedHeader({ alg: "ES256", kid: "1" })
    .setIssuer(claims.issuer ?? "https://cloud.google.com/iap")
    .setAudience(claims.audience ?? audience)
    .setSubject("accounts.google.com:1")
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);
}

describe("behind IAP", () => {
  test("a request with IAP's assertion is that person's", async () => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys });

    const viewer = await access.viewer({ "x-goog-iap-jwt-assertion": await assertion() });

    expect(viewer.principal).toBe("user:mira@example.com");
  });

  test.each([
    ["their address", "user:mira@example.com"],
    ["the domain of their address", "domain:example.com"],
    ["everybody who signed in", "allAuthenticated"],
  ])("the access file knows the person by %s", async (_, member) => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys, access: accessOf(member) });

    const viewer = await access.viewer({ "x-goog-iap-jwt-assertion": await assertion() });

    expect([viewer.principal, viewer.granted("read")]).toEqual(["user:mira@example.com", ["shop:"]]);
  });

  test("a person whom the access file gives nothing is told so, and not let in", async () => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys, access: accessOf("user:other@example.com") });

    await expect(access.viewer({ "x-goog-iap-jwt-assertion": await assertion() })).rejects.toMatchObject({
      status: "PERMISSION_DENIED",
      message: "user:mira@example.com may read no deployment; ask who runs this page for access",
    });
  });

  test.each([
    ["no assertion", undefined],
    ["what is no token", "rubbish"],
    ["an assertion for another service", assertion({ audience: "/projects/1/locations/x/services/other" })],
    ["an assertion of another issuer", assertion({ issuer: "https://evil.example" })],
    ["an assertion that another signed", assertion({ key: otherKeys.privateKey })],
    ["an assertion that has expired", assertion({ expires: Math.floor(Date.now() / 1_000) - 3_600 })],
    ["an assertion without a signature", unsigned()],
  ])("a request with %s is denied", async (_, token) => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys });

    await expect(access.viewer({ "x-goog-iap-jwt-assertion": await token })).rejects.toThrow(AccessDeniedError);
  });

  test("nothing but the health check is answered without an assertion", async () => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys });
    await using page = await openPage({ service: "127.0.0.1:1", access });
    const paths = [
      "/",
      "/deployments",
      "/assets/app-1.js",
      "/api/deployments",
      "/api/deployments/a/events",
      "/api/metrics",
      "/metrics",
      "/live",
      "/no",
    ];

    const answers = await Promise.all(paths.map((path) => fetch(`${page.url}${path}`)));
    const healthy = await fetch(`${page.url}/healthz`);
    const signed = await fetch(page.url, { headers: { "x-goog-iap-jwt-assertion": await assertion() } });

    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 401));
    expect(await answers[0]?.json()).toEqual({
      error: {
        status: "UNAUTHENTICATED",
        message: "the request names nobody; open the page through Identity-Aware Proxy",
      },
    });
    expect([healthy.status, signed.status]).toEqual([200, 200]);
  });

  test("a socket is not opened without an assertion", async () => {
    const access = openPageAccess({ kind: "iap", audience }, { iapKeys });
    await using page = await openPage({ service: "127.0.0.1:1", access });
    const socket = new WebSocket(`${page.url.replace("http", "ws")}/live`, "activity-events.v1");

    const { promise, resolve } = Promise.withResolvers<string>();
    socket.onopen = () => resolve("open");
    socket.onclose = () => resolve("closed");

    expect(await promise).toBe("closed");
  });
});

describe("with tokens of an issuer", () => {
  const keys = createServer();
  let issuer = "";
  let discoveries = 0;

  beforeAll(async () => {
    const jwk = { ...(await exportJWK(es256.publicKey)), alg: "ES256", kid: "1", use: "sig" };
    keys.on("request", ({ url }, answer) => {
      if (url !== "/keys") discoveries += 1;
      const found = url === "/keys" ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/keys` };
      answer.setHeader("content-type", "application/json").end(JSON.stringify(found));
    });
    await new Promise<void>((resolve) => keys.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    keys.closeAllConnections();
    keys.close();
  });

  test("a request with a token is that person's", async () => {
    const access = openPageAccess({ kind: "oidc", issuer, audience });

    const viewer = await access.viewer({ authorization: `Bearer ${await assertion({ issuer })}` });

    expect(viewer.principal).toBe("user:mira@example.com");
  });

  test("a request with a token for somebody else, or with another scheme, is denied", async () => {
    const access = openPageAccess({ kind: "oidc", issuer, audience });
    const authorizations = [`Bearer ${await assertion({ issuer, audience: "other" })}`, "Basic YTpi", ""];

    for (const authorization of authorizations) {
      await expect(access.viewer({ authorization })).rejects.toThrow(AccessDeniedError);
    }
  });

  test("an issuer is asked where its keys are once, however many bad tokens come", async () => {
    const access = openPageAccess({ kind: "oidc", issuer, audience });
    const before = discoveries;
    const bad = await new SignJWT({}).setProtectedHeader({ alg: "ES256", kid: "unknown" }).sign(otherKeys.privateKey);

    for (let asked = 0; asked < 5; asked += 1) {
      await expect(access.viewer({ authorization: `Bearer ${bad}` })).rejects.toThrow(AccessDeniedError);
    }

    expect(discoveries - before).toBe(1);
  });

  test("an issuer that was away is asked again", async () => {
    const away = openPageAccess({ kind: "oidc", issuer: "http://127.0.0.1:1", audience });

    await expect(away.viewer({ authorization: `Bearer ${await assertion()}` })).rejects.toThrow(AccessDeniedError);
    await expect(away.viewer({ authorization: `Bearer ${await assertion()}` })).rejects.toThrow(AccessDeniedError);
  });
});

/** Rules by which a member reads deployments whose ids begin with `shop:`. */
function accessOf(member: string): Access {
  return new Access({
    issuers: [],
    cloudRun: undefined,
    tokens: [],
    bindings: [{ role: "reader", members: [member], prefixes: ["shop:"] }],
  });
}

async function unsigned(): Promise<string> {
  const [, payload] = (await assertion()).split(".");
  return `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
}
