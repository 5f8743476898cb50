import type { DatabaseSync, StatementSync } from "node:sqlite";

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** Returns the statement of this text, prepared once per connection; rows come as arrays. */
export function preparedStatement(database: DatabaseSync, sql: string): StatementSync {
  const ofDatabase = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, ofDatabase);
  const before = ofDatabase.get(sql);
  if (before !== undefined) return before;
  const fresh = database.prepare(sql);
  fresh.setReturnArrays(true);
  ofDatabase.set(sql, fresh);
  return fresh;
}

/** Returns this many placeholders for values of a statement. */
export function placeholders(count: number): string {
  return Array(count).fill("?").join(", ");
}
