import { type DescMessage, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { CommandContext } from "../program/command-context.ts";
import type { Column } from "./column.ts";
import { jsonLine, safeJson } from "./json-line.ts";
import { Table } from "./table.ts";

/** Writes one message: as proto JSON with `--json`, otherwise one row for each set field. */
export async function writeFields<Schema extends DescMessage>(
  { json, output }: CommandContext,
  schema: Schema,
  message: MessageShape<Schema>,
): Promise<void> {
  if (json) return output.line(jsonLine(schema, message));
  const table = new Table(output, fieldColumns);
  for (const row of fieldRows(toJson(schema, message, { useProtoFieldName: true }))) await table.row(row);
  await table.flush();
}

/** Name and displayed value of one field. */
interface FieldRow {
  readonly field: string;
  readonly value: string;
}

/** Columns of a message shown field by field. */
const fieldColumns: readonly Column<FieldRow>[] = [
  { title: "FIELD", width: 21, cell: ({ field }) => field },
  { title: "VALUE", width: 0, cell: ({ value }) => value, isWhole: true },
];

/**
 * Turns proto JSON into one row for each set field, by its name in the contract. Each label has a row; enums show their
 * bare names, hashes are in hex. Salts are left out.
 */
function fieldRows(message: JsonValue): readonly FieldRow[] {
  if (message === null || typeof message !== "object") return [];
  return Object.entries(message).flatMap(([field, value]) => rowsOf(field, value));
}

function rowsOf(field: string, value: JsonValue): readonly FieldRow[] {
  if (field === "salt") return [];
  if (hashes.has(field)) return [{ field, value: Buffer.from(String(value), "base64").toString("hex") }];
  if (field === "labels" && value !== null && typeof value === "object") {
    return Object.entries(value).map(([key, label]) => ({ field: `labels.${key}`, value: String(label) }));
  }
  if (typeof value === "object") return [{ field, value: safeJson(value) }];
  const prefix = enumPrefixes[field];
  return [{ field, value: prefix === undefined ? String(value) : String(value).replace(prefix, "") }];
}

const hashes: ReadonlySet<string> = new Set(["commitment", "history_hash"]);

const enumPrefixes: Readonly<Record<string, string>> = {
  outcome: "OUTCOME_",
  severity: "SEVERITY_",
  state: "DEPLOYMENT_STATE_",
};
