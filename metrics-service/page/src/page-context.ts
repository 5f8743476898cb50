import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { LiveConnection } from "./live/live-connection.ts";
import type { ServerClock } from "./live/server-clock.ts";
import type { Ticker } from "./time/ticker.ts";

/** What every view may use. One of each for the page, made in main.tsx. */
export interface Page {
  readonly live: LiveConnection;
  readonly clock: ServerClock;
  readonly ticker: Ticker;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error("a component of the page stands outside PageContext");
  return page;
}
