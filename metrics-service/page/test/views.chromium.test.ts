import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Activity } from "./activity.ts";
import { ago, failed, progress, removed, rolledBack, started, succeeded } from "./events.ts";
import { shownText, shownTexts } from "./shown-text.ts";

let activity: Activity;
const minute = 60_000;
const url = "https://github.com/acme/web/actions/runs/17";

beforeAll(async () => {
  activity = await Activity.start();
  const payments = { service: "payments", environment: "production" };
  await activity.record(
    started("p-1", { ...payments, revision: "3.8.1", actor: "mira", sendTime: ago(130 * minute) }),
    succeeded("p-1", { sendTime: ago(125 * minute) }),
    started("p-2", { ...payments, revision: "3.9.0", sendTime: ago(80 * minute) }),
    rolledBack("p-2", { actor: "on-call", sendTime: ago(61 * minute) }),
    started("s-1", { service: "search", environment: "staging", revision: "77e01aa", sendTime: ago(60 * minute) }),
    succeeded("s-1", { sendTime: ago(55 * minute) }),
    started("s-2", { service: "search", environment: "staging", revision: "9b1f2c4", sendTime: ago(9 * minute) }),
    failed("s-2", { sendTime: ago(5 * minute + 10_000) }),
    started("l-1", { service: "legacy", environment: "staging", revision: "1.0", sendTime: ago(900 * minute) }),
    succeeded("l-1", { sendTime: ago(890 * minute) }),
    removed("l-1", { sendTime: ago(185 * minute) }),
  );
  const web = { service: "web", environment: "production" };
  await activity.record(
    started("w-1", { ...web, revision: "1.41.3", commit: "4c1e9d2", sendTime: ago(3_000 * minute) }),
    succeeded("w-1", { sendTime: ago(2_995 * minute) }),
    started("w-2", {
      ...web,
      revision: "1.42.0",
      commit: "9b1f2c4",
      url,
      actor: "mira",
      sendTime: ago(20 * minute),
    }),
    progress("w-2", "Schema migrated", {
      labels: { wave: "1" },
      data: { tables: 2, step: { name: "migrate" } },
      sendTime: ago(20 * minute - 48_000),
    }),
    progress("w-2", "see the log", { url: "javascript:alert(1)", sendTime: ago(19 * minute) }),
  );
});

afterAll(() => activity[Symbol.asyncDispose]());

test("an empty store says what to type next, in Now and in the list", async () => {
  await using empty = await Activity.start();
  const tab = await empty.open("/");
  await tab.getByText("No service was deployed yet.").waitFor();
  expect(await tab.locator("pre").textContent()).toMatch(/^npm run -s client -- --address \S+ add /);

  await tab.getByRole("link", { name: "Deployments" }).click();

  await tab.getByText("Look at all times").click();
  await tab.getByText("No deployment was recorded yet.").waitFor();
  expect(await tab.locator("pre").textContent()).toMatch(/^npm run -s client -- --address \S+ add /);
});

test("Now shows what runs where, since when and by whom, what failed since, and what was removed", async () => {
  const tab = await activity.open("/");
  const row = (name: string) => tab.getByRole("row").filter({ has: tab.getByRole("rowheader", { name, exact: true }) });
  await row("legacy").waitFor();

  const payments = await shownText(row("payments"));
  expect(payments).toContain("3.8.1");
  expect(payments).toMatch(/2 h ago · mira/);
  expect(payments).toMatch(/Rolled back\s+3\.9\.0\s+1 h ago · on-call/);
  expect(await shownText(row("search"))).toMatch(/77e01aa.*Failed\s+9b1f2c4\s+5 min ago/);
  const legacy = await shownText(row("legacy"));
  expect(legacy).toMatch(/Removed\s+3 h ago/);
  expect(legacy).not.toContain("1.0");
  expect(await shownTexts(tab.getByRole("columnheader"))).toEqual(["Service", "production", "staging"]);
});

test("Now compares what is in flight with the median of the last successes", async () => {
  const fields = { service: "mail", environment: "production" };
  for (const [id, took] of [
    ["m-1", 4],
    ["m-2", 20],
    ["m-3", 8],
  ] as const) {
    await activity.record(
      started(id, { ...fields, revision: id, sendTime: ago(500 * minute) }),
      succeeded(id, { sendTime: ago((500 - took) * minute) }),
    );
  }
  await activity.record(
    started("m-4", { ...fields, revision: "m-4", actor: "ci", sendTime: ago(4 * minute + 5_000) }),
    started("m-5", { ...fields, service: "unseen", sendTime: ago(minute) }),
  );

  const tab = await activity.open("/");
  const card = tab.locator(".cards li").filter({ hasText: "mail" });
  await card.getByText("Usually 8 m").waitFor();

  const text = await shownText(card);
  expect(text).toMatch(/Running 4 m \d+ s/);
  expect(text).toMatch(/5\d %/);
  expect(text).toContain("ci");
  await tab
    .locator(".cards li")
    .filter({ hasText: "unseen" })
    .getByText("No earlier success to compare with")
    .waitFor();
});

