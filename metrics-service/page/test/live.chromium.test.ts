import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { Activity } from "./activity.ts";
import { ago, progress, started, succeeded } from "./events.ts";
import { shownText, shownTexts } from "./shown-text.ts";

/** Marks the document, so that a reload shows. */
async function mark(tab: Page): Promise<() => Promise<boolean>> {
  await tab.evaluate(() => Object.assign(window, { isMarked: true }));
  return () => tab.evaluate(() => "isMarked" in window);
}

function isLive(tab: Page): Promise<void> {
  return tab.locator(".live-live").waitFor();
}

test("every view changes without a reload", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1", { revision: "1.0" }));
  const [now, list, deployment] = [
    await activity.open("/"),
    await activity.open("/deployments"),
    await activity.open("/deployments/r-1"),
  ];
  await now.getByText("Running").first().waitFor();
  await list.getByText("r-1").waitFor();
  await deployment.getByText("Waiting for the next event").waitFor();
  const isSame = await Promise.all([now, list, deployment].map(mark));

  await activity.record(
    progress("r-1", "half way"),
    succeeded("r-1"),
    started("r-2", { service: "search", revision: "2.0" }),
  );

  await now.getByRole("rowheader", { name: "search" }).waitFor();
  await now
    .getByRole("row", { name: /checkout/ })
    .getByText("1.0")
    .waitFor();
  await list.getByText("r-2").waitFor();
  await list.getByText("Succeeded").waitFor();
  await deployment.getByText("half way").waitFor();
  await deployment.getByRole("heading", { level: 1 }).getByText("Succeeded").waitFor();
  for (const each of isSame) expect(await each()).toBe(true);
});

test("a redaction empties an open view, and a deletion takes it away, with all that it showed", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1"), { ...progress("r-1", "password hunter2"), eventId: "leak" }, started("r-2"));
  const [list, tab] = [await activity.open("/deployments"), await activity.open("/deployments/r-1")];
  await list.getByText("r-1").waitFor();
  await tab.getByText("password hunter2").waitFor();
  await isLive(tab);

  const { admin } = activity.client;
  await admin.redactEvent({ deploymentId: "r-1", eventId: "leak", reason: "a password" });
  await tab.getByText("(redacted)").waitFor();
  expect(await tab.locator("body").innerHTML()).not.toContain("hunter2");

  await admin.deleteDeployment({ deploymentId: "r-1" });
  await tab.getByText("This deployment cannot be shown.").waitFor();
  await list.getByText("r-1").waitFor({ state: "detached" });
  expect(await tab.locator(".timeline").count()).toBe(0);
  expect(await list.getByText("r-2").count()).toBeGreaterThan(0);
});

test("a killed service is told, with the reason and since when; what was known stays; it comes back by itself", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1"));
  const tab = await activity.open("/deployments/r-1");
  await isLive(tab);
  await tab.getByText("Started").first().waitFor();
  const isSame = await mark(tab);

  await activity.killService();
  const banner = tab.locator(".not-live");
  await banner.waitFor();
  expect(await shownText(banner)).toMatch(/Not live\. The service is not reached.*known at \d\d:\d\d:\d\d/);
  expect(await tab.getByRole("listitem").count()).toBeGreaterThan(0);
  await activity.startService();
  await activity.record(progress("r-1", "after the crash"));

  await tab.getByText("after the crash").waitFor();
  await isLive(tab);
  expect(await banner.count()).toBe(0);
  expect(await tab.getByText("Started").count()).toBe(await tab.getByText("Started").count());
  expect(await isSame()).toBe(true);
});

