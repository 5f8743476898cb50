import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { jumpByKeys } from "./jump.ts";
import { useKeptPlace } from "./use-kept-place.ts";
import { useWindowRows } from "./use-window-rows.ts";

interface VirtualRowsProps<T> {
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Height of a row before it was measured, in px. The nearer, the calmer is the scroll bar. */
  readonly heightOf: (row: T) => number;
  readonly children: (row: T, index: number) => ComponentChildren;
  /** Attributes of the whole and of each row, such as their roles. */
  readonly attributes?: HTMLAttributes<HTMLDivElement>;
  readonly rowAttributes?: (row: T, index: number) => HTMLAttributes<HTMLDivElement>;
}

/**
 * Rows of a list, of which only those near the screen are in the page. The page itself scrolls. The row that the reader sees first
 * stays where it is when rows above it come, go or grow, and the row with the focus is always there.
 */
export function VirtualRows<T>({ rows, keyOf, heightOf, children, attributes, rowAttributes }: VirtualRowsProps<T>) {
  const container = useRef<HTMLDivElement>(null);
  const focusedKey = useRef<string | undefined>(undefined);
  const virtualizer = useWindowRows({ rows, keyOf, heightOf, container, keptKey: focusedKey });
  useKeptPlace(virtualizer, rows, keyOf);
  useEffect(jumpByKeys, []);
  return (
    <div
      {...attributes}
      ref={container}
      class="rows"
      style={{ height: `${virtualizer.getTotalSize()}px` }}
      onFocusIn={({ target }) => {
        focusedKey.current = (target as Element).closest<HTMLElement>("[data-key]")?.dataset.key;
      }}
      onFocusOut={() => {
        focusedKey.current = undefined;
      }}
    >
      {virtualizer.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <div
            {...rowAttributes?.(row, index)}
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            data-key={key}
            style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }}
          >
            {children(row, index)}
          </div>
        );
      })}
    </div>
  );
}