test("Now shows what names no service or environment, last, and leaves the empty name out of the filter", async () => {
  await using other = await Activity.start();
  await other.record(started("nameless", { service: "", environment: "", revision: "7" }));
  const tab = await other.open("/");
  await tab.getByRole("rowheader", { name: "no service" }).waitFor();
  expect(await shownText(tab.locator("h2", { hasText: "In flight" }))).toBe("In flight 1");
  expect(await shownText(tab.locator(".cards li"))).toMatch(/^nameless Running .*no service · no environment · 7$/);

  await other.record(started("a-1", { service: " ", environment: "production" }));

  await tab.getByRole("rowheader", { name: "SP" }).waitFor();
  expect(await shownTexts(tab.getByRole("rowheader"))).toEqual(["SP", "no service"]);
  expect(await shownTexts(tab.getByRole("columnheader"))).toEqual(["Service", "production", "no environment"]);
  expect(await shownTexts(tab.getByLabel("Service").locator("option"))).toEqual(["all", "[SP]"]);
});

test("Now leads to all that are running or queued, within its filter", async () => {
  await using other = await Activity.start();
  const fields = { service: "api", environment: "production" };
  for (let index = 0; index < 13; index++) await other.record(started(`api-${index}`, fields));
  await other.record(
    started("queued", { ...fields, type: "deployment.queued" }),
    started("web-1", { ...fields, service: "web" }),
  );
  const tab = await other.open("/?environment=production&service=api");

  await tab.getByRole("link", { name: "All that are queued" }).click();
  await tab.locator(".summary", { hasText: "1 of 15 of all times" }).waitFor();
  await tab.goBack();
  await tab.getByRole("link", { name: "All that are running" }).click();

  await tab.locator(".summary", { hasText: "13 of 15 of all times" }).waitFor();
  expect(Object.fromEntries(new URL(tab.url()).searchParams)).toEqual({
    environment: "production",
    service: "api",
    state: "RUNNING",
    days: "all",
  });
});

test("the filter of Now is in the URL, and a filter without a match says so", async () => {
  const tab = await activity.open("/?environment=staging");
  await tab.getByRole("rowheader", { name: "search" }).waitFor();
  expect(await shownTexts(tab.getByRole("columnheader"))).toEqual(["Service", "staging"]);

  await tab.getByLabel("Service").selectOption("mail");

  await tab.getByText("Nothing matches this filter.").waitFor();
  expect(new URL(tab.url()).search).toBe("?environment=staging&service=mail");
  await tab.getByText("Clear the filter").click();
  await tab.getByRole("rowheader", { name: "payments" }).waitFor();
});

test("the list is filtered by every condition, in the URL, and says when nothing matches", async () => {
  const tab = await activity.open("/deployments?outcome=FAILURE");
  const ids = () => shownTexts(tab.locator(".at-id"));
  await tab.getByText("s-2").waitFor();
  expect(await ids()).toEqual(["s-2", "p-2"]);

  await tab.getByLabel("State").selectOption("ROLLED_BACK");
  await tab.locator(".summary", { hasText: /^1 of / }).waitFor();
  expect(await ids()).toEqual(["p-2"]);
  await tab.getByLabel("Text").fill("nothing like this");

  await tab.getByText("No deployment matches this filter.").waitFor();
  expect(Object.fromEntries(new URL(tab.url()).searchParams)).toEqual({
    outcome: "FAILURE",
    state: "ROLLED_BACK",
    text: "nothing like this",
  });
  await tab.reload();
  await tab.getByText("No deployment matches this filter.").waitFor();
  expect(await tab.getByLabel("Text").inputValue()).toBe("nothing like this");
  await tab.getByText("Clear the filter").click();
  await tab.getByText("p-1", { exact: true }).waitFor();
});

