import { useCallback, useMemo } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type Filter, filterQuery, parseFilter } from "./filter.ts";

/** Returns the filter in the URL, and the function that changes it there. */
export function useFilter(): readonly [Filter, (change: Partial<Filter>) => void] {
  const { path, query, route } = useLocation();
  const filter = useMemo(() => parseFilter(query), [query]);
  const change = useCallback(
    (changes: Partial<Filter>) => route(`${path}${filterQuery({ ...filter, ...changes })}`, true),
    [path, filter, route],
  );
  return [filter, change];
}
