import { limits } from "../limits.ts";
import type { EventLine, ParsedLine } from "./event-line.ts";

/** A piece of the input: events that go into one batch, or one line that holds no event. */
export type LinePart =
  | { readonly kind: "batch"; readonly lines: readonly EventLine[] }
  | Extract<ParsedLine, { kind: "bad" }>;

/** Cuts lines into pieces, in their order: a batch holds neighbours of one deployment, as many as one call takes. */
export function lineParts(parsed: readonly ParsedLine[]): readonly LinePart[] {
  const parts: LinePart[] = [];
  let batch: EventLine[] = [];
  let bytes = 0;
  const endBatch = () => {
    if (batch.length > 0) parts.push({ kind: "batch", lines: batch });
    batch = [];
    bytes = 0;
  };
  for (const part of parsed) {
    if (part.kind === "blank") continue;
    if (part.kind === "bad") {
      endBatch();
      parts.push(part);
      continue;
    }
    const { line } = part;
    const isFull = batch.length >= limits.batchEventsMax || bytes + line.bytes > limits.batchBytesMax;
    if (isFull || batch[0]?.event.deploymentId !== line.event.deploymentId) endBatch();
    batch.push(line);
    bytes += line.bytes;
  }
  endBatch();
  return parts;
}
