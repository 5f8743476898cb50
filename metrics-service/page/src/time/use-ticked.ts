import { useEffect, useReducer, useRef } from "preact/hooks";
import { usePage } from "../page-context.ts";

/** Returns a value of the server's time, in ms since 1970, and renders again when it is another one. Looks once a second. */
export function useTicked<T extends string | number>(valueAt: (nowMs: number) => T): T {
  const { clock, ticker } = usePage();
  const [, render] = useReducer((count: number) => count + 1, 0);
  const value = valueAt(clock.nowMs());
  const last = useRef({ valueAt, value });
  last.current = { valueAt, value };
  useEffect(
    () =>
      ticker.each(() => {
        if (last.current.valueAt(clock.nowMs()) !== last.current.value) render(undefined);
      }),
    [ticker, clock],
  );
  return value;
}
