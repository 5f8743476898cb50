import type { ComponentChildren } from "preact";
import { useOpen } from "./open-parts.ts";

interface UnfoldingProps {
  readonly id: string;
  readonly summary: ComponentChildren;
  /** Made only while it is open. */
  readonly children: () => ComponentChildren;
}

/** A part that is closed at first. */
export function Unfolding({ id, summary, children }: UnfoldingProps) {
  const [isOpen, setOpen] = useOpen(id);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen ? children() : null}
    </details>
  );
}
