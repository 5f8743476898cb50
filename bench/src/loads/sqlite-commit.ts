import { DatabaseSync } from "node:sqlite";
import { deploymentId, EventTemplate, eventId } from "../event-template.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";

const groupEvents = 500;

/**
 * Synced commits of 500 events to a bare SQLite file. `uniqueKey` is the content of its one index: the positions of its
 * entries determine the pages that a commit writes, and so the speed.
 */
export async function openSqliteCommit({ address: file, deployments, uniqueKey }: LoadOptions): Promise<Load> {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE events (number INTEGER PRIMARY KEY, deployment_id TEXT, sequence INTEGER, event_id TEXT, content BLOB,
      UNIQUE (${uniqueKey ?? "deployment_id, event_id"})) STRICT`);
  const insert = database.prepare(
    "INSERT INTO events (deployment_id, sequence, event_id, content) VALUES (?, ?, ?, ?)",
  );
  const template = EventTemplate.ofEvent();
  const ids = Array.from({ length: deployments }, (_, at) => deploymentId(at));
  const heads = new Array<number>(deployments).fill(0);
  let made = 0;

  const commitGroup = () => {
    database.exec("BEGIN");
    for (let one = 0; one < groupEvents; one += 1) {
      made += 1;
      const deployment = made % deployments;
      const sequence = (heads[deployment] ?? 0) + 1;
      heads[deployment] = sequence;
      insert.run(ids[deployment] ?? "", sequence, eventId(made), template.make(deployment, made));
    }
    database.exec("COMMIT");
  };
  return {
    async round(ms): Promise<RoundOfLoad> {
      const latenciesMs: number[] = [];
      const begun = performance.now();
      let now = begun;
      while (now - begun < ms) {
        commitGroup();
        const committed = performance.now();
        latenciesMs.push(committed - now);
        now = committed;
      }
      return { operations: latenciesMs.length * groupEvents, elapsedMs: now - begun, latenciesMs };
    },
    settle: () => {},
    async verify() {
      const whole = `SELECT coalesce(sum(events), 0) AS stored FROM (SELECT count(*) AS events FROM events
        GROUP BY deployment_id HAVING min(sequence) = 1 AND max(sequence) = count(DISTINCT sequence))`;
      const stored = Number(database.prepare(whole).get()?.stored);
      return stored === made ? [] : [`${made} events were committed, ${stored} are stored without a gap`];
    },
    close: async () => database.close(),
  };
}
