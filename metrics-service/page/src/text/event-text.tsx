import { visibleParts } from "./visible-text.ts";

/** Text from an event: kept from turning the direction of what is around it, and with control characters shown as symbols. */
export function EventText({ text }: { readonly text: string }) {
  return (
    <bdi class="event-text">
      {visibleParts(text).map((part) =>
        part.kind === "text" ? (
          part.text
        ) : (
          <span class="control" title={part.name}>
            {part.symbol}
          </span>
        ),
      )}
    </bdi>
  );
}
