import { safeJson } from "../output/json-line.ts";
import type { LocalContext } from "../program/perform-locally.ts";
import { UsageError } from "../program/usage-error.ts";
import type { ContextFlags } from "./choose-service.ts";
import { type Context, connectionText } from "./context.ts";
import { contextFromFlags } from "./context-from-flags.ts";
import { ContextsFile } from "./contexts-file.ts";
import { findContext } from "./find-context.ts";
import { contextObject } from "./show-contexts.ts";

/** Flags of `context add`. */
export type AddFlags = ContextFlags & { readonly replace?: boolean };

/** Adds a context from flags. */
export async function addContext(
  local: LocalContext,
  name: string,
  { replace = false, ...flags }: AddFlags,
): Promise<void> {
  const { config } = local;
  if (flags.context !== undefined) throw new UsageError("context add makes a context of flags, not of --context.");
  const context = contextFromFlags(name, flags, config);
  let old: Context | undefined;
  let inUse: string | undefined;
  await new ContextsFile(config.configFolder).change((contexts) => {
    old = contexts.byName.get(name);
    if (old !== undefined && !replace) {
      throw new UsageError(`There is a context ${name} already: ${connectionText(old)}. --replace replaces it.`);
    }
    inUse = contexts.inUse;
    return { inUse, byName: new Map([...contexts.byName, [name, context]]) };
  });
  const hint = inUse === name ? "" : ` "context use ${name}" puts it in use.`;
  const done = old === undefined ? "Added" : "Replaced";
  const text = `${done} the context ${name}: ${connectionText(context)}.${hint}`;
  await tell(local, contextObject(name, context, inUse === name), text);
}

/** Puts a context in use, or none. */
export async function useContext(local: LocalContext, name: string | undefined, none: boolean): Promise<void> {
  const { config, complain } = local;
  if ((name === undefined) !== none) throw new UsageError("Give the name of a context, or --none to use none.");
  const file = new ContextsFile(config.configFolder);
  let context: Context | undefined;
  await file.change((contexts) => {
    context = name === undefined ? undefined : findContext(contexts, name, file.path);
    return { ...contexts, inUse: name };
  });
  if (name === undefined || context === undefined) return tell(local, { inUse: false }, "No context is in use now.");
  await tell(local, contextObject(name, context, true), `The context ${name} is in use: ${connectionText(context)}.`);
  const variable = variableBefore(local, name);
  if (variable !== undefined) complain(`${variable} is set and goes before the context in use.`);
}

function variableBefore({ config }: LocalContext, name: string): string | undefined {
  if (config.address !== undefined) return "ACTIVITY_ADDRESS";
  return config.context === undefined || config.context === name ? undefined : "ACTIVITY_CONTEXT";
}

/** Removes a context. */
export async function removeContext(local: LocalContext, name: string): Promise<void> {
  const file = new ContextsFile(local.config.configFolder);
  let removed: Context | undefined;
  let wasInUse = false;
  await file.change((contexts) => {
    removed = findContext(contexts, name, file.path);
    wasInUse = contexts.inUse === name;
    const byName = new Map([...contexts.byName].filter(([other]) => other !== name));
    return { inUse: wasInUse ? undefined : contexts.inUse, byName };
  });
  const text = wasInUse ? ", which was in use. No context is in use now." : ".";
  if (removed !== undefined) {
    await tell(local, contextObject(name, removed, false), `Removed the context ${name}${text}`);
  }
}

async function tell({ output, json }: LocalContext, object: object, text: string): Promise<void> {
  await output.line(json ? safeJson(object) : text);
}
