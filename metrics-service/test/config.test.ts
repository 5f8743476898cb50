import { fileURLToPath } from "node:url";
import { ConfigError } from "@activity-events/process/config-error";
import { startPage } from "@activity-events/testing/http-process";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { readConfig } from "../src/config/config.ts";
import { LiveClient } from "./live-client.ts";
import { upgradeStatus } from "./upgrade-status.ts";

const program = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function faultsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment, false);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

test("without settings the page is for this machine, and reads the service there", () => {
  expect(readConfig({}, true)).toEqual({
    host: "127.0.0.1",
    port: 50_080,
    service: { address: "127.0.0.1:50051", tls: false },
    access: { kind: "loopback" },
    accessFile: undefined,
    isCloudRun: false,
    allowedOrigins: [],
    logLevel: "info",
    logFormat: "pretty",
  });
});

test("PORT counts on Cloud Run alone", () => {
  expect(readConfig({ PORT: "8080" }, false).port).toBe(50_080);
  expect(readConfig({ PORT: "8080", K_SERVICE: "page" }, false).port).toBe(8_080);
  expect(readConfig({ PORT: "8080", K_SERVICE: "page", PAGE_PORT: "1" }, false).port).toBe(1);
});

test.each([
  ["api.example:443", { address: "api.example:443", tls: false }],
  ["https://api.example", { address: "api.example:443", tls: true, idTokenAudience: undefined }],
  ["https://a-1.a.run.app", { address: "a-1.a.run.app:443", tls: true, idTokenAudience: "https://a-1.a.run.app" }],
])("ACTIVITY_ADDRESS %s is a service", (ACTIVITY_ADDRESS, service) => {
  expect(readConfig({ ACTIVITY_ADDRESS }, false).service).toEqual(service);
});

test.each([
  [{ HOST: "0.0.0.0" }, /^PAGE_ACCESS must be iap, oidc or open when HOST is "0.0.0.0"/],
  [{ HOST: "::" }, /^PAGE_ACCESS must be/],
  [{ HOST: "127.0.0.1.evil.example" }, /^PAGE_ACCESS must be/],
  [{ PAGE_ACCESS: "none" }, /^PAGE_ACCESS must be one of iap, oidc, open; found "none"/],
  [{ PAGE_ACCESS: "iap" }, /^IAP_AUDIENCE must be/],
  [{ PAGE_ACCESS: "oidc", OIDC_ISSUER: "https://i.example" }, /^OIDC_AUDIENCE must be/],
  [{ PAGE_ACCESS: "oidc", OIDC_ISSUER: "http://i.example", OIDC_AUDIENCE: "a" }, /^OIDC_ISSUER must be an https URL/],
  [{ PAGE_PORT: "65536" }, /^PAGE_PORT must be an integer from 0 to 65535; found "65536"/],
  [{ PAGE_PORT: "1e3" }, /^PAGE_PORT must be/],
  [{ ACTIVITY_ADDRESS: "api.example" }, /^ACTIVITY_ADDRESS must be HOST:PORT or https:\/\/HOST; found "api.example"/],
  [{ ACTIVITY_ADDRESS: "https://api.example/path" }, /^ACTIVITY_ADDRESS must be/],
  [{ ACTIVITY_ADDRESS: "https://mira:secret@api.example" }, /^ACTIVITY_ADDRESS must be/],
  [{ ACTIVITY_ADDRESS: "127.0.0.1:99999" }, /^ACTIVITY_ADDRESS must be/],
  [{ ALLOWED_ORIGINS: "https://a.example/," }, /^ALLOWED_ORIGINS must list origins/],
  [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL must be one of/],
])("%j is refused", (environment, fault) => {
  expect(faultsOf(environment)).toEqual([expect.stringMatching(fault)]);
});

test("every fault is told at once", async () => {
  await using page = new ServiceProcess({
    program,
    environment: { HOST: "0.0.0.0", PAGE_PORT: "x", LOG_FORMAT: "xml" },
  });

  expect(await page.ended).toEqual({ code: 2, signal: null });
  expect(page.errors.split("\n").map((line) => line.split(" ")[1])).toEqual([
    "PAGE_PORT",
    "PAGE_ACCESS",
    "LOG_FORMAT",
    undefined,
  ]);
});

test("--help names every setting, and fits a terminal", async () => {
  await using page = new ServiceProcess({ program, arguments: ["--help"] });

  expect(await page.ended).toEqual({ code: 0, signal: null });
  for (const name of ["PAGE_PORT", "HOST", "ACTIVITY_ADDRESS", "PAGE_ACCESS", "ALLOWED_ORIGINS"]) {
    expect(page.output.join("\n")).toContain(`  ${name}`);
  }
  expect(page.output.filter((line) => line.length > 100)).toEqual([]);
});

test("an unknown argument is refused", async () => {
  await using page = new ServiceProcess({ program, arguments: ["serve"] });

  expect(await page.ended).toEqual({ code: 2, signal: null });
  expect(page.errors).toBe("activity_page: unknown argument serve; see --help\n");
});

test("the log tells of a service that is away, once, and of a refused origin", async () => {
  await using page = await startPage({ service: "127.0.0.1:1" });
  using live = new LiveClient(page.url);
  await live.opened();
  const refused = await upgradeStatus(page.url, { origin: "https://evil.example" });

  const away = await page.process.line(({ code }) => code === "SERVICE_NOT_REACHED");
  const line = await page.process.line(({ code }) => code === "REQUEST_REFUSED");

  expect(refused).toBe(403);
  expect(away).toMatchObject({ severity: "WARNING", service: "127.0.0.1:1", fault: expect.stringMatching(/./) });
  expect(line).toMatchObject({ path: "/live", origin: "https://evil.example", unlogged: 0 });
  await until(() => live.alive.filter(({ fault }) => fault !== undefined).length > 2, "it is tried again");
  expect(page.process.log.filter(({ code }) => code === "SERVICE_NOT_REACHED")).toHaveLength(1);
});