test("a deployment shows its timeline, data, JSON, labels, links and what changed", async () => {
  const tab = await activity.open("/deployments/w-2");
  await tab.getByText("see the log").waitFor();

  expect(await shownText(tab.getByRole("heading", { level: 1 }))).toMatch(/^web in production 1\.42\.0 Running 2\d m/);
  const steps = tab.getByRole("listitem").filter({ has: tab.locator(".step") });
  expect(await shownText(steps.nth(0))).toMatch(/Started 1\.42\.0 by mira/);
  expect(await shownText(steps.nth(1))).toMatch(/\+ 48 s.*Schema migrated.*wave=1/);
  expect(await shownText(steps.nth(2))).toContain("javascript:alert(1)");
  expect(await tab.locator('a[href^="javascript"]').count()).toBe(0);
  expect(await steps.nth(0).getByRole("link").getAttribute("href")).toBe(url);

  await steps.nth(1).getByText("Data").click();
  await steps.nth(1).getByText("step").click();
  await steps.nth(1).getByText("migrate", { exact: true }).waitFor();
  await steps.nth(1).getByRole("button", { name: "JSON of event 2" }).click();
  expect(await shownText(steps.nth(1).locator("pre"))).toContain('"deploymentId": "w-2"');

  const changes = tab.getByRole("region", { name: "Since the previous success" });
  await changes.getByText("w-1").waitFor();
  expect(await shownText(changes)).toMatch(/1\.41\.3 →.*1\.42\.0.*4c1e9d2 →.*9b1f2c4/);
  expect(await changes.getByRole("link", { name: /Compare on github.com/ }).getAttribute("href")).toBe(
    "https://github.com/acme/web/compare/4c1e9d2...9b1f2c4",
  );
  const terminal = tab.getByRole("region", { name: "Same in a terminal" });
  expect(await shownText(terminal)).toMatch(/activity_client --address 127\.0\.0\.1:\d+ tail \\\s+--deployment-id w-2/);
  expect(await shownText(terminal)).toMatch(/grpcurl .* 127\.0\.0\.1:(?!50051 )\d+ \\ activityevents/);
});

test("the source of an event follows its word, and a time is not torn, on a narrow screen", async () => {
  const fields = { service: "narrow", environment: "production" };
  const source = `https://github.com/acme/narrow/actions/runs/${"7".repeat(40)}`;
  await activity.record(started("narrow-production-57541", fields), succeeded("narrow-production-57541"));
  await activity.record(started("narrow-production-57542", { ...fields, source }));

  for (const width of [320, 340, 360, 390]) {
    const tab = await activity.open("/deployments/narrow-production-57542", { viewport: { width, height: 800 } });
    await tab.getByText("narrow-production-57541").waitFor();
    const linesOf = (selector: string) =>
      tab.locator(selector).evaluate((element) => [...element.getClientRects()].map(({ top }) => Math.round(top)));

    const [word = 0] = await linesOf(".step-more > .muted");
    const [link = 0] = await linesOf(".step-more > .muted a");
    // Half a line is the most that boxes of one line differ by.
    expect(Math.abs(link - word)).toBeLessThan(10);
    expect((await tab.locator(".facts .when").boundingBox())?.height).toBeLessThan(30);
    await tab.context().close();
  }
});

test("an unknown deployment says so, and appears with its first event", async () => {
  const tab = await activity.open("/deployments/still-to-come");
  await tab.getByText("There is no such deployment.").waitFor();
  expect(await shownText(tab.locator("pre"))).toMatch(
    / add .*--deployment-id still-to-come .*--service api --environment production/,
  );

  await activity.record(progress("still-to-come", "here it is"));

  await tab.getByText("here it is").waitFor();
});

test("an id that cannot be says so", async () => {
  for (const path of ["/deployments/..%2F..%2Fetc", "/deployments/%F0%9F%92%A9"]) {
    const tab = await activity.open(path);
    await tab.getByText("This deployment cannot be shown.").waitFor();
  }
});

test("a view is reached by its link, and the page's title names it", async () => {
  const tab = await activity.open("/deployments/w-2");
  await tab.getByText("Schema migrated").waitFor();
  expect(await tab.title()).toBe("web 1.42.0 · Activity");

  await tab.getByRole("link", { name: "Now" }).click();
  await tab.getByRole("heading", { name: "What runs where" }).waitFor();
  expect(await tab.title()).toBe("Now · Activity");

  await tab.goBack();
  await tab.getByText("Schema migrated").waitFor();
});

test("twenty services by twelve environments scroll within the board, and one service stands upright", async () => {
  const environments = Array.from({ length: 12 }, (_, index) => `cluster-${index + 1}`);
  const services = Array.from({ length: 20 }, (_, index) => `service-${index + 1}`);
  await Promise.all(
    services.flatMap((service) =>
      environments.map(async (environment) => {
        const deploymentId = `${service}-${environment}`;
        const fields = { service, environment, revision: "2026.11.28-4c1e9d2" };
        await activity.client.batchCreateEvents({
          deploymentId,
          events: [started(deploymentId, fields), succeeded(deploymentId)],
        });
      }),
    ),
  );

  const tab = await activity.open("/");
  await tab.getByRole("rowheader", { name: "service-20" }).waitFor();
  const board = tab.locator(".board");
  expect(await board.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
  expect(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

  await tab.getByLabel("Service").selectOption("service-7");
  await tab.getByRole("rowheader", { name: "cluster-12" }).waitFor();
  expect(await board.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
});