test("a killed metrics service is told, and the page comes back without a gap or a repeat", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1"), progress("r-1", "before"));
  const deployment = await activity.open("/deployments/r-1");
  const list = await activity.open("/deployments");
  await deployment.getByText("before").waitFor();
  await list.getByText("r-1").waitFor();
  const isSame = await mark(deployment);

  await activity.killPage();
  await deployment.getByText("The page's server is not reached").first().waitFor();
  await activity.record(progress("r-1", "meanwhile"), started("r-2"));
  await activity.startPage();
  await activity.record(progress("r-1", "after"));

  await deployment.getByText("after", { exact: true }).waitFor();
  expect(await shownTexts(deployment.locator(".step-message"))).toEqual(["before", "meanwhile", "after"]);
  await list.getByText("r-2").waitFor();
  await isLive(list);
  expect(await isSame()).toBe(true);
});

test("a service that is away at the start is told, and the view fills when it comes", async () => {
  await using activity = await Activity.start({ isServiceAway: true });
  const tab = await activity.open("/");
  await tab
    .getByText(/The service is not reached/)
    .first()
    .waitFor();
  await tab.getByText("Waiting for the service to load what runs now.").waitFor();

  await activity.startService();
  await activity.record(started("r-1", { revision: "1.0" }));

  await tab.getByText("Running").first().waitFor();
  await isLive(tab);
});

