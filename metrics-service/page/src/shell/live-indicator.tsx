import { useStatus } from "../live/use-status.ts";
import { formatClockTime } from "../time/times.tsx";
import { useTicked } from "../time/use-ticked.ts";

/** Says whether the page is live, with the server's time. */
export function LiveIndicator() {
  const status = useStatus();
  const time = useTicked(formatClockTime);
  const words = { connecting: "Connecting", live: "Live", away: "Not live" }[status.kind];
  return (
    <p class={`live live-${status.kind}`}>
      <svg viewBox="0 0 16 16" width="10" height="10" aria-hidden="true">
        {status.kind === "away" ? <path d="M3 3l10 10M13 3L3 13" /> : <circle cx="8" cy="8" r="6" />}
      </svg>
      {words}
      {status.kind === "live" ? <span class="live-time"> · {time}</span> : null}
    </p>
  );
}
