import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { Activity } from "./activity.ts";
import { recordDelivery, recordWeeks } from "./record-deliveries.ts";

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Opens the view and waits until it shows metrics. */
async function openMetrics(activity: Activity, query = "", options: BrowserContextOptions = {}): Promise<Page> {
  const tab = await activity.open(`/delivery${query}`, options);
  await tab.locator(".metrics").waitFor();
  return tab;
}

/** Text of a card, with its white space as one space. */
async function cardOf(tab: Page, name: string): Promise<string> {
  const texts = await tab.getByRole("region", { name, exact: true }).allInnerTexts();
  return texts.join().replace(/\s+/g, " ");
}

/** Cells of a chart's table, row by row. */
async function tableOf(tab: Page, title: string): Promise<string[][]> {
  const figure = tab.locator("figure", { has: tab.getByRole("heading", { name: title, exact: true }) });
  await figure.locator("summary").click();
  return figure
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
}

describe("the Metrics view of a few deployments", () => {
  const failedMs = Date.now() - 3 * dayMs;
  let activity: Activity;

  beforeAll(async () => {
    activity = await Activity.start();
    const shop = { service: "shop", environment: "production" };
    const record = (...[names, end]: [Parameters<typeof recordDelivery>[1], Parameters<typeof recordDelivery>[2]]) =>
      recordDelivery(activity, names, end);
    await record({ ...shop, deploymentId: "broken", finishMs: failedMs }, { outcome: 2 });
    await record(
      { ...shop, deploymentId: "mended", finishMs: failedMs + 2 * hourMs },
      { outcome: 1, leadMs: 5 * hourMs },
    );
    await record({ ...shop, deploymentId: "fine", finishMs: failedMs + 30 * hourMs }, { outcome: 1 });
    await record({ ...shop, deploymentId: "stopped", finishMs: failedMs + hourMs }, { outcome: 3 });
    await record({ ...shop, deploymentId: "old", finishMs: Date.now() - 20 * dayMs }, { outcome: 1 });
    await record(
      {
        service: `<img src=x onerror="document.title='owned'">${"s".repeat(200)}`,
        environment: "\u202estaging",
        deploymentId: `open-${"x".repeat(110)}`,
        finishMs: failedMs,
      },
      { outcome: 2 },
    );
  });
  afterAll(() => activity[Symbol.asyncDispose]());

  test("shows each metric with its counts, its definition and what it leaves out", async () => {
    const tab = await openMetrics(activity, "?service=shop&days=7");

    expect(await cardOf(tab, "Deployment frequency")).toBe(
      "Deployment frequency 2 per week 2 deployments succeeded in 7 days. How often a deployment succeeds. Left out: 1 canceled.",
    );
    expect(await cardOf(tab, "Change lead time")).toMatch(
      /^Change lead time 5 h median 5 h 90th percentile 1 of 2 succeeded deployments measured[.] .+ Left out: 1 deployment without a commit time[.]$/,
    );
    expect(await cardOf(tab, "Change fail rate")).toMatch(/^Change fail rate 33 % 1 deployment of 3 failed[.] /);
    expect(await cardOf(tab, "Failed deployment recovery time")).toMatch(
      /^Failed deployment recovery time 2 h median 2 h 90th percentile 1 of 1 failure over: 0 by a resolved incident, 1 by the next success[.] /,
    );
    expect(await cardOf(tab, "Rework rate")).toMatch(
      /^Rework rate 50 % 1 of 2 succeeded deployments ended a failure[.]/,
    );
  });

  test("says in the tables what the charts show", async () => {
    const tab = await openMetrics(activity, "?service=shop&days=7");
    const days = await tableOf(tab, "Deployments a day");

    const sums = [1, 2, 3, 4].map((column) => days.reduce((sum, row) => sum + Number(row[column]), 0));

    expect(sums).toEqual([2, 1, 0, 1]);
    expect(days).toHaveLength(8);
    expect(await tableOf(tab, "Change lead time")).toContainEqual(["4 h to 8 h", "1"]);
    expect(await tableOf(tab, "Recovery time")).toContainEqual(["1 h to 2 h", "1"]);
  });

  test("draws a bar of each outcome in its colour, those of a day on top of each other", async () => {
    const tab = await openMetrics(activity, "?service=shop&days=7");
    const colors = await tab.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("canvas");
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      if (pixels === undefined) return undefined;
      const colorAt = (at: number) =>
        `#${[0, 1, 2].map((part) => (pixels[at + part] ?? 0).toString(16).padStart(2, "0")).join("")}`;
      // A bar is wider than any stroke of the axes' labels.
      const found = new Set<string>();
      let run = 0;
      for (let at = 4; at < pixels.length; at += 4) {
        const isSame = pixels[at + 3] === 255 && colorAt(at) === colorAt(at - 4);
        run = isSame ? run + 1 : 0;
        if (run === 15) found.add(colorAt(at));
      }
      const style = getComputedStyle(document.documentElement);
      const wanted = ["--success", "--failure", "--text-muted"].map((name) => style.getPropertyValue(name).trim());
      return wanted.every((color) => found.has(color)) ? wanted : undefined;
    });

    expect(await colors.jsonValue()).toHaveLength(3);
  });

  test("names the bar under the pointer", async () => {
    const tab = await openMetrics(activity, "?service=shop&days=7");
    const [first = []] = await tableOf(tab, "Deployments a day");
    await tab
      .locator(".u-over")
      .first()
      .hover({ position: { x: 1, y: 40 } });

    await tab.locator(".chart-bar-name", { hasText: first[0] ?? "no day" }).waitFor();
    await tab.locator(".chart-legend li", { hasText: `Succeeded ${first[1]}` }).waitFor();
  });

  test("keeps the choice in the URL, by keyboard", async () => {
    const tab = await openMetrics(activity, "?service=shop&days=7");
    await tab.getByRole("radio", { name: "7", exact: true }).focus();
    await tab.keyboard.press("ArrowRight");

    await tab.getByText("3 deployments succeeded in 30 days.").waitFor();
    await tab.getByLabel("Environment").selectOption("production");
    await tab.waitForURL((url) => url.search.includes("environment=production"));
    expect(new URL(tab.url()).search).toBe("?environment=production&service=shop");
    expect(await tab.title()).toBe("Metrics · Activity");
  });

  test("names open failures, with links, and takes hostile names for text", async () => {
    const tab = await openMetrics(activity);
    const failures = tab.getByRole("region", { name: "Open failures" });

    expect(await failures.textContent()).toContain("<img src=x onerror=");
    await failures.getByRole("link").click();
    await tab.waitForURL(/\/deployments\/open-x+$/);
    expect(await tab.title()).not.toBe("owned");
  });

  test("says what to do where nothing matches", async () => {
    const tab = await activity.open("/delivery?service=nobody&days=7");
    await tab.getByText("No deployment finished here in the last 7 days.").waitFor();
    await tab.getByRole("button", { name: "All services and environments" }).click();

    await tab.locator(".metrics").waitFor();
    expect(new URL(tab.url()).search).toBe("?days=7");
  });

  test("breaks no rule of the content's policy, and logs no error", async () => {
    const tab = await activity.tab();
    const said: string[] = [];
    tab.on("console", (message) => said.push(message.text()));
    tab.on("pageerror", (error) => said.push(error.message));
    await tab.goto(`${activity.url}/delivery?days=90`);
    await tab.locator("canvas").first().waitFor();

    expect(said).toEqual([]);
  });
});

