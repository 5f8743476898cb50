import type { Locator } from "playwright-core";

/** Returns the text of an element as it is seen, with single spaces. */
export async function shownText(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is not seen does not count
  const text = await locator.innerText();
  return text.replace(/\s+/g, " ").trim();
}

/** The same for each element that there is. */
export async function shownTexts(locator: Locator): Promise<readonly string[]> {
  return Promise.all((await locator.all()).map(shownText));
}
