import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Severity } from "@activity-events/client";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { Activity } from "./activity.ts";
import { ago, failed, progress, removed, rolledBack, started, succeeded } from "./events.ts";

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const minute = 60_000;

/** Texts that would break out of a page that trusts them. */
const hostile = [
  "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
  "\u001b[31mred\u001b[0m \u202eforget reversed",
  "x".repeat(60_000),
  "&lt;b&gt; {{constructor.constructor('alert(1)')()}}",
];
const longName = `release_${"x".repeat(110)}`;

let activity: Activity;

beforeAll(async () => {
  activity = await Activity.start();
  const fields = { service: "payments", environment: "production" };
  await activity.record(
    started("p-1", { ...fields, revision: "3.8.1", actor: "mira", sendTime: ago(130 * minute) }),
    succeeded("p-1", { sendTime: ago(125 * minute) }),
    started("p-2", { ...fields, revision: "3.9.0", sendTime: ago(80 * minute) }),
    progress("p-2", "p99 latency 2.4 s", {
      type: "incident.opened",
      severity: Severity.ERROR,
      data: { slo: "latency" },
    }),
    rolledBack("p-2", { actor: "on-call" }),
    started("p-3", { ...fields, revision: "3.9.1", actor: "ci", sendTime: ago(minute), url: "https://ci.example/3" }),
    progress("p-3", "error share 2 %", { severity: Severity.WARNING, labels: { wave: "1" } }),
    started("s-1", { service: "search", environment: "staging", revision: "9b1f2c4" }),
    failed("s-1"),
    started("l-1", { service: "legacy", environment: "dev", revision: "1.0", sendTime: ago(900 * minute) }),
    succeeded("l-1", { sendTime: ago(890 * minute) }),
    removed("l-1"),
    started(longName, {
      service: `<b>${"s".repeat(200)}</b>`,
      environment: `\u202e${"e".repeat(200)}`,
      revision: `"'><script>document.title='owned'</script>${"r".repeat(200)}`,
      actor: `${"a".repeat(240)}`,
      commit: "c".repeat(200),
      url: `https://ci.example/${"u".repeat(900)}`,
      source: "javascript:alert(1)",
      labels: { [`<i>${"k".repeat(200)}`]: "v".repeat(1_000), "\u202ekey": "\u2066value" },
      data: {
        [`<b>${"n".repeat(300)}`]: hostile[0] ?? "",
        deep: { deeper: { deepest: [1, true, null, hostile[1] ?? ""] } },
      },
    }),
    ...hostile.map((message) => progress(longName, message)),
    progress(longName, "", { type: `acme.${"t".repeat(200)}` }),
  );
});

afterAll(() => activity[Symbol.asyncDispose]());

const views = [
  ["Now", "/"],
  ["Deployments", "/deployments"],
  ["Deployments without a match", "/deployments?text=nothing-like-this"],
  ["a deployment", "/deployments/p-2"],
  ["a deployment in flight", "/deployments/p-3"],
  ["a hostile deployment", `/deployments/${longName}`],
  ["an unknown deployment", "/deployments/never-seen"],
  ["no view", "/nothing/here"],
] as const;

async function openReady(path: string, options = {}): Promise<Page> {
  // The server knows the paths of the views alone; within the page every path can come up.
  const tab = await activity.open(path.startsWith("/nothing") ? "/" : path, options);
  await tab.locator(".live-live").waitFor();
  if (path.startsWith("/nothing")) {
    await tab.evaluate((url) => {
      history.pushState(null, "", url);
      dispatchEvent(new PopStateEvent("popstate"));
    }, path);
    await tab.getByText("There is no such page.").waitFor();
  }
  await tab.waitForFunction(
    () => document.querySelector("main")?.textContent !== "" && !document.querySelector(".loading"),
  );
  return tab;
}

async function violationsIn(tab: Page): Promise<readonly string[]> {
  await tab.evaluate(axeScript);
  const violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[] =
    await tab.evaluate(`axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }).then(({ violations }) => violations)`);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("\n")}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.each(views)(`axe finds nothing in %s, ${colorScheme}`, async (_, path) => {
    for (const width of [1_240, 320]) {
      const tab = await openReady(path, { colorScheme, viewport: { width, height: 800 } });

      expect(await violationsIn(tab)).toEqual([]);
      await tab.context().close();
    }
  });
}

