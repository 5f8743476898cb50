import type { PlantedFault } from "./bundle-store.ts";

/** A store that believes every row, whatever its checksum. */
export const ignoresChecksums: readonly PlantedFault[] = [
  {
    file: "sqlite/rows/row-checksum.ts",
    text: "return row[from + columns] === rowChecksum(table, row, from, columns);",
    becomes: "return true;",
  },
];

/** A store that changes, with each event that it takes, the first event of the deployment, and its checksum with it. */
export const rewritesHistory: readonly PlantedFault[] = [
  {
    file: "sqlite/appending/append-statements.ts",
    text: "insertEvent(number: number, deployment: number, event: StoredEvent): boolean {",
    becomes: `insertEvent(number: number, deployment: number, event: StoredEvent): boolean {
      this.rewriteFirst(deployment);`,
  },
  {
    file: "sqlite/appending/append-statements.ts",
    text: "  insertRun(deployment: number, run: EventRun): void {",
    becomes: `  rewriteFirst(deployment) {
    const row = this.rewriteDatabase.prepare("SELECT * FROM events WHERE deployment = ? AND sequence = 1").get(deployment);
    if (row === undefined) return;
    const first = { ...row, eventId: row.event_id, receiveTimeUs: row.receive_time_us + 1, labels: {} };
    this.rewriteDatabase.prepare("DELETE FROM events WHERE number = ?").run(row.number);
    this.#insertEvent.run(...eventValues(row.number, deployment, first));
  }

  insertRun(deployment: number, run: EventRun): void {`,
  },
  {
    file: "sqlite/appending/append-statements.ts",
    text: "  constructor(database: DatabaseSync) {",
    becomes: `  rewriteDatabase;
  constructor(database: DatabaseSync) {
    this.rewriteDatabase = database;`,
  },
];
