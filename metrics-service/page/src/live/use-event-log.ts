import { useEffect, useState } from "preact/hooks";
import { usePage } from "../page-context.ts";
import { EventLog } from "./event-log.ts";

/** Follows one deployment's events for as long as the component is shown. */
export function useEventLog(deploymentId: string): EventLog {
  const { live } = usePage();
  const [shown, setShown] = useState(() => ({ log: new EventLog() }));
  useEffect(() => {
    const log = new EventLog();
    setShown({ log });
    return live.subscribe(
      () => ({ deployment: { deploymentId, afterSequence: log.cursor } }),
      (frame) => {
        if (log.take(frame)) setShown({ log });
      },
    );
  }, [live, deploymentId]);
  return shown.log;
}
