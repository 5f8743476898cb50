import { type DescMessage, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { CommandContext } from "../program/command-context.ts";
import { exactLocalTimeText } from "../text/local-time.ts";
import { timeAgo } from "../text/time-ago.ts";
import type { Column } from "./column.ts";
import { jsonLine, safeJson } from "./json-line.ts";
import type { Output } from "./output.ts";
import { Table } from "./table.ts";

/**
 * Writes one message: as proto JSON with `--json`, otherwise one row for each set field. A terminal shows times on this machine's
 * clock or in UTC, and how long ago they are.
 */
export async function writeFields<Schema extends DescMessage>(
  { json, output, utc, nowMs }: CommandContext,
  schema: Schema,
  message: MessageShape<Schema>,
): Promise<void> {
  if (json) return output.line(jsonLine(schema, message));
  const rows = fieldRows(toJson(schema, message, { useProtoFieldName: true }));
  const times = timesOf(schema, message);
  const shown = ({ field, value }: FieldRow) => {
    const time = times.get(field);
    if (time === undefined) return { field, value };
    const age = timeAgo(time, nowMs);
    return { field, value, shown: `${exactLocalTimeText(time, utc)}${age === undefined ? "" : ` (${age})`}` };
  };
  await writeRows(output, rows.map(shown));
}

/** Writes one row for each field. */
export async function writeRows(output: Output, rows: readonly FieldRow[]): Promise<void> {
  const table = new Table(output, fieldColumns);
  for (const row of rows) await table.row(row);
  await table.flush();
}

/** Name and displayed value of one field. */
export interface FieldRow {
  readonly field: string;
  readonly value: string;
  /** Value on a terminal; default: `value`. */
  readonly shown?: string;
}

/** Columns of a message shown field by field. */
const fieldColumns: readonly Column<FieldRow>[] = [
  { title: "FIELD", width: 21, cell: ({ field }) => field },
  { title: "VALUE", width: 0, cell: ({ value }) => value, shown: ({ value, shown }) => shown ?? value, isWhole: true },
];

/** Returns the times of a message, by their names in the contract. */
function timesOf<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
): ReadonlyMap<string, Timestamp> {
  const reflected = reflect(schema, message);
  const times = schema.fields.flatMap((field) => {
    if (field.fieldKind !== "message" || field.message.typeName !== TimestampSchema.typeName) return [];
    return reflected.isSet(field) ? [[field.name, reflected.get(field).message as Timestamp] as const] : [];
  });
  return new Map(times);
}

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
  standing: "DEPLOYMENT_STANDING_",
  state: "DEPLOYMENT_STATE_",
};