test.each(views)("%s fits into 320 px without scrolling sideways", async (_, path) => {
  const tab = await openReady(path, { viewport: { width: 320, height: 700 } });

  expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await tab.context().close();
});

test("what is dark is dark, and what is light is light", async () => {
  const surfaceOf = async (colorScheme: "light" | "dark") => {
    const tab = await openReady("/", { colorScheme });
    return tab.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  };

  expect(await surfaceOf("light")).toBe("rgb(246, 246, 244)");
  expect(await surfaceOf("dark")).toBe("rgb(19, 22, 25)");
});

test("hostile text is shown as text, and does nothing", async () => {
  const tab = await activity.tab();
  const errors: string[] = [];
  tab.on("pageerror", ({ message }) => errors.push(message));
  tab.on("console", (message) => errors.push(message.text()));
  for (const path of [`/deployments/${longName}`, "/", "/deployments"]) {
    await tab.goto(`${activity.url}${path}`);
    await tab.locator(".event-text", { hasText: "<b>sss" }).first().waitFor();

    expect(await tab.title()).not.toBe("owned");
    expect(await tab.locator("main img, main script, main b").count()).toBe(0);
    expect(await tab.locator('a[href^="javascript"]').count()).toBe(0);
  }
  await tab.goto(`${activity.url}/deployments/${longName}`);
  await tab.getByText("onerror").first().waitFor();
  await tab.getByText("ESC").first().waitFor();
  await tab.getByText("RLO").first().waitFor();

  await tab.getByRole("button", { name: "Show all 60,000 characters" }).click();
  await tab.getByRole("button", { name: "Show less" }).waitFor();
  expect(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(errors).toEqual([]);
});

test("everything is reached and worked by keyboard alone, and the focus is seen", async () => {
  const tab = await openReady("/");
  const focused = () =>
    tab.evaluate(() => {
      const element = document.activeElement ?? document.body;
      const style = getComputedStyle(element);
      const after = getComputedStyle(element, "::after");
      const isSeen = [style, after].some(({ outlineStyle }) => outlineStyle !== "none");
      return { text: element.textContent.trim(), id: element.id, isSeen };
    });
  const tabTo = async (text: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await tab.keyboard.press("Tab");
      const now = await focused();
      expect(now.isSeen).toBe(true);
      if (now.text === text) return;
    }
    throw new Error(`the keyboard does not reach ${text}`);
  };

  await tab.keyboard.press("Tab");
  expect((await focused()).text).toBe("Skip to the content");
  await tab.keyboard.press("Enter");
  expect((await focused()).id).toBe("main");
  await tab.keyboard.press("Shift+Tab");
  await tab.reload();
  await tab.locator(".live-live").waitFor();

  await tabTo("Deployments");
  await tab.keyboard.press("Enter");
  await tab.getByRole("heading", { name: "Deployments" }).waitFor();
  expect((await focused()).id).toBe("main");
  await tabTo("p-2");
  await tab.keyboard.press("Enter");
  await tab.getByText("p99 latency").waitFor();
  await tabTo("Data");
  await tab.keyboard.press("Enter");
  await tab.getByText("slo").waitFor();
});

test("the row with the focus stays when it is scrolled away", async () => {
  const many = Array.from({ length: 100 }, (_, index) => started(`many-${index}`, { service: "many" }));
  for await (const outcome of activity.client.ingestEvents(many)) expect(outcome.kind).toBe("stored");
  const tab = await openReady("/deployments?service=many");
  await tab.getByRole("link", { name: "many-99" }).focus();

  await tab.mouse.wheel(0, 3_000);
  await tab.getByText("many-40").waitFor();

  expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe("many-99");
});

test("nothing moves for those who want it so", async () => {
  const tab = await openReady("/", { reducedMotion: "reduce" });

  const moving = await tab.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return animationName !== "none" || transitionDuration !== "0s";
      }).length,
  );
  expect(moving).toBe(0);
});

test("what can be clicked is at least 24 px high and wide, unless it stands in a text", async () => {
  for (const [, path] of views) {
    const tab = await openReady(path, { viewport: { width: 390, height: 800 } });
    const small = await tab.evaluate(() =>
      [...document.querySelectorAll("button, select, input, nav a, .note a, a.pill, summary")]
        .map((element) => ({ html: element.outerHTML.slice(0, 120), box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
        .map(({ html, box }) => `${html} ${box.width}×${box.height}`),
    );
    expect(small).toEqual([]);
    await tab.context().close();
  }
});
