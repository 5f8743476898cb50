import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Deployment } from "../domain/deployment.ts";
import type { StoredEvent } from "../domain/event.ts";
import type { DeploymentId, EventId } from "../domain/identifiers.ts";
import {
  createdColumns,
  createdValues,
  deploymentColumns,
  foldedColumns,
  foldedValues,
  labelsColumn,
  type NumberedDeployment,
  numberedDeploymentOf,
  storedEventColumns,
  storedEventOf,
} from "./rows.ts";

/** The statements of a connection that appends, prepared once. */
export class AppendStatements {
  readonly #dataVersion: StatementSync;
  readonly #findHead: StatementSync;
  readonly #findEvent: StatementSync;
  readonly #insertHead: StatementSync;
  readonly #updateHead: StatementSync;
  readonly #insertEvent: StatementSync;

  constructor(database: DatabaseSync) {
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#findHead = database.prepare(`SELECT ${deploymentColumns} FROM deployments WHERE deployment_id = ?`);
    this.#findEvent = database.prepare(
      `SELECT ${storedEventColumns} FROM events WHERE deployment = ? AND event_id = ?`,
    );
    this.#insertHead = database.prepare(
      `INSERT INTO deployments (${createdColumns}, ${foldedColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateHead = database.prepare(
      `UPDATE deployments SET (${foldedColumns}) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE number = ?`,
    );
    this.#insertEvent = database.prepare(
      `INSERT INTO events (deployment, ${storedEventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (event_id, deployment) DO NOTHING`,
    );
    for (const statement of [this.#dataVersion, this.#findHead, this.#findEvent]) statement.setReturnArrays(true);
  }

  /** Another number after somebody else has written the file. */
  dataVersion(): number {
    return (this.#dataVersion.get() as unknown as [number])[0];
  }

  findHead(deploymentId: DeploymentId): NumberedDeployment | undefined {
    const row = this.#findHead.get(deploymentId);
    return row === undefined ? undefined : numberedDeploymentOf(row);
  }

  findEvent(deployment: number, eventId: EventId): StoredEvent | undefined {
    const row = this.#findEvent.get(deployment, eventId);
    return row === undefined ? undefined : storedEventOf(row);
  }

  insertHead(head: Deployment): number {
    return Number(this.#insertHead.run(...createdValues(head), ...foldedValues(head)).lastInsertRowid);
  }

  updateHead({ number, head }: NumberedDeployment): void {
    this.#updateHead.run(...foldedValues(head), number);
  }

  /** False: the deployment has an event of this id, and nothing was inserted. */
  insertEvent(deployment: number, event: StoredEvent): boolean {
    const { changes } = this.#insertEvent.run(
      deployment,
      event.eventId,
      event.sequence,
      event.receiveTimeUs,
      event.type,
      event.severity,
      labelsColumn(event.labels),
      event.content,
      event.stamp,
    );
    return changes === 1;
  }
}
