import type { LiveConnection } from "./live-connection.ts";

/**
 * Connects, and ties the connection to the life of the tab: closed while the browser keeps the page for "back", looked after when
 * the tab comes to the front or the network returns.
 */
export function keepAlive(live: LiveConnection, page: Window = window): void {
  live.open();
  // Not every browser keeps a page with an open socket.
  page.addEventListener("pagehide", () => live.close());
  page.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) live.wake();
  });
  page.addEventListener("online", () => live.wake());
  page.document.addEventListener("visibilitychange", () => {
    if (page.document.visibilityState === "visible") live.wake();
  });
}
