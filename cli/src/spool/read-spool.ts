import type { Event } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { openPlainFile } from "../files/open-plain-file.ts";
import { readLines } from "../text/read-lines.ts";
import { type HeadLine, parseHeadLine, parseSpooledEvent } from "./spool-lines.ts";

/** What a file of the spool holds. */
export type SpoolItem =
  | HeadLine
  | { readonly kind: "event"; readonly event: Event }
  /** A whole line that holds no event: the disk has altered it. */
  | { readonly kind: "no event"; readonly line: string; readonly problem: string };

const newline = 0x0a;

/**
 * Reads a file of the spool in bounded memory: its head, then its events. A last line that was cut off while it was written is
 * left out, since nothing was promised about it; a file with no whole line yields nothing. Throws what `openPlainFile` throws.
 */
export async function* readSpool(path: string): AsyncGenerator<SpoolItem, void, undefined> {
  let lastByte: number | undefined;
  let isRead = false;
  const stream = (await openPlainFile(path)).createReadStream();
  const watched = async function* () {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      lastByte = chunk.at(-1);
      yield chunk;
    }
    isRead = true;
  };
  try {
    let isFirst = true;
    for await (const lines of readLines(watched())) {
      for (const line of lines) {
        // Lines that end come before the end of the file is read.
        const isCut = isRead && lastByte !== newline;
        if (isFirst) {
          isFirst = false;
          if (isCut) return;
          yield parseHeadLine(line);
          continue;
        }
        const found = parseSpooledEvent(line);
        if (!("problem" in found)) yield { kind: "event", event: found };
        else if (!isCut)
          yield { kind: "no event", line: line.kind === "text" ? line.text : "", problem: found.problem };
      }
    }
  } finally {
    stream.destroy();
  }
}
