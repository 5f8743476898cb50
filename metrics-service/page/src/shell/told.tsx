import { useEffect, useState } from "preact/hooks";

interface ToldProps {
  readonly text: string;
  /** The text is told when this changes: after what the reader did, not with every event. */
  readonly when: string;
}

/** Tells a screen reader what came of a change. */
export function Told({ text, when }: ToldProps) {
  const [told, setTold] = useState("");
  useEffect(() => setTold(text), [when]);
  return (
    <p class="unseen" role="status">
      {told}
    </p>
  );
}
