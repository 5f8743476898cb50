import { DatabaseSync } from "node:sqlite";
import { EventRun, numbersOf } from "../event-store/src/sqlite/rows/event-run.ts";

/** Puts copies of each deployment of a small file of schema 3 beside those that are there, as `copy-1-long` and so on. */
export function multiplySchema3(file: string, copies: number): void {
  using database = new DatabaseSync(file);
  const heads = database.prepare("SELECT deployment, head_sequence, update_time_us, last_run FROM heads").all();
  const runs = database.prepare("SELECT deployment, first_sequence, events FROM runs").all();
  const insertHead = database.prepare("INSERT INTO heads VALUES (?, ?, ?, ?)");
  const insertRun = database.prepare("INSERT INTO runs VALUES (?, ?, ?)");
  // Numbers of deployments have no gap.
  const each = Number(database.prepare("SELECT count(*) AS rows FROM deployments").get()?.rows);
  const column = (row: Record<string, unknown>, name: string) => row[name] as number & Uint8Array;
  database.exec("BEGIN");
  for (let copy = 1; copy <= copies; copy += 1) {
    const [further, later] = [copy * each, copy * 1_000];
    database.exec(`
      INSERT INTO deployments SELECT number + ${further}, 'copy-${copy}-' || deployment_id, state, outcome, environment,
        service, revision, create_time_us, start_time_us, finish_time_us FROM deployments WHERE number <= ${each};
      INSERT INTO events SELECT number + ${later}, deployment + ${further}, sequence, event_id, receive_time_us, type,
        severity, labels, content, stamp FROM events WHERE number < 1000`);
    for (const row of heads) {
      const { bytes } = moved(column(row, "last_run"), later);
      insertHead.run(
        column(row, "deployment") + further,
        column(row, "head_sequence"),
        column(row, "update_time_us"),
        bytes,
      );
    }
    for (const row of runs) {
      insertRun.run(
        column(row, "deployment") + further,
        column(row, "first_sequence"),
        moved(column(row, "events"), later).bytes,
      );
    }
  }
  database.exec("COMMIT");
}

function moved(bytes: Uint8Array, later: number): EventRun {
  const run = new EventRun(1);
  for (const number of numbersOf(bytes) ?? []) run.add(number + later);
  return run;
}
