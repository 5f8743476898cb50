import { useState } from "preact/hooks";
import { EventText } from "./event-text.tsx";
import { foldedText } from "./fold-text.ts";

/** Text from an event that may be long: folded until it is asked for. */
export function LongText({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const folded = foldedText(text);
  if (folded === undefined) return <EventText text={text} />;
  return (
    <>
      <EventText text={isOpen ? text : `${folded}…`} />{" "}
      <button type="button" class="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? "Show less" : `Show all ${text.length.toLocaleString("en")} characters`}
      </button>
    </>
  );
}
