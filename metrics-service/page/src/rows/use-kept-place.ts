import type { Virtualizer } from "@tanstack/virtual-core";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Scrolls by as much as rows above the first seen one have come or gone. */
export function useKeptPlace<T>(
  virtualizer: Virtualizer<Window, HTMLDivElement>,
  rows: readonly T[],
  keyOf: (row: T) => string,
): void {
  const seen = useRef<{ readonly rows: readonly T[]; readonly key: string; readonly start: number } | undefined>(
    undefined,
  );
  useLayoutEffect(() => {
    const last = seen.current;
    const margin = virtualizer.options.scrollMargin;
    // At the top the reader sees what comes.
    if (last !== undefined && last.rows !== rows && window.scrollY > margin) {
      const index = rows.findIndex((row) => keyOf(row) === last.key);
      const start = virtualizer.measurementsCache[index]?.start;
      if (start !== undefined && start !== last.start)
        window.scrollBy({ top: start - last.start, behavior: "instant" });
    }
    const top = window.scrollY;
    const first = top <= margin ? undefined : virtualizer.getVirtualItems().find(({ end }) => end > top);
    seen.current = first && { rows, key: `${first.key}`, start: first.start };
  });
}
