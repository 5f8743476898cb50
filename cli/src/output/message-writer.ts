import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { CommandContext } from "../program/command-context.ts";
import type { Column } from "./column.ts";
import { jsonLine } from "./json-line.ts";
import { Table } from "./table.ts";

/** Writes the messages of a list: as proto JSON with `--json`, otherwise as rows. */
export interface MessageWriter<Message> {
  readonly write: (message: Message) => Promise<void>;
  /** Writes what waits; see `Table`. */
  readonly flush: (options?: { readonly isLive?: boolean }) => Promise<void>;
}

/** Writes the messages of a list that ends, up to a limit; also those that came before an error. Returns how many. */
export async function writeList<Message>(
  messages: AsyncIterable<Message>,
  { write, flush }: MessageWriter<Message>,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  let written = 0;
  try {
    for await (const message of messages) {
      await write(message);
      written += 1;
      if (written >= limit) break;
    }
  } finally {
    await flush();
  }
  return written;
}

/** Makes a writer for the messages of one list. */
export function messageWriter<Schema extends DescMessage>(
  { json, output }: Pick<CommandContext, "json" | "output">,
  schema: Schema,
  columns: readonly Column<MessageShape<Schema>>[],
): MessageWriter<MessageShape<Schema>> {
  if (json) return { write: (message) => output.line(jsonLine(schema, message)), flush: async () => {} };
  const table = new Table(output, columns);
  return { write: (message) => table.row(message), flush: (options) => table.flush(options) };
}
