import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";

const python = process.env.PYTHON ?? "python3";
const program = join(import.meta.dirname, "run-views.py");
const folder = join(import.meta.dirname, "..", "modules", "analytics", "views");

/** The views, each after those that it reads. */
const views = ["deployments", "failures", "delivery_metrics"] as const;

/** Row of the table that Pub/Sub writes; the time is in microseconds since 1970. */
export interface TableRow {
  readonly message_id: string;
  readonly publish_us: number;
  readonly data: string;
  readonly attributes: string;
}

export type ViewRow = Readonly<Record<string, string | number | null>>;
export type ViewRows = Readonly<Record<(typeof views)[number], readonly ViewRow[]>>;

/** Says in one line why the views cannot be run on this machine; undefined where they can. */
export function whyNoDuckdb(): string | undefined {
  const { status } = spawnSync(python, ["-c", "import sqlglot, duckdb"], { stdio: "ignore" });
  return status === 0
    ? undefined
    : `${python} has no sqlglot and duckdb; \`pip install sqlglot duckdb\` brings them, PYTHON names another`;
}

/** Runs the views in DuckDB over these rows, at this time in microseconds since 1970. Answers times in the same form. */
export async function runViews(messages: readonly TableRow[], now: number): Promise<ViewRows> {
  const child = spawn(python, ["-B", program], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const answered = json(child.stdout);
  child.stdin.end(JSON.stringify({ now, messages, views: views.map((view) => [view, sqlOf(view)]) }));
  const [code] = await closed;
  if (code !== 0) throw new Error(`the program ended with ${code}`);
  return (await answered) as ViewRows;
}

/** The table and the views have short names in DuckDB. */
function sqlOf(view: string): string {
  return readFileSync(join(folder, `${view}.sql`), "utf8").replace(/[$][{](\w+)[}]/g, "$1");
}
