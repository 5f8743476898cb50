import { brotliCompressSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { buildPage } from "../build-page.mjs";

/** Bytes of compressed script that the first view may need. */
const firstViewBytesMax = 80 * 1024;

const files = await buildPage();
const html = Buffer.from(files.get("/index.html")?.body ?? "").toString();
const firstScripts = [...html.matchAll(/(?:src|rel="modulepreload" href)="([^"]+[.]js)"/g)].map(
  ([, path]) => path ?? "",
);

test("needs at most 80 KB of compressed script for the first view", () => {
  const bytes = firstScripts.map((path) => brotliCompressSync(files.get(path)?.body ?? "").length);
  const sum = bytes.reduce((one, other) => one + other, 0);

  console.log(`first view: ${(sum / 1_024).toFixed(1)} KiB of script, compressed by Brotli`);
  expect(firstScripts.length).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(firstViewBytesMax);
});

test("loads the charts with the metrics view only", () => {
  const holdsCharts = (path: string) => Buffer.from(files.get(path)?.body ?? "").includes("u-over");

  expect(firstScripts.filter(holdsCharts)).toEqual([]);
  expect([...files.keys()].filter((path) => path.endsWith(".js")).length).toBeGreaterThan(firstScripts.length);
});

test("keeps to its content security policy: no script, style or handler in the HTML, nothing from elsewhere", () => {
  expect(html).not.toMatch(/<style|style=|\son\w+=|<script[^>]*>[^<]/i);
  expect(html).not.toMatch(/(?:src|href)="(?![/](?![/]))/);
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(files.has(path ?? "")).toBe(true);
});

test("names assets by their content, and only those may be kept for ever", async () => {
  const again = await buildPage();

  expect([...again.keys()].sort()).toEqual([...files.keys()].sort());
  for (const [path, { isImmutable }] of files) expect(isImmutable).toBe(path.startsWith("/assets/"));
});

test("says the type of each file", () => {
  const types = Object.fromEntries([...files].map(([path, { contentType }]) => [path.split(".").at(-1), contentType]));

  expect(types).toEqual({
    css: "text/css; charset=utf-8",
    html: "text/html; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    svg: "image/svg+xml",
  });
});
