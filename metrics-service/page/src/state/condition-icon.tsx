import type { Condition } from "./condition.ts";

/** Shapes of the conditions, in a box of 16 by 16. Each differs in form, not only in colour. */
const shapes: Readonly<Record<Condition | "removed" | "incident", string>> = {
  unknown: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9",
  queued: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5.2V8l2 1.4",
  running: "M5 3.4v9.2L12.6 8z",
  succeeded: "M3 8.6l3.2 3.2L13 4.6",
  failed: "M4 4l8 8M12 4l-8 8",
  canceled: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M4.2 11.8l7.6-7.6",
  error: "M8 2.6v6.6M8 12.4v.6",
  rolledBack: "M6.2 3 3 6.2l3.2 3.2M3.4 6.2h6a3.4 3.4 0 0 1 0 6.8H6",
  removed: "M3.5 8h9",
  incident: "M8 2.4 14 13H2zM8 6.4v3M8 11.2v.2",
};

export function ConditionIcon({ shape }: { readonly shape: keyof typeof shapes }) {
  return (
    <svg class={`icon icon-${shape}`} viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <path d={shapes[shape]} />
    </svg>
  );
}
