import { useEffect } from "preact/hooks";

/** Names the view in the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Activity`;
  }, [title]);
}
