import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Append, type Clash, planAppend } from "../domain/append.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import { type Fault, faultOf } from "./faults.ts";
import {
  deploymentColumns,
  deploymentValues,
  labelsColumn,
  type NumberedDeployment,
  numberedDeploymentOf,
  storedEventColumns,
  storedEventOf,
} from "./rows.ts";

/** One call of a group. */
export interface AppendCall {
  readonly append: Append;
  /** Ids whose stored content has been found the same on decoding, though the bytes differ. */
  readonly same: ReadonlySet<EventId>;
  /** The number of the series that it belongs to. */
  readonly series?: number | undefined;
}

/** What came of one call; the sender knows the content of what it sent. */
export type AppendOutcome =
  | {
      readonly kind: "accepted";
      readonly results: readonly ({ readonly sequence: number } | { readonly duplicate: StoredEvent })[];
    }
  | { readonly kind: "clash"; readonly clashes: readonly Clash[] }
  | { readonly kind: "mismatch"; readonly expectedSequence: number; readonly actualSequence: number }
  | { readonly kind: "fault"; readonly fault: Fault };

/**
 * Appends all calls in one transaction, in their order, each all or none. When the store refuses one, they are
 * appended one at a time, so that it alone fails. Throws what is wrong with the disk; then nothing of the group is
 * acknowledged.
 */
export function appendGroup(database: DatabaseSync, calls: readonly AppendCall[]): readonly AppendOutcome[] {
  try {
    return inTransaction(database, calls);
  } catch (error) {
    const fault = faultOf(error);
    if (fault.reason !== "STORE_REFUSED") throw error;
    if (calls.length === 1) return [{ kind: "fault", fault }];
    return oneAtATime(database, calls);
  }
}

/** What follows a refused one in its series, to the same deployment, is withdrawn. */
function oneAtATime(database: DatabaseSync, calls: readonly AppendCall[]): readonly AppendOutcome[] {
  const broken = new Map<string, AppendOutcome>();
  return calls.flatMap((call) => {
    const place = call.series === undefined ? undefined : `${call.series}/${call.append.deploymentId}`;
    const withdrawn = place === undefined ? undefined : broken.get(place);
    if (withdrawn !== undefined) return withdrawn;
    const outcomes = appendGroup(database, [call]);
    for (const outcome of outcomes) if (place !== undefined && outcome.kind === "fault") broken.set(place, outcome);
    return outcomes;
  });
}

function inTransaction(database: DatabaseSync, calls: readonly AppendCall[]): readonly AppendOutcome[] {
  const heads = new Map<DeploymentId, NumberedDeployment>();
  const changed = new Map<DeploymentId, NumberedDeployment>();
  const statements = statementsOf(database);
  database.exec("BEGIN IMMEDIATE");
  try {
    const outcomes = calls.map((call) => appendOne(statements, heads, changed, call));
    for (const { number, head } of changed.values()) statements.updateHead.run(...deploymentValues(head), number);
    database.exec("COMMIT");
    return outcomes;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function appendOne(
  statements: Statements,
  heads: Map<DeploymentId, NumberedDeployment>,
  changed: Map<DeploymentId, NumberedDeployment>,
  { append, same }: AppendCall,
): AppendOutcome {
  const { deploymentId } = append;
  const before = heads.get(deploymentId) ?? findHead(statements, deploymentId);
  const plan = planAppend(append, {
    head: before?.head,
    find: (eventId) => {
      const row = before === undefined ? undefined : statements.findEvent.get(before.number, eventId);
      return row === undefined ? undefined : storedEventOf(row);
    },
    isSame: (stored, offered) => same.has(stored.eventId) || Buffer.compare(stored.content, offered.content) === 0,
  });
  if (plan.kind !== "accepted") return plan;
  if (plan.head !== undefined) {
    const number = before?.number ?? insertHead(statements, plan.head);
    for (const { stored } of plan.writes) insertEvent(statements, number, stored);
    heads.set(deploymentId, { number, head: plan.head });
    changed.set(deploymentId, { number, head: plan.head });
  }
  const results = plan.results.map(({ event, duplicate }) =>
    duplicate ? { duplicate: event } : { sequence: event.sequence },
  );
  return { kind: "accepted", results };
}

function findHead(statements: Statements, deploymentId: DeploymentId): NumberedDeployment | undefined {
  const row = statements.findHead.get(deploymentId);
  return row === undefined ? undefined : numberedDeploymentOf(row);
}

function insertHead(statements: Statements, head: Deployment): number {
  return Number(statements.insertHead.run(...deploymentValues(head)).lastInsertRowid);
}

function insertEvent(statements: Statements, number: number, stored: StoredEvent): void {
  statements.insertEvent.run(
    number,
    stored.eventId,
    stored.sequence,
    stored.receiveTimeUs,
    stored.type,
    stored.severity,
    labelsColumn(stored.labels),
    stored.content,
    stored.stamp,
  );
}

interface Statements {
  readonly findHead: StatementSync;
  readonly findEvent: StatementSync;
  readonly insertHead: StatementSync;
  readonly updateHead: StatementSync;
  readonly insertEvent: StatementSync;
}

const prepared = new WeakMap<DatabaseSync, Statements>();

function statementsOf(database: DatabaseSync): Statements {
  const before = prepared.get(database);
  if (before !== undefined) return before;
  const columns = deploymentColumns.replace("number, ", "");
  const marks = columns
    .split(",")
    .map(() => "?")
    .join(", ");
  const statements: Statements = {
    findHead: database.prepare(`SELECT ${deploymentColumns} FROM deployments WHERE deployment_id = ?`),
    findEvent: database.prepare(`SELECT ${storedEventColumns} FROM events WHERE deployment = ? AND event_id = ?`),
    insertHead: database.prepare(`INSERT INTO deployments (${columns}) VALUES (${marks})`),
    updateHead: database.prepare(`UPDATE deployments SET (${columns}) = (${marks}) WHERE number = ?`),
    insertEvent: database.prepare(
      `INSERT INTO events (deployment, ${storedEventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
  statements.findHead.setReturnArrays(true);
  statements.findEvent.setReturnArrays(true);
  prepared.set(database, statements);
  return statements;
}
