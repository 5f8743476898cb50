import { UsageError } from "../program/usage-error.ts";
import { nearestName, slipMax } from "../text/nearest-name.ts";
import type { Context, Contexts } from "./context.ts";

/** Returns a context by its name. Throws a `UsageError` that names the nearest one, or all, behind a prefix. */
export function findContext({ byName }: Contexts, name: string, path: string, prefix = ""): Context {
  const context = byName.get(name);
  if (context !== undefined) return context;
  const names = [...byName.keys()].sort();
  const nearest = nearestName(name.toLowerCase(), names);
  const others = names.length === 0 ? "it has none" : `there are ${names.join(", ")}`;
  const hint = nearest !== undefined && nearest.distance <= slipMax ? `did you mean ${nearest.name}?` : `${others}.`;
  throw new UsageError(`${prefix}There is no context ${name} in ${path}; ${hint}`);
}
