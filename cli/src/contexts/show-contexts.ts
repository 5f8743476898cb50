import type { Column } from "../output/column.ts";
import { safeJson } from "../output/json-line.ts";
import { Table } from "../output/table.ts";
import { writeRows } from "../output/write-fields.ts";
import type { LocalContext } from "../program/perform-locally.ts";
import { UsageError } from "../program/usage-error.ts";
import { type Context, connectionText } from "./context.ts";
import { ContextsFile } from "./contexts-file.ts";
import { findContext } from "./find-context.ts";

interface ListedContext {
  readonly name: string;
  readonly context: Context;
  readonly isInUse: boolean;
}

const columns: readonly Column<ListedContext>[] = [
  { title: "NAME", width: 20, cell: ({ name }) => name },
  { title: "IN USE", width: 6, cell: ({ isInUse }) => (isInUse ? "*" : "") },
  { title: "CONNECTS TO", width: 0, cell: ({ context }) => connectionText(context) },
];

/** Lists the contexts by name, and says where they are kept and what goes before the one in use. */
export async function listContexts({ config, output, complain, json }: LocalContext): Promise<void> {
  const file = new ContextsFile(config.configFolder);
  const { byName, inUse } = file.read();
  if (byName.size === 0) return complain(`${file.path} has no contexts. "context add NAME" makes one.`);
  const table = new Table(output, columns);
  for (const [name, context] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const isInUse = name === (config.context ?? inUse);
    if (json) await output.line(safeJson(contextObject(name, context, isInUse)));
    else await table.row({ name, context, isInUse });
  }
  await table.flush();
  const variable = config.context === undefined ? "" : `; ACTIVITY_CONTEXT is ${config.context}`;
  const address = config.address === undefined ? "" : "; ACTIVITY_ADDRESS is set and goes before them";
  complain(`${byName.size} ${byName.size === 1 ? "context" : "contexts"} in ${file.path}${variable}${address}`);
}

/** Shows the fields of one context: the named one, else the one in use. */
export async function showContext(local: LocalContext, given: string | undefined): Promise<void> {
  const { config, output, json } = local;
  const file = new ContextsFile(config.configFolder);
  const contexts = file.read();
  const used = config.context ?? contexts.inUse;
  const name = given ?? used;
  if (name === undefined) throw new UsageError("No context is in use. Give the name of one, or see context list.");
  const object = contextObject(name, findContext(contexts, name, file.path), name === used);
  if (json) return output.line(safeJson(object));
  const rows = Object.entries(object).map(([key, value]) => ({
    field: key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value: String(value),
  }));
  await writeRows(output, rows);
}

/** Puts a context in the form of the output of `--json`. */
export function contextObject(name: string, context: Context, inUse: boolean): object {
  return { name, inUse, ...context };
}
