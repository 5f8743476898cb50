import type { StepTone } from "./step-kind.ts";

/** The mark of a step, by shape and colour. */
export function StepMark({ tone }: { readonly tone: StepTone }) {
  switch (tone) {
    case "success":
      return (
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="7" class="solid" />
          <path d="M4.8 8.4l2.2 2.2 4.2-5" class="on-solid" />
        </svg>
      );
    case "failure":
      return (
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="7" class="solid" />
          <path d="M5.5 5.5l5 5M10.5 5.5l-5 5" class="on-solid" />
        </svg>
      );
    case "warning":
      return (
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M8 1.5 15 14H1z" class="solid" />
          <path d="M8 6v4M8 11.8v.4" class="on-solid" />
        </svg>
      );
    default:
      return (
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r={tone === "active" ? 5.5 : 3.5} class="hollow" />
        </svg>
      );
  }
}