describe("the Metrics view", () => {
  test("says how to begin where nothing was recorded", async () => {
    await using activity = await Activity.start();
    const tab = await activity.open("/delivery");

    await tab.getByText("Nothing to measure yet.").waitFor();
    expect(await tab.locator(".command code").textContent()).toContain("deployment.finished");
  });

  test("says that the service is away, looks again when asked, and by itself when it is back", async () => {
    await using activity = await Activity.start({ isServiceAway: true });
    const tab = await activity.tab();
    // Else the view would look again every 30 seconds, too.
    await tab.addInitScript(() => Object.assign(window, { setInterval: () => 0 }));
    await tab.goto(`${activity.url}/delivery`);
    await tab.getByText("The metrics cannot be computed.").waitFor();

    const asked = tab.waitForRequest("**/api/metrics*");
    await tab.getByRole("button", { name: "Try again" }).click();
    await asked;
    await activity.startService();
    await tab.getByText("Nothing to measure yet.").waitFor();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`is for everybody, at every width, ${colorScheme}`, async () => {
      await using activity = await Activity.start();
      await recordWeeks(activity, Date.now());
      for (const width of [1_240, 700, 320]) {
        const tab = await openMetrics(activity, "", { colorScheme, viewport: { width, height: 800 } });
        await tab.locator("canvas").first().waitFor();
        for (const summary of await tab.locator("summary").all()) await summary.click();

        expect(await violationsIn(tab)).toEqual([]);
        expect(await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await tab.context().close();
      }
    });
  }
});

async function violationsIn(tab: Page): Promise<readonly string[]> {
  await tab.evaluate(axeScript);
  const violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[] =
    await tab.evaluate(`axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }).then(({ violations }) => violations)`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("\n")}`);
}
