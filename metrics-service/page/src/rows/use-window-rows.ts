import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  type Range,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

/** Rows that are kept beyond the screen, above and below. */
const overscan = 12;

interface WindowRowsOptions<T> {
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly heightOf: (row: T) => number;
  /** Element that the rows stand in. */
  readonly container: RefObject<HTMLElement | null>;
  /** Key of a row that is kept wherever it is. */
  readonly keptKey: RefObject<string | undefined>;
}

/** Chooses the rows near the screen while the page scrolls, and renders again when others are. */
export function useWindowRows<T>({ rows, keyOf, heightOf, container, keptKey }: WindowRowsOptions<T>) {
  const scrollMargin = useRef(0);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const options: VirtualizerOptions<Window, HTMLDivElement> = {
    count: rows.length,
    getScrollElement: () => window,
    estimateSize: (index) => heightOf(rows[index] as T),
    getItemKey: (index: number) => keyOf(rows[index] as T),
    scrollToFn: windowScroll,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    initialOffset: () => window.scrollY,
    initialRect: { width: window.innerWidth, height: window.innerHeight },
    scrollMargin: scrollMargin.current,
    overscan,
    rangeExtractor: (range: Range) => withKept(range, rows, keyOf, keptKey.current),
    onChange: () => render(undefined),
  };
  const holder = useRef<Virtualizer<Window, HTMLDivElement> | undefined>(undefined);
  holder.current ??= new Virtualizer<Window, HTMLDivElement>(options);
  const virtualizer = holder.current;
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    const top = container.current === null ? 0 : container.current.getBoundingClientRect().top + window.scrollY;
    if (Math.abs(top - scrollMargin.current) < 1) return;
    scrollMargin.current = top;
    render(undefined);
  });
  return virtualizer;
}

function withKept<T>(range: Range, rows: readonly T[], keyOf: (row: T) => string, key: string | undefined): number[] {
  const indexes = defaultRangeExtractor(range);
  if (key === undefined) return indexes;
  const kept = rows.findIndex((row) => keyOf(row) === key);
  if (kept === -1 || indexes.includes(kept)) return indexes;
  return [...indexes, kept].sort((one, other) => one - other);
}
