import { type Browser, chromium } from "playwright-core";
import { findCommand } from "../servers/find-command.ts";

/** Starts headless Chromium, of Debian's package. */
export function startBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM || findCommand("chromium", { debianPackage: "chromium" });
  // Chromium has no sandbox for root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
