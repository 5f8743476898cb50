import { useEffect, useState } from "preact/hooks";
import { usePage } from "../page-context.ts";
import { Heads } from "./heads.ts";
import type { Wanted } from "./wanted.ts";

/** Shortest time between two looks at a list under way, in ms: a long list comes in many frames. */
const listIntervalMs = 100;

/**
 * Subscribes to heads for as long as the component is shown, anew when `key` changes. Renders again after each
 * change.
 */
export function useHeads(key: string, wanted: () => Wanted): { readonly heads: Heads; readonly version: number } {
  const { live } = usePage();
  const [shown, setShown] = useState(() => ({ key, heads: new Heads(), version: 0 }));
  useEffect(() => {
    const heads = new Heads();
    let version = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      version += 1;
      setShown({ key, heads, version });
    };
    const end = live.subscribe(wanted, (frame) => {
      const wasEmpty = heads.size === 0;
      heads.take(frame);
      if (wasEmpty || !heads.isListing) show();
      else timer ??= setTimeout(show, listIntervalMs);
    });
    show();
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [live, key]);
  return shown;
}
