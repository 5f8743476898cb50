import { emptiedFields } from "@activity-events/event-store";
import {
  ExportedDeploymentSchema,
  ExportHeaderSchema,
  ImportEventsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { BatchCreateEventsRequestSchema } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { EventFilterSchema, EventSchema } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { ListValueSchema, StructSchema } from "@bufbuild/protobuf/wkt";
import { limits } from "../../limits.ts";

/** Rules of an encoded message: its fields, by number. */
export interface MessageRules {
  readonly fields: readonly (FieldRule | undefined)[];
  /** True for a map entry, which the library does not count as a level. */
  readonly isEntry: boolean;
}

/** Rules of an encoded field. */
export interface FieldRule {
  readonly name: string;
  readonly wireType: WireType;
  readonly isText: boolean;
  readonly isList: boolean;
  /** Rules of the message or map entry in the field, which is checked too. */
  readonly message: MessageRules | undefined;
  /** Most occurrences in one message, and a name for them. */
  readonly countMax: number;
  readonly countOf: string;
  /** Most messages within it, on all levels; undefined if their own fields bound them. */
  readonly valuesMax: number | undefined;
}

/** Bounds on the occurrences of the contract's repeated fields. */
const countMax = new Map<DescField, number>([
  [BatchCreateEventsRequestSchema.field.events, limits.batchEventsMax],
  [EventSchema.field.labels, limits.labelEntriesMax],
  [EventFilterSchema.field.labels, limits.labelEntriesMax],
  [ImportEventsRequestSchema.field.records, limits.importRecordsMax],
  [ExportHeaderSchema.field.redactionKeys, limits.redactionKeysMax],
  [ExportedDeploymentSchema.field.emptiedFields, emptiedFields.length],
  // In `data`, which is bounded as a whole.
  [StructSchema.field.fields, limits.dataValuesMax],
  [ListValueSchema.field.values, limits.dataValuesMax],
]);

const known = new Map<DescMessage, MessageRules>();

/** Makes the rules of a message from its descriptor. Throws if a field of the contract has no bound. */
export function rulesOf(desc: DescMessage): MessageRules {
  const before = known.get(desc);
  if (before !== undefined) return before;
  const fields: FieldRule[] = [];
  const rules = { fields, isEntry: false };
  // Before its fields, because a message may contain itself.
  known.set(desc, rules);
  for (const field of desc.fields) fields[field.number] = ruleOf(field);
  return rules;
}

function ruleOf(field: DescField): FieldRule {
  const valuesMax = field === EventSchema.field.data ? limits.dataValuesMax : undefined;
  switch (field.fieldKind) {
    case "scalar":
      return scalarRule(field.name, field.scalar);
    case "enum":
      return scalarRule(field.name, ScalarType.INT32);
    case "message":
      return { ...messageRule(field.name, rulesOf(field.message)), valuesMax };
    case "map":
      return { ...messageRule(field.name, entryRules(field)), countMax: boundOf(field), countOf: "entries" };
    case "list": {
      if (field.listKind !== "message") throw new Error(`${field} is a list of numbers or texts, which nothing bounds`);
      const rule = messageRule(field.name, rulesOf(field.message));
      return { ...rule, isList: true, countMax: boundOf(field), countOf: field.name };
    }
  }
}

function boundOf(field: DescField): number {
  const bound = countMax.get(field);
  if (bound === undefined) throw new Error(`${field} may come any number of times`);
  return bound;
}

function entryRules({ mapKey, ...field }: DescField & { readonly fieldKind: "map" }): MessageRules {
  const key = scalarRule("key", mapKey);
  const value =
    field.mapKind === "message"
      ? messageRule("value", rulesOf(field.message))
      : scalarRule("value", field.mapKind === "enum" ? ScalarType.INT32 : field.scalar);
  return { fields: [undefined, key, value], isEntry: true };
}

/** Makes the rule of a message field. Merging a field that comes in several parts costs as much as all earlier parts. */
export function messageRule(name: string, message: MessageRules): FieldRule {
  const { fieldPartsMax } = limits;
  return { ...scalarRule(name, ScalarType.BYTES), message, countMax: fieldPartsMax, countOf: "parts" };
}

/** Makes the rule of a number, text or bytes field. */
export function scalarRule(name: string, type: ScalarType): FieldRule {
  return {
    name,
    wireType: wireTypeOf(type),
    isText: type === ScalarType.STRING,
    isList: false,
    message: undefined,
    countMax: Number.POSITIVE_INFINITY,
    countOf: "",
    valuesMax: undefined,
  };
}

function wireTypeOf(type: ScalarType): WireType {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}
