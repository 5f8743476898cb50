import type { Config } from "../config.ts";
import type { ServiceFlags } from "../program/service-address.ts";
import { UsageError } from "../program/usage-error.ts";
import { JsonFault, parseJson } from "../text/parse-json.ts";
import { type Context, hasTls } from "./context.ts";
import { ContextsFile } from "./contexts-file.ts";
import { findContext } from "./find-context.ts";
import { ContextsFault, parseConnection } from "./parse-contexts.ts";

/** Flags that name the service, or a context with them. */
export interface ContextFlags extends ServiceFlags {
  readonly context?: string;
}

/** The service to connect to, in the form of flags. */
export interface ChosenService {
  readonly flags: ServiceFlags;
  /** Sentence about the context that names the service; undefined without one. */
  readonly origin?: string;
  /** Name of that context. */
  readonly contextName?: string;
}

/**
 * Chooses the service: by flags, else by the environment, else by the context in use. A context names a service whole; other
 * flags, such as `--tls`, go before its own. Reads the file of contexts only if it decides. Throws a `UsageError`.
 */
export function chooseService({ context: name, ...flags }: ContextFlags, config: Config): ChosenService {
  const namesService = flags.address !== undefined || flags.runService !== undefined;
  if (namesService && name !== undefined) {
    throw new UsageError("--context says which service; it excludes --address and --run-service.");
  }
  if (namesService) return { flags };
  if (name === undefined) {
    const connection = connectionOfRun(config);
    if (connection !== undefined) return { flags: { ...connection, ...flags } };
    if (config.address !== undefined) return { flags };
  }
  if (config.configFolder === undefined && name === undefined && config.context === undefined) return { flags };
  const file = new ContextsFile(config.configFolder);
  const contexts = file.read();
  if (name !== undefined) return withContext(flags, findContext(contexts, name, file.path), name);
  if (config.context !== undefined) {
    const context = findContext(contexts, config.context, file.path, "ACTIVITY_CONTEXT: ");
    return withContext(flags, context, config.context, " (ACTIVITY_CONTEXT)");
  }
  const { inUse = "" } = contexts;
  const context = contexts.byName.get(inUse);
  return context === undefined ? { flags } : withContext(flags, context, inUse, ", which is in use");
}

/**
 * The connection that `run` tells its command where an address is not enough. It counts while the address is still the one that `run` told.
 */
function connectionOfRun({ connection: text, address, context }: Config): Context | undefined {
  if (text === undefined) return undefined;
  const connection = checkedConnection(text);
  if ("address" in connection) return connection.address === address ? connection : undefined;
  return address === undefined && context === undefined ? connection : undefined;
}

function checkedConnection(text: string): Context {
  try {
    return parseConnection("ACTIVITY_CONNECTION", parseJson(text));
  } catch (error) {
    if (error instanceof ContextsFault) throw new UsageError(error.message);
    if (error instanceof JsonFault) throw new UsageError(`ACTIVITY_CONNECTION: ${error.message}.`);
    throw error;
  }
}

function withContext(flags: ServiceFlags, context: Context, name: string, why = ""): ChosenService {
  const what = "address" in context && hasTls(context) ? "Address and TLS come" : "The address comes";
  return { flags: { ...context, ...flags }, origin: `${what} from the context ${name}${why}.`, contextName: name };
}
