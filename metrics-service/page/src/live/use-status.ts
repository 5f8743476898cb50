import { useEffect, useState } from "preact/hooks";
import { usePage } from "../page-context.ts";
import type { LiveStatus } from "./live-status.ts";

/** Returns the connection's status, and renders again when it changes. */
export function useStatus(): LiveStatus {
  const { live } = usePage();
  const [status, setStatus] = useState(live.status);
  useEffect(() => {
    setStatus(live.status);
    return live.onStatus(() => setStatus(live.status));
  }, [live]);
  return status;
}
