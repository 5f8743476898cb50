// `npm run picture [-- FOLDER]`: takes page.png and page-dark.png into FOLDER or docs, the README's pictures of the page with
// the demo's data. Needs Chromium: Debian's, or what CHROMIUM names.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { startProgram } from "./start-program.ts";

const root = join(import.meta.dirname, "..", "..");
const size = { width: 1280, height: 900 };

const target = resolve(process.argv[2] ?? join(root, "docs"));
const folder = mkdtempSync(join(tmpdir(), "activity-events-picture-"));
const environment = {
  ...process.env,
  DATA_DIR: folder,
  PORT: "0",
  PAGE_PORT: "0",
  WEBHOOKS_PORT: "0",
  LOG_FORMAT: "json",
};
const started = startProgram(join(root, "tools", "start", "main.ts"), [], environment);
try {
  const address = await started.said(/"address":"([^"]+)"/);
  // The webhooks' line names their routes as well.
  const url = await started.said(/"url":"([^"]+)"(?!.*"routes").*\}\n/);
  const demo = startProgram(join(root, "demo", "src", "main.ts"), ["--no-live", "--address", address], environment);
  if ((await demo.ended) !== 0) throw new Error("the demo could not fill the store");
  await takePictures(url);
} finally {
  started.stop();
  await started.ended;
  rmSync(folder, { recursive: true });
}

async function takePictures(url: string): Promise<void> {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args });
  try {
    for (const [colorScheme, name] of [
      ["light", "page.png"],
      ["dark", "page-dark.png"],
    ] as const) {
      const page = await browser.newPage({ viewport: size, colorScheme, timezoneId: "UTC", reducedMotion: "reduce" });
      await page.goto(url);
      await page.getByRole("link", { name: "checkout" }).first().waitFor();
      const path = join(target, name);
      await page.screenshot({ path });
      process.stdout.write(`${path}\n`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}
