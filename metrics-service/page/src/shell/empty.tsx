import type { ComponentChildren } from "preact";
import { CopyableCommand } from "./copyable-command.tsx";

interface EmptyProps {
  readonly title: string;
  /** It stands for a whole view, so its title is the page's heading. */
  readonly isView?: boolean;
  readonly children?: ComponentChildren;
  /** What to type next. */
  readonly command?: string;
}

/** Takes the place of what is not there, and says what to do next. */
export function Empty({ title, isView = false, children, command }: EmptyProps) {
  return (
    <div class="empty">
      <svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
        <path d="M3 17h7l4-9 5 16 4-7h6" />
      </svg>
      {isView ? <h1 class="empty-title">{title}</h1> : <p class="empty-title">{title}</p>}
      {children}
      {command === undefined ? null : <CopyableCommand command={command} purpose="In a terminal" />}
    </div>
  );
}
