import { Pool } from "pg";
import { deploymentId, EventTemplate, eventId } from "../event-template.ts";
import { closedLoop } from "./closed-loop.ts";
import { countFaults } from "./count-faults.ts";
import type { Load, LoadOptions } from "./load.ts";

/** Each connection is a server process; by default PostgreSQL allows 100. */
const connectionsMax = 16;

const insert = {
  name: "insert",
  text: "INSERT INTO events (deployment_id, event_id, content) VALUES ($1, $2, $3)",
};

/** PostgreSQL INSERT with a unique key, one commit each, with prepared statements. */
export async function openPostgresInsert({ address, inFlight, deployments }: LoadOptions): Promise<Load> {
  const [host, port] = address.split(":");
  const pool = new Pool({ host, port: Number(port), user: "bench", database: "postgres", max: connectionsMax });
  await pool.query(
    "CREATE TABLE events (number BIGSERIAL PRIMARY KEY, deployment_id TEXT, event_id TEXT, content BYTEA, UNIQUE (deployment_id, event_id))",
  );
  const template = EventTemplate.ofEvent();
  let made = 0;
  return {
    round: (ms) =>
      closedLoop({
        inFlight,
        ms,
        operation: async () => {
          made += 1;
          const deployment = made % deployments;
          const values = [deploymentId(deployment), eventId(made), template.make(deployment, made)];
          await pool.query({ ...insert, values });
        },
      }),
    settle: () => {},
    verify: async () => {
      const { rows } = await pool.query("SELECT count(DISTINCT event_id) FROM events");
      return countFaults(made, Number(rows[0].count));
    },
    close: () => pool.end(),
  };
}
