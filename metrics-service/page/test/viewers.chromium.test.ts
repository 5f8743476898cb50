import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { methods } from "@activity-events/testing/contract-client";
import { startPage } from "@activity-events/testing/http-process";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { type Browser, chromium, type Page } from "playwright-core";
import { type GuardedPage, startGuardedPage } from "../../test/guarded-page.ts";
import { chromiumFile } from "./chromium.ts";
import { started } from "./events.ts";
import { shownText } from "./shown-text.ts";

const bindings = `
  - { role: reader, members: ["user:mira@example.com"], prefixes: ["shop:"] }
  - { role: reader, members: ["user:bob@example.com"], prefixes: ["billing:"] }
`;

function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumFile, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** Opens a view as somebody whom a proxy in front has signed in: it adds their token to every request. */
async function openAs(browser: Browser, page: GuardedPage, email: string, path: string): Promise<Page> {
  const context = await browser.newContext({ extraHTTPHeaders: { authorization: await page.bearer(email) } });
  const tab = await context.newPage();
  await tab.goto(`${page.url}${path}`);
  return tab;
}

async function openService() {
  const service = new ServiceProcess();
  const { address } = await service.line(({ message }) => message === "listening");
  const client = new ActivityEventsClient({ address: String(address), tls: false });
  const record = (deploymentId: string) => client.createEvent({ event: started(deploymentId) });
  const end = async () => {
    client.close();
    await service[Symbol.asyncDispose]();
  };
  return { address: String(address), record, [Symbol.asyncDispose]: end };
}

test("two viewers see two lists, live, and who they are", async () => {
  await using service = await openService();
  await using page = await startGuardedPage({ service: service.address, bindings });
  await using browser = await launch();
  for (const id of ["shop:1", "billing:1"]) await service.record(id);

  const hers = await openAs(browser, page, "mira@example.com", "/deployments");
  const his = await openAs(browser, page, "bob@example.com", "/deployments");
  await hers.getByText("shop:1").waitFor();
  await his.getByText("billing:1").waitFor();
  for (const id of ["shop:2", "billing:2"]) await service.record(id);
  await hers.getByText("shop:2").waitFor();
  await his.getByText("billing:2").waitFor();

  expect(await hers.locator("main").textContent()).not.toContain("billing");
  expect(await his.locator("main").textContent()).not.toContain("shop:");
  expect(await shownText(hers.locator(".signed-in"))).toBe("Signed in as mira@example.com");
  for (const width of [320, 480, 600, 800, 1_240]) {
    await hers.setViewportSize({ width, height: 700 });
    expect(await hers.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  }
});

test("a deployment that a viewer may not read cannot be shown", async () => {
  await using service = await openService();
  await using page = await startGuardedPage({ service: service.address, bindings });
  await using browser = await launch();
  await service.record("billing:1");

  const tab = await openAs(browser, page, "mira@example.com", "/deployments/billing:1");

  await tab.getByText("This deployment cannot be shown.").waitFor();
  expect(await shownText(tab.locator("main"))).toContain("you may not read deployment billing:1");
});

test("a changed access file ends the socket; the page shows what may be read now, and says so when that is nothing", async () => {
  await using service = await openService();
  await using page = await startGuardedPage({ service: service.address, bindings });
  await using browser = await launch();
  for (const id of ["shop:1", "shop:2"]) await service.record(id);
  const tab = await openAs(browser, page, "mira@example.com", "/deployments");
  await tab.getByText("shop:2").waitFor();
  await tab.evaluate(() => Object.assign(window, { isMarked: true }));

  await page.change(bindings.replace('["shop:"]', '["shop:1"]'));
  await tab.getByText("shop:2").waitFor({ state: "detached" });
  expect(await tab.getByText("shop:1").count()).toBeGreaterThan(0);
  await page.change("");
  const banner = tab.locator(".not-live");
  await banner.waitFor();

  expect(await shownText(banner)).toContain(
    "The page's server does not let you in: user:mira@example.com may read no deployment",
  );
  expect(await tab.evaluate(() => "isMarked" in window)).toBe(true);
  await page.change(bindings);
  await banner.waitFor({ state: "detached" });
});

test("the timeline shows who recorded an event", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  // SHA-256 of "secret".
  const sha256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
  writeFileSync(
    file,
    `tokens: [{ name: ci, sha256: ${sha256} }]
bindings:
  - { role: admin, members: ["token:ci"] }
  - { role: reader, members: [all] }
`,
  );
  await using service = new ServiceProcess({ environment: { ACCESS_FILE: file } });
  const address = String((await service.line(({ message }) => message === "listening")).address);
  const client = new ServiceClient(address);
  const headers = { authorization: "Bearer secret" };
  await client.call(methods.createEvent, { event: started("shop:1") }, { headers });
  client.close();
  await using page = await startPage({ service: address });
  await using browser = await launch();
  const tab = await browser.newPage();
  await tab.goto(`${page.url}/deployments/shop:1`);

  await tab.getByText("Started").first().waitFor();
  expect(await shownText(tab.locator(".step").first())).toContain("recorded by token:ci");
  expect(await tab.locator(".signed-in").count()).toBe(0);
});
