import { useStatus } from "../live/use-status.ts";
import { EventText } from "../text/event-text.tsx";
import { ClockTime, Elapsed } from "../time/times.tsx";

/** Says why the page is not live, and since when. The region is always there, so that a screen reader tells of a change. */
export function NotLive() {
  const status = useStatus();
  return (
    <>
      {status.kind === "away" ? (
        <div class="not-live">
          <p>
            <strong>Not live.</strong> <EventText text={status.reason} />. You see what was known at{" "}
            <ClockTime ms={status.sinceMs} />, <Elapsed ms={status.sinceMs} /> ago.{" "}
            {status.isRetried ? "The page reconnects by itself." : "Reload the page to try again."}
          </p>
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      ) : null}
      <p class="unseen" role="status">
        {status.kind === "away" ? `Not live. ${status.reason}.` : ""}
      </p>
    </>
  );
}
