import { type DescMessage, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { CommandContext } from "../program/command-context.ts";
import { fieldColumns, fieldRows } from "./field-rows.ts";
import { jsonLine } from "./json-line.ts";
import { Table } from "./table.ts";

/** Writes one message: proto JSON when that is asked for, otherwise a row for each field that is set. */
export async function writeFields<Schema extends DescMessage>(
  { json, output }: CommandContext,
  schema: Schema,
  message: MessageShape<Schema>,
): Promise<void> {
  if (json) return output.line(jsonLine(schema, message));
  const table = new Table(output, fieldColumns);
  for (const row of fieldRows(toJson(schema, message, { useProtoFieldName: true }))) await table.row(row);
}