test("a proxy that passes no socket is told apart from a server that is away", async () => {
  await using activity = await Activity.start();
  const proxy = createServer(async ({ url = "/" }, response) => {
    const answer = await fetch(`${activity.url}${url}`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    const type = answer.headers.get("content-type") ?? "";
    response.writeHead(answer.status, { "content-type": type, "content-security-policy": policy });
    response.end(await answer.bytes());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const tab = await activity.tab();

  await tab.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`);
  await tab
    .getByText(/server answers, but the live connection does not get through/)
    .first()
    .waitFor();

  expect(await shownText(tab.locator(".not-live"))).toContain("must pass WebSockets");
  await tab.close();
  proxy.closeAllConnections();
  proxy.close();
});

test("relative times are right when the browser's clock is wrong by a day", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1", { sendTime: ago(125_000) }));
  for (const skewMs of [86_400_000, -86_400_000]) {
    const tab = await activity.tab();
    await tab.addInitScript((skew) => {
      const { now } = Date;
      Date.now = () => now() + skew;
    }, skewMs);
    await tab.goto(`${activity.url}/deployments`);
    await isLive(tab);
    await tab.getByText("r-1").waitFor();

    expect(await tab.evaluate(() => Date.now())).not.toBeCloseTo(Date.now(), -7);
    await tab.locator(".at-started").getByText("2 min ago").waitFor();
    expect(await shownText(tab.locator(".at-took"))).toMatch(/^2 m/);
  }
});

test("new rows keep the reader's place, and a button leads to them", async () => {
  await using activity = await Activity.start();
  for (let index = 100; index < 160; index++) await activity.record(started(`r-${index}`));
  const tab = await activity.open("/deployments");
  await tab.locator(".summary", { hasText: "60 created" }).waitFor();
  await tab.mouse.wheel(0, 1_200);
  const row = tab.getByRole("row").filter({ hasText: "r-120" });
  await row.waitFor();
  const topOf = async () => (await row.boundingBox())?.y;
  const before = await topOf();

  await activity.record(started("new-1"), started("new-2"), succeeded("r-159"), succeeded("r-120"));
  await tab.getByText("↑ 2 new").waitFor();
  await row.getByText("Succeeded").waitFor();

  expect(await topOf()).toBe(before);
  const table = tab.getByRole("table", { name: "Deployments" });
  expect(await table.getAttribute("aria-rowcount")).toBe("61");
  await tab.getByText("↑ 2 new").click();
  await tab.getByText("new-2").waitFor();
  expect(await shownText(tab.locator(".at-id").first())).toBe("new-2");
  expect(await tab.evaluate(() => scrollY)).toBe(0);
});

test("rows that come in the middle keep the reader's place", async () => {
  await using activity = await Activity.start();
  for (let index = 100; index < 160; index++) {
    await activity.record(started(`r-${index}`), ...(index === 150 ? [] : [succeeded(`r-${index}`)]));
  }
  const tab = await activity.open("/deployments?state=FINISHED");
  await tab.locator(".summary", { hasText: "59 of 60 created" }).waitFor();
  await tab.mouse.wheel(0, 1_200);
  const row = tab.getByRole("row").filter({ hasText: "r-120" });
  await row.waitFor();
  const before = (await row.boundingBox())?.y;

  await activity.record(succeeded("r-150"));
  await tab.locator(".summary", { hasText: "60 of 60 created" }).waitFor();

  expect((await row.boundingBox())?.y).toBe(before);
});

test("5,000 deployments are a list of which the rows near the screen are in the page", async () => {
  await using activity = await Activity.start();
  const events = Array.from({ length: 5_000 }, (_, index) => started(`r-${10_000 + index}`));
  for await (const outcome of activity.client.ingestEvents(events)) expect(outcome.kind).toBe("stored");

  const tab = await activity.open("/deployments");
  await tab.locator(".summary", { hasText: "5,000 created" }).waitFor();
  expect(await shownText(tab.locator(".at-id").first())).toBe("r-14999");
  expect(await tab.getByRole("row").count()).toBeLessThan(80);
  await tab.keyboard.press("End");
  await tab.getByText("r-10000").waitFor();

  expect(await tab.getByRole("row").count()).toBeLessThan(80);
  expect(await tab.getByRole("row").last().getAttribute("aria-rowindex")).toBe("5001");
  await tab.getByRole("link", { name: "Now" }).click();
  await tab.getByText("and 4,998 more in flight").waitFor();
  expect(await tab.locator(".cards li").count()).toBe(12);
  await tab.getByText("All that are running").click();
  await tab.locator(".summary", { hasText: "5,000 of 5,000" }).waitFor();
});

test("2,000 events are rows near the screen, and a reader at the end stays at the end", async () => {
  await using activity = await Activity.start();
  const events = Array.from({ length: 2_000 }, (_, index) =>
    progress("long", `step ${index + 1}`, { eventId: `e-${index}` }),
  );
  for (let index = 0; index < events.length; index += 500) {
    await activity.client.batchCreateEvents({ deploymentId: "long", events: events.slice(index, index + 500) });
  }

  const tab = await activity.open("/deployments/long");
  await tab.getByText("2,000, gapless").waitFor();
  expect(await tab.locator(".step").count()).toBeLessThan(80);
  await tab.keyboard.press("End");
  await tab.getByText("step 2000").waitFor();
  await activity.record(progress("long", "one more"));
  await tab.getByText("one more").waitFor();
  expect(await tab.getByText("one more").isVisible()).toBe(true);

  await tab.keyboard.press("Home");
  await tab.getByText("step 1", { exact: true }).waitFor();
  await activity.record(progress("long", "unseen"));

  await tab.getByText("↓ 1 new").click();
  await tab.getByText("unseen").waitFor();
});

test("a page that the browser kept for going back is live again, as it was", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1"));
  const tab = await activity.open("/deployments");
  await tab.getByText("r-1").waitFor();
  const isSame = await mark(tab);

  await tab.goto(`${activity.url}/favicon.svg`);
  await activity.record(started("r-2"));
  await tab.goBack({ waitUntil: "commit" });

  await tab.getByText("r-2").waitFor();
  await isLive(tab);
  expect(await isSame()).toBe(true);
});

test("a view whose script is gone offers to load the page again, and the others go on", async () => {
  await using activity = await Activity.start();
  await activity.record(started("r-1"));
  const tab = await activity.open("/");
  await isLive(tab);
  await tab.route("**/assets/*", (route) => route.fulfill({ status: 404, body: "" }));

  await tab.getByRole("link", { name: "Metrics" }).click();
  await tab.getByText("This view could not be shown.").waitFor();
  await tab.getByRole("link", { name: "Deployments" }).click();
  await tab.getByText("r-1").waitFor();

  await tab.unroute("**/assets/*");
  await tab.getByRole("link", { name: "Metrics" }).click();
  await tab.getByRole("button", { name: "Reload" }).click();
  await tab.getByRole("heading", { name: "Metrics" }).waitFor();
});
