import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { CommandContext } from "../program/command-context.ts";
import { jsonLine } from "./json-line.ts";
import { type Column, Table } from "./table.ts";

/** Returns a function that writes one message of a list: as proto JSON with `--json`, otherwise as a row. */
export function messageWriter<Schema extends DescMessage>(
  { json, output }: CommandContext,
  schema: Schema,
  columns: readonly Column<MessageShape<Schema>>[],
): (message: MessageShape<Schema>) => Promise<void> {
  if (json) return (message) => output.line(jsonLine(schema, message));
  const table = new Table(output, columns);
  return (message) => table.row(message);
}
