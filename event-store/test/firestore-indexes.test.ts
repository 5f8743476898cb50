import { readFileSync } from "node:fs";
import { Firestore, type Query } from "@google-cloud/firestore";
import { afterAll, describe, expect, test } from "@jest/globals";
import { deploymentId, newEvent } from "../contract/builders.ts";
import { foldEvent } from "../src/domain/deployment.ts";
import { type StoredEvent, storedEvent } from "../src/domain/event.ts";
import { headDocument, importedEventDocument } from "../src/firestore/documents.ts";
import { deploymentsQuery, eventsQuery, pendingQuery } from "../src/firestore/queries.ts";

interface IndexField {
  readonly fieldPath: string;
  readonly order: "ASCENDING" | "DESCENDING";
}

interface Indexes {
  readonly indexes: readonly { readonly collectionGroup: string; readonly fields: readonly IndexField[] }[];
  readonly fieldOverrides: readonly {
    readonly collectionGroup: string;
    readonly fieldPath: string;
    readonly indexes: readonly { readonly order: string; readonly queryScope: string }[];
  }[];
}

const declared: Indexes = JSON.parse(readFileSync(new URL("../firestore.indexes.json", import.meta.url), "utf8"));
const firestore = new Firestore({ projectId: "demo-indexes" });
afterAll(() => firestore.terminate());

/** What the platform needs for a query: fields compared for equality, and the order behind them. */
function needsOf(query: Query): { equal: string[]; order: string[] } {
  // The only way to the query as it is sent; the library declares it internal.
  const { structuredQuery } = (query as unknown as { toProto(): { structuredQuery: StructuredQuery } }).toProto();
  const { where, orderBy = [] } = structuredQuery;
  const filters = where?.compositeFilter?.filters ?? (where === undefined || where === null ? [] : [where]);
  expect(
    filters.every(({ fieldFilter, unaryFilter }) => fieldFilter?.op === "EQUAL" || unaryFilter !== undefined),
  ).toBe(true);
  return {
    equal: filters.map(({ fieldFilter, unaryFilter }) => (fieldFilter ?? unaryFilter)?.field.fieldPath ?? ""),
    order: orderBy.map(({ field, direction }) => `${field.fieldPath} ${direction}`),
  };
}

interface Filter {
  readonly fieldFilter?: { readonly op: string; readonly field: { readonly fieldPath: string } };
  readonly unaryFilter?: { readonly field: { readonly fieldPath: string } };
}

interface StructuredQuery {
  readonly where?: (Filter & { readonly compositeFilter?: { readonly filters: readonly Filter[] } }) | null;
  readonly orderBy?: readonly { readonly field: { readonly fieldPath: string }; readonly direction: string }[];
}

const composites = declared.indexes.map(({ fields }) => fields.map(({ fieldPath, order }) => `${fieldPath} ${order}`));
const override = (collectionGroup: string, fieldPath: string) =>
  declared.fieldOverrides.find((field) => field.collectionGroup === collectionGroup && field.fieldPath === fieldPath);

describe("firestore.indexes.json", () => {
  const filters = ["environment", "service", "state"] as const;

  // An index on one field has the documents of one value by name, in the direction of the field.
  test("lets a list of all deployments do with the index on their create time alone", () => {
    const filter = { environment: "", service: "", state: undefined };

    const { equal, order } = needsOf(deploymentsQuery(firestore, filter));

    expect(equal).toEqual([]);
    expect(order).toEqual(["create_time DESCENDING", "__name__ DESCENDING"]);
    expect(override("deployments", "create_time")?.indexes).toEqual([
      { order: "DESCENDING", queryScope: "COLLECTION" },
    ]);
  });

  test.each(filters)("has the index of a list of deployments by %p, and no list needs another", (name) => {
    const filter = { environment: "", service: "", state: undefined, [name]: "queued" };

    const { equal, order } = needsOf(deploymentsQuery(firestore, filter));

    expect(equal).toEqual([name]);
    expect(composites).toContainEqual([...equal.map((field) => `${field} ASCENDING`), ...order]);
    expect(composites).toHaveLength(filters.length);
  });

  test("lets a list by several filters be merged from the indexes of each", () => {
    const { equal, order } = needsOf(deploymentsQuery(firestore, { environment: "a", service: "b", state: "queued" }));

    expect(equal).toEqual(["environment", "service", "state"]);
    for (const field of equal) expect(composites).toContainEqual([`${field} ASCENDING`, ...order]);
  });

  test.each(["ascending", "descending"] as const)("has the index of a deployment's events in %s order", (order) => {
    const needs = needsOf(eventsQuery(firestore, { deploymentId: deploymentId("d"), order, cursor: 1 }));

    expect(needs.equal).toEqual([]);
    expect(needs.order[0]).toBe(`sequence ${order.toUpperCase()}`);
    expect(override("events", "sequence")?.indexes).toContainEqual({
      order: order.toUpperCase(),
      queryScope: "COLLECTION",
    });
  });

  test("has the index of the heads that are pending", () => {
    const { equal, order } = needsOf(pendingQuery(firestore, deploymentId("d")));

    expect(equal).toEqual(["mirror_pending"]);
    expect(order).toEqual(["__name__ ASCENDING"]);
    expect(override("deployments", "mirror_pending")?.indexes).toEqual([
      { order: "ASCENDING", queryScope: "COLLECTION" },
    ]);
  });

  test("says of every field that is written whether it is indexed, and indexes those queried alone", () => {
    const event = newEvent();
    const head = foldEvent(undefined, deploymentId("d"), event.facts, 1);
    const stored = storedEvent(event, 1, 1);
    const redaction = { commitment: new Uint8Array(32), keyId: new Uint8Array(8), contentMac: new Uint8Array(32) };
    const fieldsOf = (fields: StoredEvent) =>
      Object.keys(importedEventDocument({ stored: fields, historyHash: new Uint8Array(32) }, "c"));
    const written = {
      deployments: Object.keys(headDocument(head, "c")),
      events: [...new Set([...fieldsOf(stored), ...fieldsOf({ ...stored, redaction })])],
    };

    for (const [group, fields] of Object.entries(written)) {
      const said = declared.fieldOverrides.filter(({ collectionGroup }) => collectionGroup === group);
      expect(said.map(({ fieldPath }) => fieldPath).sort()).toEqual(fields.sort());
    }
    const indexed = declared.fieldOverrides.filter(({ indexes }) => indexes.length > 0);
    expect(indexed.map(({ collectionGroup, fieldPath }) => `${collectionGroup}.${fieldPath}`).sort()).toEqual([
      "deployments.create_time",
      "deployments.mirror_pending",
      "events.sequence",
    ]);
  });
});
