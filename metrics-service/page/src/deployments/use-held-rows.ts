import { useEffect, useState } from "preact/hooks";
import type { Head } from "../live/head.ts";
import { countBefore, type Place, placeOf } from "./newest-first.ts";

/** Distance from the top within which a reader still sees the newest row, in px. */
const topPx = 80;

interface HeldRows {
  readonly rows: readonly Head[];
  /** Rows that came since the reader left the top. */
  readonly newCount: number;
  readonly showNew: () => void;
}

/**
 * Shows new rows at once at the top of the page; further down it holds them back until the reader asks for them. Another filter, by its
 * query, begins anew.
 */
export function useHeldRows(matching: readonly Head[], query: string): HeldRows {
  const [held, setHeld] = useState<{ readonly query: string; readonly newest: Place }>();
  const newest = held?.query === query ? held.newest : undefined;
  const [first] = matching;
  useEffect(() => {
    const hold = () => {
      const isAtTop = window.scrollY <= topPx;
      setHeld((before) => {
        if (isAtTop || first === undefined) return undefined;
        return before?.query === query ? before : { query, newest: placeOf(first) };
      });
    };
    hold();
    window.addEventListener("scroll", hold, { passive: true });
    return () => window.removeEventListener("scroll", hold);
  }, [first, query]);
  const newCount = newest === undefined ? 0 : countBefore(matching, newest);
  const showNew = () => {
    setHeld(undefined);
    window.scrollTo({ top: 0, behavior: "instant" });
  };
  return { rows: newCount === 0 ? matching : matching.slice(newCount), newCount, showNew };
}
