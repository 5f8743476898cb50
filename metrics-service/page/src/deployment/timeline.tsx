import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isRedacted } from "../live/redacted-event.ts";
import { jumpTo } from "../rows/jump.ts";
import { VirtualRows } from "../rows/virtual-rows.tsx";
import { OpenParts } from "./open-parts.ts";
import { Step, type TimelineStep } from "./step.tsx";

/** Distance from the end of the timeline within which a reader follows, in px. */
const endPx = 40;

interface TimelineProps {
  readonly events: readonly EventJson[];
  readonly eventTimesUs: readonly number[];
  /** The history is complete: what comes now is new. */
  readonly isLive: boolean;
}

/** Events in the order of their sequences. A reader at the end stays there; others are told of new events. */
export function Timeline({ events, eventTimesUs, isLive }: TimelineProps) {
  const steps = useMemo(() => stepsOf(events, eventTimesUs), [events, eventTimesUs]);
  const openParts = useRef(new Set<string>());
  const end = useRef<HTMLDivElement>(null);
  const newCount = useFollowedEnd(end, steps.length, isLive);
  return (
    <OpenParts.Provider value={openParts.current}>
      <VirtualRows
        rows={steps}
        keyOf={({ event }) => event.sequence ?? ""}
        heightOf={heightOf}
        attributes={{ role: "list", "aria-label": "Events" }}
        rowAttributes={(_, index) => ({ role: "listitem", "aria-posinset": index + 1, "aria-setsize": steps.length })}
      >
        {(step) => <Step step={step} />}
      </VirtualRows>
      <div ref={end} />
      {newCount > 0 ? (
        <div class="new-rows new-rows-below">
          <button type="button" onClick={() => jumpTo(() => window.scrollY + pxBelow(end))}>
            ↓ {newCount} new
          </button>
        </div>
      ) : null}
    </OpenParts.Provider>
  );
}

function stepsOf(events: readonly EventJson[], timesUs: readonly number[]): readonly TimelineStep[] {
  return events.map((event, index) => {
    const previousUs = timesUs[index - 1];
    return {
      event,
      timeMs: (timesUs[index] ?? 0) / 1_000,
      previousMs: previousUs === undefined ? undefined : previousUs / 1_000,
    };
  });
}

/** Height of a step before it was measured, in px. */
function heightOf({ event, previousMs }: TimelineStep): number {
  const { type, message, labels, url, source, principal, data } = event;
  const hasMessage = message !== undefined || isRedacted(event);
  const hasHead = type !== "deployment.progress" || event.actor !== undefined;
  const hasMore = [url, source, principal, data].some((part) => part !== undefined);
  const lines = [hasHead, hasMessage, labels !== undefined, hasMore].filter((isThere) => isThere).length;
  return Math.max(previousMs === undefined ? 33 : 53, 12 + 21 * lines);
}

/** Keeps a reader at the end of the timeline there while it grows. Returns how many events came since another one last saw the end. */
function useFollowedEnd(end: RefObject<HTMLElement | null>, count: number, isLive: boolean): number {
  const isFollowing = useRef(false);
  const latest = useRef(count);
  latest.current = count;
  const [seen, setSeen] = useState<number>();
  useEffect(() => {
    if (!isLive) return undefined;
    const look = () => {
      isFollowing.current = pxBelow(end) <= endPx;
      setSeen((before) => (isFollowing.current ? undefined : (before ?? latest.current)));
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, [end, isLive]);
  useLayoutEffect(() => {
    const hasGrownOut = count > 0 && pxBelow(end) > 0;
    if (isFollowing.current && hasGrownOut) jumpTo(() => window.scrollY + Math.max(0, pxBelow(end)));
  }, [end, count]);
  return seen === undefined ? 0 : count - seen;
}

/** How far an element is below what is seen, in px. */
function pxBelow({ current }: RefObject<HTMLElement | null>): number {
  return (current?.getBoundingClientRect().top ?? 0) - window.innerHeight;
}
