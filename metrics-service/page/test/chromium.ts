import { existsSync } from "node:fs";

/** The browser of the tests: Debian's, or what CHROMIUM names. */
export const chromiumFile = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Returns one line with the reason why this machine has no Chromium; undefined if it has. */
export function whyNoChromium(): string | undefined {
  return existsSync(chromiumFile) ? undefined : "apt-get install chromium, or name one with CHROMIUM=FILE";
}
